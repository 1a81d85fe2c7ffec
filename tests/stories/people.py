"""The people of the stories: a mail program each, and real servers between them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime, getaddresses
from pathlib import Path

import aiohttp
from pydantic import SecretStr

from azbot.app import App, opened
from azbot.channels.email.settings import EmailSettings, ImapSettings, SmtpSettings
from azbot.channels.web.api.auth import new_token
from azbot.clock import SystemClock
from azbot.config import (
    RetentionSettings,
    ServiceSettings,
    Settings,
    StoreSettings,
    WebSettings,
    WorkflowSettings,
)
from azbot.demo.clock import StoryClock
from azbot.store import NewPerson, PersonKind, UnitOfWork
from azbot.workflow.model import Assistance, AssistanceId, Station
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpSink

DESK = "support@sav.example"
READERS = "equipe@sav.example"
CLIENT = "s.martin@clim-martin.example"
STATION = "atelier@froid-rhone.example"
A_MONDAY = datetime.fromisoformat("2027-03-22T08:00:00+00:00")
"""Nine o'clock in Paris, on a working day well ahead of the real one."""

File = tuple[str, str, bytes]
"""Name, media type, octets."""


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail as its reader sees it."""

    kind: str
    message: EmailMessage

    @property
    def text(self) -> str:
        """The plain part, every space an ordinary one."""
        body = self.message.get_body(("plain",))
        text = str(body.get_content()) if body else ""
        return text.replace("\u00a0", " ")

    @property
    def subject(self) -> str:
        """As shown."""
        return str(self.message["Subject"])

    @property
    def files(self) -> list[str]:
        """Names of what is attached."""
        return [p.get_filename() or "" for p in self.message.iter_attachments()]

    def file(self, ending: str) -> bytes:
        """The octets of the one attachment with this ending."""
        (found,) = (
            part
            for part in self.message.iter_attachments()
            if (part.get_filename() or "").endswith(ending)
        )
        content = found.get_payload(decode=True)
        assert isinstance(content, bytes)
        return content


@dataclass
class Correspondent:
    """Somebody with nothing but a mail program."""

    name: str
    address: str
    stage: Stage
    _read: int = 0

    async def mail(self, kind: str) -> Mail:
        """Wait for the next mail, which must be of this kind."""
        while len(mails := self.stage.sink.to(self.address)) <= self._read:
            await self.stage.sink.wait_for(len(self.stage.sink.received) + 1)
        found = mails[self._read].message
        self._read += 1
        mail = Mail(str(found["X-Azbot-Kind"]), found)
        assert mail.kind == kind, f"{mail.kind} came, not {kind}: {mail.subject}"
        return mail

    def write(self, to: str, subject: str, text: str, *files: File) -> None:
        """Send a new mail."""
        self._post(self._new(to, subject, text), files)

    def answer(self, mail: Mail, text: str, *files: File) -> None:
        """Answer a mail, its text quoted below as French programs do."""
        quoted = "\n".join(f"> {line}" for line in mail.text.splitlines())
        head = f"Le lun. 22 mars 2027 à 10:00, {mail.message['From']} a écrit :"
        reply_to = str(mail.message["Reply-To"])
        message = self._new(
            reply_to, f"Re: {mail.subject}", f"{text}\n\n{head}\n\n{quoted}\n"
        )
        message["In-Reply-To"] = str(mail.message["Message-ID"])
        references = str(mail.message["References"] or "")
        message["References"] = f"{references} {message['In-Reply-To']}".strip()
        self._post(message, files)

    def _new(self, to: str, subject: str, text: str) -> EmailMessage:
        message = EmailMessage()
        message["From"] = f'"{self.name}" <{self.address}>'
        message["To"] = to
        message["Subject"] = subject
        message["Date"] = format_datetime(self.stage.clock.now())
        self.stage.posted += 1
        host = self.address.rpartition("@")[2]
        message["Message-ID"] = f"<{self.stage.posted}.story@{host}>"
        message.set_content(text)
        return message

    def _post(self, message: EmailMessage, files: tuple[File, ...]) -> None:
        for name, media_type, content in files:
            main, _, sub = media_type.partition("/")
            message.add_attachment(content, maintype=main, subtype=sub, filename=name)
        to = getaddresses([str(message["To"])])[0][1]
        delivered = f"Delivered-To: {to}\n".encode() + message.as_bytes()
        self.stage.dovecot.deliver(delivered, self.stage.mailbox)


@dataclass
class Api:
    """Somebody with a bearer token and nothing else."""

    token: str
    address: str = ""

    async def command(self, ref: str, name: str, /, **fields: object) -> None:
        """Send one command; it must be carried out."""
        await self.post(f"assistances/{ref}/commands/{name}", fields)

    async def post(self, path: str, body: object) -> dict[str, object]:
        """Post JSON; return what comes back."""
        headers = {"Authorization": f"Bearer {self.token}"}
        async with (
            aiohttp.ClientSession(headers=headers) as session,
            session.post(f"{self.address}/api/v1/{path}", json=body) as response,
        ):
            answer: dict[str, object] = await response.json(content_type=None)
            assert response.status < 300, answer
            return answer

    async def get(self, path: str) -> bytes:
        """Return the octets behind an address."""
        headers = {"Authorization": f"Bearer {self.token}"}
        async with (
            aiohttp.ClientSession(headers=headers) as session,
            session.get(f"{self.address}/api/v1/{path}") as response,
        ):
            octets = await response.read()
            assert response.status < 300, octets
            return octets


@dataclass
class Stage:
    """azbot on real servers, with everybody's hands."""

    app: App
    clock: StoryClock
    dovecot: Dovecot
    sink: SmtpSink
    mailbox: str
    station: Station
    desk_api: Api
    station_api: Api
    posted: int = 0
    client: Correspondent = field(init=False)
    technician: Correspondent = field(init=False)
    desk: Correspondent = field(init=False)

    def __post_init__(self) -> None:
        self.client = Correspondent("Sophie Martin", CLIENT, self)
        self.technician = Correspondent("Froid Rhône Services", STATION, self)
        self.desk = Correspondent("Camille Durand", READERS, self)

    async def assistance(self, number: int = 1) -> Assistance:
        """The present state."""
        key = AssistanceId(number)
        return await self.app.store.write(lambda uow: uow.assistances.get(key))

    def later(self, **by: float) -> None:
        """Let time pass; what falls due on the way is found by the next look."""
        self.clock.jump_to(self.clock.now() + timedelta(**by))


