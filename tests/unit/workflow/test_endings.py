from __future__ import annotations

import pytest

from azbot.workflow import commands as c
from azbot.workflow.decision import Audience, NoticeKind
from azbot.workflow.model import Actor, ClosedBy, MissionStatus, Role, Status
from tests.unit.workflow.stages import (
    AGENT,
    CLIENT,
    CONTACT,
    FORM,
    FROID,
    STATION,
    VISIT_AT,
    Stage,
    assigned,
    cancelled,
    closed,
    decided,
    done,
    kinds,
    one,
    planned,
    play,
    refused,
    signatures,
    submitted,
    to_approve,
    underway,
    waiting,
)

# --- closing ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "actor", "by"),
    [
        (c.ConfirmClosing(), CLIENT, ClosedBy.CLIENT),
        (c.ConfirmClosing(), AGENT, ClosedBy.AGENT),
        (c.CloseAssistance("accord par téléphone"), AGENT, ClosedBy.AGENT),
    ],
)
def test_closing_completes_the_mission_and_tells_both_sides(
    command: c.Command, actor: Actor, by: ClosedBy
) -> None:
    decision = decided(done(), command, actor, VISIT_AT)
    it = decision.assistance

    told = one(decision, NoticeKind.CLOSED, Audience.REQUESTER)
    assert (it.status, it.missions[0].status) == (
        Status.CLOSED,
        MissionStatus.COMPLETED,
    )
    assert told.facts["by"] == by.value
    assert told.facts["days"] == 30
    assert told.facts["visits"] == [VISIT_AT.isoformat()]
    assert told.files == ("report:1",)
    assert one(decision, NoticeKind.CLOSED, Audience.STATION).facts["station_id"] == (
        FROID.id
    )
    assert decision.timers == ()


def test_yes_after_the_end_changes_nothing() -> None:
    assert decided(closed(), c.ConfirmClosing(), CLIENT).history == ()


def test_yes_without_the_question_is_refused() -> None:
    for reach in (submitted, waiting, assigned, underway, planned, cancelled):
        assert refused(reach(), c.ConfirmClosing(), CLIENT).code == "wrong_status"


def test_the_contact_on_site_does_not_close() -> None:
    for command in (c.ConfirmClosing(), c.RefuseClosing("x"), c.CancelAssistance("x")):
        assert refused(done(), command, CONTACT).code == "requester_only"


def test_no_goes_back_to_work_with_the_clients_words() -> None:
    decision = decided(done(), c.RefuseClosing("la chambre 2 est froide"), CLIENT)
    it = decision.assistance

    assert it.status is Status.UNDERWAY
    assert [i.status.value for i in it.interventions] == ["finished", "unplanned"]
    assert it.interventions[1].is_follow_up
    assert kinds(decision) == [
        NoticeKind.RECEIVED,
        NoticeKind.DESK,
        NoticeKind.DATE_WANTED,
    ]
    assert [n.facts.get("text") or n.facts["reason"] for n in decision.notices] == [
        "la chambre 2 est froide"
    ] * 3
    assert it.done_at is None


def test_no_needs_a_few_words() -> None:
    assert refused(done(), c.RefuseClosing(" "), CLIENT).code == "comment_needed"


def test_an_assistance_reopened_by_no_can_be_done_and_closed_again() -> None:
    it = play(done(), [(c.RefuseClosing("froid"), CLIENT)], VISIT_AT)
    it = play(
        it,
        [
            (c.ArriveOnSite(), STATION),
            (c.SaveInterventionForm(FORM), STATION),
            *signatures(),
            (c.FinishIntervention(), STATION),
        ],
        VISIT_AT,
    )
    decision = decided(it, c.ConfirmClosing(), CLIENT, VISIT_AT)

    told = one(decision, NoticeKind.CLOSED, Audience.REQUESTER)
    assert len(told.facts["visits"]) == 2  # type: ignore[arg-type]
    assert told.files == ("report:0",)  # from the second visit on, the combined one


def test_the_question_is_asked_again_as_a_reminder() -> None:
    decision = decided(done(), c.AskClosingAgain())

    asked = one(decision, NoticeKind.FINISHED, Audience.REQUESTER)
    assert asked.facts["is_reminder"] is True
    assert asked.files == ("report:1",)
    assert [t.kind for t in decision.timers] == ["close"]
    assert refused(closed(), c.AskClosingAgain()).code == "wrong_status"


# --- cancelling -------------------------------------------------------------------


