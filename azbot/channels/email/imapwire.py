"""The octets of one IMAP connection: lines and literals in, news noticed.

aioimaplib knows commands, tags and states; reading is done here, because its own
reader recurses once per line and dies of a long answer, drops news that arrive
with other answers, and formats every octet for a log nobody reads
(email.md §10.1, traps 1, 2 and 4).
"""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

from aioimaplib.aioimaplib import (
    CONNECTED,
    AioImapException,
    Command,
    IdleCommand,
    IMAP4ClientProtocol,
)
from typing_extensions import override

_LONGEST_LINE = 32_000_000  # the answer to SEARCH in a mailbox of four million
_HEAD = 24  # where number and name of an answer stand
_LITERAL = re.compile(rb"\{(\d{1,12})\}$")
_EXISTS = re.compile(rb"\* (\d{1,10}) EXISTS", re.IGNORECASE)
_EXPUNGE = re.compile(rb"\* \d{1,10} EXPUNGE", re.IGNORECASE)
_BYE = re.compile(rb"\* BYE\b", re.IGNORECASE)
_TAGGED = re.compile(rb"[A-Z0-9]+ (?:OK|NO|BAD)\b")
_INTERNALDATE = re.compile(
    r" ?(\d{1,2})-([A-Za-z]{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)"
)
_MONTHS = "janfebmaraprmayjunjulaugsepoctnovdec"


class WireProtocol(IMAP4ClientProtocol):  # type: ignore[misc]  # it ships no types
    """aioimaplib's state machine behind a reader that neither recurses nor forgets.

    Args:
        largest_literal: a longer one is not believed: the connection is cut.
        on_news: called when the mailbox holds another number of messages.
        on_end: called once, with the reason, when nothing more will come.

    Attributes:
        exists: how many messages the mailbox holds, as last announced.
        answered: set by a continuation or a tagged answer.
    """

    def __init__(
        self,
        largest_literal: int,
        on_news: Callable[[], None],
        on_end: Callable[[str], None],
    ) -> None:
        super().__init__(asyncio.get_running_loop())
        self.exists = 0
        self.answered = asyncio.Event()
        self._largest_literal = largest_literal
        self._on_news = on_news
        self._on_end = on_end
        self._buffer = bytearray()
        self._searched = 0
        self._literal: int | None = None
        self._current: Command | None = None

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        """Tell whoever waits."""
        self._on_end("lost")

    @override
    def data_received(self, d: bytes) -> None:
        """Handle every whole line and literal, keep the rest."""
        self._buffer += d
        start = 0
        while (end := self._take(start)) is not None:
            start = end
        self._searched = max(0, self._searched - start)
        del self._buffer[:start]
        if self._literal is None and len(self._buffer) > _LONGEST_LINE:
            self.cut("line_too_long")

    @property
    def has_rest(self) -> bool:
        """Whether octets wait for the end of their line."""
        return bool(self._buffer) or self._current is not None

    def cut(self, reason: str) -> None:
        """End the connection from our side, at once."""
        self._on_end(reason)
        for task in self.tasks:
            task.cancel()
        if self.transport is not None:
            self.transport.abort()

    @override
    async def welcome(self, command: bytes) -> None:
        """Read the greeting; a refused one ends the wait for it."""
        try:
            await super().welcome(command)
        except (AioImapException, IndexError, UnicodeDecodeError):
            self.cut("refused")

    def begin_idle(self) -> Command:
        """Send IDLE; ``answered`` tells when the server has said yes or no."""
        command = IdleCommand(self.new_tag(), self.idle_queue, loop=self.loop)
        self.answered.clear()
        self.pending_sync_command = command
        self.send(str(command))
        return command

    def _take(self, start: int) -> int | None:
        """Handle what begins at ``start``; return where the next thing begins."""
        if self._literal is not None:
            end = start + self._literal
            if len(self._buffer) < end:
                return None
            if self._current is not None:
                self._current.append_to_resp(self._buffer[start:end])
            self._literal = None
            return end
        end = self._buffer.find(b"\r\n", max(start, self._searched))
        if end < 0:
            self._searched = max(start, len(self._buffer) - 1)
            return None
        self._handle(bytes(self._buffer[start:end]))
        return end + 2

    def _handle(self, line: bytes) -> None:
        """Give one line to the state machine; see what it announces."""
        if self._current is None:
            if self.state != CONNECTED and not line[:_HEAD].isascii():
                return  # no answer begins so; the library would choke on it
            self._notice(line)
        command = self._handle_line(line, self._current)
        found = _LITERAL.search(line)
        if found is not None:
            self._literal = int(found[1])
            # an answer nobody asked for still has to be read to its end
            self._current = command or Command("NIL", "unused", loop=self.loop)
            if self._literal > self._largest_literal:
                self.cut("literal_too_long")
        elif command is not None and command.wait_data():
            self._current = command
        else:
            self._current = None

    def _notice(self, line: bytes) -> None:
        """See news whatever command they come with."""
        if self.state != CONNECTED and (line.startswith(b"+") or _TAGGED.match(line)):
            self.answered.set()
        elif found := _EXISTS.match(line):
            if int(found[1]) != self.exists:
                self.exists = int(found[1])
                self._on_news()
        elif _EXPUNGE.match(line):
            self.exists -= 1
        elif _BYE.match(line) and self.state != "LOGOUT":
            self._on_end("bye")


def quoted(text: str) -> str:
    """Quote a string for a command line (RFC 3501 §9).

    Raises:
        ValueError: it holds CR, LF or NUL.
    """
    if any(char in text for char in "\r\n\0"):
        raise ValueError("CR, LF and NUL cannot be quoted")
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def mailbox_name(name: str) -> str:
    """Write a folder's name as servers know it, quoted."""
    return quoted(wire_name(name))


def wire_name(name: str) -> str:
    """Write a folder's name as servers know it.

    Raises:
        ValueError: it cannot be one.

    Source: RFC 3501 §5.1.3 (modified UTF-7).
    """
    pieces: list[str] = []
    for run in re.findall(r"[ -~]+|[^ -~]+", name):
        if run.isascii() and run.isprintable():
            pieces.append(run.replace("&", "&-"))
        else:
            code = base64.b64encode(run.encode("utf-16-be")).decode("ascii")
            pieces.append(f"&{code.rstrip('=').replace('/', ',')}-")
    if any(char in name for char in "\r\n\0"):
        raise ValueError("not a folder name")
    return "".join(pieces)


def uid_set(uids: list[int]) -> str:
    """Write numbers in growing order as ranges: ``4:7,9``."""
    runs: list[list[int]] = []
    for uid in uids:
        if runs and uid == runs[-1][1] + 1:
            runs[-1][1] = uid
        else:
            runs.append([uid, uid])
    return ",".join(str(a) if a == b else f"{a}:{b}" for a, b in runs)


def read_internal_date(text: str) -> datetime | None:
    """Read ``25-Mar-2026 12:00:00 +0100``; None when it is no date.

    Returns:
        The instant, aware, UTC.

    Source: RFC 3501 §9, ``date-time``.
    """
    found = _INTERNALDATE.fullmatch(text)
    place = -1 if found is None else _MONTHS.find(found[2].lower())
    if found is None or place % 3:
        return None
    sign = -1 if found[7] == "-" else 1
    zone = timezone(sign * timedelta(hours=int(found[8]) % 24, minutes=int(found[9])))
    month = place // 3 + 1
    day, year, hour, minute, second = (int(found[n]) for n in (1, 3, 4, 5, 6))
    try:
        local = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=zone)
        return local.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
