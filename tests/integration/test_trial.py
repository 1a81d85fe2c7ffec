"""« Mode essai »: a real set-up is tried, nothing leaves, its end leaves no trace."""

from __future__ import annotations

import asyncio
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from azbot.app import opened
from azbot.channels.email.correspondent import open_letter
from azbot.channels.email.mailbox import Letter
from azbot.channels.web.signin import staffing
from azbot.doctor.finding import Level
from azbot.doctor.trial import TrialProbe
from azbot.errors import Conflict, Refused, TrialOver
from azbot.messages import PersonId, Trust
from azbot.store import (
    DeliveryState,
    NewPerson,
    PersonKind,
    Store,
    UnitOfWork,
    open_store,
)
from azbot.store.alone import alone
from azbot.store.canned import CannedAnswer
from azbot.store.schema import metadata
from azbot.store.trial import FATES
from azbot.testing.clock import FakeClock
from azbot.trial.office import Pen
from azbot.workflow.commands import AddMessage
from azbot.workflow.events import MessageAdded
from azbot.workflow.model import Actor, Role
from tests.servers.smtp import SmtpSink
from tests.stores import NOW, a_delivery, a_raw, an_assistance
from tests.trialdesk import (
    CLIENT,
    asks,
    begin,
    office_of,
    pages_of,
    settings_of,
    trying,
)
from tests.webdesk import BROWSER

AGENT = Actor(Role.AGENT, None, "Camille Durand", Trust.STAFF, "web")


def test_every_table_has_a_fate() -> None:
    assert set(FATES) == set(metadata.sorted_tables)


# --- while it lasts -----------------------------------------------------------------


async def test_what_would_leave_stays_inside_and_what_is_answered_comes_back(
    store_url: str, tmp_path: Path, clock: FakeClock, smtp_sink: SmtpSink
) -> None:
    settings = settings_of(tmp_path, store_url, smtp_sink.port)
    begin(settings, NOW)
    async with trying(settings, clock) as app:
        await asks(app)
        views = app.store.views
        boxes = {box.address for box in await views.trial_boxes(with_keys=False)}
        assert boxes == {CLIENT, "team@sav.example"}

        (letter, written) = await views.trial_letters(CLIENT, with_keys=False)
        assert (letter.is_own, written.is_own) == (False, True)
        mail = open_letter(Letter(letter.number, "", CLIENT, letter.octets, letter.at))
        pen = Pen(CLIENT, mail.name, "press-0002")
        for _ in range(2):
            await office_of(app).answer(pen, mail, "Merci, à demain.")
        await app.settle()

        (item,) = (await views.page()).items
        history = await views.timeline(item.id, is_internal=True)
        (said,) = [line for line in history if isinstance(line.event, MessageAdded)]
        assert isinstance(said.event, MessageAdded)
        assert said.event.text == "Merci, à demain."
        # Its own mailbox says who wrote, as a receiver that can be believed does.
        assert said.actor.trust is Trust.PROVEN
    assert smtp_sink.received == []
    assert smtp_sink.connections == 0


async def test_a_press_twice_is_one_letter_and_a_robot_is_not_answered(
    sqlite_store: Store, tmp_path: Path, clock: FakeClock
) -> None:
    url = f"sqlite:///{tmp_path / 'azbot.db'}"
    await sqlite_store.aclose()
    settings = settings_of(tmp_path, url)
    begin(settings, NOW)
    async with trying(settings, clock) as app:
        await asks(app)
        await asks(app)
        assert len(await app.store.views.ledger()) == 1
        letter = (await app.store.views.trial_letters(CLIENT, with_keys=False))[0]
        mail = open_letter(Letter(1, "", CLIENT, letter.octets, letter.at))
        before = await app.store.views.trial_boxes(with_keys=False)
        await office_of(app).is_away(
            Pen(CLIENT, "", "press-0003"), mail, "Réponse automatique :", "En congé."
        )
        await app.settle()
        assert await app.store.views.trial_boxes(with_keys=False) == before


