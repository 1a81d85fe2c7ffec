"""A history read as what people said, and where each word stands now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from azbot.messages import PersonId
from azbot.workflow import events as e
from azbot.workflow.decision import Recorded
from azbot.workflow.model import AssistanceRef, Hearers, Party, Role, StationId


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody wrote to the other side, or an agent for agents.

    Attributes:
        id: of the line that brought it here.
        at: when it was written, which may be before it came here.
        name: of the writer, in full.
        elided: quotations and signatures, in order.
        documents: numbers of the files that came with it.
        origin: where it stood before; None: here from the beginning.
        album: see ``commands.AddMessage``.
        forwarded_from: whose words these were, possibly empty.
        former: what it said before it was edited, oldest first.
        to: who reads it beside the desk, its writer included.
        station: whose talk it is part of, None where no station reads it.
    """

    id: int
    at: datetime
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
    origin: AssistanceRef | None = None
    album: str = ""
    forwarded_from: str = ""
    former: tuple[str, ...] = ()
    to: Hearers = Hearers.CLIENT
    station: StationId | None = None

    @property
    def is_inbound(self) -> bool:
        """A person outside the desk wrote it."""
        outside = (Role.CLIENT, Role.STATION)
        return self.author in outside and not self.is_automatic


def moved(history: Iterable[Recorded]) -> Mapping[int, AssistanceRef]:
    """Return where the messages went that stand here no more, by their line."""
    return {
        line.event.event: line.event.to
        for line in history
        if isinstance(line.event, e.MessageMovedOut)
    }


def messages(history: Iterable[Recorded]) -> tuple[Said, ...]:
    """Return the conversation, oldest first; notes and moved messages are no part."""
    lines = tuple(history)
    gone, later = moved(lines), amended(lines)
    said = (
        said_in(line, later.get(line.id, ())) for line in lines if line.id not in gone
    )
    return tuple(sorted((one for one in said if one), key=lambda one: one.at))


def unanswered(said: Iterable[Said]) -> tuple[Hearers, ...]:
    """Return whose words nobody at the desk has answered, the newest ones last.

    Args:
        said: the conversation, oldest first.
    """
    waiting: list[Hearers] = []
    for one in said:
        if one.is_automatic:
            continue
        if one.is_inbound:
            waiting = [each for each in waiting if each is not one.to]
            waiting.append(one.to)
        else:
            waiting = [each for each in waiting if each.without(one.to)]
    return tuple(waiting)


def heard_by_client(history: Iterable[Recorded]) -> tuple[Recorded, ...]:
    """Return the lines of a history that a client may be told of (ux.md A7, R176).

    Nothing for agents alone is among them, nor anything said between desk and station,
    nor what was made of the files that went with it.
    """
    lines = tuple(history)
    hidden = _hidden(lines, Party.CLIENT)
    return tuple(
        line for line in lines if not (line.event.is_private or _is_of(line, hidden))
    )


def heard_by_station(
    history: Iterable[Recorded], station: StationId
) -> tuple[Recorded, ...]:
    """Return the lines of a history that one station may be told of.

    The request itself is its order; what client and desk say about it is theirs, and
    so is what the desk and a station that had the mission before said.
    """
    lines = tuple(history)
    hidden = _hidden(lines, Party.STATION, station)
    gone = moved(lines)
    theirs = frozenset(
        line.id
        for line in lines
        if (said := said_in(line)) is not None
        and said.to.includes(Party.STATION)
        and said.station in (None, station)
    )
    return tuple(
        line
        for line in lines
        if not (line.event.is_internal or line.id in gone or _is_of(line, hidden))
        and _concerns(line, theirs, station)
    )


def _concerns(line: Recorded, theirs: frozenset[int], station: StationId) -> bool:
    match line.event:
        case e.MessageAdded() | e.MessageArrived():
            return line.id in theirs
        case e.MessageEdited(event=number) | e.FilesJoined(event=number):
            return number in theirs
        case e.MissionRefused():
            return line.actor.station in (None, station)
        case _:
            return not isinstance(line.event, _WITH_CLIENTS)


_WITH_CLIENTS = (
    e.ComplementAsked,
    e.ComplementReceived,
    e.ClientReminded,
    e.AgentNeeded,
    e.ClosingReminded,
    e.ClosingRefused,
    e.CancellationAsked,
    e.ColleagueInvited,
)
"""What client and desk settle between them, in words."""


def _hidden(
    lines: Iterable[Recorded], party: Party, station: StationId | None = None
) -> frozenset[int]:
    """Return the numbers of the files a side may not have."""
    return frozenset(
        line.event.document.number
        for line in lines
        if isinstance(line.event, e.DocumentAdded)
        and not line.event.document.is_for(party, station)
    )


