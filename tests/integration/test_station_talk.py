"""What desk and station say is theirs, what desk and client say too (R176).

Every page a client or a station can reach is opened, every row that leaves is read,
and so is what is exported: words and files of the other talk are nowhere.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from selectolax.lexbor import LexborHTMLParser as HTMLParser

from azbot.messages import PersonId, Trust
from azbot.personal.exporting import export
from azbot.store import Store
from azbot.store.canned import CannedAnswer
from azbot.testing.clock import FakeClock
from azbot.workflow import commands as c
from azbot.workflow.model import (
    Actor,
    Assistance,
    AssistanceRef,
    Attention,
    Hearers,
    Role,
    StationId,
)
from tests.integration.test_composer import Agent
from tests.webdesk import AGENT, PDF, Web, running

MONDAY = datetime(2026, 3, 23, 9, 10, tzinfo=UTC)
TALK = {
    "client_asks": (Role.CLIENT, None, "QUAND-VENEZ-VOUS"),
    "client_told": (Role.AGENT, Hearers.CLIENT, "REMISE-ACCORDEE"),
    "station_asks": (Role.STATION, None, "CLIENT-DIFFICILE"),
    "station_told": (Role.AGENT, Hearers.STATION, "CODE-ALARME-4417"),
    "both_told": (Role.AGENT, Hearers.BOTH, "COUPURE-DU-COURANT"),
}
"""Who says what to whom; each sends a file of the same name along."""

OF_CLIENT = {"QUAND-VENEZ-VOUS", "REMISE-ACCORDEE"}
OF_STATION = {"CLIENT-DIFFICILE", "CODE-ALARME-4417"}
SHARED = "COUPURE-DU-COURANT"


@pytest.fixture
async def web(store: Store) -> AsyncIterator[Web]:
    async with running(store, FakeClock(MONDAY)) as served:
        yield served


async def contact_of(web: Web, station: int | None = None) -> PersonId:
    key = StationId(station or web.station_id)
    return (await web.deps.store.views.contacts_of([key]))[key][0].id


async def state(web: Web, ref: str) -> Assistance:
    return await web.deps.store.views.by_ref(AssistanceRef(ref))


async def actor_of(web: Web, ref: str, role: Role) -> Actor:
    it = await state(web, ref)
    if role is Role.CLIENT:
        return Actor(role, it.requester, "Sophie Martin", Trust.PROVEN, "email")
    if role is Role.STATION:
        key = StationId(web.station_id)
        who = await contact_of(web)
        return Actor(role, who, "Luc Petit", Trust.PROVEN, "email", key)
    return AGENT


async def both(web: Web, ref: str) -> tuple[Actor, Actor]:
    """Return the client and the station."""
    client = await actor_of(web, ref, Role.CLIENT)
    return client, await actor_of(web, ref, Role.STATION)


def paper(web: Web, name: str) -> c.NewDocument:
    blob = web.deps.store.blobs.put(PDF + name.encode())
    return c.NewDocument(f"{name}.pdf", "application/pdf", len(PDF) + len(name), blob)


async def talked(web: Web) -> str:
    """An assistance in which everybody has written to everybody."""
    ref = await web.assigned()
    for role, to, word in TALK.values():
        text, document = f"Message {word}.", paper(web, word)
        command = c.AddMessage(text, documents=(document,), to=to or Hearers.CLIENT)
        await web.do(ref, command, await actor_of(web, ref, role))
    return ref


async def reached(web: Web, start: str, headers: dict[str, str]) -> dict[str, str]:
    """Open a page and everything that leads on from it; return what was read."""
    found: dict[str, str] = {}
    waiting = [start]
    while waiting:
        path = waiting.pop()
        if path in found or path.startswith(("/inbox", "/static", "/admin")):
            continue
        answer = await web.client.get(path, headers=headers)
        body = (await answer.read()).decode("utf-8", "replace")
        found[path] = body if answer.status < 400 else ""
        if answer.content_type != "text/html":
            continue
        tree = HTMLParser(body)
        links = [
            node.attributes.get(name) or ""
            for name in ("href", "src")
            for node in tree.css(f"[{name}]")
        ]
        for link in links:
            url = urlsplit(urljoin(f"http://here{path}", link))
            if url.netloc == "here" and "/static/" not in url.path:
                waiting.append(url.path + (f"?{url.query}" if url.query else ""))
    return found


def with_any(pages: dict[str, str], words: set[str]) -> list[tuple[str, str]]:
    """Return where words stand, in an address or on a page."""
    return [
        (path, word)
        for path, body in pages.items()
        for word in words
        if word in body or word in path
    ]


async def test_no_page_of_the_client_shows_what_desk_and_station_say(web: Web) -> None:
    ref = await talked(web)
    headers = await web.visitor(ref)
    known = await web.known("sophie@clim-martin.example")
    pages = await reached(web, f"/portal/{ref}", headers)
    for tab in ("request", "station", "visits", "documents", "history", "messages"):
        pages |= await reached(web, f"/portal/{ref}/{tab}", headers)
    for number in range(1, len(TALK) + 1):
        path = f"/portal/{ref}/documents/{number}"
        answer = await web.client.get(path, headers=headers)
        pages[path] = (await answer.read()).decode("utf-8", "replace")
    pages |= await reached(web, "/portal", {**known})
    staff = await web.sign_in("agent")
    for tab in ("messages", "documents", "history"):
        path = f"/inbox/a/{ref}/as-client/{tab}"
        answer = await web.client.get(path, headers=staff)
        pages[path] = await answer.text()
    assert len(pages) > 15
    assert with_any(pages, OF_STATION) == []
    for word in {*OF_CLIENT, SHARED}:
        assert with_any(pages, {word}), word


async def test_no_page_of_the_station_shows_what_desk_and_client_say(web: Web) -> None:
    ref = await talked(web)
    headers = await web.visitor(ref, await contact_of(web))
    pages = await reached(web, f"/missions/{ref}", headers)
    pages |= await reached(web, "/missions", headers)
    for path in (
        f"/assistances/{ref}",
        f"/assistances/{ref}/timeline",
        f"/assistances/{ref}/messages",
        f"/assistances/{ref}/documents",
        "/assistances",
    ):
        answer = await web.call("GET", path, token=web.station)
        pages[f"api{path}"] = await answer.text()
        assert answer.status == 200, path
    # What the client sends is part of the order: its file, never the words beside it.
    file = ("QUAND-VENEZ-VOUS.pdf", PDF.decode() + "QUAND-VENEZ-VOUS")
    words = {
        path: body.replace(file[0], "").replace(file[1], "")
        for path, body in pages.items()
    }
    assert with_any(words, OF_CLIENT) == []
    for word in {*OF_STATION, SHARED}:
        assert with_any(pages, {word}), word
    for word in sorted(OF_CLIENT):
        # Nor is it found by its words.
        found = await web.json("GET", f"/assistances?q={word}", token=web.station)
        is_order = word == "QUAND-VENEZ-VOUS"  # its file is
        assert bool(found["items"]) is is_order
    told = await web.client.get(f"/missions/{ref}/documents/2", headers=headers)
    path = f"/assistances/{ref}/documents/2"
    refused = await web.call("GET", path, token=web.station)
    assert (told.status, refused.status) == (404, 404)


async def test_the_next_station_reads_nothing_of_the_one_before(web: Web) -> None:
    ref = await talked(web)
    await web.do(ref, c.WithdrawMission("Trop loin."))
    await web.command(
        ref,
        "assign-station",
        station=web.other_station_id,
        override_reason="par téléphone",
    )
    headers = await web.visitor(ref, await contact_of(web, web.other_station_id))
    pages = await reached(web, f"/missions/{ref}", headers)
    for what in ("timeline", "messages", "documents"):
        path = f"/assistances/{ref}/{what}"
        answer = await web.call("GET", path, token=web.other_station)
        assert answer.status == 200
        pages[path] = await answer.text()
    assert with_any(pages, OF_STATION) == []


async def test_what_leaves_goes_to_its_readers_alone(web: Web) -> None:
    """Each row of the outbox, with every word and file it could be written with."""
    ref = await talked(web)
    it = await state(web, ref)
    rows = await web.deps.store.views.deliveries(it.id)
    sides = {it.requester: OF_STATION, await contact_of(web): OF_CLIENT}
    seen = set()
    for row in rows:
        hidden = sides.get(row.person or PersonId(0))
        if hidden is None:
            continue  # to the desk itself
        numbers = [int(f.partition(":")[2]) for f in row.files if "document:" in f]
        names = [d.name for n in numbers if (d := it.document(n))]
        whole = json.dumps([dict(row.facts), names], default=str)
        assert [word for word in hidden if word in whole] == [], row.kind
        seen |= {(row.person, word) for _, _, word in TALK.values() if word in whole}
    assert seen == {
        (it.requester, "REMISE-ACCORDEE"),
        (it.requester, SHARED),
        (await contact_of(web), "CODE-ALARME-4417"),
        (await contact_of(web), SHARED),
    }


@pytest.mark.parametrize("whose", ["client", "reference"])
async def test_an_export_holds_the_talk_of_the_client_alone(
    web: Web, tmp_path: Path, whose: str
) -> None:
    ref = await talked(web)
    what = ref if whose == "reference" else "sophie@clim-martin.example"
    target = tmp_path / "data.zip"
    await export(web.deps.store, what, target, MONDAY)
    with zipfile.ZipFile(target) as opened:
        whole = "".join(
            name + opened.read(name).decode("utf-8", "replace")
            for name in opened.namelist()
        )
    assert [word for word in OF_STATION if word in whole] == []
    assert "REMISE-ACCORDEE" in whole
    assert SHARED in whole


async def test_an_answer_to_one_side_leaves_the_other_waiting(web: Web) -> None:
    """A15: the client who asked first still waits when the station was answered."""
    ref = await web.assigned()
    client, station = await both(web, ref)
    await web.do(ref, c.AddMessage("Quand venez-vous ?"), client)
    await web.do(ref, c.AddMessage("Qui a la clé ?"), station)
    await web.do(ref, c.AddMessage("La gardienne.", to=Hearers.STATION))
    it = await state(web, ref)
    assert (it.attention, it.unanswered) == (Attention.MESSAGE, Hearers.CLIENT)
    assert it.first_answer_at is not None  # the assignment
    await web.do(ref, c.AddMessage("Mardi."))
    it = await state(web, ref)
    assert (it.attention, it.unanswered) == (None, None)
    # The other way round, and both at once.
    await web.do(ref, c.AddMessage("Merci"), station)
    await web.do(ref, c.AddMessage("Merci"), client)
    await web.do(ref, c.AddMessage("De rien.", to=Hearers.BOTH))
    assert (await state(web, ref)).attention is None


async def test_the_one_whose_words_wait_is_offered_first(web: Web) -> None:
    ref = await web.assigned()
    agent = Agent(web, await web.sign_in("agent"), ref)
    assert await chosen(agent) == "client"
    client, station = await both(web, ref)
    await web.do(ref, c.AddMessage("Qui a la clé ?"), station)
    assert await chosen(agent) == "station"
    await web.do(ref, c.AddMessage("Et mon devis ?"), client)
    assert await chosen(agent) == "client"
    await web.do(ref, c.AddMessage("Le voici."))
    assert await chosen(agent) == "station"
    await web.do(ref, c.AddMessage("Pour tous.", to=Hearers.BOTH))
    assert await chosen(agent) == "client"


async def chosen(agent: Agent) -> str | None:
    """Return who the composer writes to, before anybody says anything."""
    _, page = await agent.ask("GET", "compose", script=False)
    found = HTMLParser(page).css_first("[name=to][checked]")
    return found.attributes["value"] if found else None


async def test_the_composer_carries_the_recipient_to_the_end(web: Web) -> None:
    """A9, A12: drafts, what is held, what is taken back and what was said."""
    ref = await web.assigned()
    agent = Agent(web, await web.sign_in("agent"), ref)
    draft = {"text": "Le code est 2580.", "to": "station"}
    await agent.ask("PUT", "draft/reply", json=draft)
    assert await chosen(agent) == "station"
    form = {"to": "station", "station": str(web.station_id)}
    told = await agent.send("Le code est 2580.", **form)
    assert told["hold"]["to"] == "station"
    undo = f"/inbox/holds/{told['hold']['id']}/undo"
    _, back = await agent.ask("POST", undo)
    assert back["draft"]["to"] == "station"
    assert await chosen(agent) == "station"
    await agent.send("Le code est 2580.", **form)
    await agent.later()
    _, page = await agent.ask("GET", f"/inbox/a/{ref}", script=False)
    line = HTMLParser(page).css_first(".m.out.to-station")
    assert line is not None
    assert "à la station" in line.text()
    # What was begun for the client since belongs to nobody until an agent says so.
    told = await agent.send("Et l’étage : 3.", **form)
    await agent.ask("PUT", "draft/reply", json={"text": "Bonjour,", "to": "client"})
    await agent.ask("POST", f"/inbox/holds/{told['hold']['id']}/undo")
    assert await chosen(agent) is None
    status, problem = await agent.press("Bonjour,", station=str(web.station_id))
    assert (status, problem["code"]) == (422, "recipient_missing")


async def test_another_station_than_the_one_shown_reads_nothing(web: Web) -> None:
    ref = await web.assigned()
    agent = Agent(web, await web.sign_in("agent"), ref)
    shown = {"to": "station", "station": str(web.station_id)}
    told = await agent.send("Le code est 2580.", **shown)
    await web.do(ref, c.WithdrawMission("Trop loin."))
    await web.command(
        ref,
        "assign-station",
        station=web.other_station_id,
        override_reason="par téléphone",
    )
    await agent.later()
    assert await agent.said() == []
    _, holds = await agent.ask("GET", "/inbox/holds")
    (failed,) = holds["holds"]
    assert failed["id"] == told["hold"]["id"]
    assert "La mission est passée à" in failed["why"]
    status, problem = await agent.press("Encore.", **shown)
    assert (status, problem["code"]) == (409, "station_changed")


async def test_a_canned_answer_speaks_to_its_reader(web: Web) -> None:
    ref = await web.assigned()
    agent = Agent(web, await web.sign_in("agent"), ref)
    await canned(web, "Bonjour {prénom} de {société},")
    said = {
        to: (await agent.ask("GET", f"canned?to={to}"))[1]["items"][0]["text"]
        for to in ("client", "station", "both")
    }
    assert "Sophie" in said["client"]
    assert "Sophie" not in said["station"]
    assert said["both"] == "Bonjour {prénom} de {société},"


async def canned(web: Web, text: str) -> None:
    it = CannedAnswer(0, "Bonjour", text, MONDAY)
    await web.deps.store.write(lambda uow: uow.canned_answers.add(it))


async def test_nobody_writes_to_a_station_that_is_not_there(web: Web) -> None:
    ref = await web.opened()
    agent = Agent(web, await web.sign_in("agent"), ref)
    status, problem = await agent.press("Bonjour", to="station", station="1")
    assert (status, problem["code"]) == (409, "no_station")
    _, page = await agent.ask("GET", "compose", script=False)
    offered = HTMLParser(page).css("[name=to]")
    assert [one.attributes["value"] for one in offered] == ["client"]


async def test_a_station_and_a_client_choose_no_reader(web: Web) -> None:
    """Whatever a token asks for, a station writes to the desk and to nobody else."""
    ref = await web.assigned()
    path = f"/assistances/{ref}/commands/add-message"
    for to in ("client", "both", "station"):
        body = {"text": f"Bonjour {to}", "to": to}
        await web.json("POST", path, body, token=web.station)
    kept = await web.json("GET", f"/assistances/{ref}/messages")
    assert {one["to"] for one in kept["items"]} == {"station"}
    pages = await reached(web, f"/portal/{ref}/messages", await web.visitor(ref))
    assert with_any(pages, {"Bonjour client", "Bonjour both"}) == []
