"""The health page and /healthz say the same, to whoever may know it (ux.md D9)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from azbot import __version__
from azbot.channels.web.settings import WebSettings
from azbot.health.supervise import LoopHealth, LoopState
from azbot.health.vitals import Disk, Watch
from azbot.identity.linking import ALERT_CHAT, ChatDoor, take_alerts
from azbot.messages import RawMessage
from azbot.store import NewDelivery, Store, UnitOfWork
from azbot.store.backups import LastBackup
from azbot.store.chats import ChatAccount
from azbot.testing.clock import FakeClock
from tests.integration.test_admin import Admin, words
from tests.webdesk import Web, running

MB = 1_000_000


@dataclass
class Ward:
    """A web over loops, services and a disk of the test's own."""

    web: Web
    loops: list[LoopHealth]

    async def admin(self) -> Admin:
        return Admin(self.web, await self.web.sign_in("admin"))


@pytest.fixture
async def ward(sqlite_store: Store, clock: FakeClock) -> AsyncIterator[Ward]:
    now = clock.now()
    loops = [
        LoopHealth("receive.email", LoopState.RUNNING),
        LoopHealth(
            "receive.telegram",
            LoopState.WAITING,
            restarts=4,
            failing_since_at=now - timedelta(minutes=25),
            last_error="no connection: ConnectError",
            failure="TemporaryFailure",
        ),
        LoopHealth("work.raw", LoopState.RUNNING),
        LoopHealth("work.raw.1", LoopState.RUNNING),
    ]
    watch = Watch(
        sqlite_store,
        clock,
        lambda: loops,
        lambda: {"email": now - timedelta(seconds=30)},
        (Path(__file__).parent,),
        lambda _: Disk("/var/lib/azbot", 412 * MB, 20_000 * MB),
    )

    def prepare(uow: UnitOfWork) -> None:
        received_at = now - timedelta(hours=3)
        mail = RawMessage("email", "imap:x", 1, b"Subject: x", received_at, 10)
        uow.raw.accept([mail])
        uow.outbox.put([NewDelivery("k", "planned", "s@x.example", "email", now, {})])
        (row,) = uow.outbox.claim("w", 1, timedelta(minutes=1), now)
        first_at = now - timedelta(minutes=12)
        uow.outbox.retry(row.id, now, "smtp login refused 535", 3, first_at)
        # A card to be drawn anew tomorrow.
        later = NewDelivery("l", "act", "42", "telegram", now + timedelta(days=1), {})
        uow.outbox.put([later])
        backup_at = now - timedelta(hours=6)
        uow.backups.note(LastBackup(backup_at, "/backup/azbot.tar", 1_000))

    await sqlite_store.write(prepare)
    door = ChatDoor("telegram", lambda token: f"https://t.me/bot?start={token}")
    places = {"smtp": "smtp.sav.example:587"}
    changes = {"watch": watch, "chat": door, "places": places}
    async with running(sqlite_store, clock, **changes) as web:
        yield Ward(web, loops)


async def test_healthz_tells_ages_telegram_disk_backup_and_what_is_due(
    ward: Ward,
) -> None:
    response = await ward.web.client.get("/healthz")
    found = await response.json()

    assert (response.status, found["status"]) == (200, "degraded")
    assert found["mail_last_seconds"] == 3 * 3600
    assert found["mail_heard_seconds"] == 30
    assert (found["outbox_pending"], found["outbox_oldest_seconds"]) == (1, 720)
    assert found["telegram"] == "waiting"
    assert found["disks"] == [{"free": 412 * MB, "total": 20_000 * MB}]
    assert found["backup_seconds"] == 6 * 3600
    assert [one["what"] for one in found["ailments"]] == ["telegram", "smtp", "disk"]
    assert {loop["last_error"] for loop in found["loops"]} == {""}


