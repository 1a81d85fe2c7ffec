"""One installation that answers real mail, dies and comes back; and its clients."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from email.message import EmailMessage
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from azbot.store import DeliveryState, Store, UnitOfWork, open_store
from azbot.tokens import Purpose, issue_address
from azbot.workflow import events as e
from azbot.workflow.model import AssistanceId
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


async def everything_is_there_once(site: Site, count: int) -> None:
    """See that every answer was filed and told to the desk, under one name."""
    async with site.opened() as store:
        await store.write(lambda uow: stored_once(uow, count))
    told: dict[str, set[str]] = {}
    for one in site.sink.to(READERS):
        body = one.message.get_body(("plain",))
        assert body is not None
        if said := re.search(r"Message numéro \d+\.", body.get_content()):
            told.setdefault(said[0], set()).add(str(one.message["Message-ID"]))
    assert len(told) == count
    # A send in flight may repeat, under the same name only.
    assert all(len(names) == 1 for names in told.values())


def stored_once(uow: UnitOfWork, count: int) -> None:
    """See that every answer stands in its history once, in order, with its file."""
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
