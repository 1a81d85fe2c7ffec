"""A chat of another package is one like any other, under the name people know it by."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from azbot.store import Store
from azbot.testing.chat import LocalChat
from azbot.testing.clock import FakeClock
from tests.chatdesk import desk_by_chat
from tests.integration.chat.test_relay_inbox import page, send
from tests.integration.test_inbox import at, served


class Pigeons(LocalChat):
    name = "pigeon"


async def test_agents_read_and_answer_what_another_service_brings(
    store: Store, clock: FakeClock, tmp_path: Path
) -> None:
    desk = await desk_by_chat(store, clock, tmp_path, chat=Pigeons(clock))
    app = desk.desk.app
    known = replace(app.connected, labels={"pigeon": "Pigeons voyageurs"})
    desk.desk.app = replace(app, connected=known)
    await desk.desk.submitted()
    sophie = await desk.linked()
    await desk.say(sophie, "Il y a un chien.")
    async with served(desk.desk) as inbox:
        shown = await page(inbox)
        assert "Pigeons voyageurs" in at(shown, ".side").text()
        answers_in = at(shown, "[data-part=recipients] [data-chat]")
        assert "Répondra par Pigeons voyageurs à" in answers_in.text()
        assert answers_in.css("use[href='#i-chat']")

        await send(inbox, "Merci, la station est prévenue.")
        await inbox.let_leave()
        assert "Merci, la station est prévenue." in sophie.last.text
        letters = at(await page(inbox), ".m.out .letters").text()
        assert "Pigeons voyageurs" in letters
