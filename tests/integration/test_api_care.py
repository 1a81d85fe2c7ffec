"""The desk's own side through the API: who looks after it, what waits, tags."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from azbot.desk.timers import Timekeeper
from azbot.store import UnitOfWork
from azbot.store.records import NewPerson, PersonKind
from tests.webdesk import Web


async def refs(web: Web, query: str, token: str | None = None) -> list[str]:
    found = await web.json("GET", f"/assistances?{query}", token=token)
    return [item["ref"] for item in found["items"]]


async def agent_id(web: Web) -> int:
    person = await web.deps.store.views.by_address("camille@sav.example")
    assert person is not None
    return person.id


async def test_an_agent_takes_it_and_lets_it_go(web: Web) -> None:
    ref, camille = await web.opened(), await agent_id(web)
    taken = await web.command(ref, "choose-owner", owner=camille)
    care = taken["assistance"]["care"]
    assert (care["owner"], care["owner_name"]) == (camille, "Camille Durand")
    assert taken["events"][0]["sentence"] == "Dossier confié à Camille Durand."
    assert taken["notices"] == []
    assert await refs(web, f"owner={camille}") == [ref]
    assert await refs(web, "is_owned=false") == []

    freed = await web.command(ref, "choose-owner", owner=None)
    assert freed["events"][0]["sentence"] == (
        "Dossier sans agent (avant\u00a0: Camille Durand)."
    )
    assert await refs(web, "is_owned=false") == [ref]


async def test_only_an_agent_of_the_desk_looks_after_anything(web: Web) -> None:
    ref = await web.opened()
    client = await web.deps.store.views.by_address("sophie@clim-martin.example")
    assert client is not None
    for number, code in ((client.id, "not_an_agent"), (999, "unknown_person")):
        path = f"/assistances/{ref}/commands/choose-owner"
        refused = await web.call("POST", path, {"owner": number})
        found = await refused.json()
        assert (refused.status, found["errors"][0]["code"]) == (422, code)


async def test_an_agent_who_left_is_given_nothing(web: Web) -> None:
    def leave(uow: UnitOfWork) -> int:
        person = uow.people.add(NewPerson(PersonKind.AGENT, ("parti@sav.example",)))
        uow.people.update(replace(person, is_active=False))
        return person.id

    ref, gone = await web.opened(), await web.deps.store.write(leave)
    path = f"/assistances/{ref}/commands/choose-owner"
    refused = await web.call("POST", path, {"owner": gone})
    assert (await refused.json())["errors"][0]["code"] == "not_an_agent"


async def test_the_queue_shows_the_longest_wait_first_until_it_is_handled(
    web: Web,
) -> None:
    first = await web.opened()
    await web.clock.advance(timedelta(hours=1))
    second = await web.opened()
    queue = "needs_attention=true&sort=waiting"
    assert await refs(web, queue) == [first, second]

    await web.json("GET", f"/assistances/{first}")
    await web.command(first, "add-note", text="à rappeler")
    assert await refs(web, queue) == [first, second]
    await web.command(first, "add-message", text="Nous regardons.")
    assert await refs(web, queue) == [second]
    await web.command(second, "mark-handled")
    assert await refs(web, queue) == []
    back = await web.command(second, "bring-back")
    assert back["assistance"]["care"]["attention"] == "new"
    assert await refs(web, "needs_attention=false") == [first]


async def test_a_snoozed_one_comes_back_on_time(web: Web) -> None:
    ref, queue = await web.opened(), "needs_attention=true&sort=waiting"
    until = web.clock.now() + timedelta(days=2)
    await web.command(ref, "snooze", until=until.isoformat())
    assert await refs(web, queue) == []
    assert await refs(web, "is_snoozed=true") == [ref]

    await web.clock.advance(timedelta(days=2))
    keeper = Timekeeper(web.deps.store, web.deps.desk, "test")
    assert await keeper.step(web.clock.now()) == 1
    assert await refs(web, queue) == [ref]
    lines = await web.json("GET", f"/assistances/{ref}/timeline")
    assert lines["items"][0]["kind"] == "SnoozeOver"
    assert lines["items"][0]["is_internal"]


@pytest.mark.parametrize(("days", "code"), [(-1, "date_past"), (400, "date_too_far")])
async def test_a_snooze_out_of_reach_is_refused(web: Web, days: int, code: str) -> None:
    ref = await web.opened()
    until = (web.clock.now() + timedelta(days=days)).isoformat()
    path = f"/assistances/{ref}/commands/snooze"
    refused = await web.call("POST", path, {"until": until})
    assert (refused.status, (await refused.json())["code"]) == (422, code)


async def test_tags_are_found_without_accents_and_shown_with_them(web: Web) -> None:
    ref, other = await web.opened(), await web.opened()
    await web.command(ref, "set-tags", tags=["Câblage", "100 %"])
    await web.command(other, "set-tags", tags=["autre"])
    assert await refs(web, "tag=cablage") == [ref]
    assert await refs(web, "tag=100%25%25") == []
    assert await refs(web, "tag=100 %25") == [ref]
    assert await refs(web, "tag=CABLAGE&tag=autre") == [other, ref]
    items = (await web.json("GET", "/assistances?tag=cablage"))["items"]
    assert items[0]["care"]["tags"] == ["Câblage", "100 %"]


async def test_a_line_shows_who_asks_and_the_newest_message(web: Web) -> None:
    ref = await web.opened()
    await web.command(ref, "add-message", text="Bonjour,\nnous regardons.")
    item = (await web.json("GET", "/assistances?channel=api"))["items"][0]
    care = item["care"]
    assert (item["company"], item["department"]) == ("Clim Martin", "69")
    assert (care["preview"], care["preview_by"], care["channel"]) == (
        "Bonjour, nous regardons.",
        "agent",
        "api",
    )
    assert await refs(web, "channel=telegram") == []
    assert await refs(web, "has_documents=true") == []


async def test_a_station_learns_nothing_of_the_desks_own_side(web: Web) -> None:
    ref = await web.underway()
    await web.command(ref, "set-tags", tags=["litige"])
    await web.command(ref, "choose-owner", owner=await agent_id(web))
    it = await web.json("GET", f"/assistances/{ref}", token=web.station)
    items = (await web.json("GET", "/assistances", token=web.station))["items"]
    lines = await web.json("GET", f"/assistances/{ref}/timeline", token=web.station)
    assert (it["care"], items[0]["care"]) == (None, None)
    assert "litige" not in str(lines)
    for query in ("tag=autre", "is_owned=false", "is_snoozed=true"):
        assert await refs(web, query, web.station) == [ref], "it tells nothing"
    path = f"/assistances/{ref}/commands/set-tags"
    refused = await web.call("POST", path, {"tags": []}, token=web.station)
    assert refused.status == 403
