"""What the benchmarks share: servers of their own, a desk, reply mails, a sink."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from email.mime.application import MIMEApplication
from email.mime.image import MIMEImage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory

from aiosmtpd.smtp import SMTP, Envelope, Session
from pydantic import SecretStr

from azbot.app import App
from azbot.channels.email.settings import EmailSettings, ImapSettings, SmtpSettings
from azbot.channels.telegram.settings import TelegramSettings
from azbot.config import (
    RetentionSettings,
    ServiceSettings,
    Settings,
    StoreSettings,
    WebSettings,
    WorkflowSettings,
)
from azbot.desk import Draft
from azbot.messages import Trust
from azbot.store import NewPerson, PersonKind, UnitOfWork
from azbot.tokens import Keyring, Purpose, issue_address, issue_message_id
from azbot.workflow.model import Actor, Assistance, Role
from tests.servers.certificate import make_certificate
from tests.servers.dovecot import Dovecot
from tests.servers.places import short_folder

ROOT = Path(__file__).resolve().parent.parent
_AN_HOUR = timedelta(hours=1)

DESK = "desk@bench.example"
READERS = "readers@bench.example"
PEOPLE = 40


def client(number: int) -> str:
    """Return the address of one of the people who write."""
    return f"sophie-{number % PEOPLE}@client.example"


def emit(figures: dict[str, object]) -> None:
    """Print the result as one line of JSON, last."""
    print(json.dumps(figures, ensure_ascii=False))


@dataclass(frozen=True, slots=True)
class Used:
    """What a process of azbot took.

    Attributes:
        cpu_seconds: user and system time, start not counted.
        peak_rss_mb: resident memory at its highest, start counted.
    """

    cpu_seconds: float
    peak_rss_mb: float


class Process:
    """``azbot run`` in a process of its own, as an administrator starts it."""

    def __init__(self, given: Settings) -> None:
        config = given.file
        config.write_text(_toml(given), "utf-8")
        config.chmod(0o600)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "azbot", "--config", str(config), "run"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
        )
        if self._process.stdout is None:
            raise RuntimeError("no pipe")
        # Its address is printed once everything is open; the loops start then.
        self._process.stdout.readline()
        self._cpu = self._cpu_seconds()

    def end(self) -> Used:
        """Stop it; return what it took."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
        used = Used(self._cpu_seconds() - self._cpu, int(peak.split()[1]) / 1024)
        self._process.terminate()
        self._process.communicate(timeout=30)
        return used

    def _cpu_seconds(self) -> float:
        stat = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2]
        user, system = (int(field) for field in stat.split()[11:13])
        return (user + system) / os.sysconf("SC_CLK_TCK")


def _toml(given: Settings) -> str:
    email = given.channels["email"]
    if not isinstance(email, EmailSettings) or not (email.imap and email.smtp):
        raise TypeError("the benchmarks run on real servers")
    telegram = given.channels.get("telegram")
    chat = _telegram(telegram) if isinstance(telegram, TelegramSettings) else ""
    return f"""
[service]
desk = "{given.service.desk}"
log_level = "error"
[store]
url = "{given.store.url}"
files = "{given.store.files}"
[web]
port = 0
[email]
address = "{email.address}"
[email.imap]
host = "127.0.0.1"
port = {email.imap.port}
security = "none"
user = "{email.imap.user}"
password = "secret"
[email.smtp]
host = "127.0.0.1"
port = {email.smtp.port}
security = "none"
{chat}"""


def _telegram(given: TelegramSettings) -> str:
    token = given.token.get_secret_value() if given.token else ""
    return f"""
[telegram]
token = "{token}"
api_base_url = "{given.api_base_url}"
"""


@contextmanager
def dovecot() -> Iterator[Dovecot]:
    """Run a Dovecot of our own while inside."""
    with TemporaryDirectory() as keys, short_folder("az-bench-") as folder:
        server = Dovecot(folder, make_certificate(Path(keys)))
        try:
            server.start()
            yield server
        finally:
            server.kill()


def settings(folder: Path, imap: int, smtp: int, user: str) -> Settings:
    """Durable SQLite, a real Dovecot, a sink: nothing tuned for the benchmark."""
    email = EmailSettings(
        address=DESK,
        imap=ImapSettings(
            host="127.0.0.1",
            port=imap,
            security="none",
            user=user,
            password=SecretStr("secret"),
        ),
        smtp=SmtpSettings(host="127.0.0.1", port=smtp, security="none"),
    )
    return Settings(
        file=folder / "azbot.toml",
        service=ServiceSettings(desk=READERS),
        store=StoreSettings(url=f"sqlite:///{folder}/azbot.db", files=folder / "files"),
        web=WebSettings(),
        workflow=WorkflowSettings(),
        retention=RetentionSettings(),
        channels={"email": email},
    )


async def some_assistances(app: App, count: int) -> list[Assistance]:
    """Open assistances whose first mails are not sent: only replies are measured."""
    writer = Actor(Role.CLIENT, None, "Sophie Martin", Trust.KNOWN, "email")
    opened: list[Assistance] = []

    def person(uow: UnitOfWork) -> None:
        for n in range(PEOPLE):
            new = NewPerson(PersonKind.CLIENT, (client(n),), name=f"Sophie Martin {n}")
            uow.people.add(new)

    await app.store.write(person)
    for number in range(count):
        draft = Draft(
            answers={"service": "commissioning", "town": f"Ville {number}"},
            email=client(number),
            text="Bonjour, une mise en service est à prévoir.",
        )
        opened.append((await app.desk.open(draft, writer)).assistance)

    def nothing_leaves(uow: UnitOfWork) -> None:
        for row in uow.outbox.claim("bench", 10 * count, _AN_HOUR, app.clock.now()):
            uow.outbox.cancel(row.id, "benchmark")

    for _ in range(3):
        await app.store.write(nothing_leaves)
    return opened


