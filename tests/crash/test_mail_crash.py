"""Killed at every commit and at any instant: nothing is lost, nothing is doubled."""

from __future__ import annotations

import os
import random
import signal
import time
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from azbot.clock import SystemClock
from azbot.desk import Desk, DeskSettings
from azbot.desk.holding import Holding
from azbot.messages import Trust
from azbot.store import NewPerson, PersonKind, Store
from azbot.workflow import events as e
from azbot.workflow.commands import AddMessage
from azbot.workflow.deadlines import Rules
from azbot.workflow.model import Actor, AssistanceId, Role
from tests.crash.site import (
    CLIENTS,
    Site,
    everything_is_there_once,
    opened_by_mail,
    replies,
)
from tests.crash.worker import READERS
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpSink


@pytest.fixture
def site(store_url: str, tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink) -> Site:
    return Site(store_url, tmp_path, dovecot, smtp_sink, dovecot.new_account())


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("side", ["before", "after"])
async def test_dying_around_any_commit_loses_and_doubles_nothing(
    site: Site, side: str
) -> None:
    """Each process dies one commit later than the one before it."""
    them = await opened_by_mail(site)
    for mail in replies(them, 4):
        site.dovecot.deliver(mail, site.user)
    deaths = 0
    for commit in range(1, 8):
        code = site.death(CLIENTS + 4, die=-commit if side == "before" else commit)
        deaths += code == -signal.SIGKILL
        if code == 0:
            break
    assert deaths >= 3, "the process was to die around several commits"
    site.finish(CLIENTS + 4)
    await everything_is_there_once(site, 4)


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("side", ["before", "after"])
async def test_what_an_agent_sent_leaves_once_whenever_the_process_dies(
    site: Site, side: str
) -> None:
    """Killed between the instant a hold is due and its mail: one mail (A12)."""
    await opened_by_mail(site)
    text = "Votre dossier est complet."
    async with site.opened() as store:
        await _held_reply(store, text)
    deaths = 0
    for commit in range(1, 8):
        code = site.death(CLIENTS, die=-commit if side == "before" else commit)
        deaths += code == -signal.SIGKILL
        if code == 0:
            break
    assert deaths >= 3, "the process was to die around several commits"
    site.finish(CLIENTS)
    async with site.opened() as store:
        lines = await store.views.timeline(AssistanceId(1), is_internal=True)
        assert await store.views.holds_of(AssistanceId(1)) == []
    said = [x.event for x in lines if isinstance(x.event, e.MessageAdded)]
    assert [event.text for event in said] == [text]
    told = [m for m in site.sink.received if text in _plain(m.message)]
    # A send in flight may repeat, under the same name only.
    assert len({str(mail.message["Message-ID"]) for mail in told}) == 1


async def _held_reply(store: Store, text: str) -> None:
    """Send something from the inbox that is due at once."""
    agent = await store.write(
        lambda uow: uow.people.add(
            NewPerson(PersonKind.AGENT, ("camille@sav.example",), name="Camille Roux")
        )
    )
    desk = Desk(store, SystemClock(), DeskSettings(READERS, READERS), Rules)
    holding = Holding(store, desk, SystemClock(), "x:1:y", held_for=timedelta())
    actor = Actor(Role.AGENT, agent.id, agent.name, Trust.STAFF, "web")
    hold = await holding.submit(
        actor, agent.id, AssistanceId(1), AddMessage(text), key="one-press"
    )
    assert hold is not None


def _plain(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    return str(body.get_content()) if body else ""


async def test_dying_at_any_instant_of_a_burst_loses_and_doubles_nothing(
    site: Site,
) -> None:
    them = await opened_by_mail(site)
    for mail in replies(them, 300):
        site.dovecot.deliver(mail, site.user)
    rnd = random.Random(11)
    for _ in range(4):
        process, heard = site.start(CLIENTS + 300)
        with heard:
            _after(rnd.uniform(0.05, 0.8))
            process.kill()
            process.join()
    site.finish(CLIENTS + 300)
    await everything_is_there_once(site, 300)


def _after(seconds: float) -> None:
    """Let another process run for a while: a crash has no event to wait for."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        os.sched_yield()
