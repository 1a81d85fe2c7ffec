"""What the operators of ux.md 6.4 mean."""

from __future__ import annotations

from datetime import date

import pytest

from azbot.channels.web.inbox.days import Days, read_days
from azbot.channels.web.inbox.fields import Field
from azbot.channels.web.inbox.query import Condition, Unknown, Words, read

TODAY = date(2026, 3, 25)
"""A Wednesday."""


def test_the_example_of_the_design_is_understood() -> None:
    query = read(
        'statut:attente type:mise dept:69 sta:"froid rhône" demandee:>2026-03-01'
        " programmee:semaine de:martin pj:oui",
        TODAY,
    )
    assert query.unknown == ()
    assert query.words == ""
    assert {c.field: c.codes for c in query.conditions} == {
        Field.STATUS: ("waiting",),
        Field.SERVICE: ("commissioning",),
        Field.DEPARTMENT: ("69",),
        Field.STATION: ("froid rhône",),
        Field.OPENED: ("2026-03-02..",),
        Field.PLANNED: ("semaine",),
        Field.REQUESTER: ("martin",),
        Field.DOCUMENTS: ("yes",),
    }


@pytest.mark.parametrize(
    ("typed", "field", "codes"),
    [
        ("STATUT:Réalisée", Field.STATUS, ("done",)),
        ("status:waiting", Field.STATUS, ("waiting",)),
        ("estado:en_curso", Field.STATUS, ("underway",)),
        ("statut:en", Field.STATUS, ("waiting", "underway")),
        ("statut:attente,demandée", Field.STATUS, ("waiting", "submitted")),
        (
            "statut:ouvert",
            Field.STATUS,
            ("submitted", "waiting", "assigned", "underway", "done"),
        ),
        ("type:garantie", Field.SERVICE, ("incident_warranty",)),
        ("type:hors", Field.SERVICE, ("incident",)),
        ("type:incident", Field.SERVICE, ("incident_warranty", "incident")),
        ('service:"puesta en marcha"', Field.SERVICE, ("commissioning",)),
        ("dept:2a", Field.DEPARTMENT, ("2A",)),
        ("dept:1", Field.DEPARTMENT, ("01",)),
        ("département:rhône", Field.DEPARTMENT, ("69",)),
        ("dept:69,38", Field.DEPARTMENT, ("69", "38")),
        ("canal:e-mail", Field.CHANNEL, ("email",)),
        ("canal:portail", Field.CHANNEL, ("web",)),
        ("pj:non", Field.DOCUMENTS, ("no",)),
        ("suivi:moi", Field.OWNER, ("me",)),
        ("suivi:personne", Field.OWNER, ("nobody",)),
        ("suivi:Camille", Field.OWNER, ("Camille",)),
        ("de:«\u00a0Le Goff\u00a0»", Field.REQUESTER, ("Le Goff",)),
        ("ref:184", Field.REFERENCE, ("184",)),
        (
            'adresse:"18, rue des charmettes"',
            Field.ADDRESS,
            ("18, rue des charmettes",),
        ),
        ("étiquette:urgent,vip", Field.TAG, ("urgent", "vip")),
    ],
)
def test_names_and_values_are_understood_by_their_beginnings_in_three_languages(
    typed: str, field: Field, codes: tuple[str, ...]
) -> None:
    assert read(typed, TODAY).pieces == (Condition(field, codes),)


@pytest.mark.parametrize(
    ("typed", "first", "last"),
    [
        ("2026-03-01", date(2026, 3, 1), date(2026, 3, 1)),
        ("1/4", date(2026, 4, 1), date(2026, 4, 1)),
        ("25/12", date(2025, 12, 25), date(2025, 12, 25)),
        ("25/03/26", date(2026, 3, 25), date(2026, 3, 25)),
        ("25.03.2026", date(2026, 3, 25), date(2026, 3, 25)),
        ("2026-02", date(2026, 2, 1), date(2026, 2, 28)),
        (">2026-03-01", date(2026, 3, 2), None),
        (">=2026-03-01", date(2026, 3, 1), None),
        ("<25/03", None, date(2026, 3, 24)),
        ("<= 25/03", None, date(2026, 3, 25)),
        ("2026-03-01..2026-03-05", date(2026, 3, 1), date(2026, 3, 5)),
        ("2026-03-01..", date(2026, 3, 1), None),
        ("..hier", None, date(2026, 3, 24)),
        ("hier", date(2026, 3, 24), date(2026, 3, 24)),
        ("Aujourd’hui", date(2026, 3, 25), date(2026, 3, 25)),
        ("tomorrow", date(2026, 3, 26), date(2026, 3, 26)),
        ("semaine", date(2026, 3, 23), date(2026, 3, 29)),
        ("mois", date(2026, 3, 1), date(2026, 3, 31)),
    ],
)
def test_days_are_written_as_people_write_them(
    typed: str, first: date | None, last: date | None
) -> None:
    found = read_days(typed, TODAY)
    assert found is not None
    assert found.on(TODAY) == Days(first, last)


@pytest.mark.parametrize(
    "typed", ["", "..", "30/02", "29/2", "2026-13", "1999-01-01", ">x", "x..hier", "32"]
)
def test_what_is_no_day_is_none(typed: str) -> None:
    assert read_days(typed, TODAY) is None


def test_days_that_move_go_on_moving() -> None:
    found = read_days("semaine", TODAY)
    assert found is not None
    assert found.on(date(2026, 4, 1)).first == date(2026, 3, 30)


@pytest.mark.parametrize(
    ("typed", "pieces"),
    [
        ("statut:perdue", (Unknown("statut", "perdue"),)),
        ("etat:perdue", (Unknown("statut", "perdue"),)),
        ("priorite:haute", (Unknown("priorite", "haute"),)),
        ("demandee:30/02", (Unknown("demandee", "30/02"),)),
        ("statut:", (Unknown("statut", ""),)),
        (
            "statut:attente,perdue",
            (Condition(Field.STATUS, ("waiting",)), Unknown("statut", "perdue")),
        ),
    ],
)
def test_what_is_not_understood_is_kept(typed: str, pieces: tuple[object, ...]) -> None:
    assert read(typed, TODAY).pieces == pieces


@pytest.mark.parametrize(
    "typed", ["184", "12:30", "https://example.org/a", "Re: bonjour", "a:b:", "’", ":)"]
)
def test_ordinary_text_is_not_taken_for_an_operator(typed: str) -> None:
    assert all(isinstance(piece, Words) for piece in read(typed, TODAY).pieces)
    assert read(typed, TODAY).words == typed


def test_free_words_stand_between_operators() -> None:
    query = read('gaine statut:attente "code défaut" 9', TODAY)
    assert query.words == "gaine code défaut 9"
    assert str(query.without_words()) == "statut:attente"
