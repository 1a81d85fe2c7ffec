"""What a browser sent, and what was wrong with it, next to the field and on top."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from aiohttp import web

from azbot.channels.web.languages import preferred
from azbot.channels.web.posted import URLENCODED, Posted, read_posted
from azbot.channels.web.problems import HttpProblem
from azbot.i18n.catalogue import Catalogue
from azbot.i18n.formats import with_unit

_LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that must be put right before a form is taken (X10).

    Attributes:
        place: name of the field; empty for the form as a whole.
        code: its sentence is ``signin.error.<code>``.
    """

    place: str
    code: str
    facts: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))

    def told(self, words: Catalogue) -> Told:
        """Return it in words."""
        return Told(self.place, words.t(f"signin.error.{self.code}", **self.facts))


@dataclass(frozen=True, slots=True)
class Told:
    """A fault as the page shows it."""

    place: str
    text: str


async def read_form(request: web.Request) -> Posted:
    """Return the fields of a form of the door: short ones, and no file.

    Raises:
        HttpProblem: see ``read_posted``.
    """
    if request.content_type != URLENCODED:
        raise HttpProblem(415, "unsupported_media_type")
    return await read_posted(request, _LONGEST)


async def read_json(request: web.Request) -> Mapping[str, Any]:
    """Return the JSON object a script of ours sent.

    Raises:
        HttpProblem: 415, it is no JSON; 400, it cannot be read.
    """
    if request.content_type != "application/json":
        raise HttpProblem(415, "unsupported_media_type")
    try:
        body = await request.json()
        # "\\ud800" is JSON and no text: nothing after this could store it.
        json.dumps(body, ensure_ascii=False).encode()
    except (ValueError, LookupError, RecursionError) as error:
        raise HttpProblem(400, "bad_request") from error
    if not isinstance(body, dict):
        raise HttpProblem(400, "bad_request")
    return body


def pause_problem(request: web.Request, pause: timedelta) -> HttpProblem:
    """Return what a script is told that tried too often."""
    language = preferred(request.headers.get("Accept-Language", ""))
    seconds = int(pause.total_seconds()) + 1
    return HttpProblem(
        429,
        "paused",
        {"wait": pause_words(pause, language)},
        headers={"Retry-After": str(seconds)},
    )


def pause_fault(pause: timedelta, words: Catalogue) -> Fault:
    """Return the fault of somebody who tried too often, with the time left."""
    return Fault("", "too_often", {"wait": pause_words(pause, words.language)})


def pause_words(pause: timedelta, language: str) -> str:
    """Return « 40 s » or « 5 min », never too little."""
    seconds = int(-(-pause.total_seconds() // 1))
    if seconds < 100:
        return with_unit(max(seconds, 1), "s", language)
    return with_unit(-(-seconds // 60), "min", language)
