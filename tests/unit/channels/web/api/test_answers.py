"""Answers of programs pass the validators of every other face."""

from __future__ import annotations

import pytest

from azbot.channels.web.api.answers import context_of, normalised
from azbot.channels.web.problems import HttpProblem
from azbot.forms.assistance import ASSISTANCE
from azbot.forms.intervention import INTERVENTION
from azbot.forms.kinds import Context

FRANCE = Context(country="FR")


def _errors(given: dict[str, object], present: dict[str, object]) -> dict[str, str]:
    with pytest.raises(HttpProblem) as caught:
        normalised(ASSISTANCE, given, present, FRANCE)
    return {error.place: error.code for error in caught.value.errors}


def test_words_become_the_normal_form_in_plain_json_types() -> None:
    found = normalised(
        INTERVENTION,
        {
            "emitters": ["radiateurs"],
            "production_units": [{"maker": "Daikin", "model": "split"}],
        },
        {},
        FRANCE,
    )
    assert found["emitters"] == ["radiators"]
    assert found["production_units"] == [{"maker": "daikin", "model": "wall_unit"}]


def test_null_takes_an_answer_back() -> None:
    assert normalised(ASSISTANCE, {"phone_2": None}, {}, FRANCE) == {"phone_2": None}


def test_every_wrong_answer_is_named_at_once() -> None:
    errors = _errors({"phone": "12", "system_count": 0, "colour": "x"}, {})
    assert set(errors) == {"/answers/phone", "/answers/system_count", "/answers/colour"}


def test_answers_are_compared_with_those_there_are() -> None:
    errors = _errors({"phone_2": "06 39 98 12 34"}, {"phone": "+33639981234"})
    assert errors == {"/answers/phone_2": "phone_twice"}


def test_what_azbot_writes_itself_is_not_written_by_others() -> None:
    with pytest.raises(HttpProblem) as caught:
        normalised(INTERVENTION, {"company": "Autre"}, {}, FRANCE)
    assert caught.value.errors[0].code == "read_only"


def test_the_country_of_the_site_decides_how_phones_are_read() -> None:
    assert context_of(None, "FR", None).country == "FR"  # type: ignore[arg-type]
