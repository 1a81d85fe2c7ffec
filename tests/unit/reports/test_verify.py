from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfWriter
from pypdf.annotations import FreeText
from pypdf.generic import (
    DecodedStreamObject,
    DictionaryObject,
    NameObject,
    TextStringObject,
)

from azbot.reports import pdf as drawing
from azbot.reports.labels import LABELS, words
from azbot.reports.reading import read
from azbot.reports.revision import append_file
from azbot.reports.seal import SEAL_FILE, Seal, Sealed, seal
from azbot.reports.verify import Alteration, Verification, describe, verify
from azbot.reports.visit import Check

if TYPE_CHECKING:
    from tests.unit.reports.conftest import Kit

Names = set[tuple[str, str, str]]


def named(verdict: Verification) -> Names:
    return {(found.kind, found.section, found.field) for found in verdict.altered}


def kinds(verdict: Verification) -> set[str]:
    return {found.kind for found in verdict.altered}


def rewrite(pdf: bytes, change: Callable[[PdfWriter], None]) -> bytes:
    """Let another program write the file again, after ``change``."""
    writer = PdfWriter(clone_from=io.BytesIO(pdf))
    change(writer)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def redrawn(kit: Kit, sealed: Sealed, **changes: Any) -> bytes:
    """Forge a file: other words on the pages, the true seal attached."""
    other = drawing.draw(kit.compose(**changes), made_at=kit.made_at)
    return append_file(other, SEAL_FILE, sealed.seal.to_json())


def test_a_report_as_it_was_sealed_is_valid(
    sealed: Sealed, key: Ed25519PrivateKey
) -> None:
    for stored in (None, sealed.seal):
        verdict = verify(sealed.pdf, key.public_key(), stored)
        assert verdict.is_valid
        assert verdict.altered == ()
        assert verdict.fingerprint == sealed.seal.fingerprint
        assert verdict.reference == "ASFR26000184"


def test_a_combined_report_is_sealed_as_one(kit: Kit, key: Ed25519PrivateKey) -> None:
    visits = [kit.compose(), kit.compose(visit=2)]
    made = seal(visits, made_at=kit.made_at, key=key, is_combined=True)
    assert verify(made.pdf, key.public_key(), made.seal).is_valid
    assert made.pdf == seal(visits, made_at=kit.made_at, key=key, is_combined=True).pdf


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"distance_km": 81}, ("text", "Action", "Distance parcourue")),
        ({"observations": "Rien."}, ("text", "Action", "Observations sur l’action")),
        (
            {"checks": (Check("yes"),) * 9},
            ("text", "État de l’installation", "Point 3"),
        ),
        ({"is_solved": False}, ("text", "Conclusion", "Problème résolu")),
        ({"own_number": "CM-4472"}, ("text", "Assistance", "Votre référence")),
        ({"requester": "Autre"}, ("text", "Assistance", "Demandeur")),
        ({"site": "2 rue X"}, ("text", "Assistance", "Adresse du site")),
    ],
)
@pytest.mark.parametrize("has_record", [False, True])
def test_altered_words_are_named_by_their_field(
    kit: Kit,
    sealed: Sealed,
    key: Ed25519PrivateKey,
    changes: dict[str, Any],
    expected: tuple[str, str, str],
    has_record: bool,
) -> None:
    stored = sealed.seal if has_record else None
    verdict = verify(redrawn(kit, sealed, **changes), key.public_key(), stored)
    assert not verdict.is_valid
    assert expected in named(verdict)


def test_an_altered_value_is_told_with_what_it_was(
    kit: Kit, sealed: Sealed, key: Ed25519PrivateKey
) -> None:
    forged = redrawn(kit, sealed, distance_km=81)
    found = verify(forged, key.public_key()).altered
    sentence = next(
        describe(each, words("fr")) for each in found if each.kind == "text"
    )
    assert sentence == (
        "Action · Distance parcourue · p.\u00a01\u00a0: "
        "«\u00a081 km (aller)\u00a0» au lieu de «\u00a018 km (aller)\u00a0»"
    )


def test_an_answer_redrawn_with_its_word_kept_is_named(
    kit: Kit, sealed: Sealed, key: Ed25519PrivateKey
) -> None:
    def turn_red_into_green(writer: PdfWriter) -> None:
        at = next(
            number
            for number, page in enumerate(read(sealed.pdf).pages)
            if any("Bus séparé" in part.text for part in page.parts)
        )
        red, green = b"0.70 0.15 0.12 rg", b"0.11 0.42 0.21 rg"
        edit(writer, at, lambda data: data.replace(red, green, 1))

    verdict = verify(rewrite(sealed.pdf, turn_red_into_green), key.public_key())
    assert ("mark", "État de l’installation", "Point 3") in named(verdict)
    assert kinds(verdict) == {"mark"} | (kinds(verdict) & {"metadata"})


def edit(writer: PdfWriter, page: int, change: Callable[[bytes], bytes]) -> None:
    """Change the drawing operators of a page; the change must do something."""
    contents = writer.pages[page].get_contents()
    assert contents is not None
    before = contents.get_data()
    after = change(before)
    assert after != before
    stream = DecodedStreamObject()
    stream.set_data(after)
    writer.pages[page][NameObject("/Contents")] = writer._add_object(stream)


