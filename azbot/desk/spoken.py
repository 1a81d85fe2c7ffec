"""What leaves for chats when something happened: messages, and cards drawn anew.

Rows of the outbox only; what they say is made when they leave, by ``azbot.chat``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from azbot.errors import NotFound
from azbot.messages import PersonId
from azbot.store import UnitOfWork
from azbot.store.chats import ASKED, CARD, ChatAccount, ChatState
from azbot.store.outbox import LETTERS
from azbot.store.records import Delivery, NewDelivery
from azbot.workflow.conversation import answered_in
from azbot.workflow.deadlines import Rules
from azbot.workflow.decision import Audience, Decision, Notice, NoticeKind
from azbot.workflow.model import Actor, Assistance, Party
from azbot.workflow.next_step import broken_at
from azbot.workflow.questions import ASKED_BY, Question, question_of
from azbot.workflow.routing import Reachable

Spoken = Collection[tuple[Audience, NoticeKind]]
"""The notices that are told in chats, and to whom."""

_MAILED = frozenset({NoticeKind.CLOSED, NoticeKind.CANCELLED, NoticeKind.REPORT})
"""Mailed also to who wants to be told in a chat alone: what is kept for years."""

_AS_CARD = frozenset({NoticeKind.MISSION, NoticeKind.MISSION_REMINDER})
"""Told by the card itself, put below everything: what rings has the buttons."""

_JUST_AFTER = timedelta(minutes=1)
"""What must be kept until an instant is still kept at it."""

Told = Mapping[PersonId, Sequence[Notice]]
"""What each person is told of one occasion, in order."""


def mark_of(question: Question) -> str:
    """Return 8 hexadecimal digits that tell a question from an earlier one."""
    facts = "\x1f".join((question.kind.value, *question.about))
    return hashlib.sha256(facts.encode()).hexdigest()[:8]


def told_of(letters: Iterable[tuple[Notice, Reachable]], spoken: Spoken) -> Told:
    """Return what is told in chats of all that is told."""
    told: dict[PersonId, list[Notice]] = {}
    for notice, reader in letters:
        if reader.person is not None and (notice.to, notice.kind) in spoken:
            told.setdefault(reader.person, []).append(notice)
    return told


def once(
    uow: UnitOfWork,
    told: Told,
    mails: Sequence[NewDelivery],
    it: Assistance,
) -> tuple[Told, list[NewDelivery]]:
    """Let words of an agent go where their reader writes, and nowhere else (10.6).

    Args:
        uow: the unit of work.
        told: what is told in chats, to whom.
        mails: what is told by mail.
        it: the assistance it is about.

    Returns:
        What is left of both.
    """
    answered = {
        person: notice
        for person, each in told.items()
        for notice in each
        if notice.kind is NoticeKind.MESSAGE
    }
    if not answered:
        return told, list(mails)
    history, accounts = uow.events.of(it.id), uow.chats.of_people(answered)
    chatting = {
        person
        for person, notice in answered.items()
        if not notice.facts.get("by_mail")
        and answered_in(history, person, open_chats(accounts.get(person, ())))
    }
    left = {
        person: [
            one
            for one in each
            if one.kind is not NoticeKind.MESSAGE or person in chatting
        ]
        for person, each in told.items()
    }
    return {person: each for person, each in left.items() if each}, [
        mail
        for mail in mails
        if mail.kind != NoticeKind.MESSAGE or mail.person not in chatting
    ]


def open_chats(accounts: Iterable[ChatAccount]) -> frozenset[str]:
    """Return the services on which somebody can be written to."""
    return frozenset(a.channel for a in accounts if a.state is ChatState.OPEN)


def notices(
    uow: UnitOfWork,
    told: Told,
    it: Assistance | None,
    key: str,
    event_id: int | None,
    now: datetime,
    actor: Actor | None = None,
) -> list[NewDelivery]:
    """Return what is told as rows, one for each account (ux.md 10.5).

    What one occasion tells somebody is one message. Whoever caused it in a chat is
    answered there by the room they did it in, and is not told of it once more.

    Args:
        uow: the unit of work they belong to.
        told: to whom what.
        it: the assistance it is about, None when about none.
        key: names the occasion; the same occasion tells once.
        event_id: the first event of the occasion, None when there is none.
        now: the present.
        actor: who caused it, None: nobody in particular.
    """
    accounts = uow.chats.of_people(told)
    return [
        NewDelivery(
            key=f"{key}:{account.channel}:{account.account}",
            kind=first.kind.value,
            address=account.chat,
            channel=account.channel,
            due_at=now,
            facts={
                **first.facts,
                "audience": first.to.value,
                "also": [[one.kind.value, dict(one.facts)] for one in others],
            },
            files=tuple(file for one in told[person] for file in one.files),
            assistance_id=it.id if it else None,
            event_id=event_id,
            person=person,
            is_optional=all(one.is_optional for one in told[person]),
            language=account.language,
        )
        for person, (first, *others) in told.items()
        for account in accounts.get(person, ())
        if account.state is ChatState.OPEN and not _is_by(actor, account)
    ]


def mailed(
    uow: UnitOfWork, told: Told, mails: Sequence[NewDelivery]
) -> list[NewDelivery]:
    """Return the mails that leave beside what is told in chats (ux.md 10.2).

    All of them, unless their reader wants routine in a chat alone, and has one that
    is open (G7). What cannot be told there after all goes by mail: see ``letters``.

    Args:
        uow: the unit of work.
        told: what is told in chats, to whom.
        mails: what is told by mail, of the same event.
    """
    quiet = {
        person
        for person, accounts in uow.chats.of_people(told).items()
        if (heard := [each for each in accounts if each.state is ChatState.OPEN])
        and not any(each.mails_too for each in heard)
    }
    return [
        mail
        for mail in mails
        if mail.person is None
        or mail.person not in quiet
        or not _is_routine(mail, told[mail.person])
    ]


def _is_routine(mail: NewDelivery, told: Sequence[Notice]) -> bool:
    kind = NoticeKind(mail.kind)
    has_report = any(file.startswith("report:") for file in mail.files)
    is_told = any(notice.kind is kind for notice in told)
    return is_told and kind not in _MAILED and not has_report


def cards(
    uow: UnitOfWork,
    before: Assistance | None,
    decision: Decision,
    told: Iterable[NewDelivery],
    key: str,
    now: datetime,
    rules: Rules,
) -> list[NewDelivery]:
    """Return rows that draw the cards of an assistance anew, wherever they stand.

    A card is drawn from the state at the time it leaves: of several rows that wait
    the first shows everything, and the others find nothing left to do. Who is told
    something gets a card with it. A question that is over, or is put once more,
    loses its buttons where it was put first (G7). Once more it is drawn when time
    alone makes it say something else.

    Args:
        uow: the unit of work they belong to.
        before: the state before; None: it is new.
        decision: what happened.
        told: what leaves for chats of the same occasion, after these.
        key: names the occasion.
        now: the present.
        rules: the delays in force.
    """
    if all(line.event.is_internal for line in decision.history):
        return []
    it, by = decision.assistance, decision.history[0].actor
    hears = {(row.channel, row.address): NoticeKind(row.kind) for row in told}
    around = {**(_around(uow, before) if before else {}), **_around(uow, it)}
    rows: list[NewDelivery] = []
    for person, accounts in uow.chats.of_people(around).items():
        was = question_of(before, around[person]) if before else None
        is_over = was is not None and was != question_of(it, around[person])
        for account in accounts:
            if account.state is not ChatState.OPEN:
                continue
            kind = hears.get((account.channel, account.chat))
            is_new = kind is not None and kind not in _AS_CARD
            card = _card(account, it, key, now, is_new=is_new)
            rows += [card, *late_card(card, it, rules)]
            if was is None:
                continue
            is_again = kind is not None and _puts(kind, was)
            if is_over or is_again:
                rows.append(_asked(account, card, key, was, by, is_over=is_over))
    return rows


def _card(
    account: ChatAccount, it: Assistance, key: str, now: datetime, *, is_new: bool
) -> NewDelivery:
    return NewDelivery(
        key=f"{key}:card:{account.channel}:{account.account}",
        kind=CARD,
        address=account.chat,
        channel=account.channel,
        due_at=now,
        facts={"is_new": is_new},
        assistance_id=it.id,
        person=account.person,
        language=account.language,
    )


def _asked(
    account: ChatAccount,
    card: NewDelivery,
    key: str,
    was: Question,
    by: Actor,
    *,
    is_over: bool,
) -> NewDelivery:
    """Return the row that takes a question's buttons away where it was put."""
    facts = {
        "question": was.kind.value,
        "mark": mark_of(was),
        "is_over": is_over,
        "by": by.role.value,
        "through": by.channel,
        "is_own": by.person == account.person,
    }
    name = f"{key}:asked:{account.channel}:{account.account}"
    return replace(card, key=name, kind=ASKED, facts=facts)


