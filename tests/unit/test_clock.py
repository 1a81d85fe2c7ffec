"""The real clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from azbot.clock import SystemClock


async def test_now_is_aware_and_utc() -> None:
    assert SystemClock().now().utcoffset() == timedelta(0)


async def test_a_past_instant_is_not_slept_for() -> None:
    clock = SystemClock()
    await clock.sleep_until(clock.now() - timedelta(days=1))


async def test_a_short_sleep_ends_at_its_instant_or_after() -> None:
    clock = SystemClock()
    when = clock.now() + timedelta(milliseconds=2)
    await clock.sleep_until(when)
    assert clock.now() >= when


async def test_a_naive_instant_is_refused() -> None:
    naive = datetime(2026, 3, 2, tzinfo=UTC).replace(tzinfo=None)
    with pytest.raises(ValueError, match="time zone"):
        await SystemClock().sleep_until(naive)
