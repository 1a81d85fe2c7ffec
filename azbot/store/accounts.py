"""Accounts of the people of the desk, and the sessions they opened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert, or_, select, update

from azbot.messages import PersonId
from azbot.store.codec import decode, encode
from azbot.store.schema import UtcDateTime, accounts, sessions
from azbot.store.sql import Sql
from azbot.workflow.model import Role


@dataclass(frozen=True, slots=True)
class Account:
    """The key of one person of the desk to the pages.

    Attributes:
        role: ``AGENT`` or ``ADMIN``.
        password: argon2id hash, empty while none was chosen.
        totp_secret: base32, empty while no second factor is asked.
        totp_step: the newest step a code was taken for.
        preferences: small choices of the pages: language, shortcuts.
        disabled_at: from then on nobody signs in with it.
    """

    person: PersonId
    role: Role
    created_at: datetime
    password: str = field(default="", repr=False)
    totp_secret: str = field(default="", repr=False)
    totp_step: int = 0
    preferences: Mapping[str, object] = field(default_factory=dict)
    disabled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """One browser somebody signed in with; its secret is never stored.

    Attributes:
        hash: SHA-256 of the secret, 64 hexadecimal digits.
        client: what the browser says of itself.
        address: where it signed in from.
    """

    hash: str
    person: PersonId
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    client: str = ""
    address: str = ""
    revoked_at: datetime | None = None

    def is_alive(self, now: datetime) -> bool:
        """Whether it still opens anything."""
        return self.revoked_at is None and now < self.expires_at


_AT = bindparam("at", type_=UtcDateTime)
_ACCOUNT = {c.name: bindparam(c.name, type_=c.type) for c in accounts.c}
_ADD_ACCOUNT = insert(accounts).values(_ACCOUNT)
_SAVE_ACCOUNT = (
    update(accounts)
    .where(accounts.c.person_id == bindparam("key"))
    .values({name: bound for name, bound in _ACCOUNT.items() if name != "person_id"})
)
# Whoever is about to store every field of it holds the row until the commit.
_GET_ACCOUNT = (
    select(accounts).where(accounts.c.person_id == bindparam("key")).with_for_update()
)
_TAKE_STEP = (
    update(accounts)
    .where(
        accounts.c.person_id == bindparam("key"),
        accounts.c.totp_step < bindparam("step"),
    )
    .values(totp_step=bindparam("step"))
)
_ACCOUNTS = select(accounts).order_by(accounts.c.person_id)


class Accounts:
    """The accounts, inside one unit of work."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    def get(self, person: PersonId) -> Account | None:
        """Return somebody's account, None when they have none."""
        row = self._sql.one(_GET_ACCOUNT, {"key": person})
        return None if row is None else account(row)

    def put(self, it: Account) -> None:
        """Add an account, or store every field of a known one."""
        row = _account_row(it)
        if self._sql.run(_SAVE_ACCOUNT, {**row, "key": it.person}) == 0:
            self._sql.run(_ADD_ACCOUNT, row)

    def take_step(self, person: PersonId, step: int) -> bool:
        """Use a code of the second factor up; False when it was used before."""
        return self._sql.run(_TAKE_STEP, {"key": person, "step": step}) == 1

    def all(self) -> list[Account]:
        """Return every account, disabled ones included."""
        return [account(row) for row in self._sql.all(_ACCOUNTS)]


def account(row: Any) -> Account:
    """Return an account from all columns of its row."""
    return Account(
        person=PersonId(row.person_id),
        role=Role(row.role),
        created_at=row.created_at,
        password=row.password,
        totp_secret=row.totp_secret,
        totp_step=row.totp_step,
        preferences=decode(row.preferences),
        disabled_at=row.disabled_at,
    )


def _account_row(it: Account) -> dict[str, Any]:
    return {
        "person_id": it.person,
        "role": it.role.value,
        "password": it.password,
        "totp_secret": it.totp_secret,
        "totp_step": it.totp_step,
        "preferences": encode(it.preferences),
        "created_at": it.created_at,
        "disabled_at": it.disabled_at,
    }


_ADD_SESSION = insert(sessions).values(
    {c.name: bindparam(c.name, type_=c.type) for c in sessions.c}
)
_GET_SESSION = select(sessions).where(sessions.c.hash == bindparam("key"))
_OF_PERSON = (
    select(sessions)
    .where(sessions.c.person_id == bindparam("person"))
    .order_by(sessions.c.created_at.desc())
)
_SEEN = (
    update(sessions)
    .where(sessions.c.hash == bindparam("key"))
    .values(seen_at=_AT, expires_at=bindparam("until", type_=UtcDateTime))
)
_REVOKE = (
    update(sessions)
    .where(sessions.c.hash == bindparam("key"), sessions.c.revoked_at.is_(None))
    .values(revoked_at=_AT)
)
_REVOKE_ALL = (
    update(sessions)
    .where(
        sessions.c.person_id == bindparam("person"),
        sessions.c.revoked_at.is_(None),
        sessions.c.hash != bindparam("but"),
    )
    .values(revoked_at=_AT)
)
_PURGE = delete(sessions).where(
    or_(sessions.c.expires_at < _AT, sessions.c.revoked_at < _AT)
)


class Sessions:
    """The sessions, inside one unit of work."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    def add(self, it: Session) -> None:
        """Open a session.

        Raises:
            Conflict: the hash is taken.
        """
        self._sql.run(
            _ADD_SESSION,
            {
                "hash": it.hash,
                "person_id": it.person,
                "created_at": it.created_at,
                "seen_at": it.seen_at,
                "expires_at": it.expires_at,
                "client": it.client.replace("\x00", "")[:300],
                "address": it.address,
                "revoked_at": it.revoked_at,
            },
        )

    def get(self, key: str) -> Session | None:
        """Return the session of a hash, ended ones included; None: never opened."""
        row = self._sql.one(_GET_SESSION, {"key": key})
        return None if row is None else session(row)

    def of(self, person: PersonId) -> list[Session]:
        """Return somebody's sessions, newest first, ended ones included."""
        return [session(row) for row in self._sql.all(_OF_PERSON, {"person": person})]

    def seen(self, key: str, at: datetime, until: datetime) -> None:
        """Note that a session was used, and let it live until then."""
        self._sql.run(_SEEN, {"key": key, "at": at, "until": until})

    def revoke(self, key: str, at: datetime) -> bool:
        """End a session for ever; False when it is unknown or ended."""
        return self._sql.run(_REVOKE, {"key": key, "at": at}) == 1

    def revoke_all(self, person: PersonId, at: datetime, *, but: str = "") -> int:
        """End all sessions of somebody, save one; return how many ended."""
        return self._sql.run(_REVOKE_ALL, {"person": person, "at": at, "but": but})

    def purge(self, before: datetime) -> int:
        """Forget those that ended before an instant; return how many."""
        return self._sql.run(_PURGE, {"at": before})


def session(row: Any) -> Session:
    """Return a session from all columns of its row."""
    return Session(
        hash=row.hash,
        person=PersonId(row.person_id),
        created_at=row.created_at,
        seen_at=row.seen_at,
        expires_at=row.expires_at,
        client=row.client,
        address=row.address,
        revoked_at=row.revoked_at,
    )