async def test_the_same_stands_in_the_metrics(ward: Ward) -> None:
    text = await (await ward.web.client.get("/metrics")).text()
    for line in (
        'azbot_service_heard_seconds{channel="email"} 30.0',
        'azbot_disk_free_bytes{folder="/var/lib/azbot"} 4.12e+08',
        "azbot_backup_age_seconds 21600.0",
        'azbot_ailments{what="smtp"} 1.0',
    ):
        assert line in text.splitlines()


async def test_strangers_read_the_status_alone_and_monitors_bring_a_token(
    sqlite_store: Store, clock: FakeClock
) -> None:
    settings = WebSettings(metrics_token="scrape-me")
    outside = {"X-Forwarded-For": "203.0.113.9"}
    token = {**outside, "Authorization": "Bearer scrape-me"}
    async with running(sqlite_store, clock, settings=settings) as web:
        for path in ("/healthz", "/readyz"):
            bare = await (await web.client.get(path, headers=outside)).json()
            known = await (await web.client.get(path, headers=token)).json()
            assert bare == {"status": "ok", "version": __version__}
            assert known["outbox_pending"] == 0


async def test_the_page_says_what_why_what_follows_and_what_to_run(ward: Ward) -> None:
    page = await (await ward.admin()).get("/admin/health")
    telegram, smtp, disk = (
        " ".join(each.text(separator=" ").split()) for each in page.css(".troubles li")
    )
    assert "La liaison Telegram échoue depuis 25 min" in telegram
    assert "Aucune connexion au serveur (no connection: ConnectError)" in telegram
    assert "Les messages Telegram attendent, les e-mails circulent." in telegram
    assert "azbot doctor --only telegram --config" in telegram
    assert "smtp.sav.example:587 : le serveur refuse l’identifiant" in smtp
    assert "Il reste 393 Mo sur /var/lib/azbot" in disk
    body = words(page)
    for fact in (
        "Dernier e-mail relevé il y a 3 h",
        "Dernier contact il y a moins d’une minute",
        "Le plus ancien il y a 12 min",
        "Dernière, vérifiée il y a 6 h",
        "Libre 393 Mo",
        "2 work.raw",
        "Aucune connexion au serveur (no connection: ConnectError) · redémarré 4 fois",
    ):
        assert fact in body


@pytest.mark.parametrize(
    ("language", "title"),
    [
        ("en", "The Telegram connection fails for 25 min"),
        ("es", "Falla la conexión con Telegram desde hace 25 min"),
    ],
)
async def test_the_page_speaks_the_language_of_its_reader(
    ward: Ward, language: str, title: str
) -> None:
    admin = await ward.admin()

    def speak(uow: UnitOfWork) -> None:
        person = uow.people.by_address("alix@sav.example")
        assert person is not None
        uow.people.update(replace(person, language=language))

    await ward.web.deps.store.write(speak)
    assert title in words(await admin.get("/admin/health"))


async def test_a_chat_is_alerted_by_a_link_that_serves_once(ward: Ward) -> None:
    admin, store = await ward.admin(), ward.web.deps.store
    page = await admin.post("/admin/health/chat", {}, 200)
    link = page.css_first('a[href^="https://t.me/"]')
    assert link is not None
    token = str(link.attributes["href"]).rpartition("=")[2]
    now = ward.web.clock.now()
    account = ChatAccount("telegram", "501", "501", now, now, name="Marie")

    def begin(uow: UnitOfWork) -> list[bool]:
        uow.chats.save(account)
        return [take_alerts(uow, account, token, now) for _ in range(2)]

    assert await store.write(begin) == [True, False]
    assert "Telegram Marie" in words(await admin.get("/admin/health"))
    await admin.post("/admin/health/chat/stop", {})
    assert await store.views.settings_below(ALERT_CHAT) == {}
    assert await admin.did() == "alerts.chat"


async def test_healthz_answers_while_the_database_does_not(
    sqlite_store: Store, clock: FakeClock
) -> None:
    async with running(sqlite_store, clock) as web:
        await sqlite_store.aclose()
        response = await web.client.get("/healthz")
        found = await response.json()
    assert response.status == 200
    assert found["status"] == "unready"
    assert found["ailments"] == [{"what": "store", "since": None, "is_alarming": True}]
