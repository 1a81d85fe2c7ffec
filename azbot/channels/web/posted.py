"""What a form of a page sent: its fields and its small files, each as text or octets.

What no store can keep is taken out here, once for every room: NUL, and the line ends
of Windows. Forms with large files stream; see ``uploads.read_form``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aiohttp import web
from multidict import MultiDict

from azbot.channels.web.problems import HttpProblem

URLENCODED = "application/x-www-form-urlencoded"
_FORMS = frozenset({URLENCODED, "multipart/form-data"})
LONGEST = 20_000
"""Characters of a field, unless a page says otherwise."""


@dataclass(frozen=True, slots=True)
class File:
    """One file of a form, whole in memory."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Posted:
    """What was posted.

    Attributes:
        values: the fields, each with all its values.
        files: those that were chosen.
    """

    values: Mapping[str, Sequence[str]]
    files: Mapping[str, File]

    def __contains__(self, name: object) -> bool:
        return name in self.values

    def typed(self, name: str) -> str:
        """Return a field as it was typed, empty when it is not there."""
        return (self.values.get(name) or ("",))[0]

    def text(self, name: str) -> str:
        """Return a field without spaces around it."""
        return self.typed(name).strip()

    def line(self, name: str) -> str:
        """Return a field as one line, with single spaces."""
        return " ".join(self.typed(name).split())

    def all(self, name: str) -> list[str]:
        """Return every value of a field."""
        return list(self.values.get(name, ()))

    def first(self) -> dict[str, str]:
        """Return the first value of every field, as it was typed."""
        return {name: values[0] for name, values in self.values.items()}

    def number(self, name: str) -> int:
        """Return a whole number, 0 for anything else."""
        text = self.text(name)
        is_number = text.isascii() and text.isdigit() and len(text) < 16
        return int(text) if is_number else 0


async def read_posted(request: web.Request, longest: int = LONGEST) -> Posted:
    """Return the fields and files of a form.

    Args:
        request: the one that carries it.
        longest: characters of its longest field.

    Raises:
        HttpProblem: 415, it is none; 413, a field is larger than any of ours; 400, it
            cannot be read.
    """
    if request.content_type not in _FORMS:
        raise HttpProblem(415, "unsupported_media_type")
    try:
        sent = await request.post()
    except (ValueError, LookupError) as error:
        raise HttpProblem(400, "bad_request") from error
    values: MultiDict[str] = MultiDict()
    files: dict[str, File] = {}
    for name, value in sent.items():
        if isinstance(value, str):
            if len(value) > longest:
                raise HttpProblem(413, "too_large")
            values.add(name, value.replace("\x00", "").replace("\r\n", "\n"))
        elif isinstance(value, web.FileField) and value.filename:
            files[name] = File(value.filename, value.file.read())
    return Posted({name: values.getall(name) for name in values}, files)
