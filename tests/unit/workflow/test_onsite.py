from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from azbot.messages import BlobId
from azbot.workflow import commands as c
from azbot.workflow.answers import fingerprint
from azbot.workflow.deadlines import Rules
from azbot.workflow.decision import Audience, NoticeKind
from azbot.workflow.model import (
    Assistance,
    DocumentKind,
    InterventionStatus,
    Signatory,
    SignatureMethod,
    Status,
    Stroke,
)
from tests.unit.workflow.samples import PHOTO, REPORT
from tests.unit.workflow.stages import (
    AGENT,
    CLIENT,
    FORM,
    LATER_AT,
    NOW,
    STATION,
    STROKES,
    SYSTEM,
    UNSOLVED,
    VISIT_AT,
    decided,
    done,
    finish_unsolved,
    kinds,
    on_site,
    one,
    planned,
    play,
    refused,
    signatures,
    signed,
    submitted,
    underway,
)

SIGN = c.SignIntervention(Signatory.CLIENT, "Mme Blanc", SignatureMethod.DRAWN, STROKES)


def filled(**answers: object) -> Assistance:
    save = c.SaveInterventionForm({**FORM, **answers})
    return play(on_site(), [(save, STATION)], VISIT_AT)


# --- arriving and filling ---------------------------------------------------------


def test_arriving_sets_the_time_in_once() -> None:
    it = play(on_site(), [(c.ArriveOnSite(), STATION)], VISIT_AT + timedelta(hours=1))

    assert it.interventions[0].arrived_at == VISIT_AT
    assert decided(it, c.ArriveOnSite(1), STATION).history == ()


def test_arriving_again_after_the_end_changes_nothing() -> None:
    assert decided(done(), c.ArriveOnSite(1), STATION).history == ()


def test_a_visit_without_a_date_may_begin_too() -> None:
    it = play(underway(), [(c.ArriveOnSite(), STATION)])

    assert it.interventions[0].status is InterventionStatus.UNDERWAY


def test_saving_keeps_field_by_field_what_two_phones_send() -> None:
    it = play(
        on_site(),
        [
            (c.SaveInterventionForm({"distance_km": 12}), STATION),
            (c.SaveInterventionForm({"time_in": "13 h 05"}), STATION),
            (c.SaveInterventionForm({"distance_km": None}), STATION),
        ],
        VISIT_AT,
    )
    visit = it.interventions[0]

    assert visit.answers == {"time_in": "13:05"}
    assert visit.revision == 3


def test_saving_tells_nobody_and_is_not_shown_to_clients() -> None:
    decision = decided(on_site(), c.SaveInterventionForm(FORM), STATION, VISIT_AT)

    assert decision.notices == ()
    assert decision.history[0].event.is_internal


def test_the_same_answers_again_change_nothing() -> None:
    assert decided(filled(), c.SaveInterventionForm(FORM), STATION).history == ()
    assert decided(done(), c.SaveInterventionForm(FORM, 1), STATION).history == ()


def test_a_finished_visit_is_read_only() -> None:
    change = c.SaveInterventionForm({"distance_km": 99}, 1)

    assert refused(done(), change, STATION).code == "wrong_visit_status"


def test_a_value_the_form_cannot_take_is_refused_with_its_field() -> None:
    stop = refused(on_site(), c.SaveInterventionForm({"distance_km": 99999}), STATION)

    assert stop.code == "bad_answers"
    assert "distance_km" in stop.facts["problems"]  # type: ignore[operator]


def test_what_the_mission_says_cannot_be_typed() -> None:
    stop = refused(on_site(), c.SaveInterventionForm({"company": "x"}), STATION)

    assert "company" in stop.facts["problems"]  # type: ignore[operator]


def test_a_next_visit_in_the_past_is_not_even_stored() -> None:
    yesterday = (VISIT_AT - timedelta(days=1)).isoformat()
    save = c.SaveInterventionForm({"next_visit_at": yesterday})
    stop = refused(on_site(), save, STATION, VISIT_AT)

    assert stop.code == "bad_answers"
    assert stop.facts["problems"] == {
        "next_visit_at": {"code": "next_visit_past", "facts": {}, "path": []}
    }


def test_a_next_visit_that_has_passed_by_the_end_is_refused() -> None:
    it = signed(
        **UNSOLVED | {"next_visit": True, "next_visit_at": LATER_AT.isoformat()}
    )
    stop = refused(it, c.FinishIntervention(), STATION, LATER_AT + timedelta(hours=1))

    assert stop.code == "date_past"


# --- signing ----------------------------------------------------------------------


