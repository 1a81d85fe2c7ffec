"""What the composer shows: two texts, who will read them, what is still held."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from azbot.channels.web import uploads
from azbot.channels.web.inbox.timeline import channel_icon, channel_label
from azbot.channels.web.outages import outages
from azbot.channels.web.seams import WebDeps
from azbot.channels.web.settings import MEGABYTE
from azbot.channels.web.staff import Staff
from azbot.channels.web.uploads import Upload
from azbot.desk.holding import CRASHED, Collision, Hold, HoldState, News
from azbot.desk.spoken import open_chats
from azbot.errors import Refused
from azbot.i18n import formats
from azbot.i18n.catalogue import Catalogue
from azbot.media import ALLOWED
from azbot.messages import PersonId
from azbot.render.phrases import refusal_sentence
from azbot.store.drafts import Draft, DraftFile, DraftKind
from azbot.store.outbox import LETTERS
from azbot.workflow.commands import (
    AddMessage,
    ChooseOwner,
    CloseAssistance,
    Command,
    MarkHandled,
    Snooze,
)
from azbot.workflow.conversation import answered_in, messages, unanswered
from azbot.workflow.decision import Recorded
from azbot.workflow.model import Assistance, AssistanceRef, Hearers, Role

NEXT = "next"
"""« … et dossier suivant »: no command, the page moves on."""

_THEN = ("mine", "handled", "tomorrow", "close")


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody who gets a reply.

    Attributes:
        channel: by name: ``email``, or the chat they wrote in last.
        service: what people call it.
        icon: its picture.
        is_out: messages to that service wait at present.
    """

    name: str
    address: str
    channel: str
    service: str
    icon: str = "mail"
    is_out: bool = False

    @property
    def is_chat(self) -> bool:
        """Whether a letter is the other choice."""
        return self.channel != LETTERS


@dataclass(frozen=True, slots=True)
class Side:
    """One choice of who reads a reply.

    Attributes:
        name: « Client », the company of the station, « Les deux ».
        recipients: exactly who gets it, each once; empty: nobody can.
        is_waiting: nobody has answered what they wrote last.
    """

    to: Hearers
    name: str
    recipients: tuple[Recipient, ...]
    is_waiting: bool = False


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that will go with a text.

    Attributes:
        upload: its handle: of use to this agent alone.
        note: its size, in words.
    """

    upload: str
    name: str
    note: str


@dataclass(frozen=True, slots=True)
class Text:
    """One of the two texts, as far as it is written.

    Attributes:
        to: who would read it; of no meaning for a note, empty where nothing is written.
    """

    text: str = ""
    files: tuple[Attached, ...] = ()
    saved_at: str = ""
    to: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """Something this agent sent that may still be taken back.

    Attributes:
        is_reply: a message; otherwise an action, whose words are elsewhere.
        seconds: until it leaves.
        to: who will read a message.
        why: why it did not leave, in words; empty while it waits.
    """

    id: int
    ref: str
    text: str
    is_reply: bool
    seconds: float
    why: str = ""
    to: Hearers = Hearers.CLIENT


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody else said meanwhile (ux.md A11).

    Attributes:
        side: « Client », « Station », or whom a colleague wrote to.
    """

    author: str
    when: str
    text: str
    is_held: bool
    side: str = ""


@dataclass(frozen=True, slots=True)
class Composer:
    """Everything ``inbox/_composer`` draws.

    Attributes:
        person: number of the agent; what a browser keeps is kept apart by it.
        key: names the next press of each form, with its kind (X19).
        seen_event, seen_hold: how far the page shows the history (A11).
        kind: which of the two texts is open (A8).
        sides: the choices of who reads a reply, the client first.
        to: the one that is chosen; None: what was begun was meant for somebody who
            cannot read it any more, and an agent says who shall.
        station: number of the station the choices name, None without one.
        options: what « Envoyer et … » offers, by name.
        next_url: where « dossier suivant » leads without script; empty: nowhere.
        waiting, failed: what this agent sent, anywhere.
        news: what stopped the press before this page; empty: nothing.
        wrong: why the press before this page was refused; empty: it was not.
        held_for: seconds.
        largest: octets of one file.
        kinds: media types that are taken.
    """

    ref: AssistanceRef
    person: int
    key: str
    seen_event: int
    seen_hold: int
    kind: DraftKind
    reply: Text
    note: Text
    sides: tuple[Side, ...]
    to: Hearers | None
    station: int | None
    options: tuple[str, ...]
    next_url: str
    waiting: tuple[Held, ...]
    failed: tuple[Held, ...]
    held_for: float
    largest: int
    kinds: tuple[str, ...]
    news: tuple[Said, ...] = ()
    wrong: str = ""

    @property
    def megabytes(self) -> int:
        """The largest file, in millions of octets."""
        return self.largest // MEGABYTE


