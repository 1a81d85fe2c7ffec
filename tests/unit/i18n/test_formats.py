from datetime import UTC, date, datetime, timedelta

import pytest

from azbot.forms.kinds import Accepted, read_phone
from azbot.forms.places import SITE_ZONES, zone_of
from azbot.i18n import formats

S = "\u00a0"
APRIL = date(2026, 4, 1)
MARCH = datetime(2026, 3, 25, 12, 5, tzinfo=UTC)
PARIS = "Europe/Paris"


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("fr", f"mercredi 1er{S}avril 2026"),
        ("en", f"Wednesday 1{S}April 2026"),
        ("es", f"miércoles 1{S}de abril de 2026"),
    ],
)
def test_long_dates_name_the_day(language: str, words: str) -> None:
    assert formats.long_date(APRIL, language) == words


def test_a_date_may_leave_the_year_out() -> None:
    assert formats.long_date(MARCH, "fr", with_year=False) == f"mercredi 25{S}mars"
    assert formats.day_and_month(MARCH, "fr") == f"25{S}mars"
    assert formats.day_and_month(APRIL, "fr") == f"1er{S}avril"
    assert formats.day_and_month(APRIL, "es") == f"1{S}de abril"


def test_short_dates_have_two_digits() -> None:
    assert formats.short_date(APRIL) == "01/04/2026"
    assert formats.short_date_and_clock(MARCH, PARIS) == "25/03/2026 13:05"


@pytest.mark.parametrize(
    ("minute", "french", "english"),
    [
        (0, f"13{S}h", "13:00"),
        (5, f"13{S}h{S}05", "13:05"),
        (30, f"13{S}h{S}30", "13:30"),
    ],
)
def test_french_hours_have_an_h(minute: int, french: str, english: str) -> None:
    moment = datetime(2026, 3, 25, 13, minute, tzinfo=UTC)
    assert formats.hour(moment, "fr") == french
    assert formats.hour(moment, "en") == english
    assert formats.hour(moment, "es") == english


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("fr", f"13{S}h{S}05 (heure de Paris)"),
        ("en", "13:05 (Paris time)"),
        ("es", "13:05 (hora de París)"),
    ],
)
def test_the_zone_is_named_in_words(language: str, words: str) -> None:
    said = formats.date_and_hour(MARCH, PARIS, language, with_zone=True)
    assert said.endswith(words)


def test_summer_time_is_applied() -> None:
    summer = datetime(2026, 7, 1, 12, tzinfo=UTC)
    assert formats.date_and_hour(summer, PARIS, "fr", with_zone=True) == (
        f"mercredi 1er{S}juillet 2026 à 14{S}h (heure de Paris)"
    )


def test_one_oclock_is_singular_in_spanish() -> None:
    one = datetime(2026, 1, 5, 0, tzinfo=UTC)
    assert formats.date_and_hour(one, PARIS, "es", with_year=False) == (
        f"lunes 5{S}de enero a la 1:00"
    )


@pytest.mark.parametrize("language", ["fr", "en", "es"])
def test_every_zone_of_a_site_has_a_name_and_no_mail_says_gmt(language: str) -> None:
    assert len(SITE_ZONES) > 20
    for zone in SITE_ZONES:
        words = formats.zone_name(zone, language)
        assert "GMT" not in words
        assert "UTC" not in words
        assert "_" not in words
        assert "/" not in words


@pytest.mark.parametrize(
    ("postcode", "country", "zone"),
    [
        ("69100", "FR", PARIS), ("20000", "FR", PARIS), ("98000", "FR", PARIS),
        ("97110", "FR", "America/Guadeloupe"), ("97200", "FR", "America/Martinique"),
        ("97300", "FR", "America/Cayenne"), ("97400", "FR", "Indian/Reunion"),
        ("97500", "FR", "America/Miquelon"), ("97600", "FR", "Indian/Mayotte"),
        ("98600", "FR", "Pacific/Wallis"), ("98700", "FR", "Pacific/Tahiti"),
        ("98800", "FR", "Pacific/Noumea"), ("", "FR", PARIS), ("x", "", PARIS),
        ("28001", "ES", "Europe/Madrid"), ("35001", "ES", "Atlantic/Canary"),
    ],
)  # fmt: skip
def test_a_site_has_the_clocks_of_its_postcode(
    postcode: str, country: str, zone: str
) -> None:
    assert zone_of(postcode, country) == zone


@pytest.mark.parametrize(
    ("elapsed", "words"),
    [
        (timedelta(seconds=59), "à l\u2019instant"),
        (timedelta(seconds=-5), "à l\u2019instant"),
        (timedelta(minutes=24), f"24{S}min"),
        (timedelta(minutes=59, seconds=59), f"59{S}min"),
        (timedelta(hours=1), f"1{S}h"),
        (timedelta(hours=23, minutes=59), f"23{S}h"),
        (timedelta(hours=24), None),
    ],
)
def test_relative_times_end_at_one_day(elapsed: timedelta, words: str | None) -> None:
    assert formats.ago(elapsed, "fr") == words


