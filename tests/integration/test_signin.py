"""The door: password, second factor, throttle, links; and what never gets in."""

from __future__ import annotations

import asyncio
import json
import re
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient, TestServer
from argon2 import PasswordHasher
from pyotp import TOTP

from azbot.channels.web.passwords import Passwords
from azbot.channels.web.server import build_app
from azbot.channels.web.settings import WebSettings
from azbot.channels.web.signin import staffing
from azbot.channels.web.staff import COOKIE, ROOMS, is_below, secret_hash
from azbot.errors import Refused
from azbot.health.supervise import Supervisor
from azbot.identity.throttling import person_scope
from azbot.store import Delivery, Store, UnitOfWork
from azbot.store.proofs import ProofKind
from azbot.testing.clock import FakeClock
from azbot.workflow.model import Role
from tests.webdesk import BROWSER, CHEAP, Web, running

ADDRESS = "camille@sav.example"
PASSWORD = "quatre-tilleuls-au-vent"
NEWER = "deux-hirondelles-de-mars"
HASHED = Passwords(CHEAP).hashed_now(PASSWORD)


async def member(
    web: Web, address: str = ADDRESS, role: Role = Role.AGENT
) -> staffing.Member:
    """Somebody who may sign in with ``PASSWORD``."""

    def work(uow: UnitOfWork) -> staffing.Member:
        it = staffing.add(uow, "Camille Durand", address, role, web.clock.now())
        staffing.set_password(uow, it.person.id, HASHED, web.clock.now())
        return it

    return await web.deps.store.write(work)


async def send(
    web: Web, path: str, headers: Mapping[str, str] = BROWSER, /, **fields: str
) -> ClientResponse:
    """Press the button of a form."""
    return await web.client.post(
        path, data=fields, headers=headers, allow_redirects=False
    )


async def enter(
    web: Web, password: str = PASSWORD, address: str = ADDRESS, **fields: str
) -> ClientResponse:
    """Try to sign in."""
    return await send(web, "/signin", address=address, password=password, **fields)


def cookie_of(answer: ClientResponse) -> str:
    """The secret of the session an answer gives, empty when it gives none."""
    return answer.cookies[COOKIE].value if COOKIE in answer.cookies else ""


def browser(secret: str) -> dict[str, str]:
    """A browser that has a session."""
    return {**BROWSER, "Cookie": f"{COOKIE}={secret}"}


async def text(answer: ClientResponse) -> str:
    """The words of a page, every space an ordinary one."""
    words = re.sub(r"<[^>]*>", " ", await answer.text())
    return " ".join(words.split())


async def test_the_right_password_opens_a_session(web: Web) -> None:
    await member(web)
    answer = await enter(web)
    assert (answer.status, answer.headers["Location"]) == (303, "/inbox")
    inside = await web.client.get(
        "/inbox", headers=browser(cookie_of(answer)), allow_redirects=False
    )
    assert inside.status == 200


async def test_the_cookie_is_of_this_host_alone_and_out_of_reach_of_scripts(
    web: Web,
) -> None:
    await member(web)
    answer = await enter(web)
    given = answer.headers["Set-Cookie"]
    assert given.startswith("__Host-azbot=")
    for attribute in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/", "Max-Age="):
        assert attribute in given
    assert "Domain" not in given


async def test_an_unknown_address_and_a_wrong_password_get_the_same_words(
    web: Web,
) -> None:
    await member(web)
    wrong = await enter(web, "quatre-tilleuls-au-ven")
    unknown = await enter(web, address="nobody@sav.example")
    words = [await text(answer) for answer in (wrong, unknown)]
    assert wrong.status == unknown.status == 422
    assert words[0] == words[1]
    assert "L’adresse ou le mot de passe n’est pas le bon." in words[0]
    assert cookie_of(wrong) == cookie_of(unknown) == ""


async def test_a_client_with_no_account_is_a_stranger_at_the_door(web: Web) -> None:
    await web.opened()
    answer = await enter(web, address="sophie@clim-martin.example")
    assert answer.status == 422


async def test_a_disabled_account_gets_the_words_of_a_wrong_password(web: Web) -> None:
    it = await member(web)
    await member(web, "alix@sav.example", Role.ADMIN)
    first = await enter(web)
    now = web.clock.now()
    await web.deps.store.write(lambda uow: staffing.disable(uow, it.person.id, now))
    again = await enter(web)
    assert again.status == 422
    assert "n’est pas le bon" in await text(again)
    inside = await web.client.get(
        "/account", headers=browser(cookie_of(first)), allow_redirects=False
    )
    assert inside.status == 303, "whoever was in is out at once"
    await web.deps.store.write(lambda uow: staffing.enable(uow, it.person.id))
    assert (await enter(web)).status == 303


