from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from azbot.ports import Rate

NOW = datetime(2026, 3, 25, 12, tzinfo=UTC)
rates = st.builds(
    Rate,
    st.timedeltas(timedelta(milliseconds=1), timedelta(seconds=10)),
    st.integers(1, 40),
)
rests = st.lists(st.timedeltas(timedelta(), timedelta(seconds=30)), max_size=60)


@given(rates, rests, st.timedeltas(timedelta(milliseconds=1), timedelta(minutes=2)))
def test_no_stretch_of_time_sees_more_than_the_rate_says(
    rate: Rate, rests: list[timedelta], stretch: timedelta
) -> None:
    now, free_at, went = NOW, None, []
    for rest in rests:
        now += rest
        room = rate.room(free_at, now)
        if room:
            free_at = rate.after(free_at, now, room)
            went += [now] * room
    for start in went:
        within = sum(start <= at < start + stretch for at in went)
        assert within <= rate.burst + stretch / rate.every


@given(rates, rests)
def test_whoever_waits_until_it_is_free_finds_room(
    rate: Rate, rests: list[timedelta]
) -> None:
    now, free_at = NOW, None
    for rest in rests:
        now = max(now + rest, free_at or now)
        assert 1 <= rate.room(free_at, now) <= rate.burst
        free_at = rate.after(free_at, now, 1)
