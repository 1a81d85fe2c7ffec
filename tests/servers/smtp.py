"""A mail server that keeps what it is sent, and fails when told to."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import threading
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from enum import Enum
from typing import Literal

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from typing_extensions import override

from azbot.testing.patience import PATIENCE
from tests.servers.certificate import Certificate
from tests.servers.places import LOOPBACK

Security = Literal["none", "starttls", "tls"]
Stage = Literal["rcpt", "data"]

BIGGEST = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Received:
    """One mail that was accepted.

    Attributes:
        sender: MAIL FROM, empty for the null sender.
        recipients: RCPT TO, those that were accepted.
        content: the octets after DATA.
    """

    sender: str
    recipients: tuple[str, ...]
    content: bytes

    @property
    def message(self) -> EmailMessage:
        """The mail, parsed."""
        message = BytesParser(policy=default).parsebytes(self.content)
        assert isinstance(message, EmailMessage)
        return message


class Fault(Enum):
    """What a mail server can do besides answering."""

    CLOSE = "cut the connection without a word"
    KEEP_AND_CLOSE = "keep the mail, then cut the connection before saying so"


class SmtpSink:
    """A server in a thread of its own.

    Args:
        security: ``none``, ``starttls`` (required) or ``tls``.
        certificate: needed for the last two.
        login: (user, password) that are required before MAIL; None for an open door.
        largest: octets of one mail, as EHLO announces them.

    Attributes:
        host: 127.0.0.1.
        port: chosen by the system.
        connections: how many there have been.
        most_at_once: the most connections open at one time.
        most_at_once_to: per domain, the most mails under way at one time.
    """

    host = LOOPBACK

    def __init__(
        self,
        security: Security = "none",
        certificate: Certificate | None = None,
        login: tuple[str, str] | None = None,
        largest: int = BIGGEST,
    ) -> None:
        self.security = security
        self.certificate = certificate
        self.largest = largest
        self.port = 0
        self.connections = 0
        self.most_at_once = 0
        self.most_at_once_to: dict[str, int] = defaultdict(int)
        self._login = login
        self._open = 0
        self._under_way: dict[str, int] = defaultdict(int)
        self._received: list[Received] = []
        self._changed = threading.Condition()
        self._answers: dict[tuple[str, Stage], list[str | Fault]] = defaultdict(list)
        self._always: dict[tuple[str, Stage], str | Fault] = {}
        self._gates: dict[str, threading.Event] = {}
        self._transports: set[asyncio.WriteTransport] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._started = threading.Event()

    # --- life ---

    def start(self) -> None:
        """Listen; return once connections are answered."""
        self._thread.start()
        assert self._started.wait(10), "the SMTP sink did not start"

    def stop(self) -> None:
        """Cut every connection and stop listening."""
        for gate in self._gates.values():
            gate.set()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    # --- what came ---

    @property
    def received(self) -> list[Received]:
        """Every mail that was kept, in order."""
        with self._changed:
            return list(self._received)

    def to(self, recipient: str) -> list[Received]:
        """Return the mails that one recipient got, in order."""
        return [mail for mail in self.received if recipient in mail.recipients]

    async def wait_for(self, count: int, within: float = PATIENCE) -> list[Received]:
        """Return the mails once there are so many.

        Raises:
            TimeoutError: there were fewer within so many real seconds.
        """
        return await asyncio.to_thread(self.wait_here_for, count, within)

    def wait_here_for(self, count: int, within: float = PATIENCE) -> list[Received]:
        """Do the same as ``wait_for``, blocking."""
        with self._changed:
            if not self._changed.wait_for(lambda: len(self._received) >= count, within):
                raise TimeoutError(f"{len(self._received)} mails instead of {count}")
            return list(self._received)

    # --- what it is told ---

    def answer(
        self,
        recipient: str,
        *answers: str | Fault,
        stage: Stage = "rcpt",
        then: str | Fault | None = None,
    ) -> None:
        """Answer a recipient so, once each and in order.

        Args:
            recipient: an address.
            answers: ``451 4.7.1 Later`` or ``550 5.1.1 Unknown``, or a fault.
            stage: the command that is answered: ``rcpt`` or ``data``.
            then: what every later time is answered; None accepts.
        """
        self._answers[recipient, stage] += answers
        if then is not None:
            self._always[recipient, stage] = then

    @contextlib.contextmanager
    def holding(self, recipient: str) -> Iterator[None]:
        """Do not answer DATA for a recipient before the block is left."""
        gate = self._gates[recipient] = threading.Event()
        try:
            yield
        finally:
            gate.set()

    def cut(self) -> None:
        """Cut every open connection now."""
        done = threading.Event()

        def close() -> None:
            for transport in list(self._transports):
                _abort(transport)
            done.set()

        self._loop.call_soon_threadsafe(close)
        assert done.wait(10)

    # --- called by aiosmtpd, in the thread of the sink ---

    async def handle_MAIL(  # noqa: N802 (aiosmtpd looks for this name)
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        """Answer MAIL FROM."""
        if self._login is not None and not session.authenticated:
            return "530 5.7.0 Authentication required"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802 (aiosmtpd looks for this name)
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        """Answer RCPT TO."""
        answer = self._next(address, "rcpt")
        if isinstance(answer, Fault):
            return self._close(server)
        if answer is None or answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return answer or "250 2.1.5 OK"

    async def handle_DATA(  # noqa: N802 (aiosmtpd looks for this name)
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Answer the end of DATA."""
        recipients = [str(address) for address in envelope.rcpt_tos]
        with self._counting(recipients):
            for recipient in recipients:
                if gate := self._gates.get(recipient):
                    await asyncio.to_thread(gate.wait)
        answers = [self._next(recipient, "data") for recipient in recipients]
        answer = next((each for each in answers if each is not None), None)
        if answer is Fault.CLOSE:
            return self._close(server)
        if answer is None or isinstance(answer, Fault) or answer.startswith("2"):
            self._keep(envelope, recipients)
        if isinstance(answer, Fault):
            return self._close(server)
        return answer or "250 2.0.0 Kept"

    # --- inside ---

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        context = None
        if self.security != "none":
            assert self.certificate is not None, "TLS needs a certificate"
            context = self.certificate.for_server()
        listening = self._loop.create_server(
            lambda: self._protocol(context if self.security == "starttls" else None),
            host=self.host,
            port=0,
            ssl=context if self.security == "tls" else None,
        )
        server = self._loop.run_until_complete(listening)
        self.port = server.sockets[0].getsockname()[1]
        self._started.set()
        try:
            self._loop.run_forever()
        finally:
            server.close()
            self._loop.run_until_complete(self._let_go())
            self._loop.run_until_complete(self._loop.shutdown_default_executor())
            self._loop.close()

    async def _let_go(self) -> None:
        for transport in list(self._transports):
            _abort(transport)
        mine = asyncio.current_task()
        tasks = [task for task in asyncio.all_tasks() if task is not mine]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _protocol(self, context: ssl.SSLContext | None) -> _Protocol:
        return _Protocol(self, context, self._login)

    def _next(self, recipient: str, stage: Stage) -> str | Fault | None:
        waiting = self._answers[recipient, stage]
        return waiting.pop(0) if waiting else self._always.get((recipient, stage))

    def _keep(self, envelope: Envelope, recipients: list[str]) -> None:
        content = envelope.content
        assert isinstance(content, bytes)
        mail = Received(envelope.mail_from or "", tuple(recipients), content)
        with self._changed:
            self._received.append(mail)
            self._changed.notify_all()

    @contextlib.contextmanager
    def _counting(self, recipients: list[str]) -> Iterator[None]:
        domains = {recipient.rpartition("@")[2] for recipient in recipients}
        for domain in domains:
            self._under_way[domain] += 1
            most = max(self.most_at_once_to[domain], self._under_way[domain])
            self.most_at_once_to[domain] = most
        try:
            yield
        finally:
            for domain in domains:
                self._under_way[domain] -= 1

    def _close(self, server: SMTP) -> str:
        transport = server.transport
        assert isinstance(transport, asyncio.WriteTransport)
        _abort(transport)
        return "421 4.3.2 nobody hears this"

    def opened(self, transport: asyncio.WriteTransport) -> None:
        """Count a connection."""
        self._transports.add(transport)
        self.connections += 1
        self._open += 1
        self.most_at_once = max(self.most_at_once, self._open)

    def closed(self, transport: asyncio.WriteTransport | None) -> None:
        """Forget a connection."""
        if transport is not None and transport in self._transports:
            self._transports.discard(transport)
            self._open -= 1


