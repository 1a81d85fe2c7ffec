"""What belongs where: links, two that are one, words that stood in the wrong place."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar

from typing_extensions import override

from azbot.messages import PersonId
from azbot.workflow.events.fact import Fact, one_line, raised, released
from azbot.workflow.events.requests import heard_by
from azbot.workflow.model import (
    Assistance,
    AssistanceRef,
    Attention,
    Hearers,
    Latest,
    Role,
    StationId,
    Status,
    Waiting,
)

_OUTSIDE = (Role.CLIENT, Role.STATION)


@dataclass(frozen=True, slots=True)
class AssistanceLinked(Fact):
    """An agent noted that another one has to do with it."""

    is_internal: ClassVar[bool] = True
    ref: AssistanceRef

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """Append it."""
        return replace(it, links=(*it.links, self.ref))


@dataclass(frozen=True, slots=True)
class AssistanceUnlinked(Fact):
    """A link was taken back."""

    is_internal: ClassVar[bool] = True
    ref: AssistanceRef

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """Remove it."""
        return replace(it, links=tuple(ref for ref in it.links if ref != self.ref))


@dataclass(frozen=True, slots=True)
class AssistanceMerged(Fact):
    """It is one with another, and goes on there."""

    into: AssistanceRef
    reason: str

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """End it; what is still written to it belongs to the other one."""
        return replace(
            it,
            status=Status.CANCELLED,
            closed_at=at,
            merged_into=self.into,
            reason=self.reason,
            needs_agent=False,
        )


@dataclass(frozen=True, slots=True)
class AssistanceAbsorbed(Fact):
    """Another one goes on here.

    Attributes:
        people: who may go on writing about it: its requester and its contact.
        waiting: who waited for the desk there waits here.
    """

    is_internal: ClassVar[bool] = True
    ref: AssistanceRef
    people: tuple[PersonId, ...]
    waiting: Waiting | None = None

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """Let its people in."""
        own = (it.requester, it.contact, *it.joined)
        new = tuple(one for one in self.people if one not in own)
        fresh = replace(it, joined=(*it.joined, *new))
        if self.waiting is None:
            return fresh
        is_new = self.waiting.reason is Attention.NEW
        reason = Attention.MESSAGE if is_new else self.waiting.reason
        return raised(fresh, reason, self.waiting.since)


@dataclass(frozen=True, slots=True)
class MessageArrived(Fact):
    """A message came here from another assistance.

    Attributes:
        origin: where it stood before.
        said_at: when it was written; it is shown there.
        author, name, channel: whose words these are, and how they came.
        documents: numbers of its files here.
        needs_answer: nobody has read it as what it is (a misfiled one).
        former: what it said before it was edited, oldest first.
        other fields: as ``MessageAdded`` has them.
    """

    origin: AssistanceRef
    said_at: datetime
    author: Role
    name: str
    channel: str
    text: str
    elided: tuple[str, ...] = ()
    documents: tuple[int, ...] = ()
    message_id: str = ""
    raw: int | None = None
    is_mixed: bool = False
    is_automatic: bool = False
    needs_answer: bool = False
    album: str = ""
    forwarded_from: str = ""
    former: tuple[str, ...] = ()
    to: Hearers = Hearers.CLIENT
    station: StationId | None = None

    @property
    def is_inbound(self) -> bool:
        """A person outside the desk wrote it."""
        return self.author in _OUTSIDE and not self.is_automatic

    @property
    def hearers(self) -> Hearers:
        """Who reads it beside the desk, its writer included."""
        return heard_by(self.author, self.to)

    @property
    @override
    def is_private(self) -> bool:
        """It is between the desk and a station."""
        return self.hearers is Hearers.STATION

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """Count it like any message; what is older changes no preview."""
        if self.is_automatic:
            return it
        fresh = replace(
            it, messages=it.messages + 1, inbound=it.inbound + self.is_inbound
        )
        if it.latest is None or it.latest.at <= self.said_at:
            latest = Latest(
                one_line(self.text),
                self.said_at,
                self.author,
                self.channel,
                self.hearers,
                self.documents,
            )
            fresh = replace(fresh, latest=latest)
        if not self.needs_answer:
            return fresh
        # As with a message that comes by itself: nothing is concluded from silence.
        is_doubt = it.status is Status.DONE and self.author is Role.CLIENT
        fresh = replace(
            fresh,
            needs_agent=it.needs_agent or is_doubt,
            unanswered=self.hearers.joined(it.unanswered),
        )
        return raised(fresh, Attention.MESSAGE, self.said_at)


@dataclass(frozen=True, slots=True)
class NoteArrived(Fact):
    """An internal note came here from another assistance."""

    is_internal: ClassVar[bool] = True
    origin: AssistanceRef
    said_at: datetime
    name: str
    text: str
    documents: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class MessageMovedOut(Fact):
    """A message stood in the wrong place; its line stays, its words are elsewhere.

    Attributes:
        event: number of the line that brought it.
        said_at: when it was written.
        to: where it is now.
        documents: numbers of its files, which went with it.
        latest: the newest message that stays.
    """

    is_internal: ClassVar[bool] = True
    event: int
    said_at: datetime
    to: AssistanceRef
    documents: tuple[int, ...] = ()
    latest: Latest | None = None

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """Take it and its files out; who waited because of it alone waits no more."""
        fresh = replace(
            it,
            messages=max(it.messages - 1, 0),
            latest=self.latest,
            documents=tuple(
                replace(d, moved_to=self.to) if d.number in self.documents else d
                for d in it.documents
            ),
        )
        is_why = (it.attention, it.attention_since) == (
            Attention.MESSAGE,
            self.said_at,
        )
        return released(fresh) if is_why else fresh
