"""Passkeys: keys that stay in devices, and the challenges they answer.

A key is discoverable and asks its owner for finger, face or code: it is two factors
at once, so no other code is asked for. A challenge is kept by us, as its hash, and
one answer uses it up.
"""

from __future__ import annotations

import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from azbot.channels.web.staff import secret_hash
from azbot.errors import AzbotError
from azbot.messages import PersonId
from azbot.store import UnitOfWork
from azbot.store.proofs import Proof, ProofKind

CHALLENGE_FOR = timedelta(minutes=5)


class PasskeyRefused(AzbotError):
    """What a browser sent is no key, or not one for us."""


@dataclass(frozen=True, slots=True)
class Registered:
    """The public half of a new key."""

    credential: str
    public_key: bytes
    sign_count: int


def new_challenge(uow: UnitOfWork, person: PersonId | None, now: datetime) -> bytes:
    """Return 256 random bits that one answer may use.

    Args:
        uow: remembers their hash.
        person: for whom a key is registered; None when anybody may sign in.
        now: the present.
    """
    challenge = secrets.token_bytes(32)
    key = secret_hash(urlsafe_b64encode(challenge).decode().rstrip("="))
    uow.proofs.add(Proof(key, ProofKind.PASSKEY, person, now + CHALLENGE_FOR))
    return challenge


def challenge_of(credential: Mapping[str, Any]) -> str:
    """Return which challenge a browser answers, base64url.

    Raises:
        PasskeyRefused: it answers none.
    """
    try:
        text = str(credential["response"]["clientDataJSON"])
        client = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        challenge = client["challenge"]
    except (KeyError, TypeError, ValueError) as error:
        raise PasskeyRefused("no challenge") from error
    if not isinstance(challenge, str):
        raise PasskeyRefused("no challenge")
    return challenge


def use_challenge(
    uow: UnitOfWork, challenge: str, person: PersonId | None, now: datetime
) -> bool:
    """Use a challenge up; False when it is not ours, used, too old or another's."""
    used = uow.proofs.use(secret_hash(challenge), ProofKind.PASSKEY, now)
    return used is not None and used.person == person
