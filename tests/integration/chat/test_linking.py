"""How an account becomes somebody's, and what nobody's account never gets (G4, G5)."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from azbot.i18n.catalogue import catalogue
from azbot.identity import linking
from azbot.messages import PersonId
from azbot.store import NewPerson, Person, PersonKind, UnitOfWork
from azbot.testing.chat import LocalPerson
from azbot.tokens import issue_start
from tests.chatdesk import ChatDesk
from tests.maildesk import CLIENT, STATION, STRANGER, Mail

OVER = "Ce lien ne sert plus."
LINK = re.compile(r"https://t\.example/azbot\?start=([A-Za-z0-9_-]+)")


def token_of(mail: Mail) -> str:
    """Return what the link of a mail brings."""
    found = LINK.search(mail.lines)
    assert found is not None, mail.lines
    return found[1]


async def owner(desk: ChatDesk, account: str) -> PersonId | None:
    return (await desk.account(account)).person


async def known(desk: ChatDesk, address: str = CLIENT) -> Person:
    person = await desk.desk.person(address)
    assert person is not None
    return person


async def offered(desk: ChatDesk, address: str = CLIENT) -> str:
    """Return what the page of somebody gives."""
    person, now = await known(desk, address), desk.clock.now()
    return await desk.store.write(lambda uow: linking.offer(uow, person.id, now))


async def link_by(desk: ChatDesk, somebody: LocalPerson, token: str) -> None:
    somebody.says(f"/start {token}")
    await desk.settle()
    somebody.presses("Oui, c’est moi")
    await desk.settle()


# --- links of mails and pages -----------------------------------------------------


async def test_a_mail_leads_to_a_linked_account_in_two_taps(desk: ChatDesk) -> None:
    """G4: Start, then Yes."""
    mail = await desk.desk.submitted()
    sophie = desk.stranger("501")
    sophie.says(f"/start {token_of(mail)}")
    await desk.settle()
    assert "s•••@clim-martin.example" in sophie.last.text
    assert await owner(desk, "501") is None
    sophie.presses("Oui, c’est moi")
    await desk.settle()
    assert await owner(desk, "501") == (await known(desk)).id
    assert any(b.text.startswith("✓") and CLIENT in b.text for b in sophie.sees)
    told = desk.desk.client.newest("chat_linked")
    assert "Ce n’était pas vous" in told.text
    assert "https://sav.example/portal/unlink/" in told.text


@pytest.mark.parametrize(
    ("told", "chosen", "spoken"),
    [("en-GB", "", "en"), ("", "", "es"), ("en-GB", "fr", "fr")],
)
async def test_a_linked_account_speaks_what_was_chosen_else_what_its_program_tells(
    desk: ChatDesk, told: str, chosen: str, spoken: str
) -> None:
    """What is left is the language their mails were guessed to be in."""
    person, token = await known(desk), await offered(desk)

    def work(uow: UnitOfWork) -> None:
        it = uow.people.update(replace(person, language="es"))
        if chosen:
            linking.choose_language(uow, it, chosen)

    await desk.store.write(work)
    sophie = desk.stranger("501", told)
    sophie.says(f"/start {token}")
    await desk.settle()
    sophie.presses_data(f"link.yes.{token}")
    await desk.settle()
    assert (await desk.account("501")).language == spoken
    sophie.says("/menu")
    await desk.settle()
    assert catalogue(spoken).t("chat.menu.new") in sophie.last.labels
    await desk.store.write(
        lambda uow: linking.choose_language(uow, uow.people.get(person.id), "fr")
    )
    assert (await desk.account("501")).language == "fr"


async def test_yes_pressed_twice_links_once(desk: ChatDesk) -> None:
    """G3."""
    sophie, token = desk.stranger("501"), token_of(await desk.desk.submitted())
    await link_by(desk, sophie, token)
    sophie.presses_data(f"link.yes.{token}")
    await desk.settle()
    assert sophie.answers[-1].text == "Déjà fait."
    assert desk.desk.client.kinds.count("chat_linked") == 1


async def test_a_forwarded_mail_changes_nothing_until_its_question_is_answered(
    desk: ChatDesk,
) -> None:
    mail = await desk.desk.submitted()
    other = desk.stranger("777")
    other.says(f"/start {token_of(mail)}")
    await desk.settle()
    other.presses("Non")
    await desk.settle()
    assert await owner(desk, "777") is None
    assert "chat_linked" not in desk.desk.client.kinds
    sophie = desk.stranger("501")
    await link_by(desk, sophie, token_of(mail))
    assert await owner(desk, "501") == (await known(desk)).id


async def test_a_link_links_once(desk: ChatDesk) -> None:
    """Telegram.md §8, test 15: reuse, by another account and by a second press."""
    token = token_of(await desk.desk.submitted())
    sophie, other = desk.stranger("501"), desk.stranger("777")
    other.says(f"/start {token}")
    await desk.settle()
    await link_by(desk, sophie, token)
    other.presses("Oui, c’est moi")
    await desk.settle()
    assert other.answers[-1].text == OVER
    other.says(f"/start {token}")
    await desk.settle()
    assert await owner(desk, "777") is None
    assert await owner(desk, "501") == (await known(desk)).id


async def test_whatever_is_no_good_link_is_answered_alike(desk: ChatDesk) -> None:
    """Telegram.md §8, test 15: nothing is disclosed of what was wrong with it."""
    mail = await desk.desk.submitted()
    good, person = token_of(mail), await known(desk)
    keyring, now = desk.desk.app.door.keyring, desk.clock.now()
    answers = set()
    for place, token in enumerate(
        (
            "abc",
            good[:-1] + ("a" if good[-1] != "a" else "b"),
            issue_start(keyring, 1, person.id, now),
            issue_start(keyring, 1, 99_999, now + timedelta(days=1)),
            "A" * 64,
        )
    ):
        somebody = desk.stranger(f"8{place}")
        somebody.says(f"/start {token}")
        await desk.settle()
        answers.add(tuple(b.text for b in somebody.sees))
        somebody.presses_data(f"link.yes.{token}"[:64])
        await desk.settle()
        assert somebody.answers[-1].text == OVER
        assert await owner(desk, f"8{place}") is None
    assert len(answers) == 1


async def test_a_link_of_a_mail_lives_for_thirty_days(desk: ChatDesk) -> None:
    token = token_of(await desk.desk.submitted())
    somebody = desk.stranger("501")
    await desk.clock.advance(timedelta(days=30))
    somebody.says(f"/start {token}")
    await desk.settle()
    assert any(b.text.startswith(OVER) for b in somebody.sees)


async def test_a_link_of_a_page_lives_for_a_quarter_of_an_hour(desk: ChatDesk) -> None:
    early, late = await offered(desk), ""
    sophie = desk.stranger("501")
    await desk.clock.advance(timedelta(minutes=14))
    await link_by(desk, sophie, early)
    assert await owner(desk, "501") is not None
    late = await offered(desk, STATION)
    await desk.clock.advance(timedelta(minutes=15))
    other = desk.stranger("601")
    other.says(f"/start {late}")
    await desk.settle()
    assert any(b.text.startswith(OVER) for b in other.sees)


async def test_the_question_may_outlive_its_link_but_not_answer_it(
    desk: ChatDesk,
) -> None:
    token, sophie = await offered(desk), desk.stranger("501")
    sophie.says(f"/start {token}")
    await desk.settle()
    await desk.clock.advance(timedelta(minutes=15))
    sophie.presses("Oui, c’est moi")
    await desk.settle()
    assert await owner(desk, "501") is None


async def test_closing_all_accesses_ends_the_links_of_mails(desk: ChatDesk) -> None:
    token, person = token_of(await desk.desk.submitted()), await known(desk)
    await desk.clock.advance(timedelta(seconds=2))
    now = desk.clock.now()
    await desk.store.write(lambda uow: uow.revocations.revoke(person.id, now))
    somebody = desk.stranger("501")
    somebody.says(f"/start {token}")
    await desk.settle()
    assert any(b.text.startswith(OVER) for b in somebody.sees)


async def test_guessing_is_slowed_down_and_told_nothing(desk: ChatDesk) -> None:
    good, guesser = await offered(desk), desk.stranger("666")
    for guess in range(6):
        guesser.says(f"/start {guess:032x}")
        await desk.settle()
    guesser.says(f"/start {good}")
    await desk.settle()
    assert not any("•••" in bubble.text for bubble in guesser.sees)
    await desk.clock.advance(timedelta(minutes=6))
    guesser.says(f"/start {good}")
    await desk.settle()
    assert "•••" in guesser.last.text


async def test_the_account_before_is_told_and_nobodys(desk: ChatDesk) -> None:
    """One active account of a service each."""
    before = await desk.linked(account="501")
    after = desk.stranger("502")
    await link_by(desk, after, await offered(desk))
    assert await owner(desk, "501") is None
    assert await owner(desk, "502") == (await known(desk)).id
    assert before.last.text.startswith("Ce compte n’est plus relié")


async def test_an_account_that_is_somebodys_asks_before_it_is_anothers(
    desk: ChatDesk,
) -> None:
    somebody = await desk.linked(account="501")
    somebody.says(f"/start {await offered(desk, STATION)}")
    await desk.settle()
    assert "à la place" in somebody.last.text
    somebody.presses("Oui, c’est moi")
    await desk.settle()
    assert await owner(desk, "501") == (await known(desk, STATION)).id
    assert "Missions" in somebody.last.labels


async def test_the_link_of_ones_own_account_is_kept_for_another_time(
    desk: ChatDesk,
) -> None:
    token, sophie = await offered(desk), await desk.linked()
    sophie.says(f"/start {token}")
    await desk.settle()
    assert any("est relié" in b.text for b in sophie.sees)
    other = desk.stranger("502")
    await link_by(desk, other, token)
    assert await owner(desk, "502") is not None


async def test_a_station_sees_the_mission_its_mail_was_about(desk: ChatDesk) -> None:
    token = token_of(await desk.desk.assigned())
    station = desk.stranger("601")
    await link_by(desk, station, token)
    assert await owner(desk, "601") == (await known(desk, STATION)).id
    assert station.last.labels[:2] == ["Accepter", "Refuser"]


async def test_who_has_a_chat_is_not_offered_another_by_mail(desk: ChatDesk) -> None:
    await desk.linked()
    mail = await desk.desk.submitted()
    assert LINK.search(mail.lines) is None


async def test_the_reader_of_a_mail_owns_its_address(desk: ChatDesk) -> None:
    """A stranger's request is answered by mail: its link proves the address."""
    writer = desk.desk.writer("Inès", STRANGER, is_proven=False)
    writer.write("Panne au 3 rue X, 69100 Villeurbanne.", subject="Panne")
    await desk.settle()
    assert not (await known(desk, STRANGER)).is_verified
    ines = desk.stranger("502")
    await link_by(desk, ines, token_of(writer.last))
    assert (await known(desk, STRANGER)).is_verified