async def test_pages_say_it_and_a_letter_that_opens_accounts_is_for_administrators(
    sqlite_store: Store, tmp_path: Path, clock: FakeClock
) -> None:
    await sqlite_store.aclose()
    settings = settings_of(tmp_path, f"sqlite:///{tmp_path / 'azbot.db'}")
    begin(settings, NOW)

    async with trying(settings, clock) as app:

        def invite(uow: UnitOfWork) -> None:
            it = staffing.add(
                uow, "Inès Petit", "ines@sav.example", Role.ADMIN, NOW, "fr"
            )
            staffing.invite(uow, it, "https://sav.example", NOW, app.desk)

        await app.store.write(invite)
        await asks(app)
        async with pages_of(app, clock) as web:
            agent, admin = await web.sign_in(), await web.sign_in("admin")
            for path, headers in (
                ("/inbox", agent),
                ("/admin/health", admin),
                ("/signin", BROWSER),
                ("/privacy", BROWSER),
            ):
                page = await (await web.client.get(path, headers=headers)).text()
                assert "Mode essai" in page, path
            seen = await (await web.client.get("/trial", headers=agent)).text()
            assert CLIENT in seen
            assert "ines@sav.example" not in seen
            seen = await (await web.client.get("/trial", headers=admin)).text()
            assert "ines@sav.example" in seen
            boxes = await app.store.views.trial_letters(
                "ines@sav.example", with_keys=True
            )
            path = f"/trial/letters/{boxes[0].number}/html"
            assert (await web.client.get(path, headers=agent)).status == 404
            assert (await web.client.get(path, headers=admin)).status == 200
            answer = await web.client.get("/admin/trial", headers=agent)
            assert answer.status == 403
            health = await (await web.client.get("/healthz")).json()
            assert health["trial_since_at"] == "2026-03-02T08:00:00Z"


# --- the switch ---------------------------------------------------------------------


def used(uow: UnitOfWork) -> PersonId:
    """Everything a first day leaves: what was set up, and what happened."""
    station = uow.stations.add("Froid Rhône", "froid@sta.example", zones=("69",))
    agent = uow.people.add(
        NewPerson(PersonKind.AGENT, ("camille@sav.example",), name="Camille Durand")
    )
    uow.canned_answers.add(CannedAnswer(0, "Délai", "Sous 24 h.", NOW))
    uow.settings.put("choice.brand.name", '"SAV"')
    it = an_assistance(uow, CLIENT, text="zonage en panne")
    uow.raw.accept([a_raw()])
    uow.outbox.put([a_delivery()])
    uow.settings.put("seal:1", "x")
    del station, it
    return agent.id


async def test_the_end_throws_away_what_happened_and_keeps_what_was_set_up(
    store_url: str, tmp_path: Path, clock: FakeClock
) -> None:
    settings = settings_of(tmp_path, store_url)
    begin(settings, NOW)
    async with open_store(store_url, tmp_path / "files", clock=clock) as store:
        agent = await store.write(used)
        before = await store.write(lambda uow: uow.settings.keyring())
        tried = await store.write(lambda uow: uow.trial.end())
        assert (tried.assistances, tried.clients) == (1, 1)

        def left(uow: UnitOfWork) -> None:
            assert uow.trial.begun_at() is None
            assert [e.station.company for e in uow.stations.all()] == ["Froid Rhône"]
            assert uow.people.get(agent).name == "Camille Durand"
            assert uow.people.by_address(CLIENT) is None
            assert uow.people.by_address("froid@sta.example") is not None
            assert uow.settings.get("choice.brand.name") == '"SAV"'
            assert uow.settings.get("seal:1") is None
            # No key of the trial opens anything, and no number comes again.
            assert not set(uow.settings.keyring().keys) & set(before.keys)
            key, ref = uow.assistances.new_identity("FR", NOW.year)
            assert (key, ref) == (2, "ASFR26000001")

        await store.write(left)
        views = store.views
        assert [one.title for one in await views.canned_answers()] == ["Délai"]
        assert (await views.page()).items == ()
        assert await views.outbox() == []
        assert await views.ledger() == []
        assert (await views.health(NOW)).overdue_timers == 0
        with pytest.raises(Refused, match="trial_off"):
            await store.write(lambda uow: uow.trial.end())


