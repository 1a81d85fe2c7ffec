from __future__ import annotations

import io
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject
from syrupy.assertion import SnapshotAssertion

from azbot.reports.content import Language, ReportContent, Section, Stroke
from azbot.reports.pdf import draw, sheet
from azbot.reports.reading import read
from azbot.reports.visit import Check

if TYPE_CHECKING:
    from tests.unit.reports.conftest import Kit


def pages(kit: Kit, content: ReportContent) -> list[str]:
    """Return each page as lines, one per part."""
    drawing = sheet((content,), made_at=kit.made_at)
    return [
        "\n".join(part.text for part in page.parts if part.text)
        for page in drawing.pages
    ]


def elements(reader: PdfReader) -> list[DictionaryObject]:
    """Return every element of the structure tree, outermost first."""
    found: list[DictionaryObject] = []

    def walk(value: object) -> None:
        value = value.get_object() if isinstance(value, IndirectObject) else value
        if isinstance(value, ArrayObject):
            for each in value:
                walk(each)
        elif isinstance(value, DictionaryObject):
            if "/S" in value:
                found.append(value)
            walk(value.get("/K"))

    walk(reader.root_object["/StructTreeRoot"])
    return found


def titles(reader: PdfReader) -> list[str]:
    """Return the outline, nested entries after their parent."""

    def flat(entries: object) -> list[str]:
        if isinstance(entries, list):
            return [title for entry in entries for title in flat(entry)]
        return [str(entries.title)]  # type: ignore[attr-defined]

    return flat(reader.outline)


@pytest.mark.parametrize("language", ["fr", "en", "es"])
def test_a_report_says_the_whole_visit(
    kit: Kit, language: Language, snapshot: SnapshotAssertion
) -> None:
    assert "\n--- page ---\n".join(pages(kit, kit.compose(language))) == snapshot


def test_what_a_page_shows_can_be_read_back_exactly(kit: Kit) -> None:
    drawing = sheet((kit.compose(),), made_at=kit.made_at)
    found = read(drawing.pdf)
    assert len(found.pages) == len(drawing.pages)
    for drawn, seen in zip(drawing.pages, found.pages, strict=True):
        assert [(p.text, p.look, p.images) for p in seen.parts] == [
            (p.text, p.look, p.images) for p in drawn.parts
        ]
        assert (seen.links, seen.box) == (drawn.links, drawn.box)


def test_text_is_text_for_any_reader(kit: Kit) -> None:
    reader = PdfReader(io.BytesIO(draw(kit.compose(), made_at=kit.made_at)))
    text = "\n".join(page.extract_text() for page in reader.pages)
    for words in ("Rapport technique", "Łukasz Ibáñez", "1\u00a0250\u00a0€"):
        assert words in text or words.replace("\u00a0", " ") in text


def test_the_same_content_and_instant_give_the_same_bytes(kit: Kit) -> None:
    content = kit.compose()
    first = draw(content, made_at=kit.made_at)
    assert first == draw(content, made_at=kit.made_at)
    script = "import azbot.reports.pdf, azbot.reports.seal, azbot.reports.verify, sys;"
    script += "assert not {'fpdf', 'pypdf', 'PIL'} & set(sys.modules), sys.modules"
    subprocess.run([sys.executable, "-c", script], check=True)


def test_the_document_names_its_language_title_and_headings(kit: Kit) -> None:
    reader = PdfReader(io.BytesIO(draw(kit.compose(), made_at=kit.made_at)))
    catalog: Any = reader.root_object
    assert catalog["/Lang"] == "fr-FR"
    assert catalog["/ViewerPreferences"]["/DisplayDocTitle"]
    assert catalog["/MarkInfo"]["/Marked"]
    assert reader.metadata
    assert reader.metadata.title == "Rapport technique ASFR26000184"
    assert titles(reader)[0] == "Rapport technique"
    assert {"Action", "État de l’installation", "Signatures"} <= set(titles(reader))


def test_tags_are_standard_roles_and_pictures_have_words(kit: Kit) -> None:
    reader = PdfReader(io.BytesIO(draw(kit.compose(), made_at=kit.made_at)))
    tree = elements(reader)
    roles = [str(element["/S"]) for element in tree]
    assert roles.count("/H1") == 1
    assert {"/H2", "/P", "/Table", "/TR", "/TH", "/TD", "/Figure", "/Link"} <= set(
        roles
    )
    figures = [element for element in tree if str(element["/S"]) == "/Figure"]
    assert figures
    assert all(figure.get("/Alt") for figure in figures)
    assert all("/Pg" in element for element in tree[1:])


def test_each_tag_leads_to_its_mark_on_its_page(kit: Kit) -> None:
    reader = PdfReader(io.BytesIO(draw(kit.compose(), made_at=kit.made_at)))
    catalog: Any = reader.root_object
    numbers = catalog["/StructTreeRoot"]["/ParentTree"]["/Nums"]
    listed = dict(zip(numbers[::2], numbers[1::2], strict=True))
    assert listed
    for page in reader.pages:
        leaves = listed[page["/StructParents"]]
        assert [leaf.get_object()["/K"][0] for leaf in leaves] == list(
            range(len(leaves))
        )


def test_signatures_are_lines_and_never_pictures(kit: Kit) -> None:
    drawing = sheet((kit.compose(photos=()),), made_at=kit.made_at)
    parts = [part for page in drawing.pages for part in page.parts]
    drawn = [part for part in parts if part.place[2] == "signature"]
    assert len(drawn) == 3
    assert len({part.look for part in drawn}) == 3
    reader = PdfReader(io.BytesIO(drawing.pdf))
    assert all(not page.images for page in reader.pages)


