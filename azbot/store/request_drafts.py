"""What clients have begun to ask for: one request each, everywhere (C5, ux.md 10.4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, select, text, update

from azbot.messages import BlobId, PersonId
from azbot.store.codec import decode, encode
from azbot.store.schema import UtcDateTime
from azbot.store.schema import request_drafts as table
from azbot.store.sql import Sql


@dataclass(frozen=True, slots=True)
class RequestFile:
    """A stored file that will go with a request.

    Attributes:
        is_proof: the client says that it is the proof of the order (R60).
    """

    blob: BlobId
    name: str
    media_type: str
    size: int
    is_proof: bool = False


@dataclass(frozen=True, slots=True)
class RequestDraft:
    """A request that was not sent yet.

    Attributes:
        owner: whose it is, ``person:5``, or the account of a chat that is nobody's
            yet, ``telegram:900``; nobody else sees it.
        key: tells it from those before and after it; 8 to 32 of ``A-Za-z0-9_-``.
        texts: as they were typed, by field key: what cannot be taken yet, too.
        step: where it was left on a page, from 1.
        files: stored files that will go with it.
        revision: grows with each change, from wherever it comes.
        memory: how far a talk about it has come, JSON-like.
    """

    owner: str
    key: str
    updated_at: datetime
    texts: Mapping[str, str] = field(default_factory=dict)
    step: int = 1
    files: tuple[RequestFile, ...] = ()
    revision: int = 0
    memory: Mapping[str, object] = field(default_factory=dict)


def owner_by_account(channel: str, account: str) -> str:
    """Return who owns the draft of an account that is nobody's yet."""
    return f"{channel}:{account}"


def owner_of(person: PersonId) -> str:
    """Return who owns the draft of somebody we know."""
    return f"person:{person}"


_COLUMNS = tuple(column.name for column in table.c)
# Two first letters in two tabs begin one draft: the later waits for the earlier.
_BEGIN = text(
    f"INSERT INTO request_drafts ({', '.join(_COLUMNS)})"  # noqa: S608 - our own names
    f" VALUES ({', '.join(':' + name for name in _COLUMNS)})"
    " ON CONFLICT (owner) DO NOTHING"
).bindparams(*(bindparam(name, type_=table.c[name].type) for name in _COLUMNS))
_THIS = table.c.owner == bindparam("of_owner")
# Whoever is about to store every field of it holds the row until the commit.
_GET = select(table).where(_THIS).with_for_update()
_SAVE = (
    update(table)
    .where(_THIS)
    .values(
        {
            name: bindparam(name, type_=table.c[name].type)
            for name in _COLUMNS
            if name != "owner"
        }
    )
)
_MOVE = (
    update(table)
    .where(_THIS)
    .values(owner=bindparam("new_owner", type_=table.c.owner.type))
)
_DROP = delete(table).where(_THIS)
_DROP_OLD = delete(table).where(
    table.c.updated_at < bindparam("before", type_=UtcDateTime)
)


class RequestDrafts:
    """The drafts of requests, inside one unit of work."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    def get(self, owner: str) -> RequestDraft | None:
        """Return somebody's draft, None when there is none."""
        row = self._sql.one(_GET, {"of_owner": owner})
        return None if row is None else request_draft(row)

    def begin(self, it: RequestDraft) -> RequestDraft:
        """Return the draft somebody has; when they have none, this one is kept."""
        self._sql.run(_BEGIN, {"owner": it.owner, **_values(it)})
        return self.get(it.owner) or it

    def save(self, it: RequestDraft) -> RequestDraft:
        """Store every field of a draft that was begun; return it, one revision on."""
        saved = replace(it, revision=it.revision + 1)
        self._sql.run(_SAVE, {"of_owner": it.owner, **_values(saved)})
        return saved

    def move(self, owner: str, to: str) -> RequestDraft | None:
        """Let a draft be somebody else's: an account has become a person's.

        When both have one, they become one: the newer counts, what only the older
        says stays.

        Returns:
            the draft of ``to``, None when neither had one.
        """
        moved, known = self.get(owner), self.get(to)
        if moved is None or owner == to:
            return known
        if known is None:
            self._sql.run(_MOVE, {"of_owner": owner, "new_owner": to})
            return replace(moved, owner=to)
        self.drop(owner)
        return self.save(_merged(moved, known, to))

    def drop(self, owner: str) -> bool:
        """Forget a draft; False when there was none."""
        return self._sql.run(_DROP, {"of_owner": owner}) == 1

    def drop_old(self, before: datetime) -> int:
        """Forget what nobody went on with since then; return how many there were."""
        return self._sql.run(_DROP_OLD, {"before": before})


def _merged(one: RequestDraft, other: RequestDraft, owner: str) -> RequestDraft:
    older, newer = sorted((one, other), key=lambda it: it.updated_at)
    files = {each.blob: each for each in (*older.files, *newer.files)}
    return replace(
        newer,
        owner=owner,
        texts={**older.texts, **newer.texts},
        files=tuple(files.values()),
        revision=max(older.revision, newer.revision),
    )


def request_draft(row: Any) -> RequestDraft:
    """Return one from all columns of its row."""
    return RequestDraft(
        owner=row.owner,
        key=row.key,
        updated_at=row.updated_at,
        texts=decode(row.answers),
        step=row.step,
        files=tuple(RequestFile(**each) for each in decode(row.files)),
        revision=row.revision,
        memory=decode(row.memory),
    )


def _values(it: RequestDraft) -> dict[str, object]:
    return {
        "key": it.key,
        "answers": encode(it.texts),
        "step": it.step,
        "files": encode(it.files),
        "updated_at": it.updated_at,
        "revision": it.revision,
        "memory": encode(it.memory),
    }
