"""What chats bring, in the inbox and on the client's page (ux.md 6, G9, G12, A12)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser as HTMLParser

from azbot.channels.web.outages import outages
from azbot.channels.web.seams import WebDeps
from azbot.errors import Refused, Unreachable
from azbot.health.supervise import LoopHealth, LoopState
from azbot.intake.quarantine import Quarantine
from azbot.store.records import RawState
from azbot.testing.chat import LocalPerson
from tests.chatdesk import ChatDesk
from tests.integration.test_inbox import Inbox, at, served

JPEG = b"\xff\xd8\xff" + b"\x00" * 60
MP4 = b"\x00\x00\x00\x18ftypmp42" + bytes(range(200))
OGG = b"OggS" + b"\x00" * 60


@pytest.fixture
async def inbox(desk: ChatDesk) -> AsyncIterator[Inbox]:
    async with served(desk.desk) as found:
        yield found


@pytest.fixture
async def sophie(desk: ChatDesk) -> LocalPerson:
    """A client with one request by mail, and a chat."""
    await desk.desk.submitted()
    return await desk.linked()


async def page(inbox: Inbox) -> HTMLParser:
    return await inbox.html(f"/inbox/a/{await inbox.ref()}")


async def test_g9_what_a_chat_brings_is_shown_and_played_in_place(
    desk: ChatDesk, inbox: Inbox, sophie: LocalPerson
) -> None:
    for number in range(3):
        photo = (f"photo{number}.jpg", "image/jpeg", JPEG + bytes([number]))
        sophie.sends(photo, album="a1", text="" if number else "Les pièces")
    sophie.sends(("voix.ogg", "audio/ogg", OGG), kind="voice")
    sophie.sends(("visite.mp4", "video/mp4", MP4), kind="video")
    await desk.settle()
    shown = await page(inbox)
    assert len(shown.css(".m .album img")) == 3
    assert len(shown.css(".m audio")) == len(shown.css(".m video")) == 1
    headers = [node.text() for node in shown.css(".m.in > header")]
    assert sum("Telegram" in header for header in headers) == 3
    # Turns of a talk have no original that a mail program could open.
    assert len(shown.css(".m .original[target]")) == 1

    source = at(shown, ".m video").attributes["src"]
    assert source is not None
    part = {**inbox.headers, "Range": "bytes=4-11"}
    async with inbox.client.get(source, headers=part) as answer:
        assert answer.status == 206
        assert answer.headers["Content-Range"] == f"bytes 4-11/{len(MP4)}"
        assert await answer.read() == b"ftypmp42"
    behind = {**inbox.headers, "Range": "bytes=9000-"}
    async with inbox.client.get(source, headers=behind) as answer:
        assert answer.status == 416


async def test_a_message_without_words_says_in_the_list_what_it_is(
    desk: ChatDesk, inbox: Inbox, sophie: LocalPerson
) -> None:
    async def preview() -> str:
        await desk.settle()
        shown = await inbox.html("/inbox")
        return at(shown, "#list .it .l2 > span").text(strip=True)

    sophie.sends(("voix.ogg", "audio/ogg", OGG), kind="voice", seconds=12)
    assert await preview() == "Message vocal, 0:12"
    for number in range(3):
        photo = (f"photo{number}.jpg", "image/jpeg", JPEG + bytes([number]))
        sophie.sends(photo, album="a1")
    assert await preview() == "3 photos"
    sophie.sends(("visite.mp4", "video/mp4", MP4), kind="video", seconds=75)
    assert await preview() == "Vidéo, 1:15"


async def test_an_edited_message_says_so_and_shows_what_it_said(
    desk: ChatDesk, inbox: Inbox, sophie: LocalPerson
) -> None:
    name = sophie.says("Le digicode est 1234.")
    await desk.settle()
    sophie.edits(name, "Le digicode est 4321.")
    sophie.forwards("Il sera là à midi.", "Paul Lefèvre")
    await desk.settle()
    shown = await page(inbox)
    assert at(shown, ".m .former summary").text().startswith("modifié à")
    assert at(shown, ".m .former div").text(strip=True) == "Le digicode est 1234."
    assert "Transféré de Paul Lefèvre" in at(shown, ".m .origin").text()


async def test_the_composer_says_where_the_answer_leaves_and_offers_the_letter(
    desk: ChatDesk, inbox: Inbox, sophie: LocalPerson
) -> None:
    before = await page(inbox)
    assert "e-mail" in at(before, "[data-part=recipients]").text()
    assert before.css_first("[data-part=recipients] [data-chat]") is None
    await desk.say(sophie, "Bonjour.")
    after = at(await page(inbox), "[data-part=recipients] [data-chat]")
    assert "Répondra par Telegram à Sophie Martin" in after.text()


async def send(inbox: Inbox, text: str, **more: str) -> None:
    ref = await inbox.ref()
    seen = at(await page(inbox), "[name=seen_event]").attributes["value"] or ""
    inbox.presses += 1
    key = f"press-{inbox.presses:08}"
    form: dict[str, Any] = {"key": key, "text": text, "seen_event": seen, **more}
    status, told = await inbox.post(f"/inbox/a/{ref}/send", **form)
    assert status == 200, told


async def test_an_answer_is_held_before_it_exists_in_the_chat(
    desk: ChatDesk, inbox: Inbox, sophie: LocalPerson
) -> None:
    """A12: what is taken back in time was never said."""
    await desk.say(sophie, "Bonjour.")
    await send(inbox, "Trop vite.")
    await desk.settle()
    assert "Trop vite." not in str(sophie.history)
    (hold,) = (await inbox.html(f"/inbox/a/{await inbox.ref()}")).css("[data-hold]")
    await inbox.post(f"/inbox/holds/{hold.attributes['data-hold']}/undo")
    await inbox.let_leave()
    assert "Trop vite." not in str(sophie.history)

    await send(inbox, "Bien reçu.")
    await inbox.let_leave()
    assert "Bien reçu." in sophie.last.text
    letters = at(await page(inbox), ".m.out .letters").text()
    assert "Telegram" in letters
    assert "envoyé à" in letters


async def test_a_letter_that_was_chosen_leaves_as_a_letter(
    desk: ChatDesk, inbox: Inbox, sophie: LocalPerson
) -> None:
    await desk.say(sophie, "Bonjour.")
    await send(inbox, "C’est long.", by_mail="1")
    await inbox.let_leave()
    assert "C’est long." in desk.desk.client.last.text
    assert "C’est long." not in str(sophie.history)


async def test_words_to_who_blocked_us_show_that_they_left_by_mail(
    desk: ChatDesk, inbox: Inbox, sophie: LocalPerson
) -> None:
    await desk.say(sophie, "Bonjour.")
    await send(inbox, "Bien reçu.")
    desk.chat.failures.append(Unreachable("bot was blocked by the user"))
    await inbox.let_leave()
    shown = await page(inbox)
    letters = " ".join(at(shown, ".m.out .letters").text().split())
    assert "Telegram · bloqué, parti par e-mail" in letters
    assert "Bien reçu." in desk.desk.client.last.text
    assert at(shown, ".side").text().count("Telegram")


async def test_who_waits_for_a_choice_can_be_filed_by_an_agent(
    desk: ChatDesk, inbox: Inbox, sophie: LocalPerson
) -> None:
    desk.desk.client.write("Panne de régulation, autre chantier.", subject="Autre")
    await desk.settle()
    photo = ("photo.jpg", "image/jpeg", JPEG)
    sophie.sends(photo, text="Il y a un chien.")
    await desk.settle()
    shown = await inbox.html("/inbox/held")
    assert "Sophie" in shown.text()
    assert "Son auteur est invité à choisir" in shown.text()
    (link,) = {node.attributes["href"] for node in shown.css("main a[href*='held/']")}
    status, _ = await inbox.post(f"{link}/attach", script=False, ref=await inbox.ref())
    assert status == 303
    found = await page(inbox)
    assert "Il y a un chien." in found.text()
    assert len((await desk.desk.it()).present_documents) == 1


async def test_what_came_by_a_channel_that_is_gone_waits_until_it_is_back(
    desk: ChatDesk, inbox: Inbox, sophie: LocalPerson
) -> None:
    """Its package was not installed again, or its section was taken out."""
    desk.desk.client.write("Panne de régulation, autre chantier.", subject="Autre")
    await desk.settle()
    await desk.say(sophie, "Il y a un chien.")
    held = [e for e in await desk.store.views.ledger() if e.channel == desk.chat.name]
    (entry,) = [e for e in held if e.outcome.state is RawState.QUARANTINED]
    without = Quarantine(desk.store, desk.desk.app.desk, {}, "FR")
    with pytest.raises(Refused, match="unreadable_channel"):
        await without.said(entry.id)
    assert await desk.desk.app.quarantine.said(entry.id) == "Il y a un chien."


class Away:
    """Loops of which one fails."""

    def __init__(self, loop: LoopHealth) -> None:
        self._loop = loop

    def health(self) -> list[LoopHealth]:
        return [LoopHealth("receive.email", LoopState.RUNNING), self._loop]


async def test_g12_a_service_that_is_away_for_a_minute_is_told(desk: ChatDesk) -> None:
    since = desk.clock.now()
    loop = LoopHealth("receive.telegram", LoopState.WAITING, failing_since_at=since)
    deps: WebDeps = replace(desk.desk.app.web(), loops=Away(loop))  # type: ignore[arg-type]
    assert outages(deps) == {}
    await desk.desk.later(seconds=61)
    assert outages(deps) == {"telegram": since}
    sending = LoopHealth("send.telegram", LoopState.WAITING, failing_since_at=since)
    deps = replace(deps, loops=Away(sending))  # type: ignore[arg-type]
    assert outages(deps) == {"telegram": since}