# --- number -----------------------------------------------------------------------


async def trusts(desk: ChatDesk, person: Person, *phones: str) -> None:
    await desk.store.write(lambda uow: uow.people.trust_phones(person.id, phones))


async def test_ones_own_number_that_the_desk_knows_links_in_one_tap(
    desk: ChatDesk,
) -> None:
    """The station's number was given by the desk; services may leave out the plus."""
    station = desk.stranger("601")
    station.says("/start")
    await desk.settle()
    station.presses("Relier mon compte")
    await desk.settle()
    assert station.last.labels[0] == "Partager mon numéro"
    station.shares_phone("33199001234")
    await desk.settle()
    assert await owner(desk, "601") == (await known(desk, STATION)).id
    assert "chat_linked" in desk.desk.station.kinds
    assert any(b.screen.drops_keyboard for b in station.sees)


async def test_the_card_of_somebody_else_is_refused(desk: ChatDesk) -> None:
    """Telegram.md §8, test 13, contact part."""
    somebody = desk.stranger()
    somebody.says("/relier")
    somebody.shares_phone("+33199001234", is_own=False, name="Froid Rhône")
    await desk.settle()
    assert await owner(desk, "900") is None
    assert somebody.last.text.startswith("Ce contact n’est pas le vôtre")


async def test_a_number_that_stands_in_a_request_proves_nothing(
    desk: ChatDesk,
) -> None:
    """Anybody may have written it, in the name of an address that is not theirs."""
    thief = desk.desk.writer("Voleur", "victime@ailleurs.example", is_proven=False)
    thief.write(
        "Panne au 18 rue des Charmettes, 69100 Villeurbanne. 06 39 98 77 77",
        subject="Panne",
    )
    await desk.settle()
    victim = await known(desk, "victime@ailleurs.example")
    proven = replace(victim, is_verified=True, phones=("+33639987777",))
    await desk.store.write(lambda uow: uow.people.update(proven))
    somebody = desk.stranger()
    somebody.says("/relier")
    somebody.shares_phone("+33639987777")
    await desk.settle()
    assert await owner(desk, "900") is None
    assert "adresse e-mail" in somebody.last.text


