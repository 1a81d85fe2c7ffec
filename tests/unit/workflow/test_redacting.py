"""Mentions of one person are found as people write them, and nothing else is."""

from __future__ import annotations

import pytest

from azbot.workflow.anonymous import GONE
from azbot.workflow.redacting import redactor

WHO = (["Zoé Martin-Roux"], ["zoe@client.example"], ["+33639981234"])


@pytest.mark.parametrize(
    "text",
    [
        "Zoé Martin-Roux",
        "MARTIN-ROUX Zoé",
        "Zoé MARTIN-ROUX",
        "ZOÉ MARTIN-ROUX",
        "Zoe  Martin-Roux",
        "ZOE@client.example",
        "0639981234",
        "06 39 98 12 34",
        "06.39.98.12.34",
        "+33 6 39 98 12 34",
        "0033639981234",
        "+33 (0)6 39 98 12 34",
    ],
)
@pytest.mark.parametrize("is_broad", [True, False])
def test_a_mention_is_found(text: str, *, is_broad: bool) -> None:
    redact, is_said = redactor(*WHO, is_broad=is_broad)
    assert is_said(text)
    assert redact(f"Appelez {text}, merci.") == f"Appelez {GONE}, merci."


@pytest.mark.parametrize(
    "text",
    [
        "rue Zoé Martin",
        "Martin-Roux SARL",
        "zoe@client.example.org.invalid"[:9],
        "106399812345",
        "a0639981234b" * 5,
        "06 39 98 12 35",
        "Zoé Martin-Rouxel",
    ],
)
def test_what_only_looks_alike_stays(text: str) -> None:
    redact, is_said = redactor(*WHO, is_broad=True)
    assert not is_said(text)
    assert redact(text) == text


def test_words_that_are_a_name_somewhere_stay_words_elsewhere() -> None:
    """Mail programs are called « Service technique », and « Marie » is a street."""
    names = ["Service Technique", "Marie"]
    strict, _ = redactor(names, [], [], is_broad=False)
    broad, _ = redactor(names, [], [], is_broad=True)
    text = "Le service technique, rue Sainte-Marie"
    assert strict(text) == text
    assert broad(text) == f"Le {GONE}, rue Sainte-Marie"


def test_of_nobody_nothing_is_found() -> None:
    redact, is_said = redactor([""], [""], [""], is_broad=True)
    assert redact("Bonjour") == "Bonjour"
    assert not is_said("")
