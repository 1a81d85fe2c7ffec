from __future__ import annotations

from datetime import timedelta

import pytest

from azbot.workflow import commands as c
from azbot.workflow.decision import Audience, Decision, NoticeKind
from azbot.workflow.model import Actor, Assistance, InterventionStatus, Status
from tests.unit.workflow.stages import (
    AGENT,
    CLIENT,
    CONTACT,
    FORM,
    LATER_AT,
    NOW,
    STATION,
    STRANGER,
    UNSOLVED,
    VISIT_AT,
    assigned,
    decided,
    done,
    kinds,
    on_site,
    one,
    planned,
    play,
    refused,
    signatures,
    signed,
    to_approve,
    underway,
)

PLAN = c.ScheduleIntervention(VISIT_AT)
MOVE = c.ScheduleIntervention(LATER_AT, reason="pièce en retard")


def statuses(it: Assistance) -> list[str]:
    return [i.status.value for i in it.interventions]


def two_planned() -> Assistance:
    """Two visits with a date, a week apart."""
    return play(
        planned(),
        [
            (c.AddIntervention("deuxième étage"), AGENT),
            (c.ScheduleIntervention(LATER_AT), AGENT),
        ],
    )


# --- planning -------------------------------------------------------------------


def test_a_first_visit_needs_nobodys_consent() -> None:
    decision = decided(underway(), PLAN, STATION)

    assert decision.assistance.is_dated
    assert kinds(decision) == [
        NoticeKind.PLANNED,
        NoticeKind.PLANNED,
        NoticeKind.MISSION_PLANNED,
    ]
    assert [n.to for n in decision.notices] == [
        Audience.REQUESTER,
        Audience.CONTACT,
        Audience.STATION,
    ]
    assert {n.files for n in decision.notices} == {("invite:1",)}


def test_the_same_date_again_changes_nothing() -> None:
    assert decided(planned(), PLAN, STATION).history == ()
    again = c.ScheduleIntervention(LATER_AT)
    assert decided(to_approve(), again, STATION).history == ()


def test_a_planned_visit_moves_with_a_reason_the_client_reads() -> None:
    decision = decided(planned(), MOVE, STATION)

    facts = one(decision, NoticeKind.MOVED, Audience.REQUESTER).facts
    assert facts["before"] == VISIT_AT.isoformat()
    assert facts["planned_at"] == LATER_AT.isoformat()
    assert facts["reason"] == "pièce en retard"
    assert facts["sequence"] == 1
    assert refused(planned(), c.ScheduleIntervention(LATER_AT), STATION).code == (
        "reason_needed"
    )


@pytest.mark.parametrize(
    ("after", "code"),
    [
        (timedelta(minutes=-5, seconds=-1), "date_past"),
        (timedelta(minutes=-5), ""),
        (timedelta(days=365), ""),
        (timedelta(days=365, seconds=1), "date_too_far"),
    ],
)
def test_a_date_lies_between_now_and_next_year(after: timedelta, code: str) -> None:
    command = c.ScheduleIntervention(NOW + after)

    if code:
        assert refused(underway(), command, STATION).code == code
    else:
        assert decided(underway(), command, STATION).history


@pytest.mark.parametrize(
    ("lasts", "is_fine"),
    [
        (timedelta(minutes=4), False),
        (timedelta(minutes=5), True),
        (timedelta(days=1), True),
        (timedelta(days=1, minutes=1), False),
        (timedelta(hours=-2), False),
    ],
)
def test_a_visit_lasts_minutes_to_a_day(lasts: timedelta, is_fine: bool) -> None:
    command = c.ScheduleIntervention(VISIT_AT, lasts=lasts)

    if is_fine:
        assert decided(underway(), command, STATION).history
    else:
        assert refused(underway(), command, STATION).code == "bad_duration"


def test_a_visit_that_has_begun_is_not_planned_any_more() -> None:
    assert refused(on_site(), MOVE, STATION, VISIT_AT).code == "wrong_visit_status"
    named = c.ScheduleIntervention(LATER_AT, number=9)
    assert refused(planned(), named, STATION).code == "unknown_visit"
    assert refused(assigned(), PLAN, STATION).code == "wrong_status"


# --- follow-up visits ------------------------------------------------------------


def unplanned_follow_up() -> Assistance:
    return play(signed(**UNSOLVED), [(c.FinishIntervention(), STATION)], VISIT_AT)


def test_a_follow_up_date_of_the_station_waits_for_the_desk() -> None:
    decision = decided(
        unplanned_follow_up(), c.ScheduleIntervention(LATER_AT), STATION, VISIT_AT
    )

    assert statuses(decision.assistance) == ["finished", "to_approve"]
    assert kinds(decision, Audience.REQUESTER) == []
    assert kinds(decision, Audience.CONTACT) == []
    assert one(decision, NoticeKind.DESK, Audience.DESK).facts["what"] == "to_approve"
    pending = one(decision, NoticeKind.MISSION_PLANNED, Audience.STATION)
    assert pending.facts["is_pending"] is True
    assert pending.files == ()


