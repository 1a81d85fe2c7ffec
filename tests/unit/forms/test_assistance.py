import pytest

from azbot.forms.assistance import ASSISTANCE
from azbot.forms.kinds import Accepted, Context, Value
from azbot.i18n.catalogue import LANGUAGES, words_of

COMPLETE: dict[str, Value] = {
    "email": "sophie@clim.example",
    "installer": "Clim Martin",
    "contact_name": "Luc Petit",
    "phone": "+33639981234",
    "contact_email": "luc@clim.example",
    "service": "commissioning",
    "address": "18 rue des Charmettes",
    "town": "Villeurbanne",
    "postcode": "69100",
    "country": "FR",
    "system": "zoned_ducted",
    "system_count": 1,
    "thermostat_count": 5,
    "maker": "daikin",
}


def missing(answers: dict[str, Value]) -> list[str]:
    return [field.key for field in ASSISTANCE.missing(answers)]


def test_a_complete_request_lacks_nothing() -> None:
    assert missing(COMPLETE) == []
    assert ASSISTANCE.problems(COMPLETE) == {}


@pytest.mark.parametrize(
    "key",
    ["email", "contact_name", "phone", "contact_email", "service", "address", "town",
     "postcode", "country", "system", "system_count", "thermostat_count", "maker"],
)  # fmt: skip
def test_each_mandatory_field_is_missed_by_name(key: str) -> None:
    rest = {name: value for name, value in COMPLETE.items() if name != key}
    assert key in missing(rest)


@pytest.mark.parametrize("key", ["first_name", "last_name", "phone_2", "own_number"])
def test_optional_fields_never_block(key: str) -> None:
    assert key not in missing({})


def test_one_of_the_two_companies_is_enough() -> None:
    rest = {name: value for name, value in COMPLETE.items() if name != "installer"}
    assert missing(rest) == ["installer"]
    assert missing({**rest, "distributor": "Négoce Sud"}) == []


def test_the_region_comes_from_the_postcode() -> None:
    assert ASSISTANCE.values(COMPLETE)["region"] == "Auvergne-Rhône-Alpes"
    assert ASSISTANCE.values({**COMPLETE, "region": "Lyonnais"})["region"] == "Lyonnais"
    assert "region" not in missing({})
    assert ASSISTANCE.fields["region"].never_asked_by == {"email", "telegram"}


@pytest.mark.parametrize(
    ("postcode", "region"),
    [("20090", "Corse"), ("97410", "La Réunion"), ("75001", "Île-de-France")],
)
def test_corsica_and_overseas_have_regions_too(postcode: str, region: str) -> None:
    assert ASSISTANCE.values({"postcode": postcode})["region"] == region


def test_a_site_abroad_has_no_french_region_and_needs_none() -> None:
    abroad = {**COMPLETE, "country": "CH", "postcode": "1204"}
    assert "region" not in ASSISTANCE.values(abroad)
    assert missing(abroad) == []
    assert ASSISTANCE.problems(abroad) == {}


def test_a_postcode_has_to_fit_its_country() -> None:
    problems = ASSISTANCE.problems({**COMPLETE, "postcode": "1204"})
    assert problems["postcode"].code == "postcode_five_digits"


def test_the_second_phone_is_another_one() -> None:
    twice = {**COMPLETE, "phone_2": COMPLETE["phone"]}
    assert ASSISTANCE.problems(twice)["phone_2"].code == "phone_twice"


def test_counters_have_their_bounds() -> None:
    systems, thermostats = (
        ASSISTANCE.fields[key].kind for key in ("system_count", "thermostat_count")
    )
    for kind, bounds in ((systems, (1, 99)), (thermostats, (0, 999))):
        for value in bounds:
            assert isinstance(kind.check(value, Context()), Accepted)
        for value in (bounds[0] - 1, bounds[1] + 1):
            assert not isinstance(kind.check(value, Context()), Accepted)


@pytest.mark.parametrize(
    ("words", "service"),
    [
        ("Marquage des travaux", "marking"),
        ("marquage sur site", "marking"),
        ("Mise en route", "commissioning"),
        ("panne sous garantie", "incident_warranty"),
        ("Incident couvert par la garantie", "incident_warranty"),
        ("dépannage", "incident"),
        ("dépannage sous garantie", "incident_warranty"),
        ("dépannage hors garantie", "incident"),
        ("n’est plus sous garantie", "incident"),
        ("incident", "incident"),
        ("out of warranty", "incident"),
        ("puesta en marcha", "commissioning"),
        ("avería en garantía", "incident_warranty"),
    ],
)
def test_services_are_known_by_their_other_names(words: str, service: str) -> None:
    outcome = ASSISTANCE.fields["service"].kind.check(words, Context())
    assert isinstance(outcome, Accepted), outcome
    assert outcome.value == service


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", ["service", "system", "maker"])
def test_the_words_shown_for_an_option_are_read_back(key: str, language: str) -> None:
    kind = ASSISTANCE.fields[key].kind
    for option in getattr(kind, "starter", ()):
        shown = option.name or words_of(language)[option.label][0]
        outcome = kind.check(shown, Context())
        assert isinstance(outcome, Accepted), (shown, outcome)
        assert outcome.value == option.key, shown


def test_keys_are_those_others_rely_on() -> None:
    assert list(ASSISTANCE.fields) == [
        "first_name", "last_name", "email", "distributor", "installer",
        "contact_name", "phone", "phone_2", "contact_email", "service", "address",
        "postcode", "town", "region", "country", "spot", "system", "system_count",
        "thermostat_count", "maker", "own_number",
    ]  # fmt: skip
