"""The history of one assistance as agents read it: words and events in one column.

Pure: history, deliveries and the reader's words in; days with their lines out. The
newest line stands at the bottom (ux.md 6.1).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from azbot.channels.web.frame import initials
from azbot.channels.web.prose import Words, paragraphs
from azbot.channels.web.sentences import failure_words, sentence_of
from azbot.i18n import formats
from azbot.i18n.catalogue import Catalogue
from azbot.store.outbox import LETTERS
from azbot.store.records import Delivery, DeliveryState
from azbot.workflow import events as e
from azbot.workflow.conversation import (
    AMENDMENTS,
    amended,
    moved,
    note_in,
    said_in,
)
from azbot.workflow.conversation import Said as Spoken
from azbot.workflow.decision import Recorded
from azbot.workflow.model import Assistance, AssistanceRef, Document, Role, Status

_ICONS: Mapping[type[e.Event], str] = {
    e.AssistanceOpened: "inbox",
    e.DocumentAdded: "clip",
    e.DocumentReviewed: "check",
    e.ComplementAsked: "swap",
    e.ComplementReceived: "swap",
    e.ClientReminded: "clock",
    e.StationReminded: "clock",
    e.StationSilent: "warn",
    e.StationAssigned: "wrench",
    e.MissionRefused: "cross",
    e.MissionWithdrawn: "cross",
    e.MissionAccepted: "check",
    e.InterventionPlanned: "cal",
    e.InterventionMoved: "cal",
    e.InterventionProposed: "cal",
    e.InterventionApproved: "cal",
    e.InterventionDeclined: "cross",
    e.InterventionCancelled: "cross",
    e.InterventionFinished: "check",
    e.VisitReminded: "clock",
    e.ReportRecorded: "file",
    e.AssistanceClosed: "check",
    e.AssistanceCancelled: "cross",
    e.AssistanceReopened: "undo",
    e.DeliveryFailed: "warn",
    e.ChatBlocked: "warn",
    e.AbsenceNoted: "robot",
    e.AgentNeeded: "warn",
    e.AssistanceMerged: "swap",
    e.AssistanceAbsorbed: "swap",
    e.MessageMovedOut: "swap",
}
_OF_A_CHAT = re.compile(r"[a-z]+:")
"""How names of messages begin that no mail program gave."""

_CHANNELS: Mapping[str, str] = {
    "email": "mail",
    "telegram": "plane",
    "web": "web",
    "portal": "web",
    "api": "web",
    "timer": "clock",
    "cli": "mail",
}


@dataclass(frozen=True, slots=True)
class File:
    """A file as a line shows it.

    Attributes:
        icon: ``file``, ``cam``, ``film`` or ``voice``.
        picture: address of a small picture, empty when it has none.
        plays: ``audio`` or ``video``; empty: it is looked at elsewhere.
    """

    number: int
    name: str
    note: str
    url: str
    icon: str
    picture: str = ""
    plays: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """How far one mail or chat message of a line is.

    Attributes:
        to: address; of a chat, the name of its service: its number says nothing.
        icon: picture of the channel.
        state: ``pending``, ``sent``, ``dead`` or ``cancelled``.
        words: « envoyé à 17 h 05 ».
        failed: « Non remis à … », said of one that is dead.
        why: what went wrong, possibly empty.
    """

    id: int
    to: str
    channel: str
    icon: str
    state: str
    words: str
    failed: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """Somebody's words.

    Attributes:
        id: number of the event.
        side: ``in``, ``out`` or ``note``.
        folded: quotations and signatures, shown on demand.
        original: address of the message as it came, possibly empty.
        move: address of the dialog that puts it where it belongs, possibly empty.
        is_fresh: this agent has not seen it.
        edited: « modifié à 17 h 05 », possibly empty.
        former: what it said before, oldest first.
        origin: « Transféré de Paul Lefèvre », possibly empty.
        to: who reads it beside the desk, ``client``, ``station`` or ``both``; empty
            where no station has ever had a part in the talk, and of notes.
        between: the same in words: « Station », « à la station ».
    """

    id: int
    side: str
    author: str
    initials: str
    channel: str
    icon: str
    at: datetime
    hour: str
    words: tuple[Words, ...]
    folded: tuple[str, ...] = ()
    files: tuple[File, ...] = ()
    letters: tuple[Letter, ...] = ()
    original: str = ""
    move: str = ""
    is_fresh: bool = False
    is_mixed: bool = False
    is_automatic: bool = False
    edited: str = ""
    former: tuple[tuple[Words, ...], ...] = ()
    origin: str = ""
    to: str = ""
    between: str = ""
    kind: str = "said"

    @property
    def pictures(self) -> tuple[File, ...]:
        """Its pictures, when there are several: they are shown side by side."""
        found = tuple(file for file in self.files if file.picture)
        return found if len(found) > 1 else ()

    @property
    def players(self) -> tuple[File, ...]:
        """What can be heard or watched in place."""
        return tuple(file for file in self.files if file.plays)

    @property
    def papers(self) -> tuple[File, ...]:
        """The other files."""
        shown = (*self.pictures, *self.players)
        return tuple(file for file in self.files if file not in shown)


@dataclass(frozen=True, slots=True)
class Happened:
    """One event in one line.

    Attributes:
        change: labels of the status before and after, when it changed.
        is_bad: failure, refusal or silence: red, and a shape of its own.
    """

    id: int
    icon: str
    sentence: str
    who: str
    at: datetime
    hour: str
    change: tuple[str, str] | None = None
    letters: tuple[Letter, ...] = ()
    is_bad: bool = False
    is_internal: bool = False
    kind: str = "happened"


Line = Said | Happened


@dataclass(frozen=True, slots=True)
class Day:
    """The lines of one day."""

    label: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Scene:
    """What the lines are read with.

    Attributes:
        zone: of the desk: hours of messages.
        seen: how many of the messages that came in this agent has seen.
    """

    it: Assistance
    words: Catalogue
    zone: str
    now: datetime
    seen: int = 0


_SPOKEN = e.MessageAdded | e.NoteAdded | e.MessageArrived | e.NoteArrived
_NOTED = e.NoteAdded | e.NoteArrived


def days_of(
    history: Sequence[Recorded], deliveries: Sequence[Delivery], scene: Scene
) -> tuple[Day, ...]:
    """Return the days of a history, oldest first, each with its lines."""
    lines = _lines(history, deliveries, scene)

    def day(line: Line) -> date:
        return formats.local(line.at, scene.zone).date()

    # What came from another assistance stands where it was said.
    ordered = sorted(lines, key=lambda line: line.at)
    return tuple(
        Day(_day_label(key, scene), tuple(found))
        for key, found in groupby(ordered, day)
    )


def last_event(history: Sequence[Recorded]) -> int:
    """Return the number of the newest line, 0 when there is none (ux.md A11)."""
    return history[-1].id if history else 0


def _lines(
    history: Sequence[Recorded], deliveries: Sequence[Delivery], scene: Scene
) -> Iterator[Line]:
    """Yield every line; what was moved elsewhere is told by the line that says so."""
    letters = _letters(deliveries, scene)
    shown = {n for line in history for n in _documents_of(line.event)}
    gone, later = moved(history), amended(history)
    answered = _answered(history)
    inbound = 0
    for place, line in enumerate(history):
        event = line.event
        if _is_inbound(event):
            inbound += 1
        if isinstance(event, e.DocumentAdded) and event.document.number in shown:
            continue
        if line.id in gone or isinstance(event, AMENDMENTS):
            continue
        if _is_repeated(history, place):
            continue
        if isinstance(event, e.AssistanceOpened):
            yield _happened(line, scene, letters)
            if event.text:
                is_fresh = inbound > scene.seen and place > answered
                yield _said(line, scene, (), is_fresh=is_fresh)
        elif isinstance(event, _SPOKEN):
            is_fresh = _is_inbound(event) and inbound > scene.seen and place > answered
            known = letters.get(line.id, ())
            changes = later.get(line.id, ())
            yield _said(line, scene, known, changes, is_fresh=is_fresh)
        elif isinstance(event, e.AbsenceNoted):
            yield _automatic(line, scene)
        else:
            yield _happened(line, scene, letters)


def _answered(history: Sequence[Recorded]) -> int:
    """Return the place of the newest thing the desk said in public, -1 for none.

    What stands before it was read by whoever said it: to a colleague who opens the
    assistance for the first time it is no news either.
    """
    return max(
        (
            place
            for place, line in enumerate(history)
            if line.actor.is_staff and not line.event.is_internal
        ),
        default=-1,
    )


def _is_inbound(event: e.Event) -> bool:
    if isinstance(event, e.AssistanceOpened):
        return True
    return isinstance(event, e.MessageAdded | e.MessageArrived) and event.is_inbound


def _documents_of(event: e.Event) -> tuple[int, ...]:
    if isinstance(event, e.AssistanceOpened):
        return event.documents if event.text else ()
    if isinstance(event, _SPOKEN | e.FilesJoined):
        return event.documents
    return ()


def _is_repeated(history: Sequence[Recorded], place: int) -> bool:
    """Of forms saved in a row the last one tells enough."""
    if not isinstance(history[place].event, e.InterventionFormSaved):
        return False
    following = history[place + 1].event if place + 1 < len(history) else None
    return isinstance(following, e.InterventionFormSaved)


def _said(
    line: Recorded,
    scene: Scene,
    letters: Sequence[Letter],
    later: Sequence[Recorded] = (),
    *,
    is_fresh: bool,
) -> Said:
    event, words = line.event, scene.words
    said = note_in(line) or said_in(line, later)
    if said is None or not isinstance(event, _SPOKEN | e.AssistanceOpened):
        raise TypeError(f"{type(event).__name__} says nothing")
    ref, origin = scene.it.ref, said.forwarded_from
    # Letters alone have an original that says more than their words.
    is_letter = said.raw is not None and not _OF_A_CHAT.match(said.message_id)
    return Said(
        id=line.id,
        side=_side(event),
        author=said.name,
        initials=initials(said.name),
        channel=_channel_words(event, said.channel, letters, words),
        icon=_CHANNELS.get(said.channel, "mail"),
        at=said.at,
        hour=_hour(said.at, scene),
        words=paragraphs(said.text),
        folded=said.elided,
        files=files_of(scene.it, said.documents, words),
        letters=tuple(letters),
        original=f"/inbox/a/{ref}/original/{line.id}" if is_letter else "",
        move=f"/inbox/a/{ref}/move/{line.id}" if _is_inbound(event) else "",
        is_fresh=is_fresh,
        is_mixed=said.is_mixed,
        is_automatic=said.is_automatic,
        edited=_edited(said.former, later, scene),
        former=tuple(paragraphs(text) for text in said.former),
        origin=words.t("inbox.forwarded", name=origin) if origin else "",
        **_between(event, said, scene),
    )


def _between(event: e.Event, said: Spoken, scene: Scene) -> dict[str, str]:
    """Return whose talk a message is part of, by the names of ``Said``."""
    if isinstance(event, _NOTED) or not scene.it.missions:
        return {}
    way = "by" if said.is_inbound else "to"
    words = scene.words.t(f"inbox.said_{way}.{said.to.value}")
    return {"to": said.to.value, "between": words}


def _edited(former: Sequence[str], later: Sequence[Recorded], scene: Scene) -> str:
    """Return « modifié à 17 h 05 »; before it came here nobody knows the hour."""
    edits = [line.at for line in later if isinstance(line.event, e.MessageEdited)]
    if edits:
        return scene.words.t("inbox.edited_at", hour=_hour(edits[-1], scene))
    return scene.words.t("inbox.edited") if former else ""


def _automatic(line: Recorded, scene: Scene) -> Said:
    event = line.event
    text = event.text if isinstance(event, e.AbsenceNoted) else ""
    return Said(
        id=line.id,
        side="in",
        author=line.actor.name,
        initials=initials(line.actor.name),
        channel=scene.words.t("inbox.channel.email"),
        icon="robot",
        at=line.at,
        hour=_hour(line.at, scene),
        words=paragraphs(text),
        is_automatic=True,
    )


def _side(event: e.Event) -> str:
    if isinstance(event, _NOTED):
        return "note"
    is_ours = isinstance(
        event, e.MessageAdded | e.MessageArrived
    ) and event.author not in (Role.CLIENT, Role.STATION)
    return "out" if is_ours else "in"


def _channel_words(
    event: e.Event, channel: str, letters: Sequence[Letter], words: Catalogue
) -> str:
    if isinstance(event, _NOTED):
        return ""
    # What came in has letters too: those that say it was received.
    if letters and not _is_inbound(event):
        return " + ".join(dict.fromkeys(letter.channel for letter in letters))
    return channel_label(channel, words)


def channel_label(channel: str, words: Catalogue) -> str:
    """Return « e-mail », « Telegram »; the bare name of an unknown channel."""
    key = f"inbox.channel.{channel}"
    return words.t(key) if key in words else channel


def channel_icon(channel: str) -> str:
    """Return the name of a channel's picture; of other packages' all have one."""
    return _CHANNELS.get(channel, "chat")


def _happened(
    line: Recorded, scene: Scene, letters: Mapping[int, tuple[Letter, ...]]
) -> Happened:
    words, event = scene.words, line.event
    sentence = sentence_of(event, words, scene.it.zone_name)
    if isinstance(event, e.AssistanceOpened):
        channel = channel_label(event.via, words)
        sentence = words.t("inbox.opened_by", channel=channel)
    return Happened(
        id=line.id,
        icon=_icon(line),
        sentence=sentence.removesuffix("."),
        who=words.t("inbox.by_azbot")
        if line.actor.role is Role.SYSTEM
        else line.actor.name,
        at=line.at,
        hour=_hour(line.at, scene),
        change=_change(line.before, line.after, words),
        letters=letters.get(line.id, ()),
        is_bad=isinstance(
            event, e.DeliveryFailed | e.StationSilent | e.MissionRefused | e.AgentNeeded
        ),
        is_internal=event.is_internal,
    )


def _icon(line: Recorded) -> str:
    if isinstance(line.event, e.AssistanceOpened):
        return _CHANNELS.get(line.event.via, "inbox")
    return _ICONS.get(type(line.event), "swap")


def _change(
    before: Status | None, after: Status, words: Catalogue
) -> tuple[str, str] | None:
    if before is None or before is after:
        return None
    return words.t(f"status.{before.value}"), words.t(f"status.{after.value}")


def _letters(
    deliveries: Sequence[Delivery], scene: Scene
) -> Mapping[int, tuple[Letter, ...]]:
    """Return the mails of each event; what the desk itself was sent is not told."""
    found: defaultdict[int, list[Letter]] = defaultdict(list)
    keys = {row.key for row in deliveries}
    for row in deliveries:
        if row.event_id is not None and row.facts.get("audience") != "desk":
            is_instead = f"{row.key}:0:{LETTERS}" in keys
            found[row.event_id].append(letter_of(row, scene, is_mailed=is_instead))
    return {key: tuple(letters) for key, letters in found.items()}


def letter_of(row: Delivery, scene: Scene, *, is_mailed: bool = False) -> Letter:
    """Return how far one delivery is, in words.

    Args:
        row: the delivery.
        scene: who reads.
        is_mailed: of a chat: what could not be said there left by mail.
    """
    words, state = scene.words, row.state
    facts = {"hour": _hour(row.sent_at or row.due_at, scene)}
    channel = channel_label(row.channel, words)
    # The number of a chat tells nobody anything.
    is_letter = row.channel == LETTERS
    is_instead = is_mailed and state is DeliveryState.CANCELLED
    told = "mailed" if is_instead else state.value
    return Letter(
        id=row.id,
        to=row.address if is_letter else channel,
        channel=channel,
        icon=channel_icon(row.channel),
        state=state.value,
        words=words.t(f"inbox.delivery.{told}", **facts),
        failed=words.t("inbox.delivery.failed_to", address=row.address)
        if is_letter
        else words.t("inbox.delivery.failed_by", channel=channel),
        why=failure_words(row.error, words) if state is DeliveryState.DEAD else "",
    )


def files_of(
    it: Assistance, numbers: Sequence[int], words: Catalogue
) -> tuple[File, ...]:
    """Return files by their numbers, those that are gone left out."""
    found = (it.document(number) for number in numbers)
    return tuple(file_of(it.ref, d, words) for d in found if d is not None)


_FILES: Mapping[str, str] = {"image": "cam", "video": "film", "audio": "voice"}
"""The picture of each kind of file; the others have a sheet of paper."""


def file_of(ref: AssistanceRef, document: Document, words: Catalogue) -> File:
    """Return one file as a line shows it."""
    kind, _, sub = document.media_type.partition("/")
    icon = _FILES.get(kind, "file")
    label = {name: words.t(f"inbox.file.{name}") for name in _FILES}
    size = formats.size(document.size, words.language)
    if document.seconds:
        size = f"{formats.playing_time(document.seconds)} · {size}"
    url = f"/inbox/a/{ref}/files/{document.number}"
    return File(
        number=document.number,
        name=document.name,
        note=f"{label.get(kind, sub.upper())} · {size}",
        url=url,
        icon=icon,
        picture=f"{url}/small" if kind == "image" else "",
        plays=kind if kind in ("audio", "video") else "",
    )


def _hour(at: datetime, scene: Scene) -> str:
    return formats.hour(formats.local(at, scene.zone), scene.words.language)


def _day_label(day: date, scene: Scene) -> str:
    today = formats.local(scene.now, scene.zone).date()
    with_year = day.year != today.year
    long = formats.long_date(day, scene.words.language, with_year=with_year)
    if day == today:
        return scene.words.t("inbox.today", date=long)
    if day == today - timedelta(days=1):
        return scene.words.t("inbox.yesterday", date=long)
    return long