def test_the_client_hears_of_a_follow_up_once_it_is_approved() -> None:
    decision = decided(to_approve(), c.ApproveIntervention(), AGENT, VISIT_AT)

    facts = one(decision, NoticeKind.FOLLOW_UP, Audience.REQUESTER).facts
    assert facts["rank"] == 2
    assert facts["remaining"] == "Registre chambre 2"
    assert facts["planned_at"] == LATER_AT.isoformat()
    told = one(decision, NoticeKind.FOLLOW_UP_DECIDED, Audience.STATION)
    assert told.facts["is_approved"] is True
    assert told.files == ("invite:2",)


def test_the_desk_may_approve_another_date_than_proposed() -> None:
    other = LATER_AT + timedelta(days=1)
    for command in (
        c.ApproveIntervention(planned_at=other),
        c.ScheduleIntervention(other),
    ):
        decision = decided(to_approve(), command, AGENT, VISIT_AT)
        told = one(decision, NoticeKind.FOLLOW_UP_DECIDED, Audience.STATION).facts
        assert told["proposed_at"] == LATER_AT.isoformat()
        assert told["planned_at"] == other.isoformat()


def test_a_proposed_date_that_has_passed_cannot_be_approved() -> None:
    late = LATER_AT + timedelta(hours=1)

    assert (
        refused(to_approve(), c.ApproveIntervention(), AGENT, late).code == "date_past"
    )


def test_declining_sends_the_date_back_to_the_station_alone() -> None:
    decision = decided(
        to_approve(), c.DeclineIntervention("trop tard"), AGENT, VISIT_AT
    )

    told = one(decision, NoticeKind.FOLLOW_UP_DECIDED, Audience.STATION).facts
    assert (told["is_approved"], told["reason"]) == (False, "trop tard")
    assert told["proposed_at"] == LATER_AT.isoformat()
    assert kinds(decision) == [NoticeKind.FOLLOW_UP_DECIDED]
    assert statuses(decision.assistance) == ["finished", "unplanned"]
    assert refused(to_approve(), c.DeclineIntervention(" ")).code == "reason_needed"


def test_the_station_may_propose_another_date_before_the_desk_answers() -> None:
    other = c.ScheduleIntervention(LATER_AT + timedelta(days=2))
    it = play(to_approve(), [(other, STATION)], VISIT_AT)

    assert it.interventions[1].planned_at == LATER_AT + timedelta(days=2)
    assert statuses(it) == ["finished", "to_approve"]


def test_the_desk_plans_a_follow_up_itself_without_asking_itself() -> None:
    decision = decided(
        unplanned_follow_up(), c.ScheduleIntervention(LATER_AT), AGENT, VISIT_AT
    )

    assert kinds(decision, Audience.REQUESTER) == [NoticeKind.FOLLOW_UP]


def test_an_approved_follow_up_moves_like_any_planned_visit() -> None:
    it = play(to_approve(), [(c.ApproveIntervention(), AGENT)], VISIT_AT)
    other = c.ScheduleIntervention(LATER_AT + timedelta(days=1), reason="route fermée")
    decision = decided(it, other, STATION, VISIT_AT)

    assert kinds(decision, Audience.REQUESTER) == [NoticeKind.MOVED]


# --- more visits -----------------------------------------------------------------


def test_a_visit_may_be_added_while_another_has_its_date() -> None:
    decision = decided(planned(), c.AddIntervention("deuxième étage"))

    assert statuses(decision.assistance) == ["planned", "unplanned"]
    wanted = one(decision, NoticeKind.DATE_WANTED, Audience.STATION).facts
    assert wanted["reason"] == "deuxième étage"


def test_only_one_visit_at_a_time_awaits_its_date() -> None:
    stop = refused(underway(), c.AddIntervention("deuxième étage"))

    assert (stop.code, stop.facts) == ("visit_pending", {"number": 1})
    assert refused(planned(), c.AddIntervention(" ")).code == "reason_needed"
    assert refused(done(), c.AddIntervention("x")).code == "wrong_status"


def test_a_date_without_a_number_is_for_the_visit_that_awaits_one() -> None:
    it = play(planned(), [(c.AddIntervention("deuxième étage"), AGENT)])
    it = play(it, [(c.ScheduleIntervention(LATER_AT), AGENT)])

    assert [i.planned_at for i in it.interventions] == [VISIT_AT, LATER_AT]
    assert statuses(it) == ["planned", "planned"]


def test_of_two_planned_visits_the_sooner_is_meant() -> None:
    it = two_planned()

    assert it.visit is not None
    assert it.visit.number == 1
    arrived = play(it, [(c.ArriveOnSite(), STATION)], VISIT_AT)
    assert statuses(arrived) == ["underway", "planned"]
    moved = play(it, [(c.ScheduleIntervention(LATER_AT, number=1, reason="x"), AGENT)])
    assert moved.interventions[0].planned_at == LATER_AT


def end(it: Assistance, **answers: object) -> Decision:
    it = play(
        it,
        [
            (c.ArriveOnSite(1), STATION),
            (c.SaveInterventionForm({**FORM, **answers}, 1), STATION),
            *signatures(1),
        ],
        VISIT_AT,
    )
    return decided(it, c.FinishIntervention(1), STATION, VISIT_AT)