def late_card(card: NewDelivery, it: Assistance, rules: Rules) -> Iterator[NewDelivery]:
    """Yield the row that draws a card once more, when a promise on it is broken.

    The same promise is looked at once in each chat, however often the card is drawn.

    Args:
        card: the row that draws it now.
        it: the assistance.
        rules: the delays in force.
    """
    at = broken_at(it, rules)
    if at is None or at < card.due_at:
        return
    until = at.astimezone(UTC)
    yield replace(
        card,
        key=f"{it.id}:late:{until:%Y%m%dT%H%M%S}:{card.channel}:{card.address}",
        due_at=until + _JUST_AFTER,
        facts={"is_new": False},
    )


def _puts(kind: NoticeKind, question: Question) -> bool:
    return ASKED_BY.get(kind) is question.kind


def _around(uow: UnitOfWork, it: Assistance) -> dict[PersonId, Party]:
    """Return who takes part in it, or did, and on which side."""
    clients = {it.requester, *it.joined, *([] if it.contact is None else [it.contact])}
    stations = {mission.station.id for mission in it.missions}
    return {
        **dict.fromkeys(clients, Party.CLIENT),
        **{
            person.id: Party.STATION
            for station in stations
            for person in uow.people.station_contacts(station)
        },
    }


def _is_by(actor: Actor | None, account: ChatAccount) -> bool:
    """Whether something was done by this account itself."""
    return (
        actor is not None
        and actor.person == account.person
        and actor.channel == account.channel
    )


