"""Comparing the trees that two readers give for one message."""

from __future__ import annotations

from typing import Any

from azbot.channels.email.mime import Part


def shape(part: Part) -> tuple[Any, ...]:
    """Everything a tree says, as plain values; folds of headers do not count.

    A part that the stdlib writes again (message/*) is compared by its words.
    """
    fields = tuple(
        (name, b" ".join(value.split())) for name, value in part.headers.fields
    )
    body: object = part.body
    if part.media_type.startswith("message/"):
        body = part.body.split()
    children = tuple(shape(child) for child in part.parts)
    return fields, part.media_type, part.parameters, body, children
