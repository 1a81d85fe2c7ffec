"""« Mes demandes », the profile, and that looking changes nothing (C15, C18, X18)."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from azbot.channels.web.visitors.links import COOKIE as LINKS
from azbot.messages import BlobId
from azbot.store import UnitOfWork
from azbot.store.schema import metadata
from azbot.workflow.commands import AddNote, NewDocument
from azbot.workflow.model import AssistanceRef
from tests.visiting import Browser, letters, newest_code, words
from tests.webdesk import BROWSER, Web

CLIENT = "sophie@clim-martin.example"
NEWER = "sophie@regulation.example"


async def inside(web: Web, address: str = CLIENT) -> Browser:
    """The browser of somebody a code let in."""
    browser = Browser(web)
    await browser.enter(address)
    return browser


async def refs(browser: Browser, query: str = "") -> list[str]:
    """The references on a page of the list, in order."""
    answer = await browser.get(f"/portal{query}")
    assert answer.status == 200
    return re.findall(r'class="mono" href="/portal/(\w+)"', await answer.text())


async def test_the_list_has_what_is_asked_for_on_site_or_joined_newest_first(
    web: Web,
) -> None:
    first = await web.opened()
    second = await web.opened(contact_email="chef@chantier.example", contact_name="Luc")
    browser = await inside(web)
    assert await refs(browser) == [second, first]
    await browser.post(
        f"/portal/{first}/invite", name="Luc Roux", address="chef@chantier.example"
    )
    assert await refs(await inside(web, "chef@chantier.example")) == [second, first]
    assert await refs(await inside(web, "autre@client.example")) == []


async def test_each_filter_narrows_the_list_and_the_reset_is_one_press_away(
    web: Web,
) -> None:
    lyon = await web.underway()
    when = (web.clock.now() + timedelta(days=3)).isoformat()
    await web.command(lyon, "schedule-intervention", planned_at=when)
    await web.clock.advance(timedelta(days=40))
    paris = await web.opened(
        service="incident", address="1 rue de Rivoli", town="Paris", postcode="75001"
    )
    browser = await inside(web)
    assert await refs(browser) == [paris, lyon]
    for query, found in {
        f"reference={lyon[-4:]}": [lyon],
        "address=rivoli": [paris],
        "status=submitted": [paris],
        "station=rhone": [lyon],
        "station=nobody": [],
        "opened_from=2026-04-01": [paris],
        "opened_to=2026-03-31": [lyon],
        "planned_from=2026-03-01&planned_to=2026-03-31": [lyon],
        "service=commissioning": [lyon],
        "service=unheard&opened_from=demain": [paris, lyon],
    }.items():
        assert await refs(browser, f"?{query}") == found, query
    none = await words(await browser.get("/portal?address=nulle"))
    assert "Aucune demande ne correspond" in none
    assert "Réinitialiser" in none


async def test_a_date_the_desk_has_not_agreed_to_is_neither_shown_nor_found(
    web: Web,
) -> None:
    ref = await web.underway()
    first = web.clock.now() + timedelta(days=3)
    await web.command(ref, "schedule-intervention", planned_at=first.isoformat())
    browser = await inside(web)
    assert "05/03/2026" in await (await browser.get("/portal")).text()
    await web.command(ref, "add-intervention", reason="Registre à changer")
    later = (first + timedelta(days=20)).isoformat()
    path = f"/assistances/{ref}/commands/schedule-intervention"
    await web.json("POST", path, {"planned_at": later, "number": 2}, token=web.station)
    it = await web.deps.store.views.by_ref(AssistanceRef(ref))
    assert it.is_to_approve
    assert "25/03/2026" not in await (await browser.get("/portal")).text()
    assert await refs(browser, "?planned_from=2026-03-20") == []


async def test_a_long_list_is_turned_page_by_page(web: Web) -> None:
    made = [await web.opened(own_number=f"N{number}") for number in range(23)]
    browser = await inside(web)
    first = await browser.get("/portal")
    text = await first.text()
    onward = re.findall(r'href="(/portal\?after=[^"]+)" rel="next"', text)
    assert len(onward) == 1
    shown = await refs(browser) + await refs(browser, onward[0].removeprefix("/portal"))
    assert shown == list(reversed(made))


async def test_links_without_a_code_show_their_own_and_the_offer_to_come_in(
    web: Web,
) -> None:
    held = await web.opened()
    await web.opened(own_number="other")
    browser = Browser(web)
    assert (await browser.get("/portal")).headers["Location"] == (
        "/portal/signin?next=/portal"
    )
    await browser.get(await web.link(held))
    assert await refs(browser) == [held]
    assert "Voir toutes mes demandes" in await words(await browser.get("/portal"))


async def test_files_of_notes_do_not_count_and_unread_messages_do(web: Web) -> None:
    ref = await web.opened()
    await web.command(ref, "add-message", text="Bonjour, une question.")
    upload = NewDocument("interne.pdf", "application/pdf", 3, BlobId("a" * 64))
    await web.do(ref, AddNote("Marge à revoir", documents=(upload,)))
    browser = await inside(web)
    text = await (await browser.get("/portal")).text()
    assert f"1 message non lu de la demande {ref}" in text.replace("\u00a0", " ")
    assert f"0 document de la demande {ref}" in text.replace("\u00a0", " ")
    assert (await browser.post(f"/portal/{ref}/seen")).status == 204
    text = await (await browser.get("/portal")).text()
    assert f"0 message non lu de la demande {ref}" in text.replace("\u00a0", " ")


async def test_the_first_visit_asks_who_one_is_and_goes_on(web: Web) -> None:
    browser = Browser(web)
    entered = await browser.enter("nouveau@client.example", next="/portal/new")
    page = await words(await browser.get(entered.headers["Location"]))
    assert "Bienvenue" in page
    fields = {
        "company": "Clim Neuve",
        "account_type": "distributor",
        "phone": "06 39 98 12 34",
        "language": "fr",
        "notices": "1",
        "next": "/portal/new",
    }
    assert (await browser.post("/portal/profile", name="", **fields)).status == 422
    saved = await browser.post("/portal/profile", name="Nina Petit", **fields)
    assert saved.headers["Location"] == "/portal/new"
    person = await web.deps.store.views.by_address("nouveau@client.example")
    assert person is not None
    assert (person.name, person.company, person.account_type) == (
        "Nina Petit",
        "Clim Neuve",
        "distributor",
    )
    assert person.phones == ("+33639981234",)


async def test_another_address_counts_once_its_code_is_typed_and_closes_the_rest(
    web: Web,
) -> None:
    ref = await web.opened()
    link = await web.link(ref)
    await web.clock.advance(timedelta(seconds=2))
    browser, other = await inside(web), await inside(web)
    asked = await browser.post("/portal/profile/address", address=NEWER)
    assert asked.headers["Location"] == "/portal/profile/address/code"
    code = await newest_code(web, NEWER)
    assert (await other.post("/portal/profile/address/code", code=code)).status == 303
    assert await web.deps.store.views.by_address(NEWER) is None
    moved = await browser.post("/portal/profile/address/code", code=code)
    assert moved.headers["Location"] == "/portal/profile?moved=1"
    person = await web.deps.store.views.by_address(NEWER)
    assert person is not None
    assert person.addresses == (NEWER,)
    told = await letters(web, "address_changed")
    assert [each.address for each in told] == [CLIENT]
    assert (await browser.get("/portal")).status == 200
    assert (await other.get("/portal")).status == 303
    assert (await Browser(web).get(link)).status == 410


@pytest.mark.parametrize("taken", ["camille@sav.example", "luc@client.example"])
async def test_an_address_of_somebody_else_gets_no_code_and_no_word(
    web: Web, taken: str
) -> None:
    await web.known("luc@client.example")
    browser = await inside(web)
    asked = await browser.post("/portal/profile/address", address=taken)
    assert asked.headers["Location"] == "/portal/profile/address/code"
    assert await newest_code(web, taken) == ""


async def everything(web: Web) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table, save when sessions were last used."""

    def work(uow: UnitOfWork) -> dict[str, list[tuple[object, ...]]]:
        found = {}
        for table in metadata.sorted_tables:
            name = table.name
            columns = [e for e in table.c if (name, e.name) != ("sessions", "seen_at")]
            rows = uow.sql.all(select(*columns), {})
            found[name] = sorted((tuple(row) for row in rows), key=repr)
        return found

    return await web.deps.store.write(work)