def test_the_first_signature_freezes_the_form() -> None:
    it = play(filled(), [(SIGN, STATION)], VISIT_AT)
    stop = refused(it, c.SaveInterventionForm({"distance_km": 13}), STATION)

    assert (stop.code, stop.facts) == ("form_signed", {"names": ["Mme Blanc"]})
    assert (
        decided(it, c.SaveInterventionForm({"distance_km": 12}), STATION).history == ()
    )


def test_changing_the_form_removes_the_signatures_by_name() -> None:
    decision = decided(signed(), c.RemoveSignatures(), STATION, VISIT_AT)

    assert decision.history[0].event.names == (  # type: ignore[union-attr]
        "M. installer",
        "M. client",
        "M. station",
    )
    assert decision.assistance.interventions[0].signatures == ()
    assert decided(decision.assistance, c.RemoveSignatures(), STATION).history == ()


def test_a_signature_names_the_version_it_stands_under() -> None:
    it = play(filled(), [(SIGN, STATION)], VISIT_AT)
    signature = it.interventions[0].signature(Signatory.CLIENT)

    assert signature is not None
    assert signature.fingerprint == fingerprint(it.interventions[0].answers)
    assert signature.at == VISIT_AT


def test_a_signature_under_another_version_is_refused() -> None:
    stale = replace(SIGN, fingerprint="0" * 64)

    assert refused(filled(), stale, STATION).code == "form_changed"


@pytest.mark.parametrize(
    ("strokes", "is_long_enough"),
    [
        ((), False),
        ((Stroke(((10, 10),)),), False),
        ((Stroke(((0, 0), (79, 0))),), False),
        ((Stroke(((0, 0), (80, 0))),), True),
        ((Stroke(((0, 0), (40, 0))), Stroke(((0, 9), (40, 9)))), True),
    ],
)
def test_a_dot_or_a_short_line_is_no_signature(
    strokes: tuple[Stroke, ...], is_long_enough: bool
) -> None:
    command = replace(SIGN, strokes=strokes)

    if is_long_enough:
        assert decided(filled(), command, STATION).history
    else:
        assert refused(filled(), command, STATION).code == "signature_too_short"


@pytest.mark.parametrize("method", [SignatureMethod.TYPED, SignatureMethod.REMOTE])
def test_a_typed_signature_needs_no_line_but_a_name(method: SignatureMethod) -> None:
    typed = replace(SIGN, method=method, strokes=())

    assert decided(filled(), typed, STATION).history
    assert refused(filled(), replace(typed, name=" "), STATION).code == (
        "signatory_name_needed"
    )


def test_the_same_signature_sent_again_is_the_same_signature() -> None:
    it = play(filled(), [(SIGN, STATION)], VISIT_AT)

    assert decided(it, SIGN, STATION, VISIT_AT + timedelta(minutes=1)).history == ()
    other = replace(SIGN, name="M. Roux")
    assert refused(it, other, STATION).facts == {"name": "Mme Blanc"}


def test_a_signature_sent_again_after_the_end_changes_nothing() -> None:
    ((again, who), *_) = signatures(1)
    late = replace(SIGN, number=1, name="M. Roux")

    assert decided(done(), again, who).history == ()
    assert refused(done(), late, STATION).code == "already_signed"


def test_an_address_for_the_report_is_checked() -> None:
    stop = refused(filled(), replace(SIGN, email="pas une adresse"), STATION)
    it = play(
        filled(), [(replace(SIGN, email=" Blanc@Exemple.FR "), STATION)], VISIT_AT
    )
    signature = it.interventions[0].signature(Signatory.CLIENT)

    assert "email" in stop.facts["problems"]  # type: ignore[operator]
    assert signature is not None
    assert signature.email.endswith("@exemple.fr")


def test_a_waiver_needs_the_setting_and_a_reason() -> None:
    waive = c.WaiveSignature(Signatory.CLIENT, "absent")
    allowed = Rules(allow_waiver=True)

    assert refused(filled(), waive, STATION).code == "waiver_off"
    assert refused(
        filled(), replace(waive, reason=" "), STATION, rules=allowed
    ).code == ("reason_needed")
    it = decided(filled(), waive, STATION, rules=allowed).assistance
    signature = it.interventions[0].signature(Signatory.CLIENT)
    assert signature is not None
    assert (signature.method, signature.reason) == (SignatureMethod.WAIVED, "absent")
    assert decided(it, waive, STATION, rules=allowed).history == ()


