"""The seams: what the parts of azbot promise each other, and nothing else.

Every Protocol here has one contract suite that each implementation passes, fakes
included: those of channels in ``azbot.testing.contracts``, where other packages find
them, the rest in ``tests/contracts``.
"""

from __future__ import annotations

from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    Awaitable,
    Callable,
    Iterable,
    Sequence,
)
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol, runtime_checkable

from azbot.messages import (
    BlobId,
    Envelope,
    Inbound,
    Outbound,
    RawMessage,
    Receipt,
    Reply,
    Unparseable,
)
from azbot.screens import Post, Posted


class Clock(Protocol):
    """Where time comes from."""

    def now(self) -> datetime:
        """Return the present instant, aware, UTC."""
        ...

    async def sleep_until(self, when: datetime) -> None:
        """Return once ``now() >= when``; at once for a past instant."""
        ...


class Sink(Protocol):
    """Where channels put what they receive."""

    async def accept(self, messages: Sequence[RawMessage]) -> None:
        """Store the messages durably, then return.

        A known (source, position) is silent success, so a batch may be given
        again. Content never makes it fail: parsing comes later.

        Raises:
            StoreUnreachable: nothing of the batch was stored; give it again.
        """
        ...

    async def position(self, source: str) -> int:
        """Return the highest position stored from ``source``, 0 when none."""
        ...

    async def latest(self, prefix: str) -> tuple[str, datetime] | None:
        """Return the source of the last message stored from one that begins so.

        Returns:
            the source and when that message was received; None when there is none.
        """
        ...

    async def alone(self, place: str, work: Callable[[], Awaitable[None]]) -> None:
        """Do the work while no other process does what is done at this place.

        Waits until nobody does. What the work raises is raised, alone or in a group.

        Raises:
            StoreUnreachable: nobody knows any more who does it; the work was ended.
        """
        ...


class Channel(Protocol):
    """A way in. Knows no assistance, no status, no other channel.

    A class that names it as its base has the last three for a service where nothing
    lies, nobody quotes and nothing stays open.
    """

    @property
    def name(self) -> str:
        """Give its name: ``email``, ``telegram``."""
        ...

    async def run(self, sink: Sink) -> None:
        """Receive until cancelled.

        Gives every message to the sink, and acknowledges to its service only
        after the sink has returned. Any exception means: start me again; only a
        ``PermanentFailure`` means that it would be of no use before somebody has
        changed something.
        """
        ...

    def parse(self, raw: RawMessage) -> Inbound | Unparseable:
        """Say what the octets mean. Total: any octets give one of the two."""
        ...

    async def fetch(self, inbound: Inbound) -> Inbound:
        """Return the message with the octets of what lies with the service.

        A file that cannot be had (too large, gone) becomes a ``RejectedFile``.

        Raises:
            TemporaryFailure: may be tried again.
        """
        return inbound

    def separate(self, inbound: Inbound, sent: Sequence[str]) -> Reply:  # noqa: ARG002
        """Tell the new text from the quoted; ``sent`` are texts we sent before."""
        return Reply(inbound.text)

    async def aclose(self) -> None:
        """Let go of connections; may be called twice."""
        return  # a body, so that this is what a class has without one of its own


@runtime_checkable
class Listens(Protocol):
    """A channel that knows when its service last answered; not every one does."""

    @property
    def heard_at(self) -> datetime | None:
        """Return when; None: not yet, or another process listens there."""
        ...


