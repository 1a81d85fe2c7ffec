"""What a page has been told, as a text it sends back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azbot.channels.web.live.marks import LOOK_BACK, Cursor, Mark, read_mark

NOW = Mark(Cursor(900), Cursor(70))


def test_a_number_that_comes_late_is_still_missing_until_it_comes() -> None:
    cursor = Cursor(6).with_seen([8])
    assert not cursor.has(7)
    assert cursor.with_seen([7]) == Cursor(8)


def test_a_mark_says_what_was_missing() -> None:
    mark = Mark(Cursor(6).with_seen([8, 10]), Cursor(45))
    assert str(mark) == "10-3-1.45"
    assert read_mark("10-3-1.45", NOW) == mark


def test_the_bare_number_of_an_event_is_a_mark() -> None:
    assert read_mark("812", NOW) == Mark(Cursor(812), Cursor(70))


@pytest.mark.parametrize(
    "text", ["", "x", "-1", "1.", "1.2.3", "1" * 19, "5--1", "8-1 .4", "9" + "-1" * 65]
)
def test_what_never_was_a_mark_is_none(text: str) -> None:
    assert read_mark(text, NOW) is None


def test_numbers_that_were_never_used_are_given_up() -> None:
    cursor = Cursor(6).with_seen([9])
    assert cursor.settled(7) == Cursor(9, frozenset({8}))
    assert cursor.settled(8) == Cursor(9)


def test_who_begins_now_looks_for_what_is_still_being_committed() -> None:
    assert Cursor.behind([12, 11, 9]) == Cursor(12, frozenset({10}))
    assert Cursor.behind([]) == Cursor()


def test_a_leap_is_no_reason_to_look_for_everything_between() -> None:
    cursor = Cursor(6).with_seen([1_000_000])
    assert len(cursor.missing) == LOOK_BACK
    assert cursor.has(1000)


@given(st.permutations(range(1, 30)), st.integers(0, 28))
def test_in_whatever_order_they_come_each_is_seen_once(
    numbers: list[int], told: int
) -> None:
    cursor = Cursor().with_seen(numbers[:told])
    # The text survives a journey through another process.
    back = read_mark(f"{cursor}.0", NOW)
    assert back is not None
    assert back.events == cursor
    assert [n for n in numbers if not cursor.has(n)] == numbers[told:]
    assert cursor.with_seen(numbers[told:]) == Cursor(29)
