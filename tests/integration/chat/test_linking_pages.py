"""« Telegram » in the profile and the inbox, and « Ce n’est pas moi »."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient, TestServer

from azbot.channels.web.server import build_app
from azbot.messages import PersonId
from azbot.store.chats import ChatState
from tests.chatdesk import ChatDesk
from tests.maildesk import CLIENT, STATION
from tests.visiting import Browser, words
from tests.webdesk import Decided, Web

BEGINS = re.compile(r'href="https://t\.example/azbot\?start=([\w-]+)"')
UNLINK = re.compile(r"https://sav\.example(/portal/unlink/\S+)")


@pytest.fixture
async def web(desk: ChatDesk) -> AsyncIterator[Web]:
    """The pages of the same desk."""
    deps = desk.desk.app.web()
    async with TestClient(TestServer(build_app(deps))) as client:
        yield Web(deps, client, desk.clock, Decided())


async def inside(web: Web, address: str = CLIENT) -> Browser:
    browser = Browser(web)
    await browser.enter(address)
    return browser


async def profile(browser: Browser) -> str:
    return await words(await browser.get("/portal/profile"))


async def start_of(answer: ClientResponse) -> str:
    found = BEGINS.search(await answer.text())
    assert found is not None
    return found[1]


async def owner(desk: ChatDesk, account: str = "501") -> PersonId | None:
    return (await desk.account(account)).person


@pytest.mark.parametrize(("address", "account"), [(CLIENT, "501"), (STATION, "601")])
async def test_the_profile_gives_a_link_that_links(
    desk: ChatDesk, web: Web, address: str, account: str
) -> None:
    browser = await inside(web, address)
    assert "Suivez tout et répondez dans Telegram" in await profile(browser)
    answer = await browser.post("/portal/profile/chat")
    page = await answer.text()
    assert "<svg" in page
    assert "15 minutes" in page
    somebody = desk.stranger(account)
    somebody.says(f"/start {await start_of(answer)}")
    await desk.settle()
    await desk.press(somebody, "Oui, c’est moi")
    assert await owner(desk, account) is not None
    assert "Relié au compte Telegram" in await profile(browser)


async def test_a_newer_link_of_the_profile_ends_the_one_before(
    desk: ChatDesk, web: Web
) -> None:
    browser = await inside(web)
    first = await start_of(await browser.post("/portal/profile/chat"))
    await browser.post("/portal/profile/chat")
    somebody = desk.stranger("501")
    somebody.says(f"/start {first}")
    await desk.settle()
    assert any(b.text.startswith("Ce lien ne sert plus") for b in somebody.sees)


async def test_links_are_given_to_who_is_signed_in_alone(
    desk: ChatDesk, web: Web
) -> None:
    """G5: the link of a mail opens a page, but may have been forwarded."""
    mail = await desk.desk.submitted()
    found = re.search(r"https://sav\.example(/a/\S+)", mail.lines)
    assert found is not None
    browser = Browser(web)
    await browser.get(found[1])
    assert (await browser.post("/portal/profile/chat")).status == 401


async def test_the_profile_shows_what_was_stopped_or_blocked(
    desk: ChatDesk, web: Web
) -> None:
    """G13: /stop is seen on the page."""
    sophie, browser = await desk.linked(), await inside(web)
    await desk.say(sophie, "/stop")
    assert "écrivez /start" in await profile(browser)
    sophie.blocks()
    await desk.settle()
    assert "la conversation est bloquée" in await profile(browser)


async def test_the_profile_unlinks_and_the_chat_is_told(
    desk: ChatDesk, web: Web
) -> None:
    sophie, browser = await desk.linked(), await inside(web)
    answer = await browser.post("/portal/profile/chat/part")
    assert answer.status == 303
    await desk.settle()
    assert await owner(desk) is None
    assert sophie.last.text.startswith("Ce compte n’est plus relié")
    gone = await words(await browser.get(answer.headers["Location"].partition("#")[0]))
    assert "Telegram n’est plus relié." in gone


async def test_closing_every_access_unlinks_too(desk: ChatDesk, web: Web) -> None:
    await desk.linked()
    browser = await inside(web)
    await browser.post("/portal/profile/close")
    assert await owner(desk) is None


async def test_the_mail_that_tells_of_an_account_undoes_it(
    desk: ChatDesk, web: Web
) -> None:
    """« Ce n’est pas moi »: opening it changes nothing, pressing it does (X18)."""
    browser = await inside(web)
    thief = desk.stranger("666")
    thief.says(f"/start {await start_of(await browser.post('/portal/profile/chat'))}")
    await desk.settle()
    await desk.press(thief, "Oui, c’est moi")
    found = UNLINK.search(desk.desk.client.newest("chat_linked").lines)
    assert found is not None
    anybody = Browser(web)
    asked = await anybody.get(found[1])
    assert asked.status == 200
    assert await owner(desk, "666") is not None
    done = await words(await anybody.post(found[1]))
    assert "Aucun compte Telegram n’est plus relié au vôtre." in done
    assert await owner(desk, "666") is None
    await desk.settle()
    assert thief.last.text.startswith("Ce compte n’est plus relié")


async def test_a_link_that_undoes_is_no_link_that_opens(
    desk: ChatDesk, web: Web
) -> None:
    mail = await desk.desk.submitted()
    found = re.search(r"https://sav\.example/a/(\S+)", mail.lines)
    assert found is not None
    for token in (found[1], "abc", "1.1.1.k1" + "a" * 32):
        assert (await Browser(web).post(f"/portal/unlink/{token}")).status in (404, 410)
    await desk.clock.advance(timedelta(days=31))


async def test_a_typed_number_is_known_and_one_that_stood_there_is_not(
    desk: ChatDesk, web: Web
) -> None:
    """Saving the profile confirms nothing that a request may have brought."""
    browser = await inside(web)
    person = await desk.desk.person(CLIENT)
    assert person is not None

    async def known() -> frozenset[str]:
        return await desk.store.write(lambda uow: uow.people.known_phones(person.id))

    form = {"name": "Sophie Martin", "language": "fr", "notices": "1"}
    await browser.post("/portal/profile", **form, phone="06 39 98 12 34")
    assert await known() == frozenset()
    await browser.post("/portal/profile", **form, phone="06 39 98 55 55")
    assert await known() == {"+33639985555"}
    await browser.post("/portal/profile", **form, phone="06 39 98 66 66")
    assert await known() == {"+33639986666"}
    somebody = desk.stranger("501")
    somebody.says("/relier")
    somebody.shares_phone("33639986666")
    await desk.settle()
    assert await owner(desk) == person.id


async def test_an_agent_reads_whether_the_requester_chats(
    desk: ChatDesk, web: Web
) -> None:
    """G13: /stop is seen by agents."""
    await desk.desk.submitted()
    ref = (await desk.desk.it()).ref
    staff = await web.sign_in()

    async def panel() -> str:
        return await words(await web.client.get(f"/inbox/a/{ref}", headers=staff))

    assert "Telegram Relié" not in await panel()
    sophie = await desk.linked()
    assert "Telegram Relié" in await panel()
    await desk.say(sophie, "/stop")
    assert (await desk.account()).state is ChatState.STOPPED
    assert "Telegram Avis arrêtés" in await panel()
    sophie.blocks()
    await desk.settle()
    assert "Telegram Bloqué" in await panel()
