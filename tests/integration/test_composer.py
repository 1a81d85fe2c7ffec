"""The composer over HTTP: replies are held, notes stay, drafts follow their agent."""

from __future__ import annotations

import gzip
import re
from collections.abc import Mapping
from datetime import timedelta
from importlib.resources import files
from typing import Any

import pytest
from aiohttp import FormData

from azbot.channels.web.settings import WebSettings
from azbot.desk.holding import HELD_FOR
from azbot.messages import Trust
from azbot.store import Store, UnitOfWork
from azbot.store.canned import CannedAnswer
from azbot.testing.clock import FakeClock
from azbot.workflow import commands as c
from azbot.workflow import events as e
from azbot.workflow.model import Actor, AssistanceRef, Role
from tests.webdesk import PDF, PNG, Web, running

PART = {"Azbot-Part": "composer"}
TEXT = "Bonjour Sophie, votre dossier est complet."
COUNT = iter(range(10_000))


class Agent:
    """Somebody of the desk with a browser of their own, scripts or not."""

    def __init__(self, web: Web, headers: Mapping[str, str], ref: str) -> None:
        self.web = web
        self.headers = headers
        self.ref = ref

    async def ask(
        self, method: str, path: str, *, script: bool = True, **more: Any
    ) -> tuple[int, Any]:
        """Ask for something below the assistance, or below /inbox with a slash."""
        url = path if path.startswith("/") else f"/inbox/a/{self.ref}/{path}"
        headers = {**self.headers, **(PART if script else {})}
        async with self.web.client.request(
            method, url, headers=headers, allow_redirects=False, **more
        ) as answer:
            if answer.content_type.endswith("json"):
                return answer.status, await answer.json()
            return answer.status, await answer.text()

    async def send(self, text: str = TEXT, what: str = "send", **more: str) -> Any:
        """Press « Envoyer »; it must be taken."""
        status, told = await self.press(text, what, **more)
        assert status == 200, told
        return told

    async def press(self, text: str, what: str = "send", **more: str) -> Any:
        seen = more.pop("seen_event", "") or str(await self.newest())
        form = {"key": f"press-{next(COUNT):08}", "text": text, "seen_event": seen}
        return await self.ask("POST", what, data={**form, **more})

    async def newest(self) -> int:
        views = self.web.deps.store.views
        it = await views.by_ref(AssistanceRef(self.ref))
        return (await views.timeline(it.id, is_internal=True))[-1].id

    async def said(self) -> list[str]:
        """What was said publicly, oldest first."""
        views = self.web.deps.store.views
        it = await views.by_ref(AssistanceRef(self.ref))
        lines = await views.timeline(it.id, is_internal=True)
        return [x.event.text for x in lines if isinstance(x.event, e.MessageAdded)]

    async def later(self, by: timedelta = HELD_FOR) -> None:
        await self.web.clock.advance(by)
        await self.web.deps.holding.step(self.web.clock.now())

    async def draft(self, kind: str = "reply") -> Any:
        return (await self.ask("GET", f"draft/{kind}"))[1]


@pytest.fixture
async def agent(web: Web) -> Agent:
    ref = await web.opened()
    return Agent(web, await web.sign_in("agent"), ref)


@pytest.fixture
async def colleague(web: Web, agent: Agent) -> Agent:
    headers = await web.sign_in("agent", "Jules Petit", "jules@sav.example")
    return Agent(web, headers, agent.ref)


async def test_a_reply_waits_eight_seconds_and_is_then_said(agent: Agent) -> None:
    told = await agent.send()
    assert told["hold"]["seconds"] == 8.0
    assert told["hold"]["ref"] == agent.ref
    await agent.later(timedelta(seconds=7))
    assert await agent.said() == []
    await agent.later(timedelta(seconds=1))
    assert await agent.said() == [TEXT]
    assert (await agent.ask("GET", "/inbox/holds"))[1] == {"holds": []}


async def test_undone_in_time_the_text_is_a_draft_again(agent: Agent) -> None:
    upload = await uploaded(agent)
    told = await agent.send(file=upload["upload"])
    undo = f"/inbox/holds/{told['hold']['id']}/undo"
    status, back = await agent.ask("POST", undo)
    assert status == 200
    assert back["draft"]["text"] == TEXT
    assert [each["name"] for each in back["draft"]["files"]] == ["bon.pdf"]
    assert (await agent.draft())["text"] == TEXT
    await agent.later()
    assert await agent.said() == []
    status, told = await agent.ask("POST", undo)
    assert (status, told["code"]) == (409, "hold_gone")