async def composer_of(
    deps: WebDeps,
    staff: Staff,
    it: Assistance,
    *,
    seen_event: int,
    next_url: str = "",
) -> Composer:
    """Return the composer of an assistance for one agent.

    Args:
        deps: the store, the desk.
        staff: who writes.
        it: the state the page shows.
        seen_event: number of the newest line of the history the page shows.
        next_url: address of the next one, below ``/inbox``.
    """
    views = deps.store.views
    drafts = {
        draft.kind: draft
        for draft in await views.drafts_of(it.id)
        if draft.person == staff.person.id
    }
    here = await views.holds_of(it.id)
    own = await views.holds_by(staff.person.id)
    refs = await views.refs_of(hold.assistance for hold in own)
    shown = [
        (hold.state, held(deps, staff, hold, refs[hold.assistance])) for hold in own
    ]
    has_note = DraftKind.NOTE in drafts and DraftKind.REPLY not in drafts
    begun = drafts.get(DraftKind.REPLY)
    history = await views.timeline(it.id, is_internal=True)
    sides = await sides_of(deps, staff, it, history)
    return Composer(
        ref=it.ref,
        person=staff.person.id,
        key=secrets.token_urlsafe(12),
        seen_event=seen_event,
        seen_hold=max((hold.id for hold in here), default=0),
        kind=DraftKind.NOTE if has_note else DraftKind.REPLY,
        reply=text_of(deps, staff, begun),
        note=text_of(deps, staff, drafts.get(DraftKind.NOTE)),
        sides=sides,
        to=chosen_of(sides, history, begun),
        station=it.mission.station.id if it.mission else None,
        options=options_of(deps, staff, it),
        next_url=next_url,
        waiting=tuple(s for state, s in shown if state is HoldState.WAITING),
        failed=tuple(s for state, s in shown if state is HoldState.FAILED),
        held_for=deps.holding.held_for.total_seconds(),
        largest=deps.settings.largest_file,
        kinds=tuple(sorted(ALLOWED)),
    )


async def sides_of(
    deps: WebDeps, staff: Staff, it: Assistance, history: Sequence[Recorded]
) -> tuple[Side, ...]:
    """Return who may read a reply now; the rules say so themselves."""
    waiting = unanswered(messages(history))
    found = []
    for to in Hearers:
        recipients = await _recipients(deps, staff, it, history, to)
        if recipients is None and to is not Hearers.CLIENT:
            continue
        name = staff.words.t(f"composer.side.{to.value}")
        if to is Hearers.STATION and it.mission is not None:
            name = it.mission.station.company
        found.append(Side(to, name, recipients or (), to in waiting))
    return tuple(found)


def chosen_of(
    sides: Sequence[Side], history: Sequence[Recorded], begun: Draft | None
) -> Hearers | None:
    """Return who is chosen before an agent says anything.

    Args:
        sides: the choices there are.
        history: the whole history.
        begun: the text that was begun: it keeps its reader, or an agent says who.
    """
    offered = [side.to for side in sides]
    if begun is not None:
        return begun.to if begun.to in offered else None
    waiting = [to for to in unanswered(messages(history)) if to in offered]
    return waiting[-1] if waiting else Hearers.CLIENT


async def _recipients(
    deps: WebDeps,
    staff: Staff,
    it: Assistance,
    history: Sequence[Recorded],
    to: Hearers,
) -> tuple[Recipient, ...] | None:
    """Return exactly who gets a reply, each once, and where; None: it is refused."""
    try:
        decision = deps.desk.foresee(it, AddMessage("…", to=to), staff.actor)
    except Refused:
        return None
    found: dict[str, Recipient] = {}
    for notice, reader in await deps.desk.readers(decision):
        if not notice.to.is_inside:
            name = reader.name or reader.address
            channel = await _channel_to(deps, history, reader.person)
            icon, is_out = channel_icon(channel), channel in outages(deps)
            found[reader.address] = Recipient(
                name,
                reader.address,
                channel,
                channel_label(channel, staff.words),
                icon,
                is_out,
            )
    return tuple(found.values())


async def _channel_to(
    deps: WebDeps, history: Sequence[Recorded], person: PersonId | None
) -> str:
    """Return where somebody is answered; the desk decides the same when it sends."""
    if person is None:
        return LETTERS
    chats = open_chats(await deps.store.views.chats_of(person))
    if not chats:
        return LETTERS
    return answered_in(history, person, chats) or LETTERS


