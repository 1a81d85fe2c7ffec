"""Files come in pieces, survive cuts, and nothing is taken that should not be."""

from __future__ import annotations

import asyncio
import hashlib
import io
import os
import zipfile
import zlib
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
from PIL import Image

from azbot.channels.web.settings import WebSettings
from azbot.channels.web.uploads import Upload, read
from azbot.clamd import Clamd
from azbot.messages import BlobId
from azbot.store import Store
from azbot.store.sweeper import Sweeper
from azbot.store.uploads import Room
from azbot.testing.clamd import WORM, fake_clamd
from azbot.testing.clock import FakeClock
from azbot.workflow.model import AssistanceRef
from tests.uploading import Sender, code_of, film, metadata
from tests.webdesk import BROWSER, KEYRING, Web, running

FILM = film(10_000)


@pytest.fixture
async def sender(web: Web) -> Sender:
    """A client who holds the link of a request."""
    ref = await web.opened()
    return Sender(web, await web.visitor(ref), ref)


def partials(tmp_path: Path) -> list[Path]:
    folder = tmp_path / "blobs" / "partial"
    return list(folder.iterdir()) if folder.is_dir() else []


async def owner_of(web: Web, ref: str) -> str:
    it = await web.deps.store.views.by_ref(AssistanceRef(ref))
    return f"visitor:{it.requester}"


# --- the protocol ---------------------------------------------------------------------


async def test_the_server_says_what_it_speaks(sender: Sender) -> None:
    response = await sender.web.client.options("/uploads")
    assert response.status == 204
    assert response.headers["Tus-Version"] == "1.0.0"
    assert response.headers["Tus-Extension"] == "creation,expiration,termination"
    assert response.headers["Tus-Max-Size"] == "100000000"


async def test_a_file_comes_in_pieces_and_becomes_a_handle(
    sender: Sender, tmp_path: Path
) -> None:
    web = sender.web
    path = await sender.begun(len(FILM), "Vidéo du chantier.mp4")
    first = await sender.piece(path, 0, FILM[:3_000])
    assert (first.status, first.headers["Upload-Offset"]) == (204, "3000")
    assert "Upload-Handle" not in first.headers
    assert await sender.offset(path) == 3_000
    last = await sender.piece(path, 3_000, FILM[3_000:])
    assert (last.status, last.headers["Upload-Offset"]) == (204, "10000")
    owner = await owner_of(web, sender.ref)
    handle = last.headers["Upload-Handle"]
    upload = read(KEYRING, handle, owner, web.clock.now())
    digest = hashlib.sha256(FILM).hexdigest()
    assert upload == Upload(
        BlobId(digest),
        "Vidéo du chantier.mp4",
        "video/mp4",
        len(FILM),
    )
    assert web.deps.store.blobs.read(upload.blob) == FILM
    assert partials(tmp_path) == []
    assert last.headers["Upload-Metadata"] == metadata(
        filename="Vidéo du chantier.mp4", filetype="video/mp4"
    )


async def test_whoever_lost_the_last_answer_is_told_again(sender: Sender) -> None:
    path = await sender.begun(len(FILM))
    last = await sender.piece(path, 0, FILM)
    handle = last.headers["Upload-Handle"]
    again = await sender.call("HEAD", path)
    assert again.headers["Upload-Handle"] == handle
    assert again.headers["Upload-Offset"] == str(len(FILM))
    empty = await sender.piece(path, len(FILM), b"")
    assert (empty.status, empty.headers["Upload-Handle"]) == (204, handle)
    repeated = await sender.piece(path, 0, FILM)
    assert await code_of(repeated) == (409, "upload_offset")
    assert repeated.headers["Upload-Handle"] == handle


async def test_a_piece_that_is_not_the_next_one_changes_nothing(sender: Sender) -> None:
    path = await sender.begun(len(FILM))
    await sender.piece(path, 0, FILM[:100])
    for offset in (0, 99, 101):
        response = await sender.piece(path, offset, FILM[offset : offset + 10])
        assert await code_of(response) == (409, "upload_offset")
        assert response.headers["Upload-Offset"] == "100"
    assert await sender.offset(path) == 100


