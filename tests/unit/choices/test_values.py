"""Choices over the file: what wins, what falls back, what is refused."""

from __future__ import annotations

import json
from datetime import date, time, timedelta

import pytest

from azbot.choices import Choices, FromFile, read
from azbot.config import WorkflowSettings, checked
from azbot.errors import ConfigError
from azbot.render import Brand

BRAND = Brand("Support technique", "Régulation Exemple", "sav@ex.example", "#0b5c86")
FILE = FromFile(WorkflowSettings(answer_hours=12), BRAND, "https://sav.example")


def chosen(**values: object) -> Choices:
    raw = {name.replace("__", "."): json.dumps(value) for name, value in values.items()}
    return read(raw, FILE)


def test_without_choices_the_file_counts() -> None:
    found = chosen()
    assert found.workflow == FILE.workflow
    assert found.brand == BRAND
    assert found.rules.answer_within == timedelta(hours=12)
    assert not found.lists
    assert found.words("fr").t("mail.goodbye") == "Cordialement,"


def test_a_choice_wins_over_the_file_and_leaves_the_rest_alone() -> None:
    found = chosen(workflow__answer_hours=48, workflow__opens="07:30:00")
    assert found.rules.answer_within == timedelta(hours=48)
    assert found.rules.working.opens == time(7, 30)
    assert found.rules.reopen_for == timedelta(days=30)


def test_country_and_zone_cannot_be_chosen() -> None:
    found = chosen(workflow__country="ES", workflow__zone="Atlantic/Canary")
    assert found.rules.country == "FR"
    assert found.rules.working.zone_name == "Europe/Paris"


def test_a_choice_that_no_longer_goes_with_the_file_does_not_count() -> None:
    found = chosen(workflow__station_silent_hours=30)
    assert found.workflow == FILE.workflow
    assert found.unfit == ("workflow.station_silent_hours",)


def test_brand_and_logo_reach_the_mails() -> None:
    logo = {"digest": "ab" * 32, "media_type": "image/png", "name": "logo.png"}
    found = chosen(
        brand__name="Desk Example", brand__colour="#aa3300", brand__logo=logo
    )
    assert found.brand.name == "Desk Example"
    assert found.brand.colour == "#aa3300"
    assert found.brand.logo_url == f"https://sav.example/brand/{'ab' * 32}.png"
    assert found.brand.organisation == "Régulation Exemple"


def test_a_replaced_sentence_stands_in_its_language_alone() -> None:
    found = chosen(mail__fr__mail__goodbye=["Bien à vous,"])
    assert found.words("fr").t("mail.goodbye") == "Bien à vous,"
    assert found.words("en").t("mail.goodbye") != "Bien à vous,"
    assert found.words("fr").t("mail.details") == "Détails"


def test_texts_of_a_form_are_bound_as_the_file_is() -> None:
    given = {
        "answer_hours": "36",
        "station_reminder_hours": ["12", "30"],
        "closes": "17:30",
        "french_holidays": "false",
        "closed_on": ["2026-05-15"],
    }
    section = checked("workflow", WorkflowSettings, given)
    assert section.model_dump(include=set(given)) == {
        "answer_hours": 36,
        "station_reminder_hours": (12, 30),
        "closes": time(17, 30),
        "french_holidays": False,
        "closed_on": frozenset({date(2026, 5, 15)}),
    }


@pytest.mark.parametrize(
    ("key", "value", "code"),
    [
        ("answer_hours", "0", "too_small_or_equal"),
        ("answer_hours", "720.5", "too_large"),
        ("answer_hours", "demain", "not_number"),
        ("station_reminder_hours", ["48", "24"], "not_ascending"),
        ("station_silent_hours", "48", "before_reminder"),
        ("closes", "08:00", "closes_too_early"),
        ("closes", "midi", "not_time"),
        ("working_days", [], "empty_list"),
        ("closed_on", ["le 15 mai"], "not_date"),
        ("max_documents", "2.5", "not_integer"),
    ],
)
def test_a_form_is_refused_with_the_words_of_the_file(
    key: str, value: object, code: str
) -> None:
    with pytest.raises(ConfigError) as refused:
        checked("workflow", WorkflowSettings, {key: value})
    (problem,) = refused.value.problems
    assert problem.path.startswith(f"workflow.{key}")
    assert problem.code == code


@pytest.mark.parametrize(
    ("key", "value"), [("answer_hours", "0.1"), ("answer_hours", "720")]
)
def test_the_bounds_themselves_are_taken(key: str, value: str) -> None:
    section = checked("workflow", WorkflowSettings, {key: value})
    assert section.answer_hours == float(value)