async def test_what_was_begun_since_stands_behind_what_comes_back(
    agent: Agent,
) -> None:
    told = await agent.send()
    await agent.ask("PUT", "draft/reply", json={"text": "Et aussi…"})
    _, back = await agent.ask("POST", f"/inbox/holds/{told['hold']['id']}/undo")
    assert back["draft"]["text"] == f"{TEXT}\n\nEt aussi…"


async def test_a_colleague_cannot_undo_it(agent: Agent, colleague: Agent) -> None:
    told = await agent.send()
    status, _ = await colleague.ask("POST", f"/inbox/holds/{told['hold']['id']}/undo")
    assert status == 404


async def test_the_same_press_twice_is_one_message(agent: Agent) -> None:
    first = await agent.send(key="one-and-the-same")
    second = await agent.send(key="one-and-the-same")
    assert first["hold"]["id"] == second["hold"]["id"]
    await agent.later()
    await agent.send(key="one-and-the-same")
    await agent.later()
    assert await agent.said() == [TEXT]


async def test_sending_ends_the_draft_and_no_other(agent: Agent) -> None:
    await agent.ask("PUT", "draft/reply", json={"text": TEXT})
    await agent.ask("PUT", "draft/note", json={"text": "Interne"})
    await agent.send()
    assert (await agent.draft())["text"] == ""
    assert (await agent.draft("note"))["text"] == "Interne"


async def test_a_draft_follows_its_agent_to_another_device(
    web: Web, agent: Agent, colleague: Agent
) -> None:
    upload = await uploaded(agent)
    saved = {"text": "Bonjour,\u202fdemain", "files": [upload["upload"]]}
    status, told = await agent.ask("PUT", "draft/reply", json=saved)
    assert status == 200
    assert told["saved_at"] == "9\u00a0h"
    phone = Agent(web, await web.sign_in("agent"), agent.ref)
    found = await phone.draft()
    assert found["text"] == saved["text"]
    assert [each["name"] for each in found["files"]] == ["bon.pdf"]
    assert (await colleague.draft())["text"] == ""
    await phone.ask("DELETE", "draft/reply")
    assert (await agent.draft())["text"] == ""


async def test_a_colleagues_draft_may_be_read(agent: Agent, colleague: Agent) -> None:
    await agent.ask("PUT", "draft/reply", json={"text": "Je regarde."})
    me = await agent.web.deps.store.views.by_address("camille@sav.example")
    assert me is not None
    status, found = await colleague.ask("GET", f"draft/reply/of/{me.id}")
    assert status == 200
    assert (found["author"], found["text"]) == ("Camille Durand", "Je regarde.")
    assert (await colleague.ask("GET", f"draft/note/of/{me.id}"))[0] == 404


@pytest.mark.parametrize(
    "body", [b"{", b'{"text": 3}', b'{"text": "", "x": 1}', b"[]", b'{"files": "a"}']
)
async def test_a_draft_that_is_none_is_refused(agent: Agent, body: bytes) -> None:
    assert (await agent.ask("PUT", "draft/reply", data=body))[0] == 400


async def test_unknown_assistances_and_presses_without_key_are_refused(
    web: Web, agent: Agent
) -> None:
    lost = Agent(web, agent.headers, "ASFR26999999")
    form = {"key": "press-12345678", "text": TEXT}
    for method, path in (("POST", "send"), ("GET", "draft/reply"), ("GET", "canned")):
        assert (await lost.ask(method, path, data=form))[0] == 404
    assert (await agent.ask("POST", "send", data={"text": TEXT}))[0] == 400
    assert (await agent.press(TEXT * 600))[0] == 413
    assert (await agent.press("  "))[0] == 422


# --- notes (A7) -------------------------------------------------------------------


async def test_a_note_is_saved_at_once_and_never_waits(agent: Agent) -> None:
    secret = "Client difficile, ne pas rappeler avant lundi."
    told = await agent.send(secret, "note")
    assert told["hold"] is None
    store = agent.web.deps.store
    it = await store.views.by_ref(AssistanceRef(agent.ref))
    newest = (await store.views.timeline(it.id, is_internal=True))[-1].event
    assert isinstance(newest, e.NoteAdded)
    assert newest.text == secret


