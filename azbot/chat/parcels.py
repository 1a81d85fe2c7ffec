"""From a row of the outbox to what is posted: its words, its place, its files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum, auto
from typing import Protocol

from azbot.chat.house import House
from azbot.chat.policy import is_once_at_most
from azbot.chat.telling import act_of
from azbot.i18n import formats
from azbot.i18n.catalogue import Catalogue, catalogue
from azbot.messages import OutboundFile
from azbot.ports import ChatLimits
from azbot.screens import (
    ACT,
    Act,
    Button,
    Clear,
    Post,
    PostFile,
    Redraw,
    Say,
    Screen,
    from_facts,
    plain,
)
from azbot.store import Delivery, UnitOfWork
from azbot.store.chats import ChatState, Slot
from azbot.workflow.model import Document

_LOOKED_AT = 20
"""Acts behind a drawing among which a newer one of the same slot is looked for."""


class Files(Protocol):
    """Makes the files an act names; see ``dispatch.Files``."""

    async def make(
        self, delivery: Delivery, room: int | None = None
    ) -> tuple[OutboundFile, ...]:
        """Return the files, ready to send; those for which there is no room are not.

        Args:
            delivery: which names them.
            room: octets for all together.

        Raises:
            TemporaryFailure: not ready yet.
            PermanentFailure: can never be made.
        """
        ...


@dataclass(frozen=True, slots=True)
class Parcel:
    """One row of the outbox, ready for the service but for its files.

    Attributes:
        wanted: the row as whoever makes its files needs it; None: it has none.
    """

    row: Delivery
    post: Post
    wanted: Delivery | None = None


class Unsaid(Enum):
    """Why something is not brought."""

    NEEDLESS = auto()
    """It stands there already, or there is nothing to take away."""
    SUPERSEDED = auto()
    """A newer drawing of the same message waits behind it."""
    UNWANTED = auto()
    """Whoever it is for has stopped or blocked us, or the account is another's."""
    DOUBTFUL = auto()
    """It may have arrived before azbot died, and must not arrive twice."""


def parcel_of(
    uow: UnitOfWork, row: Delivery, house: House, limits: ChatLimits, now: datetime
) -> Parcel | Unsaid:
    """Return what a row posts in its chat, or why it posts nothing.

    Raises:
        Exception: whatever makes its words impossible.
    """
    if row.claims > 1 and is_once_at_most(row):
        return Unsaid.DOUBTFUL
    if _is_unwanted(uow, row):
        return Unsaid.UNWANTED
    act = act_of(uow, row, house, now)
    if act is None:
        return Unsaid.UNWANTED
    stands = _stands(uow, row, act)
    if _is_needless(act, stands):
        return Unsaid.NEEDLESS
    if isinstance(act, Redraw) and _is_superseded(uow, row, act, stands, now):
        return Unsaid.SUPERSEDED
    wanted = None
    if isinstance(act, Say) and act.files:
        act, wanted = _with_files(uow, row, act, house, limits, now)
    message = stands.message_id if stands else ""
    # Of several parts those behind what arrived are left to bring.
    arrived = tuple(row.remote_id.split()) if isinstance(act, Say) else ()
    reply_to = _reply_to(uow, row, act)
    post = Post(row.address, act, message, reply_to, arrived=arrived)
    return Parcel(row, post, wanted)


async def post_of(parcel: Parcel, files: Files, limits: ChatLimits) -> Post:
    """Return what is posted, its files made.

    Raises:
        TemporaryFailure: a file is not ready yet.
        PermanentFailure: a file can never be made.
    """
    if parcel.wanted is None:
        return parcel.post
    made = await files.make(parcel.wanted, limits.largest_file)
    return replace(parcel.post, files=tuple(map(_file, made)))


def is_shown(row: Delivery) -> bool:
    """Whether a row writes something in its chat, as far as one can tell."""
    return row.kind != ACT or row.facts.get("act") in ("say", "redraw")


def digest_of(screen: Screen) -> str:
    """Name what a screen says: SHA-256, 64 hexadecimal digits."""
    return hashlib.sha256(repr(screen).encode()).hexdigest()


