"""How an act ended, written down: said, not worth saying, tried again, or given up.

Everything here happens inside one unit of work (telegram.md §2.3).
"""

from __future__ import annotations

from datetime import datetime

import structlog

from azbot.chat.parcels import Parcel, Unsaid, digest_of
from azbot.chat.policy import is_notice, is_once_at_most, patience_of
from azbot.delivery.retry import RetryAt, next_attempt
from azbot.desk import Desk, spoken
from azbot.errors import (
    ChatMoved,
    NotFound,
    PermanentFailure,
    Refused,
    TemporaryFailure,
    Unanswered,
    Unreachable,
)
from azbot.messages import Receipt, Trust
from azbot.screens import Clear, Posted, Redraw, Say, words_of
from azbot.store import Delivery, UnitOfWork
from azbot.store.chats import MAY_HAVE_ARRIVED, Slot
from azbot.store.records import Direction
from azbot.workflow.commands import (
    Command,
    RecordChatBlocked,
    RecordDeliveryFailure,
)
from azbot.workflow.model import Actor, AssistanceId, Role

_LOG = structlog.get_logger(__name__)
_EVERYBODY = 3
"""Chats that are to pause at once: then it is us, and not them, who are too fast."""


def sent(uow: UnitOfWork, parcel: Parcel, posted: Posted, now: datetime) -> None:
    """The service took it: what stands where, and which assistance it is about."""
    row, act, names = parcel.row, parcel.post.act, posted.message_ids
    if isinstance(act, Clear):
        uow.slots.drop(row.channel, row.address, act.slot)
    elif isinstance(act, Say | Redraw) and act.slot and names:
        digest = digest_of(act.screen)
        slot = Slot(row.channel, row.address, act.slot, names[-1], digest, now)
        uow.slots.save(slot)
    said = None
    if row.assistance_id is not None and isinstance(act, Say | Redraw):
        said = words_of(act.screen)
        for name in names:
            uow.threads.remember(name, row.assistance_id, row.person, Direction.OUT)
    uow.outbox.sent(row.id, Receipt(" ".join(names), now), said)


def unsaid(
    uow: UnitOfWork, desk: Desk, row: Delivery, why: Unsaid, now: datetime
) -> None:
    """Nothing was brought; what its reader has to know all the same goes by mail.

    Raises:
        Conflict: it ended meanwhile.
    """
    match why:
        case Unsaid.NEEDLESS:
            uow.outbox.sent(row.id, Receipt("", now))
        case Unsaid.SUPERSEDED:
            uow.outbox.cancel(row.id, "a newer one follows")
        case Unsaid.UNWANTED:
            uow.outbox.cancel(row.id, "not wanted there any more")
            _by_mail(uow, desk, row, "not wanted there any more", now)
        case Unsaid.DOUBTFUL:
            _given_up(uow, desk, row, MAY_HAVE_ARRIVED, row.attempts)


def failed(
    uow: UnitOfWork,
    desk: Desk,
    row: Delivery,
    failure: TemporaryFailure | PermanentFailure,
    now: datetime,
) -> None:
    """The service did not take it, or did not say so.

    Raises:
        Conflict: it ended meanwhile.
    """
    match failure:
        case ChatMoved(chat=chat) if chat != row.address:
            _moved(uow, row, chat, now)
        case Unreachable():
            _unreachable(uow, desk, row, failure.reason, now)
        case Unanswered() if is_once_at_most(row):
            _given_up(uow, desk, row, MAY_HAVE_ARRIVED, row.attempts + 1)
        case _:
            _again_or_never(uow, desk, row, failure, now)


