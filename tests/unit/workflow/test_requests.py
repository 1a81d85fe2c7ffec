from __future__ import annotations

import pytest

from azbot.messages import BlobId, Trust
from azbot.workflow import commands as c
from azbot.workflow.deadlines import Rules
from azbot.workflow.decision import Audience, NoticeKind
from azbot.workflow.model import (
    Actor,
    Assistance,
    DocumentKind,
    Review,
    Role,
    ServiceType,
    Status,
)
from tests.unit.workflow.stages import (
    AGENT,
    CLIENT,
    CONTACT,
    FROID,
    MARC,
    PROOF,
    REQUEST,
    STAGES,
    STATION,
    assigned,
    closed,
    decided,
    incomplete,
    kinds,
    one,
    opening,
    planned,
    play,
    refused,
    submitted,
    underway,
    waiting,
)


def photo(name: str = "photo.jpg") -> c.NewDocument:
    return c.NewDocument(name, "image/jpeg", 300, BlobId("c" * 64))


def opened(**answers: object) -> Assistance:
    return play(None, [(opening(**answers), CLIENT)])


# --- opening ------------------------------------------------------------------


def test_a_request_begins_as_submitted_whatever_is_missing() -> None:
    assert submitted().status is Status.SUBMITTED
    assert incomplete().status is Status.SUBMITTED
    assert incomplete().missing == ("system", "maker")


def test_the_country_is_the_one_of_the_rules_and_the_region_follows() -> None:
    it = opened()

    assert it.answer("country") == "FR"
    assert it.answer("region") == "Auvergne-Rhône-Alpes"


def test_the_country_of_the_rules_may_be_another_one() -> None:
    spain = Rules(country="ES")
    command = opening(postcode="35001", region="Las Palmas", phone="+34600000000")
    it = decided(None, command, CLIENT, rules=spain).assistance

    assert it.answer("country") == "ES"
    assert it.zone_name == "Atlantic/Canary"


def test_a_country_may_be_named_in_words() -> None:
    it = opened(country="Espagne", postcode="28001", region="Madrid")

    assert it.answer("country") == "ES"
    assert it.zone_name == "Europe/Madrid"


def test_the_zone_of_the_site_follows_from_the_postcode() -> None:
    assert opened(postcode="97400").zone_name == "Indian/Reunion"


def test_a_phone_is_read_as_one_of_the_country() -> None:
    assert opened(phone="06 39 98 12 34").answer("phone") == "+33639981234"


def test_answers_that_cannot_be_taken_are_named_each_with_its_reason() -> None:
    stop = refused(None, opening(phone="12", thermostat_count="beaucoup"), CLIENT)

    problems = stop.facts["problems"]
    assert stop.code == "bad_answers"
    assert isinstance(problems, dict)
    assert set(problems) == {"phone", "thermostat_count"}


def test_an_unknown_field_is_refused() -> None:
    stop = refused(None, opening(colour="blue"), CLIENT)

    assert stop.facts["problems"] == {
        "colour": {"code": "unknown_field", "facts": {}, "path": []}
    }


def test_answers_that_do_not_fit_together_are_refused() -> None:
    stop = refused(None, opening(phone_2=REQUEST["phone"]), CLIENT)

    assert stop.code == "bad_answers"


def test_confirming_an_incomplete_request_waits_for_the_missing_fields() -> None:
    assert not opened(maker=None).is_confirmed
    assert opened().is_confirmed


def test_an_unknown_sender_may_open_a_request() -> None:
    stranger = Actor(Role.CLIENT, None, "?", Trust.NONE, "email")

    assert decided(None, opening(), stranger).assistance.status is Status.SUBMITTED


# --- filling ------------------------------------------------------------------


def test_filling_a_field_is_an_event_with_before_and_after() -> None:
    decision = decided(submitted(), c.AmendRequest({"thermostat_count": "6"}), CLIENT)

    (line,) = decision.history
    assert [(x.field, x.before, x.after) for x in line.event.changes] == [  # type: ignore[union-attr]
        ("thermostat_count", 5, 6)
    ]


