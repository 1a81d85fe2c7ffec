"""Killed at every commit and at any instant: nothing is lost, nothing is doubled."""

from __future__ import annotations

import os
import random
import re
import signal
import time
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest

from azbot.clock import SystemClock
from azbot.desk import Desk, DeskSettings
from azbot.holding import Holding
from azbot.messages import Trust
from azbot.store import (
    DeliveryState,
    NewPerson,
    PersonKind,
    Store,
    UnitOfWork,
    open_store,
)
from azbot.tokens import Purpose, issue_address
from azbot.workflow import events as e
from azbot.workflow.commands import AddMessage
from azbot.workflow.deadlines import Rules
from azbot.workflow.model import Actor, AssistanceId, Role
from tests.crash import worker
from tests.crash.forks import begin
from tests.crash.worker import DESK, READERS
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpSink

CLIENTS = 12
"""So many that nobody writes as often as a robot would."""


@dataclass(frozen=True, slots=True)
class Site:
    """One installation whose process dies and comes back."""

    url: str
    folder: Path
    dovecot: Dovecot
    sink: SmtpSink
    user: str

    def start(self, mails: int, die: int = 0) -> tuple[ForkServerProcess, Connection]:
        """Start azbot; it is ready, and works."""
        given = {
            "url": self.url,
            "folder": str(self.folder),
            "imap": self.dovecot.port,
            "smtp": self.sink.port,
            "user": self.user,
            "mails": mails,
            "die": die,
        }
        process, heard = begin(worker.run, given)
        assert heard.poll(60)
        assert heard.recv() == "ready"
        return process, heard

    def death(self, mails: int, die: int) -> int | None:
        """Let a process come to an end; return its exit code, negative for a signal."""
        process, heard = self.start(mails, die)
        with heard:
            process.join(60)
        return process.exitcode

    def finish(self, mails: int) -> None:
        """Let a healthy process bring everything to its end."""
        process, heard = self.start(mails)
        with heard:
            assert heard.poll(120)
            assert heard.recv() == "done"
        process.join(60)
        assert process.exitcode == 0

    def opened(self) -> Store:
        """Look at what is stored."""
        return open_store(self.url, self.folder / "files")


@pytest.fixture
def site(store_url: str, tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink) -> Site:
    return Site(store_url, tmp_path, dovecot, smtp_sink, dovecot.new_account())


def client(n: int) -> str:
    return f"sophie-{n % CLIENTS}@client.example"


def first_mails() -> list[bytes]:
    text = "Bonjour, une mise en service est à prévoir à Lyon."
    return [
        _mail(client(n), DESK, "Mise en service", text, -n - 1) for n in range(CLIENTS)
    ]


def replies(them: dict[str, str], count: int) -> list[bytes]:
    """Answers, client after client; every tenth carries a file.

    Args:
        them: client → reply address of their assistance.
    """
    return [
        _mail(
            client(n),
            them[client(n)],
            "Re: Bien reçu",
            f"Message numéro {n}.",
            n,
            has_file=n % 10 == 0,
        )
        for n in range(1, count + 1)
    ]


def _mail(
    writer: str, to: str, subject: str, text: str, n: int, *, has_file: bool = False
) -> bytes:
    message = EmailMessage()
    message["From"] = f"Sophie Martin <{writer}>"
    message["To"] = to
    message["Delivered-To"] = to
    message["Subject"] = subject
    message["Message-ID"] = f"<crash-{n}@client.example>"
    message.set_content(text)
    if has_file:
        content = b"%PDF-1.4\n" + f"commande {n}".encode() * 300
        message.add_attachment(
            content, maintype="application", subtype="pdf", filename=f"commande-{n}.pdf"
        )
    return message.as_bytes()


async def opened_by_mail(site: Site) -> dict[str, str]:
    """Let every client open an assistance; return their reply addresses."""
    for mail in first_mails():
        site.dovecot.deliver(mail, site.user)
    site.finish(CLIENTS)

    def addresses(uow: UnitOfWork) -> dict[str, str]:
        keyring = uow.settings.keyring()
        found = {}
        for n in range(1, CLIENTS + 1):
            it = uow.assistances.get(AssistanceId(n))
            found[uow.people.get(it.requester).address] = issue_address(
                keyring, DESK, Purpose.REPLY, it.id, it.requester
            )
        return found

    async with site.opened() as store:
        return await store.write(addresses)


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
    await _everything_is_there_once(site, 4)


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
    await _everything_is_there_once(site, 300)


def _after(seconds: float) -> None:
    """Let another process run for a while: a crash has no event to wait for."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        os.sched_yield()


async def _everything_is_there_once(site: Site, count: int) -> None:
    async with site.opened() as store:
        await store.write(lambda uow: _stored_once(uow, count))
    told: dict[str, set[str]] = {}
    for one in site.sink.to(READERS):
        body = one.message.get_body(("plain",))
        assert body is not None
        if said := re.search(r"Message numéro \d+\.", body.get_content()):
            told.setdefault(said[0], set()).add(str(one.message["Message-ID"]))
    assert len(told) == count
    # A send in flight may repeat, under the same name only.
    assert all(len(names) == 1 for names in told.values())


def _stored_once(uow: UnitOfWork, count: int) -> None:
    texts: Counter[str] = Counter()
    for number in range(1, CLIENTS + 1):
        it = uow.assistances.get(AssistanceId(number))
        history = [line.event for line in uow.events.of(it.id)]
        said = [event.text for event in history if isinstance(event, e.MessageAdded)]
        assert said == sorted(said, key=lambda t: int(t[15:-1])), "in order"
        texts.update(said)
        for document in it.documents:
            assert len(uow.blobs.read(document.blob)) == document.size
            texts[document.name] += 1
    expected = Counter(f"Message numéro {n}." for n in range(1, count + 1))
    expected.update(f"commande-{n}.pdf" for n in range(10, count + 1, 10))
    assert texts == expected
    assert uow.raw.quarantined() == []
    assert uow.outbox.counts()[DeliveryState.PENDING] == 0
    assert uow.outbox.counts()[DeliveryState.DEAD] == 0
