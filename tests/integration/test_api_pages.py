"""The two small pages, health, and what every answer carries."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import NoReturn

import pytest
from aiohttp import ClientConnectionError, ClientSession, web
from typing_extensions import override

from azbot.channels.web.server import build_app, serve
from azbot.channels.web.settings import Notice, WebSettings
from azbot.choices import FromFile, InForce
from azbot.config import WorkflowSettings
from azbot.errors import TemporaryFailure
from azbot.health.supervise import Supervisor
from azbot.messages import PersonId
from azbot.reports.seal import Seal
from azbot.store import Store
from azbot.testing.clock import FakeClock
from tests.webdesk import BRAND, Decided, Web, deps_of, running

PRINT = "a1" * 32


@pytest.mark.parametrize("cut", [0, 3, 20])
async def test_every_dead_link_gets_the_same_words(web: Web, cut: int) -> None:
    ref = await web.opened()
    good = await web.link(ref)
    forged = good[:-1] + ("a" if good[-1] != "a" else "b")
    foreign = await web.link(ref, PersonId(1))
    texts = set()
    for path, status in (
        (forged, 404),
        (foreign, 410),
        ("/a/x" + "y" * cut, 404),
    ):
        response = await web.read(path)
        assert response.status == status, path
        texts.add(await response.text())
    assert len(texts) == 1
    assert (await web.read(good)).status == 200


async def test_the_contact_on_site_sees_visits_and_no_report(web: Web) -> None:
    ref = await web.opened(
        contact_email="chef@chantier.example", contact_name="Luc Roux"
    )
    contact = await web.deps.store.views.by_address("chef@chantier.example")
    assert contact is not None
    await web.command(ref, "cancel-assistance", reason="Trop cher")
    theirs = await (await web.read(await web.link(ref, contact.id))).text()
    ours = await (await web.read(await web.link(ref))).text()
    assert "Trop cher" in ours
    assert "Trop cher" not in theirs


async def test_a_known_report_is_confirmed_and_names_nobody(web: Web) -> None:
    seal = Seal(
        {
            "fingerprint": PRINT,
            "sealed_at": "2026-03-02T15:00:00+00:00",
            "reports": [
                {
                    "reference": "ASFR26000184",
                    "visit": 1,
                    "station": "Froid Rhône Services",
                    "service": "Mise en service",
                    "arrived_at": "2026-03-02T14:00:00+01:00",
                    "signatures": [{"role": "client", "name": "Sophie Martin"}],
                }
            ],
        },
        b"",
        "k",
    )
    text = seal.to_json().decode()
    await web.deps.store.write(lambda uow: uow.settings.put(f"seal:{PRINT}", text))
    response = await web.client.get(f"/v/{PRINT.upper()}")
    page = await response.text()
    assert response.status == 200
    assert "ASFR•••••184" in page
    assert "S. M." in page
    assert "Martin" not in page
    assert "lundi 2\u00a0mars 2026" in page


@pytest.mark.parametrize("fingerprint", ["b2" * 32, "zz", "a1" * 31, "%3Cscript%3E"])
async def test_an_unknown_report_looks_like_nothing_else(
    web: Web, fingerprint: str
) -> None:
    response = await web.client.get(
        f"/v/{fingerprint}", headers={"Accept-Language": "en"}
    )
    page = await response.text()
    assert response.status == 404
    assert "None of our reports" in page
    assert "<script" not in page


async def test_the_stylesheet_is_kept_for_ever(web: Web) -> None:
    page = await (await web.client.get("/v/x")).text()
    address = page.partition('rel="stylesheet" href="')[2].partition('"')[0]
    response = await web.client.get(address)
    assert response.status == 200
    assert "immutable" in response.headers["Cache-Control"]
    assert "url(" not in await response.text()


# --- health -----------------------------------------------------------------------


async def test_azbot_is_ready_while_a_channel_is_down(
    sqlite_store: Store, clock: FakeClock
) -> None:
    supervisor = Supervisor(clock, draw=lambda: 1.0)

    async def broken() -> None:
        raise TemporaryFailure("imap is away")

    async with running(sqlite_store, clock, loops=supervisor) as web:
        loop = supervisor.keep("receive.email", broken)
        try:
            loop.send(None)
            ready = await web.client.get("/readyz")
            found = await ready.json()
            metrics = await (await web.client.get("/metrics")).text()
            inside = await web.json("GET", "/health")
        finally:
            loop.close()
    assert (ready.status, found["status"]) == (200, "degraded")
    assert found["loops"][0]["name"] == "receive.email"
    assert found["loops"][0]["last_error"] == ""
    assert inside["loops"][0]["last_error"] == "imap is away"
    assert 'azbot_loop_up{loop="receive.email"} 0.0' in metrics


async def test_metrics_tell_the_flow_and_no_name(web: Web) -> None:
    ref = await web.assigned()
    await web.call("GET", "/nothing")
    text = await (await web.client.get("/metrics")).text()
    assert 'azbot_assistances{status="assigned"} 1.0' in text
    assert 'azbot_commands_total{command="AssignStation",result="done"} 1.0' in text
    assert 'azbot_http_problems_total{code="not_found"} 1.0' in text
    assert "azbot_store_up 1.0" in text
    assert ref not in text
    assert "@" not in text


async def test_metrics_are_for_this_machine_or_the_token(
    sqlite_store: Store, clock: FakeClock
) -> None:
    settings = WebSettings(metrics_token="scrape-me")
    async with running(sqlite_store, clock, settings=settings) as web:
        bare = await web.client.get("/metrics")
        right = await web.client.get(
            "/metrics", headers={"Authorization": "Bearer scrape-me"}
        )
    assert (bare.status, right.status) == (401, 200)


async def test_metrics_are_closed_to_who_comes_through_a_proxy(web: Web) -> None:
    response = await web.client.get(
        "/metrics", headers={"X-Forwarded-For": "127.0.0.1"}
    )
    assert response.status == 403


async def test_a_store_that_is_away_is_a_503_that_says_when_to_come_back(
    sqlite_store: Store, clock: FakeClock
) -> None:
    async with running(sqlite_store, clock) as web:
        ref = await web.opened()
        await sqlite_store.aclose()
        listed = await web.call("GET", "/assistances")
        said = await web.call("POST", f"/assistances/{ref}/notes", {"text": "x"})
        ready = await web.client.get("/readyz")
        alive = await web.client.get("/healthz")
        assert (await ready.json())["status"] == "unready"
        assert (await said.json(content_type=None))["code"] == "store_unreachable"
    assert [r.status for r in (listed, said, ready, alive)] == [503, 503, 503, 200]
    assert said.headers["Retry-After"] == "5"


# --- every answer ------------------------------------------------------------------


async def test_wrong_tokens_are_slowed_down_and_right_ones_pass(web: Web) -> None:
    assert (await web.call("GET", "/me")).status == 200
    for _ in range(10):
        assert (await web.call("GET", "/me", token="azbot_" + "x" * 43)).status == 401
    slow = await web.call("GET", "/me", token="azbot_" + "y" * 43)
    assert slow.status == 429
    assert int(slow.headers["Retry-After"]) == 61
    assert (await slow.json(content_type=None))["facts"] == {"seconds": 61}
    assert (await web.call("GET", "/me")).status == 200
    await web.clock.advance(timedelta(minutes=1))
    assert (await web.call("GET", "/me", token="azbot_" + "y" * 43)).status == 401


@pytest.mark.parametrize("path", ["/healthz", "/api/v1/me", "/nothing", "/v/x", "/a/x"])
async def test_every_answer_carries_its_guards_and_its_name(
    web: Web, path: str
) -> None:
    given = {"X-Request-Id": "trace-0123456789"}
    response = await web.client.get(path, headers=given)
    assert response.headers["X-Request-Id"] == "trace-0123456789"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]
    assert response.headers["Server"] == "azbot"
    rude = await web.client.get(path, headers={"X-Request-Id": "<script>"})
    assert len(rude.headers["X-Request-Id"]) == 32


async def test_a_mistake_of_ours_is_a_500_that_tells_nothing(
    sqlite_store: Store, clock: FakeClock
) -> None:
    class Broken(Supervisor):
        @override
        def health(self) -> NoReturn:
            raise RuntimeError("secret path /etc/azbot")

    async with running(sqlite_store, clock, loops=Broken(clock)) as web:
        response = await web.call("GET", "/health")
        text = await response.text()
    assert response.status == 500
    assert "secret" not in text
    assert response.headers["X-Request-Id"] in text


async def test_a_request_under_way_ends_before_the_server_does(
    sqlite_store: Store, clock: FakeClock
) -> None:
    app = build_app(deps_of(sqlite_store, clock, Decided()))
    arrived, go = asyncio.Event(), asyncio.Event()

    async def slow(_: web.Request) -> web.Response:
        arrived.set()
        await go.wait()
        return web.Response(text="done")

    async def release(_: web.Application) -> None:
        go.set()

    app.router.add_get("/slow", slow)
    app.on_shutdown.append(release)
    async with ClientSession() as session, asyncio.TaskGroup() as group:
        async with serve(app, "127.0.0.1", 0) as address:
            answer = group.create_task(_text(session, f"{address}/slow"))
            await arrived.wait()
        with pytest.raises(ClientConnectionError):
            await session.get(f"{address}/healthz")
    assert answer.result() == "done"


async def _text(session: ClientSession, address: str) -> str:
    async with session.get(address) as response:
        return await response.text()


# --- privacy ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "header", "language", "words"),
    [
        ("/privacy", "", "fr", "Vos données personnelles"),
        ("/privacy", "es-ES,en;q=0.5", "es", "Sus datos personales"),
        ("/privacy?lang=en", "fr", "en", "Your personal data"),
        ("/privacy?lang=xx", "en", "en", "Your personal data"),
    ],
)
async def test_the_privacy_page_speaks_the_readers_language(
    web: Web, address: str, header: str, language: str, words: str
) -> None:
    response = await web.client.get(address, headers={"Accept-Language": header})
    page = await response.text()
    assert response.status == 200
    assert response.headers["Content-Language"] == language
    assert f'<html lang="{language}">' in page
    assert words in page
    assert "script-src" not in response.headers["Content-Security-Policy"]
    assert "Set-Cookie" not in response.headers


async def test_the_privacy_page_tells_what_this_installation_does(
    store: Store, clock: FakeClock
) -> None:
    settings = WebSettings(notice=Notice("sav@exemple.example", 1, 4))
    brand = replace(BRAND, organisation="Régulation <Exemple>")
    in_force = InForce(store, FromFile(WorkflowSettings(), brand))
    async with running(store, clock, settings=settings, in_force=in_force) as web:
        page = await (await web.client.get("/privacy?lang=fr")).text()
    assert "Régulation &lt;Exemple&gt;, pour son service" in page
    assert 'href="mailto:sav@exemple.example"' in page
    assert "1\u00a0an après" in page
    assert "jusqu’à 4\u00a0ans" in page
    assert "www.cnil.fr" in page


async def test_without_an_archive_the_privacy_page_promises_erasure(
    store: Store, clock: FakeClock
) -> None:
    settings = WebSettings(notice=Notice(years=3, archive_years=3))
    async with running(store, clock, settings=settings) as web:
        page = await (await web.client.get("/privacy?lang=fr")).text()
    assert "archive" not in page
    assert "Ensuite tout est effacé" in page
