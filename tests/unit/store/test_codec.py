"""Any value the workflow can hold comes back from its JSON, equal and of one type."""

from __future__ import annotations

import math
import typing
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azbot.store.codec import (
    decode,
    decode_actor,
    decode_assistance,
    decode_commands,
    decode_event,
    encode,
    encode_commands,
)
from azbot.workflow.commands import COMMANDS, Command
from azbot.workflow.events import EVENTS, Event
from azbot.workflow.model import Actor, Assistance

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False)
    | TEXT
)
ANSWERS: st.SearchStrategy[object] = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3)
    ),
    max_leaves=5,
)
INSTANTS = st.datetimes(timezones=st.just(UTC)).filter(lambda at: 1 < at.year < 9999)
DURATIONS = st.timedeltas(timedelta(days=-1000), timedelta(days=1000))
BY_TYPE: Mapping[object, st.SearchStrategy[Any]] = {
    str: TEXT,
    int: st.integers(-(2**62), 2**62),
    float: st.floats(allow_nan=False),
    bool: st.booleans(),
    object: ANSWERS,
    datetime: INSTANTS,
    timedelta: DURATIONS,
    type(None): st.none(),
}


def values_of(kind: Any) -> st.SearchStrategy[Any]:
    """Any value of an annotation that the workflow uses."""
    if kind in BY_TYPE:
        return BY_TYPE[kind]
    if isinstance(kind, typing.NewType):
        return values_of(kind.__supertype__)
    if is_dataclass(kind):
        return instances_of(kind)
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is tuple and arguments[-1] is Ellipsis:
        return st.lists(values_of(arguments[0]), max_size=2).map(tuple)
    if origin is tuple:
        return st.tuples(*map(values_of, arguments))
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return st.dictionaries(*map(values_of, arguments), max_size=4)
    if arguments:
        return st.one_of(*map(values_of, arguments))
    return st.sampled_from(list(kind))


def instances_of(kind: Any) -> st.SearchStrategy[Any]:
    """Any instance of a dataclass, each field as it is annotated."""
    hints = typing.get_type_hints(kind)
    named = {each.name: values_of(hints[each.name]) for each in fields(kind)}
    return st.builds(kind, **named)


@given(it=st.deferred(lambda: instances_of(Assistance)))
def test_any_state_comes_back(it: Assistance) -> None:
    assert decode_assistance(encode(it)) == it


@pytest.mark.parametrize("name", sorted(EVENTS))
def test_any_event_comes_back(name: str) -> None:
    @given(event=instances_of(EVENTS[name]))
    def comes_back(event: Event) -> None:
        read = decode_event(name, encode(event))
        assert read == event
        assert type(read) is type(event)

    comes_back()


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_any_command_comes_back(name: str) -> None:
    @given(command=instances_of(COMMANDS[name]))
    def comes_back(command: Command) -> None:
        (read,) = decode_commands(encode_commands((command,)))
        assert read == command
        assert type(read) is type(command)

    comes_back()


@given(actor=instances_of(Actor))
def test_any_actor_comes_back(actor: Actor) -> None:
    assert decode_actor(encode(actor)) == actor


@given(value=ANSWERS)
def test_answers_keep_their_types(value: object) -> None:
    again = decode(encode({"a": value}))["a"]
    assert again == value
    assert repr(again) == repr(value)


def test_infinities_and_nan_keep_their_names() -> None:
    again = decode(encode([math.inf, -math.inf, math.nan]))
    assert again[:2] == [math.inf, -math.inf]
    assert math.isnan(again[2])


def test_a_new_field_takes_its_default_and_a_gone_one_is_ignored() -> None:
    old = '{"number": 3, "planned_at": "2026-03-02T08:00:00Z", "lasts": "PT2H", "x": 1}'
    event = decode_event("InterventionPlanned", old)
    assert getattr(event, "note", None) == ""


def test_what_is_no_state_is_an_error() -> None:
    for document in ("", "[]", "{}", '{"id": 1}'):
        with pytest.raises(ValueError, match="validation error"):
            decode_assistance(document)
    with pytest.raises(KeyError):
        decode_event("NeverHappened", "{}")


def test_a_lone_surrogate_is_refused_rather_than_changed() -> None:
    with pytest.raises(ValueError, match="surrogate"):
        encode({"text": "\ud800"})
