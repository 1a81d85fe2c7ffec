from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azbot.reports.content import (
    Brand,
    Column,
    Row,
    Section,
    Table,
    canonical,
    file_name,
    fingerprint,
    stable_json,
)

if TYPE_CHECKING:
    from tests.unit.reports.conftest import Kit


def test_the_fingerprint_ignores_how_the_report_looks(kit: Kit) -> None:
    plain = kit.compose()
    dressed = replace(
        plain, brand=Brand("Autre", "#ff0000"), verification_url="https://b.example/v"
    )
    assert fingerprint(plain) == fingerprint(dressed)


@pytest.mark.parametrize(
    "change",
    [
        {"site": "2 rue des Charmettes"},
        {"is_solved": False},
        {"signatures": ()},
        {"photos": ()},
        {"left_at": None},
        {"sections": ()},
    ],
)
def test_the_fingerprint_follows_every_fact(kit: Kit, change: dict[str, Any]) -> None:
    plain = kit.compose()
    assert fingerprint(plain) != fingerprint(replace(plain, **change))


def test_the_fingerprint_of_several_visits_depends_on_their_order(kit: Kit) -> None:
    one, two = kit.compose(), kit.compose(visit=2)
    assert fingerprint(one, two) != fingerprint(two, one)
    assert len(fingerprint(one, two)) == 64


def test_photos_stand_in_the_canonical_form_by_their_digest(kit: Kit) -> None:
    content = kit.compose()
    photo = json.loads(canonical(content))["photos"][0]
    assert photo["sha256"] == content.photos[0].digest


@given(st.text())
def test_any_text_has_a_canonical_form_that_reads_back(text: str) -> None:
    section = Section("t", rows=(Row(text, text + "\ud800"),))
    assert json.loads(stable_json([section.rows[0].value])) == [text + "\ud800"]


def test_a_table_refuses_a_line_of_another_length() -> None:
    with pytest.raises(ValueError, match="one value per column"):
        Table((Column("a"), Column("b")), (("1",),))


@pytest.mark.parametrize(
    ("reference", "visit", "name"),
    [
        ("ASFR26000184", 1, "Rapport-ASFR26000184-visite-1.pdf"),
        ("ASFR26000184", None, "Rapport-ASFR26000184.pdf"),
        ("../é\n", 2, "Rapport-_____-visite-2.pdf"),
    ],
)
def test_a_file_is_named_after_its_reference_and_visit(
    reference: str, visit: int | None, name: str
) -> None:
    assert file_name(reference, visit) == name
