"""Accounts of chat services: whose they are, and what is talked about there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import bindparam, delete, select, text, update

from azbot.messages import PersonId
from azbot.store.codec import decode, encode
from azbot.store.schema import UtcDateTime
from azbot.store.schema import chat_slots as slots
from azbot.store.schema import chats as table
from azbot.store.sql import Sql
from azbot.workflow.model import AssistanceId

CARD, ASKED = "card", "asked"
"""Kinds of rows of the outbox that draw anew what stands in a chat: the card of an
assistance, and a question that is over."""

LEFT = "left"
"""Kind of the row that reminds of a request somebody began and left."""

MAY_HAVE_ARRIVED = "no answer: it may have arrived"
"""Why somebody's own words were given up: nobody said whether they were shown."""


def card_slot(key: AssistanceId) -> str:
    """Return the slot in which the card of an assistance stands."""
    return f"card.{key}"


def ask_slot(key: AssistanceId, mark: str) -> str:
    """Return the slot of a question about an assistance; the mark tells which one."""
    return f"ask.{key}.{mark}"


class ChatState(StrEnum):
    """Whether somebody may be written to there."""

    OPEN = "open"
    STOPPED = "stopped"
    """Said /stop: no notices; what they ask is still answered."""
    BLOCKED = "blocked"
    """Blocked us: nothing arrives."""


@dataclass(frozen=True, slots=True)
class ChatAccount:
    """One account of a chat service.

    Attributes:
        channel: ``telegram``.
        account: as the service numbers it.
        chat: where it is written to.
        person: whose it is, proven; None: nobody we know (ux.md 10.2).
        name: as the service shows it, cleaned; an account says nothing else of who
            somebody is.
        language: ``fr``, ``en`` or ``es``: chosen, here or by its person elsewhere;
            else what the service told at the beginning, or the person's of mails.
        mails_too: whether what is told here is told by mail as well.
        greeted_at: when it was told who runs this; None: not yet.
        offered: which commands it was offered last, possibly empty.
        focus, focus_until: the assistance free words go to, and until when
            without asking (ux.md 10.6).
        room: who asks something at present, empty: nobody.
        memory: what that room has to remember, JSON-like.
        revision: grows with each turn.
    """

    channel: str
    account: str
    chat: str
    created_at: datetime
    seen_at: datetime
    person: PersonId | None = None
    name: str = ""
    language: str = "fr"
    state: ChatState = ChatState.OPEN
    linked_at: datetime | None = None
    mails_too: bool = True
    greeted_at: datetime | None = None
    offered: str = ""
    focus: AssistanceId | None = None
    focus_until: datetime | None = None
    room: str = ""
    memory: Mapping[str, object] = field(default_factory=dict)
    revision: int = 0


@dataclass(frozen=True, slots=True)
class Slot:
    """A message of ours that is drawn anew in place.

    Attributes:
        digest: SHA-256 of what it says, 64 hexadecimal digits; possibly empty.
    """

    channel: str
    chat: str
    slot: str
    message_id: str
    digest: str
    updated_at: datetime


_COLUMNS = tuple(column.name for column in table.c)
_THIS = (
    table.c.channel == bindparam("of_channel"),
    table.c.account == bindparam("of_account"),
)
# Whoever is about to store every field of it holds the row until the commit.
_GET = select(table).where(*_THIS).with_for_update()
_KEYS = ("channel", "account")
_SAVE = text(
    f"INSERT INTO chats ({', '.join(_COLUMNS)})"  # noqa: S608 - our own names
    f" VALUES ({', '.join(':' + name for name in _COLUMNS)})"
    " ON CONFLICT (channel, account) DO UPDATE SET "
    + ", ".join(f"{n} = excluded.{n}" for n in _COLUMNS if n not in _KEYS)
).bindparams(*(bindparam(name, type_=table.c[name].type) for name in _COLUMNS))
_OF_PERSON = (
    select(table)
    .where(table.c.person_id == bindparam("person"), table.c.person_id.is_not(None))
    .order_by(table.c.linked_at.desc(), table.c.account)
)
_IN_CHAT = (
    select(table)
    .where(
        table.c.channel == bindparam("of_channel"), table.c.chat == bindparam("of_chat")
    )
    .with_for_update()
)
_MOVE = (
    update(table)
    .where(
        table.c.channel == bindparam("of_channel"),
        table.c.chat == bindparam("of_chat"),
    )
    .values(chat=bindparam("new_chat", type_=table.c.chat.type))
)

_BLOCK = (
    update(table)
    .where(
        table.c.channel == bindparam("of_channel"),
        table.c.chat == bindparam("of_chat"),
    )
    .values(state=ChatState.BLOCKED.value)
)