def test_a_waiver_needs_a_visit_under_way() -> None:
    waive = c.WaiveSignature(Signatory.CLIENT, "absent")
    stop = refused(planned(), waive, STATION, rules=Rules(allow_waiver=True))

    assert stop.code == "wrong_visit_status"


def test_a_waiver_is_not_a_way_of_signing() -> None:
    waived = replace(SIGN, method=SignatureMethod.WAIVED)

    assert refused(filled(), waived, STATION).code == "reason_needed"


def test_a_waiver_after_the_end_is_refused() -> None:
    rules = Rules(allow_waiver=True)
    it = done()
    bare = replace(
        it,
        interventions=(replace(it.interventions[0], signatures=()),),
    )
    waive = c.WaiveSignature(Signatory.CLIENT, "absent", 1)

    assert refused(bare, waive, STATION, rules=rules).code == "wrong_visit_status"


def test_signing_needs_a_visit_under_way() -> None:
    for reach in (underway, planned):
        assert refused(reach(), SIGN, STATION).code == "wrong_visit_status"
    assert refused(submitted(), replace(SIGN, number=1), AGENT).code == "wrong_status"


# --- finishing --------------------------------------------------------------------


@pytest.mark.parametrize("role", Signatory)
def test_two_signatures_are_not_enough(role: Signatory) -> None:
    two = [s for s in signatures() if getattr(s[0], "role", None) is not role]
    it = play(filled(), two, VISIT_AT)
    stop = refused(it, c.FinishIntervention(), STATION)

    assert (stop.code, stop.facts) == ("signatures_missing", {"roles": [role.value]})


def test_a_form_with_gaps_cannot_be_finished() -> None:
    it = play(filled(time_out=None), signatures(), VISIT_AT)
    stop = refused(it, c.FinishIntervention(), STATION)

    assert (stop.code, stop.facts) == ("form_incomplete", {"fields": ["time_out"]})


def test_answers_that_do_not_fit_together_cannot_be_finished() -> None:
    crossed = filled(time_out="12:00", leaves_next_day=False)
    it = play(crossed, signatures(), VISIT_AT)

    assert refused(it, c.FinishIntervention(), STATION).code == "bad_answers"


def test_signatures_under_another_version_do_not_count() -> None:
    it = signed()
    visit = it.interventions[0]
    altered = replace(visit, answers={**visit.answers, "distance_km": 13})
    stop = refused(
        replace(it, interventions=(altered,)), c.FinishIntervention(), STATION
    )

    assert stop.code == "form_changed"


def test_a_solved_visit_asks_the_closing_question_with_its_report() -> None:
    decision = decided(signed(), c.FinishIntervention(), STATION, VISIT_AT)

    asked = one(decision, NoticeKind.FINISHED, Audience.REQUESTER)
    assert decision.assistance.status is Status.DONE
    assert asked.files == ("report:1",)
    assert asked.facts["closes_at"] == "2026-04-07T06:00:00+00:00"
    assert not asked.is_optional


def test_finishing_twice_changes_nothing() -> None:
    assert decided(done(), c.FinishIntervention(), STATION).history == ()
    assert decided(done(), c.FinishIntervention(1), STATION).history == ()


def test_an_unsolved_visit_adds_one_that_awaits_a_date_and_alerts_the_desk() -> None:
    decision = finish_unsolved()

    assert [i.status.value for i in decision.assistance.interventions] == [
        "finished",
        "unplanned",
    ]
    assert decision.assistance.status is Status.UNDERWAY
    assert kinds(decision, Audience.REQUESTER) == [NoticeKind.CONTINUED]
    whats = [n.facts["what"] for n in decision.notices if n.to is Audience.DESK]
    assert whats == ["not_concluded", "to_plan"]
    wanted = one(decision, NoticeKind.DATE_WANTED, Audience.STATION)
    assert wanted.facts["reason"] == "Registre chambre 2"


def test_an_old_objection_is_not_given_as_the_reason_of_a_new_visit() -> None:
    it = play(done(), [(c.RefuseClosing("la chambre 2 est froide"), CLIENT)], VISIT_AT)
    it = play(
        it,
        [
            (c.ArriveOnSite(), STATION),
            (c.SaveInterventionForm({**FORM, **UNSOLVED}), STATION),
            *signatures(),
        ],
        LATER_AT,
    )
    decision = decided(it, c.FinishIntervention(), STATION, LATER_AT)

    wanted = one(decision, NoticeKind.DATE_WANTED, Audience.STATION)
    assert wanted.facts["reason"] == "Registre chambre 2"


