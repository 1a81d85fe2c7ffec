from __future__ import annotations

import pytest

from azbot.channels.telegram.markup import LONGEST_TEXT, read, units
from azbot.testing.telegram.entities import parse_html


def test_a_short_text_stays_as_it_is() -> None:
    source = '<b>Visite</b> : <a href="https://a.example/?x=1&amp;y=2">ouvrir</a> &lt;3'

    assert read(source).parts() == [source]


def test_a_text_that_just_fits_is_one_part() -> None:
    assert len(read("a" * LONGEST_TEXT).parts()) == 1
    assert [len(p) for p in read("a" * (LONGEST_TEXT + 1)).parts()] == [4096, 1]


def test_emojis_count_twice_and_stay_whole() -> None:
    parts = read("😀" * 4096).parts()

    assert [units(part) for part in parts] == [4096, 4096]


def test_a_part_ends_with_a_paragraph_sooner_than_with_a_line_or_a_word() -> None:
    paragraphs = read("un deux trois\n\nquatre\ncinq six sept")
    lines = read("un deux trois\nquatre cinq six")
    words = read("un deux trois")

    assert paragraphs.parts(24) == ["un deux trois", "quatre\ncinq six sept"]
    assert lines.parts(20) == ["un deux trois", "quatre cinq six"]
    assert words.parts(9) == ["un deux", "trois"]


def test_a_paragraph_that_ends_too_soon_leaves_no_scrap() -> None:
    assert read("un\n\ndeux trois quatre").parts(14) == ["un\n\ndeux", "trois quatre"]


def test_marks_are_closed_and_opened_again() -> None:
    parts = read("<b>un <i>deux trois</i></b> quatre").parts(8)

    assert parts == ["<b>un <i>deux</i></b>", "<b><i>trois</i></b>", "quatre"]


def test_an_entity_is_never_cut() -> None:
    assert read("&amp;&lt;&gt;").parts(2) == ["&amp;&lt;", "&gt;"]


@pytest.mark.parametrize(
    "one", ["👨‍👩‍👧", "e\u0301", "🇫🇷", "👍🏽", "한", "\u1112\u1161\u11ab", "❤️"]
)
def test_what_a_reader_takes_for_one_character_stays_together(one: str) -> None:
    size = units(one)

    assert read(one * 4).parts(2 * size + size // 2) == [one * 2, one * 2]


def test_a_character_without_end_is_cut_all_the_same() -> None:
    assert [len(part) for part in read("e" + "\u0301" * 20).parts(7)] == [7, 7, 7]


def test_what_is_no_mark_of_ours_is_text() -> None:
    source = 'a < b & c <script>x</script> <a onclick="x">y</a> </b>'
    text, entities = parse_html(read(source).parts()[0])

    assert text == 'a < b & c <script>x</script> <a onclick="x">y'
    assert entities == []


def test_blank_text_has_no_part() -> None:
    assert read(" \n <b> </b>").parts() == []


def test_more_marks_than_a_message_may_have_are_divided() -> None:
    parts = read("<b>a</b> " * 150).parts()

    assert [part.count("<b>") for part in parts] == [100, 50]