Fact = tuple[str, Mapping[str, object]]
"""One notice of a row: its kind, and what its words need."""


def untold(uow: UnitOfWork, row: Delivery) -> list[Fact]:
    """Return what a row for a chat tells and no mail of the same occasion does."""
    if row.event_id is None or row.assistance_id is None or row.person is None:
        return []  # what follows from no event always goes by mail too
    first = {name: value for name, value in row.facts.items() if name != "also"}
    also = row.facts.get("also")
    others = also if isinstance(also, list) else []
    told = [(row.kind, first), *((kind, {**facts}) for kind, facts in others)]
    mailed = uow.sent.mailed(row.assistance_id, row.event_id, row.person)
    return [(kind, facts) for kind, facts in told if kind not in mailed]


def letters(
    uow: UnitOfWork, row: Delivery, facts: Iterable[Fact], now: datetime
) -> list[NewDelivery]:
    """Return as mails what a chat could not be told; none to who has no address.

    Args:
        uow: the unit of work.
        row: what was to leave for the chat; asked again, the same mails leave once.
        facts: what ``untold`` found of it.
        now: the present.
    """
    try:
        reader = None if row.person is None else uow.people.get(row.person)
    except NotFound:
        reader = None
    if reader is None or not (reader.is_active and reader.address):
        return []
    return [
        NewDelivery(
            key=f"{row.key}:{number}:{LETTERS}",
            kind=kind,
            address=reader.address,
            channel=LETTERS,
            due_at=now,
            facts={"audience": row.facts.get("audience", ""), **told},
            files=() if number else row.files,
            assistance_id=row.assistance_id,
            event_id=row.event_id,
            person=reader.id,
            is_optional=row.is_optional,
            language=reader.language,
        )
        for number, (kind, told) in enumerate(facts)
    ]
