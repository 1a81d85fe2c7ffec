from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from azbot.workflow import commands as c
from azbot.workflow.commands import COMMANDS, Command
from azbot.workflow.deadlines import Rules, timers
from azbot.workflow.decide import decide
from azbot.workflow.decision import NoticeKind, Refusal
from azbot.workflow.events import MessageAdded, evolve
from azbot.workflow.model import Assistance, InterventionStatus, Status
from tests.unit.workflow.samples import SAMPLES
from tests.unit.workflow.stages import (
    AGENT,
    CLIENT,
    LATER_AT,
    NOW,
    RULES,
    STAGES,
    STATION,
    SYSTEM,
    VISIT_AT,
    assigned,
    closed,
    decided,
    done,
    incomplete,
    kinds,
    opening,
    planned,
    play,
    refused,
    submitted,
    waiting,
)


def test_the_matrix_knows_every_command() -> None:
    assert sorted(type(command).__name__ for command, _ in SAMPLES) == sorted(COMMANDS)


def test_only_opening_begins_a_life() -> None:
    for command, actor in SAMPLES:
        if not isinstance(command, c.OpenAssistance):
            outcome = decide(None, command, actor, NOW, RULES)
            assert isinstance(outcome, Refusal)


def test_a_life_cannot_begin_with_another_event() -> None:
    with pytest.raises(ValueError, match="cannot begin with MessageAdded"):
        evolve(None, MessageAdded("Bonjour"), NOW)


def test_the_same_arguments_give_the_same_decision() -> None:
    assert decided(done(), c.ConfirmClosing(), CLIENT) == decided(
        done(), c.ConfirmClosing(), CLIENT
    )


def test_history_says_who_when_and_between_which_statuses() -> None:
    decision = decided(None, opening(), CLIENT)

    first = decision.history[0]
    assert (first.before, first.after) == (None, Status.SUBMITTED)
    assert (first.at, first.actor) == (NOW, CLIENT)
    assert decision.history[1].before is Status.SUBMITTED


# --- timers -----------------------------------------------------------------


def run_out(
    it: Assistance, until: datetime, rules: Rules = RULES
) -> tuple[Assistance, list[tuple[str, datetime, tuple[NoticeKind, ...]]]]:
    """Fire every timer when it is due; return the state and what left when."""
    left: list[tuple[str, datetime, tuple[NoticeKind, ...]]] = []
    for _ in range(50):
        due = next(iter(timers(it, rules)), None)
        if due is None or due.due_at > until:
            return it, left
        fire = c.FireTimer(due.kind, due.subject)
        decision = decided(it, fire, SYSTEM, due.due_at, rules)
        left.append((due.kind, due.due_at, tuple(kinds(decision))))
        it = decision.assistance
    pytest.fail("timers go on for ever")


def test_a_waiting_client_is_reminded_twice_then_an_agent_decides() -> None:
    it, left = run_out(waiting(), NOW + timedelta(days=60))

    assert [(k, str(at.date())) for k, at, _ in left] == [
        ("remind_client", "2026-03-25"),
        ("remind_client", "2026-03-30"),
        ("client_silent", "2026-04-01"),
    ]
    assert [n for _, _, n in left] == [
        (NoticeKind.COMPLEMENT_REMINDER,),
        (NoticeKind.COMPLEMENT_REMINDER,),
        (NoticeKind.DESK,),
    ]
    assert it.needs_agent
    assert it.status is Status.WAITING


def test_an_incomplete_request_is_reminded_like_a_waiting_one() -> None:
    _, left = run_out(incomplete(), NOW + timedelta(days=60))

    assert [k for k, _, _ in left] == [
        "remind_client",
        "remind_client",
        "client_silent",
    ]
    assert left[0][2] == (NoticeKind.INCOMPLETE,)


def test_a_complete_request_reminds_nobody() -> None:
    assert timers(submitted(), RULES) == ()


def test_a_silent_station_is_reminded_at_24_and_48_hours_then_the_desk_is_told() -> (
    None
):
    it, left = run_out(assigned(), NOW + timedelta(days=60))

    assert [(k, str(at.date())) for k, at, _ in left] == [
        ("remind_station", "2026-03-24"),
        ("remind_station", "2026-03-25"),
        ("station_silent", "2026-03-26"),
    ]
    assert it.mission is not None
    assert it.mission.is_silent
    assert it.status is Status.ASSIGNED


def test_a_visit_is_announced_the_day_before_and_in_the_morning() -> None:
    it, left = run_out(planned(), LATER_AT)

    assert left == [
        (
            "day_before",
            datetime(2026, 3, 24, 15, tzinfo=NOW.tzinfo),
            (NoticeKind.TOMORROW, NoticeKind.TOMORROW),
        ),
        ("morning", datetime(2026, 3, 25, 6, tzinfo=NOW.tzinfo), (NoticeKind.TODAY,)),
    ]
    assert it.interventions[0].status is InterventionStatus.PLANNED


