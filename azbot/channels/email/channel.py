"""The e-mail channel: a receiver, a sender and two translators behind one seam."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from azbot.channels.email.compose import compose
from azbot.channels.email.imap import ImapReceiver
from azbot.channels.email.mailbox import LocalMailbox
from azbot.channels.email.parse import ParseSettings, parse
from azbot.channels.email.quoting import separate
from azbot.channels.email.sender import Dns
from azbot.channels.email.settings import EmailSettings
from azbot.channels.email.smtp import SmtpSender
from azbot.messages import (
    Envelope,
    Inbound,
    Outbound,
    RawMessage,
    Receipt,
    Reply,
    Unparseable,
)
from azbot.ports import Clock, Sink

NAME = "email"


class Receiver(Protocol):
    """Where mail comes from: an IMAP server, or a mailbox of this process."""

    @property
    def heard_at(self) -> datetime | None:
        """When it last answered; None: not yet."""
        ...

    async def run(self, sink: Sink) -> None:
        """Receive until cancelled; see ``ports.Channel.run``."""
        ...

    async def aclose(self) -> None:
        """Let go of connections; may be called twice."""
        ...


class Sender(Protocol):
    """Where mail goes: an SMTP server, or a mailbox of this process."""

    async def send(self, envelope: Envelope) -> Receipt:
        """Deliver; see ``ports.Channel.send``."""
        ...

    async def aclose(self) -> None:
        """Let go of connections; may be called twice."""
        ...


class EmailChannel:
    """E-mail as the core sees it (``ports.Channel``).

    Args:
        settings: the desk's mailbox.
        receiver: gives messages to the sink.
        sender: takes envelopes.
        reading: whom ``parse`` believes.
    """

    def __init__(
        self,
        settings: EmailSettings,
        receiver: Receiver,
        sender: Sender,
        reading: ParseSettings,
    ) -> None:
        self._settings = settings
        self._receiver = receiver
        self._sender = sender
        self._reading = reading

    @property
    def name(self) -> str:
        """``email``."""
        return NAME

    @property
    def heard_at(self) -> datetime | None:
        """When the server last answered; see ``ports.Listens``."""
        return self._receiver.heard_at

    async def run(self, sink: Sink) -> None:
        """Receive until cancelled; any exception means: start me again."""
        await self._receiver.run(sink)

    def parse(self, raw: RawMessage) -> Inbound | Unparseable:
        """Say what the octets mean, whatever they are."""
        return parse(raw, self._reading)

    async def fetch(self, inbound: Inbound) -> Inbound:
        """Return the message as it is: a mail brings its files along."""
        return inbound

    def separate(self, inbound: Inbound, sent: Sequence[str]) -> Reply:
        """Tell the new text from the quoted; ``sent`` are texts we sent before."""
        return separate(inbound.text, inbound.marked, sent, inbound.is_forward)

    def compose(self, outbound: Outbound) -> Envelope:
        """Give the octets, the same for the same input; see ``compose.compose``."""
        return compose(outbound, self._settings)

    async def send(self, envelope: Envelope) -> Receipt:
        """Deliver to the server.

        Raises:
            TemporaryFailure: may be tried again.
            PermanentFailure: must not be tried again.
        """
        return await self._sender.send(envelope)

    async def aclose(self) -> None:
        """Let go of connections; may be called twice."""
        try:
            await self._receiver.aclose()
        finally:
            await self._sender.aclose()


def parse_settings(settings: EmailSettings, dns: Dns | None = None) -> ParseSettings:
    """Give what ``parse`` needs to know of the desk's mailbox.

    Args:
        settings: the mailbox.
        dns: asked for DKIM keys when no receiver's header is believed.
    """
    return ParseSettings(
        own_addresses=frozenset((settings.address, *settings.own_addresses)),
        own_domain=settings.domain,
        instance_id=settings.loop_mark,
        receiver=settings.receiver,
        authserv_id=settings.authserv_id,
        separator=settings.separator,
        dns=dns,
    )


def factory(
    settings: EmailSettings,
    clock: Clock,
    environ: Mapping[str, str],
    dns: Dns | None = None,
) -> EmailChannel:
    """Build the channel over real servers; nothing is connected yet.

    Args:
        settings: with its ``imap`` and ``smtp`` sections.
        clock: where time comes from.
        environ: the process environment, for ``password_env``.
        dns: asked for DKIM keys when no receiver's header is believed.

    Raises:
        ValueError: a section is missing.
        LookupError: a password's variable is not set.
        OSError: a password's file cannot be read.
    """
    if settings.imap is None or settings.smtp is None:
        raise ValueError("[email.imap] and [email.smtp] are both needed")
    imap, smtp = settings.imap, settings.smtp
    return EmailChannel(
        settings,
        ImapReceiver(imap, imap.secret(environ), clock),
        SmtpSender(smtp, smtp.secret(environ), clock),
        parse_settings(settings, dns),
    )


def local_factory(settings: EmailSettings, mailbox: LocalMailbox) -> EmailChannel:
    """Build the channel over a mailbox of this process."""
    return EmailChannel(settings, mailbox, mailbox, parse_settings(settings))