def test_a_proposed_date_waits_for_approval_and_the_client_hears_nothing_of_it() -> (
    None
):
    decision = finish_unsolved(next_visit=True, next_visit_at=LATER_AT.isoformat())

    assert decision.assistance.interventions[1].planned_at == LATER_AT
    assert kinds(decision, Audience.REQUESTER) == [NoticeKind.CONTINUED]
    assert kinds(decision, Audience.CONTACT) == []
    assert all(
        LATER_AT.isoformat() not in n.facts.values()
        for n in decision.notices
        if n.to is Audience.REQUESTER
    )


def test_reports_go_to_the_signatories_who_want_them() -> None:
    wants = [
        (replace(s, email="a@b.example", wants_report=i == 0), who)
        for i, (s, who) in enumerate(signatures())
        if isinstance(s, c.SignIntervention)
    ]
    it = play(filled(), wants, VISIT_AT)
    decision = decided(it, c.FinishIntervention(), STATION, VISIT_AT)

    report = one(decision, NoticeKind.REPORT, Audience.ADDRESS)
    assert report.facts["to"] == "a@b.example"
    assert report.files == ("report:1",)


# --- reports ----------------------------------------------------------------------


def test_a_report_is_attached_once_to_its_visit() -> None:
    record = c.RecordReport(REPORT, "f" * 64, 1)
    it = decided(done(), record, SYSTEM).assistance

    assert it.interventions[0].report == it.documents[-1].number
    assert decided(it, record, SYSTEM).history == ()
    assert refused(on_site(), record, SYSTEM).code == "no_visit"


def test_the_combined_report_is_attached_once_too() -> None:
    record = c.RecordReport(REPORT, "f" * 64)
    it = decided(done(), record, SYSTEM).assistance

    assert len(it.documents) == 2
    assert decided(it, record, SYSTEM).history == ()


def test_reports_take_no_place_from_the_files_of_people() -> None:
    rules = Rules(max_documents=2)
    it = decided(done(), c.RecordReport(REPORT, "f" * 64, 1), SYSTEM).assistance
    file = c.NewDocument("p.jpg", "image/jpeg", 1, REPORT.blob)

    assert decided(it, c.AddMessage("", documents=(file,)), CLIENT, NOW, rules).history


def test_the_mail_of_a_finished_visit_tells_the_day_it_took_place() -> None:
    it = signed()
    early = [
        replace(visit, planned_at=VISIT_AT + timedelta(days=4))
        for visit in it.interventions
    ]
    moved = replace(it, interventions=tuple(early))
    decision = decided(moved, c.FinishIntervention(), STATION, VISIT_AT)

    (visit,) = decision.assistance.interventions
    told = one(decision, NoticeKind.FINISHED, Audience.REQUESTER).facts
    assert visit.arrived_at is not None
    assert told["planned_at"] == visit.arrived_at.isoformat()


# --- photos -----------------------------------------------------------------------


def test_a_photo_of_the_visit_is_no_message_and_comes_once() -> None:
    add = c.AddVisitPhotos((PHOTO, PHOTO))
    decision = decided(on_site(), add, STATION, VISIT_AT)
    document = decision.assistance.documents[-1]
    assert len(decision.history) == 1
    assert (document.kind, document.intervention) == (DocumentKind.PHOTO, 1)
    assert decision.assistance.messages == on_site().messages
    assert decision.notices == ()
    assert decided(decision.assistance, add, STATION, VISIT_AT).history == ()


def test_no_visit_ends_before_the_photos_its_form_names_are_there() -> None:
    it = signed(photos=[PHOTO.blob])
    refusal = refused(it, c.FinishIntervention(), STATION, VISIT_AT)
    assert (refusal.code, refusal.facts) == ("photos_missing", {"count": 1})
    it = play(it, [(c.AddVisitPhotos((PHOTO,)), STATION)], VISIT_AT)
    assert kinds(decided(it, c.FinishIntervention(), STATION, VISIT_AT))


def test_a_signed_form_takes_the_photos_it_names_and_no_other() -> None:
    other = replace(PHOTO, blob=BlobId("e" * 64))
    it = signed(photos=[PHOTO.blob])
    refusal = refused(it, c.AddVisitPhotos((PHOTO, other)), STATION, VISIT_AT)
    assert refusal.code == "form_signed"
    ended = play(
        it,
        [(c.AddVisitPhotos((PHOTO,)), STATION), (c.FinishIntervention(), STATION)],
        VISIT_AT,
    )
    assert decided(ended, c.AddVisitPhotos((PHOTO,)), STATION, VISIT_AT).history == ()
    refusal = refused(ended, c.AddVisitPhotos((other,)), STATION, VISIT_AT)
    assert refusal.code == "wrong_visit_status"