def test_a_client_who_stays_silent_is_asked_once_more_then_the_case_closes() -> None:
    it, left = run_out(done(), NOW + timedelta(days=60))

    # Three days end on a Saturday; ten days end before Easter Monday.
    assert [(k, str(at.date())) for k, at, _ in left] == [
        ("remind_closing", "2026-03-30"),
        ("close", "2026-04-07"),
    ]
    assert it.status is Status.CLOSED


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (Rules(closing_after=timedelta()), ["remind_closing"]),
        (Rules(closing_reminder_after=timedelta()), ["close"]),
        (
            Rules(closing_after=timedelta(), closing_reminder_after=timedelta()),
            [],
        ),
        (Rules(closing_after=timedelta(days=2)), ["close"]),
    ],
)
def test_zero_means_never_for_the_reminder_and_for_closing(
    rules: Rules, expected: list[str]
) -> None:
    _, left = run_out(done(), NOW + timedelta(days=90), rules)

    assert [k for k, _, _ in left] == expected


def test_a_client_who_writes_after_the_closing_question_is_not_silent() -> None:
    it = play(done(), [(c.AddMessage("Il reste un bruit."), CLIENT)], VISIT_AT)

    assert it.needs_agent
    assert timers(it, RULES) == ()


@pytest.mark.parametrize(
    "answer", [c.AddMessage("Nous regardons."), c.AskClosingAgain()]
)
def test_the_closing_delay_begins_anew_when_the_desk_has_answered(
    answer: Command,
) -> None:
    monday = VISIT_AT + timedelta(days=9)
    it = play(done(), [(c.AddMessage("Il reste un bruit."), CLIENT)], VISIT_AT)
    it = play(it, [(answer, AGENT)], monday)

    assert not it.needs_agent
    assert timers(it, RULES)[-1].kind == "close"
    assert timers(it, RULES)[-1].due_at >= monday + timedelta(days=10)


def test_nothing_closes_by_itself_when_the_closing_question_did_not_arrive() -> None:
    failure = c.RecordDeliveryFailure("sophie@clim-martin.example", "550 unknown")
    it = play(done(), [(failure, SYSTEM)], VISIT_AT)

    assert it.needs_agent
    assert timers(it, RULES) == ()


def test_a_delivery_that_is_only_late_stops_nothing() -> None:
    late = c.RecordDeliveryFailure("a@b.example", "450 later", is_permanent=False)

    assert timers(play(done(), [(late, SYSTEM)], VISIT_AT), RULES)


def test_a_client_who_writes_is_not_reminded_at_once() -> None:
    it, _ = run_out(incomplete(), NOW + timedelta(days=3))
    thursday = NOW + timedelta(days=3)
    it = play(it, [(c.AddMessage("Je cherche la référence."), CLIENT)], thursday)

    assert it.reminded == 0
    assert timers(it, RULES)[0].due_at > thursday + timedelta(days=1)


def test_two_reminders_never_leave_together_after_a_long_stop() -> None:
    back = NOW + timedelta(days=20)
    it = play(waiting(), [(c.FireTimer("remind_client", 1), SYSTEM)], back)

    assert it.reminded == 1
    assert timers(it, RULES)[0].due_at >= back + timedelta(days=3)


def test_a_reminder_by_hand_pushes_the_next_one_back() -> None:
    it = play(waiting(), [(c.RemindClient(), AGENT)], NOW + timedelta(days=1))

    assert timers(it, RULES)[0].due_at >= NOW + timedelta(days=4)


def test_tomorrow_is_not_announced_on_the_day_itself() -> None:
    it = planned()
    fire = c.FireTimer("day_before", 1)

    decision = decided(it, fire, SYSTEM, VISIT_AT - timedelta(hours=3))

    assert decision.notices == ()
    assert "day_before" not in {t.kind for t in decision.timers}


def test_today_is_not_announced_after_the_visit_began() -> None:
    decision = decided(
        planned(), c.FireTimer("morning", 1), SYSTEM, VISIT_AT + timedelta(minutes=1)
    )

    assert decision.notices == ()
    assert "morning" not in {t.kind for t in decision.timers}


def test_a_timer_that_is_not_due_does_nothing() -> None:
    decision = decided(done(), c.FireTimer("close"), SYSTEM, NOW)

    assert decision.history == ()


@pytest.mark.parametrize("kind", ["close", "remind_client", "nonsense", ""])
def test_a_timer_the_state_outgrew_does_nothing(kind: str) -> None:
    later = NOW + timedelta(days=300)

    assert decided(closed(), c.FireTimer(kind), SYSTEM, later).history == ()


@pytest.mark.parametrize("status", [Status.CLOSED, Status.CANCELLED])
def test_what_has_ended_has_no_timer(status: Status) -> None:
    assert timers(STAGES[status](), RULES) == ()


def test_nobody_else_fires_timers() -> None:
    for actor in (CLIENT, STATION, AGENT):
        assert refused(done(), c.FireTimer("close"), actor).code == "not_allowed"
