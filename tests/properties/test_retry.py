from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from azbot.delivery.retry import LETTERS, RetryAt, next_attempt
from azbot.errors import TemporaryFailure

PATIENCE = LETTERS.ends_after
FIRST = datetime(2026, 3, 25, 12, tzinfo=UTC)
pauses = st.none() | st.timedeltas(timedelta(days=-1), timedelta(days=5))


@given(st.integers(1, 10_000), pauses, st.timedeltas(timedelta(), PATIENCE), st.text())
def test_a_retry_is_later_than_now_and_within_two_days(
    attempts: int, asked: timedelta | None, passed: timedelta, seed: str
) -> None:
    now = FIRST + passed
    answer = next_attempt(attempts, TemporaryFailure("x", asked), FIRST, now, seed)

    if isinstance(answer, RetryAt):
        assert now < answer.at <= FIRST + PATIENCE
        assert asked is None or answer.at >= now + asked
    else:
        assert passed == PATIENCE or (
            asked is not None and now + asked > FIRST + PATIENCE
        )


@given(st.integers(1, 100), st.text())
def test_the_same_row_always_gets_the_same_answer(attempts: int, seed: str) -> None:
    failure = TemporaryFailure("x")
    answers = {next_attempt(attempts, failure, FIRST, FIRST, seed) for _ in range(3)}

    assert len(answers) == 1


@given(st.text())
def test_a_service_that_never_recovers_is_left_at_last(
    seed: str,
) -> None:
    now, attempts, failure = FIRST, 1, TemporaryFailure("x")
    while True:
        answer = next_attempt(attempts, failure, FIRST, now, seed)
        if not isinstance(answer, RetryAt):
            break
        now, attempts = answer.at, attempts + 1

    assert now == FIRST + PATIENCE
    assert 25 <= attempts <= 40
