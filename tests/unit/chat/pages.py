"""What clients see in a chat, as files: every card and every notice, word for word.

``python -m tests.unit.chat.pages`` writes them again after a change made on purpose;
the difference then shows in review what people will read.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import cast

from azbot.chat.cases.card import card
from azbot.chat.cases.recap import recap
from azbot.chat.cases.view import View
from azbot.chat.house import House
from azbot.chat.telling import clients
from azbot.chat.telling.seams import Telling
from azbot.delivery.letters import Postmark
from azbot.i18n.catalogue import LANGUAGES, strict_catalogue
from azbot.messages import PersonId
from azbot.render.samples import SAMPLES, Sample
from azbot.screens import Say, Screen
from azbot.store import Person, PersonKind, UnitOfWork
from azbot.store.records import Delivery, DeliveryId, DeliveryState
from azbot.workflow import commands as c
from azbot.workflow.decision import NoticeKind as N
from azbot.workflow.model import Assistance, AssistanceRef
from tests.unit.workflow import stages as s

ROOT = Path(__file__).resolve().parents[3]
SNAPSHOTS = Path("tests", "snapshots", "chat")
COLLEAGUE = PersonId(8)
LINK = "https://sav.example/a/…"


def _recap() -> Assistance:
    return replace(s.submitted(), is_confirmed=False)


def _asked_in_words() -> Assistance:
    asked = c.AskComplement("Le tableau électrique est-il alimenté ?")
    return s.play(s.submitted(), [(asked, s.AGENT)])


def _asked_for_more() -> Assistance:
    items = ("order_proof", "photo", "system_count", "maker")
    asked = c.AskComplement("Merci de compléter.", items)
    return s.play(s.submitted(), [(asked, s.AGENT)])


def _completed() -> Assistance:
    answer = c.AddMessage("Le voici.", documents=(s.PROOF,))
    return s.play(s.waiting(), [(answer, s.CLIENT)])


def _wants_to_cancel() -> Assistance:
    return s.play(s.planned(), [(c.CancelAssistance("Chantier reporté"), s.CLIENT)])


def _not_solved() -> Assistance:
    return s.play(
        s.done(), [(c.RefuseClosing("La chambre 2 ne chauffe pas"), s.CLIENT)]
    )


def _reported() -> Assistance:
    it = s.closed()
    visits = tuple(replace(visit, report=2) for visit in it.interventions)
    return replace(it, interventions=visits)


def _merged() -> Assistance:
    return replace(s.cancelled(), merged_into=AssistanceRef("ASFR26000190"))


def _invited(it: Assistance) -> Assistance:
    return s.play(it, [(c.InviteColleague(COLLEAGUE, "Hugo Petit"), s.CLIENT)])


CARDS: Mapping[str, tuple[Callable[[], Assistance], PersonId]] = {
    "submitted": (s.submitted, s.SOPHIE),
    "submitted, to be confirmed": (_recap, s.SOPHIE),
    "submitted, incomplete": (s.incomplete, s.SOPHIE),
    "submitted, completed": (_completed, s.SOPHIE),
    "submitted, incomplete, contact on site": (s.incomplete, s.MARC),
    "waiting for a document": (s.waiting, s.SOPHIE),
    "waiting for words": (_asked_in_words, s.SOPHIE),
    "waiting for several things": (_asked_for_more, s.SOPHIE),
    "waiting, colleague": (lambda: _invited(s.waiting()), COLLEAGUE),
    "waiting, contact on site": (s.waiting, s.MARC),
    "assigned": (s.assigned, s.SOPHIE),
    "underway, without a date": (s.underway, s.SOPHIE),
    "underway, planned": (s.planned, s.SOPHIE),
    "underway, planned, contact on site": (s.planned, s.MARC),
    "underway, cancellation asked": (_wants_to_cancel, s.SOPHIE),
    "underway, on site": (s.on_site, s.SOPHIE),
    "underway, on site, contact on site": (s.on_site, s.MARC),
    "underway, follow-up to be approved": (s.to_approve, s.SOPHIE),
    "underway, not solved": (_not_solved, s.SOPHIE),
    "done": (s.done, s.SOPHIE),
    "done, contact on site": (s.done, s.MARC),
    "closed": (s.closed, s.SOPHIE),
    "closed, with its report": (_reported, s.SOPHIE),
    "cancelled": (s.cancelled, s.SOPHIE),
    "cancelled, contact on site": (s.cancelled, s.MARC),
    "merged": (_merged, s.SOPHIE),
}
"""How far a life is, and who looks at it."""

_STAGES: Mapping[N, Callable[[], Assistance]] = {
    N.OPENED: s.submitted,
    N.INCOMPLETE: s.incomplete,
    N.COMPLEMENT: s.waiting,
    N.COMPLEMENT_REMINDER: s.waiting,
    N.ASSIGNED: s.assigned,
    N.ACCEPTED: s.underway,
    N.FINISHED: s.done,
    N.CLOSED: s.closed,
    N.CANCELLED: s.cancelled,
    N.MERGED: _merged,
}


_FILES: Mapping[N, tuple[str, ...]] = {
    N.PLANNED: ("invite:1",),
    N.FINISHED: ("report:1",),
    N.CONTINUED: ("report:1",),
    N.CLOSED: ("report:0",),
}


def no_pages() -> Postmark:
    """Stand for a desk of which no test asks anything."""
    raise AssertionError("no notice of a client needs the desk")


HOUSE = House(lambda: s.RULES, no_pages)


def view_of(it: Assistance, person: PersonId, language: str) -> View:
    """Return who looks at what."""
    return View(it, person, strict_catalogue(language), s.RULES, s.NOW)


def said(one: Sample, language: str) -> Say:
    """Return what the notice of a sample says in a chat."""
    it = _STAGES.get(one.kind, s.planned)()
    if one.kind is N.OPENED and not one.all_facts.get("is_confirmed"):
        it = _recap()
    person = Person(
        s.SOPHIE, PersonKind.CLIENT, ("sophie@clim-martin.example",), "Sophie Martin"
    )
    row = Delivery(
        id=DeliveryId(1),
        key="sample",
        kind=one.kind.value,
        address="501",
        channel="telegram",
        due_at=s.NOW,
        facts=one.all_facts,
        files=_FILES.get(one.kind, ()),
        assistance_id=it.id,
        event_id=1,
        person=person.id,
        is_optional=False,
        language=language,
        group_key="",
        state=DeliveryState.PENDING,
    )
    telling = Telling(cast(UnitOfWork, None), HOUSE, row, person, it, s.NOW)
    made = clients.TELLER.words[one.kind](telling)
    assert isinstance(made, Say)
    return made


def drawn(screen: Screen) -> str:
    """Return a message as lines: its words as they are sent, its buttons in rows."""
    rows = [" ".join(f"[{button.label}]" for button in row) for row in screen.rows]
    return "\n".join((screen.text, *rows))


def cards(language: str) -> Iterator[str]:
    """Yield every card of a language."""
    for name, (stage, person) in CARDS.items():
        view = view_of(stage(), person, language)
        yield f"--- {name}\n{drawn(card(view, LINK))}\n"
    view = view_of(_recap(), s.SOPHIE, language)
    yield f"--- the recap\n{drawn(recap(view))}\n"


def notices(language: str) -> Iterator[str]:
    """Yield every notice of a language."""
    for one in SAMPLES:
        if one.kind in clients.TELLER.words and one.role in ("client", "contact"):
            say = said(one, language)
            more = [*say.files, *(["silent"] if say.is_silent else [])]
            end = f"\n({', '.join(more)})" if more else ""
            yield f"--- {one.name}\n{drawn(say.screen)}{end}\n"


def snapshots() -> Iterator[tuple[Path, str]]:
    """Yield path and content of each snapshot."""
    for language in LANGUAGES:
        for name, pages in (("cards", cards), ("notices", notices)):
            yield SNAPSHOTS / f"{name}.{language}.txt", "\n".join(pages(language))


def rewrite() -> None:
    """Write every snapshot."""
    for name, content in snapshots():
        target = ROOT / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content, encoding="utf-8", newline="\n")
    sys.stdout.write("written\n")


if __name__ == "__main__":
    rewrite()
