from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from azbot.workflow import commands as c
from azbot.workflow.decision import Audience, NoticeKind
from azbot.workflow.model import (
    InterventionStatus,
    MissionStatus,
    RefusalReason,
    Status,
)
from tests.unit.workflow.stages import (
    AGENT,
    CLIENT,
    FROID,
    NOW,
    OTHER_STA,
    OTHER_STATION,
    STATION,
    Stage,
    assigned,
    decided,
    incomplete,
    kinds,
    on_site,
    one,
    planned,
    play,
    refused,
    submitted,
    to_approve,
    underway,
    waiting,
)


def test_assigning_tells_the_client_the_company_and_the_station_its_order() -> None:
    decision = decided(submitted(), c.AssignStation(FROID))

    told = one(decision, NoticeKind.ASSIGNED, Audience.REQUESTER).facts
    order = one(decision, NoticeKind.MISSION, Audience.STATION).facts
    assert (told["station"], told["station_phone"]) == (FROID.company, FROID.phone)
    assert told["date_by"] == "2026-03-25T09:00:00+00:00"
    assert order["answer_by"] == "2026-03-26T09:00:00+00:00"
    assert order["station_id"] == FROID.id
    assert decision.assistance.status is Status.ASSIGNED


def test_assigning_waits_for_fields_and_proof_unless_a_reason_is_given() -> None:
    stop = refused(incomplete(), c.AssignStation(FROID))
    forced = decided(incomplete(), c.AssignStation(FROID, "urgence chauffage"))

    assert stop.code == "missing_prerequisite"
    assert stop.facts == {"items": ["system", "maker", "order_proof"]}
    assert forced.history[0].event.override_reason == "urgence chauffage"  # type: ignore[union-attr]


def test_a_reason_given_without_need_is_not_kept() -> None:
    decision = decided(submitted(), c.AssignStation(FROID, "urgence"))

    assert decision.history[0].event.override_reason == ""  # type: ignore[union-attr]


def test_a_waiting_request_may_be_assigned() -> None:
    it = play(waiting(), [(c.AssignStation(FROID), AGENT)])

    assert it.status is Status.ASSIGNED
    assert it.asked_items == ()


def test_accepting_creates_the_first_visit_without_a_date() -> None:
    decision = decided(assigned(), c.AcceptMission(), STATION)
    it = decision.assistance

    assert it.status is Status.UNDERWAY
    assert [(i.status, i.is_follow_up) for i in it.interventions] == [
        (InterventionStatus.UNPLANNED, False)
    ]
    assert kinds(decision) == [NoticeKind.ACCEPTED, NoticeKind.MISSION_ACCEPTED]


def test_accepting_with_a_date_tells_of_the_date_alone() -> None:
    when = NOW + timedelta(days=2)
    decision = decided(assigned(), c.AcceptMission(when), STATION)

    (visit,) = decision.assistance.interventions
    assert (visit.status, visit.planned_at) == (InterventionStatus.PLANNED, when)
    assert set(kinds(decision)) == {NoticeKind.PLANNED, NoticeKind.MISSION_PLANNED}


def test_accepting_with_a_date_that_is_past_changes_nothing() -> None:
    stop = refused(assigned(), c.AcceptMission(NOW - timedelta(days=2)), STATION)

    assert stop.code == "date_past"


def test_the_desk_may_accept_for_a_station_on_the_phone() -> None:
    assert decided(assigned(), c.AcceptMission(), AGENT).assistance.status is (
        Status.UNDERWAY
    )


def test_accepting_twice_says_that_it_was_answered() -> None:
    stop = refused(underway(), c.AcceptMission(), STATION)

    assert (stop.code, stop.facts) == ("already_answered", {"status": "accepted"})


def test_refusing_returns_the_case_to_the_desk_with_its_reason() -> None:
    no = c.RefuseMission(RefusalReason.SKILL, "pas habilités")
    decision = decided(assigned(), no, STATION)
    it = decision.assistance

    facts = one(decision, NoticeKind.DESK, Audience.DESK).facts
    assert (facts["what"], facts["reason"], facts["comment"]) == (
        "refused",
        "skill",
        "pas habilités",
    )
    assert one(decision, NoticeKind.MISSION_REFUSED, Audience.STATION).facts[
        "station_id"
    ] == (FROID.id)
    assert kinds(decision, Audience.REQUESTER) == []
    assert (it.status, it.mission) == (Status.SUBMITTED, None)
    assert it.missions[0].status is MissionStatus.REFUSED