def _abort(transport: asyncio.WriteTransport) -> None:
    # In Debian 12's Python 3.11.2 a TLS transport whose peer has gone cannot be
    # aborted; there is nothing left to abort.
    with contextlib.suppress(AttributeError):
        transport.abort()


class _Protocol(SMTP):
    """One connection, counted, with the sink as its handler."""

    def __init__(
        self,
        sink: SmtpSink,
        starttls: ssl.SSLContext | None,
        login: tuple[str, str] | None,
    ) -> None:
        self._sink = sink
        self._counted: asyncio.WriteTransport | None = None

        def check(
            server: SMTP, session: Session, envelope: Envelope, how: str, data: object
        ) -> AuthResult:
            assert isinstance(data, LoginPassword)
            given = (data.login.decode(), data.password.decode())
            return AuthResult(success=given == login, handled=False)

        super().__init__(
            sink,
            hostname="sink.example",
            ident="test",
            data_size_limit=sink.largest,
            enable_SMTPUTF8=True,
            tls_context=starttls,
            require_starttls=starttls is not None,
            # Of TLS from the first octet it knows nothing: the sink asks for the
            # login itself.
            auth_require_tls=False,
            auth_exclude_mechanism=None if login else ("LOGIN", "PLAIN"),
            authenticator=check,
            loop=asyncio.get_running_loop(),
        )

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        if self._counted is None:
            self._counted = transport
            self._sink.opened(transport)
        super().connection_made(transport)

    @override
    def connection_lost(self, error: Exception | None) -> None:
        if self._counted is not None:
            self._sink.closed(self._counted)
        super().connection_lost(error)


@pytest.fixture
def smtp_sink() -> Iterator[SmtpSink]:
    """An SMTP server that accepts everything until told otherwise."""
    with running_sink() as sink:
        yield sink


@contextlib.contextmanager
def running_sink(
    security: Security = "none",
    certificate: Certificate | None = None,
    login: tuple[str, str] | None = None,
    largest: int = BIGGEST,
) -> Iterator[SmtpSink]:
    """Run a sink of a certain kind; see ``SmtpSink``."""
    sink = SmtpSink(security, certificate, login, largest)
    sink.start()
    try:
        yield sink
    finally:
        sink.stop()
