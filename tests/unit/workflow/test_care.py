from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from azbot.workflow import commands as c
from azbot.workflow import events as e
from azbot.workflow.commands import Command
from azbot.workflow.deadlines import TimerKind, timers
from azbot.workflow.events import evolve
from azbot.workflow.model import (
    PREVIEW,
    Actor,
    Assistance,
    Attention,
    Latest,
    Party,
    RefusalReason,
    Role,
    Status,
)
from tests.unit.workflow.stages import (
    AGENT,
    CAMILLE,
    CLIENT,
    FROID,
    LATER_AT,
    NOW,
    RULES,
    STAGES,
    STATION,
    SYSTEM,
    VISIT_AT,
    after,
    assigned,
    cancelled,
    closed,
    decided,
    done,
    finish_unsolved,
    incomplete,
    planned,
    play,
    refused,
    submitted,
    to_approve,
    underway,
    waiting,
)

WRITES = c.AddMessage("Bonjour, le digicode est 1234.")
BOUNCE = c.RecordDeliveryFailure("sophie@clim-martin.example", "550 unknown")
LATE = c.RecordDeliveryFailure("a@b.example", "450 later", is_permanent=False)


def handled(reach: Callable[[], Assistance]) -> Assistance:
    """A stage where nobody waits."""
    return play(reach(), [(c.MarkHandled(), AGENT)])


def at(it: Assistance, command: Command, actor: Actor, now: datetime) -> Assistance:
    return decided(it, command, actor, now).assistance


# --- what waits -------------------------------------------------------------------


def test_a_new_request_waits_from_its_first_instant() -> None:
    it = submitted()
    assert (it.attention, it.attention_since) == (Attention.NEW, NOW)


@pytest.mark.parametrize(
    ("reach", "command", "actor", "reason"),
    [
        (submitted, WRITES, CLIENT, Attention.MESSAGE),
        (closed, WRITES, CLIENT, Attention.MESSAGE),
        (assigned, WRITES, STATION, Attention.MESSAGE),
        (waiting, WRITES, CLIENT, Attention.COMPLETED),
        (waiting, c.AmendRequest({"maker": "toshiba"}), CLIENT, Attention.COMPLETED),
        (submitted, c.AmendRequest({"maker": "toshiba"}), CLIENT, Attention.COMPLETED),
        (
            assigned,
            c.RefuseMission(RefusalReason.OUT_OF_ZONE),
            STATION,
            Attention.REFUSED,
        ),
        (done, c.RefuseClosing("il fait froid"), CLIENT, Attention.NOT_SOLVED),
        (done, BOUNCE, SYSTEM, Attention.UNDELIVERED),
        (planned, c.AskOtherDate("vendredi"), CLIENT, Attention.OTHER_DATE),
        (planned, c.CancelAssistance("arrêté"), CLIENT, Attention.CANCELLATION),
    ],
)
def test_what_needs_the_desk_puts_it_into_the_queue(
    reach: Callable[[], Assistance], command: Command, actor: Actor, reason: Attention
) -> None:
    it = at(handled(reach), command, actor, after(hours=5))
    assert (it.attention, it.attention_since) == (reason, after(hours=5))


def test_a_visit_without_a_next_date_waits_for_the_desk() -> None:
    it = finish_unsolved().assistance
    assert it.attention is Attention.TO_PLAN


def test_silence_after_the_last_reminder_waits_for_the_desk() -> None:
    it = handled(waiting)
    for _ in range(3):
        due = timers(it, RULES)[0]
        it = at(it, c.FireTimer(due.kind, due.subject), SYSTEM, due.due_at)
    assert it.attention is Attention.UNANSWERED


