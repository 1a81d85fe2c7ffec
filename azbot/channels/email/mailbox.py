"""A mail service inside this process: no account, no network.

It stands in for the IMAP and the SMTP server behind the same channel: what is
delivered to it is received, what is sent to it is kept to be read. The embedded
defaults, the demo and tests run on it; it passes the contract suite of the real
servers.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from azbot.errors import PermanentFailure, TemporaryFailure
from azbot.messages import Envelope, RawMessage, Receipt
from azbot.ports import Clock, Sink

AUTHSERV_ID = "mailbox.invalid"
"""What this mailbox signs its Authentication-Results with."""

_BATCH = 50


@dataclass(frozen=True, slots=True)
class Letter:
    """One message as a mailbox keeps it.

    Attributes:
        number: counts up from 1 in its mailbox.
        sender: return path, possibly empty.
        recipient: bare address.
        content: the octets.
        at: when it came, aware, UTC.
        proven_domain: the From domain whose authentication held, empty when none.
    """

    number: int
    sender: str
    recipient: str
    content: bytes
    at: datetime
    proven_domain: str = ""


class LocalMailbox:
    """A desk's mailbox and everybody else's, in memory.

    Args:
        address: the desk's own address; with or without a token behind a plus.
        clock: dates what comes and goes.
        uidvalidity: names this life of the mailbox, which is a source of its own:
            numbers begin anew with each process. None takes the present instant.

    Attributes:
        heard_at: None: nobody could fail to answer.
    """

    heard_at: datetime | None = None

    def __init__(
        self, address: str, clock: Clock, uidvalidity: int | None = None
    ) -> None:
        self._address = address
        self._clock = clock
        self._uidvalidity = uidvalidity or int(clock.now().timestamp() * 1000)
        self._inbox: list[Letter] = []
        self._sent: list[Letter] = []
        self._arrived = asyncio.Event()
        self._left = asyncio.Event()
        self._answers: dict[str, list[Exception]] = {}
        self._listeners: list[Callable[[Letter], None]] = []

    # --- what people do ---

    def deliver(
        self,
        content: bytes,
        sender: str = "",
        recipient: str = "",
        proven_domain: str = "",
    ) -> Letter:
        """Put a message into the desk's mailbox, as a mail server would.

        Args:
            content: the octets, as the client's program wrote them.
            sender: return path; empty for the null one.
            recipient: the address it was sent to, token included; empty for the
                plain mailbox.
            proven_domain: the From domain for which a receiver would have found
                DMARC to pass; believed with ``authserv_id = AUTHSERV_ID``.
        """
        number = len(self._inbox) + 1
        to = recipient or self._address
        now = self._clock.now()
        letter = Letter(number, sender, to, content, now, proven_domain)
        self._inbox.append(letter)
        self._arrived.set()
        return letter

    @property
    def address(self) -> str:
        """The desk's own."""
        return self._address

    @property
    def inbox(self) -> Sequence[Letter]:
        """Everything the desk was sent, in order."""
        return tuple(self._inbox)

    @property
    def sent(self) -> Sequence[Letter]:
        """Everything the desk has sent, in order."""
        return tuple(self._sent)

    def sent_to(self, recipient: str) -> Sequence[Letter]:
        """Return what one person was sent, in order; case does not count."""
        wanted = recipient.casefold()
        return tuple(one for one in self._sent if one.recipient.casefold() == wanted)

    async def wait_for_sent(self, count: int, within: float = 10.0) -> Sequence[Letter]:
        """Return what was sent once there are so many.

        Raises:
            TimeoutError: there were fewer after so many real seconds.
        """
        async with asyncio.timeout(within):
            while len(self._sent) < count:
                self._left.clear()
                await self._left.wait()
        return self.sent

    def refuse(self, recipient: str, *failures: Exception) -> None:
        """Answer the next messages for a recipient so, once each and in order.

        Args:
            recipient: bare address.
            failures: ``TemporaryFailure`` or ``PermanentFailure``.
        """
        self._answers.setdefault(recipient.casefold(), []).extend(failures)

    def on_sent(self, listener: Callable[[Letter], None]) -> None:
        """Call back with each message the desk sends, after it is kept."""
        self._listeners.append(listener)

    # --- what the channel does ---

    async def run(self, sink: Sink) -> None:
        """Give everything to the sink, then wait for more, until cancelled."""
        while True:
            self._arrived.clear()
            await self.hand_over(sink)
            await self._arrived.wait()

    async def hand_over(self, sink: Sink) -> None:
        """Give what has arrived and is not there yet to the sink."""
        source = f"local:{self._address};{self._uidvalidity}"
        last = await sink.position(source)
        while fresh := self._inbox[last : last + _BATCH]:
            await sink.accept([received(one, source, one.number) for one in fresh])
            last = fresh[-1].number

    async def send(self, envelope: Envelope) -> Receipt:
        """Keep a message; one for the desk itself also arrives there.

        Raises:
            TemporaryFailure: as told by ``refuse``.
            PermanentFailure: as told by ``refuse``, or without a recipient.
        """
        if "@" not in envelope.recipient:
            raise PermanentFailure("the address cannot be written on the wire")
        waiting = self._answers.get(envelope.recipient.casefold())
        if waiting:
            failure = waiting.pop(0)
            if not isinstance(failure, TemporaryFailure | PermanentFailure):
                raise TypeError("refuse takes temporary and permanent failures")
            raise failure
        return Receipt(remote_id=f"local {self._keep(envelope).number}", at=self._now())

    async def aclose(self) -> None:
        """Nothing is open; may be called twice."""

    def _keep(self, envelope: Envelope) -> Letter:
        letter = Letter(
            number=len(self._sent) + 1,
            sender=envelope.sender,
            recipient=envelope.recipient,
            content=envelope.content,
            at=self._now(),
        )
        self._sent.append(letter)
        self._left.set()
        for listener in self._listeners:
            listener(letter)
        if self._is_ours(envelope.recipient):
            self.deliver(envelope.content, envelope.sender, envelope.recipient)
        return letter

    def _is_ours(self, address: str) -> bool:
        """Tell whether an address is the desk's, with or without a token."""
        local, _, domain = self._address.casefold().rpartition("@")
        other, _, other_domain = address.casefold().rpartition("@")
        return domain == other_domain and other.partition("+")[0] == local

    def _now(self) -> datetime:
        return self._clock.now()


def received(letter: Letter, source: str, position: int) -> RawMessage:
    """Return a letter as the desk's mailbox gives it to the sink.

    Args:
        letter: as its sender's program wrote it.
        source: names the mailbox, and this life of it.
        position: there.
    """
    # What a delivering server writes: only Delivered-To survives forwarding
    # and rewriting of To (email.md §3).
    trace = f"Return-Path: <{letter.sender}>\r\nDelivered-To: {letter.recipient}\r\n"
    if letter.proven_domain:
        trace += (
            f"Authentication-Results: {AUTHSERV_ID};\r\n"
            f" dmarc=pass header.from={letter.proven_domain}\r\n"
        )
    content = trace.encode("utf-8", "replace") + letter.content
    return RawMessage(
        channel="email",
        source=source,
        position=position,
        content=content,
        received_at=letter.at,
        size=len(content),
    )
