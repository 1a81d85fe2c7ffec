"""What happened since the story began: lines of histories, mails and chats, mixed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from azbot.channels.email.correspondent import open_letter
from azbot.channels.email.mailbox import Letter
from azbot.channels.web.sentences import sentence_of
from azbot.demo.phones import Phones
from azbot.demo.stage import Stage
from azbot.i18n.catalogue import Catalogue
from azbot.workflow.decision import Recorded

ZONE = "Europe/Paris"
"""Where everybody of the demonstration lives."""

_MOST = 60
_LINES_READ = 400


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the journal.

    Attributes:
        icon: its name in the sprite of the pages.
        strong: what happened.
        more: about what, or to whom; possibly empty.
        ref: the assistance, empty for none.
    """

    at: datetime
    icon: str
    strong: str
    more: str
    ref: str = ""


class Journal:
    """The newest lines.

    Args:
        stage: where it happens.
        phones: what the bot wrote to.
        words: the reader's language.
        after: number of the last line of the histories that is not told; what the
            telephones show now is not either.
    """

    def __init__(
        self,
        stage: Stage,
        phones: Phones,
        words: Catalogue,
        after: int,
    ) -> None:
        self._stage = stage
        self._phones = phones
        self._words = words
        self._after = after
        self._before = {
            who: max((message.id for message in phone.sees), default=0)
            for who, phone in phones.each.items()
        }
        self._subjects: dict[int, str] = {}

    async def lines(self) -> list[Entry]:
        """Return them, the newest first."""
        found = [*await self._history(), *self._letters(), *self._chats()]
        # What was decided stands below what left because of it.
        return sorted(found, key=lambda one: one.at, reverse=True)[:_MOST]

    async def _history(self) -> list[Entry]:
        views = self._stage.app.store.views
        new = await views.new_lines(self._after, (), _LINES_READ)
        refs = {line.assistance: str(line.ref) for line in new}
        found: list[Entry] = []
        for key, ref in refs.items():
            lines = await views.timeline(key, is_internal=True, after=self._after)
            found += [self._entry(line, ref) for line in lines]
        return found

    def _entry(self, line: Recorded, ref: str) -> Entry:
        sentence = sentence_of(line.event, self._words, ZONE)
        if line.before in {None, line.after}:
            icon = "plus" if line.before is None else "check"
            return Entry(line.at, icon, sentence, line.actor.name, ref)
        change = self._words.t(
            "demo.changed",
            before=self._words.t(f"status.{line.before}"),
            after=self._words.t(f"status.{line.after}"),
        )
        return Entry(line.at, "swap", change, sentence, ref)

    def _letters(self) -> list[Entry]:
        return [
            Entry(
                letter.at,
                "mail",
                self._words.t("demo.mail_sent", name=self._name(letter.recipient)),
                self._subject(letter),
            )
            for letter in self._stage.mailbox.sent[-_MOST:]
        ]

    def _chats(self) -> list[Entry]:
        found: list[Entry] = []
        for who, phone in self._phones.each.items():
            said = self._words.t("demo.chat_sent", name=phone.wire["first_name"])
            found += [
                Entry(
                    datetime.fromtimestamp(message.wire["date"], UTC),
                    "plane",
                    said,
                    _line(message.text),
                )
                for message in phone.sees
                if message.is_from_bot and message.id > self._before[who]
            ]
        return found

    def _name(self, address: str) -> str:
        names = {one.address: one.name for one in self._stage.people}
        return names.get(address, address)

    def _subject(self, letter: Letter) -> str:
        if letter.number not in self._subjects:
            self._subjects[letter.number] = open_letter(letter).subject
        return self._subjects[letter.number]


def _line(text: str) -> str:
    """Return the first line that says more than which assistance it is about."""
    lines = [line for line in text.splitlines() if line]
    return next((one for one in lines if not one.startswith("ASF")), "".join(lines[:1]))
