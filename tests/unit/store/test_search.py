"""Words are compared without accents, case and signs, on both databases alike."""

from __future__ import annotations

import pytest

from azbot.store.search import fts5_query, query_words, searchable, ts_query


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Évry-Courcouronnes", "evry courcouronnes"),
        ("Œuvre, cœur & ÆSIR", "oeuvre coeur aesir"),
        ("Straße", "strasse"),
        ("a.dupont@example.org", "a dupont example org"),
        ("00:04:A3:1F:52:9C", "00 04 a3 1f 52 9c"),
        ("l\u2019été", "l ete"),
        ("snake_case", "snake case"),
        ("  \x00 \n", ""),
    ],
)
def test_words_alone_are_left(written: str, folded: str) -> None:
    assert searchable(written) == folded


def test_every_word_is_a_beginning_and_all_must_match() -> None:
    assert fts5_query("Évr 69") == '"evr"* AND "69"*'
    assert ts_query("Évr 69") == "'evr':* & '69':*"


def test_nothing_of_a_query_language_passes() -> None:
    assert query_words("a\"b OR (c:*) NEAR ' \\ --") == ["a", "b", "or", "c", "near"]


def test_a_very_long_question_is_cut() -> None:
    assert len(query_words("a " * 1000)) == 12
    assert len(searchable("a " * 200_000)) < 100_001