_SLOT = (
    slots.c.channel == bindparam("of_channel"),
    slots.c.chat == bindparam("of_chat"),
    slots.c.slot == bindparam("of_slot"),
)
_FIND_SLOT = select(slots).where(*_SLOT)
_DROP_SLOT = delete(slots).where(*_SLOT)
_EMPTY_CHAT = delete(slots).where(
    slots.c.channel == bindparam("of_channel"), slots.c.chat == bindparam("of_chat")
)
_SLOT_COLUMNS = tuple(column.name for column in slots.c)
_SAVE_SLOT = text(
    f"INSERT INTO chat_slots ({', '.join(_SLOT_COLUMNS)})"  # noqa: S608 - our own names
    f" VALUES ({', '.join(':' + name for name in _SLOT_COLUMNS)})"
    " ON CONFLICT (channel, chat, slot) DO UPDATE SET message_id ="
    " excluded.message_id, digest = excluded.digest, updated_at = excluded.updated_at"
).bindparams(bindparam("updated_at", type_=UtcDateTime))


class Chats:
    """The accounts, inside one unit of work.

    Whose an account is, is asked several times for each thing that is told: what was
    read once is known until something here changes.
    """

    def __init__(self, sql: Sql) -> None:
        self._sql = sql
        self._known: dict[PersonId, tuple[ChatAccount, ...]] = {}

    def get(self, channel: str, account: str) -> ChatAccount | None:
        """Return an account, None when it never spoke."""
        values = {"of_channel": channel, "of_account": account}
        row = self._sql.one(_GET, values)
        return None if row is None else chat_account(row)

    def save(self, it: ChatAccount) -> None:
        """Store every field of an account, new or known."""
        self._known.clear()
        self._sql.run(_SAVE, _values(it))

    def of_person(self, person: PersonId) -> list[ChatAccount]:
        """Return the accounts of somebody, the one linked last first."""
        if person not in self._known:
            rows = self._sql.all(_OF_PERSON, {"person": person})
            self._known[person] = tuple(map(chat_account, rows))
        return list(self._known[person])

    def of_people(
        self, people: Iterable[PersonId]
    ) -> Mapping[PersonId, tuple[ChatAccount, ...]]:
        """Return the accounts of several; who has none is left out."""
        found = {person: tuple(self.of_person(person)) for person in people}
        return {person: accounts for person, accounts in found.items() if accounts}

    def in_chat(self, channel: str, chat: str) -> ChatAccount | None:
        """Return whose a talk of two is, None when nobody ever spoke there."""
        row = self._sql.one(_IN_CHAT, {"of_channel": channel, "of_chat": chat})
        return None if row is None else chat_account(row)

    def block(self, channel: str, chat: str) -> None:
        """Note that nothing arrives in a chat any more."""
        self._known.clear()
        self._sql.run(_BLOCK, {"of_channel": channel, "of_chat": chat})

    def move(self, channel: str, chat: str, to: str) -> None:
        """Let a chat go on under another name."""
        values = {"of_channel": channel, "of_chat": chat, "new_chat": to}
        self._known.clear()
        self._sql.run(_MOVE, values)


class Slots:
    """Messages drawn in place, inside one unit of work."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    def get(self, channel: str, chat: str, slot: str) -> Slot | None:
        """Return the message that stands in a slot, None when there is none."""
        row = self._sql.one(_FIND_SLOT, _slot(channel, chat, slot))
        return None if row is None else Slot(**row._asdict())

    def save(self, it: Slot) -> None:
        """Let a message stand in a slot, in place of another."""
        self._sql.run(_SAVE_SLOT, {name: getattr(it, name) for name in _SLOT_COLUMNS})

    def drop(self, channel: str, chat: str, slot: str) -> bool:
        """Forget a slot; False when it had no message."""
        return self._sql.run(_DROP_SLOT, _slot(channel, chat, slot)) == 1

    def empty(self, channel: str, chat: str) -> None:
        """Forget every slot of a chat: its messages are out of our reach."""
        self._sql.run(_EMPTY_CHAT, {"of_channel": channel, "of_chat": chat})


def _slot(channel: str, chat: str, slot: str) -> dict[str, str]:
    return {"of_channel": channel, "of_chat": chat, "of_slot": slot}


def chat_account(row: Any) -> ChatAccount:
    """Return one from all columns of its row."""
    return ChatAccount(
        channel=row.channel,
        account=row.account,
        chat=row.chat,
        created_at=row.created_at,
        seen_at=row.seen_at,
        person=None if row.person_id is None else PersonId(row.person_id),
        name=row.name,
        language=row.language,
        state=ChatState(row.state),
        linked_at=row.linked_at,
        mails_too=row.mails_too,
        greeted_at=row.greeted_at,
        offered=row.offered,
        focus=None if row.focus_id is None else AssistanceId(row.focus_id),
        focus_until=row.focus_until,
        room=row.room,
        memory=decode(row.memory),
        revision=row.revision,
    )


def _values(it: ChatAccount) -> dict[str, object]:
    return {
        "channel": it.channel,
        "account": it.account,
        "chat": it.chat,
        "created_at": it.created_at,
        "seen_at": it.seen_at,
        "person_id": it.person,
        "name": it.name.replace("\x00", ""),
        "language": it.language,
        "state": it.state.value,
        "linked_at": it.linked_at,
        "mails_too": it.mails_too,
        "greeted_at": it.greeted_at,
        "offered": it.offered,
        "focus_id": it.focus,
        "focus_until": it.focus_until,
        "room": it.room,
        "memory": encode(it.memory),
        "revision": it.revision,
    }