async def test_a_session_somebody_planted_opens_nothing_after_the_sign_in(
    web: Web,
) -> None:
    await member(web)
    planted = cookie_of(await enter(web))
    answer = await send(
        web,
        "/signin",
        browser(planted),
        address=ADDRESS,
        password=PASSWORD,
    )
    assert cookie_of(answer) not in ("", planted)
    old = await web.client.get(
        "/account", headers=browser(planted), allow_redirects=False
    )
    assert old.status == 303


async def test_a_value_of_the_browsers_own_making_becomes_no_session(web: Web) -> None:
    await member(web)
    answer = await send(
        web, "/signin", browser("chosen"), address=ADDRESS, password=PASSWORD
    )
    assert cookie_of(answer) not in ("", "chosen")


async def test_signing_out_ends_the_session_and_not_the_cookie_alone(web: Web) -> None:
    await member(web)
    secret = cookie_of(await enter(web))
    answer = await send(web, "/signin/out", browser(secret))
    assert answer.headers["Location"] == "/signin?left=1"
    assert answer.cookies[COOKIE]["max-age"] == "0"
    again = await web.client.get(
        "/account", headers=browser(secret), allow_redirects=False
    )
    assert again.status == 303
    door = await web.client.get("/signin?left=1", headers=BROWSER)
    assert "Vous êtes déconnecté." in await text(door)


@pytest.mark.parametrize(
    ("wanted", "reached"),
    [
        ("/inbox/q/mine?tri=attente", "/inbox/q/mine?tri=attente"),
        ("/admin", "/admin"),
        ("https://evil.example/", "/inbox"),
        ("//evil.example/inbox", "/inbox"),
        ("/\\evil.example", "/inbox"),
        ("/\t/evil.example", "/inbox"),
        ("/inbox\r\nX-Y: z", "/inbox"),
        ("/signin/out", "/inbox"),
        ("/inboxes", "/inbox"),
        ("javascript:alert(1)", "/inbox"),
        ("", "/inbox"),
    ],
)
async def test_the_way_on_leads_to_a_room_of_ours(
    web: Web, wanted: str, reached: str
) -> None:
    await member(web)
    answer = await enter(web, next=wanted)
    assert answer.headers["Location"] == reached


async def test_whoever_is_in_does_not_see_the_door(web: Web) -> None:
    agent = await web.sign_in()
    answer = await web.client.get(
        "/signin?next=/account", headers=agent, allow_redirects=False
    )
    assert (answer.status, answer.headers["Location"]) == (303, "/account")


async def test_a_hash_of_an_older_kind_is_renewed_at_the_sign_in(web: Web) -> None:
    it = await member(web)
    other = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1).hash(PASSWORD)
    now, person = web.clock.now(), it.person.id
    await web.deps.store.write(
        lambda uow: staffing.set_password(uow, person, other, now)
    )
    assert (await enter(web)).status == 303
    account = await web.deps.store.views.account(person)
    assert account is not None
    assert "m=8,t=1,p=1" in account.password
    assert (await enter(web)).status == 303


# --- who tries too often --------------------------------------------------------------


async def test_after_five_wrong_tries_a_pause_is_asked_for_in_words(web: Web) -> None:
    await member(web)
    for _ in range(5):
        assert (await enter(web, "wrong")).status == 422
    paused = await enter(web)
    assert paused.status == 429
    assert paused.headers["Retry-After"] == "6"
    assert "Trop d’essais. Réessayez dans 5 s." in await text(paused)
    await web.clock.advance(timedelta(seconds=5))
    assert (await enter(web)).status == 303


async def test_each_further_try_doubles_the_pause(web: Web) -> None:
    await member(web)
    for _ in range(5):
        await enter(web, "wrong")
    for seconds in (5, 10, 20, 40):
        paused = await enter(web)
        assert paused.headers["Retry-After"] == str(seconds + 1)
        await web.clock.advance(timedelta(seconds=seconds))
        assert (await enter(web, "wrong")).status == 422


async def test_a_success_clears_the_count_of_the_account(web: Web) -> None:
    await member(web)
    for _ in range(3):
        for _ in range(4):
            assert (await enter(web, "wrong")).status == 422
        assert (await enter(web)).status == 303


async def test_addresses_nobody_has_are_paused_like_those_of_accounts(web: Web) -> None:
    for _ in range(5):
        await enter(web, "wrong", "nobody@sav.example")
    assert (await enter(web, "wrong", "NOBODY@sav.example")).status == 429


