"""Files sent from a phone: over lines that are cut, in words when they are not taken.

The part of the pages for files stands in a page of its own here, drawn by the real
templates; what it speaks to is the real azbot.
"""

from __future__ import annotations

import hashlib
import io
import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from jinja2 import ChoiceLoader, DictLoader, Environment, FileSystemLoader
from PIL import Image
from playwright.sync_api import Browser, Page, Request, expect

from azbot.channels.web.pages import visit_html
from azbot.channels.web.static import Assets
from azbot.channels.web.uploads import Upload, read
from azbot.channels.web.visitors.frame import VisitFrame
from azbot.i18n.catalogue import catalogue
from azbot.messages import BlobId
from azbot.render.pages import Look
from azbot.resources import data_dir
from azbot.tokens import Purpose, issue_link
from azbot.workflow.model import AssistanceRef
from tests.browser.axe import violations
from tests.browser.inboxdesk import InboxDesk
from tests.browser.test_live import until
from tests.browser.wire import wire
from tests.uploading import film

pytestmark = pytest.mark.browser

PAGE = """
{% extends "_frame/visit.html.j2" %}
{% from "visitors/_uploads.html.j2" import uploads with context %}
{% block title %}Documents{% endblock %}
{% block content %}
<h1>Documents</h1>
<form method="post" action="/portal/sent" enctype="multipart/form-data">
{{ uploads(ref, at_once=at_once) }}
<p class="actions"><button class="btn wide">Envoyer</button></p></form>
{% endblock %}
"""
LARGE = (
    "Ce fichier pèse 120\u00a0Mo, la limite est de 100\u00a0Mo. Envoyez une vidéo plus"
    " courte ou quelques photos, ou un lien de partage dans un message."
)
KIND = (
    "Nous ne prenons pas les fichiers «\u00a0exe\u00a0». Envoyez une photo, une vidéo"
    " ou un PDF\u00a0: un document s’enregistre en PDF ou se photographie."
)
EMPTY = "Ce fichier est vide. Choisissez-le de nouveau."
MORE = 4 * 1024 * 1024
"""Octets of the largest piece."""
POLICY = "Content-Security-Policy"
WATCH = """
const { mountUploads } = await import(
  document.querySelector("script[src]").src.replace("uploading", "uploads"));
window.uploader = mountUploads(document.querySelector("[data-uploads]"));
window.seen = [];
setInterval(() => {
  const [one] = uploader.files;
  if (one) seen.push([one.sent, one.state]);
}, 10);
"""


def drawn(ref: str, *, at_once: bool = False) -> str:
    """The page, as the server would draw it."""
    loader = ChoiceLoader(
        [FileSystemLoader(data_dir("templates") / "web"), DictLoader({"page": PAGE})]
    )
    environment = Environment(loader=loader, autoescape=True)
    assets = Assets()
    frame = VisitFrame(
        styles=tuple(
            assets.url(name) for name in ("page.css", "visit.css", "uploads.css")
        ),
        scripts=(assets.url("uploading.js"),),
    )
    return environment.get_template("page").render(
        t=catalogue("fr").t,
        language="fr",
        desk="Support technique",
        look=Look("Support technique"),
        frame=frame,
        ref=ref,
        at_once=at_once,
    )


