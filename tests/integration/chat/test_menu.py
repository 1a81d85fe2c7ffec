"""The entrance: who runs this, what can be done, how to end it (ux.md 10.1–10.3)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from azbot.i18n.catalogue import LANGUAGES, catalogue
from azbot.store.chats import ChatState
from tests.chatdesk import ChatDesk
from tests.maildesk import CLIENT, STATION


async def test_the_first_message_says_who_runs_this_and_how_to_stop(
    desk: ChatDesk,
) -> None:
    somebody = desk.stranger()
    await desk.say(somebody, "/start")
    notice = somebody.sees[0]
    assert notice.text.startswith("Vous écrivez au support technique de Régulation")
    assert "Telegram" in notice.text
    assert "/stop" in notice.text
    assert "https://sav.example/privacy?lang=fr" in notice.screen.text
    somebody.says("/aide")
    await desk.say(somebody, "bonjour")
    assert [b.text for b in somebody.sees].count(notice.text) == 1


@pytest.mark.parametrize(
    ("does", "name"), [("says", "bonjour"), ("presses_data", "menu.open")]
)
async def test_whatever_comes_first_who_runs_this_is_said_before_it(
    desk: ChatDesk, does: str, name: str
) -> None:
    somebody = desk.stranger()
    getattr(somebody, does)(name)
    await desk.settle()
    assert somebody.sees[0].text.startswith("Vous écrivez au")
    assert len(somebody.sees) > 1


async def test_a_stranger_may_ask_link_or_learn_how_to_reach_the_desk(
    desk: ChatDesk,
) -> None:
    somebody = desk.stranger()
    await desk.say(somebody, "/start")
    assert somebody.last.labels == [
        "Nouvelle demande",
        "Relier mon compte",
        "Parler au support",
        "English",
        "Español",
    ]
    await desk.press(somebody, "Parler au support")
    assert "support@sav.example" in somebody.last.text
    assert somebody.last.labels == ["Nouvelle demande", "Retour"]


async def test_a_client_has_the_menu_of_clients_and_a_station_that_of_stations(
    desk: ChatDesk,
) -> None:
    client, station = await desk.linked(), await desk.station()
    client.says("/menu")
    await desk.say(station, "/menu")
    assert client.last.labels == [
        "Nouvelle demande",
        "Mes demandes",
        "Réglages",
        "Parler au support",
    ]
    assert station.last.labels == [
        "Missions",
        "Agenda",
        "Réglages",
        "Parler au support",
    ]
    assert client.last.button("Mes demandes").data == "cases.open"
    assert [name for name, _ in client.commands] == [
        "nouvelle",
        "demandes",
        "reglages",
        "aide",
        "stop",
    ]
    assert [name for name, _ in station.commands][:2] == ["missions", "agenda"]


async def test_the_menu_is_one_message_however_often_it_is_asked_for(
    desk: ChatDesk,
) -> None:
    client = await desk.linked()
    for word in ("/menu", "/aide", "/reglages"):
        client.says(word)
        await desk.settle()
    await desk.press(client, "Retour")
    assert len(client.sees) == 1


@pytest.mark.parametrize("language", LANGUAGES)
async def test_menu_and_commands_speak_the_language_of_the_program(
    desk: ChatDesk, language: str
) -> None:
    words = catalogue(language)
    somebody = desk.stranger(language=f"{language}-XX")
    await desk.say(somebody, "/start")
    assert words.t("chat.menu.new") in somebody.last.labels
    assert somebody.commands[0][0] == words.t("chat.command.new")


async def test_without_a_language_one_is_spoken_all_the_same(desk: ChatDesk) -> None:
    """Telegram.md §8, test 16."""
    somebody = desk.stranger(language="")
    await desk.say(somebody, "/start")
    assert "Nouvelle demande" in somebody.last.labels


async def test_the_language_chosen_is_that_of_mails_too(desk: ChatDesk) -> None:
    client = await desk.linked()
    await desk.say(client, "/reglages")
    await desk.press(client, "English")
    assert client.last.text.startswith("Settings")
    assert client.commands[0][0] == "new"
    person = await desk.desk.person(CLIENT)
    assert person is not None
    assert person.language == "en"


async def test_the_stored_language_wins_over_that_of_the_program(
    desk: ChatDesk,
) -> None:
    client = await desk.linked()
    client.language = "es"
    await desk.say(client, "/menu")
    assert "Mes demandes" in client.last.labels


async def test_stop_ends_notices_at_once_and_start_brings_them_back(
    desk: ChatDesk,
) -> None:
    """G13."""
    client = await desk.linked()
    await desk.say(client, "/stop")
    assert (await desk.account()).state is ChatState.STOPPED
    assert "/start" in client.last.text
    await desk.press(client, "Recevoir de nouveau")
    assert (await desk.account()).state is ChatState.OPEN
    assert "Avis ici : oui" in client.last.text.replace("\u00a0", " ")
    client.says("/stop")
    await desk.say(client, "/start")
    assert (await desk.account()).state is ChatState.OPEN


async def test_a_station_is_told_of_its_settings_too(desk: ChatDesk) -> None:
    station = await desk.station()
    await desk.say(station, "/reglages")
    assert STATION in station.last.text
    await desk.press(station, "Arrêter les avis ici")
    assert (await desk.account("601")).state is ChatState.STOPPED
    assert station.answers[-1].text.startswith("Vous ne recevrez plus")


async def test_a_name_is_shown_as_it_is_and_marks_nothing(desk: ChatDesk) -> None:
    """Telegram.md §8, test 8."""
    await desk.desk.submitted()
    client = await desk.linked()
    person = await desk.desk.person(CLIENT)
    assert person is not None
    hostile = "</b><a href='x'>Sophie & co"
    named = replace(person, name=hostile)
    await desk.store.write(lambda uow: uow.people.update(named))
    await desk.say(client, "/menu")
    assert hostile in client.last.text
    assert "<a" not in client.last.screen.text
