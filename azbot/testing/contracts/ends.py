"""The other end of a channel: its service, and the people there."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from typing_extensions import override

from azbot.ports import Channel, Chat, Letterbox
from azbot.testing.sink import RecordingSink

DESK = "support@example.fr"
"""Where letters to us are addressed."""
JO = "jo@client.example"
"""Who writes letters to us."""
PAUSE = timedelta(seconds=7)
"""What a busy service asks for."""


class Service(Protocol):
    """A channel, and the people at the other end of it."""

    @property
    def channel(self) -> Channel:
        """The channel under test, nothing of it running yet."""
        ...

    def restarted(self) -> Channel:
        """Return the channel of a new process on the same service."""
        ...

    def write(self, text: str) -> None:
        """Let a client, Jo, write to the desk."""
        ...


class PostOffice(Service, Protocol):
    """A service of letters."""

    @property
    @override
    def channel(self) -> Letterbox: ...

    @override
    def restarted(self) -> Letterbox: ...

    def received(self, recipient: str) -> list[bytes]:
        """Return what a person got, in order."""
        ...

    def refuse(self, recipient: str, *, forever: bool) -> None:
        """Refuse the next message for a person."""
        ...


@dataclass(frozen=True, slots=True)
class Seen:
    """A message of ours, as somebody sees it.

    Attributes:
        name: what ``Posted.message_ids`` called it.
        text: without marks.
        labels: of its buttons, in order.
        reply_to: name of the message it refers to, possibly empty.
    """

    name: str
    text: str
    labels: Sequence[str] = ()
    reply_to: str = ""


class ChatService(Service, Protocol):
    """A service of talks, and Jo's talk with us."""

    @property
    @override
    def channel(self) -> Chat: ...

    @override
    def restarted(self) -> Chat: ...

    @property
    def chat(self) -> str:
        """The name of Jo's chat."""
        ...

    def sees(self) -> list[Seen]:
        """Return what stands in the chat, ours alone, oldest first."""
        ...

    def press(self, label: str) -> None:
        """Press a button."""
        ...

    def answers(self) -> list[str]:
        """Return what presses were answered with."""
        ...

    def remove(self, name: str) -> None:
        """Let Jo take a message of ours away."""
        ...

    def block(self) -> None:
        """Let Jo block us."""
        ...

    def be_busy(self) -> None:
        """Let the service ask for a pause of ``PAUSE`` once."""
        ...

    def be_broken(self) -> None:
        """Let the service fail once, whatever is asked."""
        ...


@contextlib.asynccontextmanager
async def running(channel: Channel, sink: RecordingSink) -> AsyncIterator[None]:
    """Receive while inside, then let go of the channel."""
    async with asyncio.TaskGroup() as group:
        task = group.create_task(channel.run(sink))
        try:
            yield
        finally:
            task.cancel()
    await channel.aclose()
