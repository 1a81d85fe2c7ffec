"""Links, merging and moving through the API, and what a station reads after it."""

from __future__ import annotations

import pytest

from azbot.messages import Trust
from azbot.workflow import commands as c
from azbot.workflow.model import Actor, AssistanceRef, Role
from tests.webdesk import PDF, Web


async def said(web: Web, ref: str, text: str) -> int:
    """Let the client write; return the line of the message."""
    it = await web.deps.store.views.by_ref(AssistanceRef(ref))
    client = Actor(Role.CLIENT, it.requester, "Sophie Martin", Trust.PROVEN, "email")
    await web.do(ref, c.AddMessage(text), client)
    found = await web.json("GET", f"/assistances/{ref}/messages")
    return int(next(m["id"] for m in found["items"] if m["text"] == text))


async def conversation(web: Web, ref: str, token: str | None = None) -> list[str]:
    found = await web.json("GET", f"/assistances/{ref}/messages", token=token)
    return [message["text"] for message in found["items"]]


async def test_two_are_linked_and_the_link_is_taken_back(web: Web) -> None:
    one, other = await web.opened(), await web.opened()
    done = await web.json("POST", f"/assistances/{one}/links", {"ref": other})
    assert done["source"]["assistance"]["links"] == [other]
    assert done["target"]["assistance"]["links"] == [one]
    assert done["source"]["events"][0]["sentence"] == f"Lié à {other}."
    back = await web.json("DELETE", f"/assistances/{other}/links/{one}")
    assert back["target"]["assistance"]["links"] == []


async def test_a_merge_says_what_happened_to_both(web: Web) -> None:
    one, other = await web.opened(), await web.opened()
    await said(web, one, "Il fuit.")
    done = await web.json(
        "POST", f"/assistances/{one}/merge", {"into": other, "reason": "doublon"}
    )
    source, target = done["source"], done["target"]
    assert source["assistance"]["merged_into"] == other
    assert source["assistance"]["status"] == "cancelled"
    assert [n["kind"] for n in source["notices"]] == ["merged"]
    assert [event["kind"] for event in target["events"]] == [
        "AssistanceAbsorbed",
        "MessageArrived",
    ]
    assert await conversation(web, other) == ["Il fuit."]
    items = (await web.json("GET", f"/assistances/{other}/messages"))["items"]
    assert items[0]["origin"] == one
    refused = await web.call("POST", f"/assistances/{one}/messages", {"text": "Vu."})
    assert (refused.status, (await refused.json())["code"]) == (409, "merged_already")


async def test_the_same_merge_twice_is_done_once(web: Web) -> None:
    one, other = await web.opened(), await web.opened()
    path, headers = f"/assistances/{one}/merge", {"Idempotency-Key": "m-1"}
    first = await web.json("POST", path, {"into": other}, headers=headers)
    again = await web.json("POST", path, {"into": other}, headers=headers)
    assert first == again
    assert await web.events(other) == 2


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"into": "ASFR26999999"}, 404),
        ({"into": "ASFR26000001"}, 422),
        ({"into": "rien"}, 422),
        ({}, 422),
    ],
)
async def test_a_merge_into_nothing_is_refused(
    web: Web, body: dict[str, str], status: int
) -> None:
    ref = await web.opened()
    refused = await web.call("POST", f"/assistances/{ref}/merge", body)
    assert refused.status == status
    assert await web.events(ref) == 1


