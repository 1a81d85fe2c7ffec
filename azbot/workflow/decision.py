"""What ``decide`` answers: values with no behaviour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from azbot.messages import PersonId
from azbot.workflow.events import Event
from azbot.workflow.model import Actor, Assistance, Status


class NoticeKind(StrEnum):
    """Everything azbot tells somebody; the numbers are those of ux.md 9.4."""

    OPENED = "opened"  # E1
    INCOMPLETE = "incomplete"  # E2
    COMPLEMENT = "complement"  # E3
    COMPLEMENT_REMINDER = "complement_reminder"  # E4
    ASSIGNED = "assigned"  # E5
    PLANNED = "planned"  # E6
    MOVED = "moved"  # E7
    TOMORROW = "tomorrow"  # E8
    FOLLOW_UP = "follow_up"  # E9
    FINISHED = "finished"  # E10
    CONTINUED = "continued"  # E11
    MESSAGE = "message"  # E12
    CLOSED = "closed"  # E13
    CANCELLED = "cancelled"  # E14
    REJECTED = "rejected"  # E16
    MISSION = "mission"  # E17
    MISSION_REMINDER = "mission_reminder"  # E18
    FOLLOW_UP_DECIDED = "follow_up_decided"  # E19
    TODAY = "today"  # E20
    REPORT = "report"  # E22
    SIGNATURE_WANTED = "signature_wanted"
    SIGNATURE_GIVEN = "signature_given"
    DESK = "desk"  # E23
    ALERT = "alert"  # E24
    # Confirmations and side notices the table of 9.4 leaves to the rules of 9.2.
    RECEIVED = "received"
    ACCEPTED = "accepted"
    REQUALIFIED = "requalified"
    REOPENED = "reopened"
    MERGED = "merged"
    MISSION_ACCEPTED = "mission_accepted"
    MISSION_REFUSED = "mission_refused"
    MISSION_WITHDRAWN = "mission_withdrawn"
    MISSION_PLANNED = "mission_planned"
    MISSION_OTHER_DATE = "mission_other_date"
    VISIT_CANCELLED = "visit_cancelled"
    OTHER_DATE = "other_date"
    CANCELLATION_ASKED = "cancellation_asked"
    CONFIRM_WORD = "confirm_word"
    REASON_WANTED = "reason_wanted"
    DATE_WANTED = "date_wanted"
    PREFERENCE = "preference"
    # Keys of the people of the desk; they follow from no assistance.
    INVITATION = "invitation"
    PASSWORD_LOST = "password_lost"  # noqa: S105 - the name of a mail
    # Keys of the visitors (ux.md 7.1).
    ACCESS_CODE = "access_code"
    ACCESS_LINK = "access_link"
    ADDRESS_CHANGED = "address_changed"
    COLLEAGUE_INVITED = "colleague_invited"
    CHAT_LINKED = "chat_linked"


class Audience(StrEnum):
    """For whom a notice is; routing turns it into people and channels."""

    REQUESTER = "requester"
    CONTACT = "contact"
    COLLEAGUE = "colleague"
    """Somebody the requester let in, by number in the facts (``person``)."""
    STATION = "station"
    DESK = "desk"
    ADMIN = "admin"
    ADDRESS = "address"
    """A bare address in the facts (``to``), perhaps with its ``language``:
    signatories, unknown senders, people of the desk about their own account."""

    @property
    def is_inside(self) -> bool:
        """Whether it is the desk itself: what it reads leaves nobody's house."""
        return self in (Audience.DESK, Audience.ADMIN)


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing one audience must know.

    Attributes:
        facts: JSON-like values its words need, complete: a notice is rendered
            later, when the state may have moved on.
        is_optional: STOP silences it (ux.md 9.2).
        files: what goes with it: ``invite:2`` and ``cancel:2`` (calendar file of
            visit 2), ``report:2`` (technical report of visit 2), ``report:0``
            (the combined one), ``document:5``.
        person: the very person to tell, when the audience alone does not say.
        occasion: names what several notices tell of, growing; they are told as one,
            in the words of the newest, a moment after it. Empty: told at once.
    """

    kind: NoticeKind
    to: Audience
    facts: Mapping[str, object] = field(default_factory=dict)
    is_optional: bool = False
    files: tuple[str, ...] = ()
    person: PersonId | None = None
    occasion: str = ""


@dataclass(frozen=True, slots=True)
class Timer:
    """Something that must happen unless the state changes first.

    (kind, subject) names it inside its assistance. The live timers follow from
    the state alone (``deadlines.timers``); saving a state replaces them.
    """

    kind: str
    subject: int
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Recorded:
    """One line of the history.

    Attributes:
        before, after: status around the event; equal when it did not change.
        id: its number in the store, growing; 0 before it is stored.
    """

    event: Event
    at: datetime
    actor: Actor
    before: Status | None
    after: Status
    id: int = 0


@dataclass(frozen=True, slots=True)
class Decision:
    """What happens: the new state and everything that leaves with it."""

    assistance: Assistance
    history: tuple[Recorded, ...]
    notices: tuple[Notice, ...]
    timers: tuple[Timer, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """The rule that refused, and the facts it used; nothing changes.

    Attributes:
        code: catalogue key under ``refusal.``.
        rule: R-number or criterion it keeps, for developers.
    """

    code: str
    facts: Mapping[str, object] = field(default_factory=dict)
    rule: str = ""