def test_a_replaced_photo_is_named(
    kit: Kit, sealed: Sealed, key: Ed25519PrivateKey
) -> None:
    one, two = kit.compose().photos
    forged = redrawn(kit, sealed, photos=(one, replace(two, data=kit.jpeg(10))))
    found = named(verify(forged, key.public_key()))
    assert ("photo", "Photos", "Photo 2") in found
    assert ("photo", "Photos", "Photo 1") not in found


def test_altered_strokes_are_named_by_their_signatory(
    kit: Kit, sealed: Sealed, key: Ed25519PrivateKey
) -> None:
    one, two, three = kit.compose().signatures
    other = (one, replace(two, strokes=tuple(kit.wave(1.5))), three)
    found = named(verify(redrawn(kit, sealed, signatures=other), key.public_key()))
    assert ("signature", "Signatures", "Client final ou promoteur") in found
    assert ("signature", "Signatures", "Installateur") not in found


def remove_a_page(writer: PdfWriter) -> None:
    writer.remove_page(1)


def add_a_page(writer: PdfWriter) -> None:
    writer.add_blank_page()


def swap_pages(writer: PdfWriter) -> None:
    kids = writer.root_object["/Pages"]["/Kids"]  # type: ignore[index]
    kids[0], kids[1] = kids[1], kids[0]


def turn_a_page(writer: PdfWriter) -> None:
    writer.pages[0].rotate(90)


def crop_a_page(writer: PdfWriter) -> None:
    writer.pages[0].cropbox.upper_right = (300, 400)


def cover_a_field(writer: PdfWriter) -> None:
    edit(writer, 0, lambda data: data + b"\nq 1 1 1 rg 50 100 300 40 re f Q\n")


def lay_a_note(writer: PdfWriter) -> None:
    note = FreeText(text="81 km", rect=(100, 100, 200, 120))
    writer.add_annotation(page_number=0, annotation=note)


def lead_elsewhere(writer: PdfWriter) -> None:
    annotation = writer.pages[-1]["/Annots"][0].get_object()  # type: ignore[index]
    annotation["/A"][NameObject("/URI")] = type(annotation["/A"]["/URI"])(
        "https://evil.example"
    )


def erase_a_line(writer: PdfWriter) -> None:
    def cut(data: bytes) -> bytes:
        start = data.index(b"BT", data.index(b"/MCID 9>>"))
        end = data.index(b"ET", start)
        return data[:start] + b"BT" + data[end:]

    edit(writer, 0, cut)


def change_a_glyph(writer: PdfWriter) -> None:
    fonts = writer.pages[0]["/Resources"]["/Font"]  # type: ignore[index]
    font = next(iter(fonts.values())).get_object()
    inner = font["/DescendantFonts"][0].get_object()
    stream = inner["/FontDescriptor"].get_object()["/FontFile2"].get_object()
    stream.set_data(stream.get_data()[:-4] + b"abcd")


def change_the_title(writer: PdfWriter) -> None:
    writer.add_metadata({"/Title": "Autre rapport"})


def add_a_script(writer: PdfWriter) -> None:
    writer.root_object[NameObject("/OpenAction")] = DictionaryObject(
        {
            NameObject("/S"): NameObject("/JavaScript"),
            NameObject("/JS"): TextStringObject("app.alert(1)"),
        }
    )


def attach_a_file(writer: PdfWriter) -> None:
    writer.add_attachment("facture.txt", b"1000")


def change_nothing(writer: PdfWriter) -> None:
    """Only the other program's way of writing files."""


@pytest.mark.parametrize("has_record", [False, True])
@pytest.mark.parametrize(
    ("change", "kind", "page"),
    [
        (remove_a_page, "page_removed", 2),
        (add_a_page, "page_added", None),
        (swap_pages, "page_moved", None),
        (turn_a_page, "page_shape", 1),
        (crop_a_page, "page_shape", 1),
        (cover_a_field, "drawing", 1),
        (lay_a_note, "annotation", 1),
        (lead_elsewhere, "annotation", None),
        (erase_a_line, "missing", 1),
        (change_a_glyph, "font", None),
        (change_the_title, "metadata", None),
        (add_a_script, "behaviour", None),
        (attach_a_file, "attachment", None),
        (change_nothing, "rewritten", None),
    ],
)
def test_a_changed_file_is_named_by_what_was_done(
    sealed: Sealed,
    key: Ed25519PrivateKey,
    change: Callable[[PdfWriter], None],
    kind: str,
    page: int | None,
    has_record: bool,
) -> None:
    stored = sealed.seal if has_record else None
    verdict = verify(rewrite(sealed.pdf, change), key.public_key(), stored)
    assert not verdict.is_valid
    found = [each for each in verdict.altered if each.kind == kind]
    assert found, verdict.altered
    assert page is None or found[0].page == page
    # Nothing else is accused; some writers also sign as producer.
    assert kinds(verdict) <= {kind, "metadata", "rewritten"}