async def test_a_moved_message_is_read_by_no_station_any_more(web: Web) -> None:
    ref, other = await web.underway(), await web.opened()
    path = f"/assistances/{ref}/commands/add-message"
    await web.json("POST", path, {"text": "Digicode 8080."}, token=web.station)
    found = await web.json("GET", f"/assistances/{ref}/messages")
    line = found["items"][-1]["id"]
    assert await conversation(web, ref, web.station) == ["Digicode 8080."]
    await web.json("POST", f"/assistances/{ref}/messages/{line}/move", {"to": other})

    assert await conversation(web, ref, web.station) == []
    assert await conversation(web, ref) == []
    assert await conversation(web, other) == ["Digicode 8080."]
    for path in ("timeline", "messages", "documents"):
        found = await web.json("GET", f"/assistances/{ref}/{path}", token=web.station)
        assert "8080" not in str(found)
    for token in (web.agent, web.station):
        found = await web.json("GET", "/assistances?q=digicode", token=token)
        assert ref not in [item["ref"] for item in found["items"]]
    lines = await web.json("GET", f"/assistances/{ref}/timeline")
    assert lines["items"][0]["sentence"] == f"Message déplacé vers {other}."


async def test_a_moved_file_is_downloaded_from_its_new_place_alone(web: Web) -> None:
    ref, other = await web.underway(), await web.opened()
    it = await web.deps.store.views.by_ref(AssistanceRef(ref))
    client = Actor(Role.CLIENT, it.requester, "Sophie Martin", Trust.PROVEN, "email")
    blob = web.deps.store.blobs.put(PDF)
    new = c.NewDocument("bon.pdf", "application/pdf", len(PDF), blob)
    await web.do(ref, c.AddMessage("Le bon", documents=(new,)), client)
    items = (await web.json("GET", f"/assistances/{ref}/messages"))["items"]
    line = items[-1]["id"]
    assert (await web.call("GET", f"/assistances/{ref}/documents/1")).status == 200

    await web.json("POST", f"/assistances/{ref}/messages/{line}/move", {"to": other})
    for token in (web.agent, web.station):
        gone = await web.call("GET", f"/assistances/{ref}/documents/1", token=token)
        assert gone.status == 404
    kept = await web.call("GET", f"/assistances/{other}/documents/1")
    assert await kept.read() == PDF


async def test_a_message_becomes_a_request(web: Web) -> None:
    ref = await web.opened()
    line = await said(web, ref, "Autre chantier : il gèle.")
    done = await web.json("POST", f"/assistances/{ref}/messages/{line}/move", {})
    new = done["target"]["assistance"]["ref"]
    assert new == "ASFR26000002"
    assert await conversation(web, new) == ["Autre chantier : il gèle."]
    assert await conversation(web, ref) == []


async def test_a_station_reads_who_wrote_without_the_desks_own_words(web: Web) -> None:
    ref, other = await web.opened(), await web.underway()
    await web.command(ref, "add-message", text="Nous regardons.")
    await web.command(other, "add-message", text="Qui a la clé ?", to="station")
    await web.command(ref, "add-note", text="client difficile")
    await web.json("POST", f"/assistances/{ref}/merge", {"into": other})
    lines = await web.json("GET", f"/assistances/{other}/timeline", token=web.station)
    messages = await web.json(
        "GET", f"/assistances/{other}/messages", token=web.station
    )
    (told,) = messages["items"]
    assert (told["author"]["name"], told["text"]) == ("Camille D.", "Qui a la clé ?")
    for found in (lines, messages):
        assert "difficile" not in str(found)
        assert "Durand" not in str(found)
        assert ref not in str(found)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "links", {"ref": "ASFR26000002"}),
        ("DELETE", "links/ASFR26000002", None),
        ("POST", "merge", {"into": "ASFR26000002"}),
        ("POST", "messages/1/move", {}),
    ],
)
async def test_a_station_tidies_nothing_up(
    web: Web, method: str, path: str, body: object
) -> None:
    ref = await web.underway()
    await web.opened()
    refused = await web.call(
        method, f"/assistances/{ref}/{path}", body, token=web.station
    )
    assert refused.status == 403


async def test_somebody_faster_is_noticed(web: Web) -> None:
    one, other = await web.opened(), await web.opened()
    stale = {"If-Match": '"99"'}
    path = f"/assistances/{one}/merge"
    refused = await web.call("POST", path, {"into": other}, headers=stale)
    assert refused.status == 412
