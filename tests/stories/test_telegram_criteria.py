"""The criteria of the chat, each by its number, on the channel that is shipped.

ux.md 10.7. The table in docs/channels/telegram.md says which further tests and figures
each of them has; G10 and G12 have stories of their own.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from azbot.messages import PersonId
from azbot.store import Store, UnitOfWork
from azbot.store.chats import ChatAccount
from azbot.testing.clock import FakeClock
from azbot.testing.telegram import Person
from azbot.workflow.model import Status
from tests.maildesk import CLIENT, STATION
from tests.stories.book import spaced
from tests.stories.everywhere import Everywhere
from tests.stories.lives import Life, lived
from tests.stories.telegram_alone import COMPANY, ORDER, ROOT, photo

TWO_MINUTES = timedelta(minutes=2)
PER_TAP = timedelta(seconds=5)
"""To read a question of ours and to touch the answer, without haste."""
PER_LETTER = timedelta(milliseconds=400)
"""On the keyboard of a phone, with two thumbs that are no expert's."""
PER_ANSWER = timedelta(seconds=1)
"""The most we may take (G3); ``dev.py bench talk`` measures what we do take."""
MARKS = "<b>*_[]()~` 🙂👍🏽🇫🇷"
MP4 = b"\x00\x00\x00\x18ftypmp42" + bytes(range(200))
OGG = b"OggS" + b"\x00" * 60


@pytest.fixture
async def life(
    sqlite_store: Store, clock: FakeClock, tmp_path: Path
) -> AsyncIterator[Life]:
    async with lived(sqlite_store, clock, tmp_path) as made:
        yield made


@pytest.fixture
async def sophie(life: Life) -> Everywhere:
    """A client whose account is linked already."""
    phone = life.phone(501, "Sophie Martin", "fr", "33639981234")
    await _linked(life, phone, CLIENT)
    return Everywhere(life, life.desk.client, phone, life.browser())


@pytest.fixture
async def karim(life: Life) -> Everywhere:
    """A station whose account is linked already."""
    phone = life.phone(601, "Karim Benali", "fr", "33199001234")
    await _linked(life, phone, STATION)
    return Everywhere(life, life.desk.station, phone, life.browser())


async def _linked(life: Life, phone: Person, address: str) -> None:
    person = await life.desk.person(address)
    assert person is not None
    await life.store.write(lambda uow: _link(uow, life, phone, person.id))
    phone.chat.door = "open"


def _link(uow: UnitOfWork, life: Life, phone: Person, person: PersonId) -> None:
    now, name = life.clock.now(), str(phone.id)
    account = ChatAccount(
        "telegram",
        name,
        name,
        now,
        now,
        person=person,
        linked_at=now,
        greeted_at=now,
    )
    uow.chats.save(account)


async def test_g1_a_request_by_buttons_has_nine_questions_fourteen_taps_two_minutes(
    life: Life, sophie: Everywhere
) -> None:
    """The minutes are counted: of the person's hands and eyes, and the most of ours."""
    typed = "18 rue des Charmettes, 69100 Villeurbanne"
    steps = [
        *("Mise en service", typed, "Régulation multizone gainable", "1", "5"),
        *("Suivants", "Daikin", "Moi", "Passer", "Envoyer"),
    ]
    await sophie.says("/nouvelle")
    asked = set()
    for step in steps:
        asked.add(spaced(sophie.phone.last.text).partition("\n")[0])
        await (sophie.says(step) if step == typed else sophie.presses(step))
    taps = len(steps) - 1
    assert len(asked) <= 9
    assert taps <= 14
    assert (await life.desk.it()).status is Status.SUBMITTED
    answers = (len(steps) + 1) * PER_ANSWER
    assert taps * PER_TAP + len(typed) * PER_LETTER + answers <= TWO_MINUTES


async def test_g2_the_guided_request_leaves_three_messages_of_ours_at_most(
    life: Life, sophie: Everywhere
) -> None:
    await _requested(sophie)
    ours = [one for one in sophie.phone.sees if one.is_from_bot]
    assert len(ours) <= 3
    assert spaced(ours[0].text).startswith("Demande envoyée")
    assert (await life.desk.it()).status is Status.SUBMITTED


