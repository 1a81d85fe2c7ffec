"""``/uploads``: tus 1.0.0 with creation, expiration and termination.

A file belongs to whoever began it; to everybody else it does not exist. What has come
is on the disk before it is acknowledged, and a refusal comes as soon as it can: the
size before any octet, the kind after the first 4 KiB, the rest at the end.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import structlog
from aiohttp import web

from azbot.channels.web import uploads
from azbot.channels.web.problems import HttpProblem
from azbot.channels.web.resumable import wire
from azbot.channels.web.resumable.turns import Turn, Turns
from azbot.channels.web.seams import UPLOAD_GATE, WebDeps
from azbot.channels.web.staff import find_staff
from azbot.channels.web.uploads import Upload
from azbot.channels.web.visitors.access import Access, no_link, visitor_scope
from azbot.errors import Conflict, NotFound
from azbot.media import HEAD, safe_name
from azbot.store.blobs import blob_of
from azbot.store.partials import PartialWriter
from azbot.store.uploads import Arrival, Full, Room

_LOG = structlog.get_logger(__name__)
_LIVELY = 4096
"""Octets a line must bring in ``silent_for`` to be waited for."""
_AT_ONCE_EACH = 8
"""Pieces of one owner that are received at once: a page sends three, on two devices."""

Handler = Callable[[web.Request], Awaitable[web.Response]]


class ResumableUploads:
    """Receives files in pieces."""

    def __init__(self, deps: WebDeps) -> None:
        self._deps = deps
        self._access = Access(deps)
        self._turns = Turns()
        self._receiving: Counter[str] = Counter()

    def add_to(self, app: web.Application) -> None:
        """Serve the protocol."""
        one = "/uploads/{id:[0-9a-f]{32}}"
        app.router.add_route("OPTIONS", "/uploads", self._describe)
        app.router.add_post("/uploads", self._spoken(self._create))
        app.router.add_route("HEAD", one, self._spoken(self._tell))
        app.router.add_patch(one, self._spoken(self._append))
        app.router.add_delete(one, self._spoken(self._end))
        app.router.add_post(one, self._spoken(self._overridden))

    def _spoken(self, handler: Handler) -> Handler:
        """Speak the protocol around a handler, its problems included."""

        async def handle(request: web.Request) -> web.Response:
            try:
                wire.require_version(request.headers.get("Tus-Resumable"))
                response = await handler(request)
            except HttpProblem as problem:
                problem.headers.setdefault("Tus-Resumable", wire.VERSION)
                raise
            response.headers["Tus-Resumable"] = wire.VERSION
            response.headers["Cache-Control"] = "no-store"
            return response

        return handle

    async def _describe(self, _: web.Request) -> web.Response:
        """Say what is spoken here."""
        headers = {
            "Tus-Resumable": wire.VERSION,
            "Tus-Version": wire.VERSION,
            "Tus-Extension": wire.EXTENSIONS,
            "Tus-Max-Size": str(self._deps.settings.largest_file),
        }
        return web.Response(status=204, headers=headers)

    async def _create(self, request: web.Request) -> web.Response:
        """Begin a file; nothing of it comes yet.

        Raises:
            HttpProblem: 400 a header cannot be read, 404 or 410 nobody known asks,
                413 too large, 422 empty, 429 too many of this owner, 503 of everybody,
                507 no room on the disk.
        """
        deps, settings = self._deps, self._deps.settings
        headers = request.headers
        size = wire.number("Upload-Length", headers.get("Upload-Length"))
        said = wire.metadata_of(headers.get("Upload-Metadata", ""))
        ref = said.get("ref", "")
        owner = await self._owner(request, ref)
        if size == 0:
            raise HttpProblem(422, "empty_file")
        if size > settings.largest_file:
            raise uploads.too_large(settings.largest_file)
        if not await asyncio.to_thread(deps.store.partials.has_room, size):
            raise HttpProblem(507, "disk_full")
        now = deps.clock.now()
        it = Arrival(
            id=secrets.token_hex(16),
            owner=owner,
            ref=ref,
            name=safe_name(said.get("filename", "")),
            size=size,
            created_at=now,
            expires_at=now + settings.upload_for,
        )
        room = settings.upload_room
        full = await deps.store.write(lambda uow: uow.uploads.add(it, room))
        if full is not None:
            raise _full(full, room)
        await asyncio.to_thread(deps.store.partials.begin, it.id)
        told = wire.told(it, 0) | {"Location": f"/uploads/{it.id}"}
        return web.Response(status=201, headers=told)

    async def _tell(self, request: web.Request) -> web.Response:
        """Say how much has come; of a whole file, what stands for it."""
        it = await self._own(request)
        async with self._turns.taken(it.id):
            it, offset = await self._come(it)
            if offset == it.size and it.blob is None:
                it = await self._finished(it)
        return web.Response(status=200, headers=self._told(it, offset))

    async def _append(self, request: web.Request) -> web.Response:
        """Take a piece, as much of it as comes.

        Raises:
            HttpProblem: 408 next to nothing comes, 409 it is not the next piece,
                413 it is larger than was said, 415 the content or its kind is not
                taken, 423 another process writes, 503 too many at once; those of
                ``uploads.judged``.
        """
        if request.content_type != wire.PIECE_TYPE:
            expected = {"expected": wire.PIECE_TYPE}
            raise HttpProblem(415, "unsupported_media_type", expected)
        given = wire.number("Upload-Offset", request.headers.get("Upload-Offset"))
        it = await self._own(request)
        async with self._received_from(request, it), self._turns.taken(it.id) as turn:
            it, offset = await self._come(it)
            if given != offset:
                facts = {"offset": offset}
                told = self._told(it, offset)
                raise HttpProblem(409, "upload_offset", facts, headers=told)
            if it.blob is None:
                offset = await self._received(request, it, turn)
            if offset == it.size and it.blob is None:
                it = await self._finished(it)
        return web.Response(status=204, headers=self._told(it, offset))

    @asynccontextmanager
    async def _received_from(
        self, request: web.Request, it: Arrival
    ) -> AsyncIterator[None]:
        """Take one of the places for those who send; nobody waits for one.

        Raises:
            HttpProblem: 503, all of them are taken, or all that one owner may have.
        """
        gate, seconds = request.app[UPLOAD_GATE], self._deps.settings.transfer_within
        if gate.locked() or self._receiving[it.owner] >= _AT_ONCE_EACH:
            raise HttpProblem(503, "busy", headers={"Retry-After": "2"})
        self._receiving[it.owner] += 1
        try:
            async with gate, asyncio.timeout(seconds.total_seconds()):
                yield
        finally:
            self._receiving[it.owner] -= 1
            if not self._receiving[it.owner]:
                del self._receiving[it.owner]

    async def _end(self, request: web.Request) -> web.Response:
        """Forget a file, whether it is whole or not."""
        it = await self._own(request)
        async with self._turns.taken(it.id):
            await self._drop(it)
        return web.Response(status=204)

    async def _overridden(self, request: web.Request) -> web.Response:
        """Do what a client means whose surroundings know no PATCH or DELETE."""
        handlers = {"PATCH": self._append, "DELETE": self._end, "HEAD": self._tell}
        handler = handlers.get(request.headers.get("X-HTTP-Method-Override", ""))
        if handler is None:
            raise web.HTTPMethodNotAllowed("POST", ["DELETE", "HEAD", "PATCH"])
        return await handler(request)

    # --- whose it is ------------------------------------------------------------------

    async def _owner(self, request: web.Request, ref: str) -> str:
        """Return whose file a new one is.

        Raises:
            HttpProblem: ``no_link``.
        """
        if ref:
            return (await self._access.visitor(request, ref)).scope
        person = await self._access.person(request)
        if person is not None:
            return visitor_scope(person)
        staff = await find_staff(request, self._deps)
        if staff is None:
            raise no_link(404)
        return staff.scope

    async def _own(self, request: web.Request) -> Arrival:
        """Return the file a request is about; another's is as unknown as none.

        Raises:
            NotFound: there is none of this owner.
        """
        key, now = request.match_info["id"], self._deps.clock.now()
        it = await self._deps.store.views.upload(key, now)
        try:
            owner = await self._owner(request, it.ref)
        except HttpProblem as problem:
            raise NotFound("upload", key) from problem
        if owner != it.owner:
            raise NotFound("upload", key)
        return it

    # --- the octets -------------------------------------------------------------------

    async def _come(self, it: Arrival) -> tuple[Arrival, int]:
        """Return the file as it is now that it is our turn, and how much has come."""
        store, now = self._deps.store, self._deps.clock.now()
        it = await store.views.upload(it.id, now)
        if it.blob is None:
            return it, await asyncio.to_thread(store.partials.size, it.id)
        try:
            # Killed between the note and the move: the move is made up for.
            path = store.partials.path(it.id)
            await asyncio.to_thread(store.blobs.adopt, path, it.blob)
        except NotFound:
            pass
        return it, it.size

    async def _received(self, request: web.Request, it: Arrival, turn: Turn) -> int:
        """Append what comes; return how much there is now, all of it durable."""
        length = request.content_length
        writer = await self._writer(it)
        try:
            if length is not None and writer.size + length > it.size:
                raise HttpProblem(413, "upload_overrun", {"size": it.size})
            try:
                await self._copy(request, it, writer, turn)
            finally:
                # Also what a cut line brought counts, once it is on the disk.
                await asyncio.shield(asyncio.to_thread(writer.sync))
        finally:
            writer.close()
        return writer.size

    async def _copy(
        self, request: web.Request, it: Arrival, writer: PartialWriter, turn: Turn
    ) -> None:
        silent = self._deps.settings.silent_for.total_seconds()
        loop, body = asyncio.get_running_loop(), request.content
        is_known, counted = writer.size >= HEAD, writer.size
        try:
            async with asyncio.timeout(silent) as turn.patience:
                while chunk := await body.readany():
                    if writer.size + len(chunk) > it.size:
                        raise HttpProblem(413, "upload_overrun", {"size": it.size})
                    await asyncio.to_thread(writer.append, chunk)
                    if writer.size - counted >= _LIVELY:
                        counted = writer.size
                        turn.patience.reschedule(loop.time() + silent)
                    if not is_known and writer.size >= HEAD:
                        is_known = True
                        await self._or_drop(it, self._kind(it))
        except TimeoutError as error:
            raise HttpProblem(408, "too_slow") from error
        finally:
            turn.patience = None

    async def _writer(self, it: Arrival) -> PartialWriter:
        try:
            return await asyncio.to_thread(self._deps.store.partials.writer, it.id)
        except Conflict as error:
            headers = {"Retry-After": "2"}
            raise HttpProblem(423, "upload_locked", headers=headers) from error

    async def _finished(self, it: Arrival) -> Arrival:
        """Judge and store a file that is whole."""
        store = self._deps.store
        writer = await self._writer(it)
        try:
            path = store.partials.path(it.id)
            blob = await asyncio.to_thread(blob_of, path)
            judging = uploads.judged(self._deps, path, blob)
            media_type = await self._or_drop(it, judging)
            name = safe_name(it.name, media_type)
            now = self._deps.clock.now()
            until = now + self._deps.settings.upload_for
            # The note comes first: killed in between, the next request moves the file.
            await store.write(
                lambda uow: uow.uploads.keep(it.id, blob, media_type, name, until)
            )
            await asyncio.to_thread(store.blobs.adopt, path, blob)
        finally:
            writer.close()
        _LOG.info("upload.stored", size=it.size, media_type=media_type)
        return await store.views.upload(it.id, now)

    async def _kind(self, it: Arrival) -> str:
        return await uploads.require_kind(self._deps.store.partials.path(it.id))

    async def _or_drop(self, it: Arrival, judging: Awaitable[str]) -> str:
        """Return what a file is; one that is refused goes at once."""
        try:
            return await judging
        except HttpProblem as problem:
            if problem.status < 500:
                await self._drop(it)
            raise

    async def _drop(self, it: Arrival) -> None:
        store = self._deps.store
        await store.write(lambda uow: uow.uploads.drop(it.id))
        await asyncio.to_thread(store.partials.drop, it.id)

    def _told(self, it: Arrival, offset: int) -> dict[str, str]:
        if it.blob is None or it.media_type is None:
            return wire.told(it, offset)
        upload = Upload(it.blob, it.name, it.media_type, it.size)
        keyring = self._deps.keyring
        handle = uploads.issue(keyring, upload, it.owner, it.expires_at)
        return wire.told(it, offset, handle)


def _full(full: Full, room: Room) -> HttpProblem:
    if full is Full.ALL:
        return HttpProblem(503, "uploads_full", headers={"Retry-After": "60"})
    facts = {"files": room.open_each, "megabytes": room.octets_each // 1_000_000}
    return HttpProblem(429, "too_many_uploads", facts, headers={"Retry-After": "60"})