async def test_one_machine_that_tries_many_people_is_paused(web: Web) -> None:
    await member(web)
    for number in range(20):
        assert (await enter(web, "wrong", f"a{number}@sav.example")).status == 422
    assert (await enter(web)).status == 429


async def test_a_throttled_person_keeps_the_session_they_have(web: Web) -> None:
    await member(web)
    mine = browser(cookie_of(await enter(web)))
    for _ in range(6):
        await enter(web, "wrong")
    assert (await enter(web)).status == 429
    page = await web.client.get("/account", headers=mine)
    assert page.status == 200
    changed = await send(
        web, "/account/password", mine, old=PASSWORD, new=NEWER, again=NEWER
    )
    assert changed.status == 303, "nor do guesses at the door pause them inside"


async def test_a_hundred_tries_at_once_count_as_a_hundred(web: Web) -> None:
    await member(web)
    answers = await asyncio.gather(*(enter(web, "wrong") for _ in range(30)))
    statuses = [answer.status for answer in answers]
    assert statuses.count(422) == 5
    assert statuses.count(429) == 25


async def test_several_processes_count_together(web: Web, clock: FakeClock) -> None:
    await member(web)
    deps = replace(web.deps, loops=Supervisor(clock))
    async with TestClient(TestServer(build_app(deps))) as other:
        for client in (web.client, other, web.client, other, web.client):
            await client.post(
                "/signin",
                data={"address": ADDRESS, "password": "wrong"},
                headers=BROWSER,
            )
        answer = await other.post(
            "/signin", data={"address": ADDRESS, "password": PASSWORD}, headers=BROWSER
        )
        assert answer.status == 429


async def test_old_tries_are_forgotten_when_somebody_comes_in(web: Web) -> None:
    await member(web)
    await enter(web, "wrong", "nobody@sav.example")
    await web.clock.advance(timedelta(hours=25))
    assert (await enter(web)).status == 303
    since = web.clock.now() - timedelta(days=9)
    scope = person_scope("password", "nobody@sav.example").name
    tries = await web.deps.store.write(lambda uow: uow.attempts.of(scope, since))
    assert tries.count == 0


# --- other sites ----------------------------------------------------------------------

FORMS = ("/signin", "/signin/code", "/signin/out", "/signin/lost", "/account/password")


@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize(
    "said",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {},
    ],
    ids=str,
)
async def test_a_form_of_another_site_changes_nothing(
    web: Web, path: str, said: dict[str, str]
) -> None:
    agent = await web.sign_in()
    headers = {"Accept": "text/html", "Cookie": agent["Cookie"], **said}
    answer = await send(web, path, headers, address=ADDRESS, password=PASSWORD)
    assert answer.status == 403
    still = await web.client.get("/account", headers=agent)
    assert still.status == 200


async def test_a_browser_that_says_only_its_origin_is_believed(web: Web) -> None:
    await member(web)
    origin = str(web.client.make_url("")).rstrip("/")
    answer = await send(
        web, "/signin", {"Origin": origin}, address=ADDRESS, password=PASSWORD
    )
    assert answer.status == 303


# --- links ----------------------------------------------------------------------------


async def invited(web: Web, address: str = "nina@sav.example") -> str:
    """The path of an invitation."""

    def work(uow: UnitOfWork) -> str:
        now = web.clock.now()
        it = staffing.add(uow, "Nina Petit", address, Role.AGENT, now)
        return staffing.invite(uow, it, "", now, None)

    return await web.deps.store.write(work)


async def lost(web: Web, address: str = ADDRESS) -> list[Delivery]:
    """Say that a password was forgotten; return every mail about one."""
    answer = await send(web, "/signin/lost", address=address)
    assert answer.status == 200, await answer.text()
    letters = await web.deps.store.views.outbox()
    return [letter for letter in letters if letter.kind == "password_lost"]


def path_in(letter: Delivery) -> str:
    """The path of the link in a mail."""
    return urlsplit(str(letter.facts["link"])).path


async def test_an_invitation_lets_one_choose_a_password_and_come_in(web: Web) -> None:
    path = await invited(web)
    page = await web.client.get(path, headers=BROWSER)
    assert "Choisissez le mot de passe de nina@sav.example." in await text(page)
    answer = await send(web, path, new=NEWER, again=NEWER)
    assert (answer.status, answer.headers["Location"]) == (303, "/inbox")
    inside = await web.client.get("/account", headers=browser(cookie_of(answer)))
    assert inside.status == 200
    assert (await enter(web, NEWER, "nina@sav.example")).status == 303


