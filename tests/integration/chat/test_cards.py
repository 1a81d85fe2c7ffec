"""The cards of a client: drawn where they stand, and safe to press (ux.md 10.5)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from azbot.config import RetentionSettings
from azbot.errors import TemporaryFailure
from azbot.messages import PersonId
from azbot.personal.archiving import Archivist
from azbot.screens import Redraw
from azbot.store import NewPerson, PersonKind, UnitOfWork
from azbot.testing.chat import Bubble, LocalPerson
from azbot.workflow import commands as c
from azbot.workflow.model import Status
from tests.chatdesk import ChatDesk
from tests.maildesk import STATION

CONTACT = "marc@chantier.example"


def card_of(person: LocalPerson) -> Bubble:
    """Return the card: the first bubble that begins with a reference."""
    return next(b for b in person.sees if b.screen.text.startswith("<b>ASFR"))


def about(person: LocalPerson, words: str) -> Bubble:
    """Return the newest bubble that says this."""
    return next(b for b in reversed(person.sees) if words in b.text)


async def on_site(desk: ChatDesk, address: str = CONTACT) -> PersonId:
    """Let somebody else be on site; return who."""
    await desk.desk.act(c.AmendRequest({"contact_email": address}))
    person = await desk.desk.person(address)
    assert person is not None
    return person.id


async def test_a_card_is_drawn_in_place_and_a_short_message_refers_to_it(
    desk: ChatDesk,
) -> None:
    sophie = await desk.linked()
    await desk.desk.submitted()
    card = card_of(sophie)
    assert "Statut : Demandée" in card.text
    await desk.desk.act(c.AssignStation(desk.desk.people.station, "prête"))
    again = card_of(sophie)
    assert again.id == card.id
    assert "Statut : Assignée" in again.text
    assert "Froid Rhône Services, 01 99 00 12 34" in again.text
    assert sophie.last.text.startswith("Une station technique est attribuée")
    assert sophie.last.reply_to == card.id
    assert not sophie.last.is_silent


async def test_what_only_the_desk_sees_draws_nothing(desk: ChatDesk) -> None:
    sophie = await desk.linked()
    await desk.desk.submitted()
    count = len(sophie.history)
    await desk.desk.act(c.AddNote("Client pressé"), c.SetTags(("vip",)))
    assert len(sophie.history) == count


async def test_a_card_is_drawn_anew_when_time_alone_breaks_what_it_promised(
    desk: ChatDesk,
) -> None:
    sophie = await desk.linked()
    await desk.desk.submitted()
    known = {"system": "zoned_ducted", "system_count": 1, "thermostat_count": 5}
    await desk.desk.act(c.AmendRequest({**known, "maker": "daikin"}))
    card, heard = card_of(sophie), len(sophie.sees)
    assert "Réponse avant mardi 3 mars" in card.text
    await desk.desk.later(days=6)
    again = card_of(sophie)
    assert again.id == card.id
    assert "en tête de notre liste" in again.text
    assert len(sophie.sees) == heard


async def test_a_card_shown_later_is_drawn_anew_as_well(desk: ChatDesk) -> None:
    await desk.desk.planned()
    await desk.desk.act(c.CancelIntervention("chantier fermé"))
    sophie = await desk.linked()
    await desk.say(sophie, "/demandes")
    await desk.press(sophie, "ASFR")
    assert "Proposition sous 2 jours ouvrés." in sophie.last.text
    await desk.desk.later(days=6)
    assert sophie.last.text.endswith("La STA vous propose une date de visite.")


async def test_what_changed_while_the_service_was_away_is_drawn_once(
    desk: ChatDesk,
) -> None:
    sophie = await desk.linked()
    await desk.desk.submitted()
    desk.chat.failures += [TemporaryFailure("away") for _ in range(1)]
    people = desk.desk.people
    await desk.desk.act(c.AssignStation(people.station, "prête"))
    desk.desk.station.answer(desk.desk.station.last, "OUI")
    await desk.settle()
    desk.desk.station.answer(desk.desk.station.last, "mercredi 14 h 30")
    await desk.settle()
    before = len(sophie.history)
    await desk.desk.later(minutes=10)
    told = [post.act for post in sophie.history[before:]]
    cards = [act for act in told if isinstance(act, Redraw) and act.slot == "card.1"]
    assert len(cards) == 1
    assert "Visite : mercredi 4 mars à 14 h 30" in card_of(sophie).text


async def test_a_second_press_on_an_old_card_says_so_and_changes_nothing(
    desk: ChatDesk,
) -> None:
    """G3: each press is answered; the one that comes late changes nothing."""
    sophie = await desk.linked()
    await desk.desk.done()
    old = card_of(sophie).button("Oui, clôturer").data
    await desk.press(sophie, "Oui, clôturer")
    closed = await desk.desk.it()
    assert closed.status is Status.CLOSED
    sophie.presses_data(old)
    await desk.settle()
    assert [answer.text for answer in sophie.answers] == [
        "Merci, l’assistance est clôturée.",
        "Déjà fait.",
    ]
    assert (await desk.desk.it()).version == closed.version
    assert card_of(sophie).labels[0] == "Recevoir le rapport"


async def test_the_buttons_of_an_earlier_question_answer_no_later_one(
    desk: ChatDesk,
) -> None:
    sophie = await desk.linked()
    await desk.desk.done()
    old = card_of(sophie).button("Oui, clôturer").data
    await desk.press(sophie, "Non")
    await desk.say(sophie, "la vanne fuit toujours")
    at = desk.clock.now() + timedelta(days=2)
    await desk.desk.visit(c.ScheduleIntervention(at))
    await desk.desk.act(c.ApproveIntervention())
    await desk.desk.finish_visit()
    assert (await desk.desk.it()).status is Status.DONE
    sophie.presses_data(old)
    await desk.settle()
    assert (await desk.desk.it()).status is Status.DONE
    assert sophie.answers[-1].text == "Déjà fait."


@pytest.mark.parametrize(
    "data",
    [
        "cases.1.0.yes",
        "cases.1.0.no",
        "cases.1.0.cancel",
        "cases.1.0.file",
        "cases.1.0.show",
        "cases.1.0.report",
        "cases.1.0.write",
        "cases.1.0.into",
        "cases.99999.0.yes",
        "cases.99999999999999999999.0.yes",
        "cases.page.99999999999999999999",
        "cases.0.0.show",
        "cases.-1.0.show",
        "cases.1.0.pick-airzone",
        "cases.²,½.0.yes",
        "cases..",
        "cases",
        "cases.1.0.approve.now",
    ],
)
async def test_a_button_of_somebody_else_discloses_nothing(
    desk: ChatDesk, data: str
) -> None:
    """telegram.md §8 (7), G5: forged data, another's assistance, numbers of none."""
    await desk.desk.done()
    before = await desk.desk.it()
    stranger = desk.stranger()
    mallory = await linked_stranger(desk)
    for person in (stranger, mallory):
        person.presses_data(data)
        await desk.settle()
        assert len(person.answers) == 1
        assert not any("ASFR" in bubble.text for bubble in person.sees)
    assert (await desk.desk.it()).version == before.version


