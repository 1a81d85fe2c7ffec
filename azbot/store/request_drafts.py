"""What clients have begun to ask for: one request each, on every device (C5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, select, text, update

from azbot.messages import BlobId, PersonId
from azbot.store.codec import decode, encode
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
        person: whose it is; nobody else sees it.
        key: tells it from those before and after it; 8 to 32 of ``A-Za-z0-9_-``.
        texts: as they were typed, by field key: what cannot be taken yet, too.
        step: where it was left, from 1.
        files: stored files that will go with it.
    """

    person: PersonId
    key: str
    updated_at: datetime
    texts: Mapping[str, str] = field(default_factory=dict)
    step: int = 1
    files: tuple[RequestFile, ...] = ()


_COLUMNS = tuple(column.name for column in table.c)
# Two first letters in two tabs begin one draft: the later waits for the earlier.
_BEGIN = text(
    f"INSERT INTO request_drafts ({', '.join(_COLUMNS)})"  # noqa: S608 - our own names
    f" VALUES ({', '.join(':' + name for name in _COLUMNS)})"
    " ON CONFLICT (person_id) DO NOTHING"
).bindparams(*(bindparam(name, type_=table.c[name].type) for name in _COLUMNS))
_THIS = table.c.person_id == bindparam("person")
# Whoever is about to store every field of it holds the row until the commit.
_GET = select(table).where(_THIS).with_for_update()
_SAVE = (
    update(table)
    .where(_THIS)
    .values(
        {
            name: bindparam(name, type_=table.c[name].type)
            for name in _COLUMNS
            if name != "person_id"
        }
    )
)
_DROP = delete(table).where(_THIS)


class RequestDrafts:
    """The drafts of requests, inside one unit of work."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    def get(self, person: PersonId) -> RequestDraft | None:
        """Return somebody's draft, None when there is none."""
        row = self._sql.one(_GET, {"person": person})
        return None if row is None else request_draft(row)

    def begin(self, it: RequestDraft) -> RequestDraft:
        """Return the draft somebody has; when they have none, this one is kept."""
        self._sql.run(_BEGIN, {"person_id": it.person, **_values(it)})
        return self.get(it.person) or it

    def save(self, it: RequestDraft) -> None:
        """Store every field of a draft that was begun."""
        self._sql.run(_SAVE, {"person": it.person, **_values(it)})

    def drop(self, person: PersonId) -> bool:
        """Forget a draft; False when there was none."""
        return self._sql.run(_DROP, {"person": person}) == 1


def request_draft(row: Any) -> RequestDraft:
    """Return one from all columns of its row."""
    return RequestDraft(
        person=PersonId(row.person_id),
        key=row.key,
        updated_at=row.updated_at,
        texts=decode(row.answers),
        step=row.step,
        files=tuple(RequestFile(**each) for each in decode(row.files)),
    )


def _values(it: RequestDraft) -> dict[str, object]:
    return {
        "key": it.key,
        "answers": encode(it.texts),
        "step": it.step,
        "files": encode(it.files),
        "updated_at": it.updated_at,
    }
