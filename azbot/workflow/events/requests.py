"""What happened to the request: opened, filled, completed, documents, words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar

from typing_extensions import override

from azbot.messages import PersonId
from azbot.workflow.events.fact import Change, Fact, asked_again, one_line
from azbot.workflow.model import (
    Answers,
    Assistance,
    AssistanceId,
    AssistanceRef,
    Attention,
    Document,
    DocumentKind,
    Hearers,
    Latest,
    Party,
    Review,
    Role,
    ServiceType,
    StationId,
    Status,
)


@dataclass(frozen=True, slots=True)
class AssistanceOpened(Fact):
    """A request was registered."""

    id: AssistanceId
    ref: AssistanceRef
    requester: PersonId
    contact: PersonId | None
    language: str
    zone_name: str
    via: str
    answers: Answers
    missing: tuple[str, ...]
    is_confirmed: bool
    text: str = ""
    elided: tuple[str, ...] = ()
    message_id: str = ""
    raw: int | None = None
    documents: tuple[int, ...] = ()

    def begin(self, at: datetime) -> Assistance:
        """Return the first state."""
        return Assistance(
            id=self.id,
            ref=self.ref,
            version=0,
            status=Status.SUBMITTED,
            opened_at=at,
            opened_via=self.via,
            requester=self.requester,
            contact=self.contact,
            language=self.language,
            zone_name=self.zone_name,
            answers=dict(self.answers),
            missing=self.missing,
            is_confirmed=self.is_confirmed,
            waiting_since=at,
            messages=1 if self.text else 0,
            attention=Attention.NEW,
            attention_since=at,
            inbound=1,
            latest=Latest(
                one_line(self.text),
                at,
                Role.CLIENT,
                self.via,
                documents=self.documents,
            ),
            unanswered=Hearers.CLIENT,
        )


@dataclass(frozen=True, slots=True)
class RequestAmended(Fact):
    """Fields of the request were filled or corrected.

    Attributes:
        by: None in histories older than this field.
    """

    changes: tuple[Change, ...]
    missing: tuple[str, ...]
    zone_name: str
    contact: PersonId | None = None
    by: Role | None = None

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """Merge the changes field by field."""
        answers = {**it.answers, **{c.field: c.after for c in self.changes}}
        return replace(
            it,
            answers={k: v for k, v in answers.items() if v is not None},
            missing=self.missing,
            zone_name=self.zone_name,
            contact=self.contact or it.contact,
            reminded=0,
            needs_agent=False,
            waiting_since=at,
        )


@dataclass(frozen=True, slots=True)
class RequestConfirmed(Fact):
    """The client agreed with the recap."""

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """The request needs no further confirmation."""
        return replace(it, is_confirmed=True)


@dataclass(frozen=True, slots=True)
class MessageAdded(Fact):
    """Somebody wrote to the other side.

    Attributes:
        channel: through which; empty in histories older than this field.
        album, forwarded_from, by_mail: see ``commands.AddMessage``.
        to: who reads what an agent writes; what others write has one reader, the desk.
        station: whose talk it is part of; None where no station reads it.
    """

    text: str
    elided: tuple[str, ...] = ()
    documents: tuple[int, ...] = ()
    message_id: str = ""
    raw: int | None = None
    author: Role = Role.CLIENT
    is_mixed: bool = False
    is_automatic: bool = False
    channel: str = ""
    album: str = ""
    forwarded_from: str = ""
    by_mail: bool = False
    to: Hearers = Hearers.CLIENT
    station: StationId | None = None

    @property
    def is_inbound(self) -> bool:
        """A person outside the desk wrote it."""
        outside = (Role.CLIENT, Role.STATION)
        return self.author in outside and not self.is_automatic

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
        """Count it; a person's words end the reminders.

        After the closing question a client who writes is not silent: nothing
        closes by itself until the desk has answered (R150).
        """
        if self.is_automatic:
            return it
        is_client, is_done = self.author is Role.CLIENT, it.status is Status.DONE
        is_heard = is_client and not is_done
        fresh = replace(
            it,
            messages=it.messages + 1,
            inbound=it.inbound + self.is_inbound,
            latest=Latest(
                one_line(self.text),
                at,
                self.author,
                self.channel,
                self.hearers,
                self.documents,
            ),
            reminded=0 if is_heard else it.reminded,
            needs_agent=is_done if is_client else it.needs_agent,
            waiting_since=at if is_heard else it.waiting_since,
        )
        if is_client:
            return fresh
        if is_done and it.needs_agent and self.hearers.includes(Party.CLIENT):
            return asked_again(fresh, at)
        return fresh


@dataclass(frozen=True, slots=True)
class MessageEdited(Fact):
    """Somebody changed what they had written in a chat; the old words stay known.

    Attributes:
        event: number of the line that brought the message.
        said_at: when it was written.
        before: what it said until now.
        text: what it says now.
    """

    event: int
    said_at: datetime
    before: str
    text: str
    author: Role

    @property
    @override
    def is_private(self) -> bool:
        """As the message is."""
        return heard_by(self.author) is Hearers.STATION

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """Let lists show the new words; a client who changes theirs is not silent."""
        latest = it.latest
        if latest and (latest.at, latest.author) == (self.said_at, self.author):
            it = replace(it, latest=replace(latest, text=one_line(self.text)))
        return _not_silent(it, self.author)


@dataclass(frozen=True, slots=True)
class FilesJoined(Fact):
    """More came of what was sent together: it joins the message that came first.

    Attributes:
        event: number of the line that brought the message.
        documents: numbers of the files that are new.
        together: numbers of all its files by now.
        text: all its words by now.
        album: what they were sent together as.
    """

    event: int
    documents: tuple[int, ...]
    together: tuple[int, ...]
    text: str
    author: Role
    album: str

    @property
    @override
    def is_private(self) -> bool:
        """As the message is."""
        return heard_by(self.author) is Hearers.STATION

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """A client who sends something is not silent; it is no message of its own."""
        latest = it.latest
        before = self.together[: len(self.together) - len(self.documents)]
        if latest and (latest.author, latest.documents) == (self.author, before):
            it = replace(it, latest=replace(latest, documents=self.together))
        return _not_silent(it, self.author)


def heard_by(author: Role, to: Hearers = Hearers.CLIENT) -> Hearers:
    """Return who reads a message beside the desk, its writer included.

    Args:
        author: what a station writes is for the desk alone (R176).
        to: whom an agent wrote to.
    """
    return Hearers.STATION if author is Role.STATION else to


def _not_silent(it: Assistance, author: Role) -> Assistance:
    """Conclude nothing from silence after the closing question (R150)."""
    is_doubt = author is Role.CLIENT and it.status is Status.DONE
    return replace(it, needs_agent=True) if is_doubt else it


@dataclass(frozen=True, slots=True)
class NoteAdded(Fact):
    """An agent wrote for agents only."""

    is_internal: ClassVar[bool] = True
    text: str
    documents: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class DocumentAdded(Fact):
    """A file was attached."""

    document: Document

    @property
    @override
    def is_private(self) -> bool:
        """As the document is."""
        return not self.document.is_for(Party.CLIENT)

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """Append it."""
        return replace(it, documents=(*it.documents, self.document))


@dataclass(frozen=True, slots=True)
class DocumentReviewed(Fact):
    """The desk judged a document."""

    number: int
    name: str
    before: Review
    review: Review
    kind: DocumentKind
    reason: str = ""

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """Set its verdict and its kind."""
        return replace(
            it,
            documents=tuple(
                replace(
                    d, review=self.review, kind=self.kind, review_reason=self.reason
                )
                if d.number == self.number
                else d
                for d in it.documents
            ),
        )


@dataclass(frozen=True, slots=True)
class ComplementAsked(Fact):
    """The request waits for the client (R10)."""

    items: tuple[str, ...]
    comment: str

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """Wait."""
        return replace(
            it,
            status=Status.WAITING,
            asked_items=self.items,
            asked_comment=self.comment,
            reminded=0,
            is_completed=False,
            needs_agent=False,
            waiting_since=at,
        )


@dataclass(frozen=True, slots=True)
class ComplementReceived(Fact):
    """The client answered; the request is back at the desk (R145)."""

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """Return to the desk, marked « Complétée »."""
        return replace(
            it,
            status=Status.SUBMITTED,
            is_completed=True,
            asked_items=(),
            asked_comment="",
            reminded=0,
            needs_agent=False,
            waiting_since=at,
        )


@dataclass(frozen=True, slots=True)
class ClientReminded(Fact):
    """A reminder left for what is missing.

    Attributes:
        by: an agent, or the clock; None in histories older than this field.
    """

    step: int
    by: Role | None = None

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """Count the reminder."""
        return replace(it, reminded=max(it.reminded, self.step), reminded_at=at)


@dataclass(frozen=True, slots=True)
class AgentNeeded(Fact):
    """Reminders brought nothing: an agent decides (ux.md 9.3)."""

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """Flag it."""
        return replace(it, needs_agent=True)


@dataclass(frozen=True, slots=True)
class Requalified(Fact):
    """The service type changed (R152)."""

    before: ServiceType | None
    after: ServiceType
    reason: str
    missing: tuple[str, ...]

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """Change it."""
        return replace(
            it,
            answers={**it.answers, "service": self.after.value},
            missing=self.missing,
        )


@dataclass(frozen=True, slots=True)
class DeliveryFailed(Fact):
    """Somebody did not get a notice (email.md §5.3)."""

    address: str
    reason: str
    is_permanent: bool
    is_internal: ClassVar[bool] = True

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """Silence says nothing any more: an agent must look (ux.md 6.1)."""
        if not (self.is_permanent and it.is_open):
            return it
        return replace(it, needs_agent=True)


@dataclass(frozen=True, slots=True)
class ChatBlocked(Fact):
    """Somebody takes nothing more by chat; what follows goes by mail (ux.md 10.6).

    Attributes:
        name: of the person.
        via: the channel they closed.
    """

    name: str
    via: str
    is_internal: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class AbsenceNoted(Fact):
    """An automatic answer came and changed nothing (ux.md A17)."""

    text: str
    is_internal: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class ColleagueInvited(Fact):
    """The requester let one more person in (ux.md 7.1)."""

    person: PersonId
    name: str

    @override
    def apply(self, it: Assistance, at: datetime) -> Assistance:
        """They see all of it and may write from now on."""
        joined = it.joined
        if self.person not in joined:
            joined = (*joined, self.person)
        return replace(it, joined=joined, colleagues=(*it.colleagues, self.person))