def reply_mails(
    keyring: Keyring, host: str, them: Sequence[Assistance], count: int
) -> list[bytes]:
    """Make reply mails as phones and desktops write them; every tenth has a file."""
    rnd = random.Random(7)
    return [_reply(keyring, host, them[n % len(them)], n, rnd) for n in range(count)]


def _reply(
    keyring: Keyring, host: str, it: Assistance, n: int, rnd: random.Random
) -> bytes:
    to = issue_address(keyring, DESK, Purpose.REPLY, it.id, it.requester)
    asked = issue_message_id(keyring, host, it.id, 1, it.requester)
    words = f"Bonjour,\n\nLe chantier avance, message {n}. " + " ".join(
        rnd.choice(_WORDS) for _ in range(rnd.randint(8, 60))
    )
    quoted = "\n".join(f"> ligne {i} du message d'origine, {it.ref}" for i in range(40))
    text = f"{words}\n\nCordialement,\nSophie\n\nLe lun. 2 mars 2026 à 09:00, "
    text += f"Support technique <{DESK}> a écrit :\n{quoted}\n"
    html = f"<div>{words}</div><div class='gmail_quote'>{quoted}</div>"
    alternative = MIMEMultipart("alternative")
    alternative.attach(MIMEText(text, "plain", "utf-8"))
    alternative.attach(MIMEText(html, "html", "utf-8"))
    mail = alternative
    if n % 10 == 0:
        mail = MIMEMultipart("mixed")
        mail.attach(alternative)
        mail.attach(_file(n, rnd))
    mail["From"] = f"Sophie Martin <{client(int(it.answer('town').rsplit()[-1]))}>"
    mail["To"] = f"Support technique <{to}>"
    mail["Subject"] = f"Re: Bien reçu : Mise en service · {it.ref}"
    mail["Date"] = "Mon, 02 Mar 2026 10:00:00 +0100"
    mail["Message-ID"] = f"<bench-{n}@client.example>"
    mail["In-Reply-To"] = asked
    mail["References"] = asked
    mail["Delivered-To"] = to
    return mail.as_bytes()


def _file(n: int, rnd: random.Random) -> MIMEApplication | MIMEImage:
    octets = bytes(rnd.getrandbits(8) for _ in range(60_000))
    if n % 20 == 0:
        part: MIMEApplication | MIMEImage = MIMEApplication(
            b"%PDF-1.4\n" + octets, "pdf"
        )
        name = f"commande-{n}.pdf"
    else:
        part = MIMEImage(b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + octets, "jpeg")
        name = f"photo-{n}.jpg"
    part.add_header("Content-Disposition", "attachment", filename=name)
    return part


_WORDS = [
    "le",
    "registre",
    "de",
    "la",
    "chambre",
    "est",
    "raccordé",
    "et",
    "le",
    "thermostat",
    "répond",
    "mais",
    "la",
    "passerelle",
    "clignote",
    "encore",
    "depuis",
    "hier",
    "soir",
    "merci",
    "de",
    "confirmer",
    "la",
    "date",
]


@dataclass(frozen=True, slots=True)
class Arrival:
    """One mail the sink has accepted.

    Attributes:
        at: ``time.monotonic()`` of the machine, shared by its processes.
        subject: as sent.
    """

    at: float
    subject: str


class Sink:
    """An SMTP server in a process of its own, telling each mail it accepted."""

    def __init__(self, port: int, pipe: Connection) -> None:
        self.port = port
        self._pipe = pipe
        self._arrivals: list[Arrival] = []
        self._fresh = threading.Condition()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                at, subject = self._pipe.recv()
            except (EOFError, OSError):
                return
            with self._fresh:
                self._arrivals.append(Arrival(at, subject))
                self._fresh.notify_all()

    @property
    def arrivals(self) -> list[Arrival]:
        """Everything accepted so far, in order."""
        with self._fresh:
            return list(self._arrivals)

    def forget(self) -> None:
        """Begin a new count."""
        with self._fresh:
            self._arrivals.clear()

    def wait(self, count: int, within: float) -> list[Arrival]:
        """Return the arrivals once there are so many; blocking."""
        with self._fresh:
            self._fresh.wait_for(lambda: len(self._arrivals) >= count, within)
            return list(self._arrivals)


@contextmanager
def sink() -> Iterator[Sink]:
    """Run the sink while inside."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs,), daemon=True)
    process.start()
    port = ours.recv()
    try:
        yield Sink(port, ours)
    finally:
        process.terminate()
        process.join()


def _serve(pipe: Connection) -> None:
    class Handler:
        async def handle_DATA(self, _s: SMTP, _x: Session, envelope: Envelope) -> str:  # noqa: N802
            content = envelope.content or b""
            octets = content if isinstance(content, bytes) else content.encode()
            head = octets.split(b"\r\n\r\n", 1)[0]
            subject = next(
                (h for h in head.split(b"\r\n") if h.lower().startswith(b"subject:")),
                b"",
            )
            pipe.send((time.monotonic(), subject.decode("ascii", "replace")))
            return "250 OK"

    async def main() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(
            lambda: SMTP(Handler(), hostname="sink.example", enable_SMTPUTF8=True),
            "127.0.0.1",
            0,
        )
        pipe.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(main())
