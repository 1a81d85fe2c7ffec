"""One line of the list, in words (ux.md 6.1, A24)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from azbot.channels.web.frame import Face, face_of
from azbot.channels.web.inbox.asked import Asked
from azbot.channels.web.inbox.timeline import channel_icon, channel_label
from azbot.i18n import formats
from azbot.i18n.catalogue import Catalogue
from azbot.messages import PersonId
from azbot.store import Person
from azbot.store.queries import ListItem
from azbot.workflow.deadlines import Rules
from azbot.workflow.model import AssistanceRef, Hearers, Role, Status

_DAY = timedelta(days=1)
_ENDED = (Status.CLOSED, Status.CANCELLED)


@dataclass(frozen=True, slots=True)
class Waiting:
    """For how long somebody has waited, or when something last happened.

    Attributes:
        text: « 3 h 10 », « 25 mars ».
        told: the same as a phrase, for whoever cannot see where it stands.
        exact: the whole date and hour.
        since: the instant, for scripts.
        is_late: longer than the desk promises to answer.
        is_waiting: somebody waits for the desk.
    """

    text: str
    told: str
    exact: str
    since: str
    is_late: bool
    is_waiting: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One line.

    Attributes:
        name: whom it is for: company, else the person who asked.
        label: everything a screen reader says of it, in the order of A24; presence
            is added to it by whoever knows.
        preview: the newest message, or why somebody waits.
        kind: « Garantie · 69 ».
    """

    ref: AssistanceRef
    href: str
    name: str
    label: str
    preview: str
    waiting: Waiting
    status: str
    status_label: str
    kind: str
    channel: str
    channel_icon: str
    documents: int
    documents_label: str
    owner: Face | None
    tags: tuple[str, ...]
    is_unread: bool
    is_current: bool


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads the list, and when.

    Attributes:
        zone: IANA zone of the desk.
        people: those who asked, by number.
    """

    words: Catalogue
    zone: str
    now: datetime
    rules: Rules
    people: Mapping[PersonId, Person]


def row_of(
    item: ListItem, asked: Asked, reader: Reader, current: str | None = None
) -> Row:
    """Return one line.

    Args:
        item: what the store says.
        asked: the list it stands in: opening it keeps the list beside it.
        reader: for whom.
        current: reference of the assistance that is open.
    """
    words = reader.words
    waiting = _waiting(item, reader)
    name = name_of(item, reader.people, words)
    return Row(
        ref=item.ref,
        href=asked.url(f"/inbox/a/{item.ref}"),
        name=name,
        label=_label(item, name, waiting, words),
        preview=_preview(item, words),
        waiting=waiting,
        status=item.status.value,
        status_label=words.t(f"status.{item.status.value}"),
        kind=_kind(item, words),
        channel=channel_label(item.channel, words),
        channel_icon=channel_icon(item.channel),
        documents=item.documents,
        documents_label=words.t("list.documents", count=item.documents),
        owner=_owner(item),
        tags=item.tags,
        is_unread=is_unread(item),
        is_current=item.ref == current,
    )


def is_unread(item: ListItem) -> bool:
    """Whether something came in that the reader has not seen; not of what has ended."""
    is_over = item.status in _ENDED and item.attention is None
    return item.inbound > item.seen and not is_over


def name_of(item: ListItem, people: Mapping[PersonId, Person], words: Catalogue) -> str:
    """Return whom an assistance is for, as a list says it."""
    asked_by = people.get(item.requester)
    found = [item.company]
    if asked_by is not None:
        found += [asked_by.company, asked_by.name, asked_by.address]
    return next((name for name in found if name), words.t("list.nobody"))


def _kind(item: ListItem, words: Catalogue) -> str:
    parts = (_service(item, words), item.department)
    return " · ".join(part for part in parts if part)


def _service(item: ListItem, words: Catalogue) -> str:
    return words.t(f"list.type.{item.service.value if item.service else 'unknown'}")


def _label(item: ListItem, name: str, waiting: Waiting, words: Catalogue) -> str:
    code = item.department
    parts = (
        words.t("list.unread") if is_unread(item) else "",
        name,
        _service(item, words),
        words.t("list.department", code=code) if code else "",
        words.t(f"status.{item.status.value}"),
        waiting.told,
        channel_label(item.channel, words),
    )
    return ", ".join(part for part in parts if part)


def _waiting(item: ListItem, reader: Reader) -> Waiting:
    words = reader.words
    is_waiting = item.attention_since is not None
    since = item.attention_since or item.updated_at
    text = age(reader.now - since, since, reader)
    told = words.t("list.waits" if is_waiting else "list.last", time=text)
    rules = reader.rules
    is_late = is_waiting and reader.now > rules.working.after(
        since, rules.answer_within
    )
    exact = formats.date_and_hour(since, reader.zone, words.language)
    return Waiting(text, told, exact, since.isoformat(), is_late, is_waiting)


def age(elapsed: timedelta, since: datetime, reader: Reader) -> str:
    """Return « 24 min », « 3 h 10 »; from 24 hours on the day."""
    if elapsed >= _DAY:
        day = formats.local(since, reader.zone)
        is_recent = elapsed < 300 * _DAY
        return (
            formats.day_and_month(day, reader.words.language)
            if is_recent
            else formats.short_date(day)
        )
    hours, minutes = divmod(max(int(elapsed.total_seconds()) // 60, 0), 60)
    nbsp = formats.NBSP
    if hours:
        return f"{hours}{nbsp}h{nbsp}{minutes:02d}"
    return f"{minutes}{nbsp}min" if minutes else reader.words.t("list.now")


def _preview(item: ListItem, words: Catalogue) -> str:
    said = item.preview or wordless(item, words)
    if not said:
        why = item.attention.value if item.attention else "none"
        key = f"list.why.{'to_approve' if item.is_to_approve else why}"
        return words.t(key)
    if item.preview_by in (Role.AGENT, Role.ADMIN):
        to = item.preview_to
        key = "list.ours" if to is Hearers.CLIENT else f"list.ours.{to.value}"
        return words.t(key, text=said)
    is_station = item.preview_by is Role.STATION
    return words.t("list.theirs.station", text=said) if is_station else said


def wordless(item: ListItem, words: Catalogue) -> str:
    """Return « Message vocal, 0:12 » of a message without words; empty: of none."""
    what, amount = item.preview_what, item.preview_amount
    if not what:
        return ""
    key = f"list.wordless.{what}"
    if what in _LASTING:
        time = formats.playing_time(amount)
        return words.t(f"{key}.lasts", time=time) if amount else words.t(key)
    return words.t(key, count=amount)


_LASTING = ("voice", "video")


def _owner(item: ListItem) -> Face | None:
    if item.owner is None:
        return None
    return face_of(item.owner, item.owner_name)