async def test_whoever_comes_back_takes_over_from_a_line_that_hangs(
    sender: Sender,
) -> None:
    path = await sender.begun(len(FILM))
    brought, held = asyncio.Event(), asyncio.Event()

    async def hanging() -> AsyncIterator[bytes]:
        yield FILM[:5_000]
        brought.set()
        await held.wait()

    async def come_back() -> None:
        await brought.wait()
        offset = await sender.offset(path)
        response = await sender.piece(path, offset, FILM[offset:])
        assert response.headers["Upload-Handle"]
        held.set()

    async with asyncio.TaskGroup() as group:
        hung = group.create_task(sender.piece(path, 0, hanging()))
        group.create_task(come_back())
    assert await code_of(hung.result()) == (408, "too_slow")


async def test_a_cancelled_file_is_gone_at_once(sender: Sender, tmp_path: Path) -> None:
    path = await sender.begun(len(FILM))
    await sender.piece(path, 0, FILM[:100])
    assert (await sender.call("DELETE", path)).status == 204
    assert partials(tmp_path) == []
    assert (await sender.call("HEAD", path)).status == 404
    assert await code_of(await sender.piece(path, 100, b"x")) == (404, "not_found")


async def test_a_client_without_patch_says_it_in_a_header(sender: Sender) -> None:
    path = await sender.begun(len(FILM))
    said = {
        "X-HTTP-Method-Override": "PATCH",
        "Upload-Offset": "0",
        "Content-Type": "application/offset+octet-stream",
    }
    response = await sender.call("POST", path, said, FILM)
    assert (response.status, response.headers["Upload-Offset"]) == (204, "10000")


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"Tus-Resumable": "0.2.2"}, 412, "tus_version"),
        ({"Upload-Length": "-1"}, 400, "tus_header"),
        ({"Upload-Length": "1e3"}, 400, "tus_header"),
        ({"Upload-Metadata": "filename ***"}, 400, "tus_header"),
        ({"Upload-Metadata": "a Yg==,a Yg=="}, 400, "tus_header"),
        ({"Upload-Length": "0"}, 422, "empty_file"),
    ],
)
async def test_headers_that_mean_nothing_are_refused(
    web: Web, headers: dict[str, str], status: int, code: str
) -> None:
    sender = Sender(web, await web.sign_in())
    said = {"Upload-Length": "10", "Upload-Metadata": "", **headers}
    assert await code_of(await sender.call("POST", "/uploads", said)) == (status, code)


async def test_a_piece_says_what_it_is_and_fits(sender: Sender) -> None:
    path = await sender.begun(10)
    wrong = await sender.piece(path, 0, b"x", **{"Content-Type": "text/plain"})
    assert await code_of(wrong) == (415, "unsupported_media_type")
    long = await sender.piece(path, 0, b"x" * 11)
    assert await code_of(long) == (413, "upload_overrun")

    async def chunked() -> AsyncIterator[bytes]:
        yield b"x" * 11

    assert await code_of(await sender.piece(path, 0, chunked())) == (
        413,
        "upload_overrun",
    )
    assert await sender.offset(path) == 0


# --- whose it is ----------------------------------------------------------------------


async def test_another_s_file_is_as_unknown_as_none(web: Web) -> None:
    ref = await web.assigned()
    sender = Sender(web, await web.visitor(ref), ref)
    path = await sender.begun(len(FILM))
    it = await web.deps.store.views.by_ref(AssistanceRef(ref))
    assert it.mission
    contacts = await web.deps.store.views.contacts_of([it.mission.station.id])
    station = contacts[it.mission.station.id][0].id
    strangers = [
        Sender(web, await web.visitor(ref, station)),
        Sender(web, await web.sign_in()),
        Sender(web, BROWSER),
    ]
    unknown = f"/uploads/{'0' * 32}"
    for stranger in strangers:
        for method in ("HEAD", "DELETE"):
            one, none = [await stranger.call(method, p) for p in (path, unknown)]
            assert (one.status, none.status) == (404, 404)
        one, none = [await stranger.piece(p, 0, FILM) for p in (path, unknown)]
        assert await code_of(one) == await code_of(none) == (404, "not_found")
    assert await sender.offset(path) == 0


