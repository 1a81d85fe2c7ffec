"""Six digits sent to an address: who types them reads its mail.

A code belongs to where it was asked for. A browser or a chat keeps a secret, the mail
brings the digits, the store keeps a hash of both and of the address: digits read in
somebody else's mailbox, or in the database, open nothing by themselves.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from azbot.desk import Desk
from azbot.identity.throttling import LETTERS, Scope, admit, person_scope
from azbot.messages import PersonId
from azbot.store import NewPerson, Person, PersonKind, UnitOfWork
from azbot.store.proofs import Proof, ProofKind
from azbot.workflow.decision import Audience, Notice, NoticeKind

LASTS = timedelta(minutes=10)
DIGITS = 6


@dataclass(frozen=True, slots=True)
class Asked:
    """A code that somebody asked for.

    Attributes:
        secret: the half of the proof that no mail carries.
        address: where the other half went.
    """

    secret: str
    address: str

    def hash(self, code: str) -> str:
        """Return what the store keeps of the code: 64 hexadecimal digits."""
        whole = "\n".join(("code", self.secret, self.address.casefold(), code))
        return hashlib.sha256(whole.encode(errors="replace")).hexdigest()


def ask(address: str) -> Asked:
    """Return a fresh wish for a code, with a secret nobody ever had."""
    return Asked(secrets.token_urlsafe(32), address)


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
        it: which address, and for which browser or chat.
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
    kept = it.hash(code if is_good else secrets.token_urlsafe(32))
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


def prove(
    uow: UnitOfWork, it: Asked, code: str, now: datetime, *, language: str
) -> Person | None:
    """Use a code up and return whose address it proves; None: it proves nothing.

    A stranger becomes a client; who is known by their main address has proved to own
    it.

    Args:
        uow: the unit of work.
        it: what was asked for.
        code: the digits as ``typed`` gives them.
        now: the present.
        language: of a stranger.
    """
    if uow.proofs.use(it.hash(code), ProofKind.CODE, now) is None:
        return None
    known = uow.people.by_address(it.address)
    if not may_hold(uow, it.address, known):
        return None
    if known is None:
        return uow.people.add(
            NewPerson(
                PersonKind.CLIENT, (it.address,), language=language, is_verified=True
            )
        )
    return verified(uow, known, it.address)


def verified(uow: UnitOfWork, person: Person, address: str) -> Person:
    """Return somebody who proved to read the mail of an address of theirs."""
    is_main = person.address.casefold() == address.casefold()
    if not is_main or person.is_verified:
        return person
    return uow.people.update(replace(person, is_verified=True))


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
