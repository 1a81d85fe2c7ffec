"""Files up and down, and the technical reports."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from aiohttp import web
from pydantic import Field as Constraint
from pydantic import StringConstraints

from azbot.channels.web import uploads
from azbot.channels.web.api.bodies import Number
from azbot.channels.web.api.commands import add_files
from azbot.channels.web.api.lists import Query
from azbot.channels.web.api.operations import Answer, Call, Operation, Work
from azbot.channels.web.api.shapes import (
    CommandOut,
    DocumentsOut,
    Shape,
)
from azbot.channels.web.api.showing import (
    documents_out,
)
from azbot.channels.web.downloads import send
from azbot.channels.web.problems import HttpProblem
from azbot.errors import NotFound
from azbot.store import UnitOfWork
from azbot.workflow.conversation import note_documents
from azbot.workflow.model import Assistance, DocumentKind, Intervention


class UploadQuery(Query):
    """What is told of a file beside its octets.

    Attributes:
        name: file name; otherwise the one of the multipart part.
    """

    name: Annotated[str, StringConstraints(max_length=300)] = ""


class DocumentQuery(UploadQuery):
    """What a file is for.

    Attributes:
        name: file name; otherwise the one of the multipart part.
        kind: what it is for; left out, the rules decide.
        intervention: the visit it belongs to; left out for the request.
        point: checklist point it shows, 1 to 9.
    """

    kind: Literal["order_proof", "photo", "other"] | None = None
    intervention: Number | None = None
    point: Annotated[int, Constraint(ge=1, le=9)] | None = None


class UploadOut(Shape):
    """A stored file that waits for its command.

    Attributes:
        id: give it as ``upload`` in ``documents``; of use to this caller alone.
        media_type: decided by content.
    """

    id: str
    name: str
    media_type: str
    size: int
    sha256: str
    expires_in: int


async def upload_file(call: Call) -> Work:
    """Store a file; it belongs to nothing until a command names it."""
    upload = await uploads.receive(call.request, call.deps)
    lasts: timedelta = call.deps.settings.upload_for
    content = UploadOut(
        id=uploads.issue(
            call.deps.keyring, upload, call.caller.scope, call.now + lasts
        ),
        name=upload.name,
        media_type=upload.media_type,
        size=upload.size,
        sha256=upload.blob,
        expires_in=int(lasts.total_seconds()),
    )

    def work(_: UnitOfWork) -> Answer:
        return Answer(content, 201)

    return work


async def add_document(call: Call) -> Work:
    """Attach the file in the body."""
    query: DocumentQuery = call.query
    kind = DocumentKind(query.kind) if query.kind else None
    return await add_files(call, kind, query.intervention, query.point)


async def list_documents(call: Call) -> Answer:
    """Return the files this caller may have."""
    it, internal = await _seen(call)
    return Answer(DocumentsOut(items=documents_out(it, call.reader, internal)))


async def download(call: Call) -> web.StreamResponse:
    """Stream one file."""
    it, internal = await _seen(call)
    number = call.number("number")
    document = it.document(number)
    if document is None or not call.reader.may_have(document, internal):
        raise NotFound("document", number)
    return await send(call.request, call.deps.store.blobs, document)


async def download_report(call: Call) -> web.StreamResponse:
    """Stream the technical report of one visit."""
    it, _ = await _seen(call)
    visit = it.intervention(call.number("visit"))
    if visit is None or not _may_see(call, it, visit):
        raise NotFound("visit", call.request.match_info["visit"])
    return await _send_report(call, it, visit.number)


async def download_combined(call: Call) -> web.StreamResponse:
    """Stream the combined report, of the visits so far."""
    it, _ = await _seen(call)
    ended = [visit for visit in it.interventions if visit.finished_at is not None]
    if not all(_may_see(call, it, visit) for visit in ended):
        raise HttpProblem(404, "report_missing")
    # One visit has one report; the combined one begins with the second (R177).
    number = ended[0].number if len(ended) == 1 else 0
    return await _send_report(call, it, number)


def _may_see(call: Call, it: Assistance, visit: Intervention) -> bool:
    if not call.is_station:
        return True
    own = call.caller.actor.station
    return any(m.number == visit.mission and m.station.id == own for m in it.missions)


async def _send_report(call: Call, it: Assistance, number: int) -> web.StreamResponse:
    """Send a report, which is drawn when nobody needed it before."""
    visit = it.intervention(number)
    document = it.document(visit.report) if visit and visit.report else None
    if document is None:
        try:
            document = await call.deps.reports.report(it.id, number)
        except NotFound as error:
            raise HttpProblem(404, "report_missing") from error
    return await send(call.request, call.deps.store.blobs, document)


async def _seen(call: Call) -> tuple[Assistance, frozenset[int]]:
    views = call.deps.store.views
    it = await views.by_ref(call.ref)
    call.require(it)
    history = await views.timeline(it.id, is_internal=True)
    return it, note_documents(history)


FILE = "application/octet-stream"
PDF = "application/pdf"
DOCUMENT_OPERATIONS = (
    Operation(
        "uploadFile", "POST", "/uploads",
        "Store a file for a command to use.", "Documents",
        writes=upload_file, answer=UploadOut, upload=True, query=UploadQuery,
        status=201, problems=(400, 413, 415),
    ),
    Operation(
        "listDocuments", "GET", "/assistances/{ref}/documents",
        "List the files of an assistance.", "Documents",
        reads=list_documents, answer=DocumentsOut, problems=(404,),
    ),
    Operation(
        "addDocument", "POST", "/assistances/{ref}/documents",
        "Attach one file.", "Documents",
        writes=add_document, answer=CommandOut, upload=True, query=DocumentQuery,
        status=201, has_version=True, problems=(400, 404, 409, 412, 413, 415),
    ),
    Operation(
        "getDocument", "GET", "/assistances/{ref}/documents/{number}",
        "Download one file.", "Documents",
        reads=download, media_type=FILE, problems=(404,),
    ),
    Operation(
        "getReport", "GET", "/assistances/{ref}/reports/{visit}.pdf",
        "Download the technical report of a visit.", "Documents",
        reads=download_report, media_type=PDF, problems=(404,),
    ),
    Operation(
        "getCombinedReport", "GET", "/assistances/{ref}/report.pdf",
        "Download the combined technical report.", "Documents",
        reads=download_combined, media_type=PDF, problems=(404,),
    ),
)  # fmt: skip