async def test_a_link_serves_once(web: Web) -> None:
    path = await invited(web)
    assert (await send(web, path, new=NEWER, again=NEWER)).status == 303
    again = await send(web, path, new=PASSWORD, again=PASSWORD)
    assert again.status == 410
    assert (await web.client.get(path, headers=BROWSER)).status == 410
    assert (await enter(web, PASSWORD, "nina@sav.example")).status == 422


async def test_opening_a_link_changes_nothing(web: Web) -> None:
    path = await invited(web)
    for _ in range(3):
        assert (await web.client.get(path, headers=BROWSER)).status == 200
        assert (await web.client.head(path, headers=BROWSER)).status == 200
    assert (await send(web, path, new=NEWER, again=NEWER)).status == 303


async def test_an_invitation_ends_after_seven_days(web: Web) -> None:
    path = await invited(web)
    await web.clock.advance(timedelta(days=7) - timedelta(seconds=1))
    assert (await web.client.get(path, headers=BROWSER)).status == 200
    await web.clock.advance(timedelta(seconds=1))
    assert (await web.client.get(path, headers=BROWSER)).status == 410
    assert (await send(web, path, new=NEWER, again=NEWER)).status == 410


async def test_a_newer_invitation_takes_the_place_of_the_older(web: Web) -> None:
    old = await invited(web)

    def again(uow: UnitOfWork) -> str:
        it = staffing.member(uow, "nina@sav.example")
        return staffing.invite(uow, it, "", web.clock.now(), None)

    new = await web.deps.store.write(again)
    assert (await web.client.get(old, headers=BROWSER)).status == 410
    assert (await web.client.get(new, headers=BROWSER)).status == 200


@pytest.mark.parametrize(
    ("new", "again", "words"),
    [
        ("court", "court", "trop court : prenez au moins 12 caractères"),
        ("x" * 201, "x" * 201, "trop long : prenez au plus 200 caractères"),
        ("motdepasse2026", "motdepasse2026", "l’un des premiers qu’on essaie"),
        ("nina petit 2026", "nina petit 2026", "ressemble à votre nom"),
        (PASSWORD, PASSWORD + "x", "Les deux mots de passe diffèrent"),
    ],
)
async def test_a_password_that_is_not_taken_is_told_why_and_the_link_stays_good(
    web: Web, new: str, again: str, words: str
) -> None:
    path = await invited(web)
    answer = await send(web, path, new=new, again=again)
    assert answer.status == 422
    assert (await text(answer)).replace("\u00a0", " ").count(words) == 2, "X10"
    assert (await send(web, path, new=NEWER, again=NEWER)).status == 303


async def test_a_lost_password_is_replaced_by_a_link_in_a_mail(web: Web) -> None:
    it = await member(web)
    before = browser(cookie_of(await enter(web)))
    (letter,) = await lost(web)
    assert (letter.address, letter.person) == (ADDRESS, it.person.id)
    assert str(letter.facts["link"]).startswith("http://127.0.0.1:")
    answer = await send(web, path_in(letter), new=NEWER, again=NEWER)
    assert answer.status == 303
    out = await web.client.get("/account", headers=before, allow_redirects=False)
    assert out.status == 303, "who was in with the old password is out"
    assert (await enter(web)).status == 422
    assert (await enter(web, NEWER)).status == 303


async def test_the_link_of_a_lost_password_ends_after_an_hour(web: Web) -> None:
    await member(web)
    (letter,) = await lost(web)
    await web.clock.advance(timedelta(hours=1))
    assert (await web.client.get(path_in(letter), headers=BROWSER)).status == 410


async def test_asking_for_a_lost_password_never_says_who_has_an_account(
    web: Web,
) -> None:
    await member(web)
    known = await send(web, "/signin/lost", address=ADDRESS)
    unknown = await send(web, "/signin/lost", address="nobody@sav.example")
    same = (await text(known)).replace(ADDRESS, "…")
    assert same == (await text(unknown)).replace("nobody@sav.example", "…")
    assert known.status == unknown.status == 200


async def test_a_mailbox_is_not_filled_with_lost_passwords(web: Web) -> None:
    await member(web)
    for _ in range(6):
        await send(web, "/signin/lost", address=ADDRESS)
    assert len(await web.deps.store.views.outbox()) == 3
    await web.clock.advance(timedelta(hours=1))
    assert len(await lost(web)) == 4


