"""Filters as they are shown: what is active, and the form that sets them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from azbot.channels.web.inbox.asked import Asked
from azbot.channels.web.inbox.days import NAMES, Days, read_days
from azbot.channels.web.inbox.fields import DATED, ME, NOBODY, Field, written
from azbot.channels.web.inbox.query import Condition, Piece, Unknown, Words
from azbot.channels.web.inbox.timeline import channel_label
from azbot.forms.places import DEPARTMENTS
from azbot.i18n import formats
from azbot.i18n.catalogue import Catalogue
from azbot.workflow.model import ServiceType, Status

_SOME_DAY = date(2026, 1, 1)
_CHANNELS = ("email", "telegram", "web")


@dataclass(frozen=True, slots=True)
class Chip:
    """One active filter.

    Attributes:
        label: « Statut : En attente ».
        href: the list without it.
    """

    label: str
    href: str


@dataclass(frozen=True, slots=True)
class Pick:
    """One value to choose."""

    value: str
    label: str
    is_chosen: bool
    status: str = ""


@dataclass(frozen=True, slots=True)
class Control:
    """One field of the filter form.

    Attributes:
        kind: ``text``, ``picks`` or ``days``.
        value: of a text.
        names: id of the datalist with proposed names, possibly empty.
        first, last: of days, ISO.
    """

    name: str
    label: str
    kind: str = "text"
    value: str = ""
    hint: str = ""
    names: str = ""
    picks: tuple[Pick, ...] = ()
    first: str = ""
    last: str = ""


@dataclass(frozen=True, slots=True)
class Panel:
    """One button above the list, and the fields behind it."""

    name: str
    label: str
    controls: tuple[Control, ...]
    is_active: bool


_PANELS: Mapping[str, tuple[Field, ...]] = {
    "service": (Field.SERVICE,),
    "status": (Field.STATUS,),
    "station": (Field.STATION,),
    "opened": (Field.OPENED,),
    "planned": (Field.PLANNED,),
    "place": (Field.ADDRESS, Field.DEPARTMENT),
    "more": (
        Field.REFERENCE,
        Field.REQUESTER,
        Field.OWNER,
        Field.TAG,
        Field.CHANNEL,
        Field.DOCUMENTS,
    ),
}


def chips_of(asked: Asked, words: Catalogue) -> tuple[Chip, ...]:
    """Return every active filter; free words are one."""
    pieces: dict[str, Piece] = {}
    for piece in (*asked.filters, *asked.query.pieces):
        if not isinstance(piece, Unknown):
            name = "words" if isinstance(piece, Words) else str(piece)
            pieces.setdefault(name, piece)
    return tuple(chip_of(piece, asked, words) for piece in pieces.values())


def chip_of(piece: Piece, asked: Asked, words: Catalogue) -> Chip:
    """Return one filter with the address that drops it."""
    href = asked.without(piece).url()
    match piece:
        case Words():
            text = words.t("list.quoted", words=asked.query.words)
            return Chip(text, href)
        case Unknown():
            return Chip(str(piece), href)
        case Condition(field, codes):
            values = [value_words(field, code, words) for code in codes]
            value = formats.listing(values, words.language, word="or")
            name = _label(field, words)
            return Chip(words.t("list.chip", name=name, value=value), href)


def told(unknown: Unknown, words: Catalogue) -> str:
    """Return what was not understood, as a sentence."""
    field = unknown.field
    if field is None:
        return words.t("list.unknown.operator", name=unknown.name)
    name = _label(field, words)
    if not unknown.value:
        return words.t("list.unknown.empty", name=name)
    return words.t("list.unknown.value", name=name, value=unknown.value)


def _label(field: Field, words: Catalogue) -> str:
    return words.t(f"list.field.{field.value}")


def value_words(field: Field, code: str, words: Catalogue) -> str:
    """Return one value as people read it."""
    match field:
        case Field.STATUS:
            return words.t(f"status.{code}")
        case Field.SERVICE:
            return words.t(f"list.type.{code}")
        case Field.CHANNEL:
            return channel_label(code, words)
        case Field.DOCUMENTS:
            return words.t(f"list.documents.{code}")
        case Field.OWNER if code in (ME, NOBODY):
            return words.t(f"list.owner.{code}")
        case Field.DEPARTMENT:
            return f"{code} — {DEPARTMENTS[code].name}" if code in DEPARTMENTS else code
        case Field.OPENED | Field.PLANNED:
            return days_words(read_days(code, _SOME_DAY) or Days(), words)
        case _:
            return code


def days_words(days: Days, words: Catalogue) -> str:
    """Return « cette semaine », « du 01/03/2026 au 05/03/2026 »."""
    if days.named:
        return words.t(f"list.days.{days.named}")
    first = formats.short_date(days.first) if days.first else ""
    last = formats.short_date(days.last) if days.last else ""
    if first == last:
        return first
    if not last:
        return words.t("list.days.from", date=first)
    if not first:
        return words.t("list.days.until", date=last)
    return words.t("list.days.between", first=first, last=last)


def panels_of(asked: Asked, words: Catalogue) -> tuple[Panel, ...]:
    """Return the filter form, panel by panel."""
    return tuple(
        Panel(
            name,
            words.t(f"list.panel.{name}"),
            tuple(_control(field, asked, words) for field in fields),
            any(asked.has(field) for field in fields),
        )
        for name, fields in _PANELS.items()
    )


def _control(field: Field, asked: Asked, words: Catalogue) -> Control:
    label = _label(field, words)
    hint_key = f"list.hint.{field.value}"
    hint = words.t(hint_key) if hint_key in words else ""
    if field in DATED:
        days = asked.days(field)
        picks = tuple(
            Pick(name, words.t(f"list.days.{name}"), name == days.named)
            for name in NAMES
        )
        ends = (days.first, days.last)
        first, last = (day.isoformat() if day else "" for day in ends)
        return Control(field.value, label, "days", picks=picks, first=first, last=last)
    if codes := _codes(field):
        picks = tuple(
            Pick(
                written(field, code),
                value_words(field, code, words),
                asked.has(field, code),
                code if field is Field.STATUS else "",
            )
            for code in codes
        )
        return Control(field.value, label, "picks", picks=picks)
    names = {Field.STATION: "stations", Field.OWNER: "agents"}.get(field, "")
    return Control(field.value, label, value=asked.value(field), hint=hint, names=names)


def _codes(field: Field) -> tuple[str, ...]:
    match field:
        case Field.STATUS:
            return tuple(Status)
        case Field.SERVICE:
            return tuple(ServiceType)
        case Field.CHANNEL:
            return _CHANNELS
        case Field.DOCUMENTS:
            return ("yes", "no")
        case _:
            return ()
