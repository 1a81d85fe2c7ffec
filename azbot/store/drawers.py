"""Small things kept by name: answers given, keys of the API, settings, known files."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Select,
    bindparam,
    delete,
    func,
    insert,
    select,
    text,
    update,
)

from azbot.errors import NotFound
from azbot.messages import PersonId
from azbot.store.codec import decode, encode
from azbot.store.records import ApiToken, TokenId
from azbot.store.schema import UtcDateTime, api_tokens, idempotency, seen_files
from azbot.store.schema import settings as settings_table
from azbot.store.sql import Sql
from azbot.tokens import Keyring

_AT = bindparam("at", type_=UtcDateTime)
_ANSWERED = select(idempotency.c.response).where(
    idempotency.c.scope == bindparam("scope"), idempotency.c.key == bindparam("key")
)
_ANSWER = insert(idempotency).values(
    {c.name: bindparam(c.name, type_=c.type) for c in idempotency.c}
)
_FORGET = delete(idempotency).where(idempotency.c.at < _AT)


class Idempotency:
    """Answers already given to a key (ux.md X19), inside one unit of work."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    def find(self, scope: str, key: str) -> Mapping[str, object] | None:
        """Return the answer given before, None for a new key.

        Args:
            scope: whose keys these are: a token's name, a page.
            key: as the caller chose it.
        """
        response = self._sql.value(_ANSWERED, {"scope": scope, "key": key})
        return None if response is None else decode(response)

    def remember(
        self, scope: str, key: str, response: Mapping[str, object], at: datetime
    ) -> None:
        """Keep the answer, in the unit of work that it tells of.

        Raises:
            Conflict: the key was answered meanwhile: roll back, ``find`` it.
        """
        row = {"scope": scope, "key": key, "response": encode(response), "at": at}
        self._sql.run(_ANSWER, row)

    def purge(self, before: datetime) -> int:
        """Forget answers given before an instant; return how many."""
        return self._sql.run(_FORGET, {"at": before})


_TOKEN = (
    api_tokens.c.id, api_tokens.c.name, api_tokens.c.role, api_tokens.c.person_id,
    api_tokens.c.created_at, api_tokens.c.revoked_at,
)  # fmt: skip
_ADD_TOKEN = (
    insert(api_tokens)
    .values(
        {
            name: bindparam(name, type_=api_tokens.c[name].type)
            for name in ("name", "role", "hash", "person_id", "created_at")
        }
    )
    .returning(*_TOKEN)
)
_BY_HASH = select(*_TOKEN).where(
    api_tokens.c.hash == bindparam("hash"), api_tokens.c.revoked_at.is_(None)
)
_TOKENS = select(*_TOKEN).order_by(api_tokens.c.id)
_REVOKE = (
    update(api_tokens)
    .where(api_tokens.c.id == bindparam("key"), api_tokens.c.revoked_at.is_(None))
    .values(revoked_at=_AT)
)