async def test_looking_at_every_address_of_visitors_changes_nothing(web: Web) -> None:
    ref = await web.finished()
    person = await inside(web)
    await person.post("/portal/profile/address", address=NEWER)
    holder, ended = Browser(web), Browser(web)
    link, old = await web.link(ref), await web.link(ref, days=-1)
    station = await web.deps.store.views.by_address("froid@sta.example")
    assert station is not None
    paths = {
        resource.canonical.replace("{ref}", ref)
        for resource in web.client.app.router.resources()
        if resource.canonical.startswith(("/portal", "/missions"))
        and resource.canonical.count("{") <= resource.canonical.count("{ref}")
    }
    assert len(paths) > 12
    before = await everything(web)
    assert len(before) > 30
    for _ in range(2):
        await holder.get(link)
        await ended.get(old)
        await Browser(web).get(await web.link(ref, station.id))
        for browser in (person, holder, ended, Browser(web)):
            for path in sorted(paths):
                answer = await browser.get(path)
                assert answer.status < 500, path
    assert await everything(web) == before


async def test_no_page_of_a_client_tells_what_is_not_theirs(web: Web) -> None:
    ref = await web.finished()
    await web.json("POST", f"/assistances/{ref}/notes", {"text": "Client pressé"})
    await web.command(ref, "add-message", text="Bonjour.")
    other = await web.json(
        "POST",
        "/assistances",
        {
            "requester": {"email": "autre@client.example", "name": "Zoé Inconnue"},
            "answers": {"address": "9 impasse Cachée"},
        },
    )
    hidden = (
        *("Durand", "pressé", "Zoé", "Inconnue", "Cachée"),
        other["assistance"]["ref"],
    )
    browser, person = Browser(web), await inside(web)
    await browser.get(await web.link(ref))
    token = browser.cookies[LINKS].partition(":")[2]
    for visitor in (browser, person):
        for path in (
            *("/portal", f"/portal/{ref}", f"/portal/{ref}/invite", "/portal/profile"),
            *("/portal/signin", "/portal/not-me", "/portal/profile/address"),
        ):
            answer = await visitor.get(path)
            text = await answer.text()
            assert token not in text
            assert token not in answer.headers.get("Location", "")
            for each in hidden:
                assert each not in text, (path, each)
            if answer.status == 200:
                assert answer.headers["Referrer-Policy"] == "no-referrer"
                assert answer.headers["Cache-Control"] == "no-store"


async def test_pages_speak_the_language_of_whoever_is_known(web: Web) -> None:
    browser = await inside(web)
    fields = {"name": "Sophie Martin", "language": "es"}
    await browser.post("/portal/profile", **fields)
    page = await browser.get("/portal")
    assert page.headers["Content-Language"] == "es"
    answer = await web.client.get(
        "/portal/signin", headers={**BROWSER, "Accept-Language": "en"}
    )
    assert "Open my requests" in await answer.text()
