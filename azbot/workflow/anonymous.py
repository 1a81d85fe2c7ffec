"""Histories without the person: what was done stays, by whom and for whom goes.

The record of a warranty needs services, dates, statuses, devices and the hashes of what
was signed. It needs no name, no address, no words and no files. What is kept is listed
here, and everything else goes: a field that is new is forgotten until it is listed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, TypeVar

from azbot.forms.assistance import ASSISTANCE
from azbot.forms.form import Form
from azbot.forms.intervention import INTERVENTION
from azbot.forms.kinds import Kind, Repeated
from azbot.messages import BlobId
from azbot.workflow.decision import Recorded
from azbot.workflow.events import AssistanceOpened, OwnerChosen, RequestAmended
from azbot.workflow.events.fact import Change
from azbot.workflow.model import Document, Role, Signature, Station

T = TypeVar("T")

GONE = "[…]"
"""What stands where words stood: that there were some is part of the record."""

_SAYS_NOBODY = frozenset(
    {
        *("integer", "decimal", "yes_no", "time_of_day", "moment", "distance"),
        *("mac", "serial_number", "country", "choice", "multiple_choice"),
    }
)
"""Kinds of answers that are about a device or a visit, whoever asked for it."""

_OUR_WORDS = frozenset({"region", "company", "company_phone", "company_email"})
"""Answers that azbot wrote itself, about a place or a station."""

_PARTS = frozenset({"reference", "designation"})
"""Words about material."""

_KEPT = frozenset(
    {
        *("ref", "origin", "to", "language", "zone_name", "via", "channel"),
        *("fingerprint", "missing", "items", "which", "media_type", "field"),
        "moved_to",
    }
)
"""Names of fields whose text names no client."""


def anonymous(line: Recorded) -> Recorded:
    """Return a line of a history whose client is to be forgotten."""
    actor, event = line.actor, line.event
    if actor.role in (Role.CLIENT, Role.SIGNATORY):
        actor = replace(actor, name=GONE)
    if isinstance(event, OwnerChosen):
        # The names in it are those of agents.
        return replace(line, actor=actor)
    if isinstance(event, AssistanceOpened | RequestAmended):
        return replace(line, actor=actor, event=_bare(event, ASSISTANCE))
    return replace(line, actor=actor, event=_bare(event, INTERVENTION))


def _bare(value: T, form: Form) -> T:
    changed = {
        each.name: _value(each.name, getattr(value, each.name), form)
        for each in fields(value)  # type: ignore[arg-type]
        if each.init
    }
    return replace(value, **changed)  # type: ignore[type-var]


def _value(name: str, value: Any, form: Form) -> Any:
    match value:
        case Enum() | bool() | int() | float() | None | datetime() | timedelta():
            return value
        case Station():
            # The partner's own company: it stays a partner.
            return value
        case Document():
            kind = f"{value.kind.value}-{value.number}"
            return replace(_bare(value, form), name=kind, blob=BlobId(""))
        case Signature():
            return replace(_bare(value, form), strokes=())
        case Change():
            return replace(
                value,
                before=_answer(form, value.field, value.before),
                after=_answer(form, value.field, value.after),
            )
        case Mapping():
            kept = {key: _answer(form, key, given) for key, given in value.items()}
            return {key: given for key, given in kept.items() if given is not None}
        case str():
            return value if name in _KEPT or not value else GONE
        case tuple() if name in _KEPT:
            return value
        case tuple():
            return _each(name, value, form)
        case _ if is_dataclass(value):
            return _bare(value, form)
        case _:
            raise TypeError(f"{name}: {type(value).__name__}")


def _each(name: str, values: tuple[Any, ...], form: Form) -> tuple[Any, ...]:
    """Return the members that are no words, bare themselves."""
    return tuple(_value(name, v, form) for v in values if not isinstance(v, str))


def _answer(form: Form, key: str, value: Any) -> Any:
    """Return an answer as the record needs it, None when it needs none."""
    field = form.fields.get(key)
    if value is None or field is None:
        return None
    if key in _OUR_WORDS:
        return value
    if key == "postcode":
        return _area(str(value))
    return _of_kind(field.kind, value)


def _of_kind(kind: Kind, value: Any) -> Any:
    if kind.name in _SAYS_NOBODY:
        return value
    if kind.name == "check_point" and isinstance(value, Mapping):
        remark = {"remark": GONE} if value.get("remark") else {}
        return {**{k: v for k, v in value.items() if k == "answer"}, **remark}
    if isinstance(kind, Repeated) and isinstance(value, list | tuple):
        parts = {part.key: part.kind for part in kind.parts}
        return [
            {
                key: given
                for key, given in row.items()
                if key in parts and (key in _PARTS or parts[key].name in _SAYS_NOBODY)
            }
            for row in value
            if isinstance(row, Mapping)
        ]
    return None


def _area(postcode: str) -> str:
    """Return a postcode that still tells its department, and no town."""
    is_french = postcode.isdigit() and len(postcode) == 5
    return f"{postcode[:3]}00" if is_french else ""