def test_a_removed_seal_is_named_and_the_record_still_names_the_rest(
    kit: Kit, sealed: Sealed, key: Ed25519PrivateKey
) -> None:
    bare = drawing.draw(kit.compose(distance_km=81), made_at=kit.made_at)
    assert named(verify(bare, key.public_key())) == {("seal_missing", "", "")}
    found = named(verify(bare, key.public_key(), sealed.seal))
    assert {
        ("seal_missing", "", ""),
        ("text", "Action", "Distance parcourue"),
    } <= found


def with_data(sealed: Sealed, change: Callable[[dict[str, Any]], None]) -> bytes:
    """Forge the attached data and leave the pages alone."""
    envelope = json.loads(sealed.seal.to_json())
    change(envelope)
    size = envelope["seal"]["file"]["bytes"]
    return append_file(sealed.pdf[:size], SEAL_FILE, json.dumps(envelope).encode())


def change_a_value(envelope: dict[str, Any]) -> None:
    envelope["seal"]["reports"][0]["sections"][2]["rows"][0][1] = "81 km (aller)"


@pytest.mark.parametrize("has_record", [False, True])
def test_altered_attached_data_are_named(
    sealed: Sealed, key: Ed25519PrivateKey, has_record: bool
) -> None:
    stored = sealed.seal if has_record else None
    verdict = verify(with_data(sealed, change_a_value), key.public_key(), stored)
    assert {
        ("seal_signature", "", ""),
        ("data", "Action", "Distance parcourue"),
    } <= named(verdict)


def test_a_report_sealed_again_by_someone_else_is_named(
    kit: Kit, sealed: Sealed, key: Ed25519PrivateKey
) -> None:
    stranger = Ed25519PrivateKey.from_private_bytes(bytes(32))
    forged = seal((kit.compose(distance_km=81),), made_at=kit.made_at, key=stranger)
    assert kinds(verify(forged.pdf, key.public_key())) == {"seal_key"}
    found = named(verify(forged.pdf, key.public_key(), sealed.seal))
    assert {
        ("seal_key", "", ""),
        ("seal_other", "", ""),
        ("data", "Action", "Distance parcourue"),
        ("text", "Action", "Distance parcourue"),
    } <= found


def test_an_older_report_of_the_same_desk_is_not_the_one_on_record(
    kit: Kit, sealed: Sealed, key: Ed25519PrivateKey
) -> None:
    older = seal((kit.compose(distance_km=81),), made_at=kit.made_at, key=key)
    assert verify(older.pdf, key.public_key()).is_valid
    assert "seal_other" in kinds(verify(older.pdf, key.public_key(), sealed.seal))


def test_bytes_after_the_seal_are_named(sealed: Sealed, key: Ed25519PrivateKey) -> None:
    verdict = verify(sealed.pdf + b"%more\n", key.public_key())
    assert [found.kind for found in verdict.altered] == ["appended"]


@pytest.mark.parametrize(
    "envelope", [b"", b"{}", b"[]", b"not json", b'{"seal":1,"key":"","signature":""}']
)
def test_a_seal_that_is_none_is_named(
    sealed: Sealed, key: Ed25519PrivateKey, envelope: bytes
) -> None:
    described = sealed.seal.record["file"]
    assert isinstance(described, dict)
    forged = append_file(sealed.pdf[: described["bytes"]], SEAL_FILE, envelope)
    assert kinds(verify(forged, key.public_key())) == {"seal_unreadable"}


@pytest.mark.parametrize("data", [b"", b"hello", b"%PDF-1.7\n", b"\x00" * 100])
def test_what_is_no_pdf_is_named(key: Ed25519PrivateKey, data: bytes) -> None:
    assert kinds(verify(data, key.public_key())) <= {"unreadable", "seal_missing"}
    assert not verify(data, key.public_key()).is_valid


@settings(max_examples=40, deadline=None)
@given(at=st.floats(0, 1, exclude_max=True), value=st.integers(1, 255))
def test_no_byte_can_change_unseen(
    sealed: Sealed, key: Ed25519PrivateKey, at: float, value: int
) -> None:
    place = int(at * len(sealed.pdf))
    forged = bytearray(sealed.pdf)
    forged[place] ^= value
    assert not verify(bytes(forged), key.public_key(), sealed.seal).is_valid
    assert not verify(bytes(forged), key.public_key()).is_valid


def test_a_seal_is_stored_and_read_back(sealed: Sealed, key: Ed25519PrivateKey) -> None:
    again = Seal.from_json(sealed.seal.to_json())
    assert again == sealed.seal
    assert again.is_signed_by(key.public_key())
    assert read(sealed.pdf).attachments[SEAL_FILE] == sealed.seal.to_json()


def test_every_alteration_has_words_in_each_language() -> None:
    listed = [key for key in LABELS["fr"] if key.startswith("altered.")]
    assert len(listed) > 20
    for key in listed:
        found = Alteration(key.removeprefix("altered."), "s", "f", "a", "b", 1)
        assert all(describe(found, words(language)) for language in LABELS)