async def test_a_forged_host_never_stands_in_a_link(web: Web) -> None:
    await member(web)
    headers = {**BROWSER, "Host": "evil.example"}
    answer = await send(web, "/signin/lost", headers, address=ADDRESS)
    assert "azbot ne sait pas sous quelle adresse il est joint" in await text(answer)
    assert await web.deps.store.views.outbox() == []


async def test_a_public_address_is_what_links_begin_with(
    sqlite_store: Store, clock: FakeClock
) -> None:
    settings = WebSettings(
        public_url="https://sav.example", drain_within=timedelta(seconds=1)
    )
    async with running(sqlite_store, clock, settings=settings) as web:
        await member(web)
        await send(web, "/signin/lost", {**BROWSER, "Host": "evil.example"},
            address=ADDRESS)  # fmt: skip
        (letter,) = await web.deps.store.views.outbox()
    link = str(letter.facts["link"])
    assert link.startswith("https://sav.example/signin/choose/")


# --- second factor --------------------------------------------------------------------


async def with_second_factor(web: Web) -> tuple[TOTP, list[str], dict[str, str]]:
    """Turn codes on for somebody known; returns telephone, paper and browser."""
    mine = browser(cookie_of(await enter(web)))
    page = await web.client.get("/account/second-factor", headers=mine)
    found = re.search(r'name="secret" value="([A-Z2-7]{32})"', await page.text())
    assert found
    telephone = TOTP(found[1])
    answer = await send(
        web,
        "/account/second-factor",
        mine,
        secret=found[1],
        code=telephone.at(web.clock.now()),
        password=PASSWORD,
    )
    assert answer.status == 200
    codes = re.findall(r"<li>([a-z2-7-]{19})</li>", await answer.text())
    assert len(set(codes)) == 10
    await web.clock.advance(timedelta(seconds=30))
    return telephone, codes, browser(cookie_of(answer))


async def half(web: Web) -> str:
    """Give the right password; returns what names the half-done sign-in."""
    answer = await enter(web)
    assert answer.status == 200
    assert cookie_of(answer) == "", "a password alone opens nothing"
    found = re.search(r'name="secret" value="([^"]+)"', await answer.text())
    assert found
    return found[1]


async def prove(web: Web, secret: str, code: str) -> ClientResponse:
    """Give the code."""
    return await send(web, "/signin/code", secret=secret, code=code, next="/account")


async def test_a_code_follows_the_password(web: Web) -> None:
    await member(web)
    telephone, _, _ = await with_second_factor(web)
    answer = await prove(web, await half(web), telephone.at(web.clock.now()))
    assert (answer.status, answer.headers["Location"]) == (303, "/account")
    assert cookie_of(answer)


async def test_a_code_serves_once(web: Web) -> None:
    await member(web)
    telephone, _, _ = await with_second_factor(web)
    code = telephone.at(web.clock.now())
    assert (await prove(web, await half(web), code)).status == 303
    again = await prove(web, await half(web), code)
    assert again.status == 422
    assert "ou a déjà servi" in await text(again)


@pytest.mark.parametrize(
    ("steps", "status"), [(-2, 422), (-1, 303), (1, 303), (2, 422)]
)
async def test_a_code_of_the_step_before_or_after_is_taken(
    web: Web, steps: int, status: int
) -> None:
    await member(web)
    telephone, _, _ = await with_second_factor(web)
    await web.clock.advance(timedelta(seconds=60))
    code = telephone.at(web.clock.now(), counter_offset=steps)
    assert (await prove(web, await half(web), code)).status == status


async def test_a_recovery_code_stands_for_the_telephone_once(web: Web) -> None:
    await member(web)
    _, codes, _ = await with_second_factor(web)
    typed = codes[0].upper().replace("-", " ")
    assert (await prove(web, await half(web), typed)).status == 303
    assert (await prove(web, await half(web), codes[0])).status == 422
    assert (await prove(web, await half(web), codes[1])).status == 303


async def test_wrong_codes_are_paused_and_the_half_done_sign_in_ends(web: Web) -> None:
    await member(web)
    telephone, _, _ = await with_second_factor(web)
    secret = await half(web)
    for _ in range(5):
        assert (await prove(web, secret, "000000")).status == 422
    assert (await prove(web, secret, telephone.at(web.clock.now()))).status == 429
    await web.clock.advance(timedelta(minutes=10))
    late = await prove(web, secret, telephone.at(web.clock.now()))
    assert "Dix minutes ont passé" in await text(late)


async def test_a_half_done_sign_in_serves_once(web: Web) -> None:
    await member(web)
    telephone, codes, _ = await with_second_factor(web)
    secret = await half(web)
    assert (await prove(web, secret, telephone.at(web.clock.now()))).status == 303
    again = await prove(web, secret, codes[0])
    assert cookie_of(again) == ""


