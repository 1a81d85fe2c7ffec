"""Sends mail over a few connections that are used again and again.

A reused connection carries half as many mails again as new ones; aiosmtplib has
no pool of its own, and one client sends one mail at a time (email.md §10.2).
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from aiosmtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPConnectError,
    SMTPException,
    SMTPHeloError,
    SMTPNotSupported,
    SMTPResponseException,
    SMTPServerDisconnected,
)

from azbot.channels.email.folding import wire_address
from azbot.channels.email.settings import SmtpSettings
from azbot.channels.email.tls import client_context
from azbot.errors import PermanentFailure, TemporaryFailure
from azbot.messages import Envelope, Receipt
from azbot.ports import Clock

_log = structlog.get_logger(__name__)

_SLOWEST = 50_000  # octets a second
_OUR_FAULT = frozenset({530, 534, 535, 538})  # RFC 4954 §6: about our login
_LOGIN_PAUSE = timedelta(minutes=5)
_LONGEST_PAUSE = timedelta(hours=6)
_ADDRESS = re.compile(r"<?[^\s<>@]{1,256}@[^\s<>@]{1,256}>?")
_PAUSE = re.compile(
    r"\b(?:in|after|for)\s{1,3}(\d{1,5})\s{0,3}(s|sec|second|m|min|minute|h|hour)s?\b",
    re.IGNORECASE,
)


class SmtpSender:
    """Delivers envelopes to one server.

    Args:
        settings: where and how.
        password: of ``settings.user``.
        clock: dates receipts and tells how long a connection has rested.
    """

    def __init__(self, settings: SmtpSettings, password: str, clock: Clock) -> None:
        self._settings = settings
        self._password = password
        self._clock = clock
        self._free: list[tuple[SMTP, datetime]] = []
        self._room = asyncio.Semaphore(settings.connections)
        self._domains: dict[str, _Door] = {}
        self._is_closed = False

    async def send(self, envelope: Envelope) -> Receipt:
        """Deliver to the server.

        A connection that died while it rested is replaced once. After the content
        has left nothing is repeated here: whether it arrived is not known, and the
        next attempt carries the same Message-ID.

        Returns:
            The server's own words about the message as ``remote_id``.

        Raises:
            TemporaryFailure: 4xx, no connection, login refused, no time left.
            PermanentFailure: 5xx for this message; it is too large; its address
                cannot be written.
        """
        domain = envelope.recipient.rpartition("@")[2].lower()
        seconds = self._settings.command_seconds + len(envelope.content) / _SLOWEST
        async with self._through(domain), self._room:
            try:
                async with asyncio.timeout(seconds + self._settings.connect_seconds):
                    words = await self._deliver(envelope)
            except TimeoutError as error:
                raise TemporaryFailure("smtp timeout") from error
            except (OSError, SMTPException, ValueError) as error:
                raise failure_of(error) from error
        return Receipt(remote_id=_one_line(words), at=self._clock.now())

    async def aclose(self) -> None:
        """Let go of connections; may be called twice."""
        self._is_closed = True
        free, self._free = self._free, []
        for client, _ in free:
            await _leave(client)

    @contextlib.asynccontextmanager
    async def _through(self, domain: str) -> AsyncIterator[None]:
        """Let only so many messages at once go to one domain."""
        door = self._domains.get(domain)
        if door is None:
            door = self._domains[domain] = _Door(self._settings.per_domain)
        door.visitors += 1
        try:
            async with door.room:
                yield
        finally:
            door.visitors -= 1
            if not door.visitors:
                self._domains.pop(domain, None)

    async def _deliver(self, envelope: Envelope) -> str:
        """Carry one envelope over a connection; return what the server says."""
        client = await self._announced(envelope)
        try:
            response = await client.data(envelope.content)
        except SMTPResponseException:
            await self._reset(client)
            raise
        except BaseException:
            client.close()
            raise
        self._put_back(client)
        return response.message

    async def _announced(self, envelope: Envelope) -> SMTP:
        """Return a connection on which sender and recipient were accepted."""
        client, is_reused = await self._take()
        try:
            return await self._announce(client, envelope)
        except (SMTPServerDisconnected, SMTPResponseException) as error:
            # 421: the server was about to close (RFC 5321 §3.8)
            if not is_reused or getattr(error, "code", 421) != 421:
                raise
        _log.debug("smtp.reconnect")
        return await self._announce(await self._connect(), envelope)

    async def _announce(self, client: SMTP, envelope: Envelope) -> SMTP:
        try:
            options, encoding = _options(client, envelope)
            await client.mail(envelope.sender, options=options, encoding=encoding)
            await client.rcpt(envelope.recipient, encoding=encoding)
        except (SMTPResponseException, PermanentFailure, ValueError):
            await self._reset(client)
            raise
        except BaseException:
            client.close()
            raise
        return client

    async def _take(self) -> tuple[SMTP, bool]:
        """Return a connection, and whether it has rested before."""
        oldest = self._clock.now() - timedelta(seconds=self._settings.idle_seconds)
        while self._free:
            client, since = self._free.pop()
            if client.is_connected and since >= oldest:
                return client, True
            client.close()
        return await self._connect(), False

    def _put_back(self, client: SMTP) -> None:
        if self._is_closed or not client.is_connected:
            client.close()
        else:
            self._free.append((client, self._clock.now()))

    async def _reset(self, client: SMTP) -> None:
        """Keep a connection on which a message was refused, if it lives."""
        try:
            await client.rset()
        except (SMTPException, OSError):
            client.close()
        except BaseException:
            client.close()
            raise
        else:
            self._put_back(client)

    async def _connect(self) -> SMTP:
        client = client_for(self._settings, self._password)
        try:
            async with asyncio.timeout(self._settings.connect_seconds):
                await client.connect()
                await _greet(client)
        except BaseException:
            client.close()
            raise
        return client


@dataclass(frozen=True, slots=True)
class Offer:
    """What a server said when it was asked, without being sent anything.

    Attributes:
        greeting: its first words; some servers tell the time in them.
        largest: octets of one message it takes, None where it does not say.
    """

    greeting: str
    largest: int | None


class SmtpRefusal(TemporaryFailure):
    """The server, or the way to it, would not do what sending takes.

    Args:
        code: ``connect`` (the cause says why), ``starttls`` (not offered), ``login``,
            ``no_login`` (not offered), ``needs_login``, ``sender``, ``recipient`` or
            ``protocol``.
        reason: the server's words without addresses.
    """

    def __init__(self, code: str, reason: str = "") -> None:
        super().__init__(reason)
        self.code = code


async def ask(settings: SmtpSettings, password: str, address: str) -> Offer:
    """Connect, sign in, and name a mail from an address to itself; send nothing.

    Args:
        settings: where and how.
        password: of ``settings.user``.
        address: whose mail the server is to take.

    Raises:
        SmtpRefusal: one of them did not work.
        TimeoutError: it took too long.
    """
    client = client_for(settings, password)
    code = "connect"
    try:
        greeting = await client.connect()
        await _greet(client)
        code = "sender"
        await client.mail(address)
        code = "recipient"
        await client.rcpt(address)
        limit = client.esmtp_extensions.get("size", "").strip()
        largest = int(limit) if limit.isdigit() and int(limit) else None
        return Offer(_one_line(greeting.message), largest)
    except (OSError, SMTPException, ValueError) as error:
        if isinstance(error, TimeoutError):
            raise
        raise _refusal(error, code) from error
    finally:
        await _leave(client)


def _refusal(error: Exception, code: str) -> SmtpRefusal:
    reason = str(getattr(failure_of(error), "reason", ""))
    if isinstance(error, SMTPAuthenticationError):
        return SmtpRefusal("login", reason)
    if isinstance(error, SMTPResponseException):
        if error.code in _OUR_FAULT:
            code = "needs_login" if error.code == 530 else "login"
        return SmtpRefusal("protocol" if code == "connect" else code, reason)
    if type(error) in {SMTPException, SMTPNotSupported}:
        # Only its words tell which of the two the server does not offer.
        is_tls = "STARTTLS" in str(error).upper()
        return SmtpRefusal("starttls" if is_tls else "no_login")
    return SmtpRefusal(code, reason)


def client_for(settings: SmtpSettings, password: str) -> SMTP:
    """Return a client of the library; nothing is connected yet.

    Raises:
        OSError: the file of authorities cannot be read.
    """
    context = None
    if settings.security != "none":
        context = client_context(settings.ca_file, verify=settings.verify)
    return SMTP(
        hostname=settings.host,
        port=settings.port,
        username=settings.user or None,
        password=password or None,
        local_hostname=settings.hello_name or _own_name(),
        timeout=settings.command_seconds,
        use_tls=settings.security == "tls",
        start_tls=settings.security == "starttls",
        tls_context=context,
    )


class _Door:
    """How many may be on their way to one domain, and how many want to be."""

    def __init__(self, room: int) -> None:
        self.room = asyncio.Semaphore(room)
        self.visitors = 0


def failure_of(error: Exception) -> TemporaryFailure | PermanentFailure:
    """Say what an error of the server or the network means for a message.

    A refused login or greeting is about us, not about the message: it waits. Reasons
    hold the server's words without addresses.
    """
    if isinstance(error, SMTPAuthenticationError):
        return TemporaryFailure(f"smtp login refused {error.code}", _LOGIN_PAUSE)
    if isinstance(error, SMTPResponseException):
        reason = f"{error.code} {_one_line(error.message)}".strip()
        if error.code in _OUR_FAULT:
            return TemporaryFailure(f"smtp login needed {reason}", _LOGIN_PAUSE)
        is_ours = isinstance(error, (SMTPConnectError, SMTPHeloError))
        if 500 <= error.code <= 599 and not is_ours:
            return PermanentFailure(reason)
        return TemporaryFailure(reason, _asked_pause(error.message))
    if isinstance(error, ssl.SSLError):
        return TemporaryFailure(f"smtp tls {type(error).__name__}")
    if isinstance(error, SMTPException | OSError):
        return TemporaryFailure(f"smtp {type(error).__name__}")
    return PermanentFailure("the address cannot be written on the wire")


def _options(client: SMTP, envelope: Envelope) -> tuple[list[str], str]:
    """Return the parameters of MAIL and the encoding of addresses.

    Raises:
        PermanentFailure: the server says beforehand that it will not take this.
        ValueError: an address that is none.

    Source: RFC 1870 (SIZE), RFC 6531 (SMTPUTF8), RFC 6152 (8BITMIME).
    """
    # The library reads addresses leniently: of two it would take the wrong one.
    for address in (envelope.recipient, envelope.sender or envelope.recipient):
        if wire_address(address) != address:
            raise ValueError("not the address it seems")
    options, size = [], len(envelope.content)
    if client.supports_extension("size"):
        limit = client.esmtp_extensions.get("size", "").strip()
        if limit.isdigit() and 0 < int(limit) < size:
            raise PermanentFailure(f"552 {size} octets, the server takes {limit}")
        options.append(f"SIZE={size}")
    if (envelope.sender + envelope.recipient).isascii():
        return options, "ascii"
    if not client.supports_extension("smtputf8"):
        raise PermanentFailure("553 the server takes no address outside ASCII")
    return [*options, "SMTPUTF8", "BODY=8BITMIME"], "utf-8"


def _asked_pause(words: str) -> timedelta | None:
    """Read how long the server asks to wait (greylisting says so in words)."""
    found = _PAUSE.search(words[:500])
    if found is None:
        return None
    unit = {"s": 1, "m": 60, "h": 3600}[found[2][0].lower()]
    return min(timedelta(seconds=int(found[1]) * unit), _LONGEST_PAUSE)


def _one_line(words: str) -> str:
    """Return a server's words on one short line, without addresses."""
    clean = words[:1000].encode("utf-8", "replace").decode("utf-8")
    return " ".join(_ADDRESS.sub("<…>", clean).split())[:200]


def _own_name() -> str:
    """Return this machine's name without asking any name server."""
    name = socket.gethostname()
    is_full = "." in name and name.isascii() and re.fullmatch(r"[A-Za-z0-9.-]+", name)
    return name if is_full else "localhost.localdomain"


async def _greet(client: SMTP) -> None:
    """Learn what the server offers, if the login has not already."""
    if client.is_ehlo_or_helo_needed:
        try:
            await client.ehlo()
        except SMTPHeloError:
            await client.helo()


async def _leave(client: SMTP) -> None:
    """Say goodbye when that is quick, then close."""
    with contextlib.suppress(TimeoutError, OSError, SMTPException):
        async with asyncio.timeout(2.0):
            await client.quit()
    client.close()
