"""One operation, from the request to the answer: check, run once, answer."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from aiohttp import web
from pydantic import BaseModel, ValidationError

from azbot.channels.web.api.auth import Doorman
from azbot.channels.web.api.complaints import complaints_of
from azbot.channels.web.api.operations import Answer, Call, Operation, Work, versions_of
from azbot.channels.web.languages import preferred
from azbot.channels.web.problems import HttpProblem, invalid
from azbot.channels.web.seams import WebDeps
from azbot.channels.web.uploads import UPLOAD_DIGEST
from azbot.errors import Conflict
from azbot.i18n.catalogue import catalogue
from azbot.store import UnitOfWork
from azbot.workflow.model import Role

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_KEY = re.compile(r"[\x21-\x7e]{1,255}")
Stored = Mapping[str, Any]


class Pipeline:
    """Makes handlers of operations."""

    def __init__(self, deps: WebDeps) -> None:
        self._deps = deps
        self._doorman = Doorman(deps)
        self._running: set[tuple[str, str]] = set()

    def handler(self, operation: Operation) -> Handler:
        """Return what aiohttp calls for this operation."""

        async def handle(request: web.Request) -> web.StreamResponse:
            settings = self._deps.settings
            is_transfer = operation.upload or operation.media_type != "application/json"
            limit = settings.transfer_within if is_transfer else settings.answer_within
            async with asyncio.timeout(limit.total_seconds()):
                return await self._run(operation, request)

        return handle

    async def _run(
        self, operation: Operation, request: web.Request
    ) -> web.StreamResponse:
        caller = await self._doorman.identify(request)
        if caller.actor.role not in operation.roles:
            raise HttpProblem(403, "role_forbidden", {"role": caller.actor.role.value})
        octets = await _body(operation, request)
        call = Call(
            deps=self._deps,
            caller=caller,
            request=request,
            words=catalogue(preferred(request.headers.get("Accept-Language", ""))),
            now=self._deps.clock.now(),
            body=_parse(operation, octets),
            query=_query(operation, request),
            versions=_versions(operation, request),
        )
        if operation.reads is not None:
            answer = await operation.reads(call)
            return _respond(answer) if isinstance(answer, Answer) else answer
        return await self._write(operation, call, octets)

    async def _write(
        self, operation: Operation, call: Call, octets: bytes
    ) -> web.Response:
        if operation.writes is None:
            raise TypeError(f"{operation.id} does not write")
        key = _key(call.request)
        if key is None:
            work = await operation.writes(call)
            stored = await self._deps.store.write(lambda uow: _as_stored(work(uow)))
            return _replay(stored)
        with self._alone(call.caller.scope, key):
            return await self._once(operation, call, key, octets)

    async def _once(
        self, operation: Operation, call: Call, key: str, octets: bytes
    ) -> web.Response:
        store, scope = self._deps.store, call.caller.scope
        known = await store.write(lambda uow: uow.idempotency.find(scope, key))
        if known is not None and not operation.upload:
            return _again(known, _fingerprint(call.request, octets))
        work = await operation.writes(call)  # type: ignore[misc]
        fingerprint = _fingerprint(call.request, octets)
        try:
            stored, is_new = await store.write(
                lambda uow: _remembering(uow, work, call, key, fingerprint)
            )
        except Conflict:
            # Another process may have answered this key while we worked.
            known = await store.write(lambda uow: uow.idempotency.find(scope, key))
            if known is None:
                raise
            return _again(known, fingerprint)
        return _replay(stored) if is_new else _again(stored, fingerprint)

    @contextmanager
    def _alone(self, scope: str, key: str) -> Iterator[None]:
        """Refuse a key that is being worked on in this process."""
        if (scope, key) in self._running:
            raise HttpProblem(409, "key_in_use", headers={"Retry-After": "1"})
        self._running.add((scope, key))
        try:
            yield
        finally:
            self._running.discard((scope, key))


async def _body(operation: Operation, request: web.Request) -> bytes:
    if operation.upload:
        return b""
    octets = await request.read() if request.can_read_body else b""
    if operation.body is None:
        if octets.strip():
            raise HttpProblem(400, "body_unexpected")
        return b""
    if octets and request.content_type != "application/json":
        raise HttpProblem(
            415, "unsupported_media_type", {"expected": "application/json"}
        )
    return octets


def _parse(operation: Operation, octets: bytes) -> BaseModel | None:
    if operation.body is None:
        return None
    needed = any(each.is_required() for each in operation.body.model_fields.values())
    text = octets if octets.strip() or needed else b"{}"
    try:
        return operation.body.model_validate_json(text)
    except ValidationError as error:
        complaints = complaints_of(error)
        if complaints and complaints[0].code == "not_json":
            raise HttpProblem(400, "not_json", complaints[0].facts) from error
        raise invalid(*complaints) from error


def _query(operation: Operation, request: web.Request) -> BaseModel | None:
    known = operation.query.model_fields if operation.query else {}
    given: dict[str, Any] = {}
    for name in request.query:
        values = request.query.getall(name)
        is_list = name in known and "list" in str(known[name].annotation)
        if is_list:
            given[name] = [part for value in values for part in value.split(",")]
        else:
            given[name] = values[0] if len(values) == 1 else values
    try:
        model = operation.query or _Nothing
        return model.model_validate(given)
    except ValidationError as error:
        raise invalid(*complaints_of(error, is_query=True)) from error


class _Nothing(BaseModel, extra="forbid"):
    """No parameter."""


def _versions(operation: Operation, request: web.Request) -> frozenset[int] | None:
    if not operation.has_version or request.method == "GET":
        return None
    return versions_of(",".join(request.headers.getall("If-Match", [])))


def _key(request: web.Request) -> str | None:
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not _KEY.fullmatch(key):
        raise HttpProblem(400, "key_malformed")
    return key


def _fingerprint(request: web.Request, octets: bytes) -> str:
    """Name what was asked, so that a key is not used for something else."""
    digest = hashlib.sha256(f"{request.method} {request.path_qs}\n".encode())
    digest.update(request.get(UPLOAD_DIGEST, b"") or octets)
    return digest.hexdigest()


def _remembering(
    uow: UnitOfWork, work: Work, call: Call, key: str, fingerprint: str
) -> tuple[Stored, bool]:
    """Do the work and keep its answer, in one unit of work: both, or neither."""
    known = uow.idempotency.find(call.caller.scope, key)
    if known is not None:
        return known, False
    stored = {**_as_stored(work(uow)), "fingerprint": fingerprint}
    uow.idempotency.remember(call.caller.scope, key, stored, call.now)
    return stored, True


def _as_stored(answer: Answer) -> Stored:
    content = answer.content
    return {
        "status": answer.status,
        "headers": dict(answer.headers),
        "body": "" if content is None else content.model_dump_json(),
    }


def _again(known: Stored, fingerprint: str) -> web.Response:
    if known.get("fingerprint") != fingerprint:
        raise HttpProblem(422, "key_reused")
    response = _replay(known)
    response.headers["Idempotency-Replayed"] = "true"
    return response


def _replay(stored: Stored) -> web.Response:
    body = str(stored["body"])
    return web.Response(
        status=int(stored["status"]),
        headers=dict(stored["headers"]),
        text=body or None,
        content_type="application/json" if body else None,
    )


def _respond(answer: Answer) -> web.Response:
    return _replay(_as_stored(answer))


def may(operation: Operation, role: Role) -> bool:
    """Whether a role may call an operation."""
    return role in operation.roles
