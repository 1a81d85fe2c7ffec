"""Reads what happened once for each ring, and tells every open page of it.

One hub for each process. The bell says "look"; what is found stands in the database,
so several processes on one PostgreSQL tell the same, and a lost ring costs at most the
five seconds after which every wait ends.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from itertools import groupby
from typing import NoReturn

from aiohttp import web

from azbot.channels.web.live.colleagues import Places, differences, places, told
from azbot.channels.web.live.marks import LOOK_BACK, Cursor, Mark, read_mark
from azbot.channels.web.live.streams import Stream, frame
from azbot.channels.web.problems import HttpProblem
from azbot.choices.change import VERSION
from azbot.messages import PersonId
from azbot.ports import Bell, Clock
from azbot.store.live_views import NewLine
from azbot.store.signals import Topic
from azbot.store.views import Views
from azbot.workflow.events import EVENTS
from azbot.workflow.model import AssistanceRef, Role

BEAT_EVERY = timedelta(seconds=15)
"""How often a silent stream says that it lives, and its session is looked at."""

MOST_STREAMS = 20
"""Of one person in one process; browsers need one each."""

MOST_REPLAYED = 1000
"""Who missed more is quicker in reading the page anew."""

_LOOK_EVERY = timedelta(seconds=5)
_BATCH = 500
_SETTLES_AFTER = timedelta(minutes=2)
"""No transaction of ours lives so long: a statement has 60 s, a lock 5 s."""


class Hub:
    """Feeds the open pages of one process.

    Args:
        views: where it reads.
        bell: wakes it.
        clock: for heartbeats and for what ends by itself.
        outages: says which services do not answer now.
    """

    def __init__(
        self,
        views: Views,
        bell: Bell,
        clock: Clock,
        outages: Callable[[], Iterable[str]] = tuple,
    ) -> None:
        self._views = views
        self._bell = bell
        self._clock = clock
        self._outages = outages
        self._out: frozenset[str] = frozenset()
        self._reading = asyncio.Lock()
        self._streams: set[Stream] = set()
        self._followers: dict[AssistanceRef, set[Stream]] = {}
        self._mark = Mark(Cursor(), Cursor())
        self._marks: deque[tuple[datetime, Mark]] = deque()
        self._choices: str | None = None
        self._places: Places = {}
        self._presence_changes_at: datetime | None = None
        self._is_closing = False
        self._is_watched = asyncio.Event()

    @property
    def streams(self) -> int:
        """How many pages are fed now."""
        return sum(stream.is_open for stream in self._everybody)

    @property
    def _everybody(self) -> set[Stream]:
        return self._streams.union(*self._followers.values())

    async def mark(self) -> Mark:
        """Return how far whoever reads now has read.

        A page asks before it reads anything else and hands it to its script: what
        happens between the reading and the first connection is then told.
        """
        newest = await self._views.newest_numbers(LOOK_BACK)
        return Mark(*(Cursor.behind(numbers) for numbers in newest))

    async def run(self) -> NoReturn:
        """Feed until cancelled; see ``supervise`` for what happens to failures."""
        async with asyncio.TaskGroup() as group:
            for topic in ("events", "signals", "settings"):
                group.create_task(self._follow(topic, self._look))
            group.create_task(self._follow("presence", self._look_around))
            group.create_task(self._keep_beating())
        raise AssertionError("its loops never end")

    @asynccontextmanager
    async def joined(
        self,
        session: str,
        person: PersonId,
        after: str | None,
        is_cut: Callable[[], bool] = lambda: False,
    ) -> AsyncIterator[Stream]:
        """Feed one more page while inside.

        Args:
            session: hash of its session.
            person: whose it is.
            after: the mark it stopped at; None: it knows the present.
            is_cut: tells when nobody reads any more.

        Raises:
            HttpProblem: 429, too many are open; 503, azbot is about to end.
            StoreUnreachable: nothing can be read.
        """
        stream = Stream(session, person, is_cut)
        async with self._reading:
            self._drop_cut()
            self._require_room(person)
            await self._catch_up()
            await self._read_presence()
            for each in await self._greeting(person, after):
                stream.push(each, self._reset())
            self._streams.add(stream)
            self._is_watched.set()
        # Its loop does not know yet when the next presence ends.
        self._bell.ring(["presence"])
        try:
            yield stream
        finally:
            self._forget({stream})

    @asynccontextmanager
    async def followed(
        self,
        ref: AssistanceRef,
        person: PersonId,
        is_cut: Callable[[], bool] = lambda: False,
    ) -> AsyncIterator[Stream]:
        """Tell one page of a visitor, while inside, that its assistance changed.

        It is told when to look, never what happened: what it may see is decided
        where it looks. Nothing of the desk's own side makes it look.

        Raises:
            HttpProblem: 429, too many are open; 503, azbot is about to end.
            StoreUnreachable: nothing can be read.
        """
        stream = Stream("", person, is_cut)
        async with self._reading:
            self._drop_cut()
            self._require_room(person)
            await self._catch_up()
            stream.push(b"retry: 2000\n\n" + frame("hello", {}), b"")
            self._followers.setdefault(ref, set()).add(stream)
            self._is_watched.set()
        try:
            yield stream
        finally:
            self._forget({stream})

    def close(self) -> None:
        """End every stream, so that pages connect to another process at once."""
        self._is_closing = True
        for stream in self._everybody:
            stream.end(frame("bye", {}))

    async def beat(self) -> None:
        """Say that every stream lives; end those whose session is over.

        Raises:
            StoreUnreachable: the sessions cannot be looked at.
        """
        self._drop_cut()
        # An event, not a comment: scripts cannot hear comments, and a connection
        # that died without a word is known by its silence alone.
        self._tell(frame("beat", {}))
        out = frozenset(self._outages())
        if out != self._out:
            self._out = out
            self._tell(frame("outage", {"out": sorted(out)}))
        for stream in self._everybody - self._streams:
            stream.push(frame("beat", {}), b"")
        hashes = {stream.session for stream in self._streams}
        still_open = await self._views.open_sessions(hashes, self._clock.now())
        for stream in self._streams:
            if stream.session not in still_open:
                stream.end()

    def _drop_cut(self) -> None:
        """Forget whoever is gone, and let what writes to them end."""
        gone = {each for each in self._everybody if not each.is_open}
        for stream in gone:
            stream.end()
        self._forget(gone)

    def _forget(self, streams: set[Stream]) -> None:
        self._streams -= streams
        for ref in list(self._followers):
            self._followers[ref] -= streams
            if not self._followers[ref]:
                del self._followers[ref]
        if not self._is_anybody:
            self._is_watched.clear()

    @property
    def _is_anybody(self) -> bool:
        return bool(self._streams or self._followers)

    # --- loops ---------------------------------------------------------------------

    async def _follow(self, topic: str, look: Callable[[], Awaitable[None]]) -> None:
        while True:
            # While nobody watches there is nothing to do, not even to wake.
            await self._is_watched.wait()
            await look()
            until = self._clock.now() + _LOOK_EVERY
            if topic == "presence" and self._presence_changes_at is not None:
                until = min(until, self._presence_changes_at)
            await self._bell.wait(topic, until)

    async def _keep_beating(self) -> None:
        due = self._clock.now()
        while True:
            if not self._is_watched.is_set():
                await self._is_watched.wait()
                due = self._clock.now()
            # After a sleep of the whole machine one beat is enough.
            due = max(due + BEAT_EVERY, self._clock.now())
            await self._clock.sleep_until(due)
            await self.beat()

    async def _look(self) -> None:
        async with self._reading:
            if self._is_anybody:
                await self._read()

    async def _look_around(self) -> None:
        async with self._reading:
            if self._streams:
                await self._read_presence()

    # --- reading -------------------------------------------------------------------

    def _require_room(self, person: PersonId) -> None:
        if self._is_closing:
            raise HttpProblem(503, "unavailable", headers={"Retry-After": "1"})
        if sum(each.person == person for each in self._everybody) >= MOST_STREAMS:
            facts = {"most": MOST_STREAMS}
            raise HttpProblem(
                429, "too_many_streams", facts, headers={"Retry-After": "15"}
            )

    async def _catch_up(self) -> None:
        """Read what the others are told with this one, or begin with it."""
        if self._is_anybody:
            await self._read()
        else:
            await self._wake()

    async def _wake(self) -> None:
        """Begin at the present: nobody has waited for what happened until now."""
        self._mark = await self.mark()
        self._marks.clear()
        self._choices = await self._views.setting(VERSION)
        self._places = {}

    async def _read(self) -> None:
        """Tell what happened since the last time."""
        await self._read_lines()
        await self._read_signals()
        choices = await self._views.setting(VERSION)
        if choices != self._choices:
            self._choices = choices
            self._tell(frame("settings", {}))
        self._settle()

    async def _read_lines(self) -> None:
        while True:
            seen = self._mark.events
            lines = await self._views.new_lines(seen.last, seen.missing, _BATCH)
            for commit in _commits(lines):
                self._mark = _after_lines(self._mark, commit)
                self._tell(_change(commit, self._mark))
                self._stir(commit)
            if len(lines) < _BATCH:
                return

    async def _read_signals(self) -> None:
        seen = self._mark.signals
        found = await self._views.new_signals(seen.last, seen.missing, MOST_REPLAYED)
        if not found:
            return
        self._mark = _after_signals(self._mark, (each.id for each in found))
        for each in await self._signalled(
            {each.topic for each in found}, {each.ref for each in found}, self._mark
        ):
            self._tell(each)

    async def _signalled(
        self,
        topics: set[Topic],
        refs: set[AssistanceRef | None],
        mark: Mark,
    ) -> list[bytes]:
        """Return what is told of some signals, however many there were of each."""
        frames = [
            frame("outbox", {"ref": ref}, mark) for ref in sorted(filter(None, refs))
        ]
        if Topic.LEDGER in topics:
            held = await self._views.held()
            frames.append(frame("ledger", {"waiting": held}, mark))
        return frames

    async def _read_presence(self) -> None:
        now = self._clock.now()
        tabs = await self._views.present(now)
        self._presence_changes_at = min((tab.changes_at for tab in tabs), default=None)
        before, self._places = self._places, places(tabs)
        changed = differences(before, self._places)
        if changed:
            self._tell(frame("presence", {"whole": False, "refs": told(changed)}))

    def _settle(self) -> None:
        """Give up on numbers that were never used: their transactions are gone."""
        now = self._clock.now()
        self._marks.append((now, self._mark))
        old = None
        while self._marks and now - self._marks[0][0] >= _SETTLES_AFTER:
            _, old = self._marks.popleft()
        if old is not None:
            self._mark = Mark(
                self._mark.events.settled(old.events.last),
                self._mark.signals.settled(old.signals.last),
            )

    # --- telling -------------------------------------------------------------------

    def _stir(self, commit: Sequence[NewLine]) -> None:
        """Let the visitors' pages of an assistance look again."""
        public = [line.id for line in commit if not EVENTS[line.kind].is_internal]
        if not public:
            return
        told = frame("change", {}, public[-1])
        for stream in self._followers.get(commit[-1].ref, ()):
            stream.push(told, told)

    def _tell(self, told_to_all: bytes) -> None:
        reset = self._reset()
        for stream in self._streams:
            stream.push(told_to_all, reset)

    def _reset(self) -> bytes:
        return frame("reset", {"last": str(self._mark)}, self._mark)

    async def _greeting(self, person: PersonId, after: str | None) -> list[bytes]:
        """Return what a page is told first: what it missed, and who is there."""
        asked = self._mark if after is None else read_mark(after, self._mark)
        missed = None if asked is None else await self._missed(asked)
        start = self._mark if asked is None or missed is None else asked
        hello = {
            "now": self._clock.now().isoformat(timespec="milliseconds"),
            "last": str(self._mark),
            "me": person,
        }
        return [
            b"retry: 2000\n\n",
            frame("hello", hello, start),
            *([self._reset()] if missed is None else missed),
            frame("presence", {"whole": True, "refs": told(self._places)}),
        ]

    async def _missed(self, mark: Mark) -> list[bytes] | None:
        """Return what came after a mark and was told to the others; None: too much."""
        ahead = (
            mark.events.last > self._mark.events.last
            or mark.signals.last > self._mark.signals.last
        )
        if ahead:
            # A database that was put back, or a mark nobody gave.
            return None
        limit = MOST_REPLAYED + 1
        events, signals = mark.events, mark.signals
        lines = await self._views.new_lines(events.last, events.missing, limit)
        stirred = await self._views.new_signals(signals.last, signals.missing, limit)
        if len(lines) == limit or len(stirred) == limit:
            return None
        # What others have not been told yet, this page is told with them.
        lines = [line for line in lines if self._mark.events.has(line.id)]
        stirred = [each for each in stirred if self._mark.signals.has(each.id)]
        frames = []
        for commit in _commits(lines):
            mark = _after_lines(mark, commit)
            frames.append(_change(commit, mark))
        if stirred:
            mark = _after_signals(mark, (each.id for each in stirred))
            topics, refs = {e.topic for e in stirred}, {e.ref for e in stirred}
            frames += await self._signalled(topics, refs, mark)
        return frames


