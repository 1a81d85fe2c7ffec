from typing import Any

import pytest

from azbot.forms.assistance import ASSISTANCE
from azbot.forms.draft import freeze
from azbot.forms.form import Form
from azbot.forms.intervention import INTERVENTION
from azbot.forms.kinds import Context, Option, Problem
from azbot.i18n.answers import answer_words, label_of, problem_words
from azbot.i18n.catalogue import strict_catalogue

S = "\u00a0"
FRENCH = strict_catalogue("fr")


def words(form: Form, key: str, value: Any, **context: Any) -> str:
    return answer_words(form.fields[key], freeze(value), FRENCH, Context(**context))


@pytest.mark.parametrize(
    ("key", "value", "shown"),
    [
        ("service", "commissioning", "Mise en service"),
        ("maker", "daikin", "Daikin"),
        ("maker", "other:Ballu", "Ballu"),
        ("maker", "gone_from_the_list", "gone_from_the_list"),
        ("country", "FR", "France"),
        ("phone", "+33639981234", f"06{S}39{S}98{S}12{S}34"),
        ("thermostat_count", 5, "5"),
        ("town", "Bron", "Bron"),
    ],
)
def test_answers_of_a_request_are_shown_in_words(
    key: str, value: Any, shown: str
) -> None:
    assert words(ASSISTANCE, key, value) == shown


@pytest.mark.parametrize(
    ("key", "value", "shown"),
    [
        ("solved", True, "Oui"),
        ("distance_km", "12.5", f"12,5{S}km"),
        ("time_in", "13:05", f"13{S}h{S}05"),
        ("emitters", ["cold_air", "other:Poêle"], "Air froid et Poêle"),
        ("bus_apart", {"answer": "no", "remark": "gaine commune"},
         f"Non{S}– gaine commune"),
        ("bus_apart", {"answer": "not_applicable", "remark": ""}, "Sans objet"),
        ("photos", ["a", "b"], "2"),
        ("appointment_at", "2026-03-25T12:00Z", f"mercredi 25{S}mars 2026 à 13{S}h"),
    ],
)  # fmt: skip
def test_answers_of_a_visit_are_shown_in_words(
    key: str, value: Any, shown: str
) -> None:
    assert words(INTERVENTION, key, value) == shown


def test_a_moment_is_shown_on_the_clocks_of_the_site() -> None:
    shown = words(
        INTERVENTION, "appointment_at", "2026-03-25T12:00Z", zone="Indian/Reunion"
    )
    assert shown == f"mercredi 25{S}mars 2026 à 16{S}h"


def test_a_list_of_the_administrator_has_its_own_words() -> None:
    lists = {"makers": (Option("ballu", name="Ballu"),)}
    assert words(ASSISTANCE, "maker", "ballu", catalogues=lists) == "Ballu"
    assert words(ASSISTANCE, "maker", "daikin", catalogues=lists) == "Daikin"


def test_labels_and_problems_are_sentences_of_the_catalogue() -> None:
    assert label_of(ASSISTANCE, "phone", FRENCH) == "Téléphone"
    assert label_of(INTERVENTION, "material.quantity", FRENCH) == "Quantité"
    problem = Problem("out_of_bounds", {"lowest": "1", "highest": "99"})
    assert problem_words(problem, FRENCH) == "Écrivez un nombre de 1 à 99."