async def test_nothing_of_a_trial_leaves_after_its_end(
    store_url: str, tmp_path: Path, clock: FakeClock, smtp_sink: SmtpSink
) -> None:
    settings = settings_of(tmp_path, store_url, smtp_sink.port)
    begin(settings, NOW)
    async with trying(settings, clock) as app:
        await asks(app)
        (item,) = (await app.store.views.page()).items

        def work(uow: UnitOfWork) -> None:
            it = uow.assistances.get(item.id)
            # Decided, and not yet where everything stays inside.
            app.desk.apply(uow, it, AddMessage("Nous arrivons."), AGENT)

        await app.store.write(work)
        assert (await app.store.views.health(NOW)).outbox[DeliveryState.PENDING]
        assert await app.store.views.timers_of(item.id)
        files = list((tmp_path / "files").glob("[0-9a-f][0-9a-f]/*"))
        await app.store.write(lambda uow: uow.trial.end())
        # This process was built without a way out, and counts for nothing any more.
        with pytest.raises(TrialOver):
            await app.settle()
        await office_of(app).over()
    assert smtp_sink.connections == 0

    async with opened(settings, clock=clock, environ={}) as app:
        assert app.trial is None
        for _ in range(4):
            await clock.advance(timedelta(days=15))
            await app.settle()
        assert not any(file.exists() for file in files)
    assert smtp_sink.received == []


async def test_a_unit_of_work_begun_in_the_trial_does_not_end_behind_it(
    store_url: str, tmp_path: Path, clock: FakeClock
) -> None:
    settings = settings_of(tmp_path, store_url)
    begin(settings, NOW)
    files = settings.store.files
    async with (
        open_store(store_url, files, clock=clock) as slow,
        open_store(store_url, files, clock=clock) as other,
    ):
        slow.only_while(lambda uow: uow.trial.require())
        is_in, may_go = threading.Event(), threading.Event()

        def lingers(uow: UnitOfWork) -> None:
            an_assistance(uow, CLIENT)
            is_in.set()
            assert may_go.wait(30)

        async with asyncio.TaskGroup() as group:
            lingering = group.create_task(slow.write(lingers))
            await asyncio.to_thread(is_in.wait, 30)
            ending = group.create_task(other.write(lambda uow: uow.trial.end()))
            await asyncio.sleep(0)
            assert not ending.done()
            may_go.set()
        assert lingering.result() is None
        # Whoever was first is thrown away with the rest; whoever is later never was.
        assert ending.result().assistances == 1
        with pytest.raises(TrialOver):
            await slow.write(lambda uow: an_assistance(uow, CLIENT))
        assert (await other.views.page()).items == ()


async def test_an_end_that_fails_has_not_begun(
    store_url: str, tmp_path: Path, clock: FakeClock
) -> None:
    settings = settings_of(tmp_path, store_url)
    begin(settings, NOW)
    async with open_store(store_url, tmp_path / "files", clock=clock) as store:
        await store.write(used)

        def fails(uow: UnitOfWork) -> None:
            uow.trial.end()
            raise Conflict("cut off")

        with pytest.raises(Conflict):
            await store.write(fails)
        assert await store.views.trial_begun_at() == NOW
        assert len((await store.views.page()).items) == 1
        assert len(await store.views.outbox()) == 1


# --- the beginning ------------------------------------------------------------------


async def test_a_trial_begins_only_where_nobody_works_and_nothing_happened(
    store_url: str, tmp_path: Path, clock: FakeClock
) -> None:
    settings = settings_of(tmp_path, store_url)
    async with open_store(store_url, tmp_path / "files", clock=clock) as store:
        await store.write(lambda uow: uow.settings.keyring())
        with pytest.raises(Refused, match="database_in_use"):
            await asyncio.to_thread(begin, settings, NOW)
        assert await store.views.trial_begun_at() is None
        await store.write(lambda uow: uow.raw.accept([a_raw()]))
    with pytest.raises(Refused, match="trial_too_late"):
        begin(settings, NOW)
    with alone(store_url, tmp_path / "files") as uow:
        assert uow.trial.begun_at() is None


async def test_the_doctor_says_since_when_and_how_it_ends(
    store_url: str, tmp_path: Path
) -> None:
    settings = settings_of(tmp_path, store_url)
    probe = TrialProbe(settings.store, tmp_path / "azbot.toml")
    assert [note.what for note in (await probe.check()).notes] == ["trial_none"]
    begin(settings, NOW)
    finding = await probe.check()
    assert finding.level is Level.WARNING
    assert finding.notes[0].facts == {"since": "2026-03-02"}
    (repair,) = finding.repairs
    assert repair.paste == f"azbot trial off --config {tmp_path / 'azbot.toml'}"