def _is_of(line: Recorded, hidden: frozenset[int]) -> bool:
    """Whether a line is about a file that is hidden."""
    match line.event:
        case e.DocumentAdded(document=document):
            return document.number in hidden
        case e.DocumentReviewed(number=number):
            return number in hidden
        case _:
            return False


def answered_in(
    history: Sequence[Recorded], person: PersonId, chats: Collection[str]
) -> str:
    """Return the chat in which somebody is answered; empty: by letter (ux.md 10.6).

    It is where they were heard last. Who has only been on the pages, or was never
    heard, is answered in a chat, unless they have written a letter about this.

    Args:
        history: of the assistance.
        person: whom.
        chats: channels of the chats in which they can be written to.
    """
    heard = [line.actor.channel for line in history if line.actor.person == person]
    if heard and heard[-1] in chats:
        return heard[-1]
    if not chats or _LETTERS in heard:
        return ""
    return next((each for each in reversed(heard) if each in chats), min(chats))


_LETTERS = "email"


def amended(history: Iterable[Recorded]) -> Mapping[int, Sequence[Recorded]]:
    """Return what came to messages, or changed them, by the line that brought them."""
    found: defaultdict[int, list[Recorded]] = defaultdict(list)
    for line in history:
        if isinstance(line.event, AMENDMENTS):
            found[line.event.event].append(line)
    return found


AMENDMENTS = e.MessageEdited | e.FilesJoined
"""What is part of the message it is about, and no line of its own."""


def notes(history: Iterable[Recorded]) -> tuple[Said, ...]:
    """Return the internal notes, oldest first."""
    return tuple(sorted(_notes(history), key=lambda one: one.at))


def note_documents(history: Iterable[Recorded]) -> frozenset[int]:
    """Return the numbers of the files that came with notes."""
    return frozenset(n for note in _notes(history) for n in note.documents)


def said_in(line: Recorded, later: Iterable[Recorded] = ()) -> Said | None:
    """Return the message that one line brought, None when it brought none.

    Args:
        line: of the history.
        later: what ``amended`` found of it; the message is as they left it.
    """
    said = _said_in(line)
    if said is None:
        return None
    for each in later:
        said = _after(said, each.event)
    return said


def _after(said: Said, event: e.Event) -> Said:
    match event:
        case e.MessageEdited(text=text):
            return replace(said, text=text, former=(*said.former, said.text))
        case e.FilesJoined(documents=documents, text=text):
            return replace(said, text=text, documents=(*said.documents, *documents))
        case _:
            return said


def _said_in(line: Recorded) -> Said | None:
    match line.event:
        case e.AssistanceOpened(text=text) as event if text:
            return Said(
                line.id,
                line.at,
                Role.CLIENT if line.actor.is_staff else line.actor.role,
                line.actor.name,
                line.actor.channel,
                text,
                event.elided,
                event.documents,
                event.message_id,
                event.raw,
            )
        case e.MessageAdded() as event:
            return Said(
                line.id,
                line.at,
                event.author,
                line.actor.name,
                line.actor.channel,
                event.text,
                event.elided,
                event.documents,
                event.message_id,
                event.raw,
                event.is_mixed,
                event.is_automatic,
                album=event.album,
                forwarded_from=event.forwarded_from,
                to=event.hearers,
                station=event.station or line.actor.station,
            )
        case e.MessageArrived() as event:
            return Said(
                line.id,
                event.said_at,
                event.author,
                event.name,
                event.channel,
                event.text,
                event.elided,
                event.documents,
                event.message_id,
                event.raw,
                event.is_mixed,
                event.is_automatic,
                event.origin,
                event.album,
                event.forwarded_from,
                event.former,
                event.hearers,
                event.station,
            )
        case _:
            return None


def note_in(line: Recorded) -> Said | None:
    """Return the internal note that one line brought, None when it brought none."""
    match line.event:
        case e.NoteAdded(text=text, documents=documents):
            return Said(
                line.id,
                line.at,
                line.actor.role,
                line.actor.name,
                line.actor.channel,
                text,
                documents=documents,
            )
        case e.NoteArrived() as event:
            return Said(
                line.id,
                event.said_at,
                Role.AGENT,
                event.name,
                "",
                event.text,
                documents=event.documents,
                origin=event.origin,
            )
        case _:
            return None


def _notes(history: Iterable[Recorded]) -> Iterator[Said]:
    yield from filter(None, map(note_in, history))
