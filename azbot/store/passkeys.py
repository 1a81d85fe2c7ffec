"""Passkeys: keys of people that stay in their devices (W3C WebAuthn)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update

from azbot.messages import PersonId
from azbot.store.schema import UtcDateTime, passkeys
from azbot.store.sql import Sql


@dataclass(frozen=True, slots=True)
class Passkey:
    """The public half of one key.

    Attributes:
        id: 0 for one that is not stored yet.
        credential: its name at the authenticator, base64url.
        public_key: COSE.
        sign_count: as the authenticator last counted; 0 where it does not.
        name: as its owner calls it.
    """

    id: int
    person: PersonId
    credential: str
    public_key: bytes
    sign_count: int
    name: str
    created_at: datetime
    used_at: datetime | None = None


_ADD = insert(passkeys).values(
    {c.name: bindparam(c.name, type_=c.type) for c in passkeys.c if c.name != "id"}
)
_BY_CREDENTIAL = (
    select(passkeys)
    .where(passkeys.c.credential_id == bindparam("credential"))
    .with_for_update()
)
_OF_PERSON = (
    select(passkeys)
    .where(passkeys.c.person_id == bindparam("person"))
    .order_by(passkeys.c.id)
)
_USED = (
    update(passkeys)
    .where(passkeys.c.id == bindparam("key"))
    .values(sign_count=bindparam("count"), used_at=bindparam("at", type_=UtcDateTime))
)
_DROP = delete(passkeys).where(
    passkeys.c.id == bindparam("key"), passkeys.c.person_id == bindparam("person")
)
_DROP_ALL = delete(passkeys).where(passkeys.c.person_id == bindparam("person"))


class Passkeys:
    """The passkeys, inside one unit of work."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    def add(self, it: Passkey) -> None:
        """Keep a new one.

        Raises:
            Conflict: the credential is known.
        """
        self._sql.run(
            _ADD,
            {
                "person_id": it.person,
                "credential_id": it.credential,
                "public_key": it.public_key,
                "sign_count": it.sign_count,
                "name": it.name.replace("\x00", ""),
                "created_at": it.created_at,
                "used_at": it.used_at,
            },
        )

    def by_credential(self, credential: str) -> Passkey | None:
        """Return the key of this name, None for a stranger's."""
        row = self._sql.one(_BY_CREDENTIAL, {"credential": credential})
        return None if row is None else passkey(row)

    def of(self, person: PersonId) -> list[Passkey]:
        """Return somebody's keys, oldest first."""
        return [passkey(row) for row in self._sql.all(_OF_PERSON, {"person": person})]

    def used(self, key: int, sign_count: int, at: datetime) -> None:
        """Note that a key was used."""
        self._sql.run(_USED, {"key": key, "count": sign_count, "at": at})

    def drop(self, person: PersonId, key: int) -> bool:
        """Forget one key of somebody; False when they have none of this number."""
        return self._sql.run(_DROP, {"key": key, "person": person}) == 1

    def drop_all(self, person: PersonId) -> int:
        """Forget every key of somebody; return how many."""
        return self._sql.run(_DROP_ALL, {"person": person})


def passkey(row: Any) -> Passkey:
    """Return a key from all columns of its row."""
    return Passkey(
        id=row.id,
        person=PersonId(row.person_id),
        credential=row.credential_id,
        public_key=bytes(row.public_key),
        sign_count=row.sign_count,
        name=row.name,
        created_at=row.created_at,
        used_at=row.used_at,
    )