class ApiTokens:
    """Keys to the REST API, inside one unit of work."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    def add(
        self,
        name: str,
        role: str,
        token_hash: str,
        person: PersonId | None,
        at: datetime,
    ) -> ApiToken:
        """Add a key.

        Args:
            name: unique, for people.
            role: what it may do.
            token_hash: SHA-256 of the secret, 64 hexadecimal digits.
            person: in whose name it acts, None for a machine.
            at: now.

        Raises:
            Conflict: the name or the hash is taken.
        """
        row = {
            "name": name,
            "role": role,
            "hash": token_hash,
            "person_id": person,
            "created_at": at,
        }
        added = self._sql.one(_ADD_TOKEN, row)
        if added is None:
            raise NotFound("token", name)
        return _token(added)

    def by_hash(self, token_hash: str) -> ApiToken | None:
        """Return the key of this hash, None when unknown or revoked."""
        row = self._sql.one(_BY_HASH, {"hash": token_hash})
        return None if row is None else _token(row)

    def revoke(self, key: TokenId, at: datetime) -> bool:
        """End a key for ever; False when it is unknown or ended."""
        return self._sql.run(_REVOKE, {"key": key, "at": at}) == 1

    def all(self) -> list[ApiToken]:
        """Return every key, revoked ones included, oldest first."""
        return [_token(row) for row in self._sql.all(_TOKENS)]


_GET = select(settings_table.c.value).where(settings_table.c.name == bindparam("name"))
_PUT = text(
    "INSERT INTO settings (name, value) VALUES (:name, :value)"
    " ON CONFLICT (name) DO UPDATE SET value = excluded.value"
)
_DROP = delete(settings_table).where(settings_table.c.name == bindparam("name"))
_PUT_FIRST = text(
    "INSERT INTO settings (name, value) VALUES (:name, :value)"
    " ON CONFLICT (name) DO NOTHING"
)


def settings_below(prefix: str) -> Select[Any]:
    """Return the query for every value whose name begins so.

    Not ``LIKE``, whose idea of case differs; not a range, whose order is the
    database's own.
    """
    begins = func.substr(settings_table.c.name, 1, len(prefix)) == prefix
    return select(settings_table.c.name, settings_table.c.value).where(begins)


INSTANCE = "instance_id"
"""Name of the value that names an installation."""


class Settings:
    """What is kept by name, inside one unit of work."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    def get(self, name: str) -> str | None:
        """Return a value, None when it was never set."""
        value: str | None = self._sql.value(_GET, {"name": name})
        return value

    def put(self, name: str, value: str) -> None:
        """Set a value."""
        self._sql.run(_PUT, {"name": name, "value": value})

    def drop(self, name: str) -> bool:
        """Forget a value; False when it was never set."""
        return self._sql.run(_DROP, {"name": name}) == 1

    def below(self, prefix: str) -> dict[str, str]:
        """Return every value whose name begins so, by the rest of the name."""
        rows = self._sql.all(settings_below(prefix))
        return {row.name.removeprefix(prefix): row.value for row in rows}

    def first(self, name: str, value: str) -> str:
        """Set a value unless somebody was faster; return the one that counts."""
        self._sql.run(_PUT_FIRST, {"name": name, "value": value})
        return self.get(name) or value

    def instance_id(self) -> str:
        """Return the name of this installation: 16 hexadecimal digits, for ever."""
        return self.first(INSTANCE, secrets.token_hex(8))

    def keyring(self) -> Keyring:
        """Return the signing keys; the first is made at the first call."""
        fresh = encode([["1", secrets.token_hex(32)]])
        return _keyring(self.first("keyring", fresh))

    def rotate_keyring(self, keep: int = 3) -> Keyring:
        """Sign with a new key from now on; older ones still verify.

        Args:
            keep: how many keys stay, the new one included.
        """
        old = self.keyring().keys
        newest = secrets.token_bytes(32)
        number = max(int(key_id, 36) for key_id, _ in old) % 36**4 + 1
        keys = ((_digits36(number), newest), *old)[:keep]
        self.put("keyring", encode([[name, key.hex()] for name, key in keys]))
        return Keyring(keys)


def _keyring(value: str) -> Keyring:
    return Keyring(tuple((name, bytes.fromhex(key)) for name, key in decode(value)))


def _digits36(number: int) -> str:
    digits = ""
    while number:
        number, rest = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[rest] + digits
    return digits


_KNOWN = select(seen_files.c.sha256).where(
    seen_files.c.scope == bindparam("scope"), seen_files.c.sha256 == bindparam("sha256")
)
_SEE = text(
    "INSERT INTO seen_files (scope, sha256) VALUES (:scope, :sha256)"
    " ON CONFLICT (scope, sha256) DO NOTHING"
)


class SeenFiles:
    """Pictures met before: a logo in a signature is no document."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    def known_inline(self, sha256: str, scope: str) -> bool:
        """Whether this file came before in this scope.

        Args:
            sha256: of its content.
            scope: ``person:12`` or ``domain:example.org``.
        """
        return self._sql.value(_KNOWN, {"scope": scope, "sha256": sha256}) is not None

    def remember(self, sha256: str, scope: str) -> None:
        """Note that this file came."""
        self._sql.run(_SEE, {"scope": scope, "sha256": sha256})


def _token(row: Any) -> ApiToken:
    return ApiToken(
        id=TokenId(row.id),
        name=row.name,
        role=row.role,
        person=None if row.person_id is None else PersonId(row.person_id),
        created_at=row.created_at,
        revoked_at=row.revoked_at,
    )