async def test_the_link_of_a_lost_password_does_not_stand_for_the_code(
    web: Web,
) -> None:
    await member(web)
    telephone, _, _ = await with_second_factor(web)
    (letter,) = await lost(web)
    answer = await send(web, path_in(letter), new=NEWER, again=NEWER)
    assert answer.status == 200
    assert cookie_of(answer) == ""
    found = re.search(r'name="secret" value="([^"]+)"', await answer.text())
    assert found
    code = telephone.at(web.clock.now())
    assert (await prove(web, found[1], code)).status == 303


async def test_turning_codes_on_ends_other_sessions_and_renews_this_one(
    web: Web,
) -> None:
    await member(web)
    other = browser(cookie_of(await enter(web)))
    _, _, mine = await with_second_factor(web)
    for headers, status in ((other, 303), (mine, 200)):
        page = await web.client.get("/account", headers=headers, allow_redirects=False)
        assert page.status == status


async def test_turning_codes_on_or_off_asks_for_the_password(web: Web) -> None:
    await member(web)
    _, _, mine = await with_second_factor(web)
    answer = await send(web, "/account/second-factor/off", mine, off_password="wrong")
    assert answer.status == 422
    assert "Ce n’est pas votre mot de passe actuel." in await text(answer)
    off = await send(web, "/account/second-factor/off", mine, off_password=PASSWORD)
    assert off.status == 303
    assert cookie_of(off) not in ("", mine["Cookie"].partition("=")[2])
    assert (await enter(web)).status == 303


async def test_new_recovery_codes_end_the_old_ones(web: Web) -> None:
    await member(web)
    _, codes, mine = await with_second_factor(web)
    answer = await send(
        web, "/account/second-factor/codes", mine, codes_password=PASSWORD
    )
    newer = re.findall(r"<li>([a-z2-7-]{19})</li>", await answer.text())
    assert len(newer) == 10
    assert (await prove(web, await half(web), codes[0])).status == 422
    assert (await prove(web, await half(web), newer[0])).status == 303


# --- one's own account ----------------------------------------------------------------


async def test_a_changed_password_ends_other_sessions_and_renews_this_one(
    web: Web,
) -> None:
    await member(web)
    other, mine = [browser(cookie_of(await enter(web))) for _ in range(2)]
    answer = await send(
        web, "/account/password", mine, old=PASSWORD, new=NEWER, again=NEWER
    )
    assert answer.headers["Location"] == "/account?said=password"
    renewed = browser(cookie_of(answer))
    assert renewed != mine
    for headers, status in ((other, 303), (mine, 303), (renewed, 200)):
        page = await web.client.get("/account", headers=headers, allow_redirects=False)
        assert page.status == status


async def test_a_password_is_not_changed_without_the_old_one(web: Web) -> None:
    await member(web)
    mine = browser(cookie_of(await enter(web)))
    answer = await send(
        web, "/account/password", mine, old="guess", new=NEWER, again=NEWER
    )
    assert answer.status == 422
    assert (await enter(web)).status == 303


async def test_a_revoked_session_is_out_at_once(web: Web) -> None:
    await member(web)
    other, mine = [browser(cookie_of(await enter(web))) for _ in range(2)]
    page = await (await web.client.get("/account", headers=mine)).text()
    names = re.findall(r'name="session" value="([0-9a-f]{16})"', page)
    assert len(names) == 2
    foreign = await send(web, "/account/sessions/end", other, session=names[0])
    assert foreign.status == 303
    still = await web.client.get("/account", headers=mine, allow_redirects=False)
    gone = await web.client.get("/account", headers=other, allow_redirects=False)
    assert sorted((still.status, gone.status)) == [200, 303]


async def test_somebody_elses_session_cannot_be_ended(web: Web) -> None:
    await member(web)
    mine = browser(cookie_of(await enter(web)))
    admin = await web.sign_in("admin")
    page = await (await web.client.get("/account", headers=admin)).text()
    (name,) = re.findall(r'name="session" value="([0-9a-f]{16})"', page)
    await send(web, "/account/sessions/end", mine, session=name)
    assert (await web.client.get("/account", headers=admin)).status == 200


async def test_everywhere_else_is_signed_out_by_one_button(web: Web) -> None:
    await member(web)
    other, mine = [browser(cookie_of(await enter(web))) for _ in range(2)]
    await send(web, "/account/sessions/end-others", mine)
    for headers, status in ((other, 303), (mine, 200)):
        page = await web.client.get("/account", headers=headers, allow_redirects=False)
        assert page.status == status


