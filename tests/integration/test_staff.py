"""The guard of the rooms: who is let in, who is sent to the door, who is refused."""

from __future__ import annotations

import pytest

from azbot.channels.web.staff import COOKIE
from tests.webdesk import BROWSER, Web


@pytest.mark.parametrize("room", ["/inbox", "/admin", "/account", "/inbox/q/mine"])
async def test_who_has_no_session_is_sent_to_the_door(web: Web, room: str) -> None:
    answer = await web.client.get(room, headers=BROWSER, allow_redirects=False)
    assert answer.status == 303
    assert answer.headers["Location"] == f"/signin?next={room}"


async def test_a_cookie_nobody_gave_opens_nothing(web: Web) -> None:
    headers = {**BROWSER, "Cookie": f"{COOKIE}=guessed"}
    answer = await web.client.get("/inbox", headers=headers, allow_redirects=False)
    assert answer.status == 303


async def test_an_agent_is_no_administrator(web: Web) -> None:
    agent = await web.sign_in("agent")
    answer = await web.client.get("/admin", headers=agent, allow_redirects=False)
    assert answer.status == 403