async def test_a_number_of_two_people_proves_neither(desk: ChatDesk) -> None:
    await trusts(desk, await known(desk), "+33199001234")
    somebody = desk.stranger()
    somebody.says("/relier")
    somebody.shares_phone("+33199001234")
    await desk.settle()
    assert await owner(desk, "900") is None


async def test_who_is_not_verified_or_works_at_the_desk_is_not_found_by_number(
    desk: ChatDesk,
) -> None:
    def work(uow: UnitOfWork) -> None:
        for place, kind in enumerate((PersonKind.CLIENT, PersonKind.AGENT)):
            new = NewPerson(
                kind,
                (f"{place}@x.example",),
                phones=(f"+3363998000{place}",),
                is_verified=kind is PersonKind.AGENT,
            )
            person = uow.people.add(new)
            uow.people.trust_phones(person.id, person.phones)

    await desk.store.write(work)
    for place in range(2):
        somebody = desk.stranger(f"90{place}")
        somebody.says("/relier")
        somebody.shares_phone(f"+3363998000{place}")
        await desk.settle()
        assert await owner(desk, f"90{place}") is None


# --- address and code -------------------------------------------------------------


async def codes_to(desk: ChatDesk, address: str) -> list[Mail]:
    writer = desk.desk.writer("", address)
    return [mail for mail in writer.mails if mail.kind == "access_code"]


