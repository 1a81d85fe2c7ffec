from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from azbot.delivery.invites import Method, Visit, invitation

VISIT = Visit(
    uid="1.2.3.k1abcdefghijklmnop@example.fr",
    sequence=0,
    starts_at=datetime(2026, 3, 25, 13, tzinfo=timezone(timedelta(hours=1))),
    ends_at=datetime(2026, 3, 25, 15, tzinfo=timezone(timedelta(hours=1))),
    stamped_at=datetime(2026, 3, 20, 9, 30, tzinfo=UTC),
    summary="Intervention : mise en service à Évry",
    location="18 rue des Charmettes, 69100 Villeurbanne",
    description="Froid Rhône Services ; 01 99 00 12 34\nÀ prévoir : accès, signataire",
    organizer="support@example.fr",
    organizer_name="Support technique",
    attendee="sophie@client.example",
    attendee_name='Sophie "So" Martin',
)


def event_in(octets: bytes) -> Any:
    calendar = icalendar.Calendar.from_ical(octets)
    [event] = calendar.walk("VEVENT")
    return event


def test_a_visit_is_an_event_that_asks_for_an_answer() -> None:
    octets = invitation(VISIT)
    event = event_in(octets)

    assert b"METHOD:REQUEST\r\n" in octets
    assert event["UID"] == VISIT.uid
    assert event["SEQUENCE"] == 0
    assert event.decoded("DTSTART") == datetime(2026, 3, 25, 12, tzinfo=UTC)
    assert event.decoded("DTEND") == datetime(2026, 3, 25, 14, tzinfo=UTC)
    assert event["SUMMARY"] == VISIT.summary
    assert event["LOCATION"] == VISIT.location
    assert event["DESCRIPTION"] == VISIT.description
    assert event["ORGANIZER"] == "mailto:support@example.fr"
    assert event["ORGANIZER"].params["CN"] == "Support technique"
    assert event["ATTENDEE"] == "mailto:sophie@client.example"
    assert event["ATTENDEE"].params["RSVP"] == "TRUE"
    assert event["ATTENDEE"].params["PARTSTAT"] == "NEEDS-ACTION"
    assert event["STATUS"] == "CONFIRMED"


def test_instants_are_in_utc_without_a_zone_of_their_own() -> None:
    octets = invitation(VISIT)

    assert b"DTSTART:20260325T120000Z\r\n" in octets
    assert b"VTIMEZONE" not in octets


def test_the_night_the_clocks_change_keeps_its_instant() -> None:
    summer = timezone(timedelta(hours=2))
    visit = replace(
        VISIT,
        starts_at=datetime(2026, 3, 29, 3, tzinfo=summer),
        ends_at=datetime(2026, 3, 29, 4, tzinfo=summer),
    )

    assert b"DTSTART:20260329T010000Z" in invitation(visit)


def test_a_moved_visit_changes_the_same_event() -> None:
    moved = replace(VISIT, sequence=1, starts_at=VISIT.starts_at + timedelta(hours=1))
    before, after = event_in(invitation(VISIT)), event_in(invitation(moved))

    assert before["UID"] == after["UID"]
    assert (before["SEQUENCE"], after["SEQUENCE"]) == (0, 1)


def test_a_cancelled_visit_takes_the_event_away() -> None:
    octets = invitation(replace(VISIT, sequence=2), Method.CANCEL)
    event = event_in(octets)

    assert b"METHOD:CANCEL\r\n" in octets
    assert event["UID"] == VISIT.uid
    assert event["STATUS"] == "CANCELLED"
    assert b"VALARM" not in octets
    assert b"RSVP" not in octets


def test_the_page_of_the_assistance_is_linked() -> None:
    url = "https://sav.example.fr/d/abc;1,2"

    assert event_in(invitation(replace(VISIT, url=url)))["URL"] == url


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"starts_at": datetime(2026, 3, 25)}, "aware"),  # noqa: DTZ001
        ({"ends_at": VISIT.starts_at}, "ends"),
        ({"sequence": -1}, "sequence"),
        ({"organizer": "support"}, "address"),
        ({"attendee": "a@x\r\nDTSTART:1"}, "address"),
        ({"attendee": ""}, "address"),
        ({"uid": "a b"}, "UID"),
        ({"url": "https://x\r\nATTENDEE:y"}, "URL"),
        ({"language": "fr:x"}, "language"),
    ],
)
def test_what_no_calendar_takes_is_refused(change: dict[str, Any], what: str) -> None:
    with pytest.raises(ValueError, match=what):
        invitation(replace(VISIT, **change))


@pytest.mark.parametrize("method", [Method.PUBLISH, Method.CANCEL])
def test_who_is_not_asked_for_an_answer_needs_no_address(method: Method) -> None:
    assert b"ATTENDEE" not in invitation(replace(VISIT, attendee=""), method)


words = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]))


@given(words, words, words)
def test_any_words_read_back_in_short_lines(
    summary: str, description: str, name: str
) -> None:
    visit = replace(VISIT, summary=summary, description=description, attendee_name=name)
    octets = invitation(visit)
    event = event_in(octets)

    assert event["SUMMARY"] == summary
    assert event["DESCRIPTION"] == description
    for line in octets.split(b"\r\n"):
        assert len(line) <= 75
        assert b"\n" not in line
        assert b"\r" not in line
        line.decode("utf-8")


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_no_words_add_a_line_of_their_own(text: str) -> None:
    visit = replace(VISIT, summary=text, location=text, attendee_name=text)
    unfolded = invitation(visit).replace(b"\r\n ", b"").split(b"\r\n")

    assert len(unfolded) == len(invitation(VISIT).replace(b"\r\n ", b"").split(b"\r\n"))
