"""What intake tells: the writer, of what could not be done; the desk, of what waits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from azbot.desk import Desk
from azbot.errors import Refused
from azbot.intake.interpret import Ask
from azbot.messages import Inbound, RawId, Reason, Trust
from azbot.ports import Clock
from azbot.store import UnitOfWork
from azbot.store.records import Person, PersonKind
from azbot.workflow.commands import NewDocument
from azbot.workflow.decision import Audience, Notice
from azbot.workflow.decision import NoticeKind as N
from azbot.workflow.facts import place_facts
from azbot.workflow.model import Actor, Assistance, Role

_SHOWN = 2000
_SYSTEM = Actor(Role.SYSTEM, None, "azbot", Trust.STAFF, "email")

Unread = Mapping[str, tuple[str, str, Mapping[str, str]]]
"""Field → (what was written, why it cannot be taken, facts of that)."""


class Teller:
    """Puts notices that follow from no event into the outbox.

    Each is named after the message it answers: worked on twice, it is told once.
    """

    def __init__(self, desk: Desk, clock: Clock) -> None:
        self._desk = desk
        self._clock = clock

    def held(
        self,
        uow: UnitOfWork,
        raw: RawId,
        inbound: Inbound | None,
        reason: Reason,
        text: str,
    ) -> None:
        """Tell the desk that messages wait, once per sender and hour."""
        sender = inbound.sender if inbound else None
        facts = {
            "what": "held",
            "reason": reason.value,
            "from": sender.email if sender else "",
            "subject": inbound.subject if inbound else "",
            "text": text[:_SHOWN],
            "raw": int(raw),
            "at": self._clock.now().isoformat(),
        }
        hour = self._clock.now().strftime("%Y%m%d%H")
        key = f"held:{sender.key if sender else '-'}:{hour}"
        self._desk.tell(uow, (Notice(N.DESK, Audience.DESK, facts),), None, key)

    def ask(
        self,
        uow: UnitOfWork,
        raw: RawId,
        it: Assistance,
        person: Person,
        asks: Sequence[Ask],
    ) -> None:
        """Put questions to the writer."""
        for one in asks:
            self._tell(uow, raw, it, person, one.kind, one.facts, one.kind.value)

    def unread(
        self,
        uow: UnitOfWork,
        raw: RawId,
        it: Assistance,
        person: Person,
        unread: Unread,
    ) -> None:
        """Say which values could not be taken, and why."""
        if not unread:
            return
        facts: dict[str, object] = {"what": "values", "values": unread_rows(unread)}
        self._tell(uow, raw, it, person, N.REJECTED, facts, "values")

    def refused(
        self,
        uow: UnitOfWork,
        raw: RawId,
        it: Assistance,
        person: Person,
        refused: Refused,
    ) -> None:
        """Say that an answer was understood, and why it changed nothing."""
        facts = {
            "what": "refused",
            "refusal": refused.code,
            "refusal_facts": refused.facts,
        }
        self._tell(uow, raw, it, person, N.REJECTED, facts, "refused")

    def preference(
        self,
        uow: UnitOfWork,
        raw: RawId,
        it: Assistance | None,
        person: Person,
        *,
        wants_less: bool,
    ) -> None:
        """Confirm STOP or REPRENDRE, with the way back."""
        facts = {"wants_less": wants_less}
        self._tell(uow, raw, it, person, N.PREFERENCE, facts, "preference")

    def rejected_files(
        self,
        uow: UnitOfWork,
        raw: RawId,
        inbound: Inbound,
        it: Assistance,
        person: Person | None,
        left: Sequence[NewDocument],
    ) -> None:
        """Say what was not taken, and how to send it otherwise (E16).

        Args:
            uow: the unit of work.
            raw: the message.
            inbound: what it brought.
            it: its assistance.
            person: who wrote; None: whoever just became its requester.
            left: files for which there was no room.
        """
        files: list[dict[str, object]] = [
            {"name": f.name, "size": f.size, "code": f.code}
            for f in inbound.rejected_files
        ]
        files += [{"name": d.name, "size": d.size, "code": "too_many"} for d in left]
        if not files:
            return
        without = {d.name for d in left}
        kept = [f.name for f in inbound.files if f.name not in without]
        facts: dict[str, object] = {"what": "files", "files": files, "kept": kept}
        writer = person or uow.people.get(it.requester)
        self._tell(uow, raw, it, writer, N.REJECTED, facts, "files")

    def _tell(
        self,
        uow: UnitOfWork,
        raw: RawId,
        it: Assistance | None,
        person: Person,
        kind: N,
        facts: Mapping[str, object],
        occasion: str,
    ) -> None:
        """Write to the very person, at the address the store knows."""
        now = self._clock.now()
        place = place_facts(it, _SYSTEM, now) if it else {"at": now.isoformat()}
        complete = {**place, **facts, "to": person.address, "name": person.name}
        to = _audience(it, person)
        notice = Notice(kind, to, complete, person=person.id)
        self._desk.tell(uow, (notice,), it, f"raw:{raw}:{occasion}")


def with_unread(notices: tuple[Notice, ...], unread: Unread) -> tuple[Notice, ...]:
    """Let the mail that asks for what is missing say what was not understood.

    It then answers a mistake, and STOP does not silence it.
    """
    facts = {"unread": unread_rows(unread)}
    return tuple(
        replace(one, facts={**one.facts, **facts}, is_optional=False)
        if one.kind is N.INCOMPLETE and one.to is Audience.REQUESTER
        else one
        for one in notices
    )


def tells_unread(notices: tuple[Notice, ...]) -> bool:
    """Whether ``with_unread`` found a mail to say it in."""
    return any(one.facts.get("unread") for one in notices)


def is_completed(notice: Notice) -> bool:
    """Whether it tells the desk that nothing is missing any more."""
    return notice.kind is N.DESK and notice.facts.get("what") == "completed"


def with_completed(notices: tuple[Notice, ...]) -> tuple[Notice, ...]:
    """Let the mail that brings the desk a message say that it completes too."""
    return tuple(
        replace(one, facts={**one.facts, "completes": True})
        if one.kind is N.DESK
        else one
        for one in notices
    )


def unread_rows(unread: Unread) -> list[dict[str, object]]:
    """Return values that could not be taken as facts of a notice."""
    return [
        {"field": field, "value": value, "code": code, "facts": dict(facts)}
        for field, (value, code, facts) in unread.items()
    ]


def _audience(it: Assistance | None, person: Person) -> Audience:
    if it is None:
        return Audience.ADDRESS
    if person.kind is PersonKind.STATION:
        return Audience.STATION
    if person.id == it.requester:
        return Audience.REQUESTER
    return Audience.CONTACT if person.id == it.contact else Audience.ADDRESS