def digits(mail: Mail) -> str:
    found = re.search(r"\b\d{6}\b", mail.subject)
    assert found is not None, mail.subject
    return found[0]


async def asks_for_a_code(desk: ChatDesk, somebody: LocalPerson, address: str) -> None:
    somebody.says("/relier")
    somebody.says(address)
    await desk.settle()


async def test_six_digits_sent_to_an_address_link_its_owner(desk: ChatDesk) -> None:
    sophie = desk.stranger("501")
    await asks_for_a_code(desk, sophie, CLIENT)
    (mail,) = await codes_to(desk, CLIENT)
    sophie.says(f"{digits(mail)[:3]} {digits(mail)[3:]}")
    await desk.settle()
    assert await owner(desk, "501") == (await known(desk)).id
    assert "Mes demandes" in sophie.last.labels


async def test_an_unknown_address_makes_a_client_who_is_asked_for_a_name(
    desk: ChatDesk,
) -> None:
    ines = desk.stranger("502")
    await asks_for_a_code(desk, ines, "ines@nouveau.example")
    (mail,) = await codes_to(desk, "ines@nouveau.example")
    ines.says(digits(mail))
    await desk.settle()
    assert ines.last.text.startswith("À quel nom")
    ines.says("Inès  Roux")
    await desk.settle()
    person = await known(desk, "ines@nouveau.example")
    assert (person.name, person.is_verified) == ("Inès Roux", True)
    assert await owner(desk, "502") == person.id
    assert "Bonjour Inès Roux" in ines.last.text


