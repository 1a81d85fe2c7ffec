"""Frozen values ↔ JSON, exactly: what is read equals what was written.

pydantic reads the plain dataclasses of ``azbot.workflow`` as they are; a field that
is new in the code takes its default from old rows, one that is gone is ignored.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from pydantic import TypeAdapter
from pydantic_core import from_json, to_json

from azbot.workflow.commands import COMMANDS, Command
from azbot.workflow.events import EVENTS, Event
from azbot.workflow.model import Actor, Assistance

_STATE = TypeAdapter(Assistance)
_ACTOR = TypeAdapter(Actor)


@cache
def _of_event(name: str) -> TypeAdapter[Event]:
    return TypeAdapter(EVENTS[name])


@cache
def _of_command(name: str) -> TypeAdapter[Command]:
    return TypeAdapter(COMMANDS[name])


def encode(value: object) -> str:
    """Return dataclasses and JSON-like values as compact JSON text.

    Instants and durations become ISO 8601 text; tuples become lists, and come back
    as tuples where the field says so. NaN and the infinities keep their names.

    Raises:
        ValueError: a value JSON cannot hold, such as a lone surrogate.
    """
    return to_json(value, inf_nan_mode="constants").decode()


def decode(document: str) -> Any:
    """Return what ``encode`` wrote, as dicts, lists and scalars."""
    return from_json(document)


def decode_assistance(document: str) -> Assistance:
    """Return the state ``encode`` wrote.

    Raises:
        ValueError: ``document`` is no state.
    """
    return _STATE.validate_json(document)


def decode_event(kind: str, document: str) -> Event:
    """Return the event ``encode`` wrote.

    Args:
        kind: class name, a key of ``EVENTS``.
        document: its fields.

    Raises:
        ValueError: ``document`` is not of this kind.
        KeyError: no event has this name.
    """
    return _of_event(kind).validate_json(document)


def decode_actor(document: str) -> Actor:
    """Return the actor ``encode`` wrote.

    Raises:
        ValueError: ``document`` is no actor.
    """
    return _ACTOR.validate_json(document)


def encode_commands(commands: Sequence[Command]) -> str:
    """Return commands as compact JSON text: pairs of name and fields."""
    return encode([[type(each).__name__, each] for each in commands])


def decode_commands(document: str) -> tuple[Command, ...]:
    """Return what ``encode_commands`` wrote.

    Raises:
        ValueError: the fields are not those of their command.
        KeyError: no command has this name.
    """
    return tuple(
        _of_command(name).validate_json(encode(fields))
        for name, fields in decode(document)
    )