async def test_name_language_and_shortcuts_are_kept(web: Web) -> None:
    agent = await web.sign_in()
    answer = await send(
        web, "/account/profile", agent, name=" Camille  Martin ", language="en"
    )
    assert answer.headers["Location"] == "/account?said=profile"
    page = await text(await web.client.get("/account?said=profile", headers=agent))
    assert "Your settings are saved." in page
    person = await web.deps.store.views.by_address(ADDRESS)
    assert person is not None
    assert (person.name, person.language) == ("Camille Martin", "en")
    account = await web.deps.store.views.account(person.id)
    assert account is not None
    assert account.preferences == {"language": "en", "shortcuts": False}


async def test_an_account_without_a_name_is_told_so_at_its_field(web: Web) -> None:
    agent = await web.sign_in()
    answer = await send(web, "/account/profile", agent, name="  ", language="fr")
    assert answer.status == 422
    page = await answer.text()
    assert 'href="#f-name"' in page
    assert page.count("Écrivez votre nom") == 2


async def test_what_the_address_claims_was_done_is_said_for_known_things_alone(
    web: Web,
) -> None:
    agent = await web.sign_in()
    page = await web.client.get("/account?said=<b>x", headers=agent)
    assert page.status == 200
    assert 'class="said"' not in await page.text()


# --- rooms and roles ------------------------------------------------------------------


def addresses(web: Web, *below: str) -> list[tuple[str, str]]:
    """Every method and address of the route table below some rooms."""
    found = []
    for route in web.client.server.app.router.routes():  # type: ignore[attr-defined]
        path = route.resource.canonical if route.resource else ""
        if is_below(path, below):
            found.append((route.method, re.sub(r"\{[^}]*\}", "1", path)))
    return found


async def test_every_address_of_the_rooms_needs_a_session(web: Web) -> None:
    found = addresses(web, *ROOMS)
    assert len(found) > 10
    for method, path in found:
        answer = await web.client.request(
            method, path, headers=BROWSER, allow_redirects=False
        )
        wanted = 303 if method in ("GET", "HEAD") else 401
        assert answer.status == wanted, (method, path)


async def test_no_address_of_the_administrator_answers_an_agent(web: Web) -> None:
    """The address of the room itself stands for those that no route names."""
    agent = await web.sign_in("agent")
    found = [*addresses(web, "/admin"), ("GET", "/admin"), ("POST", "/admin/anything")]
    for method, path in found:
        answer = await web.client.request(method, path, headers=agent)
        assert answer.status == 403, (method, path)


async def test_every_form_of_the_rooms_refuses_another_site(web: Web) -> None:
    admin = {**await web.sign_in("admin"), "Sec-Fetch-Site": "cross-site"}
    found = [
        (method, path)
        for method, path in addresses(web, *ROOMS, "/signin")
        if method not in ("GET", "HEAD")
    ]
    assert len(found) > 10
    for method, path in found:
        answer = await web.client.request(method, path, headers=admin)
        assert answer.status == 403, (method, path)


async def test_the_last_administrator_can_neither_go_nor_become_an_agent(
    web: Web,
) -> None:
    it = await member(web, "alix@sav.example", Role.ADMIN)
    now, person = web.clock.now(), it.person.id
    with pytest.raises(Refused, match="last_admin"):
        await web.deps.store.write(lambda uow: staffing.disable(uow, person, now))
    with pytest.raises(Refused, match="last_admin"):
        await web.deps.store.write(
            lambda uow: staffing.give_role(uow, person, Role.AGENT)
        )


async def test_a_role_counts_from_the_next_page_on(web: Web) -> None:
    admin = await web.sign_in("admin")
    it = await member(web, "bruno@sav.example", Role.ADMIN)
    alix = await web.deps.store.views.by_address("alix@sav.example")
    assert alix is not None
    assert it.account.role is Role.ADMIN
    key = alix.id
    await web.deps.store.write(lambda uow: staffing.give_role(uow, key, Role.AGENT))
    answer = await web.client.get("/admin", headers=admin)
    assert answer.status == 403


async def test_no_page_of_the_door_asks_another_host_or_runs_words_as_script(
    web: Web,
) -> None:
    agent = await web.sign_in()
    for path, headers in (("/signin", BROWSER), ("/account", agent)):
        answer = await web.client.get(path, headers=headers)
        policy = answer.headers["Content-Security-Policy"]
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
        page = await answer.text()
        assert " style=" not in page
        assert not re.search(r"<script(?![^>]*\ssrc=)", page)
        assert not re.search(r"\son[a-z]+=", page)


