"""Secrets that serve once and not for long: links, challenges, codes.

The store knows their SHA-256 alone: whoever reads the database cannot use one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, select, text, update

from azbot.messages import PersonId
from azbot.store.schema import UtcDateTime, proofs
from azbot.store.sql import Sql


class ProofKind(StrEnum):
    """What a secret is good for."""

    INVITATION = "invitation"
    PASSWORD = "password"  # noqa: S105 - a link to choose one
    SECOND = "second"
    """The password was right, the code of the second factor is still to come."""
    PASSKEY = "passkey"
    RECOVERY = "recovery"
    """One of the codes on paper, for who lost their telephone."""
    CODE = "code"
    """Six digits by mail, with the half their browser has: a visitor comes in."""
    CHAT = "chat"
    """What a page gives to begin a chat with, to make its account somebody's."""
    START = "start"
    """The same from a mail: it was signed, and is kept only once it was used."""
    ADDRESS = "address"
    """The same, sent to an address that somebody wants to make theirs."""


@dataclass(frozen=True, slots=True)
class Proof:
    """One secret, which only its owner knows.

    Attributes:
        hash: SHA-256 of the secret, 64 hexadecimal digits.
        person: whose it is; None for the challenge of somebody unknown as yet.
    """

    hash: str
    kind: ProofKind
    person: PersonId | None
    expires_at: datetime
    used_at: datetime | None = None


_AT = bindparam("at", type_=UtcDateTime)
_ADD = insert(proofs).values(
    {c.name: bindparam(c.name, type_=c.type) for c in proofs.c}
)
_SPEND = text(
    "INSERT INTO proofs (hash, purpose, person_id, expires_at, used_at)"
    " VALUES (:hash, :purpose, :person_id, :expires_at, :used_at)"
    " ON CONFLICT (hash) DO NOTHING"
).bindparams(*(bindparam(c.name, type_=c.type) for c in proofs.c))
_SPENT_BY = select(proofs.c.person_id).where(
    proofs.c.hash == bindparam("key"), proofs.c.used_at.is_not(None)
)
_ALIVE = (
    proofs.c.purpose == bindparam("kind"),
    proofs.c.used_at.is_(None),
    proofs.c.expires_at > _AT,
)
_FIND = select(proofs).where(proofs.c.hash == bindparam("key"), *_ALIVE)
_USE = (
    update(proofs)
    .where(proofs.c.hash == bindparam("key"), *_ALIVE)
    .values(used_at=_AT)
    .returning(*proofs.c)
)
_COUNT = (
    select(func.count())
    .select_from(proofs)
    .where(proofs.c.person_id == bindparam("person"), *_ALIVE)
)
_DROP = delete(proofs).where(
    proofs.c.person_id == bindparam("person"), proofs.c.purpose == bindparam("kind")
)
_PURGE = delete(proofs).where(proofs.c.expires_at < _AT)


class Proofs:
    """The secrets, inside one unit of work."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    def add(self, it: Proof) -> None:
        """Keep a new one.

        Raises:
            Conflict: the hash is taken.
        """
        self._sql.run(_ADD, _values(it))

    def spend(self, it: Proof, at: datetime) -> bool:
        """Use up a secret that was signed, not kept; False: it was used before."""
        return self._sql.run(_SPEND, {**_values(it), "used_at": at}) == 1

    def spent_by(self, key: str) -> PersonId | None:
        """Return whose secret was used up, None while it was not."""
        owner = self._sql.value(_SPENT_BY, {"key": key})
        return None if owner is None else PersonId(owner)

    def find(self, key: str, kind: ProofKind, at: datetime) -> Proof | None:
        """Return the secret of a hash while it is still good; nothing changes."""
        values = {"key": key, "kind": kind.value, "at": at}
        row = self._sql.one(_FIND, values)
        return None if row is None else _proof(row)

    def use(self, key: str, kind: ProofKind, at: datetime) -> Proof | None:
        """Use a secret up; None when it is unknown, used or too old.

        Of several who try at once one succeeds.
        """
        row = self._sql.one(_USE, {"key": key, "kind": kind.value, "at": at})
        return None if row is None else _proof(row)

    def count(self, person: PersonId, kind: ProofKind, at: datetime) -> int:
        """Return how many of a kind somebody still has."""
        values = {"person": person, "kind": kind.value, "at": at}
        return int(self._sql.value(_COUNT, values) or 0)

    def drop(self, person: PersonId, *kinds: ProofKind) -> None:
        """End every secret of these kinds that somebody has."""
        for kind in kinds:
            self._sql.run(_DROP, {"person": person, "kind": kind.value})

    def purge(self, before: datetime) -> int:
        """Forget those that ended before an instant; return how many."""
        return self._sql.run(_PURGE, {"at": before})


def _values(it: Proof) -> dict[str, object]:
    return {
        "hash": it.hash,
        "purpose": it.kind.value,
        "person_id": it.person,
        "expires_at": it.expires_at,
        "used_at": it.used_at,
    }


def _proof(row: Any) -> Proof:
    return Proof(
        hash=row.hash,
        kind=ProofKind(row.purpose),
        person=None if row.person_id is None else PersonId(row.person_id),
        expires_at=row.expires_at,
        used_at=row.used_at,
    )