async def test_g3_each_tap_is_answered_and_a_second_one_says_already_done(
    life: Life, sophie: Everywhere
) -> None:
    await life.desk.done()
    await life.rest()
    (asked,) = sophie.phone.with_text("Le problème est-il résolu")[-1:]
    pressed_at, heard = life.clock.now(), len(sophie.phone.history)
    presses = [sophie.phone.presses("Oui, clôturer", asked) for _ in range(2)]
    await life.rest()
    answers = [press.answer.text if press.answer else None for press in presses]
    assert answers == ["Merci, l’assistance est clôturée.", "Déjà fait."]
    it = await life.desk.it()
    assert (it.status, it.closed_at) == (Status.CLOSED, pressed_at)
    # Answers leave before anything that is shown, whatever waits for that chat.
    methods = [call.method for call in sophie.phone.history[heard:]]
    assert methods[:2] == ["answerCallbackQuery"] * 2
    assert any(method.startswith("edit") for method in methods[2:])


async def test_g4_from_a_mail_to_a_linked_account_it_is_two_taps(life: Life) -> None:
    mail = await life.desk.submitted()
    sophie = Everywhere(
        life,
        life.desk.client,
        life.phone(501, "Sophie Martin", "fr", "33639981234"),
        life.browser(),
    )
    await sophie.follows_in_chat(mail)
    account = await life.store.write(lambda uow: uow.chats.get("telegram", "501"))
    assert account is not None
    assert account.person == life.desk.people.client
    assert len(sophie.phone.presses_made) == 1
    assert [m.text for m in sophie.phone.sees if not m.is_from_bot] == [
        m.text for m in sophie.phone.sees if m.text.startswith("/start ")
    ]


async def test_g5_an_unlinked_account_never_obtains_a_case(
    life: Life, sophie: Everywhere
) -> None:
    await life.desk.submitted()
    await life.rest()
    ref = (await life.desk.it()).ref
    seen = _pressable(sophie.phone)
    assert seen
    stranger = life.phone(900, "Zoé Ailleurs", "fr", "33600000000")
    stranger.start()
    await life.rest()
    menu = stranger.last
    for words in (ref, f"/start {ref}", "/demandes", "/missions", f"{ref} merci"):
        stranger.says(words)
        await life.later(seconds=2)
    for data in (*seen, "case.1.0.open", "missions.1.1.accept", "relay.1.write"):
        stranger.forges(data, menu)
        await life.later(seconds=2)
    shown = " ".join(call.words for call in stranger.history)
    assert ref not in shown.replace(f"« {ref} »", "")
    assert "Charmettes" not in shown
    assert await life.desk.messages() == []
    assert all(press.answer for press in stranger.presses_made)


async def test_g6_a_station_accepts_and_schedules_in_four_taps(
    life: Life, karim: Everywhere
) -> None:
    await life.desk.submitted()
    await life.assign(COMPANY, override_reason="urgence")
    await karim.presses("Accepter", "mercredi", "14 h")
    it = await life.desk.it()
    assert it.status is Status.UNDERWAY
    assert it.is_dated
    assert len(karim.phone.presses_made) <= 4


async def test_g7_an_answer_on_one_channel_closes_the_question_on_the_other(
    life: Life, sophie: Everywhere
) -> None:
    question = await life.desk.done()
    await life.rest()
    assert "Oui, clôturer" in sophie.labels
    written_at = life.clock.now()
    life.desk.client.answer(question, "OUI")
    await life.rest()
    assert "Oui, clôturer" not in sophie.labels
    assert life.clock.now() - written_at <= timedelta(seconds=5)
    (asked,) = sophie.phone.with_text("Le problème est-il résolu")
    assert "(par e-mail)" in spaced(asked.text)


async def test_g8_what_was_written_offline_arrives_in_order_and_once(
    life: Life, sophie: Everywhere
) -> None:
    await life.desk.submitted()
    await life.rest()
    await life.goes_down()
    said = [f"Message {number}." for number in range(20)]
    for words in said:
        sophie.phone.says(words)
    await life.later(minutes=1)
    assert await life.desk.messages() == []
    await life.comes_back()
    life.bot.updates.deliver_again(10)
    await life.rest()
    assert [one.text for one in await life.desk.messages()] == said


