"""A request that was asked for in a talk, on its way to the desk."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from azbot.chat.request.asking import EMAIL, Asking
from azbot.chat.talk import Talk
from azbot.desk import Draft
from azbot.desk.requesting import answers_of, documents_of, made_by
from azbot.errors import AzbotError
from azbot.messages import Trust
from azbot.store import PersonKind, UnitOfWork
from azbot.workflow.model import Actor, Assistance, Role

_HOUR = timedelta(hours=1)
_MOST = 5
"""Requests of one person, or from one account, in an hour (email.md §5.2)."""


class NotSent(AzbotError):
    """A request cannot be registered.

    Args:
        code: names the sentence that says why.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def send(talk: Talk, asking: Asking) -> Assistance:
    """Register the request; the draft goes in the same unit of work.

    Whoever is not known proves nothing by an address: the request is worth what a
    mail from it would be, and nothing of its owner is told.

    Raises:
        NotSent: ``too_often``; ``no_address``.
        Refused: a rule said no.
    """
    if not asking.may_send:
        raise NotSent("no_address")
    _count(talk, asking)
    person = asking.person
    if person is not None:
        rules = talk.desk.rules
        draft = made_by(person, asking.draft, asking.reading, rules, asking.country)
        actor = talk.actor
    else:
        draft = _of_a_stranger(talk, asking)
        actor = Actor(Role.CLIENT, None, draft.name, Trust.NONE, talk.account.channel)
    it = talk.desk.register(talk.uow, draft, actor).assistance
    talk.uow.request_drafts.drop(asking.draft.owner)
    talk.about = it.id
    return it


def may_ask(uow: UnitOfWork, address: str) -> bool:
    """Whether a request may come from an address that somebody typed.

    Of an address that may not, nothing is said: whose it is concerns nobody.
    """
    if uow.people.is_removed(address):
        return False
    known = uow.people.by_address(address)
    return known is None or known.kind is PersonKind.CLIENT


def _of_a_stranger(talk: Talk, asking: Asking) -> Draft:
    texts, account = asking.texts, talk.account
    name = texts.get("contact_name", "") if asking.progress.is_me else ""
    email = texts[EMAIL]
    phone = asking.reading.values.get("phone", "") if name else ""
    return Draft(
        answers={"email": email, **answers_of(asking.reading)},
        email=email,
        name=name or account.name,
        company=texts.get("installer", ""),
        phone=str(phone),
        language=account.language,
        country=asking.country,
        text=texts.get("note", ""),
        documents=documents_of(asking.draft, talk.desk.rules),
    )


def _count(talk: Talk, asking: Asking) -> None:
    """Hold who asks more often than anybody has reason to."""
    since = talk.now - _HOUR
    rates, attempts = talk.uow.rates, talk.uow.attempts
    person = asking.person or talk.uow.people.by_address(asking.texts.get(EMAIL, ""))
    if person is not None and rates.opened(person.id, since) >= _MOST:
        raise NotSent("too_often")
    who = f"{talk.account.channel}:{talk.account.account}"
    scope = f"request:{hashlib.sha256(who.encode()).hexdigest()[:32]}"
    if attempts.of(scope, since).count >= _MOST:
        raise NotSent("too_often")
    attempts.add(scope, talk.now)