def test_the_same_value_again_changes_nothing() -> None:
    command = c.AmendRequest({"thermostat_count": 5}, contact=MARC)

    assert decided(submitted(), command, CLIENT).history == ()


def test_a_new_postcode_changes_region_and_zone() -> None:
    it = play(submitted(), [(c.AmendRequest({"postcode": "97400"}), CLIENT)])

    assert it.answer("region") == "La Réunion"
    assert it.zone_name == "Indian/Reunion"


def test_a_new_country_drops_the_region_that_followed_from_the_old_one() -> None:
    it = play(submitted(), [(c.AmendRequest({"country": "ES"}), CLIENT)])

    assert "region" not in it.answers


def test_an_empty_value_takes_an_answer_back() -> None:
    it = play(submitted(), [(c.AmendRequest({"maker": ""}), CLIENT)])

    assert it.missing == ("maker",)
    assert "maker" not in it.answers


def test_a_bad_value_is_refused_and_nothing_changes() -> None:
    assert refused(submitted(), c.AmendRequest({"phone": "12"}), CLIENT).code == (
        "bad_answers"
    )
    assert refused(
        submitted(), c.AmendRequest({"phone_2": REQUEST["phone"]}), CLIENT
    ).code == ("bad_answers")


def test_the_desk_is_told_when_the_last_missing_field_comes() -> None:
    half = decided(incomplete(), c.AmendRequest({"system": "radiators"}), CLIENT)
    whole = decided(half.assistance, c.AmendRequest({"maker": "toshiba"}), CLIENT)

    assert kinds(half) == [NoticeKind.INCOMPLETE]
    assert kinds(whole) == [NoticeKind.OPENED, NoticeKind.DESK]
    assert one(whole, NoticeKind.DESK, Audience.DESK).facts["what"] == "completed"


def test_filling_by_the_desk_sends_the_client_nothing() -> None:
    decision = decided(incomplete(), c.AmendRequest({"maker": "toshiba"}), AGENT)

    assert decision.notices == ()


def test_the_desk_may_correct_later_but_not_after_the_end() -> None:
    correction = c.AmendRequest({"address": "20 rue des Charmettes"})

    assert decided(planned(), correction, AGENT).history
    assert refused(closed(), correction, AGENT).code == "wrong_status"


def test_the_service_is_requalified_rather_than_corrected_once_assigned() -> None:
    stop = refused(assigned(), c.AmendRequest({"service": "incident"}), AGENT)

    assert stop.code == "requalify_instead"
    assert decided(submitted(), c.AmendRequest({"service": "incident"}), CLIENT).history


def test_the_contact_on_site_may_be_replaced() -> None:
    it = play(submitted(), [(c.AmendRequest({}, contact=CONTACT.person), CLIENT)])

    assert it.contact == MARC


def test_a_recap_is_confirmed_once_and_only_when_nothing_is_missing() -> None:
    unconfirmed = c.OpenAssistance(
        id=opening().id,
        ref=opening().ref,
        requester=opening().requester,
        answers=REQUEST,
    )
    it = play(None, [(unconfirmed, CLIENT)])
    yes = decided(it, c.ConfirmRequest(), CLIENT)

    assert yes.assistance.is_confirmed
    assert kinds(yes) == [NoticeKind.RECEIVED, NoticeKind.DESK]
    assert decided(yes.assistance, c.ConfirmRequest(), CLIENT).history == ()
    stop = refused(incomplete(), c.ConfirmRequest(), CLIENT)
    assert (stop.code, stop.facts) == (
        "fields_missing",
        {"fields": ["system", "maker"]},
    )


# --- complement -----------------------------------------------------------------


def test_asking_a_complement_needs_a_comment() -> None:
    assert refused(submitted(), c.AskComplement("  ")).code == "comment_needed"


