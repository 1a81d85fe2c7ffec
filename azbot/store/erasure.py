"""For a person's right to be forgotten: history that changes, chats that never were.

The ledger and the outbox hold what was said in a chat too, so they are emptied with it
(telegram.md §4, last row).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress

from sqlalchemy import BindParameter, bindparam, delete, insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from azbot.messages import BlobId
from azbot.store.chats import ChatAccount
from azbot.store.records import RawState
from azbot.store.request_drafts import owner_by_account
from azbot.store.schema import (
    chat_paces,
    chat_slots,
    chats,
    erasure_gate,
    outbox,
    raw_messages,
    request_drafts,
    threads,
)
from azbot.store.sql import Sql

_OPEN = insert(erasure_gate).values(reason=bindparam("reason"))
_SHUT = delete(erasure_gate)

_CHANNEL: BindParameter[str] = bindparam("of_channel")
_CHAT: BindParameter[str] = bindparam("of_chat")
_SAID = (raw_messages.c.channel == _CHANNEL, raw_messages.c.lane == _CHAT)
_TOLD = (outbox.c.channel == _CHANNEL, outbox.c.address == _CHAT)
_FILES = (
    select(raw_messages.c.blob).where(*_SAID, raw_messages.c.blob.is_not(None)),
    select(outbox.c.blob).where(*_TOLD, outbox.c.blob.is_not(None)),
)
# Its number stays: a service that brings an update again must find it known.
_EMPTY = (
    update(raw_messages)
    .where(*_SAID)
    .values(
        state=RawState.IGNORED.value,
        reason=None,
        detail="",
        sha256="",
        message_id="",
        sender="",
        subject="",
        lane="",
        blob=None,
        content=b"",
        leased_by=None,
        lease_until=None,
    )
)
_NAMED = delete(threads).where(
    threads.c.message_id.startswith(bindparam("messages"), autoescape=False)
)
_FORGET = (
    _EMPTY,
    delete(outbox).where(*_TOLD),
    delete(chat_slots).where(
        chat_slots.c.channel == _CHANNEL, chat_slots.c.chat == _CHAT
    ),
    delete(chat_paces).where(
        chat_paces.c.channel == _CHANNEL, chat_paces.c.chat == _CHAT
    ),
)
_ACCOUNT = delete(chats).where(
    chats.c.channel == _CHANNEL, chats.c.account == bindparam("of_account")
)
_BEGUN = delete(request_drafts).where(request_drafts.c.owner == bindparam("owner"))


@contextmanager
def erasing(sql: Sql, reason: str) -> Iterator[None]:
    """Let this transaction, and no other, change and delete lines of history.

    The gate is a row that the same transaction removes: nobody else ever sees it,
    and a crash leaves it shut.

    Args:
        sql: of the unit of work, ``uow.sql``.
        reason: for whoever watches the transaction.
    """
    sql.run(_OPEN, {"reason": reason})
    try:
        yield
    except BaseException:
        # PostgreSQL refuses everything after an error, this too, and the commit.
        with suppress(SQLAlchemyError):
            sql.run(_SHUT)
        raise
    sql.run(_SHUT)


def forget_chats(sql: Sql, accounts: Iterable[ChatAccount]) -> frozenset[BlobId]:
    """Forget accounts of chat services, and everything said and shown there.

    What was said about an assistance stands in its history: see ``erasing``.

    Args:
        sql: of the unit of work, ``uow.sql``.
        accounts: whose; ``uow.chats.of_person`` gives those of somebody.

    Returns:
        files nothing here names any more, to be deleted after the commit.
    """
    files: set[BlobId] = set()
    for each in accounts:
        values = {"of_channel": each.channel, "of_chat": each.chat}
        for query in _FILES:
            files.update(BlobId(row.blob) for row in sql.all(query, values))
        for statement in _FORGET:
            sql.run(statement, values)
        sql.run(_NAMED, {"messages": f"{each.channel}:{each.chat}/"})
        owner = owner_by_account(each.channel, each.account)
        sql.run(_BEGUN, {"owner": owner})
        key = {"of_channel": each.channel, "of_account": each.account}
        sql.run(_ACCOUNT, key)
    return frozenset(files)
