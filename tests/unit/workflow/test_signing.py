"""Signing from afar: asked for, proved by a link, refused for anything else (T11)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from azbot.messages import Trust
from azbot.workflow import commands as c
from azbot.workflow.answers import fingerprint
from azbot.workflow.decision import Audience, NoticeKind
from azbot.workflow.model import (
    Actor,
    Assistance,
    AssistanceId,
    Mandate,
    Role,
    Signatory,
    SignatureMethod,
    Stroke,
)
from azbot.workflow.onsite import SIGNS_FOR
from azbot.workflow.policy import permit
from tests.unit.workflow.samples import SAMPLES
from tests.unit.workflow.stages import (
    CLIENT,
    FORM,
    SIGNATORY,
    STATION,
    STROKES,
    VISIT_AT,
    decided,
    done,
    kinds,
    on_site,
    one,
    planned,
    play,
    refused,
)

INVITE = c.InviteSignatory(
    Signatory.CLIENT, " Karim Bernard ", "k.bernard@promo.example"
)
SIGN = c.SignRemotely("Karim Bernard", STROKES)
SAVE = c.SaveInterventionForm(FORM)


def filled() -> Assistance:
    return play(on_site(), [(SAVE, STATION)], VISIT_AT)


def invited() -> Assistance:
    return decided(filled(), INVITE, STATION, VISIT_AT).assistance


def holder(it: Assistance, **changes: object) -> Actor:
    """Whoever holds the link that was made last."""
    visit = it.interventions[0]
    asked = visit.invitation(Signatory.CLIENT)
    assert asked
    mandate = Mandate(it.id, 1, asked.role, asked.fingerprint[:20], asked.until)
    return replace(SIGNATORY, mandate=replace(mandate, **changes))  # type: ignore[arg-type]


# --- asking ---------------------------------------------------------------------------


def test_an_invitation_is_for_this_version_of_the_form_and_lasts_seven_days() -> None:
    asked = invited().interventions[0].invitation(Signatory.CLIENT)
    assert asked
    assert asked.name == "Karim Bernard"
    assert asked.until == VISIT_AT + timedelta(days=7) == VISIT_AT + SIGNS_FOR
    assert asked.fingerprint == fingerprint(filled().interventions[0].answers)


def test_the_link_leaves_by_mail_when_an_address_is_given() -> None:
    decision = decided(filled(), INVITE, STATION, VISIT_AT)
    notice = one(decision, NoticeKind.SIGNATURE_WANTED, Audience.ADDRESS)
    assert notice.facts["to"] == "k.bernard@promo.example"
    assert notice.facts["role"] == "client"
    silent = replace(INVITE, email="")
    assert kinds(decided(filled(), silent, STATION, VISIT_AT)) == []


def test_a_form_that_lacks_something_is_not_given_to_sign() -> None:
    stop = refused(on_site(), INVITE, STATION, VISIT_AT)
    assert stop.code == "form_incomplete"


def test_a_visit_that_has_not_begun_asks_for_no_signature() -> None:
    assert refused(planned(), INVITE, STATION, VISIT_AT).code == "wrong_visit_status"


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (replace(INVITE, name="  "), "signatory_name_needed"),
        (replace(INVITE, email="personne"), "bad_answers"),
    ],
)
def test_an_invitation_needs_a_name_and_takes_a_right_address(
    command: c.InviteSignatory, code: str
) -> None:
    assert refused(filled(), command, STATION, VISIT_AT).code == code


def test_agents_see_whose_signatures_are_awaited() -> None:
    assert filled().interventions[0].awaited == ()
    assert invited().interventions[0].awaited == tuple(Signatory)


# --- signing --------------------------------------------------------------------------


def test_the_link_gives_one_signature_in_the_name_of_whoever_signed() -> None:
    it = invited()
    decision = decided(it, SIGN, holder(it), VISIT_AT)
    given = decision.assistance.interventions[0].signature(Signatory.CLIENT)
    assert given
    assert given.method is SignatureMethod.REMOTE
    assert given.name == "Karim Bernard"
    assert decision.history[0].actor.role is Role.SIGNATORY
    told = one(decision, NoticeKind.SIGNATURE_GIVEN, Audience.STATION)
    assert told.facts["awaited"] == ["installer", "station"]


def test_the_same_signature_again_changes_nothing_another_one_is_refused() -> None:
    it = invited()
    after = decided(it, SIGN, holder(it), VISIT_AT).assistance
    assert decided(after, SIGN, holder(it), VISIT_AT).history == ()
    other = replace(SIGN, name="Mallory")
    assert refused(after, other, holder(it), VISIT_AT).code == "already_signed"


def test_a_form_changed_since_is_not_signed() -> None:
    it = invited()
    edit = c.SaveInterventionForm({"action_notes": "Autre chose."})
    changed = play(it, [(edit, STATION)], VISIT_AT)
    assert refused(changed, SIGN, holder(it), VISIT_AT).code == "form_changed"


def test_opening_the_form_again_ends_every_link() -> None:
    it = invited()
    once = decided(it, SIGN, holder(it), VISIT_AT).assistance
    again = play(once, [(c.RemoveSignatures(), STATION)], VISIT_AT)
    assert again.interventions[0].invited == ()
    assert refused(again, SIGN, holder(it), VISIT_AT).code == "form_changed"


def test_a_newer_link_ends_the_older_one() -> None:
    it = invited()
    later = VISIT_AT + timedelta(minutes=5)
    renewed = decided(it, replace(INVITE, name="Lina"), STATION, later).assistance
    assert refused(renewed, SIGN, holder(it), later).code == "form_changed"
    decided(renewed, SIGN, holder(renewed), later)


def test_a_name_alone_stands_for_a_drawing_a_dot_does_not() -> None:
    it = invited()
    decided(it, c.SignRemotely("Karim Bernard"), holder(it), VISIT_AT)
    dot = c.SignRemotely("Karim Bernard", (Stroke(((5, 5), (9, 9))),))
    assert refused(it, dot, holder(it), VISIT_AT).code == "signature_too_short"
    nameless = c.SignRemotely(" ", STROKES)
    assert refused(it, nameless, holder(it), VISIT_AT).code == "signatory_name_needed"


# --- who may --------------------------------------------------------------------------


def test_a_signatory_may_do_nothing_but_sign() -> None:
    for command, _ in SAMPLES:
        stop = permit(done(), command, SIGNATORY)
        assert (stop is None) == isinstance(command, c.SignRemotely), command


def test_nobody_else_signs_from_afar() -> None:
    it = invited()
    for actor in (CLIENT, STATION):
        assert permit(it, SIGN, actor) is not None


def test_a_link_of_another_assistance_opens_nothing() -> None:
    it = invited()
    foreign = holder(it, assistance=AssistanceId(7))
    for actor in (foreign, replace(foreign, mandate=None)):
        stop = permit(it, SIGN, actor)
        assert stop
        assert stop.code == "not_yours"
    unsure = replace(holder(it), trust=Trust.KNOWN)
    stop = permit(it, SIGN, unsure)
    assert stop
    assert stop.code == "proof_needed"