def _again_or_never(
    uow: UnitOfWork,
    desk: Desk,
    row: Delivery,
    failure: TemporaryFailure | PermanentFailure,
    now: datetime,
) -> None:
    attempts, first_at = row.attempts + 1, row.first_attempt_at or now
    asked, arrived = None, tuple[str, ...]()
    if isinstance(failure, TemporaryFailure):
        asked, arrived = failure.retry_after, failure.arrived
    if asked is not None:
        until = now + asked
        uow.paces.pause(row.channel, row.address, until, now, _EVERYBODY)
    # A pause that was asked for is as long as it has to be already.
    counted = attempts if asked is None else 1
    verdict = next_attempt(counted, failure, first_at, now, row.key, patience_of(row))
    if isinstance(verdict, RetryAt):
        uow.outbox.retry(
            row.id,
            verdict.at,
            failure.reason,
            attempts,
            first_at,
            stops_lane=row.priority > 0,
            arrived=arrived,
        )
    elif row.priority == 0:
        # The button has stopped waiting by itself: nobody can do anything about it.
        uow.outbox.cancel(row.id, verdict.reason)
    else:
        _given_up(uow, desk, row, verdict.reason, attempts)


def _moved(uow: UnitOfWork, row: Delivery, to: str, now: datetime) -> None:
    """Let everything go on in the new chat, at once.

    What stands in slots stays behind: messages of the old chat have no name in the
    new one, where the same number is somebody else's message.
    """
    uow.outbox.retry(row.id, now, "", row.attempts, stops_lane=True)
    uow.outbox.move(row.channel, row.address, to)
    uow.chats.move(row.channel, row.address, to)
    uow.slots.empty(row.channel, row.address)


def _unreachable(
    uow: UnitOfWork, desk: Desk, row: Delivery, why: str, now: datetime
) -> None:
    """Let nothing more go there; what it was to tell goes by mail (ux.md 10.6)."""
    uow.chats.block(row.channel, row.address)
    about: dict[AssistanceId, Delivery] = {}
    for one in uow.outbox.behind(row.channel, row.address):
        uow.outbox.cancel(one.id, why)
        if _by_mail(uow, desk, one, why, now) and one.assistance_id is not None:
            about.setdefault(one.assistance_id, one)
    for key, one in about.items():
        command = RecordChatBlocked(_reader(uow, one), one.channel)
        _record(uow, desk, key, command, one.channel)


def _by_mail(
    uow: UnitOfWork, desk: Desk, row: Delivery, why: str, now: datetime
) -> bool:
    """Let a notice reach its reader by mail; False when it cannot, or is none.

    What no mail can tell either is told to the desk.
    """
    if not is_notice(row):
        return False
    untold = spoken.untold(uow, row)
    letters = spoken.letters(uow, row, untold, now)
    uow.outbox.put(letters)
    if untold and not letters:
        _tell_failure(uow, desk, row, why)
        return False
    return True


def _given_up(
    uow: UnitOfWork, desk: Desk, row: Delivery, why: str, attempts: int
) -> None:
    uow.outbox.dead(row.id, why, attempts)
    if is_notice(row):
        _tell_failure(uow, desk, row, why)


def _tell_failure(uow: UnitOfWork, desk: Desk, row: Delivery, why: str) -> None:
    """Let the history say who was not reached; the desk is told by that."""
    if row.assistance_id is not None:
        # The name of a service is the same in every language.
        address = f"{_reader(uow, row)} ({row.channel.capitalize()})"
        command = RecordDeliveryFailure(address, why)
        _record(uow, desk, row.assistance_id, command, row.channel)


def _record(
    uow: UnitOfWork, desk: Desk, key: AssistanceId, command: Command, channel: str
) -> None:
    courier = Actor(Role.SYSTEM, None, "azbot", Trust.STAFF, channel)
    try:
        desk.apply(uow, uow.assistances.get(key), command, courier)
    except (NotFound, Refused) as error:
        _LOG.warning("chat.failure_untold", assistance=key, why=str(error))


def _reader(uow: UnitOfWork, row: Delivery) -> str:
    """Return the name of whom a row is for."""
    account = uow.chats.in_chat(row.channel, row.address)
    person = None if row.person is None else uow.people.get(row.person)
    names = (
        person and (person.name or person.company or person.address),
        account and account.name,
        row.address,
    )
    return next(name for name in names if name)
