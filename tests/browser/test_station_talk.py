"""Answering a station in the inbox, in Chromium: who reads it is seen and kept."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from azbot.messages import Trust
from azbot.tokens import Purpose, issue_link
from azbot.workflow import commands as c
from azbot.workflow.model import Actor, AssistanceRef, Hearers, Role
from tests.browser.axe import violations_everywhere
from tests.browser.inboxdesk import InboxDesk

pytestmark = pytest.mark.browser

ASKED = "Le local technique est fermé, qui a la clé ?"


def technician(desk: InboxDesk) -> Actor:
    """The contact of the station, on its pages."""
    station = desk.station
    (person,) = desk.write(lambda uow: uow.people.station_contacts(station.id))
    return Actor(
        Role.STATION, person.id, station.company, Trust.PROVEN, "web", station.id
    )


def opened(desk: InboxDesk, page: Page, ref: AssistanceRef) -> Locator:
    """Open an assistance; return its composer."""
    desk.signed_in(page, "camille")
    page.goto(f"{desk.address}/inbox/a/{ref}")
    return page.locator(".composer.has-script")


def chosen(composer: Locator) -> Locator:
    return composer.locator("[name=to]:checked")


def test_a_station_is_answered_and_nobody_else_by_mistake(
    desk: InboxDesk, page: Page
) -> None:
    ref = desk.refs["planned"]
    desk.do(ref, c.AddMessage(ASKED), by=technician(desk))
    composer = opened(desk, page, ref)
    # Whose words wait is who is answered, and every place says so.
    expect(chosen(composer)).to_have_value("station")
    send = composer.locator("[data-form=reply] [data-send]")
    expect(send).to_have_accessible_name(re.compile("^Envoyer à la station"))
    expect(composer.get_by_text("Le client ne le verra pas.")).to_be_visible()
    expect(composer.locator("label", has_text="attend une réponse")).to_have_count(1)
    line = page.locator("[data-timeline] .m", has_text=ASKED)
    expect(line.locator(".between")).to_have_text("Station")
    assert violations_everywhere(page) == []

    # What was begun keeps its reader, on the next page too.
    text = composer.get_by_label("Réponse à la station")
    text.fill("La gardienne, au 06 39 98 00 11.")
    composer.get_by_text("Client", exact=True).click()
    expect(send).to_have_accessible_name(re.compile("^Envoyer au client"))
    expect(composer.get_by_text("La station ne le verra pas.")).to_be_visible()
    expect(composer.locator("[data-form=reply] [data-state]")).to_have_text(
        "Brouillon enregistré"
    )
    page.reload()
    expect(chosen(composer)).to_have_value("client")
    page.locator("#assistance-title").focus()
    page.keyboard.press("t")
    expect(chosen(composer)).to_have_value("station")
    expect(composer.get_by_label("Réponse à la station")).to_be_focused()

    # Held, taken back, and sent: to the station each time.
    page.keyboard.press("Control+Enter")
    toast = page.locator("[data-held]")
    expect(toast).to_contain_text("Message à la station envoyé dans")
    toast.get_by_role("button", name="Annuler").click()
    expect(composer.get_by_label("Réponse à la station")).to_have_value(
        re.compile("gardienne")
    )
    expect(chosen(composer)).to_have_value("station")
    page.keyboard.press("Control+Enter")
    said = page.locator("[data-timeline] .m.out", has_text="gardienne")
    expect(said).to_be_visible(timeout=30_000)
    expect(said.locator(".between")).to_have_text("à la station")
    expect(said).to_contain_text("froid@sta.example")
    # Nobody waits any more: the client is the one who is written to.
    expect(chosen(composer)).to_have_value("client")


def test_a_text_for_a_station_that_lost_the_mission_has_no_reader(
    desk: InboxDesk, page: Page
) -> None:
    ref = desk.refs["assigned"]
    composer = opened(desk, page, ref)
    page.locator("#assistance-title").focus()
    page.keyboard.press("t")
    composer.get_by_label("Réponse à la station").fill("Code du portail : 2580.")
    expect(composer.locator("[data-form=reply] [data-state]")).to_have_text(
        "Brouillon enregistré"
    )
    desk.do(ref, c.WithdrawMission("Erreur de secteur."), by=desk.actor("bruno"))
    whom = composer.get_by_text("Choisissez à qui ce message s’adresse.")
    expect(whom.first).to_be_visible()
    expect(chosen(composer)).to_have_count(0)
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-held]")).to_have_count(0)
    expect(chosen(composer)).to_have_count(0)
    composer.get_by_text("Client", exact=True).click()
    send = composer.locator("[data-form=reply] [data-send]")
    expect(send).to_have_accessible_name(re.compile("^Envoyer au client"))


def test_the_station_reads_the_answer_on_its_telephone_and_asks_on(
    desk: InboxDesk, page: Page
) -> None:
    ref, station = desk.refs["done"], technician(desk)
    desk.do(ref, c.AddMessage(ASKED), by=station)
    told = c.AddMessage("La gardienne, au 2e étage.", to=Hearers.STATION)
    shared = c.AddMessage("Le courant sera coupé à midi.", to=Hearers.BOTH)
    own = c.AddMessage("Une remise de 10 % vous est accordée.")
    desk.do(ref, told, shared, own, by=desk.actor("camille"))
    it = desk.write(lambda uow: uow.assistances.by_ref(ref))
    until = desk.app.clock.now() + timedelta(days=1)
    assert station.person is not None
    keys = desk.app.door.keyring
    token = issue_link(keys, Purpose.LINK, it.id, station.person, until)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{desk.address}/a/{token}")
    talk = page.locator("#messages")
    expect(talk).to_contain_text("La gardienne, au 2e étage.")
    both = talk.locator(".bubble", has_text="Le courant sera coupé")
    expect(both).to_contain_text("Le client lit aussi ce message.")
    expect(talk).not_to_contain_text("remise")
    assert violations_everywhere(page) == []
    page.locator("#text").fill("Merci, j’y passe à 11 h.")
    page.locator("#write button").click()
    expect(talk.locator(".bubble.own").last).to_contain_text("j’y passe à 11 h")
