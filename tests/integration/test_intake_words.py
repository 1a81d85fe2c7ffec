"""Words that act: what they do, what confirms them, and when they only say."""

from __future__ import annotations

import pytest

from azbot.workflow import commands as c
from azbot.workflow import events as e
from azbot.workflow.model import InterventionStatus, MissionStatus, Status
from tests.maildesk import MailDesk

BARE = {"In_Reply_To": "", "References": "", "Subject": "Re"}
"""A mail program that drops the thread: only the address is left."""


# --- clients ----------------------------------------------------------------------


async def test_yes_closes_and_a_mail_says_how_to_come_back(each_desk: MailDesk) -> None:
    desk = each_desk
    desk.client.answer(await desk.done(), "Oui, merci beaucoup")
    await desk.settle()

    assert (await desk.it()).status is Status.CLOSED
    assert desk.client.last.kind == "closed"
    assert "30 jours" in desk.client.last.text


async def test_no_with_a_reason_goes_on_and_is_confirmed(desk: MailDesk) -> None:
    desk.client.answer(await desk.done(), "NON, la chambre 2 reste froide")
    await desk.later(minutes=3)

    it = await desk.it()
    assert it.status is Status.UNDERWAY
    assert it.reason == "la chambre 2 reste froide"
    assert "la chambre 2 reste froide" in desk.client.last.text


async def test_a_bare_no_asks_once_and_the_next_answer_is_the_reason(
    desk: MailDesk,
) -> None:
    desk.client.answer(await desk.done(), "NON")
    await desk.settle()
    assert (await desk.it()).status is Status.DONE
    asked = desk.client.last
    assert asked.kind == "reason_wanted"
    assert (await desk.states())[-1] == "answered"
    desk.client.answer(asked, "La chambre 2 reste froide.")
    await desk.settle()

    it = await desk.it()
    assert it.status is Status.UNDERWAY
    assert it.reason == "La chambre 2 reste froide."
    assert desk.client.kinds.count("reason_wanted") == 1


async def test_yes_but_is_a_message_marked_for_the_desk(desk: MailDesk) -> None:
    desk.client.answer(await desk.done(), "OUI mais la chambre 2 reste froide")
    await desk.settle()

    assert (await desk.it()).status is Status.DONE
    assert (await desk.messages())[-1].is_mixed
    assert "la chambre 2 reste froide" in desk.readers.last.text


async def test_another_date_is_asked_of_desk_and_station(desk: MailDesk) -> None:
    desk.client.answer(await desk.planned(), "AUTRE DATE : plutôt jeudi matin")
    await desk.settle()

    assert desk.client.last.kind == "other_date"
    assert "plutôt jeudi matin" in desk.readers.last.text
    assert desk.station.last.kind == "mission_other_date"


async def test_cancelling_is_asked_back_and_a_yes_does_it(each_desk: MailDesk) -> None:
    desk = each_desk
    desk.client.answer(await desk.submitted(), "ANNULER, nous avons trouvé")
    await desk.settle()
    assert (await desk.it()).status is Status.SUBMITTED
    asked = desk.client.last
    assert asked.kind == "confirm_word"
    desk.client.answer(asked, "OUI")
    await desk.settle()

    it = await desk.it()
    assert it.status is Status.CANCELLED
    assert it.reason == "nous avons trouvé"
    assert desk.client.last.kind == "cancelled"


async def test_a_no_to_cancelling_changes_nothing(desk: MailDesk) -> None:
    desk.client.answer(await desk.done(), "ANNULER")
    await desk.settle()
    asked = desk.client.last
    desk.client.answer(asked, "NON, continuez")
    await desk.settle()

    assert (await desk.it()).status is Status.DONE
    assert (await desk.messages())[-1].text == "NON, continuez"


async def test_a_wish_to_cancel_after_assignment_goes_to_the_desk(
    desk: MailDesk,
) -> None:
    await desk.assigned()
    desk.client.answer(desk.client.last, "ANNULER")
    await desk.settle()
    desk.client.answer(desk.client.last, "OUI")
    await desk.settle()

    assert (await desk.it()).status is Status.ASSIGNED
    assert desk.client.last.kind == "cancellation_asked"
    assert "annul" in desk.readers.last.text.lower()