async def linked_stranger(desk: ChatDesk) -> LocalPerson:
    """Return another client, with nothing to do with the assistance."""
    address = "mallory@ailleurs.example"

    def work(uow: UnitOfWork) -> None:
        uow.people.add(NewPerson(PersonKind.CLIENT, (address,), name="Mallory"))

    await desk.store.write(work)
    return await desk.linked(address, account="777")


async def test_a_station_presses_nothing_of_clients(desk: ChatDesk) -> None:
    paul = await desk.station()
    await desk.desk.done()
    before = await desk.desk.it()
    paul.presses_data("cases.1.0.yes")
    await desk.settle()
    assert paul.answers[-1].text == "Ce bouton ne sert plus."
    assert (await desk.desk.it()).version == before.version


async def test_the_contact_on_site_sees_visits_alone(desk: ChatDesk) -> None:
    """R153, C15: no words between requester and desk, nothing to decide."""
    await desk.desk.submitted()
    await on_site(desk)
    marc = await desk.linked(CONTACT, account="502")
    await desk.desk.act(c.AskComplement("Le prix vous convient-il ?"))
    assert marc.sees == []
    await desk.desk.act(c.AssignStation(desk.desk.people.station, "prête"))
    desk.desk.station.answer(desk.desk.station.last, "OUI")
    await desk.settle()
    assert marc.sees == []
    desk.desk.station.answer(desk.desk.station.last, "mercredi 14 h 30")
    await desk.settle()
    card = card_of(marc)
    assert card.labels == ["Autre date", "Écrire au support", "Ouvrir"]
    assert marc.last.text.startswith("Votre intervention est programmée")
    await desk.desk.finish_visit()
    assert card_of(marc).labels == ["Écrire au support", "Ouvrir"]
    assert not any("prix" in bubble.text for bubble in marc.sees)
    assert not any("résolu" in bubble.text for bubble in marc.sees)
    for action in ("yes", "no", "cancel", "file", "report", "fill", "fix"):
        marc.presses_data(f"cases.1.0.{action}")
    await desk.settle()
    assert {answer.text for answer in marc.answers} == {"Déjà fait."}
    assert (await desk.desk.it()).status is Status.DONE