@pytest.mark.parametrize("reach", [submitted, waiting])
def test_the_client_cancels_alone_before_assignment(reach: Stage) -> None:
    decision = decided(reach(), c.CancelAssistance("chantier arrêté"), CLIENT)

    assert decision.assistance.status is Status.CANCELLED
    assert kinds(decision) == [NoticeKind.CANCELLED, NoticeKind.DESK]


@pytest.mark.parametrize("reach", [assigned, underway, planned, done])
def test_afterwards_the_wish_goes_to_the_desk(reach: Stage) -> None:
    it = reach()
    decision = decided(it, c.CancelAssistance("chantier arrêté"), CLIENT)

    assert decision.assistance.status is it.status
    assert decision.assistance.cancellation_asked
    assert kinds(decision) == [NoticeKind.CANCELLATION_ASKED, NoticeKind.DESK]
    again = decided(decision.assistance, c.CancelAssistance("chantier arrêté"), CLIENT)
    assert again.history == ()


def test_cancelling_a_told_visit_reaches_requester_contact_and_station() -> None:
    decision = decided(planned(), c.CancelAssistance("chantier arrêté"))

    for audience in (Audience.REQUESTER, Audience.CONTACT, Audience.STATION):
        told = one(decision, NoticeKind.CANCELLED, audience)
        assert told.files == ("cancel:1",)
        assert told.facts["reason"] == "chantier arrêté"
        assert told.facts["planned_at"] == VISIT_AT.isoformat()
        assert told.facts["sequence"] == 1
        assert told.facts["station_id"] == FROID.id
    assert len(decision.notices) == 3
    assert decision.assistance.missions[0].status is MissionStatus.WITHDRAWN


@pytest.mark.parametrize("reach", [assigned, underway, to_approve])
def test_cancelling_before_a_date_was_told_spares_the_contact(reach: Stage) -> None:
    decision = decided(reach(), c.CancelAssistance("doublon"))

    assert [(n.kind, n.to, n.files) for n in decision.notices] == [
        (NoticeKind.CANCELLED, Audience.REQUESTER, ()),
        (NoticeKind.CANCELLED, Audience.STATION, ()),
    ]


def test_cancelling_needs_a_reason_and_something_open() -> None:
    assert refused(submitted(), c.CancelAssistance(" "), CLIENT).code == "reason_needed"
    assert refused(closed(), c.CancelAssistance("x")).code == "wrong_status"
    assert refused(cancelled(), c.CancelAssistance("x")).code == "wrong_status"


def test_a_cancelled_assistance_can_be_made_again_from_its_answers() -> None:
    decision = decided(submitted(), c.CancelAssistance("doublon"), CLIENT)

    told = one(decision, NoticeKind.CANCELLED, Audience.REQUESTER)
    assert told.facts["answers"] == submitted().answers
    assert told.facts["by"] == Role.CLIENT.value


# --- coming back ------------------------------------------------------------------


def test_a_closed_assistance_comes_back_to_its_station() -> None:
    decision = decided(closed(), c.ReopenAssistance("nouvelle panne"))
    it = decision.assistance

    assert it.status is Status.UNDERWAY
    assert it.missions[0].status is MissionStatus.ACCEPTED
    assert [i.status.value for i in it.interventions] == ["finished", "unplanned"]
    assert kinds(decision) == [NoticeKind.REOPENED, NoticeKind.DATE_WANTED]
    assert it.closed_at is None


def test_a_done_assistance_may_be_reopened_by_the_desk() -> None:
    it = decided(done(), c.ReopenAssistance("oubli")).assistance

    assert it.status is Status.UNDERWAY
    assert [i.status.value for i in it.interventions] == ["finished", "unplanned"]


@pytest.mark.parametrize("reach", [submitted, assigned, planned])
def test_a_cancelled_assistance_comes_back_to_the_desk(reach: Stage) -> None:
    it = play(reach(), [(c.CancelAssistance("erreur"), AGENT)])
    it = decided(it, c.ReopenAssistance("annulée par erreur")).assistance

    assert it.status is Status.SUBMITTED
    assert it.mission is None
    assert it.visit is None
    assert decided(it, c.AssignStation(FROID)).assistance.status is Status.ASSIGNED


def test_reopening_needs_a_reason_and_an_agent() -> None:
    assert refused(closed(), c.ReopenAssistance(" ")).code == "reason_needed"
    assert refused(closed(), c.ReopenAssistance("x"), CLIENT).code == "not_allowed"
    assert refused(underway(), c.ReopenAssistance("x")).code == "wrong_status"
