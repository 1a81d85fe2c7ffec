"""Desk and station talk in chats and by mail, the client's chat beside them (R176)."""

from __future__ import annotations

from azbot.testing.chat import LocalPerson
from azbot.workflow import commands as c
from azbot.workflow.model import Attention, Hearers, Role
from tests.chatdesk import ChatDesk

ASKED = "Qui a la clé du local ?"
TOLD = "La gardienne, au 2e étage."


def heard(person: LocalPerson) -> str:
    return "\n".join(repr(post.act) for post in person.history)


async def test_a_new_mission_is_one_message_that_rings_and_has_the_buttons(
    desk: ChatDesk,
) -> None:
    await desk.desk.submitted()
    station = await desk.station()
    await desk.desk.act(c.AssignStation(desk.desk.people.station, "prête"))
    (told,) = station.sees
    assert told.text.startswith("Nouvelle mission\n")
    assert not told.is_silent
    assert "Accepter" in told.labels
    # Nobody answers: the same message comes again below, and the old one goes.
    await desk.desk.act(c.RemindStation())
    (again,) = station.sees
    assert again.text.startswith("Mission sans réponse\n")
    assert again.id != told.id
    # What was pressed makes of it the card of the mission.
    station.presses("Accepter", on=again)
    await desk.settle()
    (card,) = [one for one in station.sees if one.id == again.id]
    assert card.text.startswith("ASFR26000001")
    assert "Accepter" not in card.labels
    assert (await desk.desk.it()).missions[-1].answered_at is not None


async def test_an_answer_to_the_station_is_read_in_its_chat_and_nowhere_else(
    desk: ChatDesk,
) -> None:
    sophie = await desk.linked()
    await desk.desk.assigned()
    station = await desk.station()
    station.says(ASKED)
    await desk.settle()
    it = await desk.desk.it()
    assert (it.attention, it.unanswered) == (Attention.MESSAGE, Hearers.STATION)
    client, partner = len(desk.desk.client.mails), len(desk.desk.station.mails)
    await desk.desk.act(c.AddMessage(TOLD, to=Hearers.STATION))
    assert station.last.text.startswith("Camille")
    assert TOLD in station.last.text
    # She answers under it, and it is in the same talk.
    station.says("Merci, j’y passe.", reply_to=station.last)
    await desk.settle()
    newest = (await desk.desk.messages())[-1]
    assert (newest.text, newest.author) == ("Merci, j’y passe.", Role.STATION)
    assert newest.hearers is Hearers.STATION
    for words in (ASKED, TOLD, "j’y passe"):
        assert words not in heard(sophie)
    # Who was heard in a chat is answered there alone; the client is told nothing.
    assert len(desk.desk.client.mails) == client
    assert len(desk.desk.station.mails) == partner


async def test_both_are_told_each_in_their_chat(desk: ChatDesk) -> None:
    sophie = await desk.linked()
    await desk.desk.assigned()
    station = await desk.station()
    sophie.says("J’attends dehors.")
    await desk.settle()
    await desk.desk.act(c.AddMessage("Le courant est coupé.", to=Hearers.BOTH))
    assert "Le courant est coupé." in sophie.last.text
    assert "Le courant est coupé." in station.last.text


async def test_a_station_answers_by_mail_into_the_same_talk(desk: ChatDesk) -> None:
    await desk.desk.assigned()
    await desk.desk.act(c.AddMessage(TOLD, to=Hearers.STATION))
    mail = desk.desk.station.newest("message")
    assert TOLD in mail.text
    assert mail.subject.startswith("Message sur la mission")
    assert not [one for one in desk.desk.client.mails if TOLD in one.text]
    count = len(desk.desk.client.mails)
    desk.desk.station.answer(mail, "Parfait, à mardi.")
    await desk.settle()
    newest = (await desk.desk.messages())[-1]
    assert (newest.text, newest.hearers) == ("Parfait, à mardi.", Hearers.STATION)
    it = await desk.desk.it()
    assert (it.attention, it.unanswered) == (Attention.MESSAGE, Hearers.STATION)
    assert len(desk.desk.client.mails) == count