@pytest.mark.parametrize(
    ("reach", "command", "actor"),
    [
        (submitted, c.AddMessage("Absente.", is_automatic=True), CLIENT),
        (submitted, c.RecordAbsence("Absente."), SYSTEM),
        (done, LATE, SYSTEM),
        (submitted, c.AddNote("à rappeler"), AGENT),
        (incomplete, c.AmendRequest({"maker": "toshiba"}), CLIENT),
        (submitted, c.AmendRequest({"maker": "toshiba"}), AGENT),
        (assigned, c.AcceptMission(), STATION),
        (underway, c.ScheduleIntervention(VISIT_AT), STATION),
        (to_approve, c.ScheduleIntervention(VISIT_AT), STATION),
        (planned, c.AddIntervention("deuxième étage"), AGENT),
        (done, c.ConfirmClosing(), CLIENT),
    ],
)
def test_what_has_another_queue_or_needs_nobody_stays_out(
    reach: Callable[[], Assistance], command: Command, actor: Actor
) -> None:
    assert at(handled(reach), command, actor, NOW).attention is None


@pytest.mark.parametrize(
    ("reach", "command"),
    [
        (submitted, c.AddMessage("Nous regardons.")),
        (submitted, c.AskComplement("une photo")),
        (submitted, c.AssignStation(FROID)),
        (submitted, c.CancelAssistance("arrêté")),
        (submitted, c.MarkHandled()),
        (waiting, c.RemindClient()),
        (assigned, c.WithdrawMission("débordée")),
        (to_approve, c.ApproveIntervention()),
        (to_approve, c.DeclineIntervention("trop tard")),
        (planned, c.ScheduleIntervention(LATER_AT, reason="pièce")),
        (planned, c.CancelIntervention("absent")),
        (done, c.CloseAssistance()),
        (done, c.AskClosingAgain()),
        (closed, c.ReopenAssistance("encore")),
    ],
)
def test_what_the_desk_answers_or_decides_takes_it_out(
    reach: Callable[[], Assistance], command: Command
) -> None:
    it = at(reach(), WRITES, CLIENT, VISIT_AT)
    if reach is waiting:  # the message completed it
        it = play(it, [(c.AskComplement("encore"), AGENT), (c.BringBack(), AGENT)])
    assert it.attention is not None
    taken = at(it, command, AGENT, VISIT_AT)
    assert (taken.attention, taken.attention_since) == (None, None)


@pytest.mark.parametrize(
    "command",
    [
        c.AddNote("à rappeler"),
        c.ChooseOwner(CAMILLE, "Camille"),
        c.SetTags(("garantie",)),
        c.AmendRequest({"maker": "toshiba"}),
    ],
)
def test_looking_at_it_does_not_take_it_out(command: Command) -> None:
    assert at(submitted(), command, AGENT, NOW).attention is Attention.NEW


def test_the_clocks_reminder_is_no_answer_of_the_desk() -> None:
    it = waiting()
    it = at(it, c.BringBack(), AGENT, NOW)
    due = timers(it, RULES)[0]
    it = at(it, c.FireTimer(due.kind, due.subject), SYSTEM, due.due_at)
    assert it.attention is Attention.BY_HAND


def test_the_first_unanswered_reason_says_since_when_the_latest_says_why() -> None:
    it = at(submitted(), WRITES, CLIENT, after(hours=3))
    assert (it.attention, it.attention_since) == (Attention.MESSAGE, NOW)


# --- by hand ----------------------------------------------------------------------


def test_handled_taken_back_waits_as_long_as_before() -> None:
    it = at(submitted(), c.MarkHandled(), AGENT, after(hours=1))
    back = decided(it, c.BringBack(), AGENT, after(hours=2))

    assert (back.assistance.attention, back.assistance.attention_since) == (
        Attention.NEW,
        NOW,
    )
    assert back.history[0].event.is_internal


def test_brought_back_without_a_reason_it_begins_to_wait_now() -> None:
    it = at(closed(), c.BringBack(), AGENT, VISIT_AT)
    assert (it.attention, it.attention_since) == (Attention.BY_HAND, VISIT_AT)


def test_a_reply_forgets_what_was_handled() -> None:
    it = play(handled(submitted), [(c.AddMessage("Merci."), AGENT)])
    it = at(it, c.BringBack(), AGENT, after(hours=1))
    assert it.attention is Attention.BY_HAND


