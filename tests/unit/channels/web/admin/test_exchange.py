"""Tables of stations as spreadsheets really save them."""

from __future__ import annotations

import pytest

from azbot.channels.web.admin.exchange import (
    COLUMNS,
    LARGEST,
    MOST_ROWS,
    areas,
    rows_of,
    table,
    text_of,
)
from azbot.choices import Unfit
from azbot.forms.folding import fold
from azbot.i18n.catalogue import LANGUAGES, strict_catalogue
from azbot.store import StationEntry
from azbot.workflow.model import Station, StationId


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_encodings_delimiters_and_line_ends_do_not_matter(
    encoding: str, delimiter: str, end: str
) -> None:
    lines = (("Société", "E-mail"), ("Élan Été", "a@b.example"))
    text = end.join(delimiter.join(cells) for cells in lines) + end
    (row,) = rows_of(text_of(text.encode(encoding)))
    assert row.line == 2
    assert row.values == {"company": "Élan Été", "email": "a@b.example"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_titles_of_our_own_tables_are_known_in_every_language(language: str) -> None:
    words = strict_catalogue(language)
    entry = StationEntry(Station(StationId(1), "A", "a@b.example"))
    text = text_of(table([entry], words))
    (row,) = rows_of(text)
    assert set(row.values) == set(COLUMNS) - {"language"}
    for name in COLUMNS:
        assert fold(words.t(f"admin.stations.{name}")) in COLUMNS[name], name


def test_unknown_columns_empty_lines_and_line_breaks_inside_are_taken() -> None:
    text = 'Nom;Remarque;mail\n\n"A\nB";x;a@b.example\n;;\nC;;c@d.example\n'
    first, second = rows_of(text)
    assert first.values == {"company": "A B", "email": "a@b.example"}
    assert second.values["company"] == "C"
    assert second.line == 6


@pytest.mark.parametrize("cell", ["=1+1", "+33", "-2", "@x"])
def test_no_cell_of_ours_is_a_formula(cell: str) -> None:
    entry = StationEntry(Station(StationId(1), "A", "a@b.example"), cell)
    text = text_of(table([entry], strict_catalogue("fr")))
    assert f";'{cell};" in text
    (row,) = rows_of(text)
    assert row.values["speciality"] == cell


def test_an_apostrophe_of_a_name_stays() -> None:
    (row,) = rows_of("nom;mail\n'Hydro;a@b.example\n")
    assert row.values["company"] == "'Hydro"


def test_areas_are_read_as_people_write_them() -> None:
    assert areas("69, 1; 2a|974 69") == ("69", "01", "2A", "974")
    assert areas("") == ()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "table_titles"),
        ("nom;telephone\nA;1\n", "table_titles"),
        ("nom;mail\n" + "A;a@b.example\n" * (MOST_ROWS + 1), "table_long"),
        ('nom;mail\n"A' + "x" * 200_000, "table_unread"),
    ],
)
def test_what_is_no_table_of_stations_is_refused(text: str, code: str) -> None:
    with pytest.raises(Unfit) as refused:
        rows_of(text)
    assert [problem.code for problem in refused.value.problems] == [code]


def test_the_longest_table_is_taken() -> None:
    text = "nom;mail\n" + "A;a@b.example\n" * MOST_ROWS
    assert len(rows_of(text)) == MOST_ROWS


def test_a_file_that_is_too_large_is_not_read() -> None:
    assert text_of(b"x" * LARGEST)
    with pytest.raises(Unfit):
        text_of(b"x" * (LARGEST + 1))
