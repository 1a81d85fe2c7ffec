"""What an operation of the API is: one row of the table everything is made from."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

from aiohttp import web
from pydantic import BaseModel

from azbot.channels.web.api.auth import Caller
from azbot.channels.web.api.bodies import API_ROLES
from azbot.channels.web.api.showing import (
    Reader,
)
from azbot.channels.web.problems import HttpProblem
from azbot.channels.web.seams import WebDeps
from azbot.errors import NotFound
from azbot.i18n.catalogue import Catalogue
from azbot.store import UnitOfWork
from azbot.workflow.model import Assistance, AssistanceRef, Role

PREFIX = "/api/v1"
_REF = re.compile(r"AS[A-Z]{2}[0-9]{8}")
_NUMBER = re.compile(r"[1-9][0-9]{0,8}")


@dataclass(frozen=True, slots=True)
class Call:
    """One request, checked.

    Attributes:
        request: for bodies that are streamed; its JSON body is in ``body``.
        body: the model of the operation, None when it has none.
        query: the model of its parameters, None when it has none.
        versions: of If-Match; None when any version will do.
    """

    deps: WebDeps
    caller: Caller
    request: web.Request
    words: Catalogue
    now: datetime
    body: Any = None
    query: Any = None
    versions: frozenset[int] | None = None

    @property
    def ref(self) -> AssistanceRef:
        """The reference in the path.

        Raises:
            NotFound: it cannot be one.
        """
        text = self.request.match_info["ref"]
        if not _REF.fullmatch(text):
            raise NotFound("assistance", text)
        return AssistanceRef(text)

    def number(self, name: str) -> int:
        """Return a number of the path.

        Raises:
            NotFound: it cannot be one.
        """
        text = self.request.match_info[name]
        if not _NUMBER.fullmatch(text):
            raise NotFound(name, text)
        return int(text)

    @property
    def is_station(self) -> bool:
        """Whether a station calls."""
        return self.caller.actor.role is Role.STATION

    @property
    def reader(self) -> Reader:
        """Who reads the answer."""
        return Reader(self.words, self.caller.actor.station, self.is_station)

    def load(self, uow: UnitOfWork) -> Assistance:
        """Return the assistance of the path, when the caller may know of it.

        Raises:
            NotFound: there is none, or it is another station's.
            HttpProblem: 412, If-Match names other versions.
        """
        it = self.deps.desk.load(uow, self.ref)
        self.require(it)
        return it

    def require(self, it: Assistance) -> None:
        """Refuse what the caller may not know of, or has not seen; see ``load``."""
        if self.is_station:
            station = it.mission.station.id if it.mission else None
            if station is None or station != self.caller.actor.station:
                raise NotFound("assistance", it.ref)
        if self.versions is not None and it.version not in self.versions:
            raise HttpProblem(412, "version_changed", {"version": it.version})


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back: a model, and headers."""

    content: BaseModel | None = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


Read = Callable[[Call], Awaitable[Answer | web.StreamResponse]]
Work = Callable[[UnitOfWork], Answer]
Write = Callable[[Call], Awaitable[Work]]


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path.

    Attributes:
        id: unique name, ``listAssistances``.
        path: below ``/api/v1``, with ``{ref}`` and the like.
        summary: one line for the document.
        tag: group in the document.
        reads: answers; or
        writes: prepares outside, and returns the work of one unit of work, which
            the idempotency key covers.
        answer: model of the answer; None for files and empty answers.
        body: model of a JSON body.
        upload: the body is a file.
        query: model of the parameters.
        roles: who may call.
        status: of success.
        media_type: of the answer.
        has_version: the answer carries an ETag, If-Match is heeded.
        problems: statuses of its own, beside the usual ones.
    """

    id: str
    method: str
    path: str
    summary: str
    tag: str
    reads: Read | None = None
    writes: Write | None = None
    answer: type[BaseModel] | None = None
    body: type[BaseModel] | None = None
    upload: bool = False
    query: type[BaseModel] | None = None
    roles: frozenset[Role] = API_ROLES
    status: int = 200
    media_type: str = "application/json"
    has_version: bool = False
    problems: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a row that is half written.

        Raises:
            ValueError: neither or both of ``reads`` and ``writes``.
        """
        if (self.reads is None) == (self.writes is None):
            raise ValueError(f"{self.id} either reads or writes")

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the variables in the path."""
        return tuple(re.findall(r"{([a-z]+)}", self.path))


DESK = frozenset({Role.AGENT, Role.ADMIN})
ADMIN = frozenset({Role.ADMIN})


def etag(it: Assistance) -> str:
    """Return the strong validator of a state (RFC 9110 §8.8.3)."""
    return f'"{it.version}"'


def versions_of(header: str) -> frozenset[int] | None:
    """Return the versions an If-Match header allows, None for any.

    Weak or foreign validators match nothing (RFC 9110 §13.1.1).
    """
    if not header.strip() or header.strip() == "*":
        return None
    found = re.findall(r'(?:^|,)\s*"([0-9]{1,9})"\s*(?=,|$)', header)
    return frozenset(int(each) for each in found)