async def test_a_question_answered_without_its_thread_is_the_latest_one(
    desk: MailDesk,
) -> None:
    desk.client.answer(await desk.submitted(), "ANNULER")
    await desk.settle()
    desk.client.answer(desk.client.last, "OUI", quotes=False, **BARE)
    await desk.settle()

    assert (await desk.it()).status is Status.CANCELLED


async def test_a_yes_to_a_question_the_state_has_left_behind_is_a_message(
    desk: MailDesk,
) -> None:
    desk.client.answer(await desk.submitted(), "ANNULER")
    await desk.settle()
    old = desk.client.last
    await desk.act(c.AssignStation(desk.people.station, "prête"))
    desk.client.answer(old, "OUI")
    await desk.settle()

    it = await desk.it()
    assert it.status is Status.ASSIGNED
    assert not it.cancellation_asked
    assert (await desk.messages())[-1].text == "OUI"


async def test_a_yes_to_the_closing_question_of_an_earlier_visit_is_a_message(
    desk: MailDesk,
) -> None:
    old = await desk.done()
    desk.client.answer(old, "NON, la chambre 2 reste froide")
    await desk.settle()
    desk.station.answer(desk.station.newest("date_wanted"), "10/03 10h")
    await desk.settle()
    await desk.act(c.ApproveIntervention())
    await desk.finish_visit()
    assert (await desk.it()).status is Status.DONE
    desk.client.answer(old, "OUI")
    await desk.settle()

    assert (await desk.it()).status is Status.DONE
    assert (await desk.messages())[-1].text == "OUI"
    desk.client.answer(desk.client.newest("finished"), "OUI")
    await desk.settle()
    assert (await desk.it()).status is Status.CLOSED


async def test_yes_when_nothing_is_asked_is_a_message(desk: MailDesk) -> None:
    await desk.assigned()
    desk.client.answer(desk.client.last, "OUI")
    await desk.settle()

    assert (await desk.messages())[-1].text == "OUI"


async def test_yes_to_nobody_knows_what_is_held_and_opens_nothing(
    desk: MailDesk,
) -> None:
    desk.client.write("OUI")
    await desk.settle()

    assert await desk.last_reason() == "probable_assistance"
    assert desk.client.mails == []


async def test_yes_under_a_desks_message_answers_the_message(desk: MailDesk) -> None:
    await desk.done()
    await desk.act(c.AddMessage("Êtes-vous joignable demain ?"))
    desk.client.answer(desk.client.newest("message"), "Oui")
    await desk.settle()

    assert (await desk.it()).status is Status.DONE


async def test_yes_closing_twice_closes_once(desk: MailDesk) -> None:
    question = await desk.done()
    desk.client.answer(question, "OUI")
    desk.client.answer(question, "Oui.")
    await desk.settle()

    closed = [x for x in await desk.events() if isinstance(x, e.AssistanceClosed)]
    assert len(closed) == 1
    assert desk.client.kinds.count("closed") == 1


# --- stations ---------------------------------------------------------------------


async def test_a_station_accepts_by_yes(each_desk: MailDesk) -> None:
    desk = each_desk
    desk.station.answer(await desk.assigned(), "OK pour nous")
    await desk.settle()

    assert (await desk.it()).status is Status.UNDERWAY
    assert desk.station.last.kind == "mission_accepted"


async def test_a_station_refuses_with_a_reason(desk: MailDesk) -> None:
    desk.station.answer(await desk.assigned(), "NON, trop loin de notre secteur")
    await desk.settle()

    it = await desk.it()
    assert it.status is Status.SUBMITTED
    assert it.missions[-1].status is MissionStatus.REFUSED
    assert desk.station.last.kind == "mission_refused"


async def test_a_stations_bare_no_is_asked_why(desk: MailDesk) -> None:
    desk.station.answer(await desk.assigned(), "Non")
    await desk.settle()
    assert desk.station.last.kind == "reason_wanted"
    desk.station.answer(desk.station.last, "Nous sommes complets.")
    await desk.settle()

    assert (await desk.it()).missions[-1].status is MissionStatus.REFUSED


