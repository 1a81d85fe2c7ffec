"""Six digits sent to an address: who types them reads its mail.

A code belongs to the browser that asked for it. The browser holds a secret in a
cookie, the mail brings the digits, the store keeps a hash of both and of the address:
digits read in somebody else's mailbox, or in the database, open nothing by themselves.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta

from aiohttp import web

from azbot.channels.web.signin.throttling import LETTERS, Scope, admit, person_scope
from azbot.channels.web.staff import new_secret
from azbot.desk import Desk
from azbot.messages import PersonId
from azbot.store import Person, PersonKind, UnitOfWork
from azbot.store.proofs import Proof, ProofKind
from azbot.workflow.decision import Audience, Notice, NoticeKind

COOKIE = "__Host-azbot-code"
"""What a browser waits for; of this host alone, over HTTPS alone."""

LASTS = timedelta(minutes=10)
DIGITS = 6
_LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Asked:
    """A code that a browser asked for.

    Attributes:
        secret: the half of the proof that no mail carries.
        address: where the other half went.
        onward: where to go afterwards; not believed, see ``onward.of``.
        is_remembered: whether the session shall outlive the browser.
    """

    secret: str
    address: str
    onward: str = ""
    is_remembered: bool = False

    def hash(self, code: str) -> str:
        """Return what the store keeps of the code: 64 hexadecimal digits."""
        whole = "\n".join(("code", self.secret, self.address.casefold(), code))
        return hashlib.sha256(whole.encode(errors="replace")).hexdigest()


def ask(address: str, onward: str = "", *, is_remembered: bool = False) -> Asked:
    """Return a fresh wish for a code, with a secret nobody ever had."""
    return Asked(new_secret(), address, onward, is_remembered)


def asked_by(request: web.Request, name: str = COOKIE) -> Asked | None:
    """Return what a browser waits for; None for nothing, or nothing readable."""
    packed = request.cookies.get(name, "")
    if not packed or len(packed) > _LONGEST:
        return None
    try:
        secret, address, onward, is_remembered = json.loads(urlsafe_b64decode(packed))
    except (ValueError, TypeError):
        return None
    texts = (secret, address, onward)
    if not all(isinstance(each, str) for each in texts) or not secret:
        return None
    return Asked(secret, address, onward, is_remembered is True)


def let_wait(response: web.StreamResponse, it: Asked, name: str = COOKIE) -> None:
    """Let the browser keep its half of the proof while the mail is on its way."""
    told = [it.secret, it.address, it.onward, it.is_remembered]
    response.set_cookie(
        name,
        urlsafe_b64encode(json.dumps(told).encode()).decode(),
        max_age=int(LASTS.total_seconds()),
        path="/",
        secure=True,
        httponly=True,
        samesite="Lax",
    )


def wait_no_more(response: web.StreamResponse, name: str = COOKIE) -> None:
    """Take that half back from the browser."""
    response.del_cookie(name, path="/", secure=True, httponly=True, samesite="Lax")


def typed(text: str) -> str:
    """Return the digits of a code as it was typed or pasted; empty: it is none.

    Spaces and dashes are how mails, telephones and people group digits.
    """
    digits = "".join(each for each in text if not each.isspace() and each not in "-–.")
    is_code = digits.isascii() and digits.isdigit() and len(digits) == DIGITS
    return digits if is_code else ""


def send(
    uow: UnitOfWork,
    desk: Desk,
    it: Asked,
    now: datetime,
    *,
    language: str,
    owner: Person | None = None,
) -> bool:
    """Send a code to an address; False when it had too many of them lately.

    The same is done for every address, known or not: a proof is kept, and a mail
    leaves. Only its reader learns whether it holds a code: people of the desk, and
    who was removed, are told which door is theirs instead.

    Args:
        uow: the unit of work.
        desk: sends the mail.
        it: which address, and for which browser.
        now: the present.
        language: of the mail, unless the address is of somebody whose own is known.
        owner: who takes the address as theirs; None: it is a sign-in.
    """
    letters = Scope(person_scope("codes", it.address).name, LETTERS)
    if isinstance(admit(uow, [letters], now), timedelta):
        return False
    known = uow.people.by_address(it.address)
    code, until = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}", now + LASTS
    is_good = may_hold(uow, it.address, known, owner)
    # Digits that were never mailed: the same work, and nobody can type them.
    kept = it.hash(code if is_good else new_secret())
    kind = ProofKind.CODE if owner is None else ProofKind.ADDRESS
    uow.proofs.add(Proof(kept, kind, owner.id if owner else _id(known), until))
    reader = owner or known
    notice = Notice(
        NoticeKind.ACCESS_CODE,
        Audience.ADDRESS,
        {
            "to": it.address,
            "name": reader.name if reader else "",
            "language": reader.language if reader else language,
            "code": code if is_good else "",
            "until": until.isoformat(),
            "zone": desk.rules.working.zone_name,
        },
        person=_id(reader),
    )
    desk.tell(uow, [notice], None, f"code:{kept[:32]}")
    return True


def may_hold(
    uow: UnitOfWork, address: str, known: Person | None, owner: Person | None = None
) -> bool:
    """Whether a code may make an address somebody's door.

    Args:
        uow: the unit of work.
        address: the address.
        known: whose it is now.
        owner: who wants it; None: whoever reads its mail.
    """
    if known is None:
        return not uow.people.is_removed(address)
    if owner is not None:
        return known.id == owner.id
    return known.kind is not PersonKind.AGENT


def _id(person: Person | None) -> PersonId | None:
    return person.id if person else None
