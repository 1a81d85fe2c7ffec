"""Passwords: kept as argon2id, checked in the same time whoever is asked for.

Length is what counts; no mixture of characters is asked. Source: NIST SP 800-63B
§3.1.1.2; RFC 9106 §4 for the parameters.
"""

from __future__ import annotations

import asyncio
import secrets
import unicodedata
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 12
LONGEST = 200
"""Characters; longer ones would be work for us and no gain for anybody."""

_AT_ONCE = 2
"""Each takes 64 MiB while it lasts."""


def hasher() -> PasswordHasher:
    """Return argon2id as RFC 9106 recommends it second: 3 passes, 64 MiB, 4 lanes."""
    return PasswordHasher(time_cost=3, memory_cost=65_536, parallelism=4)


@dataclass(frozen=True, slots=True)
class Check:
    """Whether a password is right, and whether its hash is of an older kind."""

    is_right: bool
    is_outdated: bool = False


class Passwords:
    """Makes and checks hashes, a few at once and never in the loop.

    Args:
        argon2: by default ``hasher()``; tests take a cheap one.
    """

    def __init__(self, argon2: PasswordHasher | None = None) -> None:
        self._argon2 = argon2 or hasher()
        self._gate = asyncio.Semaphore(_AT_ONCE)
        self._nobodys = _nobodys_hash(self._argon2)

    async def hashed(self, plain: str) -> str:
        """Return what the store keeps of a password."""
        async with self._gate:
            return await asyncio.to_thread(self.hashed_now, plain)

    async def check(self, stored: str, plain: str) -> Check:
        """Compare a password with what is stored.

        Args:
            stored: from ``hashed``; empty for somebody who has no account, which
                takes as long and is never right.
            plain: as it was typed.
        """
        async with self._gate:
            return await asyncio.to_thread(self._check, stored, plain)

    def hashed_now(self, plain: str) -> str:
        """Return what the store keeps; for whoever has no loop to wait in."""
        return self._argon2.hash(_normal(plain))

    def _check(self, stored: str, plain: str) -> Check:
        try:
            self._argon2.verify(stored or self._nobodys, _normal(plain))
        except (VerificationError, InvalidHashError):
            return Check(is_right=False)
        if not stored:
            return Check(is_right=False)
        outdated = self._argon2.check_needs_rehash(stored)
        return Check(is_right=True, is_outdated=outdated)


def _nobodys_hash(argon2: PasswordHasher) -> str:
    """Return a hash of no password at all, as much work to check as any other."""
    salt, digest = (
        b64encode(secrets.token_bytes(length)).decode().rstrip("=")
        for length in (argon2.salt_len, argon2.hash_len)
    )
    cost = f"m={argon2.memory_cost},t={argon2.time_cost},p={argon2.parallelism}"
    return f"$argon2id$v=19${cost}${salt}${digest}"


def fault_of(plain: str, name: str, addresses: Sequence[str]) -> str | None:
    """Return why a password cannot be taken, None when it can.

    Args:
        plain: as it was typed.
        name: of whoever chooses it.
        addresses: theirs.

    Returns:
        ``too_short``, ``too_long``, ``near`` (their own name or address) or
        ``obvious``; words under ``signin.error.password_…``.
    """
    normal = _normal(plain)
    if len(normal) < SHORTEST:
        return "too_short"
    if len(normal) > LONGEST:
        return "too_long"
    bare = _bare(normal)
    own = {_bare(name), *(_bare(each) for each in addresses)}
    own |= {_bare(each.partition("@")[0]) for each in addresses}
    # « camilledurand2026 » is the name and a little; five characters are a little.
    if any(
        len(each) > 5 and each in bare and len(bare) - len(each) < 6 for each in own
    ):
        return "near"
    return "obvious" if _is_obvious(bare) else None


_OBVIOUS = frozenset(
    {
        "motdepasse", "monmotdepasse", "lemotdepasse", "password", "mypassword",
        "passwordpassword", "contrasena", "micontrasena", "administrateur",
        "administrator", "administrador", "bienvenue", "welcome", "bienvenido",
        "supporttechnique", "technicalsupport", "soportetecnico", "azbot", "azbotazbot",
        "azerty", "azertyuiop", "qwerty", "qwertyuiop", "qwertyazerty", "letmein",
        "iloveyou", "jetaime", "changeme", "changezmoi", "secret", "soleil",
    }
)  # fmt: skip
_ROWS = (
    "0123456789012345678901234567890",
    "1234567890123456789012345678901234567890",
    "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz",
    "azertyuiopqsdfghjklmwxcvbn",
    "qwertyuiopasdfghjklzxcvbnm",
)


def _is_obvious(bare: str) -> bool:
    word = bare.strip("0123456789")
    if not bare or word in _OBVIOUS:
        return True
    if any(bare in row or bare in row[::-1] for row in _ROWS):
        return True
    # « aaaaaaaaaaaa », « abcabcabcabc »: one short piece again and again.
    return any(bare == (bare[:n] * len(bare))[: len(bare)] for n in range(1, 5))


def _bare(text: str) -> str:
    """Return the letters and digits alone, without accents and capitals."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in folded if char.isalnum())


def _normal(plain: str) -> str:
    """Return the same characters however a keyboard put them together."""
    return unicodedata.normalize("NFKC", plain)
