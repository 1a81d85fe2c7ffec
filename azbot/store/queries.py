"""What a list of assistances may be asked for (R25–R31), and how it answers."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from typing_extensions import override

from azbot.clock import require_aware
from azbot.errors import Refused
from azbot.messages import PersonId, RawId
from azbot.store.records import DeliveryState, RawState
from azbot.workflow.model import (
    AssistanceId,
    AssistanceRef,
    Attention,
    Hearers,
    Role,
    ServiceType,
    StationId,
    Status,
)


class Sort(StrEnum):
    """By what a list is sorted; ties by number."""

    OPENED = "opened"
    UPDATED = "updated"
    PLANNED = "planned"
    """Those without a planned visit come last, in both directions."""
    WAITING = "waiting"
    """Since when somebody waits for the desk: ascending, the longest wait comes
    first (ux.md A15). Those for whom nobody waits come last, in both directions."""


@dataclass(frozen=True, slots=True)
class Filters:
    """Which assistances are wanted; every condition given must hold.

    Attributes:
        reference: any part of the reference, ``184`` (R25).
        refs: exactly these.
        services, statuses, stations: one of these (R26, R30, R31).
        address: beginnings of words of street, postcode, town (R27).
        opened_from, opened_before: half-open range of the request date (R28).
        planned_from, planned_before: of the next visit (R29).
        words: beginnings of words anywhere: answers, messages, forms (ux.md A13);
            the number of a reference, ``184``, finds that assistance, too.
        requester: only this person's own; internal notes are then not searched.
        seen_by: only what this person asked for, is the contact on site of, or was let
            in to.
        requested_by: beginnings of words of the requester's name, company, address.
        is_internal: whether ``words`` may find internal notes.
        needs_agent, is_silent, is_completed, cancellation_asked, is_to_approve: the
            flag is so.
        needs_attention: somebody waits for the desk, and it is not snoozed.
        is_snoozed: it will come back by itself.
        is_open: neither closed nor cancelled.
        owners: looked after by one of these.
        is_owned: by anybody at all; False: nobody's, or one of ``owners``.
        tags: has one of these, accents and case ignored.
        channels: the newest message came through one of these, as a list shows it.
        has_documents: files are attached.
    """

    reference: str = ""
    refs: frozenset[AssistanceRef] = frozenset()
    services: frozenset[ServiceType] = frozenset()
    address: str = ""
    opened_from: datetime | None = None
    opened_before: datetime | None = None
    planned_from: datetime | None = None
    planned_before: datetime | None = None
    statuses: frozenset[Status] = frozenset()
    stations: frozenset[StationId] = frozenset()
    words: str = ""
    departments: frozenset[str] = frozenset()
    requester: PersonId | None = None
    seen_by: PersonId | None = None
    requested_by: str = ""
    is_internal: bool = True
    needs_agent: bool | None = None
    is_silent: bool | None = None
    is_completed: bool | None = None
    cancellation_asked: bool | None = None
    is_to_approve: bool | None = None
    needs_attention: bool | None = None
    is_snoozed: bool | None = None
    is_open: bool | None = None
    owners: frozenset[PersonId] = frozenset()
    is_owned: bool | None = None
    tags: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()
    has_documents: bool | None = None


@dataclass(frozen=True, slots=True)
class ListItem:
    """One line of a list (R24, ux.md 6.1).

    Attributes:
        company: of the installer, else of the distributor; possibly empty.
        inbound: how often client or station wrote; who has seen fewer has unread.
        seen: how many of those the reader of the list has seen; 0 without a reader.
        channel: of the newest message, or of the opening.
        preview, preview_by, preview_at: the newest message; its text may be empty.
        preview_to: who reads it beside the desk.
        preview_what, preview_amount: what it is without words (``voice``, ``video``,
            ``photo``, ``document``, ``files``), and its seconds or how many there are.
    """

    id: AssistanceId
    ref: AssistanceRef
    version: int
    status: Status
    service: ServiceType | None
    address: str
    postcode: str
    town: str
    country: str
    opened_at: datetime
    updated_at: datetime
    planned_at: datetime | None
    waiting_since: datetime | None
    requester: PersonId
    station: StationId | None
    station_name: str
    documents: int
    messages: int
    needs_agent: bool
    is_completed: bool
    is_silent: bool
    cancellation_asked: bool
    is_to_approve: bool
    department: str
    company: str
    owner: PersonId | None
    owner_name: str
    attention: Attention | None
    attention_since: datetime | None
    snoozed_until: datetime | None
    inbound: int
    channel: str
    preview: str
    preview_by: Role | None
    preview_at: datetime | None
    tags: tuple[str, ...]
    preview_to: Hearers = Hearers.CLIENT
    preview_what: str = ""
    preview_amount: int = 0
    seen: int = 0


@dataclass(frozen=True, slots=True)
class Page:
    """Some lines and where to go on.

    Attributes:
        after: give it back for the next page; None at the end.
    """

    items: tuple[ListItem, ...]
    after: str | None


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last line of a page: its sort value and its number."""

    value: datetime | None
    id: int

    @override
    def __str__(self) -> str:
        """Return it as text that fits into a URL."""
        value = self.value.isoformat() if self.value else None
        packed = json.dumps([value, self.id], separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(packed).decode().rstrip("=")

    @classmethod
    def read(cls, words: str) -> Cursor:
        """Return what ``str`` wrote.

        Raises:
            Refused: ``bad_cursor``; it came from elsewhere.
        """
        try:
            padded = words.encode("ascii") + b"=" * (-len(words) % 4)
            loaded: Any = json.loads(base64.urlsafe_b64decode(padded))
            value, number = loaded
            at = datetime.fromisoformat(value) if value is not None else None
            if at is not None:
                require_aware(at)
            return cls(at, int(number))
        except (ValueError, TypeError, binascii.Error) as error:
            raise Refused("bad_cursor") from error


@dataclass(frozen=True, slots=True)
class Health:
    """How the flow goes (ux.md D9).

    Attributes:
        last_received_at: when the newest message was received; None: never.
        last_of: the same for each channel that brought something lately.
        raw, oldest_raw: messages by state; the one that waits longest.
        outbox, oldest_due_at: deliveries by state; since when the longest due one
            waits, None when none is due.
        outbox_waiting: deliveries that are due, or were tried in vain: what is to be
            sent later keeps nobody waiting.
        oldest_waiting_at: since when the one of them that waits longest is due, or was
            first tried; None when none waits.
        unsent: since when the mail server does not take letters, and why; None while
            it does.
        overdue_timers: due and not fired.
    """

    last_received_at: datetime | None
    raw: Mapping[RawState, int] = field(default_factory=dict)
    oldest_raw: tuple[RawId, datetime] | None = None
    outbox: Mapping[DeliveryState, int] = field(default_factory=dict)
    oldest_due_at: datetime | None = None
    overdue_timers: int = 0
    last_of: Mapping[str, datetime] = field(default_factory=dict)
    outbox_waiting: int = 0
    oldest_waiting_at: datetime | None = None
    unsent: tuple[datetime, str] | None = None