@pytest.mark.parametrize(
    ("octets", "words"),
    [
        (0, f"0{S}octet"), (1, f"1{S}octet"), (1023, f"1{S}023{S}octets"),
        (1024, f"1{S}Ko"), (214 * 1024, f"214{S}Ko"), (1_048_000, f"1{S}023{S}Ko"),
        (1_048_300, f"1{S}Mo"),
        (1_887_437, f"1,8{S}Mo"), (25 * 1024**2, f"25{S}Mo"), (3 * 1024**3, f"3{S}Go"),
        (10**15, f"909{S}To"),
    ],
)  # fmt: skip
def test_sizes_are_in_octets(octets: int, words: str) -> None:
    assert formats.size(octets, "fr") == words


def test_sizes_are_in_bytes_elsewhere() -> None:
    assert formats.size(1_887_437, "en") == f"1.8{S}MB"
    assert formats.size(5, "es") == f"5{S}bytes"


@pytest.mark.parametrize(
    ("value", "french", "english", "spanish"),
    [
        (7.1, "7,1", "7.1", "7,1"),
        (1250, f"1{S}250", "1,250", "1250"),
        (12500, f"12{S}500", "12,500", f"12{S}500"),
        (-3, "\u22123", "-3", "\u22123"),
        ("12.50", "12,50", "12.50", "12,50"),
        (1e-07, "0,0000001", "0.0000001", "0,0000001"),
    ],
)
def test_numbers_have_the_marks_of_the_language(
    value: float | str, french: str, english: str, spanish: str
) -> None:
    written = [formats.number(value, language) for language in ("fr", "en", "es")]
    assert written == [french, english, spanish]


def test_units_never_part_from_their_number() -> None:
    assert formats.percent(64, "fr") == f"64{S}%"
    assert formats.percent(64, "en") == "64%"
    assert formats.with_unit(7.1, "kW", "fr") == f"7,1{S}kW"
    assert formats.distance("1250", "fr") == f"1{S}250{S}km"


@pytest.mark.parametrize(
    ("e164", "shown"),
    [
        ("+33639981234", "06 39 98 12 34"),
        ("+262692123456", "0692 12 34 56"),
        ("+590590123456", "0590 12 34 56"),
        ("+508411234", "+508 41 12 34"),
        ("+68940123456", "+689 40 12 34 56"),
        ("+34612345678", "+34 612 345 678"),
        ("+12025550123", "+1 20 25 55 01 23"),
        ("pas un numéro", "pas un numéro"),
    ],
)
def test_phones_are_shown_in_groups_and_read_back(e164: str, shown: str) -> None:
    words = formats.phone(e164)
    assert words == (shown.replace(" ", S) if e164.startswith("+") else shown)
    if e164.startswith("+"):
        assert read_phone(words) == Accepted(e164)


def test_lists_end_with_a_word() -> None:
    assert formats.listing([], "fr") == ""
    assert formats.listing(["a"], "fr") == "a"
    assert formats.listing(["a", "b", "c"], "fr") == "a, b et c"
    assert formats.listing(["a", "b"], "en", word="or") == "a or b"
    assert formats.listing(["agua", "aire"], "es") == "agua y aire"


def test_spanish_changes_y_and_o_before_the_same_sound() -> None:
    assert formats.listing(["Ana", "Inés"], "es") == "Ana e Inés"
    assert formats.listing(["agua", "hielo"], "es") == "agua y hielo"
    assert formats.listing(["uno", "otro"], "es", word="or") == "uno u otro"


def test_names_and_addresses_skip_what_is_unknown() -> None:
    assert formats.full_name(" Sophie ", "") == "Sophie"
    assert formats.full_name("Sophie", "Martin") == "Sophie Martin"
    assert formats.address_line("18 rue X", "69100", "Bron") == "18 rue X, 69100 Bron"
    assert formats.address_line("", "", "Bron", "France") == "Bron, France"


@pytest.mark.parametrize(
    ("typed", "set_"),
    [
        ("Il manque : rien", f"Il manque{S}: rien"),
        ("Vraiment ?", f"Vraiment{S}?"),
        ("« Oui »", f"«{S}Oui{S}»"),
        ("l'heure", "l\u2019heure"),
        ("à 13 h 05", f"à 13{S}h{S}05"),
        ("64 %", f"64{S}%"),
        ("25 Mo", f"25{S}Mo"),
        ("https://a.example/b?c=d", "https://a.example/b?c=d"),
        ("a :b", "a :b"),
    ],
)
def test_typed_french_is_set_properly(typed: str, set_: str) -> None:
    assert formats.typographic(typed) == set_
    assert formats.typographic(set_) == set_


def test_pages_narrow_the_spaces_that_may_be_narrow() -> None:
    assert formats.for_web(f"Oui{S}! Non{S}: «{S}si{S}»{S}?") == (
        f"Oui\u202f! Non{S}: «{S}si{S}»\u202f?"
    )
