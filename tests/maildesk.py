"""azbot over a mailbox of this process: mail in, mail out, time that stands still.

``desk_by_mail`` builds everything on a store; people write with nothing but a mail
program, and ``settle`` lets every worker come to rest at the present instant.
"""

from __future__ import annotations

import email
import email.policy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

from azbot.app import App, Connected, assemble
from azbot.channels.email.channel import local_factory
from azbot.channels.email.mailbox import AUTHSERV_ID, Letter, LocalMailbox
from azbot.channels.email.settings import EmailSettings
from azbot.config import (
    RetentionSettings,
    ServiceSettings,
    Settings,
    StoreSettings,
    WebSettings,
    WorkflowSettings,
)
from azbot.messages import PersonId, RawId, Trust
from azbot.ports import Chat, Letterbox
from azbot.store import Delivery, NewPerson, Person, PersonKind, Store, UnitOfWork
from azbot.store.records import RawEntry
from azbot.testing.chat import LocalChat
from azbot.testing.clock import FakeClock
from azbot.workflow import commands as c
from azbot.workflow import events as e
from azbot.workflow.commands import Command
from azbot.workflow.model import (
    Actor,
    Assistance,
    AssistanceId,
    Role,
    Signatory,
    SignatureMethod,
    Station,
    Stroke,
)

DESK = "support@sav.example"
READERS = "equipe@sav.example"
ADMIN = "admin@sav.example"
CLIENT = "s.martin@clim-martin.example"
STATION = "atelier@froid-rhone.example"
STRANGER = "inconnu@ailleurs.example"

COMPLETE = """Bonjour,

Dépannage : la régulation ne répond plus au 18 rue des Charmettes, 69100 Villeurbanne.
Sur place : Sophie Martin, 06 39 98 12 34.
Numéro de série du webserveur : 12345
"""

EMAIL = EmailSettings(address=DESK)
CHECKED = EmailSettings(address=DESK, receiver="authserv-id", authserv_id=AUTHSERV_ID)
"""A mailbox whose own receiver's verdict is believed."""
BY_REFERENCES = EmailSettings(address=DESK, reply_mode="references")

