from __future__ import annotations

from datetime import UTC, datetime, timedelta

from azbot.ports import Rate

NOW = datetime(2026, 3, 25, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
RATE = Rate(SECOND, 3)


def test_after_a_rest_some_go_at_once_and_then_one_each_second() -> None:
    free_at: datetime | None = None
    went: list[datetime] = []
    for _ in range(3):
        assert RATE.room(free_at, NOW) == 3 - len(went)
        free_at = RATE.after(free_at, NOW, 1)
        went.append(free_at)
    assert RATE.room(free_at, NOW) == 0
    assert free_at == NOW + SECOND
    assert RATE.room(free_at, NOW + SECOND) == 1


def test_a_rest_gives_back_what_was_taken_and_no_more() -> None:
    free_at = RATE.after(None, NOW, 3)
    assert RATE.room(free_at, NOW + 2 * SECOND) == 2
    assert RATE.room(free_at, NOW + timedelta(days=1)) == 3


def test_who_takes_more_than_there_is_waits_the_longer() -> None:
    assert RATE.after(None, NOW, 5) == NOW + 3 * SECOND


def test_what_did_not_happen_gives_its_place_back() -> None:
    free_at = RATE.after(None, NOW, 3)
    assert RATE.room(RATE.after(free_at, NOW, -1), NOW) == 1
    assert RATE.room(RATE.after(free_at, NOW, -3), NOW) == 3