async def test_g9_whatever_is_sent_arrives_usable_in_the_inbox(
    life: Life, sophie: Everywhere
) -> None:
    await life.desk.submitted()
    await life.rest()
    album = [photo(number) for number in range(11, 16)]
    sent = [photo(3), *album, ORDER, MP4, OGG]
    phone = sophie.phone
    phone.sends_photo(sent[0], caption="La plaque")
    phone.sends_album(album, caption="Les cinq pièces")
    phone.sends_document(ORDER, "bon.pdf")
    phone.sends_video(MP4, "visite.mp4")
    phone.sends_voice(OGG)
    phone.sends_location(45.764, 4.8357)
    phone.shares_contact(own=False, phone="33639981111")
    await life.rest()
    it = await life.desk.it()
    kinds = ["image/jpeg"] * 6 + ["application/pdf", "video/mp4", "audio/ogg"]
    assert [one.media_type for one in it.present_documents] == kinds
    path = f"/inbox/a/{it.ref}"
    for document, octets in zip(it.present_documents, sent, strict=True):
        address = f"{path}/files/{document.number}"
        async with life.inbox.client.get(address, headers=life.inbox.headers) as found:
            assert await found.read() == octets
    page = await life.inbox.html(path)
    assert len(page.css(".m .album img")) == 5
    assert len(page.css(".m audio")) == len(page.css(".m video")) == 1
    words = spaced(page.text())
    assert "openstreetmap.org/?mlat=45.764000&mlon=4.835700" in words
    assert "06 39 98 11 11" in words
    assert len(await life.desk.messages()) == 7


async def test_g11_marks_and_emojis_are_relayed_unchanged_both_ways(
    life: Life, sophie: Everywhere
) -> None:
    await life.desk.submitted()
    await life.rest()
    await sophie.says(MARKS)
    (said,) = await life.desk.messages()
    assert said.text == MARKS
    page = await life.inbox.html(f"/inbox/a/{(await life.desk.it()).ref}")
    assert MARKS in page.text()
    await life.say(MARKS)
    assert sophie.phone.last.text.endswith(MARKS)


async def test_g13_stop_ends_notices_at_once_and_the_desk_sees_it(
    life: Life, sophie: Everywhere
) -> None:
    await life.desk.submitted()
    await life.rest()
    await sophie.says("/stop")
    await sophie.news()
    await life.assign(COMPANY, override_reason="urgence")
    news = await sophie.news()
    assert (news.mails, news.chat) == (("assigned",), ())
    page = await life.inbox.html(f"/inbox/a/{(await life.desk.it()).ref}")
    assert "Telegram Avis arrêtés" in " ".join(page.text(separator=" ").split())


def test_the_documentation_names_what_shows_each_criterion() -> None:
    """Every line of its table leads to tests that are there."""
    page = (ROOT / "docs/channels/telegram.md").read_text("utf-8")
    rows = dict(re.findall(r"^\| (G\d+) \|(.*)$", page, re.MULTILINE))
    assert list(rows) == [f"G{number}" for number in range(1, 14)]
    written = "\n".join(
        file.read_text("utf-8") for file in (ROOT / "tests").rglob("test_*.py")
    )
    for row in rows.values():
        named = re.findall(r"`(test_\w+)`", row)
        files = re.findall(r"`(tests/[\w/]+\.py)`", row)
        assert named or files
        assert all(f"def {name}(" in written for name in named)
        assert all((ROOT / file).is_file() for file in files)


async def _requested(sophie: Everywhere) -> None:
    await sophie.says("/nouvelle")
    await sophie.presses("Mise en service")
    await sophie.says("18 rue des Charmettes, 69100 Villeurbanne")
    await sophie.presses("Régulation multizone gainable", "1", "5")
    await sophie.says("Daikin")
    await sophie.presses("Moi", "Passer", "Envoyer")


def _pressable(person: Person) -> list[str]:
    """Return what the buttons somebody sees carry."""
    rows = [row for message in person.sees for row in message.buttons]
    return [button.data for row in rows for button in row if button.data]
