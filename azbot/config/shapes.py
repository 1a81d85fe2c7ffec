"""Of which kind each key is, and where its model says so. Pure.

Pydantic would take ``port = "80"``, ``opens = 8`` (eight seconds after midnight) or
``verify = "no"``. In a typed file these are mistakes; from the environment, where
everything is text, they are values.
"""

from __future__ import annotations

import math
import types
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, SecretStr

_KINDS: tuple[tuple[type, tuple[type, ...], str], ...] = (
    # What the model wants, what TOML may give, what is said otherwise.
    (bool, (bool,), "not_boolean"),
    (int, (int,), "not_integer"),
    (float, (int, float), "not_number"),
    (str, (str,), "not_text"),
    (Path, (str,), "not_text"),
    (SecretStr, (str,), "not_text"),
    (time, (time, str), "not_time"),
    (date, (date, str), "not_date"),
    (BaseModel, (dict,), "not_a_section"),
)


def bare(annotation: Any) -> Any:
    """Return what a key holds when it is given: ``X`` of ``Annotated[X | None]``."""
    while True:
        origin = get_origin(annotation)
        if origin is Annotated:
            annotation = get_args(annotation)[0]
        elif origin in (Union, types.UnionType):
            rest = [a for a in get_args(annotation) if a is not type(None)]
            annotation = rest[0]
        else:
            return annotation


def is_list(annotation: Any) -> bool:
    """Tell whether the key takes several values."""
    return get_origin(bare(annotation)) in (tuple, frozenset, list, set)


def is_secret(annotation: Any) -> bool:
    """Tell whether the value must never be shown."""
    return bare(annotation) is SecretStr


def section_of(annotation: Any) -> type[BaseModel] | None:
    """Return the model of a sub-section, None for a plain key."""
    inner = bare(annotation)
    is_model = isinstance(inner, type) and issubclass(inner, BaseModel)
    return inner if is_model else None


def types_of(model: type[BaseModel]) -> Mapping[str, Any]:
    """Return the type of each key, as the model declares it."""
    return {name: field.annotation for name, field in model.model_fields.items()}


def model_at(
    model: type[BaseModel] | None, path: tuple[str, ...]
) -> type[BaseModel] | None:
    """Follow sub-sections down; None when the path leaves the models."""
    for name in path:
        known = types_of(model) if model else {}
        model = section_of(known[name]) if name in known else None
    return model


def wrong_kinds(
    model: type[BaseModel], table: Mapping[str, object], path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield (path, code) for each value that TOML gives in another kind.

    Args:
        model: the section.
        table: as ``tomllib`` read it.
        path: of the section inside the model the caller knows.
    """
    for name, annotation in types_of(model).items():
        if name not in table:
            continue
        here, value = (*path, name), table[name]
        inner = section_of(annotation)
        if inner is not None and isinstance(value, dict):
            yield from wrong_kinds(inner, value, here)
        elif code := _fault(annotation, value):
            yield here, code


def _fault(annotation: Any, value: object) -> str | None:
    wanted = bare(annotation)
    if is_list(wanted):
        if not isinstance(value, list):
            return "not_a_list"
        inner = get_args(wanted)[0]
        faults = (_fault(inner, each) for each in value)
        return next((code for code in faults if code), None)
    if get_origin(wanted) is Literal:
        return None if isinstance(value, str) else "not_text"
    for kind, given, code in _KINDS:
        if isinstance(wanted, type) and issubclass(wanted, kind):
            return None if _is_one_of(value, given) else code
    return None


def _is_one_of(value: object, given: tuple[type, ...]) -> bool:
    # To Python, True is a number and an instant is a date; to people they are not.
    if isinstance(value, bool):
        return bool in given
    if isinstance(value, datetime):
        return False
    if isinstance(value, float) and not math.isfinite(value):
        return False
    return isinstance(value, given)
