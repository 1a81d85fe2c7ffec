"""Sentences of mails that may be replaced, and the facts they must keep."""

from __future__ import annotations

import pytest

from azbot.choices.texts import (
    COMMON,
    LONGEST,
    catalogue_with,
    checked_text,
    sentences,
)
from azbot.choices.words import Unfit
from azbot.i18n.catalogue import words_of
from azbot.workflow.decision import NoticeKind


@pytest.mark.parametrize("kind", NoticeKind)
def test_every_mail_has_sentences_of_its_own(kind: NoticeKind) -> None:
    assert sentences(kind.value)


def test_every_sentence_has_one_home() -> None:
    groups = [COMMON, *(kind.value for kind in NoticeKind)]
    found = [key for group in groups for key in sentences(group)]
    assert len(found) == len(set(found)) > 300
    assert "mail.line" not in found


def test_a_french_sentence_gets_its_typography() -> None:
    words = checked_text("fr", "mail.hindered", ["Un contretemps ? L'annuler :"])
    assert words == ("Un contretemps\u00a0? L’annuler\u00a0:",)
    assert checked_text("en", "mail.hindered", ["It's late?"]) == ("It's late?",)


def test_singular_and_plural_are_both_kept() -> None:
    forms = checked_text(
        "fr",
        "mail.privacy",
        [
            "{count} an, {controller}, {address}",
            "{count} ans, {controller}, {address}",
        ],
    )
    assert len(forms) == len(words_of("fr")["mail.privacy"]) == 2


@pytest.mark.parametrize(
    ("key", "words", "code"),
    [
        ("mail.goodbye", " \n ", "no_words"),
        ("mail.goodbye", "x" * (LONGEST + 1), "words_long"),
        ("mail.hello", "Bonjour,", "fact_missing"),
        ("mail.goodbye", "À bientôt {name}", "fact_unknown"),
        ("mail.hello", "Bonjour {name}, {Ville}", "braces"),
        ("mail.hello", "Bonjour {name}}", "braces"),
    ],
)
def test_a_sentence_that_would_lose_or_invent_a_fact_is_refused(
    key: str, words: str, code: str
) -> None:
    with pytest.raises(Unfit) as refused:
        checked_text("fr", key, [words])
    assert [(p.path, p.code) for p in refused.value.problems] == [("0", code)]


def test_the_longest_sentence_is_taken() -> None:
    assert checked_text("fr", "mail.goodbye", ["x" * LONGEST])


def test_the_other_words_stay() -> None:
    words = catalogue_with("es", {"es": {"mail.goodbye": ("Un saludo,",)}})
    assert words.t("mail.goodbye") == "Un saludo,"
    assert words.t("mail.details") == words_of("es")["mail.details"][0]
    assert catalogue_with("es", {"fr": {"mail.goodbye": ("x",)}}).language == "es"