def _is_unwanted(uow: UnitOfWork, row: Delivery) -> bool:
    account = uow.chats.in_chat(row.channel, row.address)
    if account is None or row.kind == ACT:
        # What they do is answered, whatever they said before.
        return False
    return account.state is not ChatState.OPEN


def _stands(uow: UnitOfWork, row: Delivery, act: Act) -> Slot | None:
    if not isinstance(act, Redraw | Clear):
        return None
    return uow.slots.get(row.channel, row.address, act.slot)


def _is_needless(act: Act, stands: Slot | None) -> bool:
    match act:
        case Clear():
            return stands is None
        case Redraw(is_only_if_there=True) if stands is None:
            return True
        case Redraw(screen=screen, is_below=False):
            return stands is not None and stands.digest == digest_of(screen)
        case _:
            return False


def _is_superseded(
    uow: UnitOfWork, row: Delivery, act: Redraw, stands: Slot | None, now: datetime
) -> bool:
    """Whether a newer drawing takes its place, and nobody would miss this one.

    One that begins a message is not passed over when something in between may refer
    to that message, one that goes below not for one that stays where it is.
    """
    begins = stands is None or act.is_below
    for later in _behind(uow, row, now):
        match later:
            case Redraw(slot=act.slot):
                goes_there = later.is_below or not act.is_below
                return goes_there and not (begins and later.is_only_if_there)
            case Say(slot=act.slot) | Clear(slot=act.slot):
                return False
            case None if begins:
                return False
            case Say(reply_to=name) if begins and name == f"slot:{act.slot}":
                return False
            case _:
                pass
    return False


def _behind(uow: UnitOfWork, row: Delivery, now: datetime) -> Iterator[Act | None]:
    """Give what waits behind a row and is due; None: words that are not made yet."""
    for later in uow.outbox.behind(row.channel, row.address, row.id, _LOOKED_AT):
        if later.due_at <= now and later.priority:
            yield from_facts(later.facts) if later.kind == ACT else None


def _reply_to(uow: UnitOfWork, row: Delivery, act: Act) -> str:
    name = act.reply_to if isinstance(act, Say) else ""
    if not name.startswith("slot:"):
        return name
    found = uow.slots.get(row.channel, row.address, name.removeprefix("slot:"))
    return found.message_id if found else ""


def _with_files(
    uow: UnitOfWork,
    row: Delivery,
    say: Say,
    house: House,
    limits: ChatLimits,
    now: datetime,
) -> tuple[Say, Delivery]:
    """Tell the files that are sent from those that are too large, told in words."""
    it = None if row.assistance_id is None else uow.assistances.get(row.assistance_id)
    room, taken, left = limits.largest_file, [], []
    for name in say.files:
        kind, _, number = name.partition(":")
        document = it.document(int(number)) if it and kind == "document" else None
        if document is not None and document.size > room:
            left.append(document)
            continue
        room -= document.size if document else 0
        taken.append(name)
    if left and it is not None and row.person is not None:
        link = house.link(uow, it.id, row.person, now)
        say = _naming(say, left, link, catalogue(row.language))
    # A calendar file that takes a visit out names whose it was, by their address.
    person = None if row.person is None else uow.people.get(row.person)
    address = person.address if person else ""
    return say, replace(row, files=tuple(taken), address=address)


def _naming(say: Say, left: Sequence[Document], link: str, words: Catalogue) -> Say:
    """Say of files that are too large where they lie, with the way there."""
    lines = [
        words.t(
            "chat_files.too_large",
            name=plain(document.name),
            size=formats.size(document.size, words.language),
        )
        for document in left
    ]
    screen, rows = say.screen, say.screen.rows
    has_way = any(button.url for row in rows for button in row)
    if link and not has_way:
        rows = (*rows, (Button(words.t("chat_files.open"), url=link),))
    text = "\n\n".join([screen.text, *lines])
    return replace(say, screen=replace(screen, text=text, rows=rows))


def _file(made: OutboundFile) -> PostFile:
    return PostFile(made.name, made.media_type, made.content)
