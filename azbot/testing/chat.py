"""A chat service inside this process: people, buttons, what they see. No network.

It passes the contract suite of the real channel, and lets tests of rooms speak of what
somebody does and sees, not of any service's API.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import timedelta

from azbot.errors import PermanentFailure, Unanswered, Unreachable
from azbot.messages import (
    Address,
    Inbound,
    InboundFile,
    RawMessage,
    Reason,
    RejectedFile,
    RemoteFile,
    Reply,
    Spot,
    Tap,
    Turn,
    TurnKind,
    Unparseable,
)
from azbot.ports import ChatLimits, Clock, Rate, Sink
from azbot.screens import (
    Acknowledge,
    Button,
    Clear,
    Menu,
    Post,
    Posted,
    PostFile,
    Redraw,
    Say,
    Screen,
    words_of,
)
from azbot.testing.patience import PATIENCE

_BATCH = 100
_LARGEST_HAD = 20 * 1024 * 1024
"""Octets of a file that is given to us, as with Telegram."""


@dataclass(frozen=True, slots=True)
class Bubble:
    """One message as somebody sees it now.

    Attributes:
        reply_to: name of the message it refers to, possibly empty.
        files: names of what came with it.
    """

    id: str
    screen: Screen
    reply_to: str = ""
    files: tuple[str, ...] = ()
    is_silent: bool = False

    @property
    def text(self) -> str:
        """The words, marks taken out, every space an ordinary one."""
        return _spaced(words_of(self.screen))

    @property
    def labels(self) -> list[str]:
        """The buttons under it, in order."""
        return [_spaced(b.label) for row in self.screen.rows for b in row]

    def button(self, label: str) -> Button:
        """Return the button with this label, or the one whose label begins so."""
        buttons = [button for row in self.screen.rows for button in row]
        exact = [b for b in buttons if _spaced(b.label) == label]
        (found,) = exact or [b for b in buttons if _spaced(b.label).startswith(label)]
        return found


@dataclass
class LocalPerson:
    """Somebody with this chat program.

    Attributes:
        sees: what stands in the chat now, ours alone, oldest first.
        answers: what presses were answered with, empty ones included.
        history: every act that arrived, in order.
        failures: raised by the next acts here, first come first served.
        unheard: so many of the next acts are done, and nobody hears of it.
        busy_until: acts wait here until it is set, None: they do not.
        parts: messages a text becomes.
        asked: acts that reached this chat, done or not.
    """

    chat: LocalChat
    account: str
    name: str
    language: str = "fr"
    sees: list[Bubble] = field(default_factory=list)
    answers: list[Acknowledge] = field(default_factory=list)
    history: list[Post] = field(default_factory=list)
    commands: tuple[tuple[str, str], ...] = ()
    has_blocked: bool = False
    failures: list[Exception] = field(default_factory=list)
    unheard: int = 0
    busy_until: asyncio.Event | None = None
    parts: int = 1
    asked: int = 0

    @property
    def last(self) -> Bubble:
        """The newest message of ours."""
        return self.sees[-1]

    def says(self, text: str, *, reply_to: Bubble | None = None) -> str:
        """Write; « /start abc » is a command. Returns the name of the message."""
        command = ""
        if text.startswith("/"):
            command, _, text = text[1:].partition(" ")
        turn = self._turn(command=command.casefold())
        return self.chat.deliver(self, turn, text, reply_to=reply_to)

    def presses(self, label: str, on: Bubble | None = None) -> None:
        """Press the button whose label begins so, on the newest message that has it."""
        bubble = on or next(
            b for b in reversed(self.sees) if any(x.startswith(label) for x in b.labels)
        )
        self.presses_data(bubble.button(label).data, bubble.id)

    def presses_data(self, data: str, message_id: str = "") -> None:
        """Press a button that carries this, ours or made up."""
        self.chat.taps += 1
        tap = Tap(f"tap{self.chat.taps}", data, message_id)
        self.chat.deliver(self, self._turn(kind=TurnKind.TAPPED, tap=tap), "")

    def sends(
        self,
        *files: tuple[str, str, bytes],
        text: str = "",
        album: str = "",
        kind: str = "photo",
        reply_to: Bubble | None = None,
        size: int = 0,
        seconds: int | None = None,
    ) -> str:
        """Send files (name, media type, octets) in one message.

        A ``size`` is what the service says of them; nobody gets more than 20 MB. So
        are the ``seconds`` of what is heard or watched.
        """
        remote = []
        for name, media_type, content in files:
            key = f"file{len(self.chat.files)}"
            self.chat.files[key] = content
            told = size or len(content)
            remote.append(RemoteFile(key, name, media_type, told, kind, seconds))
        turn = self._turn(album=album, files=tuple(remote))
        return self.chat.deliver(self, turn, text, reply_to=reply_to)

    def shares_place(self, spot: Spot) -> str:
        """Share a place."""
        return self.chat.deliver(self, self._turn(spot=spot), "")

    def shares_phone(self, phone: str, *, is_own: bool = True, name: str = "") -> str:
        """Share a contact, one's own or another's."""
        contact = name or self.name
        turn = self._turn(phone=phone, is_own_phone=is_own, contact=contact)
        return self.chat.deliver(self, turn, "")

    def forwards(self, text: str, origin: str) -> str:
        """Pass on what somebody else wrote."""
        return self.chat.deliver(self, self._turn(forwarded_from=origin), text)

    def edits(self, message_id: str, text: str) -> None:
        """Change an earlier message."""
        turn = self._turn(kind=TurnKind.EDITED)
        self.chat.deliver(self, turn, text, message_id=message_id)

    def blocks(self) -> None:
        """Refuse to be written to."""
        self.has_blocked = True
        self.chat.deliver(self, self._turn(kind=TurnKind.BLOCKED), "")

    def unblocks(self) -> None:
        """May be written to again."""
        self.has_blocked = False
        self.chat.deliver(self, self._turn(kind=TurnKind.RETURNED), "")

    def _turn(self, **values: object) -> Turn:
        given = {"kind": TurnKind.SAID, "language": self.language, **values}
        return Turn(account=self.account, chat=self.account, **given)  # type: ignore[arg-type]


UNHURRIED = Rate(timedelta(microseconds=1), 1_000_000)
"""As fast as anybody likes: time stands still in most tests."""


class LocalChat:
    """A chat service in memory (``ports.Chat``).

    Args:
        clock: dates what people do.
        overall: how fast it may be written to.
        each: how fast each chat may be.
        largest_file: octets it takes in one file.

    Attributes:
        posts: every act that was done, in order.
        failures: raised by the next acts, first come first served.
        on_the_way: files that come once somebody says so, by account.
    """

    name = "telegram"

    def __init__(
        self,
        clock: Clock,
        overall: Rate = UNHURRIED,
        each: Rate = UNHURRIED,
        largest_file: int = 50_000_000,
    ) -> None:
        self._clock = clock
        self._each = each
        self.limits = ChatLimits(overall, largest_file)
        self._people: dict[str, LocalPerson] = {}
        self._inbox: list[RawMessage] = []
        self._given = 0
        self._arrived = asyncio.Event()
        self._stirred = asyncio.Event()
        self._number = 0
        self.taps = 0
        self.files: dict[str, bytes] = {}
        self.posts: list[Post] = []
        self.failures: list[Exception] = []
        self.on_the_way: dict[str, asyncio.Event] = {}

    def person(
        self, account: str = "501", name: str = "Sophie", language: str = "fr"
    ) -> LocalPerson:
        """Return somebody with this account, new or known."""
        made = LocalPerson(self, account, name, language)
        return self._people.setdefault(account, made)

    def deliver(
        self,
        person: LocalPerson,
        turn: Turn,
        text: str,
        *,
        reply_to: Bubble | None = None,
        message_id: str = "",
    ) -> str:
        """Let somebody do something; it is received by ``run`` or ``take``."""
        name = message_id or self._next(person.account)
        facts = {
            "turn": asdict(turn),
            "name": person.name,
            "text": text,
            "id": name,
            "reply_to": reply_to.id if reply_to else "",
        }
        content = json.dumps(facts).encode()
        now = self._clock.now()
        position = len(self._inbox) + 1
        raw = RawMessage(
            self.name,
            f"{self.name}:local",
            position,
            content,
            now,
            len(content),
            turn.chat,
        )
        self._inbox.append(raw)
        self._arrived.set()
        return name

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Return once something is so; it is looked at after each act.

        Raises:
            TimeoutError: it was not within ``PATIENCE`` real seconds.
        """
        async with asyncio.timeout(PATIENCE):
            while not is_so():
                self._stirred.clear()
                await self._stirred.wait()

    async def take(self, sink: Sink) -> int:
        """Give the sink everything that came since; return how many."""
        news = self._inbox[self._given :]
        for at in range(0, len(news), _BATCH):
            await sink.accept(news[at : at + _BATCH])
        self._given += len(news)
        return len(news)

    async def run(self, sink: Sink) -> None:
        """Receive until cancelled."""
        self._given = 0
        while True:
            self._arrived.clear()
            await self.take(sink)
            await self._arrived.wait()

    def parse(self, raw: RawMessage) -> Inbound | Unparseable:
        """Say what the octets mean."""
        try:
            facts = json.loads(raw.content)
            turn = _turn(facts["turn"])
        except (ValueError, TypeError, KeyError) as error:
            return Unparseable(Reason.UNPARSEABLE, repr(error))
        return Inbound(
            self.name,
            facts["id"],
            Address(f"{self.name}:{turn.account}", facts["name"]),
            references=tuple(filter(None, (facts["reply_to"],))),
            text=facts["text"],
            sent_at=raw.received_at,
            turn=turn,
        )

    async def fetch(self, inbound: Inbound) -> Inbound:
        """Return the message with its files; one that is unknown is told of."""
        files, rejected = [], list(inbound.rejected_files)
        turn = inbound.turn
        if turn is None or not turn.files:
            return inbound
        if turn.account in self.on_the_way:
            await self.on_the_way[turn.account].wait()
        for one in turn.files:
            content = self.files.get(one.id)
            if one.size is not None and one.size > _LARGEST_HAD:
                rejected.append(RejectedFile(one.name, one.size, "too_large"))
            elif content is None:
                rejected.append(RejectedFile(one.name, one.size or 0, "unreadable"))
            else:
                found = InboundFile(one.name, one.media_type, content)
                files.append(replace(found, seconds=one.seconds))
        return replace(inbound, files=tuple(files), rejected_files=tuple(rejected))

    def separate(self, inbound: Inbound, sent: Sequence[str]) -> Reply:  # noqa: ARG002
        """Return the whole text: nobody quotes in a chat."""
        return Reply(inbound.text)

    async def post(self, post: Post) -> Posted:
        """Do one act in a chat; see ``ports.Chat``."""
        if self.failures:
            raise self.failures.pop(0)
        person = self._people.get(post.chat)
        if person is None:
            raise PermanentFailure("chat not found")
        person.asked += 1
        self._stirred.set()
        if person.busy_until is not None:
            await person.busy_until.wait()
        if person.failures:
            raise person.failures.pop(0)
        if person.has_blocked:
            raise Unreachable("blocked")
        self.posts.append(post)
        person.history.append(post)
        posted = self._done(person, post)
        self._stirred.set()
        if person.unheard:
            person.unheard -= 1
            raise Unanswered("no answer")
        return posted

    def _done(self, person: LocalPerson, post: Post) -> Posted:
        match post.act:
            case Acknowledge() as answer:
                person.answers.append(answer)
            case Menu(commands):
                person.commands = commands
            case Clear():
                self._remove(person, post.message_id)
            case Redraw() as redraw:
                return self._redraw(person, post, redraw)
            case Say() as say:
                return self._put(
                    person, say.screen, post.reply_to, post.files, say.is_silent
                )
        return Posted()

    def rate(self, chat: str) -> Rate:  # noqa: ARG002 - all chats are alike
        """Return how fast one chat may be written to."""
        return self._each

    def link(self, payload: str) -> str:
        """Return an address that opens a talk."""
        query = f"?start={payload}" if payload else ""
        return f"https://t.example/azbot{query}"

    async def aclose(self) -> None:
        """Nothing is open."""

    def _redraw(self, person: LocalPerson, post: Post, redraw: Redraw) -> Posted:
        for place, bubble in enumerate(person.sees):
            if bubble.id == post.message_id and not redraw.is_below:
                person.sees[place] = replace(bubble, screen=redraw.screen)
                return Posted((bubble.id,))
        is_there = any(bubble.id == post.message_id for bubble in person.sees)
        if redraw.is_only_if_there and not is_there:
            return Posted()
        self._remove(person, post.message_id)
        return self._put(person, redraw.screen)

    def _put(
        self,
        person: LocalPerson,
        screen: Screen,
        reply_to: str = "",
        files: tuple[PostFile, ...] = (),
        is_silent: bool = False,  # noqa: FBT001, FBT002 - as in Say
    ) -> Posted:
        names = tuple(file.name for file in files)
        bubbles = [
            Bubble(self._next(person.account), screen, reply_to, names, is_silent)
            for _ in range(person.parts)
        ]
        person.sees += bubbles
        return Posted(tuple(bubble.id for bubble in bubbles))

    def _remove(self, person: LocalPerson, message_id: str) -> None:
        person.sees[:] = [b for b in person.sees if b.id != message_id]

    def _next(self, chat: str) -> str:
        self._number += 1
        return f"{self.name}:{chat}/{self._number}"


def _spaced(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def _turn(facts: dict[str, object]) -> Turn:
    tap, spot = facts.pop("tap"), facts.pop("spot")
    files = facts.pop("files")
    return Turn(
        kind=TurnKind(str(facts.pop("kind"))),
        tap=Tap(**tap) if isinstance(tap, dict) else None,
        spot=Spot(**spot) if isinstance(spot, dict) else None,
        files=tuple(RemoteFile(**one) for one in files)
        if isinstance(files, list)
        else (),
        **facts,  # type: ignore[arg-type]
    )
