"""Of a client who is forgotten no word is left in any event there is."""

from __future__ import annotations

import json
import typing
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from azbot.messages import PersonId, Trust
from azbot.store.codec import decode_event, encode
from azbot.workflow.anonymous import GONE, anonymous
from azbot.workflow.decision import Recorded
from azbot.workflow.events import EVENTS, AssistanceOpened, Event
from azbot.workflow.model import Actor, Role, Status

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
SECRET = "Sophie Martin"
SAYS_NOBODY = {
    *("ref", "origin", "to", "language", "zone_name", "via", "channel", "items"),
    *("missing", "fingerprint", "which", "media_type", "field", "moved_to"),
}
"""Names of fields in which words may stay; whoever adds one says why."""

ONE: Mapping[object, object] = {
    str: SECRET,
    int: 1,
    float: 1.0,
    bool: True,
    datetime: AT,
    timedelta: timedelta(hours=1),
    object: SECRET,
}


def filled(kind: Any) -> Any:
    """A value of an annotation, with something personal wherever text may stand."""
    if kind in ONE:
        return ONE[kind]
    if isinstance(kind, typing.NewType):
        return filled(kind.__supertype__)
    if is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        given = {each.name: filled(hints[each.name]) for each in fields(kind)}
        return typing.cast("Any", kind)(**given)
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is tuple and arguments[-1] is Ellipsis:
        return (filled(arguments[0]),)
    if origin is tuple:
        return tuple(map(filled, arguments))
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {"contact_name": SECRET, "action_notes": SECRET}
    if arguments:
        return filled(arguments[0])
    return next(iter(kind))


def words_in(value: object, name: str = "") -> Iterator[tuple[str, str]]:
    """Each text with the name of its field; a station stays a partner."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key != "station":
                yield from words_in(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from words_in(inner, name)
    elif isinstance(value, str):
        yield name, value


def line_of(event: Event) -> Recorded:
    actor = Actor(Role.CLIENT, PersonId(1), SECRET, Trust.KNOWN, "email")
    return Recorded(event, AT, actor, Status.SUBMITTED, Status.SUBMITTED)


@pytest.mark.parametrize("name", sorted(set(EVENTS) - {"OwnerChosen"}))
def test_no_word_is_left_where_none_is_needed(name: str) -> None:
    line = anonymous(line_of(filled(EVENTS[name])))
    said = words_in(json.loads(encode(line.event)))
    assert {field for field, text in said if SECRET in text} <= SAYS_NOBODY
    assert line.actor.name == GONE
    assert decode_event(name, encode(line.event)) == line.event


def test_who_of_the_desk_looked_after_it_stays() -> None:
    line = line_of(filled(EVENTS["OwnerChosen"]))
    assert anonymous(line).event == line.event


def test_what_was_installed_stays_and_where_it_was_goes() -> None:
    opened: AssistanceOpened = filled(AssistanceOpened)
    answers = {
        "service": "incident",
        "system": "other:FBA71A",
        "postcode": "69100",
        "country": "FR",
        "thermostat_count": 5,
        "address": "18 rue des Œillets",
        "contact_name": SECRET,
        "phone": "+33639981234",
    }
    event = decode_event(
        "AssistanceOpened",
        json.dumps({**json.loads(encode(opened)), "answers": answers}),
    )
    after = anonymous(line_of(event)).event
    assert isinstance(after, AssistanceOpened)
    assert after.answers == {
        "service": "incident",
        "system": "other:FBA71A",
        "postcode": "69100",
        "country": "FR",
        "thermostat_count": 5,
    }


@pytest.mark.parametrize(
    ("postcode", "area"), [("69123", "69100"), ("20213", "20200"), ("97412", "97400")]
)
def test_of_a_postcode_the_department_stays(postcode: str, area: str) -> None:
    opened = json.loads(encode(filled(AssistanceOpened)))
    opened["answers"] = {"postcode": postcode}
    event = decode_event("AssistanceOpened", json.dumps(opened))
    after = anonymous(line_of(event)).event
    assert isinstance(after, AssistanceOpened)
    assert after.answers == {"postcode": area}