def test_a_solved_problem_drops_what_was_still_planned() -> None:
    decision = end(two_planned())

    assert statuses(decision.assistance) == ["finished", "cancelled"]
    assert decision.assistance.status is Status.DONE
    assert kinds(decision, Audience.REQUESTER) == [
        NoticeKind.VISIT_CANCELLED,
        NoticeKind.FINISHED,
    ]
    assert decision.notices[0].files == ("cancel:2",)


def test_an_unsolved_problem_goes_on_with_the_visit_that_is_there() -> None:
    decision = end(two_planned(), **UNSOLVED)

    assert statuses(decision.assistance) == ["finished", "planned"]


def test_a_proposed_date_goes_to_the_visit_that_awaits_one() -> None:
    it = play(planned(), [(c.AddIntervention("deuxième étage"), AGENT)])
    proposal = {"next_visit": True, "next_visit_at": LATER_AT.isoformat()}
    decision = end(it, **{**UNSOLVED, **proposal})

    assert statuses(decision.assistance) == ["finished", "to_approve"]


def test_a_proposed_date_besides_a_planned_visit_is_one_more_visit() -> None:
    proposal = {
        "next_visit": True,
        "next_visit_at": (LATER_AT + timedelta(days=3)).isoformat(),
    }
    decision = end(two_planned(), **{**UNSOLVED, **proposal})

    assert statuses(decision.assistance) == ["finished", "planned", "to_approve"]


# --- dropping --------------------------------------------------------------------


def test_dropping_the_only_visit_leaves_one_that_awaits_a_date() -> None:
    decision = decided(planned(), c.CancelIntervention("client absent"))

    assert statuses(decision.assistance) == ["cancelled", "unplanned"]
    for audience in (Audience.REQUESTER, Audience.CONTACT, Audience.STATION):
        gone = one(decision, NoticeKind.VISIT_CANCELLED, audience)
        assert gone.files == ("cancel:1",)
        assert gone.facts["sequence"] == 1
        assert gone.facts["reason"] == "client absent"
        assert not gone.is_optional
    assert kinds(decision)[-1] is NoticeKind.DATE_WANTED


def test_dropping_one_of_two_adds_none() -> None:
    it = play(two_planned(), [(c.CancelIntervention("inutile", 2), AGENT)])

    assert statuses(it) == ["planned", "cancelled"]


def test_a_visit_added_by_mistake_can_be_dropped_again() -> None:
    it = play(planned(), [(c.AddIntervention("deuxième étage"), AGENT)])
    decision = decided(it, c.CancelIntervention("erreur", 2))

    assert statuses(decision.assistance) == ["planned", "cancelled"]
    assert decision.notices == ()


def test_the_only_visit_without_a_date_cannot_be_dropped() -> None:
    stop = refused(underway(), c.CancelIntervention("x"))

    assert stop.code == "wrong_visit_status"
    assert refused(planned(), c.CancelIntervention(" ")).code == "reason_needed"


def test_dropping_a_proposed_follow_up_is_told_to_the_station_alone() -> None:
    decision = decided(to_approve(), c.CancelIntervention("inutile"), AGENT, VISIT_AT)

    assert kinds(decision) == [NoticeKind.FOLLOW_UP_DECIDED, NoticeKind.DATE_WANTED]
    assert {n.to for n in decision.notices} == {Audience.STATION}


def test_dropping_a_visit_nobody_had_planned_tells_the_station_on_site() -> None:
    it = play(underway(), [(c.ArriveOnSite(), STATION)])
    decision = decided(it, c.CancelIntervention("mauvais chantier"))

    gone = one(decision, NoticeKind.VISIT_CANCELLED, Audience.STATION)
    assert gone.facts["planned_at"] == NOW.isoformat()
    assert gone.files == ()
    assert kinds(decision, Audience.REQUESTER) == []


# --- another date ----------------------------------------------------------------


@pytest.mark.parametrize("who", [CLIENT, CONTACT])
def test_another_date_goes_to_the_desk_and_is_copied_to_the_station(
    who: Actor,
) -> None:
    decision = decided(planned(), c.AskOtherDate("plutôt vendredi"), who)

    assert kinds(decision) == [
        NoticeKind.OTHER_DATE,
        NoticeKind.MISSION_OTHER_DATE,
        NoticeKind.DESK,
    ]
    assert all(n.facts["text"] == "plutôt vendredi" for n in decision.notices)
    assert decision.assistance.visit == planned().visit


def test_another_date_needs_a_visit_that_has_one() -> None:
    ask = c.AskOtherDate("plutôt vendredi")

    assert refused(underway(), ask, CLIENT).code == "no_planned_visit"
    assert refused(planned(), ask, STRANGER).code == "not_yours"


def test_statuses_of_a_visit_sort_by_what_presses() -> None:
    it = play(two_planned(), [(c.ArriveOnSite(2), STATION)], VISIT_AT)

    assert [i.number for i in it.open_visits] == [2, 1]
    assert it.visit is not None
    assert it.visit.status is InterventionStatus.UNDERWAY
