"""Free words and files find their assistance, the desk’s words find their reader."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from azbot.messages import Reason, Spot, Turn, TurnKind
from azbot.screens import words_of
from azbot.store import Store, UnitOfWork
from azbot.store.records import RawEntry
from azbot.testing.chat import LocalPerson
from azbot.testing.clock import FakeClock
from azbot.workflow import commands as c
from azbot.workflow.conversation import Said, messages
from azbot.workflow.model import AssistanceId, Attention, Role, Status
from tests.chatdesk import ChatDesk, desk_by_chat
from tests.maildesk import COMPLETE

SECOND = COMPLETE.replace("18 rue des Charmettes", "2 impasse du Gué")
WRONG = "Ce n’est pas ce dossier"
MP4 = b"\x00\x00\x00\x18ftypmp42" + b"\x00" * 40
OGG = b"OggS" + b"\x00" * 60


def photo(number: int) -> tuple[str, str, bytes]:
    content = b"\xff\xd8\xff" + bytes([number]) * 64
    return (f"photo{number}.jpg", "image/jpeg", content)


PHOTO = photo(0)


async def said(desk: ChatDesk, number: int = 1) -> list[Said]:
    """What clients and stations wrote, the opening apart."""
    key = AssistanceId(number)
    history = await desk.store.write(lambda uow: uow.events.of(key))
    return [one for one in messages(history) if one.is_inbound][1:]


async def texts(desk: ChatDesk, number: int = 1) -> list[str]:
    return [one.text for one in await said(desk, number)]


async def one(desk: ChatDesk) -> LocalPerson:
    """A client with one open request, who wrote it by mail."""
    await desk.desk.submitted()
    return await desk.linked()


async def two(desk: ChatDesk) -> LocalPerson:
    """A client with two."""
    sophie = await one(desk)
    desk.desk.client.write(SECOND, subject="Autre panne")
    await desk.settle()
    assert (await desk.desk.it(2)).is_open
    return sophie


async def says(desk: ChatDesk, person: LocalPerson, text: str) -> str:
    name = person.says(text)
    await desk.settle()
    return name


async def held(desk: ChatDesk) -> list[RawEntry]:
    def work(uow: UnitOfWork) -> list[RawEntry]:
        return uow.raw.quarantined()

    return await desk.store.write(work)


# --- where words belong (telegram.md §2.4) ----------------------------------------


async def test_words_go_to_the_only_open_one_and_the_first_says_so(
    desk: ChatDesk,
) -> None:
    sophie = await one(desk)
    await says(desk, sophie, "Le digicode est 1234.")
    assert await texts(desk) == ["Le digicode est 1234."]
    assert "→ ASFR26000001 · Villeurbanne" in sophie.last.text
    assert "Transmis au support, réponse habituelle sous" in sophie.last.text
    assert sophie.last.labels == [WRONG]

    count = len(sophie.history)
    await says(desk, sophie, "Deuxième étage.")
    assert await texts(desk) == ["Le digicode est 1234.", "Deuxième étage."]
    assert len(sophie.history) == count  # later ones are silent

    it = await desk.desk.it()
    assert (it.attention, it.latest and it.latest.channel) == (
        Attention.MESSAGE,
        "telegram",
    )


async def test_g8_what_was_written_offline_arrives_in_order_and_once(
    desk: ChatDesk,
) -> None:
    sophie = await one(desk)
    written = [f"Message {number}" for number in range(30)]
    for text in written:
        sophie.says(text)
    await desk.settle()
    assert await texts(desk) == written
    desk.chat._given = 0  # the service gives everything once more
    await desk.settle()
    assert await texts(desk) == written


async def test_the_receipt_says_when_the_desk_is_back(desk: ChatDesk) -> None:
    sophie = await one(desk)
    await desk.clock.advance_to(desk.clock.now().replace(hour=20))
    await says(desk, sophie, "Bonsoir.")
    assert "Transmis au support, qui reprend" in sophie.last.text


async def test_a_reply_goes_where_the_message_stands(desk: ChatDesk) -> None:
    sophie = await two(desk)
    await desk.desk.act(c.AssignStation(desk.desk.people.station, "prête"), number=2)
    about_two = next(b for b in sophie.sees if "ASFR26000002" in b.text)
    sophie.says("Merci.", reply_to=about_two)
    await desk.settle()
    assert (await texts(desk, 1), await texts(desk, 2)) == ([], ["Merci."])


async def test_a_reply_to_a_message_of_theirs_follows_it(desk: ChatDesk) -> None:
    sophie = await one(desk)
    name = await says(desk, sophie, "Le digicode est 1234.")
    desk.desk.client.write(SECOND, subject="Autre panne")
    await desk.settle()
    own = sophie.sees[-1]
    sophie.says("Non, 4321.", reply_to=type(own)(name, own.screen))
    await desk.settle()
    assert (await texts(desk, 1))[-1] == "Non, 4321."


async def test_several_open_ones_make_a_question_and_nothing_is_lost(
    desk: ChatDesk,
) -> None:
    sophie = await two(desk)
    sophie.says("Il y a un chien.")
    await desk.say(sophie, "Et deux chats.")
    asked = sophie.last
    assert "À quel dossier se rapporte votre message" in asked.text
    assert [label[:12] for label in asked.labels[:2]] == [
        "ASFR26000002",
        "ASFR26000001",
    ]
    assert "Nouvelle demande" in asked.labels
    # An agent sees them wait, whatever their writer does.
    waiting = await held(desk)
    assert [e.outcome.reason for e in waiting] == [Reason.TO_BE_FILED] * 2

    await desk.press(sophie, "ASFR26000001")
    assert await texts(desk, 1) == ["Il y a un chien.", "Et deux chats."]
    assert await texts(desk, 2) == []
    assert await held(desk) == []
    assert any("→ ASFR26000001" in b.text for b in sophie.sees)


async def test_a_choice_holds_for_thirty_minutes(desk: ChatDesk) -> None:
    sophie = await two(desk)
    await says(desk, sophie, "Il y a un chien.")
    await desk.press(sophie, "ASFR26000001")
    await desk.clock.advance(timedelta(minutes=29))
    await says(desk, sophie, "Et deux chats.")
    assert (await texts(desk, 1))[-1] == "Et deux chats."
    await desk.clock.advance(timedelta(minutes=2))
    await says(desk, sophie, "Et un perroquet.")
    assert (await texts(desk, 1))[-1] == "Et deux chats."
    assert "À quel dossier" in sophie.last.text


async def test_a_second_choice_changes_nothing(desk: ChatDesk) -> None:
    """G3."""
    sophie = await two(desk)
    await says(desk, sophie, "Il y a un chien.")
    data = sophie.last.button("ASFR26000001").data
    sophie.presses_data(data)
    sophie.presses_data(data)
    await desk.settle()
    assert await texts(desk, 1) == ["Il y a un chien."]
    assert sorted(answer.text for answer in sophie.answers) == ["", "Déjà fait."]


async def test_nobody_chooses_for_somebody_else(desk: ChatDesk) -> None:
    sophie = await two(desk)
    await says(desk, sophie, "Il y a un chien.")
    data = sophie.last.button("ASFR26000001").data
    mallory = desk.stranger()
    mallory.presses_data(data)
    await desk.settle()
    assert await texts(desk, 1) == []
    assert len(await held(desk)) == 1
    assert "ASFR" not in str(mallory.history)


async def test_an_account_that_is_nobodys_never_reaches_an_assistance(
    desk: ChatDesk,
) -> None:
    """G5: not by its reference, not by a message of hers."""
    sophie = await one(desk)
    await says(desk, sophie, "Le digicode est 1234.")
    mallory = desk.stranger()
    mallory.says("ASFR26000001 : quel est le digicode ?", reply_to=sophie.last)
    await desk.settle()
    assert await texts(desk) == ["Le digicode est 1234."]
    assert "ASFR" not in str([post.act for post in mallory.history])


async def test_what_is_said_soon_after_the_end_can_go_there(desk: ChatDesk) -> None:
    await desk.desk.done()
    sophie = await desk.linked()
    await desk.desk.act(c.CloseAssistance("tout fonctionne"))
    await says(desk, sophie, "Le filtre, tous les combien ?")
    assert "Vous n’avez pas de dossier en cours" in sophie.last.text
    assert sophie.last.labels == ["ASFR26000001 · Clôturée", "Nouvelle demande"]
    await desk.press(sophie, "ASFR26000001")
    assert await texts(desk) == ["Le filtre, tous les combien ?"]


async def test_what_is_said_long_after_the_end_is_a_new_request(
    desk: ChatDesk,
) -> None:
    """As with mail (email.md §3): not even a reply goes there any more."""
    await desk.desk.done()
    sophie = await desk.linked()
    await desk.desk.act(c.CloseAssistance("tout fonctionne"))
    old = sophie.last
    await desk.desk.later(days=31)
    sophie.says("Cela recommence.", reply_to=old)
    await desk.settle()
    assert await texts(desk) == []
    assert sophie.last.labels == ["Nouvelle demande"]


async def test_a_station_writes_about_its_mission(desk: ChatDesk) -> None:
    await desk.desk.assigned()
    karim = await desk.station()
    await says(desk, karim, "Y a-t-il un parking ?")
    (found,) = await said(desk)
    assert (found.author, found.channel) == (Role.STATION, "telegram")
    assert found.text == "Y a-t-il un parking ?"


async def test_a_station_without_mission_is_heard_by_the_desk(desk: ChatDesk) -> None:
    await desk.desk.submitted()
    karim = await desk.station()
    await says(desk, karim, "Avez-vous du travail ?")
    assert "Vous n’avez pas de mission en cours" in karim.last.text
    assert [e.outcome.reason for e in await held(desk)] == [Reason.UNKNOWN_ASSISTANCE]


# --- what words do (ux.md 9.2) ----------------------------------------------------


async def test_yes_under_the_closing_question_closes(desk: ChatDesk) -> None:
    await desk.desk.planned()
    sophie = await desk.linked()
    await desk.desk.finish_visit()
    await says(desk, sophie, "OUI")
    assert (await desk.desk.it()).status is Status.CLOSED
    assert await texts(desk) == []
    assert "Merci, l’assistance est clôturée." in sophie.last.text


async def test_no_lets_the_room_with_the_buttons_ask_why(desk: ChatDesk) -> None:
    await desk.desk.planned()
    sophie = await desk.linked()
    await desk.desk.finish_visit()
    await says(desk, sophie, "non")
    assert (await desk.desk.it()).status is Status.DONE
    await says(desk, sophie, "Il y a toujours un bruit.")
    assert (await desk.desk.it()).status is Status.UNDERWAY


async def test_yes_to_an_agent_answers_the_agent(desk: ChatDesk) -> None:
    await desk.desk.planned()
    sophie = await desk.linked()
    await says(desk, sophie, "Bonjour.")
    await desk.desk.finish_visit()
    await desk.desk.act(c.AddMessage("Avez-vous la télécommande ?"))
    await says(desk, sophie, "oui")
    assert (await desk.desk.it()).status is Status.DONE
    assert await texts(desk) == ["Bonjour.", "oui"]


async def test_lines_of_the_form_fill_it(desk: ChatDesk) -> None:
    sophie = await one(desk)
    await says(desk, sophie, "Code postal : 69003")
    assert (await desk.desk.it()).answers["postcode"] == "69003"
    assert await texts(desk) == []
    assert "C’est noté dans votre demande." in sophie.last.text


# --- files, places, contacts (G9) ---------------------------------------------------


async def test_g9_every_kind_of_file_arrives_usable(desk: ChatDesk) -> None:
    sophie = await one(desk)
    sophie.sends(PHOTO, text="La plaque")
    sophie.sends(("bon.pdf", "application/pdf", b"%PDF-1.7 x"), kind="document")
    sophie.sends(("video.mp4", "video/mp4", MP4), kind="video")
    sophie.sends(("voix.ogg", "audio/ogg", OGG), kind="voice")
    await desk.settle()
    it = await desk.desk.it()
    kinds = [d.media_type for d in it.present_documents]
    assert kinds == ["image/jpeg", "application/pdf", "video/mp4", "audio/ogg"]
    found = await said(desk)
    assert [one.text for one in found] == ["La plaque", "", "", ""]
    assert [len(one.documents) for one in found] == [1, 1, 1, 1]


async def test_g9_an_album_is_one_message_and_one_notice(desk: ChatDesk) -> None:
    sophie = await one(desk)
    before = desk.desk.readers.kinds.count("desk")
    for number in range(5):
        text = "Les cinq pièces" if number == 0 else ""
        sophie.sends(photo(number), album="a1", text=text)
    await desk.settle()
    (found,) = await said(desk)
    assert (found.text, len(found.documents)) == ("Les cinq pièces", 5)
    assert (await desk.desk.it()).messages == 2  # with the opening

    await desk.desk.later(seconds=11)
    mails = [m for m in desk.desk.readers.mails if m.kind == "desk"][before:]
    assert len(mails) == 1
    assert all(f"photo{n}.jpg" in mails[0].text for n in range(5))
    told = [bubble for bubble in sophie.sees if "Transmis" in bubble.text]
    assert len(told) == 1


async def test_a_late_piece_of_an_album_joins_it(desk: ChatDesk) -> None:
    sophie = await one(desk)
    sophie.sends(photo(1), album="a1")
    await desk.settle()
    await says(desk, sophie, "Voilà.")
    sophie.sends(photo(2), album="a1", text="et la dernière")
    await desk.settle()
    found = await said(desk)
    assert [(one.text, len(one.documents)) for one in found] == [
        ("et la dernière", 2),
        ("Voilà.", 0),
    ]


async def test_two_albums_at_once_stay_apart(desk: ChatDesk) -> None:
    sophie = await one(desk)
    for number in range(3):
        sophie.sends(photo(number), album="a1")
        sophie.sends(photo(number + 10), album="a2")
    await desk.settle()
    assert [len(one.documents) for one in await said(desk)] == [3, 3]


async def test_an_album_waits_together_and_is_asked_about_once(desk: ChatDesk) -> None:
    sophie = await two(desk)
    for number in range(3):
        sophie.sends(photo(number), album="a1")
    await desk.settle()
    asked = [b for b in sophie.sees if "À quel dossier" in b.text]
    assert len(asked) == 1
    await desk.press(sophie, "ASFR26000001")
    (found,) = await said(desk, 1)
    assert len(found.documents) == 3


async def test_g9_a_place_is_a_link_to_a_map(desk: ChatDesk) -> None:
    sophie = await one(desk)
    sophie.shares_place(Spot(45.764, 4.8357, 12.0))
    sophie.shares_place(Spot(45.764, 4.8357, title="Chantier", address="2 rue X"))
    await desk.settle()
    link = "https://www.openstreetmap.org/?mlat=45.764000&mlon=4.835700"
    near, named = await texts(desk)
    assert near.startswith("Position partagée, à 12\u00a0m près\u00a0:")
    assert named.startswith("Lieu partagé\u00a0: Chantier, 2 rue X")
    assert all(f"\n{link}#map=17/" in text for text in (near, named))


async def test_g9_a_contact_is_a_name_and_a_number(desk: ChatDesk) -> None:
    sophie = await one(desk)
    sophie.shares_phone("33639981111", is_own=False, name="Jean Gardien")
    await desk.settle()
    (text,) = await texts(desk)
    assert "Jean Gardien" in text
    assert "06\u00a039\u00a098\u00a011\u00a011" in text


async def test_a_forwarded_message_says_whose_it_was(desk: ChatDesk) -> None:
    sophie = await one(desk)
    sophie.forwards("OUI", "Paul Lefèvre")
    await desk.settle()
    (found,) = await said(desk)
    assert (found.text, found.forwarded_from) == ("OUI", "Paul Lefèvre")


async def test_what_could_not_be_taken_is_told_with_another_way(desk: ChatDesk) -> None:
    sophie = await one(desk)
    sophie.sends(photo(1))
    desk.chat.files.clear()  # the service has it no more
    await desk.settle()
    assert "photo1.jpg" in sophie.last.text
    assert "/a/" in sophie.last.screen.text
    assert await texts(desk) == ["[photo1.jpg]"]


async def test_files_beyond_the_limit_are_refused_by_name(desk: ChatDesk) -> None:
    sophie = await one(desk)
    limit = desk.desk.app.desk.rules.max_documents
    for number in range(limit + 1):
        sophie.sends(photo(number), album="a1")
    await desk.settle()
    assert len((await desk.desk.it()).present_documents) == limit
    assert f"photo{limit}.jpg" in sophie.last.text


# --- edits --------------------------------------------------------------------------


async def test_an_edited_message_says_the_new_and_keeps_the_old(desk: ChatDesk) -> None:
    sophie = await one(desk)
    name = await says(desk, sophie, "Le digicode est 1234.")
    sophie.edits(name, "Le digicode est 4321.")
    await desk.settle()
    (found,) = await said(desk)
    assert (found.text, found.former) == (
        "Le digicode est 4321.",
        ("Le digicode est 1234.",),
    )
    it = await desk.desk.it()
    assert it.latest is not None
    assert it.latest.text == "Le digicode est 4321."
    assert it.messages == 2


async def test_an_edit_of_what_was_acted_upon_is_a_new_message(desk: ChatDesk) -> None:
    await desk.desk.planned()
    sophie = await desk.linked()
    await desk.desk.finish_visit()
    name = await says(desk, sophie, "OUI")
    assert (await desk.desk.it()).status is Status.CLOSED
    sophie.edits(name, "OUI, mais le filtre est à changer.")
    await desk.settle()
    assert await texts(desk) == ["OUI, mais le filtre est à changer."]


async def test_an_edit_of_what_still_waits_comes_after_it(desk: ChatDesk) -> None:
    sophie = await two(desk)
    name = await says(desk, sophie, "Il y a un chien.")
    sophie.edits(name, "Il y a un loup.")
    await desk.settle()
    await desk.press(sophie, "ASFR26000001")
    (found,) = await said(desk, 1)
    assert (found.text, found.former) == ("Il y a un loup.", ("Il y a un chien.",))


async def test_who_walks_about_began_somewhere(desk: ChatDesk) -> None:
    sophie = await one(desk)
    spot = Spot(45.764, 4.8357, is_live=True)
    name = sophie.shares_place(spot)
    turn = Turn(TurnKind.EDITED, "501", "501", spot=Spot(45.8, 4.9, is_live=True))
    desk.chat.deliver(sophie, turn, "", message_id=name)
    await desk.settle()
    assert len(await texts(desk)) == 1
    assert "45.764000" in (await texts(desk))[0]


# --- misfiled -----------------------------------------------------------------------


async def test_a_misfiled_message_is_moved_and_moved_back(desk: ChatDesk) -> None:
    sophie = await two(desk)
    await says(desk, sophie, "Il y a un chien.")
    await desk.press(sophie, "ASFR26000001")
    await says(desk, sophie, "Il mord.")
    sophie.presses(WRONG)
    await desk.settle()
    assert "Laisser ici" in sophie.last.labels
    await desk.press(sophie, "ASFR26000002")
    assert (await texts(desk, 1), await texts(desk, 2)) == (
        [],
        ["Il y a un chien.", "Il mord."],
    )
    assert (await desk.desk.it(2)).attention is Attention.MESSAGE
    line = next(b for b in sophie.sees if "→ ASFR26000002" in b.text)
    assert "2 messages déplacés, ils étaient dans ASFR26000001" in line.text

    await desk.press(sophie, "Annuler le déplacement")
    assert (await texts(desk, 1), await texts(desk, 2)) == (
        ["Il y a un chien.", "Il mord."],
        [],
    )


async def test_an_edit_follows_a_message_that_was_moved(desk: ChatDesk) -> None:
    sophie = await two(desk)
    name = await says(desk, sophie, "Il y a un chien.")
    await desk.press(sophie, "ASFR26000001")
    sophie.presses(WRONG)
    await desk.settle()
    await desk.press(sophie, "ASFR26000002")
    sophie.edits(name, "Il y a un loup.")
    await desk.settle()
    assert await texts(desk, 2) == ["Il y a un loup."]


async def test_after_half_an_hour_an_agent_moves_it(desk: ChatDesk) -> None:
    sophie = await two(desk)
    await says(desk, sophie, "Il y a un chien.")
    await desk.press(sophie, "ASFR26000001")
    await desk.clock.advance(timedelta(minutes=31))
    sophie.presses(WRONG)
    await desk.settle()
    await desk.press(sophie, "ASFR26000002")
    assert await texts(desk, 1) == ["Il y a un chien."]
    assert "trop tard" in sophie.answers[-1].text


async def test_a_misfiled_message_can_make_a_request_of_its_own(
    desk: ChatDesk,
) -> None:
    sophie = await one(desk)
    await says(desk, sophie, "La régulation du 5 quai Fulchiron est en panne.")
    sophie.presses(WRONG)
    await desk.settle()
    await desk.press(sophie, "Nouvelle demande")
    assert await texts(desk, 1) == []
    key = AssistanceId(2)
    history = await desk.store.write(lambda uow: uow.events.of(key))
    assert [one.text for one in messages(history)] == [
        "La régulation du 5 quai Fulchiron est en panne."
    ]
    assert (await desk.desk.it(2)).requester == (await desk.desk.it(1)).requester


# --- the desk's words ---------------------------------------------------------------

ODD = "<b>*_[]()~</b> &amp; 😀👩‍🔧 {nom}"


async def test_g11_words_are_relayed_unchanged_both_ways(desk: ChatDesk) -> None:
    sophie = await one(desk)
    await says(desk, sophie, ODD)
    assert await texts(desk) == [ODD]
    await desk.desk.act(c.AddMessage(ODD))
    assert words_of(sophie.last.screen).endswith(ODD)
    assert "Camille D." in sophie.last.text
    assert sophie.last.reply_to


async def test_an_answer_goes_where_its_reader_wrote_last_and_nowhere_else(
    desk: ChatDesk,
) -> None:
    sophie = await one(desk)
    mails = len(desk.desk.client.mails)
    await desk.desk.act(c.AddMessage("Bonjour."))
    # The request came by mail.
    assert len(desk.desk.client.mails) == mails + 1
    assert not any("Bonjour." in bubble.text for bubble in sophie.sees)

    await says(desk, sophie, "Je suis sur Telegram.")
    await desk.desk.act(c.AddMessage("Bien reçu."))
    assert "Bien reçu." in sophie.last.text
    assert len(desk.desk.client.mails) == mails + 1

    desk.desk.client.answer(desk.desk.client.last, "Je suis revenue au mail.")
    await desk.settle()
    await desk.desk.act(c.AddMessage("Très bien."))
    assert len(desk.desk.client.mails) == mails + 2
    assert "Très bien." not in sophie.last.text


async def test_an_agent_may_choose_the_letter(desk: ChatDesk) -> None:
    sophie = await one(desk)
    await says(desk, sophie, "Je suis sur Telegram.")
    await desk.desk.act(c.AddMessage("Ceci est long.", by_mail=True))
    assert "Ceci est long." in desk.desk.client.last.text
    assert not any("Ceci est long." in bubble.text for bubble in sophie.sees)


async def test_files_of_an_agent_come_along(desk: ChatDesk) -> None:
    sophie = await one(desk)
    await says(desk, sophie, "Avez-vous la notice ?")
    content = b"%PDF-1.7 notice"
    blob = await desk.store.write(lambda uow: uow.blobs.put(content))
    file = c.NewDocument("notice.pdf", "application/pdf", len(content), blob)
    await desk.desk.act(c.AddMessage("La voici.", documents=(file,)))
    assert sophie.last.files == ("notice.pdf",)


async def test_words_that_waited_for_a_chat_that_was_closed_leave_by_mail(
    desk: ChatDesk,
) -> None:
    sophie = await one(desk)
    await says(desk, sophie, "Je suis sur Telegram.")
    sophie.blocks()
    await desk.desk.app.desk.handle(
        AssistanceId(1), c.AddMessage("Bien reçu."), desk.desk.people.staff
    )
    await desk.settle()
    assert "Bien reçu." in desk.desk.client.last.text


# --- what it costs ----------------------------------------------------------------


@pytest.fixture
def told() -> Iterator[list[str]]:
    """What SQLite is told from now on, values included, in order."""
    found: list[str] = []

    def listen(connection: object, _record: object) -> None:
        if isinstance(connection, sqlite3.Connection):
            connection.set_trace_callback(found.append)

    event.listen(Engine, "connect", listen)
    yield found
    event.remove(Engine, "connect", listen)


async def a_station(desk: ChatDesk) -> LocalPerson:
    """A station that is asked to come."""
    await desk.desk.assigned()
    return await desk.station()


@pytest.mark.parametrize("speaker", [one, a_station])
async def test_a_turn_asks_the_store_nothing_twice(
    told: list[str],
    sqlite_store: Store,
    clock: FakeClock,
    tmp_path: Path,
    speaker: Callable[[ChatDesk], Awaitable[LocalPerson]],
) -> None:
    desk = await desk_by_chat(sqlite_store, clock, tmp_path)
    person = await speaker(desk)
    told.clear()
    await says(desk, person, "Le salon est froid lui aussi.")
    (turn,) = [
        work.split("\0")
        for work in "\0".join(told).split("BEGIN IMMEDIATE")
        if "INSERT INTO events" in work
    ]
    asked = Counter(words for words in turn if words.startswith("SELECT"))
    assert [words for words, count in asked.items() if count > 1] == []
