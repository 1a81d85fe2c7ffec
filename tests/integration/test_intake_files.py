"""Files that come by mail: photos kept, logos dropped, the rest told."""

from __future__ import annotations

import io
import random
from pathlib import Path

import pytest
from PIL import Image

from azbot.messages import RawId
from azbot.store import Store
from azbot.testing.clamd import WORM, fake_clamd
from azbot.testing.clock import FakeClock
from azbot.workflow.model import DocumentKind
from tests.maildesk import COMPLETE, MailDesk, desk_by_mail

PDF = b"%PDF-1.4\n" + b"x" * 3000


def photo(seed: int = 1, side: int = 200, kind: str = "JPEG") -> bytes:
    """A picture of noise: it does not compress, as photos do not."""
    noise = random.Random(seed).randbytes(side * side * 3)
    out = io.BytesIO()
    Image.frombytes("RGB", (side, side), noise).save(out, kind)
    return out.getvalue()


async def names(desk: MailDesk) -> list[str]:
    return [document.name for document in (await desk.it()).documents]


async def test_files_of_the_first_mail_and_of_answers_are_filed(
    each_desk: MailDesk,
) -> None:
    desk = each_desk
    desk.client.write(COMPLETE, ("commande.pdf", "application/pdf", PDF))
    await desk.settle()
    desk.client.answer(desk.client.last, "Et voici.", ("p.jpg", "image/jpeg", photo()))
    await desk.settle()

    it = await desk.it()
    assert [d.name for d in it.documents] == ["commande.pdf", "p.jpg"]
    assert [d.kind for d in it.documents] == [
        DocumentKind.ORDER_PROOF,
        DocumentKind.PHOTO,
    ]
    assert desk.store.blobs.read(it.documents[0].blob) == PDF
    assert "p.jpg" in desk.readers.last.text


async def test_a_picture_in_the_text_is_a_photo_when_it_is_large(
    desk: MailDesk,
) -> None:
    recap = await desk.submitted()
    large, small = photo(), photo(2, 20)
    assert len(large) >= 10_240 > len(small)
    desk.client.answer(
        recap,
        "Voici la vanne.",
        ("vanne.jpg", "image/jpeg;inline", large),
        ("logo.png", "image/png;inline", small),
    )
    await desk.settle()

    assert await names(desk) == ["vanne.jpg"]


async def test_a_logo_that_comes_again_is_no_document(desk: MailDesk) -> None:
    recap = await desk.submitted()
    banner = ("banniere.jpg", "image/jpeg;inline", photo())
    desk.client.answer(recap, "Bonjour.", banner)
    await desk.settle()
    desk.client.answer(recap, "Encore moi.", banner)
    await desk.settle()

    assert await names(desk) == ["banniere.jpg"]
    assert len(await desk.messages()) == 2


async def test_a_photo_alone_is_a_message(desk: MailDesk) -> None:
    recap = await desk.submitted()
    desk.client.answer(recap, "", ("vanne.jpg", "image/jpeg", photo()), quotes=False)
    await desk.settle()

    assert await names(desk) == ["vanne.jpg"]


async def test_a_logo_alone_is_an_empty_mail(desk: MailDesk) -> None:
    recap = await desk.submitted()
    logo = ("logo.png", "image/png;inline", photo(2, 20))
    desk.client.answer(recap, "", logo, quotes=False)
    await desk.settle()

    assert await desk.last_reason() == "empty"
    assert await desk.messages() == []


async def test_a_photo_of_a_phone_is_stored_as_jpeg(desk: MailDesk) -> None:
    heif = pytest.importorskip("pillow_heif")
    heif.register_heif_opener()
    recap = await desk.submitted()
    heic = photo(kind="HEIF")
    desk.client.answer(recap, "La vanne.", ("IMG_0042.HEIC", "image/heic", heic))
    await desk.settle()

    (document,) = (await desk.it()).documents
    assert (document.name, document.media_type) == ("IMG_0042.jpg", "image/jpeg")
    stored = desk.store.blobs.read(document.blob)
    assert Image.open(io.BytesIO(stored)).format == "JPEG"
    assert document.size == len(stored)


async def test_a_broken_photo_of_a_phone_stays_as_it_came(desk: MailDesk) -> None:
    recap = await desk.submitted()
    broken = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + b"\x00" * 12_000
    desk.client.answer(recap, "La vanne.", ("IMG.HEIC", "image/heic", broken))
    await desk.settle()

    assert await names(desk) == ["IMG.HEIC"]


