"""What is asked: one call of a method, whatever form its body has."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from azbot.testing.telegram.refusals import Refusal, Wire, bad_request

LARGEST_BODY = 51 * 1024 * 1024
"""Octets: an upload of 50 MB, and what is around it."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file in a multipart body.

    Attributes:
        name: as the sender called it.
        content: its octets.
    """

    name: str
    content: bytes


@dataclass(slots=True)
class Call:
    """One call of a method.

    Attributes:
        method: as it was written, ``sendMessage``.
        parameters: text from forms; any JSON from a JSON body.
        uploads: by the name of their part.
        answer: the envelope, empty as long as there is none.
    """

    method: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    uploads: Mapping[str, Upload] = field(default_factory=dict)
    answer: Wire = field(default_factory=dict)

    def text(self, name: str, default: str = "") -> str:
        """Return a parameter as text."""
        value = self.parameters.get(name)
        return default if value is None else str(value)

    def number(self, name: str, default: int = 0) -> int:
        """Return a parameter as a whole number.

        Raises:
            Refusal: it is none.
        """
        value = self.text(name)
        try:
            return int(value) if value else default
        except ValueError:
            raise bad_request(f'field "{name}" must be an Integer') from None

    def degrees(self, name: str, most: float) -> float:
        """Return a latitude or longitude.

        Raises:
            Refusal: it is none, or beyond ``most``.
        """
        try:
            value = float(self.text(name))
        except ValueError:
            raise bad_request(f"{name} is empty") from None
        if abs(value) > most:
            raise bad_request("wrong location specified")
        return value

    def flag(self, name: str) -> bool:
        """Tell whether a parameter is set."""
        return self.text(name).strip().lower() in {"true", "yes", "1"}

    def json(self, name: str, kind: type[Any]) -> Any:
        """Return a parameter as JSON of a kind; an empty one when it is absent.

        Raises:
            Refusal: it is something else.
        """
        value = self.parameters.get(name)
        if value in (None, ""):
            return kind()
        if isinstance(value, str):
            try:
                value = json.loads(value)
            except ValueError:
                raise bad_request(f"can't parse {name} JSON object") from None
        if not isinstance(value, kind):
            shape = "Object" if kind is dict else "Array"
            raise bad_request(f"{shape} expected as {name}")
        return value

    @property
    def chat_id(self) -> int:
        """The chat it is about, 0 for none."""
        value = self.text("chat_id").strip()
        return int(value) if value.lstrip("-").isdigit() else 0

    @property
    def words(self) -> str:
        """The text it carries, as written, markup included."""
        return self.text("text") or self.text("caption")


async def read_call(request: web.Request) -> Call:
    """Return what an HTTP request asks for.

    Raises:
        Refusal: 413 for a body that is too large, 400 for one that is no JSON.
    """
    method = request.match_info["method"]
    parameters: Wire = dict(request.query)
    uploads: dict[str, Upload] = {}
    try:
        if request.content_type == "application/json":
            body = json.loads(await request.read() or b"{}")
            return Call(method, parameters | body)
        for name, value in (await request.post()).items():
            if isinstance(value, web.FileField):
                uploads[name] = Upload(value.filename, value.file.read())
            else:
                parameters[name] = value
    except web.HTTPRequestEntityTooLarge:
        raise Refusal(413, "Request Entity Too Large") from None
    except (ValueError, TypeError):
        raise bad_request("can't parse request JSON object") from None
    return Call(method, parameters, uploads)