def test_a_box_is_never_split_over_two_pages(kit: Kit) -> None:
    """Push the signatures down line by line, over the end of the page and past it."""
    photo = kit.compose().photos[:1]
    for lines in range(0, 44, 3):
        filler = Section("Suite", text="ligne\n" * lines + "fin")
        content = replace(kit.compose(), sections=(filler,), photos=photo)
        drawing = sheet((content,), made_at=kit.made_at)
        places = [{part.place[:2] for part in page.parts} for page in drawing.pages]
        boxes = [
            sum(section == "Signatures" and field != "" for section, field in found)
            for found in places
        ]
        assert max(boxes) == 3
        assert sum(boxes) == 3
        for page in drawing.pages:
            kinds = [part.place[2] for part in page.parts]
            assert kinds.count("photo") == kinds.count("caption")
            shown = [part.place for part in page.parts if part.place[0]]
            assert not shown or shown[-1][2] != "title", "a heading alone at the end"


@pytest.mark.parametrize("count", [0, 1, 4, 5, 12])
def test_any_number_of_photos_is_drawn_with_its_words(kit: Kit, count: int) -> None:
    photo = kit.compose().photos[0]
    content = kit.compose(photos=(photo,) * count)
    drawing = sheet((content,), made_at=kit.made_at)
    parts = [part for page in drawing.pages for part in page.parts]
    assert sum(len(part.images) for part in parts) == count
    captions = [part.text for part in parts if part.place[2] == "caption"]
    assert len(captions) == count
    assert all("Tableau électrique" in caption for caption in captions)


def test_a_photo_that_cannot_be_read_is_said_and_does_not_stop_the_report(
    kit: Kit,
) -> None:
    broken = replace(kit.compose().photos[0], data=b"not a picture")
    text = "\n".join(pages(kit, kit.compose(photos=(broken,))))
    assert "Photo illisible" in text
    assert "Tableau électrique" in text


def test_long_remarks_lose_no_word(kit: Kit) -> None:
    long = " ".join(f"mot{number}" for number in range(2000))
    checks = (Check("no", long),) + (Check("yes"),) * 8
    content = kit.compose(observations=long, checks=checks)
    drawing = sheet((content,), made_at=kit.made_at)
    for kind, field in (("value", "Observations sur l’action"), ("remark", "Point 1")):
        words = " ".join(
            part.text
            for page in drawing.pages
            for part in page.parts
            if part.place[1:] == (field, kind)
        )
        assert words == long


def test_a_word_longer_than_the_line_is_cut_and_kept(kit: Kit) -> None:
    word = "x" * 500
    text = "".join(pages(kit, kit.compose(first_observations=word))).replace(" ", "")
    assert word in text.replace("\n", "")


def test_each_way_of_signing_is_named(kit: Kit) -> None:
    one, two, three = kit.compose().signatures
    content = kit.compose(
        signatures=(
            replace(one, method="typed", strokes=()),
            replace(two, method="waived", strokes=(), reason="Logement vide."),
            replace(three, method="remote"),
        )
    )
    text = "\n".join(pages(kit, content))
    for words in (
        "Signature au clavier",
        "Dispense de signature",
        "Motif : Logement vide.",
        "Signature à distance, par lien",
    ):
        assert words in text


def test_a_missing_signature_is_shown_as_awaited(kit: Kit) -> None:
    content = kit.compose(signatures=kit.compose().signatures[:2])
    assert "Signature attendue" in "\n".join(pages(kit, content))


def test_strokes_outside_the_pad_stay_inside_the_box(kit: Kit) -> None:
    wild = replace(
        kit.compose().signatures[0],
        strokes=(Stroke(((-5.0, 9.0), (7.0, -3.0))), Stroke(()), Stroke(((0.5, 0.5),))),
        aspect=0.0001,
    )
    assert draw(kit.compose(signatures=(wild,)), made_at=kit.made_at)


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(text=st.text(st.characters(codec=None), max_size=120))
def test_hostile_words_never_stop_a_report(kit: Kit, text: str) -> None:
    content = replace(
        kit.compose(photos=()),
        site=text,
        requester=text,
        next_step=text,
        reference="AS\\()<</" + text[:9],
        sections=(Section(text or "s", text=text),),
        brand=replace(kit.compose().brand, name=text, colour=text, initials=text),
    )
    drawing = sheet((content,), made_at=kit.made_at)
    assert len(read(drawing.pdf).pages) == len(drawing.pages)


def test_a_combined_report_opens_with_its_visits(
    kit: Kit, snapshot: SnapshotAssertion
) -> None:
    visits = [
        kit.compose(visit=1, visits=2, is_solved=False, photos=()),
        kit.compose(visit=2, visits=2),
    ]
    drawing = sheet(visits, made_at=kit.made_at, is_combined=True)
    first = "\n".join(part.text for part in drawing.pages[0].parts if part.text)
    assert first == snapshot
    found = titles(PdfReader(io.BytesIO(drawing.pdf)))
    assert [title for title in found if title.startswith("Visite ")] == [
        "Visite 1",
        "Visite 2",
    ]


def test_a_combined_report_refuses_visits_of_another_assistance(kit: Kit) -> None:
    with pytest.raises(ValueError, match="share their reference"):
        sheet(
            [kit.compose(), kit.compose(reference="X")],
            made_at=kit.made_at,
            is_combined=True,
        )
    with pytest.raises(ValueError, match="one visit"):
        sheet([], made_at=kit.made_at, is_combined=True)


def test_a_logo_takes_the_place_of_the_tile(kit: Kit) -> None:
    content = kit.compose(photos=())
    dressed = replace(content, brand=replace(content.brand, logo=kit.jpeg(1, (90, 30))))
    drawing = sheet((dressed,), made_at=kit.made_at)
    assert [part.place[2] for part in drawing.pages[0].parts if part.images] == ["logo"]
