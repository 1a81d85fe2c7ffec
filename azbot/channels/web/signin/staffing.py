"""The people of the desk and their keys: who is added, invited, let out.

Plain functions over one unit of work, for the command line and the pages of the
administrator alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from azbot.channels.web.staff import new_secret, secret_hash
from azbot.desk import Desk
from azbot.errors import NotFound, Refused
from azbot.messages import PersonId
from azbot.store import NewPerson, Person, PersonKind, UnitOfWork
from azbot.store.accounts import Account
from azbot.store.proofs import Proof, ProofKind
from azbot.workflow.decision import Audience, Notice, NoticeKind
from azbot.workflow.model import Role

INVITED_FOR = timedelta(days=7)
LOST_FOR = timedelta(hours=1)

_LINKS = (ProofKind.INVITATION, ProofKind.PASSWORD)
_HALF_DONE = (*_LINKS, ProofKind.SECOND, ProofKind.PASSKEY)


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of the desk who has an account."""

    person: Person
    account: Account

    @property
    def is_waiting(self) -> bool:
        """Whether they were invited and have not chosen a password yet."""
        return not self.account.password and self.account.disabled_at is None


def members(uow: UnitOfWork) -> list[Member]:
    """Return everybody who has an account, disabled ones included, oldest first."""
    return [Member(uow.people.get(it.person), it) for it in uow.accounts.all()]


def member(uow: UnitOfWork, address: str) -> Member:
    """Return whose address this is.

    Raises:
        NotFound: nobody with an account has it.
    """
    person = uow.people.by_address(address)
    account = uow.accounts.get(person.id) if person else None
    if person is None or account is None:
        raise NotFound("account", address)
    return Member(person, account)


def add(
    uow: UnitOfWork,
    name: str,
    address: str,
    role: Role,
    now: datetime,
    language: str = "fr",
) -> Member:
    """Give somebody an account; a person of the desk who is known keeps their history.

    Raises:
        Refused: ``account_exists``; ``address_of_another``: a client's or station's.
    """
    person = uow.people.by_address(address)
    if person is None:
        new = NewPerson(
            PersonKind.AGENT, (address,), name, language=language, is_verified=True
        )
        person = uow.people.add(new)
    elif person.kind is not PersonKind.AGENT:
        raise Refused("address_of_another", {"address": address})
    elif uow.accounts.get(person.id) is not None:
        raise Refused("account_exists", {"address": address})
    else:
        person = uow.people.update(replace(person, name=name or person.name))
    account = Account(person.id, role, now)
    uow.accounts.put(account)
    return Member(person, account)


def invite(
    uow: UnitOfWork, it: Member, base: str, now: datetime, desk: Desk | None
) -> str:
    """Let somebody choose their first password; return the link, good for 7 days.

    Earlier links of theirs end.

    Args:
        uow: the unit of work.
        it: who is invited.
        base: what links begin with, without a slash at the end.
        now: the present.
        desk: sends the mail; None: whoever calls hands the link over.
    """
    return _link(uow, it, base, now, desk, ProofKind.INVITATION)


def send_lost(
    uow: UnitOfWork, it: Member, base: str, now: datetime, desk: Desk
) -> None:
    """Send the mail that lets somebody choose another password within the hour."""
    _link(uow, it, base, now, desk, ProofKind.PASSWORD)


def _link(
    uow: UnitOfWork,
    it: Member,
    base: str,
    now: datetime,
    desk: Desk | None,
    kind: ProofKind,
) -> str:
    is_invitation = kind is ProofKind.INVITATION
    secret = new_secret()
    until = now + (INVITED_FOR if is_invitation else LOST_FOR)
    uow.proofs.drop(it.person.id, *_LINKS)
    uow.proofs.add(Proof(secret_hash(secret), kind, it.person.id, until))
    link = f"{base}/signin/choose/{secret}"
    if desk is not None:
        notice = Notice(
            NoticeKind.INVITATION if is_invitation else NoticeKind.PASSWORD_LOST,
            Audience.ADDRESS,
            {
                "to": it.person.address,
                "name": it.person.name,
                "language": it.person.language,
                "link": link,
                "until": until.isoformat(),
                "zone": desk.rules.working.zone_name,
            },
            person=it.person.id,
        )
        desk.tell(uow, [notice], None, f"{kind.value}:{secret_hash(secret)[:32]}")
    return link


def disable(uow: UnitOfWork, person: PersonId, now: datetime) -> None:
    """Let nobody sign in with an account any more, and whoever is in, out.

    Raises:
        NotFound: they have no account.
        Refused: ``last_admin``: nobody could undo it.
    """
    account = _account(uow, person)
    _must_leave_an_admin(uow, account)
    uow.accounts.put(replace(account, disabled_at=account.disabled_at or now))
    uow.proofs.drop(person, *_HALF_DONE)
    end_sessions(uow, person, now)


def enable(uow: UnitOfWork, person: PersonId) -> None:
    """Let somebody sign in again.

    Raises:
        NotFound: they have no account.
    """
    uow.accounts.put(replace(_account(uow, person), disabled_at=None))


def give_role(uow: UnitOfWork, person: PersonId, role: Role) -> None:
    """Change what somebody may do; it counts from their next page on.

    Raises:
        NotFound: they have no account.
        Refused: ``last_admin``.
    """
    account = _account(uow, person)
    if role is not Role.ADMIN:
        _must_leave_an_admin(uow, account)
    uow.accounts.put(replace(account, role=role))


def set_password(
    uow: UnitOfWork, person: PersonId, hashed: str, now: datetime, *, but: str = ""
) -> None:
    """Give an account another password; sessions and links of the old one end.

    Args:
        uow: the unit of work.
        person: whose account.
        hashed: from ``Passwords``.
        now: the present.
        but: hash of a session that goes on.

    Raises:
        NotFound: they have no account.
    """
    uow.accounts.put(replace(_account(uow, person), password=hashed))
    uow.proofs.drop(person, *_HALF_DONE)
    end_sessions(uow, person, now, but=but)


def drop_second_factor(uow: UnitOfWork, person: PersonId) -> None:
    """Ask somebody for a password alone: telephone codes, paper, passkeys all end.

    Raises:
        NotFound: they have no account.
    """
    uow.accounts.put(replace(_account(uow, person), totp_secret="", totp_step=0))
    uow.proofs.drop(person, ProofKind.RECOVERY, ProofKind.SECOND, ProofKind.PASSKEY)
    uow.passkeys.drop_all(person)


def end_sessions(
    uow: UnitOfWork, person: PersonId, now: datetime, *, but: str = ""
) -> int:
    """Sign somebody out everywhere; return how many sessions ended.

    Args:
        uow: the unit of work.
        person: whose sessions.
        now: the present.
        but: hash of the one that goes on.
    """
    return uow.sessions.revoke_all(person, now, but=but)


def has_admin(accounts: Sequence[Account]) -> bool:
    """Whether somebody may change how azbot works."""
    return any(_is_active_admin(each) for each in accounts)


def _account(uow: UnitOfWork, person: PersonId) -> Account:
    account = uow.accounts.get(person)
    if account is None:
        raise NotFound("account", person)
    return account


def _must_leave_an_admin(uow: UnitOfWork, account: Account) -> None:
    if not _is_active_admin(account):
        return
    others = [each for each in uow.accounts.all() if each.person != account.person]
    if not has_admin(others):
        raise Refused("last_admin")


def _is_active_admin(account: Account) -> bool:
    return account.role is Role.ADMIN and account.disabled_at is None