@pytest.mark.parametrize(
    ("reach", "command"),
    [
        (lambda: handled(submitted), c.MarkHandled()),
        (submitted, c.BringBack()),
        (submitted, c.EndSnooze()),
        (submitted, c.ChooseOwner(None, "personne")),
        (submitted, c.SetTags((" ", "|"))),
    ],
)
def test_what_is_so_already_leaves_no_trace(
    reach: Callable[[], Assistance], command: Command
) -> None:
    assert decided(reach(), command).history == ()


# --- snooze -----------------------------------------------------------------------


def snoozed(it: Assistance) -> Assistance:
    return at(it, c.Snooze(LATER_AT), AGENT, NOW)


def test_a_snoozed_one_keeps_its_place_and_comes_back_on_time() -> None:
    it = snoozed(submitted())
    assert (it.attention, it.snoozed_until) == (Attention.NEW, LATER_AT)
    due = timers(it, RULES)[-1]
    assert (due.kind, due.due_at) == (TimerKind.SNOOZE, LATER_AT)

    early = decided(it, c.FireTimer("snooze"), SYSTEM, LATER_AT - timedelta(hours=1))
    assert early.history == ()
    it = at(it, c.FireTimer("snooze"), SYSTEM, LATER_AT)
    assert (it.attention, it.attention_since) == (Attention.NEW, NOW)
    assert it.snoozed_until is None


def test_a_snooze_after_a_reply_brings_it_back_for_its_own_sake() -> None:
    it = snoozed(handled(submitted))
    it = at(it, c.FireTimer("snooze"), SYSTEM, LATER_AT)
    assert (it.attention, it.attention_since) == (Attention.SNOOZE_OVER, LATER_AT)


def test_a_client_who_writes_ends_the_snooze_at_once() -> None:
    it = at(snoozed(handled(submitted)), WRITES, CLIENT, after(days=1))
    assert (it.attention, it.snoozed_until) == (Attention.MESSAGE, None)


def test_a_robot_does_not_end_a_snooze() -> None:
    away = c.AddMessage("Absente.", is_automatic=True)
    assert at(snoozed(submitted()), away, CLIENT, NOW).snoozed_until == LATER_AT


def test_a_reply_keeps_the_snooze_and_the_end_of_it_all_does_not() -> None:
    it = snoozed(submitted())
    assert at(it, c.AddMessage("Merci."), AGENT, NOW).snoozed_until == LATER_AT
    for command in (c.CancelAssistance("arrêté"), c.MarkHandled(), c.EndSnooze()):
        assert at(it, command, AGENT, NOW).snoozed_until is None


@pytest.mark.parametrize("status", list(Status))
def test_any_status_can_be_snoozed(status: Status) -> None:
    it = at(STAGES[status](), c.Snooze(LATER_AT), AGENT, VISIT_AT)
    assert (it.status, it.snoozed_until) == (status, LATER_AT)
    assert TimerKind.SNOOZE in {t.kind for t in timers(it, RULES)}


@pytest.mark.parametrize(
    ("until", "code"),
    [
        (NOW, "date_past"),
        (NOW - timedelta(days=1), "date_past"),
        (NOW + timedelta(days=367), "date_too_far"),
    ],
)
def test_a_snooze_ends_within_a_year_to_come(until: datetime, code: str) -> None:
    assert refused(submitted(), c.Snooze(until)).code == code
    assert decided(submitted(), c.Snooze(NOW + timedelta(seconds=1))).history
    assert decided(submitted(), c.Snooze(NOW + timedelta(days=366))).history


# --- owner and tags ---------------------------------------------------------------


def test_the_history_says_who_looked_after_it_before() -> None:
    it = at(submitted(), c.ChooseOwner(CAMILLE, " Camille  Dupont "), AGENT, NOW)
    assert (it.owner, it.owner_name) == (CAMILLE, "Camille Dupont")
    assert decided(it, c.ChooseOwner(CAMILLE, "Camille Dupont")).history == ()

    freed = decided(it, c.ChooseOwner(None))
    assert freed.history[0].event == e.OwnerChosen(CAMILLE, "Camille Dupont", None, "")
    assert freed.assistance.owner is None