async def test_whoever_is_on_site_no_more_reads_nothing_more(desk: ChatDesk) -> None:
    await desk.desk.submitted()
    await on_site(desk)
    marc = await desk.linked(CONTACT, account="502")
    await desk.desk.act(c.AssignStation(desk.desk.people.station, "prête"))
    desk.desk.station.answer(desk.desk.station.last, "OUI")
    await desk.settle()
    desk.desk.station.answer(desk.desk.station.last, "mercredi 14 h 30")
    await desk.settle()
    await on_site(desk, "lea@chantier.example")
    assert card_of_gone(marc) == "Cette demande ne vous concerne plus."


def card_of_gone(person: LocalPerson) -> str:
    """Return what stands where the card stood."""
    return person.sees[0].text


async def test_html_in_names_and_answers_stands_as_it_is(desk: ChatDesk) -> None:
    """telegram.md §8 (8), G11."""
    sophie = await desk.linked()
    await desk.desk.submitted()
    nasty = '</b><a href="https://evil.example">x</a> <b>*_[]()~` 🤷'
    await desk.desk.act(
        c.AmendRequest({"address": nasty, "town": "<i>Lyon</i>"}),
        c.AskComplement(nasty),
    )
    card = card_of(sophie)
    assert nasty in card.text
    assert "<i>Lyon</i>" in card.text
    assert nasty in sophie.last.text
    hrefs = [line for line in card.screen.text.splitlines() if "<a href" in line]
    assert hrefs == []


async def test_an_account_that_is_somebody_elses_by_now_shows_nothing(
    desk: ChatDesk,
) -> None:
    sophie = await desk.linked()
    await desk.desk.submitted()
    before = len(sophie.history)

    it = await desk.desk.it()
    await desk.desk.app.desk.handle(
        it.id,
        c.AssignStation(desk.desk.people.station, "prête"),
        desk.desk.people.staff,
    )
    account, paul = await desk.account(), await desk.desk.person(STATION)
    assert paul is not None
    given = replace(account, person=paul.id)
    await desk.store.write(lambda uow: uow.chats.save(given))
    await desk.settle()
    said = [p for p in sophie.history[before:] if "Statut" in str(p.act)]
    assert said == []


async def test_an_old_button_of_what_is_archived_says_so_to_whom_it_concerns(
    desk: ChatDesk,
) -> None:
    sophie, mail = await desk.linked(), desk.desk
    await mail.submitted()
    ref = (await mail.it()).ref
    card = card_of(sophie)
    before = card.button(card.labels[0]).data
    await mail.act(c.CancelAssistance("Plus besoin"))
    history = await mail.events()
    await desk.clock.advance(timedelta(days=3 * 366))
    archivist = Archivist(desk.store, RetentionSettings())
    assert await archivist.step(desk.clock.now()) == 1

    sophie.presses_data(before, card.id)
    await desk.settle()
    said = sophie.answers[-1].text
    assert said.startswith(f"La demande {ref} est archivée.")
    assert len(said) <= 200
    stranger = desk.stranger()
    stranger.presses_data(before)
    await desk.settle()
    assert "archivée" not in stranger.answers[-1].text
    assert await mail.events() == history
