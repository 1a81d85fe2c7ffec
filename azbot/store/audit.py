"""What administrators changed, who, when, and what it was before (ux.md A20)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, insert, select

from azbot.messages import PersonId
from azbot.store.codec import encode
from azbot.store.schema import audit as table
from azbot.store.sql import Sql
from azbot.workflow.model import Actor


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One change.

    Attributes:
        actor: the name of whoever did it, as it was then.
        what: the kind of change, ``station.changed``; its words are in the catalogue.
        subject: what was changed, as people name it.
        before, after: JSON values; None where there was or is nothing.
    """

    id: int
    at: datetime
    person: PersonId | None
    actor: str
    what: str
    subject: str
    before: object
    after: object


_ADD = (
    insert(table)
    .values(
        {c.name: bindparam(c.name, type_=c.type) for c in table.c if c.name != "id"}
    )
    .returning(table.c.id)
)


class Audit:
    """The log of changes, inside the unit of work that makes them."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    def add(
        self,
        actor: Actor,
        at: datetime,
        what: str,
        subject: str = "",
        *,
        before: object = None,
        after: object = None,
    ) -> int:
        """Note a change; return the number of its line.

        Args:
            actor: who makes it.
            at: now.
            what: the kind of change, at most 40 characters.
            subject: what is changed.
            before: what it was, JSON-like; never a secret.
            after: what it is now; never a secret.
        """
        row = {
            "at": at,
            "person_id": actor.person,
            "actor": actor.name.replace("\x00", ""),
            "what": what,
            "subject": subject.replace("\x00", ""),
            "before": encode(before),
            "after": encode(after),
        }
        return int(self._sql.value(_ADD, row))


def audit_page(
    whats: Sequence[str], person: PersonId | None, before: int | None, limit: int
) -> Select[Any]:
    """Return the query for one page of the log, newest first."""
    query = select(table).order_by(table.c.id.desc()).limit(limit)
    if whats:
        query = query.where(table.c.what.in_(whats))
    if person is not None:
        query = query.where(table.c.person_id == person)
    if before is not None:
        query = query.where(table.c.id < before)
    return query


def audit_line(row: Any) -> AuditLine:
    """Return a line from all columns of its row."""
    return AuditLine(
        id=row.id,
        at=row.at,
        person=None if row.person_id is None else PersonId(row.person_id),
        actor=row.actor,
        what=row.what,
        subject=row.subject,
        before=json.loads(row.before),
        after=json.loads(row.after),
    )
