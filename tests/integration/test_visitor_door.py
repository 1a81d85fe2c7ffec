"""Six digits by mail: who comes in, and what nobody learns (ux.md 7.1)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from azbot.channels.web.visitors.access import SESSION
from azbot.channels.web.visitors.onward import onward_of
from azbot.channels.web.visitors.waiting import COOKIE
from azbot.identity.codes import typed
from azbot.store import NewPerson, PersonKind
from tests.visiting import Browser, letters, newest_code, words
from tests.webdesk import BROWSER, Web

CLIENT = "sophie@clim-martin.example"
STRANGER = "nouveau@clim-martin.example"
DESK = "camille@sav.example"


async def test_a_code_opens_a_session_and_serves_once(web: Web) -> None:
    await web.opened()
    browser = Browser(web)
    asked = await browser.ask(CLIENT)
    assert (asked.status, asked.headers["Location"]) == (303, "/portal/signin/code")
    page = await browser.get("/portal/signin/code")
    text = await page.text()
    assert 'autocomplete="one-time-code"' in text
    assert 'inputmode="numeric"' in text
    code = await newest_code(web, CLIENT)
    waiting = dict(browser.cookies)
    entered = await browser.post("/portal/signin/code", code=f" {code[:3]} {code[3:]} ")
    assert (entered.status, entered.headers["Location"]) == (303, "/portal")
    assert COOKIE not in browser.cookies
    again = Browser(web, waiting)
    assert (await again.post("/portal/signin/code", code=code)).status == 422
    assert SESSION not in again.cookies


async def test_known_unknown_desk_and_removed_get_the_same_answer(web: Web) -> None:
    await web.opened()
    removed = "parti@clim-martin.example"
    await web.deps.store.write(
        lambda uow: uow.people.add(NewPerson(PersonKind.CLIENT, (removed,)))
    )
    person = await web.deps.store.views.by_address(removed)
    assert person is not None
    await web.deps.store.write(
        lambda uow: uow.people.update(replace(person, is_active=False))
    )
    told, codes = set(), {}
    for address in (CLIENT, STRANGER, DESK, removed):
        browser = Browser(web)
        asked = await browser.ask(address)
        page = await words(await browser.get("/portal/signin/code"))
        told.add((asked.status, asked.headers["Location"], page.replace(address, "")))
        codes[address] = await newest_code(web, address)
    assert len(told) == 1
    assert [bool(codes[each]) for each in (CLIENT, STRANGER)] == [True, True]
    assert codes[DESK] == codes[removed] == ""


async def test_a_new_person_is_made_by_the_code_and_asked_for_a_name(web: Web) -> None:
    browser = Browser(web)
    await browser.ask(STRANGER)
    assert await web.deps.store.views.by_address(STRANGER) is None
    entered = await browser.enter(STRANGER, next="/portal/new")
    assert entered.headers["Location"] == "/portal/profile?next=/portal/new"
    person = await web.deps.store.views.by_address(STRANGER)
    assert person is not None
    assert person.is_verified


async def test_the_code_of_one_browser_or_address_opens_no_other(web: Web) -> None:
    await web.opened()
    mine, other = Browser(web), Browser(web)
    await mine.ask(CLIENT)
    code = await newest_code(web, CLIENT)
    await other.ask(STRANGER)
    assert (await other.post("/portal/signin/code", code=code)).status == 422
    await other.ask(CLIENT)
    assert (await other.post("/portal/signin/code", code=code)).status == 422
    assert (await mine.post("/portal/signin/code", code=code)).status == 303


async def test_a_code_ends_after_ten_minutes(web: Web) -> None:
    browser = Browser(web)
    await browser.ask(STRANGER)
    code = await newest_code(web, STRANGER)
    await web.clock.advance(timedelta(minutes=10))
    assert (await browser.post("/portal/signin/code", code=code)).status == 422


async def test_guesses_are_slowed_down_and_the_right_code_then_waits_too(
    web: Web,
) -> None:
    browser = Browser(web)
    await browser.ask(STRANGER)
    code = await newest_code(web, STRANGER)
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    for _ in range(5):
        assert (await browser.post("/portal/signin/code", code=wrong)).status == 422
    paused = await browser.post("/portal/signin/code", code=code)
    assert paused.status == 429
    assert int(paused.headers["Retry-After"]) > 0
    await web.clock.advance(timedelta(seconds=6))
    assert (await browser.post("/portal/signin/code", code=code)).status == 303


async def test_three_letters_an_hour_and_the_last_one_still_opens(web: Web) -> None:
    browser = Browser(web)
    for _ in range(5):
        assert (await browser.ask(STRANGER)).status == 303
    assert len(await letters(web, "access_code")) == 3
    code = await newest_code(web, STRANGER)
    assert (await browser.post("/portal/signin/code", code=code)).status == 303


async def test_one_place_may_not_ask_for_ever(web: Web) -> None:
    answers = [
        await Browser(web).ask(f"n{number}@ailleurs.example") for number in range(21)
    ]
    assert {each.status for each in answers[:20]} == {303}
    assert answers[20].status == 429


@pytest.mark.parametrize("is_remembered", [True, False])
async def test_the_session_outlives_the_browser_only_when_asked(
    web: Web, is_remembered: bool
) -> None:
    browser = Browser(web)
    entered = await browser.enter(
        STRANGER, **({"remember": "1"} if is_remembered else {})
    )
    given = next(
        each
        for each in entered.headers.getall("Set-Cookie")
        if each.startswith(SESSION)
    )
    for attribute in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert attribute in given
    assert "Domain" not in given
    assert ("Max-Age=7776000" in given) is is_remembered
    await web.clock.advance(timedelta(hours=13))
    left = await browser.get("/portal/signin")
    assert (left.status == 303) is is_remembered
    await web.clock.advance(timedelta(days=90))
    assert (await browser.get("/portal/signin")).status == 200


async def test_a_session_from_before_the_code_opens_nothing_after_it(web: Web) -> None:
    planted = await web.known(CLIENT)
    secret = planted["Cookie"].partition("=")[2]
    browser = Browser(web, {SESSION: secret})
    await browser.enter(CLIENT)
    assert browser.cookies[SESSION] != secret
    old = await Browser(web, {SESSION: secret}).get("/portal/signin")
    assert old.status == 200


async def test_signing_out_ends_the_session_and_forgets_the_links(web: Web) -> None:
    ref = await web.opened()
    browser = Browser(web)
    await browser.get(await web.link(ref))
    await browser.enter(CLIENT)
    kept = dict(browser.cookies)
    left = await browser.post("/portal/signout")
    assert left.headers["Location"] == "/portal/signin?left=1"
    assert browser.cookies == {}
    assert (await browser.get(f"/portal/{ref}")).status == 404
    only_session = Browser(web, {SESSION: kept[SESSION]})
    assert (await only_session.get("/portal/signin")).status == 200


async def test_a_station_comes_in_by_the_same_door(web: Web) -> None:
    entered = await Browser(web).enter("froid@sta.example")
    assert entered.headers["Location"] == "/missions"


async def test_another_site_cannot_press_the_buttons(web: Web) -> None:
    headers = {**BROWSER, "Sec-Fetch-Site": "cross-site"}
    for path in ("/portal/signin", "/portal/signin/code", "/portal/signout"):
        answer = await web.client.post(path, data={"address": CLIENT}, headers=headers)
        assert answer.status == 403


async def test_what_is_no_address_is_said_next_to_the_field(web: Web) -> None:
    answer = await Browser(web).ask("sophie chez clim")
    assert answer.status == 422
    text = await answer.text()
    assert 'aria-invalid="true"' in text
    assert "sophie chez clim" in text


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("482913", "482913"),
        (" 482 913\n", "482913"),
        ("482\u00a0913", "482913"),
        ("482-913", "482913"),
        ("48291", ""),
        ("4829131", ""),
        ("٤٨٢٩١٣", ""),
        ("", ""),
    ],
)
def test_a_code_may_be_pasted_as_it_comes(given: str, read: str) -> None:
    assert typed(given) == read


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("/portal/new?from=ASFR26000184", "/portal/new?from=ASFR26000184"),
        ("/missions", "/missions"),
        ("/portalx", ""),
        ("/inbox", ""),
        ("//ailleurs.example/portal", ""),
        ("/\\ailleurs.example/portal", ""),
        ("https://ailleurs.example/portal", ""),
        ("/portal/../inbox", ""),
        ("/portal/signin?next=/portal", ""),
        ("/portal/\u2028x", ""),
    ],
)
def test_the_way_on_stays_in_the_rooms_of_visitors(given: str, read: str) -> None:
    assert onward_of(given) == read