async def test_no_note_is_ever_held_or_put_into_the_outbox(
    agent: Agent, colleague: Agent
) -> None:
    """However notes, replies, drafts and undos follow one another (A7)."""
    secret = "ZZ-SECRET-ZZ"
    store = agent.web.deps.store
    for turn, who in enumerate([agent, colleague] * 6):
        await who.send(f"{secret} {turn}", "note", seen_event="0", then="close")
        if turn % 2:
            await who.ask("PUT", "draft/note", json={"text": f"{secret} brouillon"})
        told = await who.send(f"{TEXT} {turn}", seen_hold="999999")
        if turn % 3 == 0:
            await who.ask("POST", f"/inbox/holds/{told['hold']['id']}/undo")
        if turn % 4 == 0:
            await who.later()
    held = await store.views.holds_of(
        (await store.views.by_ref(AssistanceRef(agent.ref))).id
    )
    assert held
    assert all(secret not in str(each.commands) for each in held)
    await agent.later()
    letters = await store.views.outbox(limit=500)
    assert sum(letter.kind == "message" for letter in letters) == 8
    assert all(secret not in str(letter.facts) for letter in letters)


# --- files (A18, R142, R143) ------------------------------------------------------


async def uploaded(agent: Agent, name: str = "bon.pdf", content: bytes = PDF) -> Any:
    status, told = await agent.ask("POST", f"/inbox/uploads?name={name}", data=content)
    assert status == 201, told
    return told


async def test_files_go_with_the_reply_and_a_double_drop_is_one(agent: Agent) -> None:
    one = await uploaded(agent)
    again = await uploaded(agent)
    photo = await uploaded(agent, "plaque.png", PNG)
    assert one["note"] == "137\u00a0octets"
    form = FormData({"key": "press-with-files", "text": TEXT})
    for each in (one, again, photo):
        form.add_field("file", each["upload"])
    form.add_field("seen_event", str(await agent.newest()))
    status, _ = await agent.ask("POST", "send", data=form)
    assert status == 200
    await agent.later()
    it = await agent.web.deps.store.views.by_ref(AssistanceRef(agent.ref))
    assert [d.name for d in it.documents] == ["bon.pdf", "plaque.png"]
    assert not any(d.is_internal for d in it.documents)


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"MZ" + b"\0" * 200, 415, "kind_refused"),
        (b"", 422, "empty_file"),
        (PDF * 20, 413, "file_too_large"),
    ],
)
async def test_a_file_that_cannot_be_taken_is_told_in_words(
    sqlite_store: Store, clock: FakeClock, content: bytes, status: int, code: str
) -> None:
    small = WebSettings(largest_file=1_000, drain_within=timedelta(seconds=1))
    async with running(sqlite_store, clock, settings=small) as web:
        agent = Agent(web, await web.sign_in("agent"), await web.opened())
        found, told = await agent.ask("POST", "/inbox/uploads?name=x", data=content)
        assert (found, told["code"]) == (status, code)
        assert told["detail"]


async def test_a_handle_of_somebody_else_or_of_yesterday_attaches_nothing(
    agent: Agent, colleague: Agent
) -> None:
    upload = await uploaded(agent)
    status, told = await colleague.press(TEXT, file=upload["upload"])
    assert (status, told["code"]) == (422, "upload_expired")
    await agent.web.clock.advance(timedelta(days=2))
    status, _ = await agent.press(TEXT, file=upload["upload"])
    assert status == 422


# --- variables and canned answers (6.2) -------------------------------------------


async def test_canned_answers_come_with_their_variables_filled_in(
    web: Web, agent: Agent
) -> None:
    now = web.clock.now()

    def add(uow: UnitOfWork) -> None:
        text = "Bonjour {Prenom}, {reference} : {sta} viendra. {agent}"
        uow.canned_answers.add(CannedAnswer(0, "Visite", text, now, "visite"))

    await web.deps.store.write(add)
    _, told = await agent.ask("GET", "canned")
    (item,) = told["items"]
    assert item["text"] == (
        f"Bonjour Sophie, {agent.ref} : {{sta}} viendra. Camille Durand"
    )
    assert item["missing"] == ["{sta}"]
    assert item["shortcut"] == "visite"


async def test_a_variable_nobody_filled_in_blocks_sending_and_not_a_note(
    agent: Agent,
) -> None:
    status, told = await agent.press("Bonjour {prénom}, {sta} et {prénom}.")
    assert (status, told["code"]) == (422, "variable_unresolved")
    assert told["detail"] == "Remplissez {prénom} et {sta} avant d’envoyer."
    await agent.send("Modèle {x} {12} { }", "note")
    await agent.send("Code {12} et { rien }")