def _commits(lines: Sequence[NewLine]) -> list[list[NewLine]]:
    """Divide lines into what was done together, in the order of the last of each.

    Lines of one decision share assistance, instant and author; others may stand
    between them, where two processes commit at a time.
    """

    def together(line: NewLine) -> tuple[object, ...]:
        return line.assistance, line.at, line.person or 0, line.role.value

    ordered = sorted(lines, key=lambda line: (*map(str, together(line)), line.id))
    found = [list(group) for _, group in groupby(ordered, key=together)]
    return sorted(found, key=lambda commit: commit[-1].id)


def _after_lines(mark: Mark, lines: Iterable[NewLine]) -> Mark:
    return Mark(mark.events.with_seen(line.id for line in lines), mark.signals)


def _after_signals(mark: Mark, numbers: Iterable[int]) -> Mark:
    return Mark(mark.events, mark.signals.with_seen(numbers))


def _change(commit: Sequence[NewLine], mark: Mark) -> bytes:
    last = commit[-1]
    data = {
        "ref": last.ref,
        "id": last.assistance,
        "event": last.id,
        "kinds": [line.kind for line in commit],
        "at": last.at.isoformat(timespec="milliseconds"),
        "by": last.person,
        "is_inbound": last.role in {Role.CLIENT, Role.STATION},
        "status": last.after.value,
    }
    return frame("change", data, mark)


LIVE: web.AppKey[Hub] = web.AppKey("azbot.live", Hub)
"""Where an application keeps its hub: pages take their mark from it."""
