"""Words that must fit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azbot.render.fitting import (
    cut,
    elastic,
    first_words,
    fit,
    fit_preheader,
    fit_subject,
    shorten,
    wrap,
)

REF = "ASFR26000184"
LINES = st.text(st.characters(blacklist_categories=["Cc", "Cs", "Co", "Zl", "Zp"]))


@pytest.mark.parametrize(
    ("words", "limit", "shortened"),
    [
        ("Villeurbanne", 12, "Villeurbanne"),
        (
            "Établissements Froid et Climatisation du Rhône",
            24,
            "Établissements…du Rhône",
        ),
        ("Clim Martin SARL", 9, "Clim…SARL"),
        ("Saint-Rémy-en-Bouzemont-Saint-Genest-et-Isson", 22, "Saint-Rémy-en…et-Isson"),
        ("Villeurbanne", 11, "Villeu…anne"),
    ],
)
def test_a_name_loses_its_middle(words: str, limit: int, shortened: str) -> None:
    assert shorten(words, limit) == shortened


@given(LINES, st.integers(3, 60))
def test_a_shortened_name_fits_and_keeps_short_ones_whole(
    words: str, limit: int
) -> None:
    short = shorten(words, limit)
    assert len(short) <= limit
    assert short == words or "…" in short


def test_a_subject_that_fits_is_left_alone() -> None:
    text = f"Bien reçu : Mise en service{elastic(' à ', 'Lyon')}"
    subject = fit_subject(text, REF)
    assert subject == f"Bien reçu : Mise en service à Lyon · {REF}"


def test_an_empty_part_leaves_no_joint_behind() -> None:
    assert fit_subject(f"Bien reçu{elastic(' à ', '')}", REF) == f"Bien reçu · {REF}"


def test_a_company_is_shortened_before_anything_is_left_out() -> None:
    text = (
        f"Une STA est attribuée : {elastic('', 'Établissements Froid du Grand Rhône')}"
    )
    subject = fit_subject(text, REF)
    assert subject == f"Une STA est attribuée : Établissements Froid du…Rhône · {REF}"


def test_a_town_that_would_lose_its_sense_is_left_out() -> None:
    text = f"Il manque 2 informations : Mise en service{elastic(' à ', 'Villeurbanne')}"
    assert (
        fit_subject(text, REF) == f"Il manque 2 informations : Mise en service · {REF}"
    )


def test_a_subject_without_reference_ends_with_its_words() -> None:
    assert fit_subject("Votre e-mail n’a pas pu être lu", "") == (
        "Votre e-mail n’a pas pu être lu"
    )


@given(LINES, LINES, LINES)
def test_every_subject_fits_and_ends_with_its_reference(
    words: str, town: str, company: str
) -> None:
    subject = fit_subject(
        f"{words}{elastic(' à ', town)}{elastic(' : ', company)}", REF
    )
    assert len(subject) <= 70
    assert subject.endswith(REF)
    assert not set("\ue000\ue001\ue002") & set(subject)


@given(LINES)
def test_every_preheader_has_its_length(words: str) -> None:
    filler = "Répondez simplement à cet e-mail, le support technique vous lit."
    assert 40 <= len(fit_preheader(words, filler)) <= 110


def test_a_sentence_is_cut_between_words() -> None:
    assert cut("Une photo lisible de votre bon de commande suffit.", 30) == (
        "Une photo lisible de votre…"
    )


def test_first_words_stand_on_one_line() -> None:
    assert first_words("Bonjour,\n\nça clignote.", 40) == "Bonjour, ça clignote."


def test_fitting_twice_is_the_same_as_once() -> None:
    assert fit("Bonjour", 20) == "Bonjour"


def test_lines_of_plain_text_are_folded_at_72_columns() -> None:
    text = wrap("mot " * 40)
    assert max(map(len, text.splitlines())) <= 72


def test_an_address_is_never_folded() -> None:
    url = "https://sav.example/" + "a" * 120
    assert wrap(f"Ouvrir ma demande :\n{url}\n") == f"Ouvrir ma demande :\n{url}\n"


def test_a_list_item_keeps_its_indent() -> None:
    lines = wrap("- " + "mot " * 30).splitlines()
    assert [line[:2] for line in lines] == ["- ", "  "]


def test_the_signature_mark_keeps_its_space() -> None:
    assert "\n-- \n" in wrap("Cordialement,\n\n-- \nVous recevez")


def test_empty_lines_do_not_pile_up() -> None:
    assert wrap("a\n\n\n\nb\n\n\n") == "a\n\nb\n"


@given(st.text())
def test_folding_loses_no_word(text: str) -> None:
    assert wrap(text).split() == text.split()
