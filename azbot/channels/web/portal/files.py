"""Files of an assistance on their way to its client: documents, reports, calendar."""

from __future__ import annotations

from aiohttp import web

from azbot.channels.web.downloads import disposition, send
from azbot.channels.web.portal.reading import PortalReader
from azbot.channels.web.portal.scene import document_of, report_of
from azbot.channels.web.problems import HttpProblem
from azbot.channels.web.seams import WebDeps
from azbot.channels.web.thumbnails import send_thumbnail
from azbot.errors import NotFound
from azbot.workflow.model import InterventionStatus


class PortalFiles:
    """Serves files."""

    def __init__(self, deps: WebDeps, reader: PortalReader) -> None:
        self._deps = deps
        self._reader = reader

    def add_to(self, app: web.Application, one: str) -> None:
        """Serve everything below the address of an assistance."""
        number = r"{number:[0-9]{1,5}}"
        app.router.add_get(f"{one}/documents/{number}", self.document)
        app.router.add_get(f"{one}/documents/{number}/thumbnail", self.thumbnail)
        app.router.add_get(f"{one}/visits/{number}/report.pdf", self.report)
        app.router.add_get(f"{one}/visits/{number}/visit.ics", self.calendar)
        app.router.add_get(f"{one}/report.pdf", self.combined)

    async def document(self, request: web.Request) -> web.StreamResponse:
        """Stream a file as a download: nothing a stranger sent is drawn by us."""
        scene = await self._reader.scene(request)
        number = int(request.match_info["number"])
        document = document_of(scene, number)
        if document is None:
            raise NotFound("document", number)
        return await send(request, self._deps.store.blobs, document)

    async def thumbnail(self, request: web.Request) -> web.StreamResponse:
        """Return a small picture, drawn anew by us."""
        scene = await self._reader.scene(request)
        number = int(request.match_info["number"])
        document = document_of(scene, number)
        if document is None or not document.media_type.startswith("image/"):
            raise NotFound("thumbnail", number)
        return await send_thumbnail(request, document)

    async def report(self, request: web.Request) -> web.StreamResponse:
        """Stream the report of a visit; none is made because somebody looks (X18).

        Raises:
            HttpProblem: 404 ``report_pending``, the visit ended a moment ago.
            NotFound: there will be none, or it is not this reader's.
        """
        return await self._report(request, int(request.match_info["number"]))

    async def combined(self, request: web.Request) -> web.StreamResponse:
        """Stream the report of all visits together (R177)."""
        return await self._report(request, 0)

    async def _report(self, request: web.Request, number: int) -> web.StreamResponse:
        scene = await self._reader.scene(request)
        document = report_of(scene, number)
        if document is not None:
            return await send(request, self._deps.store.blobs, document)
        visit = scene.it.intervention(number)
        if scene.sees_all and visit is not None and visit.finished_at is not None:
            raise HttpProblem(404, "report_pending", headers={"Retry-After": "60"})
        raise NotFound("report", number)

    async def calendar(self, request: web.Request) -> web.Response:
        """Return a planned visit for the reader's own calendar (C16)."""
        scene = await self._reader.scene(request)
        number = int(request.match_info["number"])
        visit = scene.it.intervention(number)
        if visit is None or visit.status is not InterventionStatus.PLANNED:
            raise NotFound("visit", number)
        content = self._deps.reports.event(scene.it, number, scene.visitor.person)
        name = f"{scene.it.ref}-visite-{number}.ics"
        return web.Response(
            body=content,
            content_type="text/calendar",
            charset="utf-8",
            headers={"Content-Disposition": disposition(name)},
        )