async def test_whoever_holds_nothing_begins_nothing(web: Web) -> None:
    nobody = Sender(web, BROWSER)
    assert await code_of(await nobody.create(10)) == (404, "no_link")
    ref = await web.opened()
    nobody.ref = ref
    assert await code_of(await nobody.create(10)) == (404, "no_link")


async def test_another_site_begins_nothing(sender: Sender) -> None:
    sender.headers = {**sender.headers, "Sec-Fetch-Site": "cross-site"}
    assert await code_of(await sender.create(10)) == (403, "cross_site")


async def test_people_of_the_desk_send_files_too(web: Web) -> None:
    agent = Sender(web, await web.sign_in())
    response = await agent.sent(FILM)
    assert response.headers["Upload-Handle"]


# --- what is refused ------------------------------------------------------------------


@pytest.mark.parametrize("size", [120_000_000, 5_000_000_000])
async def test_a_file_too_large_is_refused_before_any_octet(
    sender: Sender, tmp_path: Path, size: int
) -> None:
    response = await sender.create(size)
    said = await response.json(content_type=None)
    assert (response.status, said["code"]) == (413, "file_too_large")
    assert said["detail"] == "Un fichier compte au plus 100\u00a0Mo."
    assert partials(tmp_path) == []


async def test_a_program_is_stopped_after_its_first_octets(
    sender: Sender, tmp_path: Path
) -> None:
    path = await sender.begun(50_000_000, "facture.pdf")
    first = await sender.piece(path, 0, b"MZ" + b"\x00" * 5_000)
    assert await code_of(first) == (415, "kind_refused")
    assert (await sender.call("HEAD", path)).status == 404
    assert partials(tmp_path) == []


async def test_what_is_over_is_unknown_and_swept(
    sender: Sender, clock: FakeClock, tmp_path: Path
) -> None:
    path = await sender.begun(len(FILM))
    stored = await sender.sent(FILM)
    sweeper = Sweeper(sender.web.deps.store)
    assert await sweeper.step(clock.now()) == 0
    assert len(partials(tmp_path)) == 1
    await clock.advance(timedelta(hours=24))
    assert (await sender.call("HEAD", path)).status == 404
    assert await sweeper.step(clock.now()) == 2
    assert partials(tmp_path) == []
    assert stored.headers["Upload-Handle"]
    blob = BlobId(hashlib.sha256(FILM).hexdigest())
    assert sender.web.deps.store.blobs.is_whole(blob)


async def test_a_half_without_a_row_is_swept_once_it_is_old(
    sender: Sender, clock: FakeClock, tmp_path: Path
) -> None:
    store = sender.web.deps.store
    store.partials.begin("0" * 32)
    written = clock.now().timestamp()
    os.utime(partials(tmp_path)[0], (written, written))
    await clock.advance(timedelta(days=2))
    await Sweeper(store).step(clock.now())
    assert len(partials(tmp_path)) == 1
    await clock.advance(timedelta(seconds=1))
    await Sweeper(store).step(clock.now())
    assert partials(tmp_path) == []


async def test_what_was_made_of_a_file_that_another_machine_deleted_goes_too(
    sqlite_store: Store, clock: FakeClock
) -> None:
    store, sweeper = sqlite_store, Sweeper(sqlite_store)
    kept = await asyncio.to_thread(store.blobs.put, b"kept")
    gone = hashlib.sha256(b"gone").hexdigest()
    drawn = [store.folder / f"thumbnails/{n[:2]}/{n}-320.jpg" for n in (kept, gone)]
    for path in drawn:
        path.parent.mkdir(parents=True)
        path.write_bytes(b"small")
    for _ in range(24):
        await sweeper.step(clock.now())
        await clock.advance(timedelta(hours=1))
    assert [path.exists() for path in drawn] == [True, False]


