from typing import Any

import pytest

from azbot.forms.draft import freeze
from azbot.forms.form import Form
from azbot.forms.intervention import (
    CHECKLIST,
    INTERVENTION,
    Photo,
    fingerprint,
    missing,
    photos,
)
from azbot.forms.kinds import Accepted, Context, Value
from azbot.i18n.catalogue import LANGUAGES, words_of


def answers(**given: Any) -> dict[str, Value]:
    complete: dict[str, Any] = {
        "distance_km": "12",
        "time_in": "13:00",
        "time_out": "13:30",
        "has_webserver": False,
        "integration": "none",
        "emitters": ["cold_air"],
        "production_units": [{"maker": "daikin", "model": "vrf"}],
        **{key: {"answer": "yes", "remark": ""} for key in CHECKLIST},
        "solved": True,
    }
    complete |= given
    return {k: freeze(v) for k, v in complete.items() if v is not None}


def test_a_complete_visit_lacks_nothing() -> None:
    assert missing(answers()) == ()
    assert INTERVENTION.problems(answers()) == {}


@pytest.mark.parametrize(
    "key",
    ["distance_km", "time_in", "time_out", "has_webserver", "integration", "emitters",
     "production_units", "solved", *CHECKLIST],
)  # fmt: skip
def test_each_mandatory_answer_is_missed(key: str) -> None:
    assert missing(answers(**{key: None})) == (key,)


def test_the_checklist_has_nine_points() -> None:
    assert len(CHECKLIST) == 9


def test_a_webserver_asks_for_its_two_numbers() -> None:
    assert missing(answers(has_webserver=True)) == ("webserver_mac", "webserver_serial")
    hidden = answers(webserver_mac="x", webserver_serial="y")
    assert "webserver_mac" not in INTERVENTION.values(hidden)


def test_an_unsolved_problem_asks_for_notes_and_the_next_visit() -> None:
    assert missing(answers(solved=False)) == ("action_notes", "next_visit")
    waiting = answers(solved=False, action_notes="Registre bloqué", next_visit=True)
    assert missing(waiting) == ("next_visit_at",)
    assert missing({**waiting, "next_visit": False}) == ()


def test_leaving_before_coming_asks_for_the_next_day() -> None:
    crossed = answers(time_in="22:00", time_out="01:00")
    assert missing(crossed) == ("leaves_next_day",)
    assert INTERVENTION.problems({**crossed, "leaves_next_day": True}) == {}
    problems = INTERVENTION.problems({**crossed, "leaves_next_day": False})
    assert problems["time_out"].code == "time_out_before_in"


def test_the_next_visit_comes_after_this_one() -> None:
    early = answers(
        appointment_at="2026-03-25T12:00Z",
        solved=False,
        action_notes="x",
        next_visit=True,
        next_visit_at="2026-03-25T12:00Z",
    )
    assert INTERVENTION.problems(early)["next_visit_at"].code == "next_visit_past"
    later = {**early, "next_visit_at": "2026-03-25T12:01Z"}
    assert INTERVENTION.problems(later) == {}


def test_no_material_hides_the_table() -> None:
    rows = [{"designation": "Registre", "quantity": 1}]
    assert "material" in INTERVENTION.values(answers(material=rows))
    hidden = answers(no_material=True, material=rows)
    assert "material" not in INTERVENTION.values(hidden)


def test_the_fingerprint_names_the_answers_in_any_order() -> None:
    one = answers()
    assert fingerprint(one) == fingerprint(dict(reversed(one.items())))
    assert len(fingerprint(one)) == 64
    assert fingerprint(one) != fingerprint(answers(distance_km="13"))


def test_the_fingerprint_ignores_what_is_hidden() -> None:
    assert fingerprint(answers()) == fingerprint(answers(webserver_mac="x"))


def test_the_fingerprint_tells_true_from_one() -> None:
    assert fingerprint({"solved": True}) != fingerprint({"solved": 1})


def test_the_fingerprint_of_today_is_that_of_tomorrow() -> None:
    # Signatures are stored with it: changing this value breaks them all.
    assert fingerprint({"distance_km": "12", "solved": True}) == (
        "5c67aacdcb442f580f2d45cde45bbcc745e7f9a900558d625abed95c07498b06"
    )


def test_photos_are_found_wherever_the_form_names_them() -> None:
    one, two, three = ("ab" * 32, "cd" * 32, "ef" * 32)
    found = photos(
        answers(
            bus_apart={"answer": "no", "remark": "gaine", "photos": (one,)},
            no_material=False,
            material=({"designation": "Vanne", "quantity": 1, "photos": (two, one)},),
            photos=({"file": three, "caption": "Vue d’ensemble"},),
        )
    )
    assert found == (
        Photo(one, "", 2),
        Photo(two),
        Photo(three, "Vue d’ensemble"),
    )


def test_photos_of_what_is_hidden_are_not_awaited() -> None:
    block = {"designation": "Vanne", "quantity": 1, "photos": ("ab" * 32,)}
    assert photos(answers(no_material=True, material=(block,))) == ()


def test_company_and_date_are_written_by_azbot() -> None:
    automatic = {key for key, f in INTERVENTION.fields.items() if f.is_automatic}
    assert automatic == {"company", "company_phone", "company_email", "appointment_at"}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", ["integration", "emitters"])
def test_the_words_shown_for_an_option_are_read_back(key: str, language: str) -> None:
    form: Form = INTERVENTION
    kind = form.fields[key].kind
    for option in getattr(kind, "starter", ()):
        shown = option.name or words_of(language)[option.label][0]
        outcome = kind.check(shown, Context())
        assert isinstance(outcome, Accepted), (shown, outcome)
        assert outcome.value in (option.key, (option.key,)), shown
