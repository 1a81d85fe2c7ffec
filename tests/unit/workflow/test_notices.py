from __future__ import annotations

import json
from dataclasses import replace

import pytest

from azbot.messages import BlobId
from azbot.workflow import commands as c
from azbot.workflow.decision import Audience, Decision, NoticeKind
from azbot.workflow.facts import public_name
from azbot.workflow.model import Actor, Role
from tests.unit.workflow.samples import SAMPLES
from tests.unit.workflow.stages import (
    AGENT,
    CLIENT,
    STAGES,
    STATION,
    SYSTEM,
    VISIT_AT,
    VISIT_STAGES,
    after,
    assigned,
    decided,
    done,
    kinds,
    one,
    opening,
    planned,
    submitted,
    underway,
    waiting,
)


def everything() -> list[Decision]:
    """Every decision that a sample command makes at any stage."""
    found = [decided(None, opening(), CLIENT)]
    for reach in (*STAGES.values(), *VISIT_STAGES.values()):
        for command, actor in SAMPLES:
            try:
                found.append(decided(reach(), command, actor, VISIT_AT))
            except AssertionError:
                continue  # refused: test_decide says which
    return found


EVERYTHING = everything()


def test_every_notice_can_be_stored_and_says_what_it_is_about() -> None:
    notices = [n for decision in EVERYTHING for n in decision.notices]

    assert len(notices) > 100
    for notice in notices:
        facts = json.loads(json.dumps(dict(notice.facts)))
        for key in ("ref", "status", "service", "zone", "at", "address", "town"):
            assert facts[key], (notice.kind, key)


def test_an_internal_note_leaves_nowhere() -> None:
    secret = c.NewDocument("marge-42.pdf", "application/pdf", 1, BlobId("c" * 64))
    for reach in STAGES.values():
        decision = decided(reach(), c.AddNote("marge de 42 %", (secret,)))
        assert decision.notices == ()
        assert decision.history[0].event.is_internal


def test_what_only_the_desk_does_for_itself_tells_nobody() -> None:
    silent = (
        c.ReviewDocument,
        c.RecordDeliveryFailure,
        c.RecordReport,
        c.RecordChatBlocked,
        c.RecordAbsence,
    )
    for command, actor in SAMPLES:
        if isinstance(command, silent) and not isinstance(
            command, c.RecordDeliveryFailure
        ):
            assert decided(done(), command, actor, VISIT_AT).notices == ()


def test_a_delivery_failure_is_shown_to_the_desk() -> None:
    failure = c.RecordDeliveryFailure("a@b.example", "550 unknown")
    decision = decided(done(), failure, SYSTEM)

    facts = one(decision, NoticeKind.DESK, Audience.DESK).facts
    assert (facts["what"], facts["address"]) == ("delivery_failed", "a@b.example")


def test_a_first_mail_says_what_was_understood_and_by_when_we_answer() -> None:
    decision = decided(None, opening(), CLIENT)

    facts = one(decision, NoticeKind.OPENED, Audience.REQUESTER).facts
    assert facts["answer_by"] == after(days=1).isoformat()
    assert facts["missing"] == []
    assert facts["needed"] == []
    assert facts["is_new"] is True
    assert one(decision, NoticeKind.DESK, Audience.DESK).facts["what"] == "opened"


def test_an_incomplete_request_is_answered_with_what_is_missing() -> None:
    bare = replace(opening(maker=None), documents=())
    decision = decided(None, bare, CLIENT)

    facts = one(decision, NoticeKind.INCOMPLETE, Audience.REQUESTER).facts
    assert facts["missing"] == ["maker"]
    assert facts["needed"] == ["maker", "order_proof"]


def test_the_clients_words_go_to_the_desk_and_the_desks_to_the_client() -> None:
    asked = decided(underway(), c.AddMessage("Bonjour", message_id="<1@x>"), CLIENT)
    told = decided(underway(), c.AddMessage("Bonjour"), AGENT)
    station = decided(underway(), c.AddMessage("Bonjour"), STATION)

    desk = one(asked, NoticeKind.DESK, Audience.DESK).facts
    assert (desk["what"], desk["text"], desk["message_id"]) == (
        "message",
        "Bonjour",
        "<1@x>",
    )
    assert kinds(asked) == [NoticeKind.DESK]
    message = one(told, NoticeKind.MESSAGE, Audience.REQUESTER)
    assert (message.facts["text"], message.facts["agent"]) == ("Bonjour", "Camille D.")
    assert not message.is_optional
    assert one(station, NoticeKind.DESK, Audience.DESK).facts["what"] == (
        "station_message"
    )


