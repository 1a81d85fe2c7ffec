"""Links that ended, were revoked, forwarded or never were (C14, ux.md 7.1)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import Engine, event

from azbot.messages import PersonId
from azbot.workflow.model import AssistanceRef, StationId
from tests.visiting import Browser, letters, words
from tests.webdesk import BROWSER, Web

CLIENT = "sophie@clim-martin.example"
COLLEAGUE = "julie@clim-martin.example"


async def late(web: Web) -> tuple[Browser, str]:
    """A browser that opens a link the day after its life."""
    ref = await web.opened()
    link = await web.link(ref, days=1)
    await web.clock.advance(timedelta(days=2))
    browser = Browser(web)
    first = await browser.get(link)
    assert (first.status, first.headers["Location"]) == (303, f"/portal/{ref}")
    return browser, ref


async def test_a_link_whose_life_is_over_says_what_it_was_and_shows_nothing(
    web: Web,
) -> None:
    browser, ref = await late(web)
    page = await browser.get(f"/portal/{ref}")
    text = await words(page)
    assert page.status == 410
    assert "Mise en service" in text
    assert "mars 2026" in text
    assert "s•••@clim-martin.example" in text
    for secret in (CLIENT, "Sophie", "Charmettes", "Villeurbanne", "CM-4471"):
        assert secret not in text


async def test_one_button_mails_another_link_to_its_owner_three_times_an_hour(
    web: Web,
) -> None:
    browser, ref = await late(web)
    for _ in range(4):
        sent = await browser.post(f"/portal/{ref}/link")
        assert sent.headers["Location"] == f"/portal/{ref}?sent=1"
        await web.clock.advance(timedelta(seconds=1))
    mails = await letters(web, "access_link")
    assert [each.address for each in mails] == [CLIENT] * 3
    assert "Un nouveau lien part" in await words(
        await browser.get(f"/portal/{ref}?sent=1")
    )
    await browser.get(await web.link(ref))
    assert (await browser.get(f"/portal/{ref}")).status == 200


async def test_a_link_for_files_opens_the_place_where_they_are_added(web: Web) -> None:
    """From a chat that takes no more than 20 MB; nobody is asked for a code."""
    ref = await web.opened()
    link = await web.link(ref)
    browser = Browser(web)
    opened = await browser.get(f"{link}?to=documents")
    assert opened.headers["Location"] == f"/portal/{ref}/documents"
    page = await browser.get(f"/portal/{ref}/documents")
    assert page.status == 200
    assert 'type="file"' in await page.text()
    elsewhere = await browser.get(f"{link}?to=https://autre.example")
    assert elsewhere.headers["Location"] == f"/portal/{ref}"


async def test_a_link_for_the_form_opens_the_form_of_the_visit_that_is_due(
    web: Web,
) -> None:
    """« Remplir le formulaire » in a chat, « Ouvrir le formulaire » in a mail."""
    ref = await web.underway()
    key = StationId(web.station_id)
    (person, *_) = (await web.deps.store.views.contacts_of([key]))[key]
    link = f"{await web.link(ref, person.id)}?to=form"
    # Without a date there is no visit to fill anything in for.
    early = await Browser(web).get(link)
    assert early.headers["Location"] == f"/missions/{ref}"
    when = (web.clock.now() + timedelta(days=1)).isoformat()
    await web.command(ref, "schedule-intervention", planned_at=when)
    browser = Browser(web)
    opened = await browser.get(link)
    assert opened.headers["Location"] == f"/missions/{ref}/visits/1"
    assert (await browser.get(f"/missions/{ref}/visits/1")).status == 200
    # Of a client's link it says nothing.
    theirs = await Browser(web).get(f"{await web.link(ref)}?to=form")
    assert theirs.headers["Location"] == f"/portal/{ref}"


async def test_an_old_link_opens_the_page_where_a_newer_one_is_held(web: Web) -> None:
    browser, ref = await late(web)
    old = await web.link(ref, days=-1)
    await browser.get(await web.link(ref))
    assert (await browser.get(old)).status == 303
    assert (await browser.get(f"/portal/{ref}")).status == 200


async def test_nobody_without_a_link_of_theirs_has_one_mailed(web: Web) -> None:
    ref = await web.opened()
    assert (await Browser(web).post(f"/portal/{ref}/link")).status == 404
    assert await letters(web, "access_link") == []


async def test_closing_all_accesses_ends_every_link_and_session(web: Web) -> None:
    ref = await web.opened()
    link = await web.link(ref)
    elsewhere = Browser(web)
    await elsewhere.get(link)
    assert (await elsewhere.get(f"/portal/{ref}")).status == 200
    await web.clock.advance(timedelta(seconds=2))
    owner, other = Browser(web), Browser(web)
    await owner.enter(CLIENT)
    await other.enter(CLIENT)
    closed = await owner.post("/portal/profile/close")
    assert closed.headers["Location"] == "/portal/signin?closed=1"
    assert owner.cookies == {}
    assert (await elsewhere.get(f"/portal/{ref}")).status == 410
    assert (await Browser(web).get(link)).status == 410
    assert (await other.get("/portal/profile")).status == 303
    await web.clock.advance(timedelta(seconds=2))
    assert (await web.read(await web.link(ref))).status == 200


@contextmanager
def statements() -> Iterator[list[str]]:
    """Every statement any database is asked while inside."""
    told: list[str] = []

    def note(_c: object, _k: object, statement: str, *_rest: object) -> None:
        told.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield told
    finally:
        event.remove(Engine, "before_cursor_execute", note)


async def told(
    web: Web, path: str, headers: dict[str, str]
) -> tuple[int, list[str], str]:
    """Open a page; return its status, what the store was asked, its words."""
    with statements() as asked:
        answer = await web.client.get(path, headers=headers, allow_redirects=False)
        return answer.status, asked, await answer.text()


async def test_known_and_unknown_cost_the_same_and_read_the_same(web: Web) -> None:
    ref = await web.opened()
    foreign, revoked = await web.link(ref, PersonId(1)), await web.link(ref)
    owner = await web.deps.store.views.by_address(CLIENT)
    assert owner is not None
    later = web.clock.now() + timedelta(seconds=1)
    await web.deps.store.write(lambda uow: uow.revocations.revoke(owner.id, later))
    stranger = await web.known("autre@client.example")
    known, unknown = f"/portal/{ref}", "/portal/ASFR26999999"
    assert await told(web, known, BROWSER) == await told(web, unknown, BROWSER)
    by_stranger = await told(web, unknown, stranger)
    assert await told(web, known, stranger) == by_stranger
    dead = await told(web, revoked, BROWSER)
    assert await told(web, foreign, BROWSER) == dead
    assert dead[0] == 410
    assert len(dead[1]) > 0
    for cut in (revoked[:-3], revoked[:12], "/a/x"):
        assert await told(web, cut, BROWSER) == (404, [], dead[2])
    assert by_stranger[2] == dead[2]


async def test_not_me_forgets_the_link_here_and_says_what_to_do(web: Web) -> None:
    ref = await web.opened()
    browser = Browser(web)
    await browser.get(await web.link(ref))
    gone = await browser.post(f"/portal/{ref}/not-me")
    assert gone.headers["Location"] == "/portal/not-me"
    assert (await browser.get(f"/portal/{ref}")).status == 404
    text = await words(await browser.get("/portal/not-me"))
    assert "Inviter un collègue" in text
    assert "Sophie" not in text


async def test_inviting_needs_a_code_and_gives_a_link_of_their_own(web: Web) -> None:
    ref = await web.opened()
    browser = Browser(web)
    await browser.get(await web.link(ref))
    path = f"/portal/{ref}/invite"
    door = await browser.get(path)
    assert door.headers["Location"] == f"/portal/signin?next={path}"
    fields = {"name": "Julie Roux", "address": COLLEAGUE}
    assert (await browser.post(path, **fields)).status == 401
    entered = await browser.enter(CLIENT, next=path)
    assert entered.headers["Location"] == path
    assert (await browser.post(path, **fields)).status == 303
    mail = (await letters(web, "colleague_invited"))[0]
    assert mail.address == COLLEAGUE
    again = await browser.post(path, **fields)
    assert again.status == 422
    assert "suit déjà cette demande" in await words(again)
    julie = Browser(web)
    assert mail.person is not None
    await julie.get(await web.link(ref, mail.person))
    assert (await julie.get(f"/portal/{ref}")).status == 200
    it = await web.deps.store.views.by_ref(AssistanceRef(ref))
    assert mail.person in it.joined
    await julie.enter(COLLEAGUE)
    assert ref in await (await julie.get("/portal")).text()
    assert (await julie.get(path)).status == 404


@pytest.mark.parametrize("address", ["camille@sav.example", "froid@sta.example"])
async def test_people_of_the_desk_and_stations_are_not_invited(
    web: Web, address: str
) -> None:
    ref = await web.opened()
    browser = Browser(web)
    await browser.enter(CLIENT)
    answer = await browser.post(
        f"/portal/{ref}/invite", name="Quelqu’un", address=address
    )
    assert answer.status == 422
    assert await letters(web, "colleague_invited") == []


async def test_another_client_cannot_invite(web: Web) -> None:
    ref = await web.opened()
    other = Browser(web, {})
    await other.enter("autre@client.example")
    fields = {"name": "Julie", "address": COLLEAGUE}
    assert (await other.post(f"/portal/{ref}/invite", **fields)).status == 404
