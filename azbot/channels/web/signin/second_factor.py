"""The second factor: codes of a telephone (RFC 6238), and codes on paper.

Recovery codes are ``proofs`` like links in mails: kept as hashes, each good once, by
the same statement. They have 80 random bits, so nothing is gained by hashing slowly.
"""

from __future__ import annotations

import base64
import hmac
import re
import secrets
from datetime import datetime, timedelta

from azbot.channels.web.staff import secret_hash
from azbot.messages import PersonId
from azbot.store import UnitOfWork
from azbot.store.accounts import Account
from azbot.store.proofs import Proof, ProofKind

STEP = 30
"""Seconds one code is shown."""
RECOVERY_CODES = 10

_SECRET = re.compile(r"[A-Z2-7]{32}")
_FOREVER = timedelta(days=36_500)


def new_totp_secret() -> str:
    """Return 160 random bits as a telephone reads them: 32 characters of base32."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def is_totp_secret(text: str) -> bool:
    """Whether a text has the shape of ``new_totp_secret``."""
    return _SECRET.fullmatch(text) is not None


def provisioning(secret: str, address: str, desk: str) -> str:
    """Return what the QR code says: ``otpauth://totp/…``.

    Args:
        secret: base32.
        address: of the account, shown on the telephone.
        desk: its name, shown above the address.
    """
    from pyotp import TOTP  # noqa: PLC0415 - only here

    # A colon would end the issuer's name in the label.
    issuer = desk.replace(":", " ")
    return TOTP(secret).provisioning_uri(name=address, issuer_name=issuer)


def grouped(secret: str) -> str:
    """Return a secret as people type it: groups of four."""
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))


def step_of(secret: str, code: str, now: datetime) -> int | None:
    """Return the step a code belongs to, None for a wrong one.

    The step before and the one after count too: clocks differ, people are slow
    (RFC 6238 §5.2). Whoever takes a code makes sure its step is used once.
    """
    from pyotp import TOTP  # noqa: PLC0415 - 20 ms nobody else needs

    digits = re.sub(r"\s", "", code)
    if not (digits.isascii() and digits.isdigit() and len(digits) == 6):
        return None
    totp, present = TOTP(secret), int(now.timestamp()) // STEP
    found = None
    for step in (present - 1, present, present + 1):
        if hmac.compare_digest(totp.at(step * STEP), digits):
            found = step
    return found


def new_recovery_codes(uow: UnitOfWork, person: PersonId, now: datetime) -> list[str]:
    """Make ten codes in place of any older ones; they are shown this once.

    Returns:
        ``abcd-efgh-ijkl-mnop``, small letters and the digits 2 to 7.
    """
    uow.proofs.drop(person, ProofKind.RECOVERY)
    codes = [_recovery_code() for _ in range(RECOVERY_CODES)]
    for code in codes:
        key = _recovery_hash(code)
        uow.proofs.add(Proof(key, ProofKind.RECOVERY, person, now + _FOREVER))
    return codes


def take_code(uow: UnitOfWork, account: Account, code: str, now: datetime) -> bool:
    """Use a code of the telephone or of the paper up; False when it is wrong."""
    step = step_of(account.totp_secret, code, now)
    if step is not None:
        return uow.accounts.take_step(account.person, step)
    key, kind = _recovery_hash(code), ProofKind.RECOVERY
    found = uow.proofs.find(key, kind, now)
    if found is None or found.person != account.person:
        return False
    return uow.proofs.use(key, kind, now) is not None


def _recovery_code() -> str:
    text = base64.b32encode(secrets.token_bytes(10)).decode().lower()
    return "-".join(text[at : at + 4] for at in range(0, 16, 4))


def _recovery_hash(code: str) -> str:
    # As read from paper: without dashes or with spaces, in capitals or not.
    return secret_hash(re.sub(r"[\s-]", "", code).lower())