class Phone:
    """A client's telephone with the page open.

    Attributes:
        asked: method and path of every request to ``/uploads``, with the size of what
            it carried.
        posted: what the form sent.
    """

    def __init__(
        self,
        page: Page,
        desk: InboxDesk,
        ref: str,
        address: str,
        *,
        has_script: bool = True,
    ) -> None:
        self.page = page
        self.has_script = has_script
        self.desk = desk
        self.ref = ref
        self.address = address
        self.asked: list[tuple[str, str]] = []
        self.posted: list[str] = []
        page.on("request", self._note)

    def _note(self, request: Request) -> None:
        path = urlsplit(request.url).path
        if path.startswith("/uploads"):
            self.asked.append((request.method, path))

    def open(self, *, at_once: bool = False) -> None:
        """Open the page, and hold its uploader to the light."""
        self.page.route(
            "**/portal/files",
            lambda route: route.fulfill(
                content_type="text/html",
                headers={POLICY: visit_html("", "fr").headers[POLICY]},
                body=drawn(self.ref, at_once=at_once),
            ),
        )
        self.page.route("**/portal/sent", self._sent)
        self.page.goto(f"{self.address}/portal/files")
        if not self.has_script:
            return
        expect(self.page.locator(".uploads.live")).to_be_visible()
        self.page.evaluate(f"async () => {{ {WATCH} }}")

    def _sent(self, route: Any) -> None:
        self.posted.append(route.request.post_data or "")
        route.fulfill(content_type="text/html", body="<h1>Merci</h1>")

    def choose(self, *files: Path) -> None:
        """Choose files as from the gallery."""
        self.page.locator("input[multiple]").set_input_files(list(files))

    def slow(self, octets_per_second: int) -> None:
        """Let the line carry no more."""
        session = self.page.context.new_cdp_session(self.page)
        session.send(
            "Network.emulateNetworkConditions",
            {
                "offline": False,
                "latency": 5,
                "downloadThroughput": -1,
                "uploadThroughput": octets_per_second,
            },
        )

    def upload(self) -> Upload:
        """What the handle in the form stands for."""
        handle = self.page.locator("input[name=upload]").input_value()
        keyring = self.desk.app.door.keyring
        it = self.desk.run(self.desk.app.store.views.by_ref(AssistanceRef(self.ref)))
        now = self.desk.app.clock.now()
        found = read(keyring, handle, f"visitor:{it.requester}", now)
        assert found
        return found


@contextmanager
def phone(
    chromium: Browser, desk: InboxDesk, address: str = "", **options: Any
) -> Iterator[Phone]:
    """A telephone that holds the link of a request."""
    ref = str(desk.refs["waiting"])
    it = desk.run(desk.app.store.views.by_ref(AssistanceRef(ref)))
    until_at = desk.app.clock.now() + timedelta(days=1)
    token = issue_link(
        desk.app.door.keyring, Purpose.LINK, it.id, it.requester, until_at
    )
    context = chromium.new_context(
        locale="fr-FR",
        viewport={"width": 390, "height": 844},
        has_touch=True,
        **{"is_mobile": True, **options},
    )
    page = context.new_page()
    page.goto(f"{desk.address}/a/{token}")
    has_script = options.get("java_script_enabled", True)
    found = Phone(page, desk, ref, address or desk.address, has_script=has_script)
    found.open()
    try:
        yield found
    finally:
        context.close()


def reached(page: Page, condition: str) -> None:
    """Wait for something; the policy of the page forbids that it waits itself."""
    until(lambda: bool(page.evaluate(condition)))


