"""What agents have begun to write, by case, on every device (ux.md A9)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import bindparam, delete, select, text

from azbot.messages import BlobId, PersonId
from azbot.store.codec import decode, encode
from azbot.store.schema import reply_drafts as table
from azbot.store.sql import Sql
from azbot.workflow.model import AssistanceId, Hearers


class DraftKind(StrEnum):
    """For whom it is."""

    REPLY = "reply"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class DraftFile:
    """A stored file that will go with it."""

    blob: BlobId
    name: str
    media_type: str
    size: int


@dataclass(frozen=True, slots=True)
class Draft:
    """One text, not sent.

    Attributes:
        to: who would read it, of no meaning for a note; None: it was begun for several
            and an agent says which.
    """

    person: PersonId
    assistance: AssistanceId
    kind: DraftKind
    text: str
    updated_at: datetime
    files: tuple[DraftFile, ...] = ()
    to: Hearers | None = Hearers.CLIENT


_NAMES = (
    "person_id", "assistance_id", "kind", "text", "files", "updated_at", "hearers"
)  # fmt: skip
_PUT = text(
    f"INSERT INTO reply_drafts ({', '.join(_NAMES)})"  # noqa: S608 - our own names
    f" VALUES ({', '.join(':' + name for name in _NAMES)})"
    " ON CONFLICT (person_id, assistance_id, kind) DO UPDATE SET"
    " text = excluded.text, files = excluded.files, hearers = excluded.hearers,"
    " updated_at = excluded.updated_at"
).bindparams(*(bindparam(name, type_=table.c[name].type) for name in _NAMES))
_THIS = (
    (table.c.person_id == bindparam("person"))
    & (table.c.assistance_id == bindparam("assistance"))
    & (table.c.kind == bindparam("of_kind"))
)
_GET = select(table).where(_THIS)
_DROP = delete(table).where(_THIS)


class Drafts:
    """The drafts, inside one unit of work."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    def put(self, it: Draft) -> None:
        """Keep a draft in the place of the one before; an empty one goes."""
        if not it.text.strip() and not it.files:
            self.drop(it.person, it.assistance, it.kind)
            return
        row = {
            "person_id": it.person,
            "assistance_id": it.assistance,
            "kind": it.kind.value,
            "text": it.text.replace("\x00", ""),
            "files": encode(it.files),
            "updated_at": it.updated_at,
            "hearers": it.to.value if it.to else "",
        }
        self._sql.run(_PUT, row)

    def get(
        self, person: PersonId, assistance: AssistanceId, kind: DraftKind
    ) -> Draft | None:
        """Return somebody's draft, None when there is none."""
        row = self._sql.one(_GET, _key(person, assistance, kind))
        return None if row is None else draft(row)

    def drop(self, person: PersonId, assistance: AssistanceId, kind: DraftKind) -> bool:
        """Forget a draft; False when there was none."""
        return self._sql.run(_DROP, _key(person, assistance, kind)) == 1


def draft(row: Any) -> Draft:
    """Return one from all columns of its row."""
    return Draft(
        person=PersonId(row.person_id),
        assistance=AssistanceId(row.assistance_id),
        kind=DraftKind(row.kind),
        text=row.text,
        updated_at=row.updated_at,
        files=tuple(DraftFile(**each) for each in decode(row.files)),
        to=Hearers(row.hearers) if row.hearers else None,
    )


def _key(
    person: PersonId, assistance: AssistanceId, kind: DraftKind
) -> Mapping[str, object]:
    return {"person": person, "assistance": assistance, "of_kind": kind.value}
