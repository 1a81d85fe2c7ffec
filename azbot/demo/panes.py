"""What the page shows: the guide, three mailboxes, two telephones, the desk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr
from itertools import groupby

from azbot.channels.email.correspondent import (
    Correspondent,
    Opened,
    head_of,
    open_letter,
    preview_of,
)
from azbot.channels.email.mailbox import Letter
from azbot.demo.journal import ZONE, Entry, Journal
from azbot.demo.phones import Phones
from azbot.demo.play import Play
from azbot.demo.stage import Stage
from azbot.demo.story import STEPS, steps_done
from azbot.i18n import formats
from azbot.store.queries import ListItem
from azbot.testing.telegram import Button, Message, Person
from azbot.workflow.model import Assistance, DocumentKind

BOXES = ("client", "station", "desk")

_NEW = "s"
_WRITTEN = "i"


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail in a list.

    Attributes:
        key: names it in addresses: ``s3`` the desk has sent, ``i2`` it was sent.
        is_own: the owner of the mailbox wrote it.
    """

    key: str
    subject: str
    preview: str
    other: str
    when: str
    files: int
    is_own: bool


@dataclass(frozen=True, slots=True)
class Bubble:
    """One message of a chat, or an album of several.

    Attributes:
        messages: one, or those of an album, the first with the words.
        rows: buttons below it.
    """

    messages: tuple[Message, ...]
    when: str
    rows: tuple[tuple[Button, ...], ...]

    @property
    def first(self) -> Message:
        """The one that has the words."""
        return self.messages[0]


class Panes:
    """Draws every part of the page as it is now.

    Args:
        stage: where the story is played.
        phones: of the client and the technician.
        play: how far it is.
        journal: what happened.
        language: of the page; what people write to each other is French.
    """

    def __init__(
        self,
        stage: Stage,
        phones: Phones,
        play: Play,
        journal: Journal,
        language: str,
    ) -> None:
        self.stage = stage
        self.phones = phones
        self.play = play
        self._journal = journal
        self._pages = stage.app.pages
        self._language = language
        self._opened: dict[str, Opened] = {}

    async def all(self) -> Mapping[str, str]:
        """Return the HTML of each part, by name."""
        it = await self.play.story.assistance()
        return {
            "guide": self._guide(it),
            "mails": self._mails(),
            "phones": self._phones(),
            "desk": await self._desk(it),
        }

    def mail(self, key: str) -> str | None:
        """Return the reader's part for one mail, None: there is no such mail."""
        letter = self.letter(key)
        if letter is None:
            return None
        opened = self.opened(key, letter)
        return self._pages.part(
            "demo/_mail",
            self._language,
            key=key,
            mail=opened,
            sender=parseaddr(opened.sender)[0],
            is_answerable=key.startswith(_NEW),
            head=head_of(letter),
            size=formats.size(len(letter.content), self._language),
        )

    def letter(self, key: str) -> Letter | None:
        """Return the mail a key names, None: there is none."""
        mailbox = self.stage.mailbox
        letters = mailbox.sent if key.startswith(_NEW) else mailbox.inbox
        number = int(key[1:]) if key[1:].isdecimal() else 0
        return letters[number - 1] if 1 <= number <= len(letters) else None

    def opened(self, key: str, letter: Letter) -> Opened:
        """Return a mail, read once."""
        if key not in self._opened:
            self._opened[key] = open_letter(letter)
        return self._opened[key]

    # -- guide -----------------------------------------------------------------------

    def _guide(self, it: Assistance | None) -> str:
        play, done = self.play, steps_done(it)
        act = play.act or play.story.next_act(it)
        now = self.stage.clock.now()
        return self._part(
            "guide",
            steps=[
                (key, "done" if at < done else "now" if at == done else "later")
                for at, key in enumerate(STEPS)
            ],
            act=act.key if act else "",
            is_on=play.is_on,
            is_over=done == len(STEPS),
            problem=play.problem,
            now=formats.long_date(
                formats.local(now, ZONE).date(), self._language, with_year=False
            ),
            clock=self._hour(now),
        )

    # -- mails -----------------------------------------------------------------------

    def _mails(self) -> str:
        people = dict(zip(BOXES, self.stage.people, strict=True))
        return self._part(
            "mails",
            boxes=[
                (name, who, list(self._mailbox(who))) for name, who in people.items()
            ],
        )

    def _mailbox(self, who: Correspondent) -> Iterator[Mail]:
        mailbox = self.stage.mailbox
        letters = [(f"{_NEW}{one.number}", one) for one in mailbox.sent_to(who.address)]
        letters += [
            (f"{_WRITTEN}{one.number}", one)
            for one in mailbox.inbox
            if one.sender == who.address
        ]
        for key, letter in sorted(letters, key=lambda one: one[1].at, reverse=True):
            opened = self.opened(key, letter)
            yield Mail(
                key=key,
                subject=opened.subject,
                preview=preview_of(opened.text),
                other=opened.to,
                when=self._hour(letter.at),
                files=len(opened.files),
                is_own=key.startswith(_WRITTEN),
            )

    # -- telephones ------------------------------------------------------------------

    def _phones(self) -> str:
        return self._part(
            "phones",
            phones=[
                (who, phone, self._bubbles(phone), _toast(phone))
                for who, phone in self.phones.each.items()
            ],
        )

    def _bubbles(self, phone: Person) -> list[Bubble]:
        def album(message: Message) -> str:
            return str(message.wire.get("media_group_id") or message.id)

        return [
            Bubble(
                messages := tuple(group),
                self._hour_of(messages[0]),
                messages[0].buttons,
            )
            for _, group in groupby(phone.sees, key=album)
        ]

    def _hour_of(self, message: Message) -> str:
        at = message.wire["date"]
        return self._hour(datetime.fromtimestamp(at, self.stage.clock.now().tzinfo))

    # -- desk ------------------------------------------------------------------------

    async def _desk(self, it: Assistance | None) -> str:
        item = await self._item(it)
        entries = await self._journal.lines()
        return self._part(
            "desk",
            item=item,
            has_report=it is not None
            and any(one.kind is DocumentKind.REPORT for one in it.documents),
            second=f"http://localhost:{self.stage.app.settings.web.port}/demo/second",
            entries=[(entry, self._hour(entry.at)) for entry in entries],
            days=_days(entries, self._language),
        )

    async def _item(self, it: Assistance | None) -> ListItem | None:
        if it is None:
            return None
        asked = await self.play.story.asked()
        return next((item for item in asked if item.id == it.id), None)

    # -- how -------------------------------------------------------------------------

    def _part(self, name: str, **context: object) -> str:
        return self._pages.part(f"demo/_{name}", self._language, **context)

    def _hour(self, at: datetime) -> str:
        return formats.hour(formats.local(at, ZONE), self._language)


def _toast(phone: Person) -> str:
    """Return what the last press was answered with, empty: the spinner ended."""
    press = phone.presses_made[-1] if phone.presses_made else None
    return press.answer.text if press and press.answer else ""


def _days(entries: Sequence[Entry], language: str) -> list[str]:
    """Return the day of each entry where it differs from the one above it."""
    days: list[str] = []
    above = ""
    for entry in entries:
        day = formats.day_and_month(formats.local(entry.at, ZONE).date(), language)
        days.append(day if day != above else "")
        above = day
    return days