@asynccontextmanager
async def staged(
    url: str, folder: Path, dovecot: Dovecot, sink: SmtpSink
) -> AsyncIterator[Stage]:
    """Run azbot on real IMAP and SMTP servers and a migrated database."""
    clock = StoryClock(SystemClock())
    clock.jump_to(A_MONDAY)
    mailbox = dovecot.new_account()
    settings = settings_for(url, folder, dovecot, sink, mailbox)
    async with opened(settings, clock=clock) as app:
        station, *tokens = await app.store.write(_people)
        desk_api, station_api = (Api(token) for token in tokens)
        stage = Stage(
            app, clock, dovecot, sink, mailbox, station, desk_api, station_api
        )
        async with asyncio.TaskGroup() as group, app.serving() as address:
            stage.desk_api.address = stage.station_api.address = address
            running = group.create_task(app.run())
            yield stage
            running.cancel()


def settings_for(
    url: str, folder: Path, dovecot: Dovecot, sink: SmtpSink, mailbox: str
) -> Settings:
    """Real servers on loopback, everything else as delivered."""
    email = EmailSettings(
        address=DESK,
        imap=ImapSettings(
            host=dovecot.host,
            port=dovecot.port,
            security="none",
            user=mailbox,
            password=SecretStr("secret"),
            poll_seconds=1,
        ),
        smtp=SmtpSettings(host=sink.host, port=sink.port, security="none"),
    )
    return Settings(
        file=folder / "azbot.toml",
        service=ServiceSettings(organisation="Régulation Exemple", desk=READERS),
        store=StoreSettings(url=url, files=folder / "files"),
        web=WebSettings(port=0, public_url="https://sav.example"),
        workflow=WorkflowSettings(),
        retention=RetentionSettings(),
        channels={"email": email},
    )


def _people(uow: UnitOfWork) -> tuple[Station, str, str]:
    entry = uow.stations.add("Froid Rhône Services", STATION, phone="+33199001234")
    agent = uow.people.add(
        NewPerson(PersonKind.AGENT, (READERS,), name="Camille Durand")
    )
    uow.people.add(
        NewPerson(
            PersonKind.CLIENT,
            (CLIENT,),
            name="Sophie Martin",
            company="Clim Martin SARL",
            phones=("+33639981234",),
            account_type="installer",
            is_verified=True,
        )
    )
    contact = uow.people.station_contacts(entry.station.id)[0]
    tokens = []
    for role, person in (("agent", agent), ("station", contact)):
        plain, digest = new_token()
        uow.tokens.add(role, role, digest, person.id, A_MONDAY)
        tokens.append(plain)
    return entry.station, tokens[0], tokens[1]
