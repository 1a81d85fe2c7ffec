"""Variables of canned answers: filled in where the case says it, marked where not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azbot.channels.web.inbox.variables import (
    NAMES,
    Addressee,
    Filled,
    filled,
    unresolved,
    values_of,
)
from azbot.workflow.model import Assistance
from tests.unit.workflow.stages import planned, submitted

SOPHIE = Addressee("Sophie Le Goff Martin", "Clim Martin")


def of(it: Assistance, language: str = "fr") -> dict[str, str]:
    return dict(values_of(it, SOPHIE, "Camille Roux", language))


@pytest.mark.parametrize(
    "written", ["{prénom}", "{prenom}", "{Prénom}", "{ PRÉNOM }", "{first name}"]
)
def test_accents_and_case_of_a_name_are_free(written: str) -> None:
    text = written.replace("{ ", "{").replace(" }", "}")
    assert filled(text, of(submitted())) == Filled("Sophie")


def test_a_first_name_is_the_first_word_and_the_rest_the_last_name() -> None:
    assert filled("{nom}", of(submitted())).text == "Le Goff Martin"


def test_a_date_is_told_in_the_language_of_the_text_and_the_zone_of_the_site() -> None:
    for language, words in (("fr", " à "), ("en", " at "), ("es", " a las ")):
        found = filled("{date}", of(planned(), language)).text
        assert words in found


def test_what_is_not_known_stays_and_is_told_once() -> None:
    found = filled("{sta}, {STA} et {sta} ; {remise}", of(submitted()))
    assert found.text == "{sta}, {STA} et {sta} ; {remise}"
    assert found.missing == ("{sta}", "{STA}", "{remise}")


def test_a_nameless_client_leaves_the_variable() -> None:
    nobody = values_of(submitted(), replace(SOPHIE, name=""), "Camille", "fr")
    assert filled("{prénom}", nobody).missing == ("{prénom}",)


@pytest.mark.parametrize("text", ["{}", "{ }", "{12}", "{a\nb}", "a { b", "} c {"])
def test_other_braces_are_plain_text(text: str) -> None:
    assert unresolved(text) == ()


@given(st.text(max_size=200))
def test_a_text_without_missing_variables_can_be_sent(text: str) -> None:
    found = filled(text, of(submitted()))
    assert unresolved(found.text) == found.missing


def test_every_variable_has_a_name_in_each_language() -> None:
    assert set(of(planned())) == set(NAMES)
    assert all(2 <= len(names) <= 3 for names in NAMES.values())
