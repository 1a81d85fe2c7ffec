"""What the manual illustrates and what it is like here: ``docs/users/manual.md``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Illustration:
    """One illustration of the manual and its counterpart.

    Attributes:
        name: of our picture, without number and ending.
        theirs: what the manual shows.
        ours: what our picture shows.
    """

    name: str
    theirs: str
    ours: str

    def file(self, number: int) -> str:
        """Return the name of the picture."""
        return f"{number:02}-{self.name}.png"


PICTURES = Path("docs", "pictures", "manual")

ILLUSTRATIONS = (
    Illustration(
        "signed-in",
        "the header, signed in",
        "the welcome at the first visit: three answers, asked once",
    ),
    Illustration(
        "not-signed-in",
        "the header, not signed in",
        "the one door: an address, no password",
    ),
    Illustration(
        "code",
        "log-in and sign-up",
        "six digits from a mail are log-in, sign-up and lost password at once",
    ),
    Illustration(
        "entry",
        "where assistances are found",
        "what one signs in for is where one arrives; the profile is beside it",
    ),
    Illustration(
        "empty-list",
        "the list, empty",
        "« Mes demandes » before the first one says what to do",
    ),
    Illustration(
        "new-request",
        "the button of a new request",
        "the same button, wide enough for a thumb",
    ),
    Illustration(
        "request-form",
        "the form of a request",
        "the second of four steps; every field is kept as it is left",
    ),
    Illustration(
        "documents",
        "documents, then the end of the request",
        "files send themselves while one writes; sending does not wait for them",
    ),
    Illustration(
        "list",
        "the list with the request",
        "the request with its status, documents and unread messages",
    ),
    Illustration(
        "mail-opened",
        "mail: the request is registered",
        "what was understood, and by when the desk answers",
    ),
    Illustration(
        "mail-complement",
        "mail: something is missing",
        "the comment itself, what is missing, one button",
    ),
    Illustration(
        "history",
        "the comment in the history",
        "the comment in the history, and above it in the card of the next step",
    ),
    Illustration(
        "mail-assigned",
        "mail: a station is assigned",
        "who comes, with the telephone number, and what follows",
    ),
    Illustration(
        "mission",
        "the accepted mission",
        "the mission accepted, with whoever to call",
    ),
    Illustration(
        "to-plan",
        "a first visit without a date",
        "the visit that waits for its date",
    ),
    Illustration(
        "mail-planned",
        "mail: the date",
        "day and hour on the clocks of the site, with an invitation for the calendar",
    ),
    Illustration(
        "list-date",
        "the date in the list",
        "the date and the station in the list",
    ),
    Illustration(
        "station",
        "the station of the assistance",
        "tab « STA »: the station and the visit with its date",
    ),
    Illustration(
        "visits",
        "the tab of visits",
        "tab « Interventions »: visits are chosen from one list",
    ),
    Illustration(
        "visit-form",
        "the form of a visit",
        "the form on the phone of the station; it works without network",
    ),
    Illustration(
        "next-visit",
        "not concluded: next date, three signatures",
        "the last signatures of a visit that needs another one",
    ),
    Illustration(
        "mail-next-visit",
        "mail: the approved next visit",
        "what is left to do, and the date the desk approved",
    ),
    Illustration(
        "concluded",
        "the second visit, concluded",
        "everything is there: one button ends the visit",
    ),
    Illustration(
        "mail-finished",
        "mail: can it be closed?",
        "a question with two answers, the report attached",
    ),
    Illustration(
        "visits-done",
        "the visits afterwards",
        "the same question on the page, above both visits",
    ),
    Illustration(
        "report",
        "the report to download",
        "one tap, and how large the file is",
    ),
    Illustration(
        "messages",
        "the chat",
        "the bar to write is on every tab; the answer of the desk came by itself",
    ),
    Illustration(
        "mail-message",
        "mail: the answer of the desk",
        "the words of the desk, answered by mail or on the page",
    ),
)
"""In the order of the manual: the first is its illustration 1."""

_HEAD = """# The manual, illustration by illustration

The manual of the service azbot replaces has 28 illustrations. This is what stands in
their place, taken while one assistance was played from its first page to its last:
sign-up, request, complement, mission, two visits, closing and messages. The walk is
`tests/browser/manual.py`; `tests/stories/test_the_manual_in_a_browser.py` plays it in
each run of the suite, `python3 dev.py shots` takes the pictures and writes this page.

| | The manual shows | azbot | |
|---|---|---|---|
"""


def page() -> str:
    """Return ``docs/users/manual.md``."""
    rows = (
        f"| {number} | {one.theirs} | {one.ours} "
        f'| <img src="../pictures/manual/{one.file(number)}" width="220" alt=""> |\n'
        for number, one in enumerate(ILLUSTRATIONS, 1)
    )
    return _HEAD + "".join(rows)