def file(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def test_a_film_of_20_mb_over_a_line_cut_twice_arrives_whole(
    chromium: Browser, desk: InboxDesk, tmp_path: Path
) -> None:
    """C7; the cuts last as long as the page takes to notice them."""
    content = film(20_000_000)
    path = file(tmp_path, "chantier.mp4", content)
    with (
        wire(desk.address) as line,
        phone(chromium, desk, line.address) as found,
    ):
        page = found.page
        found.slow(12_000_000)
        found.choose(path)
        for octets in (5_000_000, 12_000_000):
            reached(page, f"uploader.files[0].sent > {octets}")
            line.cut()
            note = page.locator(".up .note")
            expect(note).to_have_text("Connexion perdue. L’envoi reprendra tout seul.")
            line.mend()
        expect(page.locator(".up[data-state=done]")).to_be_visible()
        upload = found.upload()
        seen = page.evaluate("seen.map(([sent]) => sent)")
    assert max(a - b for a, b in pairwise(seen)) <= MORE
    assert upload.blob == hashlib.sha256(content).hexdigest()
    assert (upload.name, upload.size) == ("chantier.mp4", 20_000_000)
    assert sum(method == "POST" for method, _ in found.asked) == 1


def test_an_upload_is_cancelled_at_any_time_and_leaves_nothing(
    chromium: Browser, desk: InboxDesk, tmp_path: Path
) -> None:
    """C7."""
    path = file(tmp_path, "chantier.mp4", film(8_000_000))
    with phone(chromium, desk) as found:
        page = found.page
        found.slow(2_000_000)
        found.choose(path)
        reached(page, "uploader.files[0].sent > 1000000")
        page.get_by_role("button", name="Annuler l’envoi de chantier.mp4").click()
        expect(page.locator(".up")).to_have_count(0)
        expect(page.get_by_role("status")).to_have_text(
            "L’envoi de chantier.mp4 est annulé."
        )
        until(lambda: any(method == "DELETE" for method, _ in found.asked))
        until(lambda: not desk.app.store.partials.older(desk.app.clock.now()))


def test_what_cannot_be_taken_is_refused_before_it_leaves(
    chromium: Browser, desk: InboxDesk, tmp_path: Path
) -> None:
    """C8."""
    heavy = tmp_path / "visite.mp4"
    with heavy.open("wb") as sparse:
        sparse.truncate(120_000_000)
    program = file(tmp_path, "pilote.exe", b"MZ" + b"\0" * 100)
    empty = file(tmp_path, "vide.pdf", b"")
    with phone(chromium, desk) as found:
        found.choose(heavy)
        found.choose(program, empty)
        lines = found.page.locator(".up[data-state=refused] .note")
        expect(lines).to_have_text([LARGE, KIND, EMPTY])
        assert found.asked == []
        assert violations(found.page) == []


def test_the_server_s_refusal_is_shown_in_its_words(
    chromium: Browser, desk: InboxDesk, tmp_path: Path
) -> None:
    lie = file(tmp_path, "facture.pdf", b"MZ" + b"\0" * 9_000)
    with phone(chromium, desk) as found:
        found.choose(lie)
        expect(found.page.locator(".up[data-state=refused] .note")).to_contain_text(
            "envoyez une image, une vidéo ou un PDF"
        )
        expect(found.page.get_by_role("status")).to_contain_text(
            "facture.pdf n’est pas envoyé"
        )


def photo(width: int, height: int) -> bytes:
    """A photo of so many pixels that hardly gets smaller: half of it is noise."""
    noise = Image.frombytes(
        "RGB", (width, height), random.Random(7).randbytes(width * height * 3)
    )
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    noise.save(out, "JPEG", quality=80, exif=exif.tobytes())
    return out.getvalue()


def test_a_heavy_photo_becomes_lighter_and_the_original_can_be_kept(
    chromium: Browser, desk: InboxDesk, tmp_path: Path
) -> None:
    content = photo(3_200, 1_600)
    assert len(content) > 2_000_000
    path = file(tmp_path, "plaque.jpeg", content)
    with phone(chromium, desk) as found:
        page = found.page
        found.choose(path)
        expect(page.locator(".up[data-state=done]")).to_be_visible()
        expect(page.locator(".up .note")).to_contain_text("Photo allégée")
        expect(page.locator(".up .fi img")).to_have_js_property("complete", value=True)
        light = found.upload()
        stored = desk.app.store.blobs.read(BlobId(light.blob))
        with Image.open(io.BytesIO(stored)) as image:
            assert image.size == (1_280, 2_560)
            assert not image.getexif()
        page.get_by_role("button", name="Garder l’original").click()
        expect(page.locator(".up[data-state=done]")).to_be_visible()
        until(lambda: page.locator("input[name=upload]").count() == 1)
        assert found.upload().size == len(content)
        expect(page.get_by_role("button", name="Garder l’original")).to_be_hidden()


def test_after_a_reload_a_file_goes_on_where_it_was(
    chromium: Browser, desk: InboxDesk, tmp_path: Path
) -> None:
    content = film(6_000_000)
    path = file(tmp_path, "chantier.mp4", content)
    with phone(chromium, desk) as found:
        page = found.page
        found.slow(3_000_000)
        found.choose(path)
        reached(page, "uploader.files[0].sent > 2500000")
        found.open()
        found.slow(-1)
        found.choose(path)
        expect(page.locator(".up[data-state=done]")).to_be_visible()
        first = page.evaluate("seen.find(([sent]) => sent > 0)[0]")
        assert first >= 1_000_000
        assert found.upload().blob == hashlib.sha256(content).hexdigest()
    assert sum(method == "POST" for method, _ in found.asked) == 1


def test_the_form_waits_for_its_files_and_is_then_sent_once(
    chromium: Browser, desk: InboxDesk, tmp_path: Path
) -> None:
    """C2: taking a photo is the last tap; A18: sending waits for the files."""
    paths = [file(tmp_path, f"film {n}.mp4", film(1_000_000 + n)) for n in range(5)]
    with phone(chromium, desk) as found:
        page = found.page
        found.slow(2_000_000)
        found.choose(*paths)
        expect(page.locator(".up")).to_have_count(5)
        page.get_by_role("button", name="Envoyer").click()
        expect(page.locator("[data-left]")).to_contain_text("Le formulaire part dès")
        going = page.evaluate(
            "uploader.files.filter((f) => f.state == 'sending').length"
        )
        assert going == 3
        expect(page.get_by_role("heading", name="Merci")).to_be_visible()
        assert len(found.posted) == 1
        assert found.posted[0].count('name="upload"') == 5
        found.open(at_once=True)
        found.choose(file(tmp_path, "bon.pdf", b"%PDF-1.7\n" + b"bon " * 50))
        expect(page.get_by_role("heading", name="Merci")).to_be_visible()
        assert found.posted[1].count('name="upload"') == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_lines_of_files_are_readable_narrow_and_large_enough(
    chromium: Browser, desk: InboxDesk, tmp_path: Path, scheme: str
) -> None:
    """X1, X2, X4."""
    long = file(tmp_path, "bon-de-commande-" * 6 + ".mp4", film(3_000_000))
    lie = file(tmp_path, "pilote.exe", b"MZ")
    done = file(tmp_path, "bon.pdf", b"%PDF-1.7\n" + b"bon " * 50)
    with phone(chromium, desk, color_scheme=scheme) as found:
        page = found.page
        page.set_viewport_size({"width": 320, "height": 700})
        found.choose(done)
        expect(page.locator(".up[data-state=done]")).to_be_visible()
        found.slow(300_000)
        found.choose(long, lie)
        reached(page, "uploader.files[1].sent > 100000")
        assert violations(page) == []
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width == 320
        targets = page.locator(".uploads button:visible, .uploads label:visible")
        boxes = [each.bounding_box() for each in targets.all()]
        assert len(boxes) == 5
        assert all(box and min(box["width"], box["height"]) >= 44 for box in boxes)


def test_without_script_the_same_form_posts_the_files(
    chromium: Browser, desk: InboxDesk, tmp_path: Path
) -> None:
    """C12; what takes them is ``uploads.read_form``."""
    with phone(chromium, desk, java_script_enabled=False) as found:
        page = found.page
        page.set_viewport_size({"width": 320, "height": 700})
        wide = [
            box["x"] + box["width"]
            for each in page.locator(".uploads *").all()
            if (box := each.bounding_box())
        ]
        assert max(wide) <= 320
        found.choose(file(tmp_path, "bon.pdf", b"%PDF-1.7\n" + b"bon " * 50))
        page.get_by_role("button", name="Envoyer").click()
        expect(page.get_by_role("heading", name="Merci")).to_be_visible()
        assert b'filename="bon.pdf"' in found.posted[0].encode()