async def test_what_is_not_taken_is_told_with_what_was_kept(desk: MailDesk) -> None:
    recap = await desk.submitted()
    desk.client.answer(
        recap,
        "Voici.",
        ("outil.exe", "application/octet-stream", b"MZ" + b"\0" * 500),
        ("bon.pdf", "application/pdf", PDF),
    )
    await desk.settle()

    told = desk.client.newest("rejected")
    assert "outil.exe" in told.text
    assert "bon.pdf" in told.text
    assert await names(desk) == ["bon.pdf"]


async def test_nothing_but_a_refused_file_is_still_a_message(desk: MailDesk) -> None:
    recap = await desk.submitted()
    exe = ("outil.exe", "application/octet-stream", b"MZ" + b"\0" * 500)
    desk.client.answer(recap, "", exe, quotes=False)
    await desk.settle()

    (message,) = await desk.messages()
    assert "outil.exe" in message.text
    assert desk.client.last.kind == "rejected"


async def test_more_than_thirty_files_keep_what_fits_and_tell_the_rest(
    desk: MailDesk,
) -> None:
    recap = await desk.submitted()
    files = [(f"p{n}.pdf", "application/pdf", PDF + b"%d" % n) for n in range(35)]
    desk.client.answer(recap, "Tout y est.", *files[:29])
    await desk.settle()
    desk.client.answer(recap, "Et la suite.", *files[29:])
    await desk.settle()

    assert await names(desk) == [name for name, _, _ in files[:30]]
    told = desk.client.newest("rejected").text
    assert "p34.pdf" in told
    assert "p29.pdf" in told
    assert [m.text for m in await desk.messages()] == ["Tout y est.", "Et la suite."]


async def test_a_first_mail_with_too_many_files_is_registered_all_the_same(
    desk: MailDesk,
) -> None:
    files = [(f"p{n}.pdf", "application/pdf", PDF + b"%d" % n) for n in range(33)]
    desk.client.write(COMPLETE, *files)
    await desk.settle()

    assert await desk.states() == ["applied"]
    assert len(await names(desk)) == 30
    assert "rejected" in desk.client.kinds


async def test_a_photo_of_a_held_message_comes_with_it_when_it_is_attached(
    desk: MailDesk,
) -> None:
    recap = await desk.submitted()
    other = desk.writer("Paul", "paul@ailleurs.example")
    other.answer(recap, "La vanne.", ("v.jpg", "image/jpeg;inline", photo()))
    await desk.settle()
    ref = (await desk.it()).ref
    await desk.app.quarantine.attach(RawId(2), ref, desk.people.staff)

    assert await names(desk) == ["v.jpg"]


async def test_a_virus_that_comes_by_mail_is_not_kept_and_its_sender_is_told(
    sqlite_store: Store, clock: FakeClock, tmp_path: Path
) -> None:
    async with fake_clamd() as daemon:
        desk = await desk_by_mail(sqlite_store, clock, tmp_path, clamd=daemon.place)
        desk.client.write(
            COMPLETE,
            ("commande.pdf", "application/pdf", PDF),
            ("facture.pdf", "application/pdf", PDF + WORM),
        )
        await desk.settle()
    assert await names(desk) == ["commande.pdf"]
    told = desk.client.newest("rejected").text
    assert "facture.pdf" in told
    assert "L’antivirus a refusé ce fichier" in told
    assert "Eicar" not in told


async def test_an_agent_brings_no_virus_in_from_the_quarantine(
    sqlite_store: Store, clock: FakeClock, tmp_path: Path
) -> None:
    async with fake_clamd() as daemon:
        desk = await desk_by_mail(sqlite_store, clock, tmp_path, clamd=daemon.place)
        recap = await desk.submitted()
        other = desk.writer("Paul", "paul@ailleurs.example")
        files = [
            ("facture.pdf", "application/pdf", PDF + WORM),
            ("commande.pdf", "application/pdf", PDF),
        ]
        other.answer(recap, "La facture.", *files)
        await desk.settle()
        ref = (await desk.it()).ref
        await desk.app.quarantine.attach(RawId(2), ref, desk.people.staff)
    assert await names(desk) == ["commande.pdf"]