File = tuple[str, str, bytes]
"""Name, media type, octets; a media type with ``;inline`` stands in the text."""


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail as its reader sees it."""

    letter: Letter
    message: EmailMessage

    @property
    def kind(self) -> str:
        """Name of its notice."""
        return str(self.message["X-Azbot-Kind"])

    @property
    def subject(self) -> str:
        """As shown."""
        return str(self.message["Subject"])

    @property
    def id(self) -> str:
        """Its Message-ID."""
        return str(self.message["Message-ID"])

    @property
    def reply_to(self) -> str:
        """Where an answer goes, bare."""
        return str(self.message["Reply-To"]).rpartition("<")[2].rstrip("> ")

    @property
    def text(self) -> str:
        """The plain part, every space an ordinary one, wrapped lines joined."""
        body = self.message.get_body(("plain",))
        words = str(body.get_content()) if body else ""
        return " ".join(words.split())

    @property
    def lines(self) -> str:
        """The plain part, line by line, every space an ordinary one."""
        body = self.message.get_body(("plain",))
        words = str(body.get_content()) if body else ""
        return words.replace("\u00a0", " ").replace("\r\n", "\n")

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


def read(letter: Letter) -> Mail:
    """Open what the desk sent."""
    parsed = email.message_from_bytes(letter.content, policy=email.policy.default)
    assert isinstance(parsed, EmailMessage)
    return Mail(letter, parsed)


@dataclass
class Writer:
    """Somebody with nothing but a mail program."""

    name: str
    address: str
    mailbox: LocalMailbox
    clock: FakeClock
    proven_domain: str = ""
    count: int = 0

    @property
    def mails(self) -> list[Mail]:
        """Everything this person was sent, oldest first."""
        return [read(one) for one in self.mailbox.sent_to(self.address)]

    @property
    def kinds(self) -> list[str]:
        """What kinds of mail these are."""
        return [mail.kind for mail in self.mails]

    @property
    def last(self) -> Mail:
        """The newest mail."""
        return self.mails[-1]

    def newest(self, kind: str) -> Mail:
        """The newest mail of a kind."""
        return [mail for mail in self.mails if mail.kind == kind][-1]

    def write(
        self,
        text: str,
        *files: File,
        subject: str = "Question",
        to: str = DESK,
        **headers: str,
    ) -> bytes:
        """Send a new mail; returns its octets. ``headers``: ``In_Reply_To=…``."""
        message = self._new(subject, text, to, headers)
        return self._post(message, to, files)

    def answer(
        self,
        mail: Mail,
        text: str,
        *files: File,
        to: str = "",
        quotes: bool = True,
        **headers: str,
    ) -> bytes:
        """Answer a mail, its text quoted below as French programs do."""
        quoted = "\n".join(f"> {line}" for line in mail.lines.splitlines())
        head = f"Le lun. 2 mars 2026 à 10:00, {mail.message['From']} a écrit :"
        body = f"{text}\n\n{head}\n\n{quoted}\n" if quotes else text
        threading = {
            "In_Reply_To": mail.id,
            "References": f"{mail.message['References'] or ''} {mail.id}".strip(),
        }
        to = to or mail.reply_to
        message = self._new(f"Re: {mail.subject}", body, to, {**threading, **headers})
        return self._post(message, to, files)

    def _new(
        self, subject: str, text: str, to: str, headers: dict[str, str]
    ) -> EmailMessage:
        self.count += 1
        host = self.address.rpartition("@")[2]
        given = {
            "From": f'"{self.name}" <{self.address}>',
            "To": to,
            "Subject": subject,
            "Date": format_datetime(self.clock.now()),
            "Message-ID": f"<{self.count}.{self.address.partition('@')[0]}@{host}>",
        }
        given |= {key.replace("_", "-"): value for key, value in headers.items()}
        message = EmailMessage()
        for key, value in given.items():
            if value:
                message[key] = value
        message.set_content(text)
        return message

    def _post(self, message: EmailMessage, to: str, files: Sequence[File]) -> bytes:
        for name, media_type, content in files:
            kind, _, inline = media_type.partition(";")
            main, _, sub = kind.partition("/")
            message.add_attachment(
                content,
                maintype=main,
                subtype=sub,
                filename=name,
                disposition=inline or "attachment",
                cid=f"<{name}@inline>" if inline else None,
            )
        octets = message.as_bytes()
        self.mailbox.deliver(octets, self.address, to, self.proven_domain)
        return octets


@dataclass
class MailDesk:
    """azbot with its people, at rest."""

    app: App
    mailbox: LocalMailbox
    clock: FakeClock
    people: People
    chat: LocalChat | None = None
    client: Writer = field(init=False)
    station: Writer = field(init=False)
    agent: Writer = field(init=False)
    readers: Writer = field(init=False)

    def __post_init__(self) -> None:
        self.client = self.writer("Sophie Martin", CLIENT)
        self.station = self.writer("Froid Rhône Services", STATION)
        self.agent = self.writer("Camille Durand", READERS)
        self.readers = self.agent

    @property
    def store(self) -> Store:
        """What is stored."""
        return self.app.store

    def writer(self, name: str, address: str, *, is_proven: bool = True) -> Writer:
        """Somebody else with a mail program."""
        domain = address.rpartition("@")[2] if is_proven else ""
        return Writer(name, address, self.mailbox, self.clock, domain)

    async def settle(self) -> None:
        """Collect what was written and let every worker come to rest."""
        while True:
            held = len(self.mailbox.inbox)
            await self.mailbox.hand_over(self.store)
            came = await self.chat.take(self.store) if self.chat else 0
            await self.app.settle()
            if len(self.mailbox.inbox) == held and not came:
                return

    async def later(self, **by: float) -> None:
        """Let time pass, then work."""
        await self.clock.advance(timedelta(**by))
        await self.settle()

    async def it(self, number: int = 1) -> Assistance:
        """The present state of an assistance."""
        key = AssistanceId(number)
        return await self.store.write(lambda uow: uow.assistances.get(key))

    async def events(self, number: int = 1) -> list[e.Event]:
        """The history of an assistance."""
        key = AssistanceId(number)
        lines = await self.store.write(lambda uow: uow.events.of(key))
        return [line.event for line in lines]

    async def messages(self, number: int = 1) -> list[e.MessageAdded]:
        """What was said in an assistance."""
        events = await self.events(number)
        return [event for event in events if isinstance(event, e.MessageAdded)]

    async def ledger(self) -> list[RawEntry]:
        """Every received message and what became of it, oldest first."""

        def work(uow: UnitOfWork) -> list[RawEntry]:
            return [uow.raw.get(RawId(n + 1)) for n in range(len(self.mailbox.inbox))]

        return await self.store.write(work)

    async def states(self) -> list[str]:
        """What became of each message, oldest first."""
        return [entry.outcome.state.value for entry in await self.ledger()]

    async def last_reason(self) -> str:
        """Why the newest message was set aside."""
        reason = (await self.ledger())[-1].outcome.reason
        return reason.value if reason else ""

    async def person(self, address: str) -> Person | None:
        """Who has an address."""
        return await self.store.write(lambda uow: uow.people.by_address(address))

    async def deliveries(self) -> list[Delivery]:
        """Every row of the outbox, oldest first."""

        def work(uow: UnitOfWork) -> list[Delivery]:
            count = sum(uow.outbox.counts().values())
            return [uow.outbox.get(n) for n in range(1, count + 1)]  # type: ignore[arg-type]

        return await self.store.write(work)

    async def act(self, *commands: Command, number: int = 1) -> None:
        """Let an agent do something."""
        for command in commands:
            await self.app.desk.handle(AssistanceId(number), command, self.people.staff)
        await self.settle()

    async def visit(self, *commands: Command, number: int = 1) -> None:
        """Let the technician do something on site."""
        for command in commands:
            await self.app.desk.handle(
                AssistanceId(number), command, self.people.visitor
            )
        await self.settle()

    # -- how far a life is ---------------------------------------------------------

    async def submitted(self) -> Mail:
        """A complete request; returns its recap."""
        self.client.write(COMPLETE, subject="Panne à Villeurbanne")
        await self.settle()
        return self.client.last

    async def assigned(self) -> Mail:
        """The station has its order; returns it."""
        await self.submitted()
        await self.act(c.AssignStation(self.people.station, "prête"))
        return self.station.last

    async def underway(self) -> Mail:
        """The station has accepted; returns what it was told."""
        self.station.answer(await self.assigned(), "OUI")
        await self.settle()
        return self.station.last

    async def planned(self) -> Mail:
        """A visit has its date; returns the client's mail."""
        self.station.answer(await self.underway(), "mercredi 14 h 30")
        await self.settle()
        return self.client.newest("planned")

    async def done(self) -> Mail:
        """The visit is over and concluded; returns the closing question."""
        await self.planned()
        await self.finish_visit()
        return self.client.newest("finished")

    async def finish_visit(self, **end: object) -> None:
        """Go on site, fill the form, sign, leave."""
        visit = (await self.it()).visit
        assert visit is not None
        assert visit.planned_at is not None
        await self.clock.advance_to(visit.planned_at)
        await self.settle()
        answers = {**FORM, "action_notes": "Vanne purgée.", "solved": True, **end}
        signing = [
            c.SignIntervention(role, name, SignatureMethod.DRAWN, (STROKE,))
            for role, name in SIGNATORIES
        ]
        await self.visit(
            c.ArriveOnSite(),
            c.SaveInterventionForm(answers),
            *signing,
            c.FinishIntervention(),
        )