# --- what browsers never send --------------------------------------------------------


async def test_octets_that_are_no_text_are_no_crash(web: Web) -> None:
    await member(web)
    odd = {**BROWSER, "User-Agent": "\udcff", "Cookie": f"{COOKIE}=\udcff"}
    answer = await send(web, "/signin", odd, address=ADDRESS, password=PASSWORD)
    assert answer.status == 303
    inside = browser(cookie_of(answer))
    assert (await web.client.get("/account", headers=inside)).status == 200
    gone = await web.client.get("/account", headers=odd, allow_redirects=False)
    assert gone.status == 303


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("application/x-www-form-urlencoded; charset=none", b"address=x", 400),
        ("application/x-www-form-urlencoded", b"address=%ff&password=%00", 422),
        ("application/x-www-form-urlencoded", b"password=" + b"x" * 3000, 413),
        ("multipart/form-data; boundary=x", b"--x--", 415),
        ("text/plain", b"address=x", 415),
        ("application/json", b"{}", 415),
    ],
)
async def test_what_is_no_form_is_refused_in_words(
    web: Web, kind: str, body: bytes, status: int
) -> None:
    headers = {**BROWSER, "Content-Type": kind}
    answer = await web.client.post("/signin", data=body, headers=headers)
    assert answer.status == status


CLIENT_DATA = b'{"clientDataJSON": "eyJjaGFsbGVuZ2UiOiJ4In0"}'


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"[]", 400),
        (b'"\\ud800"', 400),
        (b'{"credential": {"id": "\\ud800"}}', 400),
        (b"{}", 422),
        (b'{"credential": {}}', 422),
        (b'{"credential": {"response": {"clientDataJSON": 7}}}', 422),
        (b'{"credential": {"response": {"clientDataJSON": "e30"}}}', 422),
        (b'{"credential": {"id": "\\u0000", "response": %s}}' % CLIENT_DATA, 422),
    ],
)
async def test_what_is_no_passkey_is_refused(
    web: Web, body: bytes, status: int
) -> None:
    headers = {
        "Sec-Fetch-Site": "same-origin",
        "Content-Type": "application/json",
        "Host": f"localhost:{web.client.make_url('').port}",
    }
    answer = await web.client.post("/signin/passkey", data=body, headers=headers)
    assert answer.status == status, await answer.text()


async def test_a_passkey_challenge_serves_one_answer(web: Web) -> None:
    port = web.client.make_url("").port
    headers = {
        "Sec-Fetch-Site": "same-origin",
        "Host": f"localhost:{port}",
        "Accept-Language": "fr",
    }
    asked = await web.client.post("/signin/passkey/options", json={}, headers=headers)
    options = await asked.json()
    assert options["rpId"] == "localhost"
    assert options["userVerification"] == "required"
    assert not options.get("allowCredentials"), "no address tells which keys exist"
    said = json.dumps({"challenge": options["challenge"]}).encode()
    client = urlsafe_b64encode(said).decode().rstrip("=")
    credential = {"id": "nobodys", "response": {"clientDataJSON": client}}
    key, now = secret_hash(options["challenge"]), web.clock.now()
    kind = ProofKind.PASSKEY
    for is_good in (True, False):
        found = await web.deps.store.write(lambda uow: uow.proofs.find(key, kind, now))
        assert (found is not None) is is_good
        answer = await web.client.post(
            "/signin/passkey", json={"credential": credential}, headers=headers
        )
        assert answer.status == 422


# --- each database -------------------------------------------------------------------


async def test_the_whole_way_in_on_each_database(
    store: Store, clock: FakeClock
) -> None:
    async with running(store, clock) as web:
        await member(web)
        assert (await enter(web, "wrong")).status == 422
        telephone, codes, mine = await with_second_factor(web)
        code = telephone.at(web.clock.now())
        assert (await prove(web, await half(web), code)).status == 303
        assert (await prove(web, await half(web), codes[0])).status == 303
        await send(web, "/signin/lost", address=ADDRESS)
        (letter,) = await web.deps.store.views.outbox()
        answer = await send(web, path_in(letter), new=NEWER, again=NEWER)
        assert answer.status == 200
        assert (await send(web, path_in(letter), new=NEWER, again=NEWER)).status == 410
        gone = await web.client.get("/account", headers=mine, allow_redirects=False)
        assert gone.status == 303
        for _ in range(5):
            await enter(web, "wrong")
        assert (await enter(web, NEWER)).status == 429
