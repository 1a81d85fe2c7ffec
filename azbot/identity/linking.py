"""Whose a chat account is: how it becomes somebody's, and who is told of it.

A chat is begun with a token (telegram.md §2.5). Those of mails are signed and live for
thirty days, as every link in them; those of a signed-in page are random, kept as a hash
and live for a quarter of an hour. Each is good for one person and once. The choice is
explained in docs/decisions/0016-who-is-who-in-a-chat.md.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from azbot.desk import Desk
from azbot.errors import NotFound
from azbot.i18n.catalogue import catalogue
from azbot.identity.codes import verified
from azbot.messages import PersonId
from azbot.screens import ACT, Say, Screen, to_facts
from azbot.store import Person, PersonKind, UnitOfWork
from azbot.store.chats import ChatAccount, ChatState
from azbot.store.people import LANGUAGE_CHOSEN
from azbot.store.proofs import Proof, ProofKind
from azbot.store.records import NewDelivery
from azbot.tokens import Keyring, Token, read_start
from azbot.workflow.decision import Audience, Notice, NoticeKind
from azbot.workflow.model import AssistanceId, Role

OFFER_FOR = timedelta(minutes=15)
"""Life of what a signed-in page gives: it is used at once, on the same telephone."""

_SOON = 1
_LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class ChatDoor:
    """The chat that mails and pages lead to.

    Attributes:
        service: name of its service, ``telegram``.
        link: gives the address that begins it with a token, or without; empty: the
            service has not told our name yet (``ports.Chat.link``).
        label: what people call the service; empty: its name with a capital.
    """

    service: str
    link: Callable[[str], str]
    label: str = ""

    @property
    def name(self) -> str:
        """What people call the service, in every language."""
        return self.label or self.service.capitalize()


@dataclass(frozen=True, slots=True)
class Start:
    """What a chat was begun with, and is good still.

    Attributes:
        person: whose the account may become.
        assistance: what the mail was about, 0 for nothing; None: a page gave it.
        hash: SHA-256 of the token, 64 hexadecimal digits.
    """

    person: Person
    assistance: AssistanceId | None
    hash: str
    expires_at: datetime

    @property
    def is_mailed(self) -> bool:
        """Whether it came by mail, so that who has it reads the mail."""
        return self.assistance is not None


def offer(uow: UnitOfWork, person: PersonId, now: datetime) -> str:
    """Return a token for somebody who is signed in; those before it are over."""
    token = secrets.token_urlsafe(24)
    uow.proofs.drop(person, ProofKind.CHAT)
    uow.proofs.add(Proof(_hash(token), ProofKind.CHAT, person, now + OFFER_FOR))
    return token


def read(uow: UnitOfWork, keyring: Keyring, token: str, now: datetime) -> Start | None:
    """Return what a token is good for; None: for nothing (any more). Uses nothing."""
    key = _hash(token)
    kept = uow.proofs.find(key, ProofKind.CHAT, now)
    if kept is not None and kept.person is not None:
        return _start(uow, kept.person, None, key, kept.expires_at)
    signed = read_start(keyring, token, now)
    if not isinstance(signed, Token) or uow.proofs.spent_by(key):
        return None
    owner, about = PersonId(signed.person), AssistanceId(signed.assistance)
    before, issued_at = uow.revocations.before(owner, about), signed.issued_at
    if signed.expires_at is None or (before and issued_at and issued_at < before):
        return None
    return _start(uow, owner, about, key, signed.expires_at)


def is_used_by(uow: UnitOfWork, token: str, person: PersonId) -> bool:
    """Whether a token made an account this person's before."""
    return uow.proofs.spent_by(_hash(token)) == person


def use(uow: UnitOfWork, it: Start, now: datetime) -> bool:
    """Use a token up; False: somebody was faster."""
    if not it.is_mailed:
        return uow.proofs.use(it.hash, ProofKind.CHAT, now) is not None
    spent = Proof(it.hash, ProofKind.START, it.person.id, it.expires_at)
    if not uow.proofs.spend(spent, now):
        return False
    verified(uow, it.person, it.person.address)
    return True


def take(
    uow: UnitOfWork, desk: Desk, account: ChatAccount, person: Person, now: datetime
) -> None:
    """Make room for an account that becomes somebody's, and tell them by mail.

    One account of a service is somebody's at a time: the one before is told, and
    nobody's. The account itself is changed by whoever holds it.
    """
    others = (
        each
        for each in uow.chats.of_person(person.id)
        if each.channel == account.channel and each.account != account.account
    )
    part(uow, others, "chat.link.moved", now)
    notice = Notice(
        NoticeKind.CHAT_LINKED,
        Audience.ADDRESS,
        {
            "to": person.address,
            "name": person.name or person.company,
            "language": person.language,
            "chat": account.channel.capitalize(),
            "account": _shown(account.name),
        },
        person=person.id,
    )
    key = f"linked:{account.channel}:{account.account}:{now.isoformat()}"
    desk.tell(uow, [notice], None, key)