def options_of(deps: WebDeps, staff: Staff, it: Assistance) -> tuple[str, ...]:
    """Return what may follow a reply now, by name, « dossier suivant » first.

    The rules say so themselves: what they would refuse after a reply, or what would
    change nothing, is not offered.
    """
    try:
        said = deps.desk.foresee(it, AddMessage("…"), staff.actor).assistance
    except Refused:
        return (NEXT,)
    found = [NEXT]
    for name in _THEN:
        try:
            (command,) = commands_of(name, deps, staff)
            if deps.desk.foresee(said, command, staff.actor).history:
                found.append(name)
        except Refused:
            continue
    return tuple(found)


def commands_of(name: str, deps: WebDeps, staff: Staff) -> tuple[Command, ...]:
    """Return what « Envoyer et … » does after the reply; nothing for other names."""
    match name:
        case "mine":
            return (ChooseOwner(staff.person.id, staff.name),)
        case "handled":
            return (MarkHandled(),)
        case "tomorrow":
            hours, now = deps.desk.rules.working, deps.clock.now()
            day = formats.local(now, hours.zone_name) + timedelta(days=1)
            opening = day.replace(hour=0, minute=0, second=0, microsecond=0)
            return (Snooze(hours.next_open(opening)),)
        case "close":
            return (CloseAssistance(),)
        case _:
            return ()


def text_of(deps: WebDeps, staff: Staff, draft: Draft | None) -> Text:
    """Return a draft as the composer shows it."""
    if draft is None:
        return Text()
    saved = formats.local(draft.updated_at, deps.settings.zone_name)
    return Text(
        draft.text,
        attached(deps, staff, draft.files),
        formats.hour(saved, staff.language),
        draft.to.value if draft.to else "",
    )


def attached(
    deps: WebDeps, staff: Staff, files: Sequence[DraftFile | Upload]
) -> tuple[Attached, ...]:
    """Return stored files with fresh handles."""
    until = deps.clock.now() + deps.settings.upload_for
    return tuple(
        Attached(
            uploads.issue(
                deps.keyring,
                Upload(each.blob, each.name, each.media_type, each.size),
                staff.scope,
                until,
            ),
            each.name,
            formats.size(each.size, staff.language),
        )
        for each in files
    )


def held(deps: WebDeps, staff: Staff, hold: Hold, ref: str) -> Held:
    """Return a held command as its agent sees it."""
    left = (hold.due_at - deps.clock.now()).total_seconds()
    why = "" if hold.state is not HoldState.FAILED else reason_of(hold, staff.words)
    is_reply = hold.command == AddMessage.__name__
    first = next(iter(hold.commands), None)
    to = first.to if isinstance(first, AddMessage) else Hearers.CLIENT
    return Held(hold.id, ref, words_of(hold), is_reply, max(left, 0.0), why, to)


def words_of(hold: Hold) -> str:
    """Return the words of a held reply, empty for other commands."""
    first = next(iter(hold.commands), None)
    return first.text if isinstance(first, AddMessage) else ""


def reason_of(hold: Hold, words: Catalogue) -> str:
    """Return why a held command failed, in words."""
    if hold.error == CRASHED:
        return words.t("composer.crashed")
    return refusal_sentence(words, hold.error, hold.facts)


def said(news: News, deps: WebDeps, staff: Staff) -> Said:
    """Return what came meanwhile, in words."""
    when = formats.hour(formats.local(news.at, deps.settings.zone_name), staff.language)
    return Said(news.author, when, news.text, news.is_held, side_of(news, staff.words))


def side_of(news: News, words: Catalogue) -> str:
    """Return whose words these are, or whom a colleague wrote to."""
    if news.role in (Role.CLIENT, Role.STATION):
        return words.t(f"composer.side.{news.role.value}")
    return words.t(f"composer.wrote_to.{news.to.value}")


def stopped(composer: Composer, by: Collision, deps: WebDeps, staff: Staff) -> Composer:
    """Return the composer of a press that collided: the next one goes through."""
    return replace(
        composer,
        seen_event=by.seen.event,
        seen_hold=by.seen.hold,
        news=tuple(said(each, deps, staff) for each in by.news),
    )


def with_text(composer: Composer, kind: DraftKind, text: Text) -> Composer:
    """Return the composer with what was typed, which was not taken."""
    if kind is DraftKind.NOTE:
        return replace(composer, kind=kind, note=text)
    to = next((side.to for side in composer.sides if side.to == text.to), None)
    return replace(composer, kind=kind, reply=text, to=to)