def test_tags_are_tidied_and_counted_once() -> None:
    given = ("  Urgent ", "été", "Été", "URGENT", "a|b", "", "é" * 40)
    it = at(submitted(), c.SetTags(given), AGENT, NOW)
    assert it.tags == ("Urgent", "été", "a b", "é" * 40)
    line = decided(it, c.SetTags(("été",))).history[0].event
    assert line == e.TagsSet(it.tags, ("été",))


def test_tags_have_their_limits() -> None:
    assert refused(submitted(), c.SetTags(("x" * 41,))).code == "tag_too_long"
    many = tuple(f"t{n}" for n in range(21))
    assert refused(submitted(), c.SetTags(many)).code == "too_many_tags"
    assert decided(submitted(), c.SetTags((*many[:20], "T1"))).history


# --- what a list shows ------------------------------------------------------------


def test_the_newest_message_is_previewed_on_one_line() -> None:
    it = at(submitted(), c.AddMessage("Bonjour,\n\n il  fuit."), CLIENT, after(hours=1))
    assert it.latest == Latest(
        "Bonjour, il fuit.", after(hours=1), Role.CLIENT, "email"
    )
    it = at(it, c.AddMessage("mot " * 200), AGENT, after(hours=2))
    assert it.latest is not None
    assert (it.latest.author, it.latest.channel) == (Role.AGENT, "api")
    assert len(it.latest.text) <= PREVIEW
    assert it.latest.text.endswith("mot…")


def test_robots_and_notes_change_neither_preview_nor_unread_count() -> None:
    it = submitted()
    for command, actor in (
        (c.AddMessage("Absente.", is_automatic=True), CLIENT),
        (c.AddNote("à rappeler"), AGENT),
    ):
        assert at(it, command, actor, NOW).latest == it.latest
        assert at(it, command, actor, NOW).inbound == it.inbound


def test_only_what_others_wrote_counts_as_inbound() -> None:
    it = assigned()
    assert it.inbound == 1
    it = play(it, [(WRITES, CLIENT), (WRITES, STATION), (c.AddMessage("Vu."), AGENT)])
    assert it.inbound == 3


# --- whose turn it is -------------------------------------------------------------


@pytest.mark.parametrize(
    ("reach", "party"),
    [
        (submitted, Party.DESK),
        (waiting, Party.CLIENT),
        (assigned, Party.STATION),
        (underway, Party.STATION),
        (to_approve, Party.DESK),
        (done, Party.CLIENT),
        (closed, None),
        (cancelled, None),
    ],
)
def test_one_party_at_a_time_is_awaited(
    reach: Callable[[], Assistance], party: Party | None
) -> None:
    assert reach().clock_of is party


def test_time_is_given_to_whoever_was_awaited() -> None:
    it = at(submitted(), c.AddNote("vu"), AGENT, after(hours=1))
    it = at(it, c.AskComplement("une photo"), AGENT, after(hours=2))
    it = at(it, WRITES, CLIENT, after(hours=10))
    it = at(it, c.AssignStation(FROID), AGENT, after(hours=11))
    it = at(it, c.AcceptMission(), STATION, after(hours=15))

    hour = timedelta(hours=1)
    assert (it.desk_time, it.client_time, it.station_time) == (
        3 * hour,
        8 * hour,
        4 * hour,
    )


def test_a_clock_that_goes_back_takes_no_time_away() -> None:
    it = evolve(submitted(), e.NoteAdded("x"), NOW - timedelta(hours=1))
    assert it.desk_time == timedelta()


@pytest.mark.parametrize(
    ("command", "is_answer"),
    [
        (c.AddMessage("Nous regardons."), True),
        (c.AskComplement("une photo"), True),
        (c.AssignStation(FROID), True),
        (c.AddNote("vu"), False),
        (c.MarkHandled(), False),
    ],
)
def test_the_first_answer_is_what_the_client_hears_of(
    command: Command, is_answer: bool
) -> None:
    it = at(submitted(), command, AGENT, after(hours=1))
    assert it.first_answer_at == (after(hours=1) if is_answer else None)
    it = at(it, c.AddMessage("Encore."), AGENT, after(hours=2))
    assert it.first_answer_at == after(hours=1 if is_answer else 2)
