"""Rules over two assistances: link, merge, move what was misfiled. Pure.

Each answers with what happens to the one and to the other, or with the refusal that
leaves both alone; ``decide.conclude`` makes decisions of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from azbot.messages import Trust
from azbot.workflow import events as e
from azbot.workflow.commands import AddMessage
from azbot.workflow.conversation import Said, messages, moved, notes
from azbot.workflow.decision import Recorded, Refusal
from azbot.workflow.events import Event
from azbot.workflow.events.fact import one_line
from azbot.workflow.model import (
    Actor,
    Assistance,
    AssistanceRef,
    Document,
    DocumentKind,
    Latest,
    MissionStatus,
    Waiting,
)
from azbot.workflow.policy import permit
from azbot.workflow.situation import refuse, wrong_status

MISFILED_FOR = timedelta(minutes=30)
"""How long a writer may say that a message belongs elsewhere (ux.md 10.6)."""


@dataclass(frozen=True, slots=True)
class Relocation:
    """What happens to the one and to the other."""

    source: tuple[Event, ...] = ()
    target: tuple[Event, ...] = ()


Verdict = Relocation | Refusal


def link(one: Assistance, other: Assistance, actor: Actor) -> Verdict:
    """Note on both that they have to do with each other."""
    if stop := _barred(one, other, actor):
        return stop
    return Relocation(
        () if other.ref in one.links else (e.AssistanceLinked(other.ref),),
        () if one.ref in other.links else (e.AssistanceLinked(one.ref),),
    )


def unlink(one: Assistance, other: Assistance, actor: Actor) -> Verdict:
    """Take a link back on both sides."""
    if stop := _barred(one, other, actor):
        return stop
    return Relocation(
        (e.AssistanceUnlinked(other.ref),) if other.ref in one.links else (),
        (e.AssistanceUnlinked(one.ref),) if one.ref in other.links else (),
    )


def merge(
    source: Assistance,
    target: Assistance,
    history: Sequence[Recorded],
    actor: Actor,
    *,
    reason: str = "",
    is_confirmed: bool = False,
) -> Verdict:
    """Let one go on inside another, with all its words and files.

    Args:
        source: ends.
        target: goes on; open.
        history: of the source, whole.
        actor: an agent.
        reason: the client reads it; may be empty.
        is_confirmed: the agent knows that the requesters differ.

    Refusals: ``same_assistance``, ``merged_already``, ``wrong_status`` (the source
    has ended), ``target_ended``, ``mission_in_force`` (to be taken back first),
    ``other_requester``.
    """
    if stop := _barred(source, target, actor) or _unfit(source, target):
        return stop
    if source.requester != target.requester and not is_confirmed:
        return refuse("other_requester", "6.3", ref=target.ref)
    waiting = None
    if source.attention and source.attention_since:
        waiting = Waiting(source.attention, source.attention_since)
    people = (source.requester, *((source.contact,) if source.contact else ()))
    absorbed = e.AssistanceAbsorbed(source.ref, people, waiting)
    files = _renumbered(source.present_documents, target)
    return Relocation(
        (e.AssistanceMerged(target.ref, reason.strip()),),
        (
            absorbed,
            *(e.DocumentAdded(document) for document in files.values()),
            *(_arrival(s, source.ref, files) for s in messages(history)),
            *(_note(s, source.ref, files) for s in notes(history)),
        ),
    )


def move(
    source: Assistance,
    target: Assistance,
    history: Sequence[Recorded],
    number: int,
    actor: Actor,
) -> Verdict:
    """Put a misfiled message of a client or station where it belongs.

    Args:
        source: where it stands, and stands no more.
        target: where it belongs.
        history: of the source, whole.
        number: of the line that brought the message.
        actor: an agent.

    Refusals: ``same_assistance``, ``merged_already``, ``moved_already``,
    ``not_movable`` (no message of somebody outside the desk; the opening stays).
    """
    return _barred(source, target, actor) or _move(source, target, history, number)


def refile(
    source: Assistance,
    target: Assistance,
    history: Sequence[Recorded],
    number: int,
    actor: Actor,
    now: datetime,
) -> Verdict:
    """Let the writer of a misfiled message put it where it belongs, for a while.

    Args:
        source: where it stands, and stands no more.
        target: where it belongs.
        history: of the source, whole.
        number: of the line that brought the message.
        actor: who wrote it, taking part in both.
        now: the present.

    Refusals: as ``move``; ``not_yours`` (somebody else's words, or not theirs to
    write there), ``too_late`` (they came more than ``MISFILED_FOR`` ago).
    """
    line = next((line for line in history if line.id == number), None)
    is_own = line is not None and actor.person is not None
    if line is None or not is_own or line.actor.person != actor.person:
        return refuse("not_yours", "M8")
    for one in (source, target):
        if stop := permit(one, AddMessage("…"), actor):
            return stop
    if now - line.at > MISFILED_FOR:
        return refuse("too_late", "10.6")
    return _same(source, target) or _move(source, target, history, number)


def _move(
    source: Assistance, target: Assistance, history: Sequence[Recorded], number: int
) -> Verdict:
    for one in (source, target):
        if one.merged_into is not None:
            return _merged(one)
    if number in (gone := moved(history)):
        return refuse("moved_already", "6.6", ref=gone[number])
    stand = messages(history)
    said = next((one for one in stand if one.id == number), None)
    if said is None or not said.is_inbound or _is_opening(history, number):
        return refuse("not_movable", "6.6")
    own = [d for d in source.present_documents if d.number in said.documents]
    files = _renumbered(own, target)
    arrival = _arrival(said, source.ref, files)
    stays = [one for one in stand if one.id != number]
    out = e.MessageMovedOut(
        event=number,
        said_at=said.at,
        to=target.ref,
        documents=tuple(files),
        latest=_latest(stays, history),
    )
    return Relocation(
        (out,),
        (
            *(e.DocumentAdded(document) for document in files.values()),
            replace(arrival, needs_answer=True),
        ),
    )


def _barred(one: Assistance, other: Assistance, actor: Actor) -> Refusal | None:
    if not actor.is_staff or actor.trust < Trust.STAFF:
        return refuse("not_allowed", "policy", role=actor.role.value)
    return _same(one, other)


def _same(one: Assistance, other: Assistance) -> Refusal | None:
    return refuse("same_assistance", "6.3") if one.id == other.id else None


def _unfit(source: Assistance, target: Assistance) -> Refusal | None:
    for one in (source, target):
        if one.merged_into is not None:
            return _merged(one)
    if not source.is_open:
        return wrong_status(source)
    if not target.is_open:
        return refuse("target_ended", "6.3", ref=target.ref)
    mission = source.mission
    if mission and mission.status in (MissionStatus.PROPOSED, MissionStatus.ACCEPTED):
        return refuse("mission_in_force", "6.3", station=mission.station.company)
    return None


def _merged(one: Assistance) -> Refusal:
    return refuse("merged_already", "6.3", ref=one.ref, into=one.merged_into)


def _is_opening(history: Sequence[Recorded], number: int) -> bool:
    return bool(history) and history[0].id == number


def _renumbered(
    documents: Iterable[Document], target: Assistance
) -> Mapping[int, Document]:
    """Return the files as the target has them, by their old number.

    Visits are of the other one; a report is then a file like any other.
    """
    first = len(target.documents) + 1
    return {
        d.number: replace(
            d,
            number=number,
            kind=DocumentKind.OTHER if d.kind is DocumentKind.REPORT else d.kind,
            intervention=None,
            point=None,
        )
        for number, d in enumerate(documents, start=first)
    }


def _arrival(
    said: Said, origin: AssistanceRef, files: Mapping[int, Document]
) -> e.MessageArrived:
    return e.MessageArrived(
        origin=origin,
        said_at=said.at,
        author=said.author,
        name=said.name,
        channel=said.channel,
        text=said.text,
        elided=said.elided,
        documents=_numbers(said, files),
        message_id=said.message_id,
        raw=said.raw,
        is_mixed=said.is_mixed,
        is_automatic=said.is_automatic,
        album=said.album,
        forwarded_from=said.forwarded_from,
        former=said.former,
        to=said.to,
        station=said.station,
    )


def _note(
    said: Said, origin: AssistanceRef, files: Mapping[int, Document]
) -> e.NoteArrived:
    numbers = _numbers(said, files)
    return e.NoteArrived(origin, said.at, said.name, said.text, numbers)


def _numbers(said: Said, files: Mapping[int, Document]) -> tuple[int, ...]:
    return tuple(files[n].number for n in said.documents if n in files)


def _latest(stays: Sequence[Said], history: Sequence[Recorded]) -> Latest | None:
    """Return the newest message that stays, else the opening without words."""
    people = [said for said in stays if not said.is_automatic]
    if people:
        newest = people[-1]
        text = one_line(newest.text)
        return Latest(
            text,
            newest.at,
            newest.author,
            newest.channel,
            newest.to,
            newest.documents,
        )
    opened = history[0]
    return Latest("", opened.at, opened.actor.role, opened.actor.channel)
