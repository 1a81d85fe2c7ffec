"""Bodies are the commands, validated."""

from __future__ import annotations

import contextlib
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from azbot.channels.web.api.bodies import SHAPES, described, kebab


def _codes(name: str, text: str) -> list[str]:
    with pytest.raises(ValidationError) as caught:
        SHAPES[name].body.model_validate_json(text)
    return sorted(error["type"] for error in caught.value.errors())


def test_names_become_paths() -> None:
    assert kebab("AssignStation") == "assign-station"
    assert kebab("Requalify") == "requalify"


def test_a_body_has_the_fields_of_its_command_but_those_of_azbot() -> None:
    inner = {"message_id", "raw", "elided", "is_mixed", "is_automatic"}
    for shape in SHAPES.values():
        own = {field.name for field in fields(shape.kind)} - inner
        if shape.name == "choose-owner":
            own -= {"name"}  # the store knows it
        assert set(shape.body.model_fields) == own


def test_defaults_are_those_of_the_command() -> None:
    body = SHAPES["schedule-intervention"].body.model_validate_json(
        '{"planned_at": "2026-03-25T13:00:00Z"}'
    )
    assert body.model_fields_set == {"planned_at"}
    assert body.lasts.total_seconds() == 7200  # type: ignore[attr-defined]


def test_nothing_is_guessed_from_another_type() -> None:
    assert _codes("review-document", '{"number": "1", "review": "accepted"}') == [
        "int_type"
    ]
    assert _codes("review-document", '{"number": 1.0, "review": 1}') == [
        "enum",
        "int_type",
    ]
    assert _codes("add-note", '{"text": 5}') == ["string_type"]


def test_docstrings_tell_what_attributes_are() -> None:
    text, told = described(
        "Do it.\n\nAttributes:\n    a, b: first line\n        and more.\n    c: last.\n"
    )
    assert text == "Do it."
    assert told == {
        "a": "first line and more.",
        "b": "first line and more.",
        "c": "last.",
    }


@given(st.text() | st.binary())
def test_any_octets_are_a_body_or_an_error(octets: str | bytes) -> None:
    with contextlib.suppress(ValidationError, UnicodeEncodeError):
        SHAPES["add-note"].body.model_validate_json(octets)
