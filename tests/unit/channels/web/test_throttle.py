"""Wrong tokens cost time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from azbot.channels.web.throttle import Throttle

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def test_an_address_waits_once_its_tries_are_used_up() -> None:
    throttle = Throttle(3, timedelta(minutes=1))
    for second in range(3):
        assert not throttle.wait("a", NOW + second * SECOND)
        throttle.fail("a", NOW + second * SECOND)
    assert throttle.wait("a", NOW + 3 * SECOND) == timedelta(seconds=57)
    assert not throttle.wait("b", NOW + 3 * SECOND)


def test_the_window_slides() -> None:
    throttle = Throttle(2, timedelta(minutes=1))
    throttle.fail("a", NOW)
    throttle.fail("a", NOW + 30 * SECOND)
    assert throttle.wait("a", NOW + 59 * SECOND) == SECOND
    assert not throttle.wait("a", NOW + 60 * SECOND)
    throttle.fail("a", NOW + 61 * SECOND)
    assert throttle.wait("a", NOW + 62 * SECOND)


def test_a_flood_of_addresses_does_not_fill_the_memory() -> None:
    throttle = Throttle(1, timedelta(minutes=1))
    for number in range(10_050):
        throttle.fail(f"10.0.{number}", NOW)
    assert not throttle.wait("10.0.0", NOW)
    assert throttle.wait("10.0.10049", NOW)