async def test_a_date_accepts_and_plans_in_one_answer(desk: MailDesk) -> None:
    desk.station.answer(await desk.assigned(), "OUI, mercredi 14 h 30")
    await desk.settle()

    it = await desk.it()
    assert it.visit is not None
    assert it.visit.status is InterventionStatus.PLANNED
    assert it.visit.planned_at is not None
    assert it.visit.planned_at.isoformat() == "2026-03-04T13:30:00+00:00"
    assert desk.station.last.kind == "mission_planned"


async def test_an_ambiguous_date_is_read_back_and_a_yes_keeps_it(
    desk: MailDesk,
) -> None:
    desk.station.answer(await desk.underway(), "demain matin")
    await desk.settle()
    asked = desk.station.last
    assert asked.kind == "confirm_word"
    assert "mardi 3 mars" in asked.text
    visit = (await desk.it()).visit
    assert visit is not None
    assert visit.planned_at is None
    desk.station.answer(asked, "OUI")
    await desk.settle()

    visit = (await desk.it()).visit
    assert visit is not None
    assert visit.status is InterventionStatus.PLANNED


async def test_a_date_confirmed_after_another_was_given_is_a_message(
    desk: MailDesk,
) -> None:
    desk.station.answer(await desk.underway(), "demain matin")
    await desk.settle()
    old = desk.station.last
    await desk.clock.advance_to(desk.clock.now().replace(minute=30))
    desk.station.answer(old, "jeudi 5 mars 2026 à 9 h")
    await desk.settle()
    desk.station.answer(old, "OUI")
    await desk.settle()

    visit = (await desk.it()).visit
    assert visit is not None
    assert visit.planned_at is not None
    assert visit.planned_at.isoformat() == "2026-03-05T08:00:00+00:00"
    assert (await desk.messages())[-1].text == "OUI"


async def test_a_date_that_is_past_is_told_and_kept_as_a_message(
    desk: MailDesk,
) -> None:
    desk.station.answer(await desk.underway(), "le 12/01/2026 à 9h00")
    await desk.settle()

    visit = (await desk.it()).visit
    assert visit is not None
    assert visit.planned_at is None
    assert desk.station.last.kind in {"rejected", "confirm_word"}


# --- notices off and on -----------------------------------------------------------


@pytest.mark.parametrize("has_thread", [True, False])
async def test_stop_and_resume_are_confirmed_to_the_client(
    desk: MailDesk, *, has_thread: bool
) -> None:
    recap = await desk.submitted()
    for word, is_off in (("STOP", True), ("REPRENDRE", False)):
        if has_thread:
            desk.client.answer(recap, word)
        else:
            desk.client.write(word, subject="")
        await desk.settle()
        person = await desk.person(desk.client.address)
        assert person is not None
        assert person.notices_off is is_off
        assert desk.client.last.kind == "preference"
    assert "STOP" in desk.client.last.text
    assert len([s for s in await desk.states() if s == "applied"]) == 3


async def test_stop_of_a_station_is_confirmed_to_the_station(desk: MailDesk) -> None:
    desk.station.answer(await desk.assigned(), "STOP")
    await desk.settle()

    assert desk.station.last.kind == "preference"
    assert (await desk.it()).status is Status.ASSIGNED


async def test_stop_of_a_stranger_is_passed_over(desk: MailDesk) -> None:
    desk.writer("Paul", "inconnu@ailleurs.example").write("STOP")
    await desk.settle()

    assert await desk.states() == ["ignored"]
    assert desk.mailbox.sent == ()


async def test_the_contact_on_site_hears_of_their_own_stop(desk: MailDesk) -> None:
    contact = desk.writer("Karim Benali", "karim@chantier.example")
    await desk.submitted()
    await desk.act(
        c.AmendRequest({"contact_email": contact.address, "contact_name": "Karim"}),
        c.AssignStation(desk.people.station, "prête"),
    )
    desk.station.answer(desk.station.last, "OUI, mercredi 14 h 30")
    await desk.settle()
    contact.answer(contact.last, "STOP")
    await desk.settle()

    assert contact.last.kind == "preference"
    assert desk.client.kinds.count("preference") == 0
