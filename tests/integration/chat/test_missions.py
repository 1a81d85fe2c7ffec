"""A station that uses nothing but its chat (ux.md 8.1, 10; G3, G5, G6, T1)."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from azbot.testing.chat import LocalPerson
from azbot.workflow.answers import form_photos
from azbot.workflow.commands import CancelIntervention, WithdrawMission
from azbot.workflow.model import InterventionStatus, MissionStatus, Status
from tests.chatdesk import ChatDesk


def photo(tint: int = 0) -> bytes:
    made = io.BytesIO()
    Image.effect_noise((200, 150), 60 + tint).convert("RGB").save(made, "JPEG")
    return made.getvalue()


async def shown(desk: ChatDesk, station: LocalPerson) -> None:
    """Bring the card of the one mission."""
    await desk.say(station, "/missions")
    await desk.press(station, "0001")


async def underway(desk: ChatDesk) -> LocalPerson:
    """A station that is on site."""
    await desk.desk.planned()
    station = await desk.station()
    await shown(desk, station)
    await desk.press(station, "Je suis sur place")
    return station


async def test_a_mission_is_accepted_and_scheduled_in_three_presses(
    desk: ChatDesk,
) -> None:
    """G6, T1: accept, a day, an hour."""
    await desk.desk.assigned()
    station = await desk.station()
    await shown(desk, station)
    before = len(desk.chat.posts)
    await desk.press(station, "Accepter", "mercredi", "10 h")
    it = await desk.desk.it()
    visit = it.visit
    assert it.status is Status.UNDERWAY
    assert visit is not None
    assert visit.status is InterventionStatus.PLANNED
    assert visit.planned_at is not None
    assert "✓ Visite programmée" in station.last.text
    assert "10 h" in station.last.text
    assert all(answer.text or True for answer in station.answers)
    assert len(desk.chat.posts) > before
    assert "planned" in desk.desk.client.kinds


async def test_a_question_stands_below_the_message_that_was_pressed(
    desk: ChatDesk,
) -> None:
    await desk.desk.assigned()
    station = await desk.station()
    await shown(desk, station)
    card = station.last
    station.presses("Accepter", on=card)
    await desk.settle()
    asked = station.last
    await desk.say(station, "/agenda")
    assert station.last is not asked
    await desk.press(station, "Programmer la visite")
    assert "Quel jour" in station.last.text
    assert asked.id not in {one.id for one in station.sees}


def calendar_files(who: LocalPerson) -> list[bytes]:
    """The calendar files somebody got in the chat, oldest first."""
    return [
        file.content
        for post in who.history
        for file in post.files
        if file.media_type == "text/calendar"
    ]


async def test_a_visit_comes_with_a_calendar_file_to_the_chats_of_both_sides(
    desk: ChatDesk,
) -> None:
    """M9, in a chat: whoever schedules there has the file, too."""
    sophie = await desk.linked()
    await desk.desk.assigned()
    station = await desk.station()
    await shown(desk, station)
    await desk.press(station, "Accepter", "mercredi", "10 h")
    (own,), (told,) = calendar_files(station), calendar_files(sophie)
    assert b"METHOD:PUBLISH" in own
    assert b"METHOD:PUBLISH" in told
    number = (await desk.desk.it()).interventions[-1].number
    await desk.desk.act(CancelIntervention("chantier fermé", number))
    await desk.settle()
    assert b"METHOD:CANCEL" in calendar_files(sophie)[-1]
    assert b"METHOD:CANCEL" in calendar_files(station)[-1]
    uids = {line for line in calendar_files(sophie)[-1].split() if b"UID" in line}
    assert uids == {line for line in told.split() if b"UID" in line}


async def test_a_second_press_on_an_old_card_says_so_and_changes_nothing(
    desk: ChatDesk,
) -> None:
    """G3."""
    await desk.desk.assigned()
    station = await desk.station()
    await shown(desk, station)
    card = station.last
    station.presses("Accepter", on=card)
    station.presses("Accepter", on=card)
    station.presses("Refuser", on=card)
    await desk.settle()
    assert [a.text for a in station.answers[-2:]] == ["Déjà fait.", "Déjà fait."]
    mission = (await desk.desk.it()).mission
    assert mission is not None
    assert mission.status is MissionStatus.ACCEPTED


async def test_a_mission_is_refused_with_a_reason_and_one_confirmation(
    desk: ChatDesk,
) -> None:
    await desk.desk.assigned()
    station = await desk.station()
    await shown(desk, station)
    await desk.press(station, "Refuser", "Hors zone", "Confirmer")
    it = await desk.desk.it()
    assert it.missions[0].status is MissionStatus.REFUSED
    assert "Mission refusée" in station.last.text
    assert not station.last.labels


async def test_a_refusal_may_carry_words(desk: ChatDesk) -> None:
    await desk.desk.assigned()
    station = await desk.station()
    await shown(desk, station)
    await desk.press(station, "Refuser")
    await desk.say(station, "Pas de technicien avant <b>mai</b>")
    assert (await desk.desk.it()).missions[0].status is MissionStatus.REFUSED


async def test_a_date_can_be_typed_and_a_doubtful_one_is_read_back(
    desk: ChatDesk,
) -> None:
    await desk.desk.assigned()
    station = await desk.station()
    await shown(desk, station)
    await desk.press(station, "Accepter")
    await desk.say(station, "quand je peux")
    assert "pas reconnu" in station.last.text
    await desk.say(station, "mercredi matin")
    assert station.last.labels[:1] == ["Oui"], station.last.text
    await desk.press(station, "Oui")
    visit = (await desk.desk.it()).visit
    assert visit is not None
    assert visit.planned_at is not None


async def test_a_visit_moves_with_a_reason_that_the_client_reads(
    desk: ChatDesk,
) -> None:
    await desk.desk.planned()
    station = await desk.station()
    await shown(desk, station)
    await desk.press(station, "Déplacer", "vendredi", "15 h", "Matériel")
    assert "Matériel non reçu" in desk.desk.client.newest("moved").text


async def test_photos_go_to_a_point_by_caption_or_by_button(desk: ChatDesk) -> None:
    station = await underway(desk)
    station.sends(("a.jpg", "image/jpeg", photo(1)), text="3 : moteurs")
    await desk.settle()
    assert "conforme" in station.last.text
    await desk.press(station, "Oui", "5", "Sans objet")
    station.sends(("b.jpg", "image/jpeg", photo(2)))
    await desk.settle()
    visit = (await desk.desk.it()).visit
    assert visit is not None
    assert visit.status is InterventionStatus.UNDERWAY
    found = {one.point for one in form_photos(visit.answers)}
    assert found == {3, 5}
    assert "Photos de la visite : 2" in station.last.text


async def test_a_no_needs_words_and_keeps_its_photo(desk: ChatDesk) -> None:
    station = await underway(desk)
    station.sends(("a.jpg", "image/jpeg", photo(1)), text="point 2")
    station.presses_data("missions.1.1.answer-no")
    await desk.settle()
    await desk.say(station, "Le câble est blindé d’un seul côté.")
    visit = (await desk.desk.it()).visit
    assert visit is not None
    (shown_photo,) = form_photos(visit.answers)
    assert shown_photo.point == 2
    answer = visit.answers["bus_apart"]
    assert isinstance(answer, dict)
    assert answer["answer"] == "no"


async def test_a_photo_nobody_asked_for_goes_to_the_visit_under_way(
    desk: ChatDesk,
) -> None:
    station = await underway(desk)
    await desk.press(station, "Terminé")
    station.sends(("c.jpg", "image/jpeg", photo(3)))
    await desk.settle()
    visit = (await desk.desk.it()).visit
    assert visit is not None
    assert len(form_photos(visit.answers)) == 1


async def test_the_agenda_has_the_visits_of_seven_days(desk: ChatDesk) -> None:
    await desk.desk.planned()
    station = await desk.station()
    await desk.say(station, "/agenda")
    assert "Les sept prochains jours" in station.last.text
    assert len(station.last.labels) == 3


@pytest.mark.parametrize(
    "data",
    [
        "missions.1.1.accept",
        "missions.99999.1.accept",
        "missions.1.1.plan-202603251300",
        "missions.1.x.photos",
        "missions.1",
        "missions.1.1.move-other",
    ],
)
async def test_nobody_else_does_anything_with_a_mission(
    desk: ChatDesk, data: str
) -> None:
    """G5: neither strangers nor clients, whatever their button carries."""
    await desk.desk.assigned()
    before = await desk.desk.it()
    for somebody in (desk.stranger(), await desk.linked()):
        somebody.presses_data(data)
        await desk.settle()
        assert not [b for b in somebody.sees if "ASFR" in b.text]
        assert [a.text for a in somebody.answers] == ["Ce bouton ne sert plus."]
    assert await desk.desk.it() == before


async def test_a_new_mission_rings_and_is_answered_where_it_rang(
    desk: ChatDesk,
) -> None:
    """G6: from the notice to the date, three presses."""
    station = await desk.station()
    await desk.desk.assigned()
    await desk.settle()
    (card,) = station.sees
    assert card.labels[:2] == ["Accepter", "Refuser"]
    assert not card.is_silent
    await desk.press(station, "Accepter", "mercredi", "10 h")
    assert (await desk.desk.it()).is_dated
    # What asked goes on as the card of the mission, and nothing is told twice.
    (gone_on,) = [b.labels for b in station.sees if b.id == card.id]
    assert "Accepter" not in gone_on
    assert len([b for b in station.sees if "Visite programmée" in b.text]) == 1


async def test_an_answer_by_mail_ends_the_question_in_the_chat(desk: ChatDesk) -> None:
    """G7."""
    station = await desk.station()
    mail = await desk.desk.assigned()
    await desk.settle()
    notice = station.last
    desk.desk.station.answer(mail, "OUI")
    await desk.settle()
    (asked,) = [b for b in station.sees if b.id == notice.id]
    assert "Accepter" not in asked.labels
    assert "Programmer la visite" in station.last.labels


async def test_a_mission_that_is_taken_back_shows_nothing_more(desk: ChatDesk) -> None:
    station = await desk.station()
    await desk.desk.assigned()
    await desk.desk.act(WithdrawMission("Doublon"))
    await desk.settle()
    card = station.sees[0]
    assert "plus la vôtre" in card.text
    assert "Villeurbanne" not in card.text
    assert not card.labels
    assert "Doublon" in station.last.text