class Letterbox(Channel, Protocol):
    """A channel of letters: each stands alone and is the same for every attempt."""

    def compose(self, outbound: Outbound) -> Envelope:
        """Give the wire form; the same octets for the same input."""
        ...

    async def send(self, envelope: Envelope) -> Receipt:
        """Deliver to the service.

        Raises:
            TemporaryFailure: may be tried again.
            PermanentFailure: must not be tried again.
        """
        ...


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is the matter with work that goes on all the same.

    Attributes:
        since_at: when it began.
        error: one line, without secret or address.
    """

    since_at: datetime
    error: str


@dataclass(frozen=True, slots=True)
class Rate:
    """How often something may be done: one each ``every``, after some at once.

    In no stretch of time ``t`` is it done more than ``burst + t / every`` times. What
    was done is remembered as one instant, ``free_at``: when it may be done again.

    Attributes:
        every: between two, positive.
        burst: how many at once after a rest, 1 or more.

    Source: the generic cell rate algorithm, ITU-T I.371 §A.
    """

    every: timedelta
    burst: int = 1

    def room(self, free_at: datetime | None, now: datetime) -> int:
        """Return how many may be done now; None: nothing was done lately."""
        if free_at is None:
            return self.burst
        if free_at > now:
            return 0
        return min((now - free_at) // self.every + 1, self.burst)

    def after(self, free_at: datetime | None, now: datetime, count: int) -> datetime:
        """Return when it may be done again, ``count`` being done now.

        More than there is room for may be done: what follows waits the longer.
        """
        rested = now - self.every * (self.burst - 1)
        return max(free_at or rested, rested) + self.every * count


@dataclass(frozen=True, slots=True)
class ChatLimits:
    """What a service of talks bears.

    Attributes:
        overall: how fast it may be written to, all chats together. Answers to
            presses count, but never wait.
        largest_file: octets it takes in one file.
    """

    overall: Rate
    largest_file: int


class Chat(Channel, Protocol):
    """A channel of talks: what was said can be changed, and buttons answer."""

    @property
    def limits(self) -> ChatLimits:
        """Say what the service bears."""
        ...

    def rate(self, chat: str) -> Rate:  # noqa: ARG002
        """Return how fast one chat may be written to; all of them by default."""
        return self.limits.overall

    async def post(self, post: Post) -> Posted:
        """Do one act in a chat.

        What is so already (a message that says this, a press too old to answer, a
        message that is gone and was to go) is silent success. Text the service
        cannot read as marked is sent as plain text.

        Raises:
            TemporaryFailure: was not done and may be tried again; ``retry_after``
                when the service asks for a pause.
            Unanswered: nobody knows whether it was done.
            ChatMoved: the chat has another name now.
            Unreachable: the person does not want to be written to.
            PermanentFailure: must not be tried again.
        """
        ...

    def link(self, payload: str) -> str:  # noqa: ARG002
        """Return the address that opens a talk with us and brings the payload.

        Empty while the service has not told our name yet, and where an address leads
        nobody, as by default.

        Args:
            payload: 1 to 64 of ``A-Za-z0-9_-``; possibly empty.
        """
        return ""


class Blobs(Protocol):
    """Files, named by their content."""

    def put(self, content: bytes) -> BlobId:
        """Store durably; the same content twice is one file.

        Blocking: call it from a worker thread or inside a unit of work.
        """
        ...

    def adopt(self, file: Path, blob: BlobId | None = None) -> BlobId:
        """Store what stands in a file of this machine; the file itself is then gone.

        Its content is never in memory as a whole, whatever its size. Nobody may
        write to the file meanwhile. Blocking, as ``put``.

        Args:
            file: anywhere on this machine.
            blob: its SHA-256, when the caller knows it already.

        Raises:
            NotFound: there is no such file.
            StoreUnreachable: nothing was stored; the file is where it was.
        """
        ...

    def read(self, blob: BlobId) -> bytes:
        """Return the whole content.

        Raises:
            NotFound: no such file.
        """
        ...

    def stream(self, blob: BlobId, start: int = 0) -> AsyncGenerator[bytes, None]:
        """Yield the content in chunks of at most 64 KiB.

        Args:
            blob: which file.
            start: octets that are passed over.

        Raises:
            NotFound: no such file.
        """
        ...

    def delete(self, blob: BlobId) -> None:
        """Forget the file; unknown ones are silent success. Blocking, as what follows.

        Raises:
            StoreUnreachable: nobody knows whether it is gone; also from all others.
        """
        ...

    def older(
        self, than: datetime, among: Iterable[BlobId] | None = None
    ) -> list[BlobId]:
        """Return the files that were stored last before an instant.

        Args:
            than: storing the same content again counts, an hour after the first time.
            among: these alone; all there are by default.
        """
        ...

    def size(self, blob: BlobId) -> int | None:
        """Return how many octets a file has, None when there is none."""
        ...

    def is_whole(self, blob: BlobId) -> bool:
        """Whether the file is there and holds what its name says; reads all of it."""
        ...

    def tidy(self, before: datetime) -> int:
        """Remove what crashed writers left behind; return how many files.

        Args:
            before: only what is older, a day say: a running writer's looks the same.
        """
        ...


@dataclass(frozen=True, slots=True)
class Scan:
    """What a virus scanner says of one file.

    Attributes:
        found: name of what it found; empty: nothing.
        is_checked: whether it could look at all of it.
    """

    found: str = ""
    is_checked: bool = True


class Scanner(Protocol):
    """Looks for viruses."""

    async def scan(self, chunks: AsyncIterable[bytes]) -> Scan:
        """Look at one file, given in pieces of any size.

        Never raises on the scanner's account: one that is away, too slow or
        overfed says ``is_checked=False``.
        """
        ...

    def may_pass(self, scan: Scan) -> bool:
        """Whether a file may be kept, as the administrator decided."""
        ...


class Unscanned:
    """No scanner: everything passes, and nothing is said to be checked."""

    async def scan(self, chunks: AsyncIterable[bytes]) -> Scan:  # noqa: ARG002
        """Look at nothing."""
        return Scan()

    def may_pass(self, scan: Scan) -> bool:
        """Let everything pass."""
        return not scan.found


class Bell(Protocol):
    """Rings after a commit, so that workers and open pages look at once."""

    def ring(self, topics: Iterable[str]) -> None:
        """Wake whoever waits for one of the topics. Callable from any thread."""
        ...

    async def wait(self, topic: str, until: datetime) -> None:
        """Return when the topic rang since the last wait, or at ``until``."""
        ...


class Meter(Protocol):
    """Where workers count what they do.

    The names and their labels are those of ``azbot.channels.web.metrics``; a label
    never holds a person, an address or a reference.
    """

    def count(self, name: str, by: float = 1, **labels: str) -> None:
        """Add to a counter.

        Raises:
            KeyError: no counter has this name.
            ValueError: its labels are others.
        """
        ...

    def observe(self, name: str, seconds: float, **labels: str) -> None:
        """Add one duration; errors as ``count``."""
        ...


class Unmeasured:
    """A meter that forgets: for workers whose numbers nobody reads."""

    def count(self, name: str, by: float = 1, **labels: str) -> None:
        """Count nothing."""

    def observe(self, name: str, seconds: float, **labels: str) -> None:
        """Note nothing."""
