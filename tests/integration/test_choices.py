"""What an administrator chooses counts at once, in this process and in others (D10)."""

from __future__ import annotations

import asyncio
import io
import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from PIL import Image
from pypdf import PdfReader

from azbot.choices import FromFile, InForce, choose, revert
from azbot.choices.change import TOPIC
from azbot.config import WorkflowSettings
from azbot.health.supervise import repeat
from azbot.render import Brand
from azbot.store import Store, UnitOfWork, open_store
from azbot.testing.clock import FakeClock
from azbot.testing.patience import PATIENCE
from azbot.workflow import commands as c
from tests.maildesk import COMPLETE, MailDesk

FILE = FromFile(WorkflowSettings(), Brand("Desk", "", "sav@ex.example", "#0b5c86"))


async def chosen(desk: MailDesk, **values: object) -> None:
    def work(uow: UnitOfWork) -> None:
        for name, value in values.items():
            choose(uow, name.replace("__", "."), value)

    await desk.store.write(work)
    await desk.app.in_force.renew()


async def test_the_next_decision_uses_new_delays(each_desk: MailDesk) -> None:
    desk = each_desk
    await desk.submitted()
    await chosen(desk, workflow__station_silent_hours=120)
    await desk.act(c.AssignStation(desk.people.station, "prête"))
    mission = (await desk.it()).mission

    assert mission is not None
    assert mission.answer_by - mission.proposed_at == timedelta(days=7)


async def test_a_maker_added_to_the_list_is_read_in_mails_at_once(
    each_desk: MailDesk,
) -> None:
    desk = each_desk
    await chosen(
        desk, list__makers__zehnder={"name": "Zehnder", "synonyms": ["comfosystems"]}
    )
    desk.client.write(f"{COMPLETE}Marque : Comfosystems\n", subject="Panne")
    await desk.settle()

    assert (await desk.it()).answer("maker") == "zehnder"
    assert "Zehnder" in desk.client.last.text


async def test_the_next_mail_has_the_new_words_name_and_colour(
    each_desk: MailDesk,
) -> None:
    desk = each_desk
    before = await desk.submitted()
    await chosen(
        desk,
        brand__name="Assistance Exemple",
        brand__colour="#aa3300",
        mail__fr__mail__goodbye=["Bien à vous,"],
    )
    await desk.act(c.AskComplement("Une photo suffit.", ("order_proof",)))
    after = desk.client.last

    assert "Cordialement" in before.text
    assert "Cordialement" not in after.text
    assert "Bien à vous, Assistance Exemple" in after.text
    assert "Assistance Exemple" in str(after.message["From"])
    html = after.message.get_body(("html",))
    assert html is not None
    assert "#aa3300" in str(html.get_content())


async def test_a_report_carries_the_new_name_and_logo(desk: MailDesk) -> None:
    await desk.done()
    out = io.BytesIO()
    Image.new("RGB", (60, 30), "#aa3300").save(out, "PNG")
    logo = await desk.store.write(lambda uow: uow.blobs.put(out.getvalue()))
    await chosen(
        desk,
        brand__name="Assistance Exemple",
        brand__logo={"digest": logo, "media_type": "image/png", "name": "logo.png"},
    )
    document = await desk.app.reporter.report((await desk.it()).id, 0)
    pages = PdfReader(io.BytesIO(desk.store.blobs.read(document.blob))).pages

    assert "Assistance Exemple" in pages[0].extract_text()
    assert pages[0].images


async def test_what_is_taken_back_is_the_files_again(each_desk: MailDesk) -> None:
    desk = each_desk
    await chosen(desk, workflow__reopen_days=60)
    assert desk.app.desk.rules.reopen_for == timedelta(days=60)

    assert await desk.store.write(lambda uow: revert(uow, "workflow.reopen_days"))
    assert not await desk.store.write(lambda uow: revert(uow, "workflow.reopen_days"))
    await desk.app.in_force.renew()
    assert desk.app.desk.rules.reopen_for == timedelta(days=30)
    assert not desk.app.in_force.choices.chosen


async def test_a_restart_keeps_the_choices(store: Store) -> None:
    await store.write(lambda uow: choose(uow, "workflow.reopen_days", 60))
    fresh = InForce(store, FILE)
    assert await fresh.renew()
    assert not await fresh.renew()
    assert fresh.choices.rules.reopen_for == timedelta(days=60)


@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
@pytest.mark.postgres
async def test_another_process_hears_of_it_without_waiting_for_its_rest(
    store: Store, store_url: str, clock: FakeClock, tmp_path: Path
) -> None:
    async with open_store(store_url, tmp_path / "blobs", clock=clock) as other:
        elsewhere, heard = InForce(other, FILE), asyncio.Event()
        await elsewhere.renew()

        async def step(now: datetime) -> int:
            found = await elsewhere.step(now)
            if elsewhere.choices.chosen:
                heard.set()
            return found

        async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as group:
            # The clock stands still: nothing but the bell wakes the loop.
            loop = group.create_task(
                repeat(
                    step,
                    clock=clock,
                    bell=other.bell,
                    topic=TOPIC,
                    rest_for=timedelta(hours=1),
                )
            )
            await store.write(lambda uow: choose(uow, "workflow.reopen_days", 60))
            await heard.wait()
            loop.cancel()
        assert elsewhere.choices.rules.reopen_for == timedelta(days=60)


async def test_a_stale_file_is_told_of_and_does_not_stop_anything(
    store: Store,
) -> None:
    await store.write(lambda uow: choose(uow, "workflow.closing_days", 5))
    file = WorkflowSettings(closing_reminder_days=7)
    fresh = InForce(store, FromFile(file, FILE.brand))
    await fresh.renew()
    assert fresh.choices.unfit == ("workflow.closing_days",)
    assert fresh.choices.workflow == file
    names = await store.views.settings_below("choice.")
    assert {name: json.loads(value) for name, value in names.items()} == {
        "workflow.closing_days": 5
    }