async def test_a_silent_line_is_let_go_and_what_it_brought_stays(
    sqlite_store: Store, clock: FakeClock
) -> None:
    settings = WebSettings(silent_for=timedelta(milliseconds=50))
    async with running(sqlite_store, clock, settings=settings) as web:
        ref = await web.opened()
        sender = Sender(web, await web.visitor(ref), ref)
        path = await sender.begun(len(FILM))
        held = asyncio.Event()

        async def loris() -> AsyncIterator[bytes]:
            yield FILM[:7]
            await held.wait()

        response = await sender.piece(path, 0, loris())
        assert await code_of(response) == (408, "too_slow")
        held.set()
        assert await sender.offset(path) == 7


async def test_two_hundred_files_at_once_are_bounded_in_words(
    sqlite_store: Store, clock: FakeClock, tmp_path: Path
) -> None:
    settings = WebSettings(upload_room=Room(open_each=30, open_all=50))
    async with running(sqlite_store, clock, settings=settings) as web:
        ref = await web.opened()
        senders = [
            Sender(web, await web.visitor(ref), ref),
            Sender(web, await web.sign_in()),
        ]
        begun = await asyncio.gather(
            *(sender.create(1_000) for sender in senders for _ in range(100))
        )
        told = [each.status for each in begun]
        assert told.count(201) == 50
        assert set(told) == {201, 429, 503}
        full = begun[told.index(429)]
        assert (
            "30\u00a0fichiers et 300\u00a0Mo"
            in (await full.json(content_type=None))["detail"]
        )
        assert full.headers["Retry-After"]
        assert len(partials(tmp_path)) == 50


# --- what it is -----------------------------------------------------------------------


def zipped(*, comment: bytes = b"") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", b"\x00" * 10_000_000)
        archive.comment = comment
    return out.getvalue()


def drawn(kind: str, size: tuple[int, int] = (64, 48), **options: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "red").save(out, kind, **options)
    return out.getvalue()


def claiming(width: int, height: int) -> bytes:
    """A small PNG whose head promises very many pixels."""
    small = drawn("PNG", (1, 1))
    head = b"IHDR" + width.to_bytes(4, "big") + height.to_bytes(4, "big")
    head += small[24:29]
    return small[:12] + head + zlib.crc32(head).to_bytes(4, "big") + small[33:]


PDF_FILE = b"%PDF-1.7\n" + b"bon de commande " * 400


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        pytest.param(zipped(), "application/zip", id="zip bomb"),
        pytest.param(PDF_FILE + zipped(), "application/zip", id="PDF and ZIP"),
        pytest.param(
            PDF_FILE + zipped(comment=b"%%EOF"), "application/zip", id="PDF around ZIP"
        ),
        pytest.param(drawn("JPEG") + zipped(), "application/zip", id="JPEG and ZIP"),
        pytest.param(b"<svg xmlns='x'><script/></svg>", "image/svg+xml", id="SVG"),
        pytest.param(b"<html><script>", "text/html", id="HTML"),
        pytest.param(b"MZ" + b"\x00" * 99, "application/x-msdownload", id="program"),
        pytest.param(b"\x00" * 99, "application/octet-stream", id="nothing known"),
    ],
)
async def test_what_is_no_picture_film_or_pdf_is_refused_whatever_its_name(
    sender: Sender, tmp_path: Path, content: bytes, media_type: str
) -> None:
    response = await sender.sent(content, "facture.pdf")
    said = await response.json(content_type=None)
    assert (response.status, said["code"]) == (415, "kind_refused")
    assert said["facts"] == {"media_type": media_type}
    assert partials(tmp_path) == []