def test_a_complement_carries_its_comment_and_items_to_the_client() -> None:
    decision = decided(
        submitted(), c.AskComplement("une photo suffit", ("order_proof",))
    )

    facts = one(decision, NoticeKind.COMPLEMENT, Audience.REQUESTER).facts
    assert (facts["comment"], facts["items"]) == ("une photo suffit", ["order_proof"])
    assert decision.assistance.status is Status.WAITING


def test_any_answer_of_the_client_returns_the_request_marked_completed() -> None:
    for answer in (
        c.AddMessage("La voici."),
        c.AddMessage("", documents=(photo(),)),
        c.AmendRequest({"maker": "toshiba"}),
    ):
        it = play(waiting(), [(answer, CLIENT)])
        assert it.status is Status.SUBMITTED
        assert it.is_completed
        assert it.asked_items == ()


def test_an_agents_message_does_not_complete_a_waiting_request() -> None:
    assert play(waiting(), [(c.AddMessage("Alors ?"), AGENT)]).status is Status.WAITING


def test_an_automatic_message_changes_no_status_and_tells_nobody() -> None:
    away = c.AddMessage("Je suis absente.", is_automatic=True)
    decision = decided(waiting(), away, CLIENT)

    assert decision.assistance.status is Status.WAITING
    assert decision.notices == ()
    assert decision.timers == decided(waiting(), c.AddNote("x")).timers


def test_only_what_waits_for_the_client_can_be_reminded() -> None:
    assert decided(waiting(), c.RemindClient()).assistance.reminded == 1
    assert decided(incomplete(), c.RemindClient()).assistance.reminded == 1
    assert refused(submitted(), c.RemindClient()).code == "wrong_status"


# --- words and files --------------------------------------------------------------


def test_an_empty_message_is_refused() -> None:
    assert refused(submitted(), c.AddMessage(" \n"), CLIENT).code == "empty_message"
    assert refused(submitted(), c.AddNote(" \n")).code == "empty_message"


def test_words_are_taken_at_every_status() -> None:
    for reach in STAGES.values():
        assert decided(reach(), c.AddMessage("Bonjour"), CLIENT).history


def test_a_file_that_was_asked_for_is_taken_for_it() -> None:
    it = play(waiting(), [(c.AddMessage("", documents=(photo(),)), CLIENT)])

    assert it.documents[-1].kind is DocumentKind.ORDER_PROOF
    assert it.documents[-1].review is Review.PENDING


@pytest.mark.parametrize(
    ("name", "media_type", "kind"),
    [
        ("Bon de COMMANDE 12.pdf", "application/pdf", DocumentKind.ORDER_PROOF),
        ("purchase-order.png", "image/png", DocumentKind.ORDER_PROOF),
        ("IMG_1.heic", "image/heic", DocumentKind.PHOTO),
        ("notice.pdf", "application/pdf", DocumentKind.OTHER),
    ],
)
def test_a_file_nobody_asked_for_is_guessed_by_name_and_type(
    name: str, media_type: str, kind: DocumentKind
) -> None:
    file = c.NewDocument(name, media_type, 10, BlobId("d" * 64))
    it = play(submitted(), [(c.AddMessage("", documents=(file,)), CLIENT)])

    assert it.documents[-1].kind is kind


def test_files_of_the_desk_need_no_review() -> None:
    it = play(submitted(), [(c.AddMessage("Le schéma", documents=(photo(),)), AGENT)])

    assert it.documents[-1].review is Review.ACCEPTED