def test_a_mixed_answer_is_flagged_to_the_desk() -> None:
    mixed = c.AddMessage("OUI mais la chambre 2 est froide", is_mixed=True)
    decision = decided(done(), mixed, CLIENT)

    assert one(decision, NoticeKind.DESK, Audience.DESK).facts["what"] == "mixed"


def test_files_of_the_desk_travel_with_its_message() -> None:
    file = c.NewDocument("schema.pdf", "application/pdf", 1, BlobId("c" * 64))
    decision = decided(submitted(), c.AddMessage("Voici", documents=(file,)), AGENT)

    notice = one(decision, NoticeKind.MESSAGE, Audience.REQUESTER)
    assert notice.files == ("document:2",)
    assert notice.facts["documents"] == ["schema.pdf"]


def test_a_complement_reminder_repeats_the_comment_and_says_until_when() -> None:
    fire = c.FireTimer("remind_client", 1)
    decision = decided(waiting(), fire, SYSTEM, after(days=2))

    facts = one(decision, NoticeKind.COMPLEMENT_REMINDER, Audience.REQUESTER).facts
    assert facts["comment"] == "une photo lisible suffit"
    assert facts["items"] == ["order_proof"]
    assert facts["decide_by"] == "2026-04-01T08:00:00+00:00"
    assert facts["step"] == 1


def test_the_contact_hears_of_visits_only() -> None:
    about_visits = {
        NoticeKind.PLANNED,
        NoticeKind.MOVED,
        NoticeKind.TOMORROW,
        NoticeKind.FOLLOW_UP,
        NoticeKind.VISIT_CANCELLED,
        NoticeKind.CANCELLED,
    }
    heard = {k for d in EVERYTHING for k in kinds(d, Audience.CONTACT)}

    assert heard
    assert heard <= about_visits


def test_clients_read_first_name_and_initial_of_an_agent() -> None:
    outside = (Audience.REQUESTER, Audience.CONTACT, Audience.STATION, Audience.ADDRESS)
    for decision in EVERYTHING:
        for notice in decision.notices:
            text = json.dumps(dict(notice.facts))
            if notice.to in outside:
                assert "Dupont" not in text, notice.kind


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Camille Dupont", "Camille D."),
        ("Jean Pierre de La Tour", "Jean T."),
        ("Camille", "Camille"),
        ("  Camille   Dupont ", "Camille D."),
        ("", ""),
    ],
)
def test_an_agents_name_is_shortened(name: str, shown: str) -> None:
    assert public_name(replace(AGENT, name=name)) == shown


def test_the_desk_reads_who_did_it_in_full() -> None:
    admin = Actor(Role.ADMIN, AGENT.person, "Ada Petit", AGENT.trust, "api")
    decision = decided(planned(), c.AskOtherDate("vendredi"), admin)

    desk = one(decision, NoticeKind.DESK, Audience.DESK).facts
    client = one(decision, NoticeKind.OTHER_DATE, Audience.REQUESTER).facts
    assert desk["actor"] == {"role": "admin", "name": "Ada Petit"}
    assert client["actor"] == {"role": "admin", "name": "Ada P."}


def test_what_asks_or_ends_leaves_even_after_stop() -> None:
    always = {
        NoticeKind.MESSAGE,
        NoticeKind.COMPLEMENT,
        NoticeKind.FINISHED,
        NoticeKind.CLOSED,
        NoticeKind.CANCELLED,
        NoticeKind.VISIT_CANCELLED,
    }
    for decision in EVERYTHING:
        for notice in decision.notices:
            if notice.to in (Audience.REQUESTER, Audience.CONTACT):
                assert notice.is_optional is (notice.kind not in always)
            else:
                assert not notice.is_optional


def test_every_mail_to_a_station_says_which_station() -> None:
    for decision in EVERYTHING:
        for notice in decision.notices:
            if notice.to is Audience.STATION:
                assert notice.facts["station_id"] == 7


def test_silence_of_a_station_is_told_to_the_desk() -> None:
    it = assigned()
    for _ in range(2):
        it = decided(it, c.RemindStation()).assistance
    decision = decided(it, c.FireTimer("station_silent", 1), SYSTEM, after(days=3))

    assert one(decision, NoticeKind.DESK, Audience.DESK).facts["what"] == (
        "station_silent"
    )
