"""The same write twice happens once (ux.md X19)."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from aiohttp.test_utils import TestClient, TestServer

from azbot.channels.web.server import build_app
from azbot.health.supervise import Supervisor
from azbot.store import Store
from azbot.testing.clock import FakeClock
from tests.webdesk import PDF, Web, running

KEY = {"Idempotency-Key": "0b9e-1"}


async def test_the_same_key_and_body_gives_the_same_answer_once(web: Web) -> None:
    ref = await web.opened()
    path, body = f"/assistances/{ref}/messages", {"text": "Bonjour"}
    first = await web.call("POST", path, body, headers=KEY)
    again = await web.call("POST", path, body, headers=KEY)
    assert first.status == again.status == 201
    assert await first.read() == await again.read()
    assert first.headers["ETag"] == again.headers["ETag"]
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    messages = await web.json("GET", f"/assistances/{ref}/messages")
    assert len(messages["items"]) == 1


async def test_the_same_key_for_something_else_is_refused(web: Web) -> None:
    ref = await web.opened()
    path = f"/assistances/{ref}/messages"
    await web.call("POST", path, {"text": "Bonjour"}, headers=KEY)
    other = await web.call("POST", path, {"text": "Autre"}, headers=KEY)
    elsewhere = await web.call(
        "POST", f"/assistances/{ref}/notes", {"text": "Bonjour"}, headers=KEY
    )
    for response in (other, elsewhere):
        assert response.status == 422
        assert (await response.json(content_type=None))["code"] == "key_reused"
    assert await web.events(ref) == 2


async def test_two_callers_may_use_the_same_key(web: Web) -> None:
    ref = await web.underway()
    path = f"/assistances/{ref}/messages"
    for token in (web.agent, web.station):
        response = await web.call(
            "POST", path, {"text": "Oui"}, headers=KEY, token=token
        )
        assert response.status == 201
        assert "Idempotency-Replayed" not in response.headers


async def test_a_refused_write_leaves_its_key_free(web: Web) -> None:
    ref = await web.opened()
    path = f"/assistances/{ref}/commands/assign-station"
    refused = await web.call("POST", path, {"station": web.station_id}, headers=KEY)
    assert refused.status == 409
    body = {"station": web.station_id, "override_reason": "par téléphone"}
    assert (await web.call("POST", path, body, headers=KEY)).status == 200


async def test_a_storm_of_the_same_write_happens_once(web: Web) -> None:
    ref = await web.opened()
    path = f"/assistances/{ref}/messages"
    answers = await asyncio.gather(
        *(web.call("POST", path, {"text": "Bonjour"}, headers=KEY) for _ in range(12))
    )
    statuses = sorted({answer.status for answer in answers})
    assert statuses in ([201], [201, 409])
    for answer in answers:
        if answer.status == 409:
            assert (await answer.json(content_type=None))["code"] == "key_in_use"
    messages = await web.json("GET", f"/assistances/{ref}/messages")
    assert len(messages["items"]) == 1


async def test_two_processes_share_their_keys(store: Store, clock: FakeClock) -> None:
    async with running(store, clock) as web:
        ref = await web.opened()
        path, body = f"/assistances/{ref}/messages", {"text": "Bonjour"}
        deps = replace(web.deps, loops=Supervisor(clock))
        async with TestClient(TestServer(build_app(deps))) as client:
            other = Web(deps, client, clock, web.decided, agent=web.agent)
            for _ in range(5):
                answers = await asyncio.gather(
                    web.call("POST", path, body, headers=KEY),
                    other.call("POST", path, body, headers=KEY),
                )
                assert [answer.status for answer in answers] == [201, 201]
        messages = await web.json("GET", f"/assistances/{ref}/messages")
        assert len(messages["items"]) == 1


async def test_the_same_upload_twice_is_one_document(web: Web) -> None:
    ref = await web.opened()
    path = f"/assistances/{ref}/documents?name=bon.pdf"
    first = await web.call("POST", path, data=PDF, headers=KEY)
    again = await web.call("POST", path, data=PDF, headers=KEY)
    other = await web.call("POST", path, data=PDF + b"x", headers=KEY)
    assert (first.status, again.status, other.status) == (201, 201, 422)
    assert again.headers["Idempotency-Replayed"] == "true"
    documents = await web.json("GET", f"/assistances/{ref}/documents")
    assert len(documents["items"]) == 1


async def test_a_request_is_opened_once_and_uses_one_reference(web: Web) -> None:
    body = {"requester": {"email": "a@clim.example"}, "answers": {"town": "Lyon"}}
    for _ in range(3):
        response = await web.call("POST", "/assistances", body, headers=KEY)
        assert (await response.json())["assistance"]["ref"] == "ASFR26000001"
    assert await web.opened() == "ASFR26000002"
