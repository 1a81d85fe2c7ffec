"""Files go up and come down unchanged, and nothing dangerous passes."""

from __future__ import annotations

from io import BytesIO

import pytest
from aiohttp import FormData

from azbot.channels.web.settings import WebSettings
from azbot.messages import Trust
from azbot.store import Store
from azbot.testing.clock import FakeClock
from azbot.workflow.commands import NewDocument, RecordReport
from azbot.workflow.model import Actor, Role
from tests.webdesk import PDF, PNG, Web, running

PRINTER = Actor(Role.SYSTEM, None, "azbot", Trust.STAFF, "report")


async def test_a_file_comes_down_as_it_went_up(web: Web) -> None:
    ref = await web.opened()
    path = f"/assistances/{ref}/documents"
    added = await web.json("POST", f"{path}?name=bon de commande.pdf", data=PDF)
    [document] = added["assistance"]["documents"]
    assert (document["kind"], document["media_type"]) == (
        "order_proof",
        "application/pdf",
    )
    response = await web.call("GET", f"{path}/1")
    assert await response.read() == PDF
    assert response.headers["Content-Type"] == "application/pdf"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Disposition"].startswith("attachment; ")
    assert "sandbox" in response.headers["Content-Security-Policy"]
    tag = {"If-None-Match": response.headers["ETag"]}
    assert (await web.call("GET", f"{path}/1", headers=tag)).status == 304
    head = await web.call("HEAD", f"{path}/1")
    assert (head.status, head.headers["Content-Length"]) == (200, str(len(PDF)))


async def test_a_browser_form_uploads_too(web: Web) -> None:
    ref = await web.opened()
    form = FormData()
    form.add_field("note", "ignorée")
    form.add_field(
        "file", PNG, filename="../../photo\u202egpj.exe", content_type="image/jpeg"
    )
    path = f"/assistances/{ref}/documents?kind=photo&point=3"
    added = await web.json("POST", path, data=form)
    [document] = added["assistance"]["documents"]
    assert (document["media_type"], document["point"]) == ("image/png", 3)
    assert "/" not in document["name"]
    assert document["name"].endswith(".png")


@pytest.mark.parametrize(
    "name",
    ['un "nom".pdf', "été à l’œuvre.pdf", "a\r\nSet-Cookie: x=1.pdf", "100%.pdf"],
)
async def test_a_name_never_breaks_its_header(web: Web, name: str) -> None:
    ref = await web.opened()
    path = f"/assistances/{ref}/documents"
    added = await web.call("POST", path, data=PDF, params={"name": name})
    assert added.status == 201
    response = await web.call("GET", f"{path}/1")
    assert "Set-Cookie" not in response.headers
    disposition = response.headers["Content-Disposition"]
    assert disposition.isascii()
    assert disposition.count('"') == 2


async def test_an_upload_waits_for_its_command(web: Web) -> None:
    ref = await web.opened()
    upload = await web.json("POST", "/uploads?name=photo.png", data=PNG)
    body = {
        "text": "Voir photo",
        "documents": [{"upload": upload["id"], "kind": "photo"}],
    }
    said = await web.json("POST", f"/assistances/{ref}/messages", body)
    [document] = said["assistance"]["documents"]
    assert document["sha256"] == upload["sha256"]


async def test_an_upload_serves_its_owner_alone_and_for_a_day(web: Web) -> None:
    ref = await web.underway()
    upload = await web.json("POST", "/uploads?name=photo.png", data=PNG)
    body = {"text": "x", "documents": [{"upload": upload["id"]}]}
    path = f"/assistances/{ref}/messages"
    stolen = await web.call("POST", path, body, token=web.station)
    assert (await stolen.json(content_type=None))["errors"][0][
        "code"
    ] == "unknown_upload"
    await web.clock.advance(web.deps.settings.upload_for)
    assert (await web.call("POST", path, body)).status == 422


async def test_a_file_over_the_cap_is_refused_while_it_arrives(
    sqlite_store: Store, clock: FakeClock
) -> None:
    settings = WebSettings(largest_file=100_000)
    async with running(sqlite_store, clock, settings=settings) as web:
        ref = await web.opened()
        path = f"/assistances/{ref}/documents?name=film.pdf"

        async def endless() -> object:
            for _ in range(10):
                yield PDF[:8] + b"x" * 60_000

        for data in (BytesIO(PDF + b"x" * 200_000), endless()):
            response = await web.call("POST", path, data=data)
            assert response.status == 413
            assert (await response.json(content_type=None))["code"] == "file_too_large"
        assert await web.events(ref) == 1


async def test_thirty_files_are_the_limit(web: Web) -> None:
    ref = await web.opened()
    path = f"/assistances/{ref}/documents?name=a.pdf"
    for number in range(30):
        await web.json("POST", path, data=PDF + bytes([number]))
    problem = await web.call("POST", path, data=PDF)
    assert problem.status == 409
    assert (await problem.json(content_type=None))["code"] == "too_many_documents"


async def test_the_report_of_a_visit_is_downloaded_by_its_name(web: Web) -> None:
    ref = await web.finished()
    blob = web.deps.store.blobs.put(PDF)
    name = f"Rapport-{ref}-visite-1.pdf"
    document = NewDocument(name, "application/pdf", len(PDF), blob)
    await web.do(ref, RecordReport(document, "f" * 64, 1), PRINTER)
    for path in (f"/assistances/{ref}/reports/1.pdf", f"/assistances/{ref}/report.pdf"):
        for token in (web.agent, web.station):
            response = await web.call("GET", path, token=token)
            assert await response.read() == PDF
            assert name in response.headers["Content-Disposition"]


async def test_a_lost_file_is_a_clean_error(web: Web) -> None:
    ref = await web.opened()
    path = f"/assistances/{ref}/documents"
    added = await web.json("POST", f"{path}?name=a.pdf", data=PDF)
    web.deps.store.blobs.delete(added["assistance"]["documents"][0]["sha256"])
    assert (await web.call("GET", f"{path}/1")).status == 404