def test_refusing_for_another_reason_needs_a_few_words() -> None:
    assert refused(assigned(), c.RefuseMission(RefusalReason.OTHER), STATION).code == (
        "reason_needed"
    )


@pytest.mark.parametrize(
    "command",
    [
        c.AcceptMission(),
        c.RefuseMission(RefusalReason.SKILL),
        c.ScheduleIntervention(datetime(2026, 4, 2, 7, tzinfo=UTC)),
        c.ArriveOnSite(),
        c.SaveInterventionForm({"distance_km": 3}),
        c.FinishIntervention(),
        c.AddMessage("Bonjour"),
    ],
)
def test_a_station_that_lost_its_mission_is_answered_like_a_stranger(
    command: c.Command,
) -> None:
    for reach in (assigned, underway, planned, on_site):
        it = play(reach(), [(c.WithdrawMission("débordée"), AGENT)])
        assert refused(it, command, STATION).code == "not_yours"
        again = play(it, [(c.AssignStation(OTHER_STATION), AGENT)])
        assert refused(again, command, STATION).code == "not_yours"


def test_another_stations_mission_is_not_ours() -> None:
    assert refused(assigned(), c.AcceptMission(), OTHER_STA).code == "not_yours"


def test_withdrawing_drops_the_visit_and_tells_who_knew_of_it() -> None:
    decision = decided(planned(), c.WithdrawMission("débordée"))

    assert kinds(decision, Audience.REQUESTER) == [NoticeKind.VISIT_CANCELLED]
    assert kinds(decision, Audience.CONTACT) == [NoticeKind.VISIT_CANCELLED]
    assert kinds(decision, Audience.STATION) == [
        NoticeKind.VISIT_CANCELLED,
        NoticeKind.MISSION_WITHDRAWN,
    ]
    assert all(n.facts["station_id"] == FROID.id for n in decision.notices)
    assert decision.notices[0].files == ("cancel:1",)
    assert decision.assistance.visit is None


@pytest.mark.parametrize("reach", [assigned, underway, to_approve])
def test_withdrawing_what_the_client_never_heard_of_tells_the_station_only(
    reach: Stage,
) -> None:
    decision = decided(reach(), c.WithdrawMission("débordée"))

    assert kinds(decision) == [NoticeKind.MISSION_WITHDRAWN]


def test_withdrawing_needs_a_reason() -> None:
    assert refused(assigned(), c.WithdrawMission(" ")).code == "reason_needed"


def test_the_next_station_begins_with_a_visit_of_its_own() -> None:
    it = play(
        planned(),
        [
            (c.WithdrawMission("débordée"), AGENT),
            (c.AssignStation(OTHER_STATION), AGENT),
            (c.AcceptMission(), OTHER_STA),
        ],
    )

    assert [m.status.value for m in it.missions] == ["withdrawn", "accepted"]
    assert [(i.number, i.mission, i.status.value) for i in it.interventions] == [
        (1, 1, "cancelled"),
        (2, 2, "unplanned"),
    ]


def test_only_a_proposed_mission_is_reminded() -> None:
    decision = decided(assigned(), c.RemindStation())

    assert kinds(decision) == [NoticeKind.MISSION_REMINDER]
    assert refused(underway(), c.RemindStation()).code == "already_answered"
    assert refused(submitted(), c.RemindStation()).code == "no_mission"


def test_a_reminded_client_is_reminded_anew_when_the_station_refuses() -> None:
    it = play(
        incomplete(),
        [
            (c.RemindClient(), AGENT),
            (c.AssignStation(FROID, "urgence"), AGENT),
            (c.RefuseMission(RefusalReason.SKILL), STATION),
        ],
    )

    assert it.reminded == 0
    assert it.waiting_since == NOW


def test_the_client_does_not_answer_for_the_station() -> None:
    assert refused(assigned(), c.AcceptMission(), CLIENT).code == "not_allowed"