def part(
    uow: UnitOfWork, accounts: Iterable[ChatAccount], words: str, now: datetime
) -> int:
    """Make accounts nobody's, and tell those who speak there; return how many.

    Args:
        uow: the unit of work.
        accounts: as they were read; a turn of theirs may have come since.
        words: key of what they are told.
        now: the present.
    """
    gone = 0
    for each in accounts:
        account = uow.chats.get(each.channel, each.account)
        if account is None or account.person is None:
            continue
        uow.chats.save(parted(account))
        uow.outbox.put([_told(account, words, now)])
        gone += 1
    return gone


def parted(account: ChatAccount) -> ChatAccount:
    """Return an account that is nobody's any more, and remembers nothing of anybody."""
    return replace(
        account,
        person=None,
        linked_at=None,
        mails_too=True,
        focus=None,
        focus_until=None,
        room="",
        memory={},
    )


def _told(account: ChatAccount, words: str, now: datetime) -> NewDelivery:
    screen = Screen(catalogue(account.language).t(words), drops_keyboard=True)
    return NewDelivery(
        key=f"parted:{account.channel}:{account.account}:{now.isoformat()}",
        kind=ACT,
        address=account.chat,
        channel=account.channel,
        due_at=now,
        facts=to_facts(Say(screen)),
        language=account.language,
        priority=_SOON,
    )


def choose_language(uow: UnitOfWork, person: Person, language: str) -> Person:
    """Speak to somebody in the language they chose: in mails, on pages, in chats.

    Args:
        uow: the unit of work.
        person: as they are known.
        language: ``fr``, ``en`` or ``es``.
    """
    uow.settings.put(f"{LANGUAGE_CHOSEN}{person.id}", language)
    for account in uow.chats.of_person(person.id):
        uow.chats.save(replace(account, language=language))
    return uow.people.update(replace(person, language=language))


def chosen_language(uow: UnitOfWork, person: PersonId) -> str:
    """Return the language somebody chose; empty: theirs was guessed from a mail."""
    return uow.settings.get(f"{LANGUAGE_CHOSEN}{person}") or ""


ALERT_CHAT = "alert_chat."
"""Begins the name of each chat that is alerted: the account, and by whose wish."""


def take_alerts(
    uow: UnitOfWork, account: ChatAccount, token: str, now: datetime
) -> bool:
    """Let alerts go to a chat, by the token an administrator's page gave; once.

    The account stays what it is: it is alerted, and sees nothing of anybody.
    """
    key = _hash(token)
    kept = uow.proofs.find(key, ProofKind.CHAT, now)
    if kept is None or kept.person not in _administrators(uow):
        return False
    if uow.proofs.use(key, ProofKind.CHAT, now) is None:
        return False
    name = f"{ALERT_CHAT}{account.channel}.{account.account}"
    uow.settings.put(name, str(kept.person))
    return True


def alert_chats(uow: UnitOfWork) -> list[tuple[ChatAccount, PersonId]]:
    """Return the chats that are alerted, and by whose wish.

    Whoever is no administrator any more, or stopped the chat, is not written to.
    """
    administrators = _administrators(uow)
    found = []
    for name, person in sorted(uow.settings.below(ALERT_CHAT).items()):
        channel, _, number = name.partition(".")
        account = uow.chats.get(channel, number)
        if account is None or account.state is not ChatState.OPEN:
            continue
        if PersonId(int(person)) in administrators:
            found.append((account, PersonId(int(person))))
    return found


def drop_alerts(uow: UnitOfWork, person: PersonId) -> int:
    """Alert no chat of somebody's any more; return how many there were."""
    kept = uow.settings.below(ALERT_CHAT)
    names = [name for name, whose in kept.items() if whose == str(person)]
    return sum(uow.settings.drop(f"{ALERT_CHAT}{name}") for name in names)


def _administrators(uow: UnitOfWork) -> set[PersonId | None]:
    accounts = uow.accounts.all()
    return {
        each.person
        for each in accounts
        if each.role is Role.ADMIN and each.disabled_at is None
    }


def _start(
    uow: UnitOfWork,
    owner: PersonId,
    about: AssistanceId | None,
    key: str,
    ends_at: datetime,
) -> Start | None:
    """Return what may become of a token: clients and stations have accounts."""
    try:
        person = uow.people.get(owner)
    except NotFound:
        return None
    if not person.is_active or person.kind is PersonKind.AGENT:
        return None
    return Start(person, about, key, ends_at)


def _shown(name: str) -> str:
    """Return what a mail of ours may say an account is called.

    Whoever links it chose the name: an address in it would be a link in our mail.
    """
    is_plain = len(name) <= _LONGEST_NAME and not set(name) & set("./:@\\")
    return name if is_plain else ""


def _hash(token: str) -> str:
    return hashlib.sha256(b"chat|" + token.encode(errors="replace")).hexdigest()
