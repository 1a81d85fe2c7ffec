from __future__ import annotations

import re

import pytest

from azbot.reports.content import Language
from azbot.reports.labels import LABELS, words

FACT = re.compile(r"\{(\w+)\}")


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_word_of_a_report_exists_in_each_language(language: Language) -> None:
    assert LABELS["fr"], "no words found"
    assert LABELS[language].keys() == LABELS["fr"].keys()
    for key, text in LABELS["fr"].items():
        assert set(FACT.findall(LABELS[language][key])) == set(FACT.findall(text)), key
        assert LABELS[language][key], key


def test_french_words_keep_their_spaces_and_apostrophes() -> None:
    for key, text in LABELS["fr"].items():
        assert not re.search(r" [:;!?»]|« |'", text), key


def test_facts_are_never_read_as_a_pattern() -> None:
    assert "{reason}" in words("fr")("reason", reason="{reason}{0}{")