# --- what follows a reply ---------------------------------------------------------


async def test_send_and_take_it(agent: Agent) -> None:
    await agent.send(then="mine")
    await agent.later()
    it = await agent.web.deps.store.views.by_ref(AssistanceRef(agent.ref))
    assert it.owner_name == "Camille Durand"
    assert await agent.said() == [TEXT]


async def test_send_and_see_again_tomorrow(agent: Agent) -> None:
    await agent.send(then="tomorrow")
    await agent.later()
    it = await agent.web.deps.store.views.by_ref(AssistanceRef(agent.ref))
    assert it.snoozed_until is not None
    assert it.snoozed_until.isoformat() == "2026-03-03T07:00:00+00:00"


async def test_send_and_close_what_is_done(web: Web) -> None:
    ref = await web.finished()
    agent = Agent(web, await web.sign_in("agent"), ref)
    told = await agent.send(then="close")
    assert told["next"] is False
    await agent.later()
    it = await web.deps.store.views.by_ref(AssistanceRef(ref))
    assert it.status.value == "closed"


async def test_closing_what_is_not_done_is_refused_and_nothing_is_sent(
    agent: Agent,
) -> None:
    status, _ = await agent.press(TEXT, then="close")
    assert status == 409
    await agent.later()
    assert await agent.said() == []


async def test_send_and_next_is_told_to_the_page(agent: Agent) -> None:
    assert (await agent.send(then="next"))["next"] is True


async def test_what_could_not_be_done_later_is_shown_and_taken_back(
    web: Web,
) -> None:
    ref = await web.finished()
    agent = Agent(web, await web.sign_in("agent"), ref)
    told = await agent.send(then="close")
    await web.do(ref, c.CloseAssistance())
    await agent.later()
    _, found = await agent.ask("GET", "/inbox/holds")
    (failed,) = found["holds"]
    assert failed["why"]
    assert failed["text"] == TEXT
    _, back = await agent.ask("POST", f"/inbox/holds/{told['hold']['id']}/undo")
    assert back["draft"]["text"] == TEXT


# --- collisions (A11) -------------------------------------------------------------


async def client_writes(agent: Agent, text: str) -> None:
    it = await agent.web.deps.store.views.by_ref(AssistanceRef(agent.ref))
    client = Actor(Role.CLIENT, it.requester, "Sophie Martin", Trust.PROVEN, "email")
    await agent.web.do(agent.ref, c.AddMessage(text), client)


async def test_news_hold_a_reply_back_until_they_were_read(agent: Agent) -> None:
    read = str(await agent.newest())
    await client_writes(agent, "Finalement mardi.")
    status, told = await agent.press(TEXT, seen_event=read)
    assert (status, told["code"]) == (409, "collision")
    (news,) = told["facts"]["news"]
    assert news == {
        "author": "Sophie Martin",
        "when": "9\u00a0h",
        "text": "Finalement mardi.",
        "is_held": False,
        "side": "Client",
    }
    await agent.later()
    assert TEXT not in await agent.said()
    seen = {k: str(told["facts"][k]) for k in ("seen_event", "seen_hold")}
    assert (await agent.send(**seen))["hold"]


async def test_the_words_of_the_other_are_shown_and_ones_own_intact(
    agent: Agent, colleague: Agent
) -> None:
    """Without script: the whole page again, with both."""
    read = str(await agent.newest())
    await colleague.send("Je m’en occupe.")
    form = {
        "key": "press-without-script",
        "text": "Bonjour <Sophie> & merci",
        "seen_event": read,
        "seen_hold": "0",
    }
    status, page = await agent.ask("POST", "send", data=form, script=False)
    assert status == 409
    assert "Je m’en occupe." in page
    assert "Jules Petit" in page
    assert "Bonjour &lt;Sophie&gt; &amp; merci</textarea>" in page
    assert "Envoyer quand même" in page
    again = {**form, **hidden_in(page)}
    status, _ = await agent.ask("POST", "send", data=again, script=False)
    assert status == 303


def hidden_in(page: str) -> dict[str, str]:
    """The hidden fields of the reply form."""
    form = page.partition('data-form="reply"')[2].partition("</form>")[0]
    return dict(
        re.findall(r'<input type="hidden"[^>]* name="(\w+)" value="([^"]*)"', form)
    )


def test_the_script_of_the_composer_is_small() -> None:
    file = files("azbot.channels.web.static").joinpath("inbox/composer.js")
    assert len(gzip.compress(file.read_bytes(), 9)) <= 10 * 1024


