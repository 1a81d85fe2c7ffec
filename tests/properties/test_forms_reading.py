"""Reading is total and takes linear time, whatever is sent."""

import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azbot.forms.assistance import ASSISTANCE
from azbot.forms.kinds import Accepted, Context, Phone
from azbot.forms.places import SITE_ZONES
from azbot.forms.reading import read_request
from azbot.i18n import formats
from azbot.i18n.catalogue import LANGUAGES
from azbot.i18n.moments import read_moment
from azbot.intake.languages import labels_of

PARIS = "Europe/Paris"
NOW = datetime(2026, 3, 18, 9, 30, tzinfo=UTC)
LABELS = labels_of("fr")
MEGABYTE = 1_000_000

WORDS = st.sampled_from([
    "Système :", "gainable", "69100", "Villeurbanne", "18 rue des Charmettes", ",",
    "06 39 98 12 34", "5 thermostats", "Daikin", "\n", " ", "commande n° 4512", "M.",
    "demander", "Dupont", "le 25/03", "13h", "mercredi", "demain matin", "à", "é",
    "panne sous garantie", "SARL", "Clim", "a@b.fr", ":", "Adresse :", "Code postal :",
    "2026", "29/02", "entre 14h et 16h", "\u00a0", "\u202e", "(0)", "+33",
])  # fmt: skip
TEXTS = st.lists(WORDS, max_size=40).map(" ".join) | st.text(max_size=300)


@given(TEXTS)
def test_any_text_is_read_and_every_span_lies_inside(text: str) -> None:
    reading = read_request(text, ASSISTANCE, LABELS, Context(country="FR"))
    for found in reading.found:
        first, last = found.span
        assert 0 <= first <= last <= len(text)
        assert 0 < found.confidence <= 1
        outcome = ASSISTANCE.fields[found.key].kind.check(
            found.value,
            Context(),
        )
        assert isinstance(outcome, Accepted)
    for unread in reading.problems:
        assert text[slice(*unread.span)].strip() != ""


@given(TEXTS, st.sampled_from(sorted(SITE_ZONES)), st.sampled_from(LANGUAGES))
def test_any_text_gives_a_moment_or_none(text: str, zone: str, language: str) -> None:
    moment = read_moment(text, NOW, zone, language)
    if moment is not None:
        assert moment.start.tzinfo is UTC
        assert moment.is_ambiguous == bool(moment.reason)
        assert 0 <= moment.span[0] < moment.span[1] <= len(text)


@pytest.mark.parametrize(
    "piece",
    ["0", "1 ", "06 ", "a", "A ", "A-", "Aa-", "Aa ", "1 rue ", "12 rue a ", "a@", "a.",
     "Contact A ", "M. A ", "69100 ", "69100 A ", "69100 a le ", "adresse : ", "\n",
     "Adresse :\n", " ", "\u00a0", ": ", "ref ", "commande n° ", "le ", "lundi ",
     "25/", "25/03 13h ", "1h ", "a las ", "de ", "entre a ", "SARL ", "A SARL ",
     "mars ", "un ", "5 thermostats ", "thermostats ", "é", "e\u0301", "zi a ", "+33 ",
     "(", "1 aaa aaa aaa ", "A & ", "d'", "l'A", "demain de la "],
)  # fmt: skip
def test_a_hostile_megabyte_takes_no_time(piece: str) -> None:
    text = (piece * (MEGABYTE // len(piece) + 1))[:MEGABYTE]
    started = time.process_time()
    read_request(text, ASSISTANCE, LABELS, Context(country="FR"))
    read_moment(text, NOW, PARIS)
    assert time.process_time() - started < 4


MOMENTS = st.datetimes(
    min_value=datetime(2026, 3, 19),  # noqa: DTZ001 - made aware below
    max_value=datetime(2026, 9, 10),  # noqa: DTZ001
    timezones=st.just(UTC),
).map(lambda moment: moment.replace(second=0, microsecond=0))


@given(MOMENTS, st.sampled_from(sorted(SITE_ZONES)), st.sampled_from(LANGUAGES))
def test_a_moment_as_we_write_it_is_read_back(
    moment: datetime, zone: str, language: str
) -> None:
    there = formats.local(moment, zone)
    if there.date() <= formats.local(NOW, zone).date():
        return
    words = formats.date_and_hour(moment, zone, language)
    found = read_moment(words, NOW, zone, language)
    assert found is not None, words
    if 0 < there.hour < 7 and language != "fr":
        # “5:30” of a person is mostly meant in the afternoon: asked, not assumed.
        assert found.is_ambiguous
        return
    if found.reason == "half_day_guess":
        assert there.hour < 7
        return
    assert found.start == moment or found.reason == "repeated_hour"


@given(MOMENTS, st.sampled_from(sorted(SITE_ZONES)))
def test_digits_are_read_back_too(moment: datetime, zone: str) -> None:
    there = formats.local(moment, zone)
    if there.date() <= formats.local(NOW, zone).date():
        return
    found = read_moment(formats.short_date_and_clock(moment, zone), NOW, zone)
    assert found is not None
    assert found.start == moment or found.reason in ("repeated_hour", "half_day_guess")


@given(
    st.dates(datetime(2026, 3, 19).date(), datetime(2035, 1, 1).date()),  # noqa: DTZ001
    st.integers(0, 23),
    st.integers(0, 59),
    st.sampled_from(sorted(SITE_ZONES)),
)
def test_a_local_time_that_does_not_exist_is_never_taken_for_sure(
    day: object, hour: int, minute: int, zone: str
) -> None:
    text = f"{day} {hour:02d}:{minute:02d}"
    found = read_moment(text, NOW, zone)
    assert found is not None
    back = found.start.astimezone(ZoneInfo(zone))
    if f"{back:%Y-%m-%d %H:%M}" != text:
        assert found.reason == "skipped_hour"
        assert abs(back.utcoffset() or timedelta()) <= timedelta(hours=14)


@given(
    st.integers(100_000, 99_999_999).map(str), st.sampled_from(["+33", "+34", "+262"])
)
def test_a_phone_shown_is_a_phone_read(digits: str, prefix: str) -> None:
    outcome = Phone().check(prefix + digits, Context())
    if isinstance(outcome, Accepted):
        shown = formats.phone(str(outcome.value))
        assert Phone().check(shown, Context()) == outcome


@given(st.decimals(-(10**9), 10**9, places=3), st.sampled_from(LANGUAGES))
def test_a_number_keeps_its_digits(value: Decimal, language: str) -> None:
    shown = formats.number(value, language)
    assert [c for c in shown if c.isdigit()] == [
        c for c in f"{abs(value):f}" if c.isdigit()
    ]


@given(st.text(alphabet="ab :;!?«»%'12h\u00a0/.", max_size=60))
def test_setting_french_twice_is_setting_it_once(text: str) -> None:
    once = formats.typographic(text)
    assert formats.typographic(once) == once
    plain = str.maketrans("\u00a0\u2019", " '")
    assert text.translate(plain) == once.translate(plain)
