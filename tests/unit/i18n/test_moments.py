from datetime import UTC, datetime

import pytest

from azbot.i18n.catalogue import LANGUAGES, words_of
from azbot.i18n.moments import read_moment

PARIS = "Europe/Paris"
NOW = datetime(2026, 3, 18, 9, 30, tzinfo=UTC)  # a Wednesday, 10:30 in Paris


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("25/03 13h", "2026-03-25T12:00"),
        ("25/3 à 13 h", "2026-03-25T12:00"),
        ("25.03 13h", "2026-03-25T12:00"),
        ("25-03-2026 13h", "2026-03-25T12:00"),
        ("25/03/26 13:30", "2026-03-25T12:30"),
        ("le 25/03 à 13h30.", "2026-03-25T12:30"),
        ("13h le 25/03", "2026-03-25T12:00"),
        ("jeudi 14 h 30", "2026-03-19T13:30"),
        ("jeudi\u00a014\u202fh\u00a030", "2026-03-19T13:30"),
        ("Jeudi 19 à 14.30", "2026-03-19T13:30"),
        ("mer. 25/03 à 8 h", "2026-03-25T07:00"),
        ("mercredi 25 mars à 13 h", "2026-03-25T12:00"),
        ("mercredi 25 mars 2026 à 13 h (heure de Paris)", None),
        ("25 mars 2026 à 13:00", "2026-03-25T12:00"),
        ("le 2 avril à 9h", "2026-04-02T07:00"),
        ("1er avril 14h", "2026-04-01T12:00"),
        ("lundi prochain 8h", "2026-03-23T07:00"),
        ("lundi de la semaine prochaine à 9 heures et demie", "2026-03-23T08:30"),
        ("lundi en huit à 9h", "2026-03-30T07:00"),
        ("demain 10h", "2026-03-19T09:00"),
        ("demain midi", "2026-03-19T11:00"),
        ("après-demain 10 h", "2026-03-20T09:00"),
        ("aujourd’hui 16h", "2026-03-18T15:00"),
        ("dans 3 jours à 10h", "2026-03-21T09:00"),
        ("dans une semaine à 10h", "2026-03-25T09:00"),
        ("le 25 à 13h", "2026-03-25T12:00"),
        ("mardi 24 à 13h", "2026-03-24T12:00"),
        ("Je propose le 25/03 à 13h30, merci", "2026-03-25T12:30"),
        ("RDV : vendredi 9h svp", "2026-03-20T08:00"),
        ("mercredi 9h", "2026-03-25T08:00"),
        ("demain à 2h du matin", "2026-03-19T01:00"),
        ("demain 3h de l'après-midi", "2026-03-19T14:00"),
        ("2026-03-25T13:00", "2026-03-25T12:00"),
        ("2026-03-25 13:00", "2026-03-25T12:00"),
        ("next Monday at 9", "2026-03-23T08:00"),
        ("tomorrow 10:30", "2026-03-19T09:30"),
        ("25 March at 2pm", "2026-03-25T13:00"),
        ("March 25th, 2026 at 14:00", "2026-03-25T13:00"),
        ("10 am on Friday", "2026-03-20T09:00"),
        ("day after tomorrow at noon", "2026-03-20T11:00"),
        ("el 2 de abril a las 9", "2026-04-02T07:00"),
        ("mañana a las 10", "2026-03-19T09:00"),
        ("el lunes a las 16:30", "2026-03-23T15:30"),
        ("pasado mañana a las 4 de la tarde", "2026-03-20T15:00"),
    ],
)
def test_a_plain_date_is_read_for_sure(text: str, start: str | None) -> None:
    moment = read_moment(text, NOW, PARIS)
    if start is None:
        assert moment is None
        return
    assert moment is not None
    assert moment.start == utc(start)
    assert not moment.is_ambiguous, moment.reason


@pytest.mark.parametrize(
    ("text", "start", "reason"),
    [
        ("mercredi 14 h 30", "2026-03-18T13:30", "today_or_next_week"),
        ("demain matin", "2026-03-19T08:00", "part_of_day"),
        ("cet après-midi", "2026-03-18T13:00", "part_of_day"),
        ("mañana por la mañana", "2026-03-19T08:00", "part_of_day"),
        ("tomorrow in the afternoon", "2026-03-19T13:00", "part_of_day"),
        ("jeudi", "2026-03-19T08:00", "no_hour"),
        ("le 2 avril", "2026-04-02T07:00", "no_hour"),
        ("mercredi 26 mars 13h", "2026-03-26T12:00", "wrong_weekday"),
        ("vendredi prochain 9h", "2026-03-20T08:00", "this_or_next_week"),
        ("jeudi entre 14h et 16h", "2026-03-19T13:00", "range"),
        ("jeudi 14h-16h", "2026-03-19T13:00", "range"),
        ("jeudi vers 15h", "2026-03-19T14:00", "approximate"),
        ("demain à 5h", "2026-03-19T16:00", "half_day_guess"),
        ("jeudi 9h ?", "2026-03-19T08:00", "question"),
        ("01/02 9h", "2027-02-01T08:00", "next_year"),
        ("01/02/2025 9h", "2025-02-01T08:00", "past"),
        ("aujourd'hui 8h", "2026-03-18T07:00", "past"),
        ("29/03/2026 02:30", "2026-03-29T01:30", "skipped_hour"),
        ("25/10/2026 02:30", "2026-10-25T00:30", "repeated_hour"),
    ],
)
def test_a_doubt_comes_with_its_reason(text: str, start: str, reason: str) -> None:
    moment = read_moment(text, NOW, PARIS)
    assert moment is not None
    assert moment.start == utc(start)
    assert moment.is_ambiguous
    assert moment.reason == reason
    for language in LANGUAGES:
        assert f"date.{reason}" in words_of(language)


@pytest.mark.parametrize(
    "text",
    ["", "oui", "Oui mercredi 14h", "14h30", "5 thermostats", "31/02 9h", "25/13 9h",
     "mercredi 14h ou jeudi 9h", "le lundi c'est fermé", "mon installation", "12",
     "mardi 14h car le client est absent lundi", "x" * 201, "le 25", "10-12"],
)  # fmt: skip
def test_anything_else_is_no_date(text: str) -> None:
    assert read_moment(text, NOW, PARIS) is None


def test_a_january_date_in_december_is_in_the_new_year_for_sure() -> None:
    december = datetime(2026, 12, 20, 9, tzinfo=UTC)
    moment = read_moment("5 janvier 9h", december, PARIS)
    assert moment is not None
    assert moment.start == utc("2027-01-05T08:00")
    assert not moment.is_ambiguous


def test_english_digits_leave_day_and_month_open() -> None:
    moment = read_moment("12/04 at 9am", NOW, PARIS, "en")
    assert moment is not None
    assert moment.reason == "month_or_day_first"
    clear = read_moment("25/04 at 9am", NOW, PARIS, "en")
    assert clear is not None
    assert not clear.is_ambiguous


def test_a_date_is_meant_on_the_clocks_of_the_site() -> None:
    moment = read_moment("25/03 13h", NOW, "Indian/Reunion")
    assert moment is not None
    assert moment.start == utc("2026-03-25T09:00")


def test_today_is_the_day_of_the_site() -> None:
    late = datetime(2026, 3, 18, 22, 30, tzinfo=UTC)  # already Thursday in Réunion
    moment = read_moment("demain 9h", late, "Indian/Reunion")
    assert moment is not None
    assert moment.start == utc("2026-03-20T05:00")
