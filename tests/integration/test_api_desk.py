"""Messages that wait for a person, and letters that could not leave."""

from __future__ import annotations

from datetime import timedelta

import pytest

from azbot.messages import Reason
from azbot.store import RawOutcome, RawState, UnitOfWork
from tests.stores import a_raw
from tests.webdesk import Web


async def _held(web: Web) -> int:
    """Set one message aside; return its number."""
    await web.deps.store.accept([a_raw(content=b"From: x@y.example\r\n\r\nBonjour")])
    now = web.clock.now()

    def work(uow: UnitOfWork) -> int:
        [raw] = uow.raw.claim("w", 1, timedelta(minutes=1), now)
        outcome = RawOutcome(
            RawState.QUARANTINED,
            Reason.FOREIGN_SENDER,
            "jeton d’un autre",
            fingerprint="f" * 64,
            sender="x@y.example",
            subject="Bonjour",
        )
        uow.raw.finish(raw.id, outcome)
        return raw.id

    return await web.deps.store.write(work)


async def _dead(web: Web) -> int:
    """Give the first outgoing message up; return its number."""
    await web.opened()
    now = web.clock.now()

    def work(uow: UnitOfWork) -> int:
        row = uow.outbox.claim("w", 1, timedelta(minutes=1), now)[0]
        uow.outbox.dead(row.id, "550 5.1.1 unknown user")
        return row.id

    return await web.deps.store.write(work)


async def test_what_was_set_aside_is_listed_with_its_reason_in_words(web: Web) -> None:
    number = await _held(web)
    listed = await web.json("GET", "/quarantine", headers={"Accept-Language": "en"})
    [item] = listed["items"]
    assert (item["id"], item["sender"]) == (number, "x@y.example")
    assert item["reason_words"] == "Valid token, but from another address."
    content = await web.call("GET", f"/quarantine/{number}/content")
    assert await content.read() == b"From: x@y.example\r\n\r\nBonjour"
    assert "attachment" in content.headers["Content-Disposition"]
    assert (await web.call("GET", "/quarantine", token=web.station)).status == 403


@pytest.mark.parametrize("action", ["attach", "open", "junk"])
async def test_an_agent_decides_in_their_own_name(web: Web, action: str) -> None:
    number = await _held(web)
    ref = await web.opened()
    body = {"action": action} | ({"ref": ref} if action == "attach" else {})
    decided = await web.json("POST", f"/quarantine/{number}/decision", body)
    assert decided["action"] == action
    assert web.decided.calls == [(action, number, "Camille Durand")]


async def test_a_dead_letter_is_seen_and_sent_again(web: Web) -> None:
    number = await _dead(web)
    listed = await web.json("GET", "/deliveries?state=dead")
    [letter] = listed["items"]
    assert (letter["id"], letter["error"]) == (number, "550 5.1.1 unknown user")
    again = await web.json("POST", f"/deliveries/{number}/resend")
    assert again["state"] == "pending"
    assert (await web.json("GET", "/deliveries?state=dead"))["items"] == []
    twice = await web.call("POST", f"/deliveries/{number}/resend")
    assert twice.status == 409


async def test_pages_of_the_desk_go_back_in_time(web: Web) -> None:
    await web.opened()
    await web.opened()
    newest = await web.json("GET", "/deliveries?limit=1")
    before = newest["items"][0]["id"]
    older = await web.json("GET", f"/deliveries?limit=1&before={before}")
    assert older["items"][0]["id"] < before