def test_the_thirtieth_file_fits_and_the_next_is_refused() -> None:
    many = tuple(photo(f"{n}.jpg") for n in range(29))
    full = play(submitted(), [(c.AddMessage("", documents=many), CLIENT)])
    one_more = c.AddMessage("encore", documents=(photo(),))

    assert len(full.documents) == 30
    for command, actor in (
        (one_more, CLIENT),
        (c.AddNote("encore", (photo(),)), AGENT),
    ):
        stop = refused(full, command, actor)
        assert (stop.code, stop.facts) == ("too_many_documents", {"limit": 30})
    assert decided(full, c.AddMessage("sans fichier"), CLIENT).history
    too_many = c.OpenAssistance(
        id=opening().id,
        ref=opening().ref,
        requester=opening().requester,
        answers=REQUEST,
        documents=(*many, photo(), photo()),
    )
    assert refused(None, too_many, CLIENT).code == "too_many_documents"


def test_a_file_of_a_visit_that_does_not_exist_is_refused() -> None:
    lost = c.NewDocument("p.jpg", "image/jpeg", 1, BlobId("e" * 64), intervention=3)
    stop = refused(underway(), c.AddMessage("", documents=(lost,)), STATION)

    assert stop.code == "unknown_visit"


def test_a_file_of_an_internal_note_stays_internal() -> None:
    it = play(submitted(), [(c.AddNote("marge", (photo("marge.png"),)), AGENT)])
    mission = decided(it, c.AssignStation(FROID))

    order = one(mission, NoticeKind.MISSION, Audience.STATION)
    assert it.documents[-1].is_internal
    assert order.facts["documents"] == [PROOF.name]


def test_a_refused_document_needs_a_reason_and_no_longer_proves_the_order() -> None:
    no = c.ReviewDocument(1, Review.REFUSED)
    it = play(
        submitted(), [(c.ReviewDocument(1, Review.REFUSED, reason="flou"), AGENT)]
    )

    assert refused(submitted(), no).code == "reason_needed"
    assert it.documents[0].review_reason == "flou"
    assert refused(it, c.AssignStation(FROID)).facts == {"items": ["order_proof"]}


def test_a_document_may_be_called_what_it_is() -> None:
    yes = c.ReviewDocument(1, Review.ACCEPTED, DocumentKind.OTHER)
    it = play(submitted(), [(yes, AGENT)])

    assert it.documents[0].kind is DocumentKind.OTHER
    assert decided(it, yes).history == ()
    assert refused(it, c.ReviewDocument(9, Review.ACCEPTED)).code == "unknown_document"


# --- requalifying -----------------------------------------------------------------


def test_requalifying_tells_the_client_and_needs_a_reason() -> None:
    command = c.Requalify(ServiceType.INCIDENT_WARRANTY, "sous garantie")
    decision = decided(submitted(), command)

    facts = one(decision, NoticeKind.REQUALIFIED, Audience.REQUESTER).facts
    assert (facts["before"], facts["service"]) == ("commissioning", "incident_warranty")
    assert facts["reason"] == "sous garantie"
    assert refused(submitted(), c.Requalify(ServiceType.INCIDENT, " ")).code == (
        "reason_needed"
    )
    assert refused(closed(), command).code == "wrong_status"
    assert decided(decision.assistance, command).history == ()


def test_what_assignment_needs_follows_the_new_service() -> None:
    bare = c.OpenAssistance(
        id=opening().id,
        ref=opening().ref,
        requester=opening().requester,
        answers=REQUEST,
    )
    it = play(None, [(bare, CLIENT)])
    warranty = c.Requalify(ServiceType.INCIDENT_WARRANTY, "sous garantie")

    assert refused(it, c.AssignStation(FROID)).facts == {"items": ["order_proof"]}
    assert decided(play(it, [(warranty, AGENT)]), c.AssignStation(FROID)).history


def test_requalifying_fills_a_service_nobody_had_said() -> None:
    it = opened(service=None)
    decision = decided(it, c.Requalify(ServiceType.MARKING, "lu dans le message"))

    assert it.missing == ("service",)
    assert decision.assistance.missing == ()
    assert (
        one(decision, NoticeKind.REQUALIFIED, Audience.REQUESTER).facts["before"] == ""
    )
