"""The values the store gives and takes, beside those of workflow and messages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NewType

from azbot.messages import PersonId, RawId, Reason
from azbot.workflow.model import AssistanceId, Station, StationId

DeliveryId = NewType("DeliveryId", int)
"""One row of the outbox."""

TokenId = NewType("TokenId", int)
"""One token of the REST API."""


class PersonKind(StrEnum):
    """What somebody is to the desk."""

    CLIENT = "client"
    AGENT = "agent"
    STATION = "station"


@dataclass(frozen=True, slots=True)
class NewPerson:
    """Somebody to add; see ``Person``."""

    kind: PersonKind
    addresses: tuple[str, ...]
    name: str = ""
    company: str = ""
    phones: tuple[str, ...] = ()
    language: str = "fr"
    station: StationId | None = None
    notices_off: bool = False
    is_verified: bool = False
    account_type: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """A client, an agent or a station's contact.

    Attributes:
        addresses: the first is the main one; an address belongs to one person.
        station: whose contact this is; None for clients and agents.
        notices_off: said STOP: gets what is necessary only.
        is_verified: proved to own the main address.
        account_type: ``installer``, ``distributor`` or empty (R154).
        is_active: False once removed; removed people receive and may nothing.
    """

    id: PersonId
    kind: PersonKind
    addresses: tuple[str, ...]
    name: str = ""
    company: str = ""
    phones: tuple[str, ...] = ()
    language: str = "fr"
    station: StationId | None = None
    notices_off: bool = False
    is_verified: bool = False
    account_type: str = ""
    is_active: bool = True

    @property
    def address(self) -> str:
        """The main address, empty when there is none."""
        return self.addresses[0] if self.addresses else ""


@dataclass(frozen=True, slots=True)
class StationEntry:
    """A station and what only the desk needs to know of it.

    Attributes:
        speciality: free words, shown when an agent chooses.
        is_active: False: gets no new mission.
    """

    station: Station
    speciality: str = ""
    is_active: bool = True


class RawState(StrEnum):
    """How far a received message is."""

    RECEIVED = "received"
    APPLIED = "applied"
    ANSWERED = "answered"
    QUARANTINED = "quarantined"
    DUPLICATE = "duplicate"
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True)
class ClaimedRaw:
    """A received message one worker holds.

    Attributes:
        claims: how often it was claimed without an outcome, this time included;
            more than one means a worker died or lost its lease.
        content: the octets when they are small; None: ``uow.raw.content(id)``.
    """

    id: RawId
    channel: str
    source: str
    position: int
    received_at: datetime
    size: int
    lane: str
    claims: int
    content: bytes | None


@dataclass(frozen=True, slots=True)
class RawOutcome:
    """What became of a message, and what it turned out to be.

    Attributes:
        reason: why it was set aside; mandatory for quarantined ones.
        detail: one line for the person who looks.
        fingerprint: names the message whatever mailbox brought it (email.md §2);
            None where it could not be read.
    """

    state: RawState
    reason: Reason | None = None
    detail: str = ""
    assistance_id: AssistanceId | None = None
    fingerprint: str | None = None
    message_id: str = ""
    sender: str = ""
    subject: str = ""


@dataclass(frozen=True, slots=True)
class RawEntry:
    """One line of the ledger, without its octets."""

    id: RawId
    channel: str
    source: str
    position: int
    received_at: datetime
    size: int
    sha256: str
    claims: int
    outcome: RawOutcome
    lane: str = ""


class Direction(StrEnum):
    """Who sent a message of a thread."""

    IN = "in"
    OUT = "out"


@dataclass(frozen=True, slots=True)
class ThreadHit:
    """A message id that is known.

    Attributes:
        person: who wrote it (in) or for whom it was (out), when known.
    """

    message_id: str
    direction: Direction
    assistance_id: AssistanceId
    person: PersonId | None


class DeliveryState(StrEnum):
    """How far an outgoing message is."""

    PENDING = "pending"
    SENT = "sent"
    DEAD = "dead"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class NewDelivery:
    """One notice for one recipient, to be rendered and sent.

    Attributes:
        key: unique for ever: event, notice, recipient and channel in one text.
        kind: name of the notice.
        address: where to, bare.
        facts: JSON-like values the words need.
        due_at: not before; undo and quiet hours are rows that wait.
        is_optional: STOP silences it.
        group_key: rows of one key may leave as one message; empty: alone.
        priority: in a chat, what leaves first: 0 answers a press, 1 answers what
            somebody did, 2 tells them something, 3 can wait.
        is_growing: takes the place of the one with its key, until that leaves.
    """

    key: str
    kind: str
    address: str
    channel: str
    due_at: datetime
    facts: Mapping[str, object] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    assistance_id: AssistanceId | None = None
    event_id: int | None = None
    person: PersonId | None = None
    is_optional: bool = False
    language: str = "fr"
    group_key: str = ""
    priority: int = 2
    is_growing: bool = False


@dataclass(frozen=True, slots=True)
class Delivery:
    """One row of the outbox.

    Attributes:
        attempts: how often it was offered to the service and failed.
        first_attempt_at: when it was prepared for the first time.
        claims: how often it was claimed without an outcome, this time included.
        error: what the last attempt said.
        message_id, sender, recipient, text: as prepared; empty before.
        content: the final octets; None before they were prepared.
        remote_id: the service's name for it, once sent; while it waits, the names of
            the parts that arrived.
    """

    id: DeliveryId
    key: str
    kind: str
    address: str
    channel: str
    due_at: datetime
    facts: Mapping[str, object]
    files: tuple[str, ...]
    assistance_id: AssistanceId | None
    event_id: int | None
    person: PersonId | None
    is_optional: bool
    language: str
    group_key: str
    state: DeliveryState
    attempts: int = 0
    first_attempt_at: datetime | None = None
    claims: int = 0
    error: str = ""
    message_id: str = ""
    sender: str = ""
    recipient: str = ""
    text: str = ""
    content: bytes | None = None
    remote_id: str = ""
    sent_at: datetime | None = None
    priority: int = 2


@dataclass(frozen=True, slots=True)
class Prepared:
    """A delivery in its final form, stored before the first attempt.

    Attributes:
        content: the octets every attempt sends.
        text: the plain words, kept to recognise quotations in answers.
        at: when the first attempt begins.
    """

    message_id: str
    content: bytes
    text: str
    sender: str
    recipient: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A key to the REST API; the secret itself is never stored."""

    id: TokenId
    name: str
    role: str
    person: PersonId | None
    created_at: datetime
    revoked_at: datetime | None = None
