"""The list of the inbox over HTTP: filters, views, several at once, export, search."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser, LexborNode

from azbot.messages import Trust
from azbot.store import Store
from azbot.testing.clock import FakeClock
from azbot.workflow import commands as c
from azbot.workflow.model import Actor, AssistanceRef, Role, Status
from tests.webdesk import Web, running

pytestmark = pytest.mark.filterwarnings("error")
ASKED = {"Accept": "text/html"}


@pytest.fixture
async def web(sqlite_store: Store, clock: FakeClock) -> AsyncIterator[Web]:
    async with running(sqlite_store, clock) as served:
        yield served


class Browser:
    """What an agent without scripts sees and does."""

    def __init__(self, web: Web, headers: Mapping[str, str]) -> None:
        self._web = web
        self._headers = {**headers, **ASKED}

    async def get(self, url: str, status: int = 200) -> LexborHTMLParser:
        answer = await self._web.client.get(url, headers=self._headers)
        text = await answer.text()
        assert answer.status == status, text[:500]
        return LexborHTMLParser(text)

    async def post(
        self, url: str, fields: object, status: int = 200, **headers: str
    ) -> tuple[LexborHTMLParser, str]:
        answer = await self._web.client.post(
            url,
            data=fields,
            headers={**self._headers, **headers},
            allow_redirects=False,
        )
        text = await answer.text()
        assert answer.status == status, text[:500]
        return LexborHTMLParser(text), answer.headers.get("Location", "")

    async def raw(self, url: str, **headers: str) -> tuple[Any, str]:
        answer = await self._web.client.get(url, headers={**self._headers, **headers})
        return answer, await answer.text()


@pytest.fixture
async def agent(web: Web) -> Browser:
    return Browser(web, await web.sign_in())


def refs(page: LexborHTMLParser) -> list[str]:
    """The references of the lines, in order."""
    return [str(li.attributes["data-ref"]) for li in page.css(".rows > li")]


def one(page: LexborHTMLParser | LexborNode, what: str) -> LexborNode:
    """The first node of a selector; there must be one."""
    found = page.css_first(what)
    assert found is not None, what
    return found


def texts(page: LexborHTMLParser, what: str) -> list[str]:
    return [" ".join(node.text().split()) for node in page.css(what)]


def links(page: LexborHTMLParser, what: str) -> dict[str, str]:
    """Text of each link → where it leads."""
    return {
        " ".join(a.text().split()): unescape(str(a.attributes["href"]))
        for a in page.css(what)
    }


async def three(web: Web) -> tuple[str, str, str]:
    """A new one, one that waits for the client, one whose work is done."""
    new = await web.opened(town="Grenoble", postcode="38000")
    waiting = await web.opened(service="incident")
    await web.command(waiting, "ask-complement", comment="Une photo", items=[])
    return new, waiting, await web.finished()


# --- filters and address --------------------------------------------------------------


async def test_the_list_opens_on_what_waits_and_a_line_opens_its_assistance(
    web: Web, agent: Browser
) -> None:
    new, *_ = await three(web)
    page = await agent.get("/inbox")
    assert refs(page) == [new]
    assert texts(page, ".queues [aria-current]") == ["À traiter1"]
    (href,) = links(page, ".rows .it").values()
    opened = await agent.get(href)
    assert one(opened, ".it.sel").attributes["aria-current"] == "true"
    # Opening does not take it out of the queue, replying does (A15).
    assert refs(opened) == [new]
    await web.command(new, "add-message", text="Bonjour, nous regardons.")
    assert refs(await agent.get("/inbox")) == []


@pytest.mark.parametrize(
    ("query", "places"),
    [
        ("ref=0001", [0]),
        ("type=hors", [1]),
        ("adresse=grenoble", [0]),
        ("demandee_du=2026-03-01&demandee_au=2026-03-02", [2, 1, 0]),
        ("demandee_du=2026-03-03", []),
        ("programmee_du=2026-03-01", []),
        ("statut=attente", [1]),
        ("statut=attente&statut=realisee", [2, 1]),
        ("sta=froid+rhone", [2]),
        ("dept=38", [0]),
        ("demandeur=sophie+martin", [2, 1, 0]),
        ("canal=telegram", []),
        ("suivi=moi", []),
        ("q=villeurbanne+statut:realisee", [2]),
        ("q=cm+4471&dept=38", [0]),
        ("statut=attente&q=statut:realisee", []),
    ],
)
async def test_filters_of_the_manual_and_the_others_combine_and_survive_a_reload(
    web: Web, agent: Browser, query: str, places: list[int]
) -> None:
    known = await three(web)
    for _ in range(2):
        page = await agent.get(f"/inbox?tri=recent&{query}")
        assert sorted(refs(page)) == sorted(known[place] for place in places)


async def test_the_form_holds_what_is_active_and_each_chip_drops_its_filter(
    web: Web, agent: Browser
) -> None:
    await three(web)
    page = await agent.get(
        "/inbox?statut=attente&dept=69&adresse=charmettes&programmee=semaine&q=photo"
    )
    checked = page.css("form[data-filters] input[checked]")
    chosen = {(i.attributes["name"], i.attributes["value"]) for i in checked}
    assert {("statut", "attente"), ("programmee", "semaine")} <= chosen
    address = one(page, "input[name=adresse]")
    assert address.attributes["value"] == "charmettes"
    chips = links(page, ".chips a.on")
    assert list(chips) == [
        "Retirer le filtre Adresse : charmettes",
        "Retirer le filtre Programmée le : cette semaine",
        "Retirer le filtre Statut : En attente",
        "Retirer le filtre Département : 69 — Rhône",
        "Retirer le filtre « photo »",
    ]
    dropped = chips["Retirer le filtre Statut : En attente"]
    assert "statut" not in dropped
    assert "dept=69" in dropped
    assert "q=photo" in dropped


async def test_what_is_not_understood_is_told_and_never_an_error(
    web: Web, agent: Browser
) -> None:
    await three(web)
    page = await agent.get("/inbox?statut=perdue&q=priorite:haute+sta:inconnue+dept:")
    assert texts(page, ".notes li") == [
        "Statut : valeur inconnue, « perdue ». Ce filtre est ignoré.",
        "Opérateur inconnu : priorite. Il est ignoré.",
        "Département : indiquez une valeur.",
        "STA assignée : valeur inconnue, « inconnue ». Ce filtre est ignoré.",
    ]
    assert len(refs(page)) == 3
    for bad in ("apres=x", "tri=x&queue=x&vue=x", "q=%00%FF", "demandee_du=0000-99-99"):
        await agent.get(f"/inbox?{bad}")


async def test_nothing_found_offers_to_drop_each_filter_that_helps(
    web: Web, agent: Browser
) -> None:
    await three(web)
    page = await agent.get("/inbox?statut=attente&sta=froid&dept=69")
    offers = links(page, ".empty ul a")
    assert list(offers) == [
        "Retirer le filtre Statut : En attente 1",
        "Retirer le filtre STA assignée : froid 1",
    ]
    for href in offers.values():
        assert len(refs(await agent.get(href))) == 1


async def test_each_queue_counts_what_it_shows(web: Web, agent: Browser) -> None:
    await three(web)
    page = await agent.get("/inbox")
    for line in page.css(".queues li a"):
        href = str(line.attributes["href"])
        if href in ("/inbox/held", "/inbox/dead"):
            continue
        count = one(line, ".n").text()
        assert str(len(refs(await agent.get(unescape(href))))) == count, href


async def test_a_long_list_goes_on_where_it_stopped(
    web: Web, agent: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = list(await three(web))
    monkeypatch.setattr("azbot.channels.web.inbox.listing.PAGE", 2)
    page = await agent.get("/inbox?queue=all&tri=ancien")
    assert refs(page) == known[:2]
    (following,) = links(page, "a[data-next]").values()
    page = await agent.get(following)
    assert refs(page) == known[2:]
    assert page.css_first("a[data-next]") is None
    (top,) = links(page, ".endl a").values()
    assert refs(await agent.get(top)) == known[:2]


async def test_unread_belongs_to_each_agent(web: Web, agent: Browser) -> None:
    new = await web.opened()
    other = Browser(web, await web.sign_in(name="Julien", address="j@sav.example"))
    me = await web.deps.store.views.by_address("camille@sav.example")
    assert me is not None
    it = await web.deps.store.views.by_ref(AssistanceRef(new))
    await web.deps.store.write(lambda uow: uow.readings.see(me.id, it.id, it.inbound))
    assert (await agent.get("/inbox")).css_first(".it.un") is None
    assert (await other.get("/inbox")).css_first(".it.un") is not None


async def test_what_people_wrote_is_text_everywhere_in_the_list(
    web: Web, agent: Browser
) -> None:
    evil = '<img src=x onerror="alert(1)">'
    ref = await web.opened(installer=evil, town=evil)
    camille = Actor(Role.AGENT, None, "Camille", Trust.STAFF, "web")
    await web.do(ref, c.SetTags((evil,)), camille)
    await web.do(ref, c.AddMessage(evil), camille)
    for url in ("/inbox?queue=all", f"/inbox?q={evil}&sta={evil}&statut={evil}"):
        page = await agent.get(url)
        assert page.css_first("img") is None
        assert page.css_first("[onerror]") is None


# --- saved views ----------------------------------------------------------------------


async def test_a_view_is_saved_shared_renamed_and_dropped(
    web: Web, agent: Browser
) -> None:
    await three(web)
    page = await agent.get("/inbox?statut=attente&tri=ancien")
    form = one(page, "form.save[action='/inbox/views']")
    fields = {
        str(i.attributes["name"]): str(i.attributes.get("value") or "")
        for i in form.css("input[type=hidden]")
    }
    saved = {**fields, "name": "  En\u00a0attente  chez nous "}
    _, where = await agent.post("/inbox/views", saved, 303)
    _, same = await agent.post("/inbox/views", saved, 303)
    assert where == same
    page = await agent.get(where)
    assert one(page, "#list-title").text() == "En attente chez nous"
    assert len(refs(page)) == 1
    julien = Browser(web, await web.sign_in(name="Julien", address="j@sav.example"))
    assert "En attente chez nous" not in (await julien.get("/inbox")).text()
    number = where.rpartition("vue=")[2]
    change = {"name": "Attente", "is_shared": "1"}
    await agent.post(f"/inbox/views/{number}", change, 303)
    assert (
        "Attente (partagée par Camille Durand)"
        in texts(await julien.get("/inbox"), ".queues a")[12]
    )
    await julien.post(f"/inbox/views/{number}", {"name": "Volée"}, 404)
    await julien.post(f"/inbox/views/{number}", {"do": "drop"}, 404)
    await agent.post(f"/inbox/views/{number}", {"name": "x", "do": "drop"}, 303)
    assert "Attente" not in texts(await julien.get("/inbox"), "#queues-views + ul a")


async def test_a_view_keeps_filters_alone(web: Web, agent: Browser) -> None:
    _, where = await agent.post(
        "/inbox/views",
        {
            "once": "abcdefgh",
            "name": "x",
            "query": "statut=attente&apres=abc&vue=7&onload=alert(1)",
        },
        303,
    )
    assert re.fullmatch(r"/inbox\?statut=attente&vue=[0-9]+", where)
    await agent.post("/inbox/views", {"once": "abcdefgi", "name": " "}, 400)
    await agent.post("/inbox/views", {"once": "?", "name": "x"}, 400)


# --- several at once ------------------------------------------------------------------


def recap_fields(page: LexborHTMLParser) -> list[tuple[str, str]]:
    form = one(page, "form[action='/inbox/bulk']")
    return [
        (str(i.attributes["name"]), str(i.attributes.get("value") or ""))
        for i in form.css("input")
        if i.attributes.get("type") != "radio" or "checked" in i.attributes
    ]


async def test_several_are_shown_what_will_happen_before_it_does(
    web: Web, agent: Browser
) -> None:
    new, waiting, done = await three(web)
    picked = [("ref", r) for r in (new, waiting, done, "ASFR26999999")]
    before = [await web.events(r) for r in (new, waiting, done)]
    page, _ = await agent.post("/inbox/bulk", [("do", "remind"), *picked])
    assert "2 dossiers seront modifiés. 2 resteront inchangés." in page.text()
    assert texts(page, ".skipped li") == [
        f"Personne n’est attendu. {new}",
        "Dossier introuvable. ASFR26999999",
    ]
    assert "2 e-mails partiront" in one(page, ".told").text()
    assert [await web.events(r) for r in (new, waiting, done)] == before

    fields = recap_fields(page)
    page, _ = await agent.post("/inbox/bulk", fields)
    assert "2 dossiers modifiés." in one(page, ".said").text()
    after = [await web.events(r) for r in (new, waiting, done)]
    assert [b - a for a, b in zip(before, after, strict=True)] == [0, 1, 1]
    # The same press again changes nothing (X19).
    page, _ = await agent.post("/inbox/bulk", fields)
    assert "2 dossiers modifiés." in one(page, ".said").text()
    assert [await web.events(r) for r in (new, waiting, done)] == after


async def test_several_are_taken_given_tagged_snoozed_handled_and_closed(
    web: Web, agent: Browser
) -> None:
    new, waiting, done = await three(web)
    every = [("ref", r) for r in (new, waiting, done)]

    async def do(action: str, **answers: str) -> list[Any]:
        page, _ = await agent.post("/inbox/bulk", [("do", action), *every])
        fields = {name: value for name, value in recap_fields(page) if name != "ref"}
        posted = [*{**fields, **answers}.items(), *every]
        await agent.post("/inbox/bulk", posted)
        views = web.deps.store.views
        return [await views.by_ref(AssistanceRef(r)) for _, r in every]

    assert {it.owner_name for it in await do("take")} == {"Camille Durand"}
    assert {it.owner for it in await do("give", owner="")} == {None}
    # The form of a recap that was gone back to, answered otherwise, is another press.
    given = {it.owner_name for it in await do("give", once="twice-the-same")}
    assert given == {"Camille Durand"}
    assert {i.owner for i in await do("give", once="twice-the-same", owner="")} == {
        None
    }
    await do("tag", tags="urgent, chantier")
    tagged = await do("tag", tags="Urgent, nord")
    assert {it.tags for it in tagged} == {("urgent", "chantier", "nord")}
    until = "2026-03-05T08:00"
    at = web.clock.now().replace(day=5, hour=7)
    assert {it.snoozed_until for it in await do("snooze", until=until)} == {at}
    assert {it.attention for it in await do("handled")} == {None}
    closed = await do("close")
    assert [it.status for it in closed] == [
        Status.SUBMITTED,
        Status.WAITING,
        Status.CLOSED,
    ]


async def test_with_scripts_the_recap_is_a_dialog_and_success_one_sentence(
    web: Web, agent: Browser
) -> None:
    new = await web.opened()
    headers = {"Azbot-Part": "data", "Accept": "application/json"}
    answer = await web.client.post(
        "/inbox/bulk",
        data={"do": "take", "ref": new},
        headers={**(await web.sign_in()), **headers},
    )
    dialog = (await answer.json())["dialog"]
    assert "<html" not in dialog
    fields = recap_fields(LexborHTMLParser(dialog))
    answer = await web.client.post(
        "/inbox/bulk", data=fields, headers={**(await web.sign_in()), **headers}
    )
    assert (await answer.json()) == {"words": "1 dossier modifié."}


async def test_no_more_than_the_limit_is_done_at_once(web: Web, agent: Browser) -> None:
    new = await web.opened()
    many = [("ref", f"ASFR25{number:06d}") for number in range(1, 501)]
    page, _ = await agent.post("/inbox/bulk", [("do", "take"), *many, ("ref", new)])
    assert "Au plus 500 dossiers à la fois" in page.text()
    assert new not in str(page.html)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"do": "take"},
        {"do": "message", "ref": "ASFR26000001"},
        {"ref": "x"},
    ],
)
async def test_an_order_that_is_none_is_refused(
    agent: Browser, fields: dict[str, str]
) -> None:
    await agent.post("/inbox/bulk", fields, 400)


async def test_another_site_cannot_order_anything(web: Web) -> None:
    headers = {**(await web.sign_in()), "Sec-Fetch-Site": "cross-site"}
    for url in ("/inbox/bulk", "/inbox/views", "/inbox/views/1"):
        answer = await web.client.post(url, data={"do": "take"}, headers=headers)
        assert answer.status == 403


# --- export ---------------------------------------------------------------------------


async def test_a_list_is_exported_as_it_stands(web: Web, agent: Browser) -> None:
    new, waiting, done = await three(web)
    answer, text = await agent.raw("/inbox/export.csv?queue=all&tri=ancien")
    assert answer.content_type == "text/csv"
    assert "demandes-2026-03-02.csv" in answer.headers["Content-Disposition"]
    assert text.startswith("\ufeffRéférence;Statut;Type de service;")
    lines = list(csv.DictReader(io.StringIO(text[1:]), delimiter=";"))
    assert [line["Référence"] for line in lines] == [new, waiting, done]
    assert lines[1]["Statut"] == "En attente"
    assert lines[0]["Demandée le"] == "02/03/2026"
    assert lines[0]["Demandeur"] == "Sophie Martin"
    _, text = await agent.raw("/inbox/export.csv?statut=attente")
    assert [line.split(";")[0] for line in text.splitlines()[1:]] == [waiting]
    _, text = await agent.raw("/inbox/export.csv?statut=attente&q=statut:realisee")
    assert len(text.splitlines()) == 1


async def test_an_export_computes_nothing_and_has_no_note(
    web: Web, agent: Browser
) -> None:
    ref = await web.opened(installer='=HYPERLINK("http://x";"y")', address="+33 rue x")
    camille = Actor(Role.AGENT, None, "Camille", Trust.STAFF, "web")
    await web.do(ref, c.AddNote("secret de bureau"), camille)
    await web.do(ref, c.SetTags(("@cmd", "-1+1")), camille)
    _, text = await agent.raw("/inbox/export.csv?queue=all")
    assert "secret" not in text
    (line,) = csv.DictReader(io.StringIO(text[1:]), delimiter=";")
    assert line["Société"] == '\'=HYPERLINK("http://x";"y")'
    assert line["Adresse"] == "'+33 rue x"
    assert line["Étiquettes"].startswith("'@cmd")


async def test_ticked_lines_are_exported_alone(web: Web, agent: Browser) -> None:
    new, _, done = await three(web)
    answer = await web.client.post(
        "/inbox/bulk",
        data=[("do", "export"), ("ref", new), ("ref", done)],
        headers=await web.sign_in(),
    )
    text = await answer.text()
    assert {line.split(";")[0] for line in text.splitlines()[1:]} == {new, done}


# --- suggestions ----------------------------------------------------------------------


async def test_the_palette_is_offered_what_is_typed(web: Web, agent: Browser) -> None:
    new, waiting, done = await three(web)
    answer, _ = await agent.raw("/inbox/suggest?q=clim+mart")
    items = (await answer.json())["items"]
    assert [item["ref"] for item in items] == [done, waiting, new]
    assert items[2] == {
        "ref": new,
        "title": "Clim Martin",
        "note": "Grenoble (38) · Demandée",
        "href": f"/inbox/a/{new}",
    }
    answer, _ = await agent.raw(f"/inbox/suggest?q={new[4:]}")
    assert [item["ref"] for item in (await answer.json())["items"]] == [new]
    answer, _ = await agent.raw("/inbox/suggest?q=c")
    assert (await answer.json()) == {"items": []}


async def test_counts_of_what_has_ended_are_a_minute_old_at_most(
    web: Web, agent: Browser
) -> None:
    *_, done = await three(web)

    async def closed() -> str:
        page = await agent.get("/inbox")
        return one(page, "[data-queue=closed] .n").text()

    assert await closed() == "0"
    await web.command(done, "close-assistance")
    assert await closed() == "0"
    await web.clock.advance(timedelta(seconds=61))
    assert await closed() == "1"