@pytest.mark.parametrize(
    ("content", "name", "shown", "media_type"),
    [
        pytest.param(PDF_FILE, "photo.jpg", "photo.pdf", "application/pdf", id="lie"),
        pytest.param(
            b"GIF89a/*" + b"\x00" * 30 + b"*/=alert(1)",
            "a.js",
            "a.js.gif",
            "image/gif",
            id="GIF and script",
        ),
        pytest.param(
            drawn("JPEG", comment=b"<html><script>alert(1)</script>"),
            "a.html",
            "a.html.jpg",
            "image/jpeg",
            id="HTML in a comment",
        ),
        pytest.param(
            drawn("JPEG")[:-50], "coupée.jpg", "coupée.jpg", "image/jpeg", id="cut"
        ),
    ],
)
async def test_what_poses_as_something_else_is_named_and_served_as_what_it_is(
    sender: Sender, content: bytes, name: str, shown: str, media_type: str
) -> None:
    """A browser cannot run it: type, sandbox, no guessing, a download."""
    web = sender.web
    agent = Sender(web, await web.sign_in())
    response = await agent.sent(content, name)
    told = response.headers["Upload-Metadata"]
    assert told == metadata(filename=shown, filetype=media_type)
    path = f"/assistances/{sender.ref}/documents"
    await web.json("POST", f"{path}?name={name}", data=content)
    served = await web.call("GET", f"{path}/1")
    assert served.headers["Content-Type"] == media_type
    assert served.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in served.headers["Content-Security-Policy"]
    assert served.headers["Content-Disposition"].startswith("attachment")


async def test_a_picture_of_too_many_pixels_is_refused_before_it_is_opened(
    sender: Sender,
) -> None:
    response = await sender.sent(claiming(60_000, 60_000), "plan.png")
    assert await code_of(response) == (422, "too_many_pixels")
    assert (await sender.sent(claiming(6_000, 9_000), "plan.png")).status == 204


# --- viruses --------------------------------------------------------------------------

WORM_FILE = PDF_FILE + WORM


async def test_a_virus_is_refused_by_every_way_in(
    sqlite_store: Store, clock: FakeClock, tmp_path: Path
) -> None:
    async with (
        fake_clamd() as daemon,
        running(sqlite_store, clock, scanner=Clamd(daemon.place)) as web,
    ):
        agent = Sender(web, await web.sign_in())
        response = await agent.sent(WORM_FILE, "bon.pdf")
        said = await response.json(content_type=None)
        assert (response.status, said["code"]) == (422, "virus_found")
        assert "Eicar" not in str(said)
        whole = "/inbox/uploads?name=bon.pdf"
        response = await web.client.post(whole, data=WORM_FILE, headers=agent.headers)
        assert response.status == 422
        ref = await web.opened()
        path = f"/assistances/{ref}/documents?name=bon.pdf"
        assert (await web.call("POST", path, data=WORM_FILE)).status == 422
        assert (await agent.sent(PDF_FILE, "bon.pdf")).status == 204
        assert daemon.seen == [len(WORM_FILE)] * 3 + [len(PDF_FILE)]
    assert partials(tmp_path) == []


async def test_a_scanner_that_must_look_and_cannot_lets_the_file_wait(
    sqlite_store: Store, clock: FakeClock
) -> None:
    async with fake_clamd() as daemon:
        daemon.largest = 10
        scanner = Clamd(daemon.place, refuses_unchecked=True)
        async with running(sqlite_store, clock, scanner=scanner) as web:
            agent = Sender(web, await web.sign_in())
            path = await agent.begun(len(PDF_FILE), "bon.pdf")
            response = await agent.piece(path, 0, PDF_FILE)
            assert await code_of(response) == (503, "virus_unchecked")
            assert response.headers["Retry-After"]
            daemon.largest = 1_000_000
            again = await agent.call("HEAD", path)
            assert again.headers["Upload-Handle"]


async def test_a_scanner_that_is_away_stops_nobody_by_default(
    sqlite_store: Store, clock: FakeClock
) -> None:
    scanner = Clamd("/nowhere/clamd.sock")
    with structlog.testing.capture_logs() as logs:
        async with running(sqlite_store, clock, scanner=scanner) as web:
            agent = Sender(web, await web.sign_in())
            assert (await agent.sent(PDF_FILE, "bon.pdf")).status == 204
    assert "upload.unchecked" in [line["event"] for line in logs]