async def test_known_and_unknown_addresses_are_answered_alike(desk: ChatDesk) -> None:
    seen = []
    for account, address in (("1", CLIENT), ("2", "nul@nouveau.example")):
        somebody = desk.stranger(account)
        await asks_for_a_code(desk, somebody, address)
        assert len(await codes_to(desk, address)) == 1
        seen.append([b.text.replace(address, "…") for b in somebody.sees])
    assert seen[0] == seen[1]


async def test_people_of_the_desk_are_sent_to_their_own_door(desk: ChatDesk) -> None:
    somebody = desk.stranger()
    await asks_for_a_code(desk, somebody, "equipe@sav.example")
    (mail,) = await codes_to(desk, "equipe@sav.example")
    assert re.search(r"\b\d{6}\b", mail.subject) is None


async def test_a_code_serves_the_account_that_asked_for_it_alone(
    desk: ChatDesk,
) -> None:
    sophie, other = desk.stranger("501"), desk.stranger("777")
    await asks_for_a_code(desk, sophie, CLIENT)
    code = digits((await codes_to(desk, CLIENT))[0])
    other.says("/relier")
    other.says(code)
    await desk.settle()
    assert await owner(desk, "777") is None


async def test_a_code_is_good_for_ten_minutes_and_once(desk: ChatDesk) -> None:
    sophie = desk.stranger("501")
    await asks_for_a_code(desk, sophie, CLIENT)
    code = digits((await codes_to(desk, CLIENT))[0])
    await desk.clock.advance(timedelta(minutes=10))
    sophie.says(code)
    await desk.settle()
    assert sophie.last.text.startswith("Ce code ne convient pas")
    assert await owner(desk, "501") is None


async def test_three_codes_an_hour_are_enough(desk: ChatDesk) -> None:
    sophie = desk.stranger("501")
    await asks_for_a_code(desk, sophie, CLIENT)
    for _ in range(3):
        sophie.presses("Nouveau code")
        await desk.settle()
    assert len(await codes_to(desk, CLIENT)) == 3
    assert sophie.last.text.startswith("Trop de codes")
    await desk.clock.advance(timedelta(hours=1))
    sophie.presses("Nouveau code")
    await desk.settle()
    assert len(await codes_to(desk, CLIENT)) == 4


async def test_guesses_at_a_code_are_slowed_down(desk: ChatDesk) -> None:
    guesser = desk.stranger("666")
    await asks_for_a_code(desk, guesser, CLIENT)
    code = digits((await codes_to(desk, CLIENT))[0])
    wrong = (f"{n:06d}" for n in range(900_000, 900_009) if f"{n:06d}" != code)
    for guess in [*wrong][:6]:
        guesser.says(guess)
    guesser.says(code)
    await desk.settle()
    assert await owner(desk, "666") is None


async def test_what_is_no_address_is_asked_for_again_with_a_way_out(
    desk: ChatDesk,
) -> None:
    somebody = desk.stranger()
    somebody.says("/relier")
    somebody.says("je ne sais plus")
    await desk.settle()
    assert "adresse" in somebody.last.text
    somebody.says("Retour")
    await desk.settle()
    assert "Relier mon compte" in somebody.last.labels
    assert (await desk.account("900")).room == ""


# --- and back ---------------------------------------------------------------------


async def test_unlinking_takes_two_presses_and_forgets_everything(
    desk: ChatDesk,
) -> None:
    sophie = await desk.linked()
    sophie.says("/reglages")
    await desk.settle()
    sophie.presses("Délier ce compte")
    await desk.settle()
    assert await owner(desk, "501") is not None
    sophie.presses("Oui, délier")
    await desk.settle()
    account = await desk.account("501")
    assert (account.person, account.linked_at, account.focus) == (None, None, None)
    assert "Relier mon compte" in sophie.last.labels
    sophie.presses_data("link.part.yes")
    await desk.settle()
    assert sophie.answers[-1].text == "Déjà fait."


# --- what nobody's account never gets ---------------------------------------------