# --- without script ---------------------------------------------------------------


async def test_without_script_text_and_file_are_sent_by_one_form(agent: Agent) -> None:
    form = FormData()
    for name, value in (
        ("key", "press-without-script"),
        ("text", "Bonjour\r\nSophie"),
        ("seen_event", str(await agent.newest())),
        ("then", "next"),
        ("next_url", "/inbox/a/ASFR26000002"),
    ):
        form.add_field(name, value)
    form.add_field("upload", PDF, filename="bon.pdf", content_type="application/pdf")
    form.add_field("upload", b"", filename="", content_type="application/octet-stream")
    url = f"/inbox/a/{agent.ref}/send"
    async with agent.web.client.post(
        url, data=form, headers=agent.headers, allow_redirects=False
    ) as answer:
        assert answer.status == 303
        assert answer.headers["Location"] == "/inbox/a/ASFR26000002"
    await agent.later()
    assert await agent.said() == ["Bonjour\nSophie"]


async def test_without_script_one_bad_file_loses_neither_text_nor_the_others(
    agent: Agent,
) -> None:
    form = FormData()
    form.add_field("key", "press-without-script")
    form.add_field("text", TEXT)
    form.add_field("upload", b"MZ" + b"\0" * 99, filename="virus.pdf")
    form.add_field("upload", PDF, filename="bon.pdf")
    status, page = await agent.ask("POST", "send", data=form, script=False)
    assert status == 415
    assert TEXT in page
    assert "bon.pdf" in page
    assert "envoyez une image" in page
    found = hidden_in(page)
    data = {"text": TEXT, **found, "seen_event": str(await agent.newest())}
    status, _ = await agent.ask("POST", "send", data=data, script=False)
    assert status == 303
    await agent.later()
    it = await agent.web.deps.store.views.by_ref(AssistanceRef(agent.ref))
    assert [d.name for d in it.documents] == ["bon.pdf"]


async def test_the_composer_has_a_page_of_its_own(agent: Agent) -> None:
    await agent.ask("PUT", "draft/reply", json={"text": "Bonjour,"})
    told = await agent.send("Déjà dit.")
    await agent.ask("PUT", "draft/reply", json={"text": "Bonjour,"})
    status, page = await agent.ask("GET", "compose", script=False)
    assert status == 200
    assert "Bonjour,</textarea>" in page
    assert "Sophie Martin · e-mail" in " ".join(page.split())
    assert f'action="/inbox/holds/{told["hold"]["id"]}/undo"' in page
    assert "Envoyer au client" in page
    assert "Enregistrer la note" in page
    assert 'value="close"' not in page
    assert "style=" not in page


async def test_the_tab_of_the_note_opens_only_where_a_note_was_begun(
    agent: Agent,
) -> None:
    def is_open(page: str, kind: str) -> bool:
        tag = page.partition(f'value="{kind}" class="sr"')[2].partition(">")[0]
        return "checked" in tag

    _, page = await agent.ask("GET", "compose", script=False)
    assert is_open(page, "reply")
    await agent.ask("PUT", "draft/note", json={"text": "À rappeler"})
    _, page = await agent.ask("GET", "compose", script=False)
    assert is_open(page, "note")
    assert not is_open(page, "reply")


async def test_the_next_address_never_leads_elsewhere(agent: Agent) -> None:
    form = {
        "key": "press-without-script",
        "text": TEXT,
        "seen_event": str(await agent.newest()),
        "then": "next",
        "next_url": "//evil.example/inbox",
    }
    async with agent.web.client.post(
        f"/inbox/a/{agent.ref}/send",
        data=form,
        headers=agent.headers,
        allow_redirects=False,
    ) as answer:
        assert answer.headers["Location"] == f"/inbox/a/{agent.ref}"


async def test_whoever_is_signed_out_or_comes_from_elsewhere_sends_nothing(
    agent: Agent,
) -> None:
    form = {"key": "press-12345678", "text": TEXT}
    url = f"/inbox/a/{agent.ref}/send"
    bare = {"Sec-Fetch-Site": "same-origin", **PART}
    async with agent.web.client.post(url, data=form, headers=bare) as answer:
        assert answer.status == 401
        assert (await answer.json())["code"] == "session_over"
    other = {**agent.headers, **PART, "Sec-Fetch-Site": "cross-site"}
    async with agent.web.client.post(url, data=form, headers=other) as answer:
        assert answer.status == 403
    await agent.later()
    assert await agent.said() == []
