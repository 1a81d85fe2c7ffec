"""What a model refuses, as stable codes with words in three languages."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError

from azbot.channels.web.problems import FieldError

_MOST = 50
_CODES: Mapping[str, str] = MappingProxyType(
    {
        "missing": "required",
        "extra_forbidden": "unknown_field",
        "json_invalid": "not_json",
        "json_type": "not_json",
        "string_type": "not_text",
        "string_unicode": "not_text",
        "nul_character": "nul_character",
        "string_too_long": "too_long",
        "string_too_short": "too_short",
        "string_pattern_mismatch": "bad_format",
        "int_type": "not_integer",
        "int_parsing": "not_integer",
        "int_parsing_size": "too_large",
        "int_from_float": "not_integer",
        "float_type": "not_number",
        "bool_type": "not_boolean",
        "bool_parsing": "not_boolean",
        "enum": "not_choice",
        "literal_error": "not_choice",
        "datetime_type": "not_instant",
        "datetime_parsing": "not_instant",
        "datetime_from_date_parsing": "not_instant",
        "datetime_object_invalid": "not_instant",
        "timezone_aware": "no_time_zone",
        "date_type": "not_day",
        "date_parsing": "not_day",
        "date_from_datetime_parsing": "not_day",
        "date_from_datetime_inexact": "not_day",
        "time_delta_type": "not_duration",
        "time_delta_parsing": "not_duration",
        "greater_than": "too_small",
        "greater_than_equal": "too_small",
        "less_than": "too_large",
        "less_than_equal": "too_large",
        "too_long": "too_many",
        "too_short": "too_few",
        "list_type": "not_list",
        "tuple_type": "not_list",
        "dict_type": "not_object",
        "zone_unknown": "zone_unknown",
        "model_type": "not_object",
        "model_attributes_type": "not_object",
    }
)
_FACTS = {
    "max_length": "most",
    "min_length": "fewest",
    "expected": "expected",
    "ge": "lowest",
    "gt": "lowest",
    "le": "highest",
    "lt": "highest",
    "error": "reason",
}
FIELD_CODES = frozenset({*_CODES.values(), "invalid"})
"""Every code a field of a request may be refused with; each has its words."""


def complaints_of(
    error: ValidationError, *, is_query: bool = False
) -> tuple[FieldError, ...]:
    """Return one complaint per value, at most fifty; never the value itself."""
    found = error.errors(include_url=False, include_input=False)[:_MOST]
    return tuple(_complaint(each, is_query=is_query) for each in found)


def _complaint(found: Any, *, is_query: bool) -> FieldError:
    code = _CODES.get(found["type"], "invalid")
    place = found["loc"]
    where = f"?{place[0]}" if is_query and place else pointer(place)
    context = found.get("ctx", {})
    facts = {
        name: _plain(context[key]) for key, name in _FACTS.items() if key in context
    }
    return FieldError(where, code, facts)


def pointer(place: tuple[int | str, ...]) -> str:
    """Return a JSON pointer (RFC 6901): ``/answers/phone``; empty for the whole."""
    parts = (str(part).replace("~", "~0").replace("/", "~1") for part in place)
    return "".join(f"/{part}" for part in parts)


def _plain(value: object) -> object:
    return value if isinstance(value, int | float | str) else str(value)