FORM: dict[str, object] = {
    "distance_km": "17",
    "time_in": "14:30",
    "time_out": "16:05",
    "has_webserver": True,
    "webserver_mac": "0004A31F529C",
    "webserver_serial": "WS-20931",
    "integration": "none",
    "emitters": ["air_cold", "air_warm"],
    "production_units": [{"maker": "daikin", "model": "other:FBA71A"}],
    "no_material": True,
    **{
        point: {"answer": "yes"}
        for point in (
            "wired_as_documented",
            "bus_apart",
            "bus_cable",
            "motors_labelled",
            "gateways_connected",
            "relays_labelled",
            "supply_compliant",
            "other_units_checked",
            "maker_commissioned",
        )
    },
}
STROKE = Stroke(tuple((100 + 20 * n, 300 + (n % 7) * 60) for n in range(60)))
SIGNATORIES = (
    (Signatory.INSTALLER, "Sophie Martin"),
    (Signatory.CLIENT, "Paul Lefèvre"),
    (Signatory.STATION, "Karim Benali"),
)


@dataclass(frozen=True, slots=True)
class People:
    """Who is known from the beginning."""

    station: Station
    staff: Actor
    visitor: Actor
    client: PersonId


async def desk_by_mail(
    store: Store,
    clock: FakeClock,
    folder: Path,
    email_settings: EmailSettings = EMAIL,
    *,
    channel: Letterbox | None = None,
    chat: LocalChat | None = None,
    chats: Mapping[str, Chat] | None = None,
    mailbox: LocalMailbox | None = None,
    people: People | None = None,
    clamd: str = "",
    **service: str,
) -> MailDesk:
    """Build azbot on an open store, with its people and their mailboxes."""
    mailbox = mailbox or LocalMailbox(DESK, clock, uidvalidity=1)
    used = channel or local_factory(email_settings, mailbox)
    given = {
        "organisation": "Régulation Exemple",
        "desk": READERS,
        "admin": ADMIN,
        **service,
    }
    settings = Settings(
        file=folder / "azbot.toml",
        service=ServiceSettings.model_validate(given),
        store=StoreSettings(files=folder / "files"),
        web=WebSettings(public_url="https://sav.example", clamd=clamd),
        workflow=WorkflowSettings(),
        retention=RetentionSettings(),
        channels={"email": email_settings, "telegram": None},
    )
    talks = {chat.name: chat} if chat else chats or {}
    app = await assemble(settings, clock, store, Connected({"email": used}, talks))
    if people is None:
        people = await store.write(_people)
    return MailDesk(app, mailbox, clock, people, chat)


def _people(uow: UnitOfWork) -> People:
    entry = uow.stations.add("Froid Rhône Services", STATION, phone="+33199001234")
    agent = uow.people.add(
        NewPerson(PersonKind.AGENT, (READERS,), name="Camille Durand")
    )
    client = uow.people.add(
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
    staff = Actor(Role.AGENT, agent.id, agent.name, Trust.STAFF, "api")
    visitor = Actor(
        Role.STATION,
        contact.id,
        entry.station.company,
        Trust.PROVEN,
        "api",
        entry.station.id,
    )
    return People(entry.station, staff, visitor, client.id)