async def every_button(desk: ChatDesk) -> list[str]:
    """Return what every button carries that a client and a station are shown."""
    await desk.desk.underway()
    sophie, station = await desk.linked(), await desk.station()
    for somebody, commands in (
        (sophie, ("/menu", "/demandes", "/nouvelle", "/reglages")),
        (station, ("/missions", "/agenda")),
    ):
        for command in commands:
            somebody.says(command)
            await desk.settle()
    station.says("mercredi 14 h 30", reply_to=station.last)
    await desk.settle()
    ref = (await desk.desk.it()).ref
    sophie.says(f"Bonjour, {ref}")
    await desk.settle()
    found = {
        button.data
        for somebody in (sophie, station)
        for post in somebody.history
        for row in getattr(getattr(post.act, "screen", None), "rows", ())
        for button in row
        if button.data
    }
    shown = {data.partition(".")[0] for data in found}
    assert shown >= {"cases", "missions", "menu", "request"}, shown
    return sorted(found)


async def test_an_unlinked_account_gets_no_case_by_any_button(desk: ChatDesk) -> None:
    """G5: each button that a client or a station was shown, pressed by nobody."""
    buttons = await every_button(desk)
    before = await desk.desk.it()
    somebody = desk.stranger()
    for data in buttons:
        somebody.presses_data(data)
        await desk.settle()
    assert_nothing_shown(somebody)
    assert await desk.desk.it() == before
    assert len(somebody.answers) == len(buttons)


async def test_somebody_else_gets_no_case_by_any_button(desk: ChatDesk) -> None:
    """Telegram.md §8, test 7: another's object is refused, nothing is disclosed."""
    buttons = await every_button(desk)
    before = await desk.desk.it()
    ines = desk.stranger("502")
    await asks_for_a_code(desk, ines, "ines@nouveau.example")
    ines.says(digits((await codes_to(desk, "ines@nouveau.example"))[0]))
    await desk.settle()
    for data in buttons:
        if not data.startswith(("menu.", "link.")):
            ines.presses_data(data)
            await desk.settle()
    assert_nothing_shown(ines)
    assert await desk.desk.it() == before


async def test_an_unlinked_account_gets_no_case_by_its_reference(
    desk: ChatDesk,
) -> None:
    """G5: in words, as a command, as what a chat is begun with."""
    await desk.desk.planned()
    ref = (await desk.desk.it()).ref
    somebody = desk.stranger()
    for words in (ref, f"où en est {ref} ?", f"/demandes {ref}", f"/start {ref}"):
        somebody.says(words)
        await desk.settle()
    assert_nothing_shown(somebody)
    assert len(await desk.desk.messages()) == 0


async def test_an_unlinked_account_gets_no_case_by_a_reply_or_a_forward(
    desk: ChatDesk,
) -> None:
    """G5: a message of ours that was forwarded, and one that is made up."""
    await desk.desk.planned()
    ref = (await desk.desk.it()).ref
    sophie = await desk.linked()
    sophie.says("/menu")
    await desk.settle()
    somebody = desk.stranger()
    somebody.says(f"{ref} · Dépannage", reply_to=sophie.last)
    await desk.settle()
    assert_nothing_shown(somebody)
    assert len(await desk.desk.messages()) == 0


async def test_an_account_that_is_unlinked_gets_nothing_any_more(
    desk: ChatDesk,
) -> None:
    """G5: what it saw before opens nothing now."""
    await desk.desk.planned()
    sophie = await desk.linked()
    sophie.says("/reglages")
    await desk.settle()
    sophie.presses("Délier ce compte")
    await desk.settle()
    sophie.presses("Oui, délier")
    await desk.settle()
    before = len(sophie.history)
    sophie.presses_data("cases.1.open")
    await desk.settle()
    assert "Froid Rhône" not in str(sophie.history[before:])


def assert_nothing_shown(somebody: LocalPerson) -> None:
    shown = str(somebody.history)
    for secret in ("Froid Rhône", "Sophie", "Clim Martin", "Dépannage le", "12 34"):
        assert secret not in shown, secret
