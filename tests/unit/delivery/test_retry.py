from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from azbot.delivery.retry import LETTERS, GiveUp, Patience, RetryAt, next_attempt
from azbot.errors import PermanentFailure, TemporaryFailure

FIRST = datetime(2026, 3, 25, 12, tzinfo=UTC)
PATIENCE = LETTERS.ends_after
LATER = TemporaryFailure("451 try later")


def test_a_permanent_failure_is_never_tried_again() -> None:
    failure = PermanentFailure("550 unknown")

    assert next_attempt(1, failure, FIRST, FIRST, "a") == GiveUp(
        "550 unknown", "refused"
    )


def test_the_first_retry_comes_after_half_a_minute() -> None:
    answer = next_attempt(1, LATER, FIRST, FIRST, "a")

    assert isinstance(answer, RetryAt)
    assert timedelta(seconds=30) <= answer.at - FIRST <= timedelta(seconds=37.5)


def test_pauses_grow_to_two_hours() -> None:
    answer = next_attempt(50, LATER, FIRST, FIRST, "a")

    assert isinstance(answer, RetryAt)
    assert timedelta(hours=2) <= answer.at - FIRST <= timedelta(hours=2.5)


def test_rows_that_failed_together_do_not_come_back_together() -> None:
    answers = {repr(next_attempt(3, LATER, FIRST, FIRST, str(n))) for n in range(20)}

    assert len(answers) == 20


def test_the_service_may_ask_for_a_longer_pause() -> None:
    asked = TemporaryFailure("450", timedelta(hours=5))

    assert next_attempt(1, asked, FIRST, FIRST, "a") == RetryAt(
        FIRST + timedelta(hours=5)
    )


def test_the_last_attempt_is_made_at_the_end_of_two_days() -> None:
    now = FIRST + PATIENCE - timedelta(seconds=1)

    assert next_attempt(30, LATER, FIRST, now, "a") == RetryAt(FIRST + PATIENCE)


def test_after_two_days_it_is_given_up() -> None:
    answer = next_attempt(30, LATER, FIRST, FIRST + PATIENCE, "a")

    assert answer == GiveUp("451 try later", "out_of_time")


def test_a_pause_beyond_two_days_is_given_up_at_once() -> None:
    asked = TemporaryFailure("450", PATIENCE + timedelta(seconds=1))

    assert next_attempt(1, asked, FIRST, FIRST, "a") == GiveUp("450", "out_of_time")


def test_who_waits_for_an_answer_is_given_one_sooner_or_never() -> None:
    hasty = Patience(timedelta(seconds=1), timedelta(seconds=4), timedelta(seconds=20))
    first = next_attempt(1, LATER, FIRST, FIRST, "a", hasty)
    ninth = next_attempt(9, LATER, FIRST, FIRST, "a", hasty)
    assert isinstance(first, RetryAt)
    assert isinstance(ninth, RetryAt)

    assert timedelta(seconds=1) <= first.at - FIRST <= timedelta(seconds=1.25)
    assert timedelta(seconds=4) <= ninth.at - FIRST <= timedelta(seconds=5)
    end = FIRST + timedelta(seconds=20)
    assert next_attempt(9, LATER, FIRST, end, "a", hasty) == GiveUp(
        "451 try later", "out_of_time"
    )


def test_attempts_start_at_one() -> None:
    with pytest.raises(ValueError, match="attempts"):
        next_attempt(0, LATER, FIRST, FIRST, "a")
