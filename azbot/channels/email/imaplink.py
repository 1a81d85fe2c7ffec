"""One IMAP connection, as the receiver needs it: every await has its end.

aioimaplib's traps end here (email.md §10.1): what it does not raise is raised,
what it never returns from is timed out, and after any trouble the connection is
dropped, because its tag table is then out of step.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import ssl
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self, TypeVar

from aioimaplib.aioimaplib import AioImapException, Command, Response

from azbot.channels.email.imapwire import (
    WireProtocol,
    mailbox_name,
    quoted,
    read_internal_date,
    uid_set,
)
from azbot.channels.email.settings import ImapSettings
from azbot.channels.email.tls import client_context
from azbot.errors import TemporaryFailure

_T = TypeVar("_T")

_UIDVALIDITY = re.compile(rb"\[UIDVALIDITY (\d{1,10})\]", re.IGNORECASE)
_CODE = re.compile(rb"\[([A-Z-]{1,30})")
_MESSAGE = re.compile(rb"\d{1,10} FETCH \(", re.IGNORECASE)
_UID = re.compile(rb"\bUID (\d{1,10})\b", re.IGNORECASE)
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d{1,12})\b", re.IGNORECASE)
_DATE = re.compile(rb'\bINTERNALDATE "([^"]{1,40})"', re.IGNORECASE)
_SHORT_BODY = re.compile(rb'BODY\[\](?:<\d+>)? "((?:[^"\\]|\\.)*)"', re.IGNORECASE)
_FOLDER = re.compile(
    rb'\(([^)]{0,300})\) (?:NIL|"[^"]{1,2}") "?([^"\r\n]{1,300}?)"?$', re.IGNORECASE
)
_SLOWEST = 50_000  # octets a second
_REFUSED_FOR = timedelta(minutes=1)


class ImapFailure(TemporaryFailure):
    """The server, or the way to it, failed; connecting again may help.

    Args:
        code: ``connect``, ``tls``, ``login``, ``folder``, ``timeout``, ``lost``,
            ``bye``, ``protocol`` or ``refused``.
        detail: the server's response code or the kind of error, never its words.
        retry_after: when trying again at once would only be refused again.
    """

    def __init__(
        self, code: str, detail: str = "", retry_after: timedelta | None = None
    ) -> None:
        super().__init__(f"imap {code} {detail}".rstrip(), retry_after)
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Folder:
    r"""One folder of an account.

    Attributes:
        name: as the server writes it, in modified UTF-7.
        flags: in small letters; ``\\junk`` marks the one for unwanted mail (RFC 6154).
    """

    name: str
    flags: str


@dataclass(frozen=True, slots=True)
class Fetched:
    """One message as it lies on the server.

    Attributes:
        uid: its number.
        size: RFC822.SIZE, 0 when the server did not say.
        received_at: INTERNALDATE, aware, UTC; None when unreadable.
        content: its octets or the first of them; None when the server gave none.
    """

    uid: int
    size: int
    received_at: datetime | None
    content: bytes | None


class ImapLink:
    """A connection with the folder selected.

    Use ``await ImapLink.open(...)``; afterwards call ``drop`` or ``aclose``.

    Attributes:
        uidvalidity: names this life of the folder.
    """

    def __init__(self, settings: ImapSettings) -> None:
        self._settings = settings
        self._end = ""
        self._scopes: set[asyncio.Timeout] = set()
        self._is_resting = False
        self._has_news = False
        self._protocol = WireProtocol(
            settings.max_message_bytes + 1_000_000, self._news, self._ended
        )
        self.uidvalidity = 0

    @classmethod
    async def open(cls, settings: ImapSettings, password: str) -> Self:
        """Connect, secure, sign in and select the folder.

        Raises:
            ImapFailure: one of them did not work; nothing is left open.
        """
        link = cls(settings)
        try:
            await link._connect()
            await link._login(password)
            await link._select()
        except BaseException:
            link.drop()
            raise
        return link

    # --- what is in the folder ---

    async def search_after(self, uid: int) -> list[int]:
        """Return the UIDs above ``uid``, growing.

        ``n:*`` beyond the end means the last message (RFC 3501 §6.4.8): filtered.
        """
        self._has_news = False
        return await self._search("UID", f"{uid + 1}:*", above=uid)

    async def search_up_to(self, uid: int) -> list[int]:
        """Return the UIDs still there, not above ``uid``, growing."""
        found = await self._search("UID", f"1:{uid}", above=0)
        return [one for one in found if one <= uid]

    async def search_for(self, header: str, value: str) -> list[int]:
        """Return the UIDs of messages one of whose fields holds a text, growing."""
        return await self._search("HEADER", header, quoted(value), above=0)

    async def folders(self) -> list[Folder]:
        """Return every folder of the account, as far as it can be read."""
        response = await self._answer(
            self._protocol.simple_command("LIST", '""', '"*"')
        )
        found = (_FOLDER.match(bytes(line)) for line in response.lines)
        return [
            Folder(each[2].decode("latin-1"), each[1].decode("latin-1").casefold())
            for each in found
            if each is not None
        ]

    async def enter(self, folder: Folder) -> None:
        """Select another folder of ``folders``.

        Raises:
            ImapFailure: ``folder``.
        """
        response = await self._answer(self._protocol.select(quoted(folder.name)))
        if not self._is_ok(response):
            raise ImapFailure("folder", _code(response))

    async def sizes(self, uids: list[int]) -> dict[int, int]:
        """Return RFC822.SIZE by UID; messages that are gone are absent."""
        found = await self._fetch(uids, "(UID RFC822.SIZE)", 0)
        return {one.uid: one.size for one in found}

    async def fetch(
        self, uids: list[int], octets: int, limit: int = 0
    ) -> list[Fetched]:
        """Return messages, without marking them as read.

        Args:
            uids: growing; at most 100.
            octets: how many are expected, for the time allowed.
            limit: fetch only so many octets of each; 0 means all.

        Raises:
            ImapFailure: ``refused`` when the server would not give them.
        """
        part = f"BODY.PEEK[]<0.{limit}>" if limit else "BODY.PEEK[]"
        return await self._fetch(uids, f"(UID RFC822.SIZE INTERNALDATE {part})", octets)

    # --- what is done with messages ---

    async def mark_seen(self, uids: list[int]) -> bool:
        """Set the flag that people see as "read"; tell whether it worked."""
        store = self._protocol.store(
            uid_set(uids), "+FLAGS.SILENT", r"(\Seen)", by_uid=True
        )
        return self._is_ok(await self._answer(store))

    async def remove(self, uids: list[int]) -> None:
        """Delete messages for good, and none that somebody else has marked."""
        which = uid_set(uids)
        store = self._protocol.store(which, "+FLAGS.SILENT", r"(\Deleted)", by_uid=True)
        await self._answer(store)
        if "UIDPLUS" in self._protocol.capabilities:
            await self._answer(self._protocol.expunge(which, by_uid=True))

    async def move(self, uids: list[int], folder: str) -> bool:
        """Move messages, making the folder when needed; tell whether it worked."""
        target = mailbox_name(folder)
        if await self._move_once(uids, target):
            return True
        await self._answer(self._protocol.simple_command("CREATE", target))
        return await self._move_once(uids, target)

    # --- waiting ---

    async def rest(self, until: Callable[[], Awaitable[None]]) -> None:
        """Return when the folder changed or ``until`` is over.

        Waits inside IDLE where the server has it, with a limit of its own; ends
        IDLE before it returns, so that a dead link is noticed.

        Raises:
            ImapFailure: the connection is gone, or IDLE was not ended in time.
        """
        command = await self._begin_idle() if self.has_idle else None
        if not self._has_news:
            self._is_resting = True
            try:
                await self._within(until(), self._settings.idle_minutes * 60)
            except ImapFailure as failure:
                if failure.code != "timeout":
                    raise
            finally:
                self._is_resting = False
        if command is None:
            await self._answer(self._protocol.simple_command("NOOP"))
            return
        self._protocol.idle_done()
        await self._or_drop(command.wait(), self._settings.done_seconds)

    @property
    def has_news(self) -> bool:
        """Whether the folder changed since the last ``search_after`` began."""
        return self._has_news

    @property
    def has_idle(self) -> bool:
        """Whether the server can announce news by itself."""
        return "IDLE" in self._protocol.capabilities

    # --- the end ---

    def drop(self) -> None:
        """Close at once; whoever waits on this connection fails."""
        self._protocol.cut("lost")

    async def aclose(self) -> None:
        """Say goodbye when that is quick, then close."""
        if not self._end and not self._protocol.has_pending_idle_command():
            with contextlib.suppress(ImapFailure, AioImapException):
                await self._within(self._protocol.logout(), 2.0)
        self.drop()

    # --- opening ---

    async def _connect(self) -> None:
        settings = self._settings
        loop = asyncio.get_running_loop()
        try:
            context = self._context()
            direct = context if settings.security == "tls" else None
            await self._within(
                loop.create_connection(
                    lambda: self._protocol, settings.host, settings.port, ssl=direct
                ),
                settings.connect_seconds,
            )
        except ssl.SSLError as error:
            raise ImapFailure("tls", type(error).__name__) from error
        except OSError as error:
            raise ImapFailure("connect", type(error).__name__) from error
        await self._or_drop(
            self._protocol.wait("AUTH|NONAUTH"), settings.connect_seconds
        )
        if settings.security == "starttls" and context is not None:
            await self._start_tls(context)

    def _context(self) -> ssl.SSLContext | None:
        settings = self._settings
        if settings.security == "none":
            return None
        return client_context(settings.ca_file, verify=settings.verify)

    async def _start_tls(self, context: ssl.SSLContext) -> None:
        """Secure the connection; what was said before no longer counts (RFC 2595)."""
        protocol, seconds = self._protocol, self._settings.connect_seconds
        command = Command("STARTTLS", protocol.new_tag(), loop=protocol.loop)
        response = await self._or_drop(protocol.execute(command), seconds)
        if not self._is_ok(response) or protocol.has_rest:
            raise ImapFailure("tls", "starttls_refused")
        try:
            protocol.transport = await self._within(
                asyncio.get_running_loop().start_tls(
                    protocol.transport,
                    protocol,
                    context,
                    server_hostname=self._settings.host,
                ),
                seconds,
            )
        except OSError as error:
            raise ImapFailure("tls", type(error).__name__) from error
        await self._or_drop(protocol.capability(), seconds)

    async def _login(self, password: str) -> None:
        protocol, seconds = self._protocol, self._settings.connect_seconds
        if protocol.state == "NONAUTH":
            if "LOGINDISABLED" in protocol.capabilities:
                raise ImapFailure("login", "LOGINDISABLED", _REFUSED_FOR)
            user = quoted(self._settings.user)
            response = await self._or_drop(protocol.login(user, password), seconds)
            if not self._is_ok(response):
                raise ImapFailure("login", _code(response), _REFUSED_FOR)
        await self._or_drop(protocol.capability(), seconds)

    async def _select(self) -> None:
        name = mailbox_name(self._settings.folder)
        response = await self._answer(self._protocol.select(name))
        if not self._is_ok(response):
            raise ImapFailure("folder", _code(response), _REFUSED_FOR)
        for line in response.lines:
            if found := _UIDVALIDITY.search(bytes(line)):
                self.uidvalidity = int(found[1])
        if not self.uidvalidity:
            raise ImapFailure("protocol", "no UIDVALIDITY")

    # --- commands ---

    async def _search(self, *criteria: str, above: int) -> list[int]:
        search = self._protocol.search(*criteria, charset=None, by_uid=True)
        response = await self._answer(search)
        if not self._is_ok(response):
            raise ImapFailure("protocol", f"SEARCH {_code(response)}".rstrip())
        words = b" ".join(bytes(line) for line in response.lines[:-1]).split()
        found = {int(word) for word in words if word.isdigit()}
        return sorted(uid for uid in found if uid > above)

    async def _fetch(self, uids: list[int], parts: str, octets: int) -> list[Fetched]:
        fetch = self._protocol.fetch(uid_set(uids), parts, by_uid=True)
        seconds = self._settings.command_seconds + octets / _SLOWEST
        response = await self._or_drop(fetch, seconds)
        if not self._is_ok(response):
            raise ImapFailure("refused", _code(response))
        wanted = set(uids)
        found = {one.uid: one for one in _messages(response) if one.uid in wanted}
        return [found[uid] for uid in sorted(found)]

    async def _move_once(self, uids: list[int], target: str) -> bool:
        protocol, which = self._protocol, uid_set(uids)
        if "MOVE" in protocol.capabilities:
            return self._is_ok(
                await self._answer(protocol.move(which, target, by_uid=True))
            )
        copied = await self._answer(protocol.copy(which, target, by_uid=True))
        if not self._is_ok(copied):
            return False
        store = protocol.store(which, "+FLAGS.SILENT", r"(\Deleted)", by_uid=True)
        response = await self._answer(store)
        if "UIDPLUS" in protocol.capabilities:
            # a plain EXPUNGE would also remove what people have marked
            await self._answer(protocol.expunge(which, by_uid=True))
        return self._is_ok(response)

    async def _begin_idle(self) -> Command | None:
        """Enter IDLE; None when the server will not."""
        command = self._protocol.begin_idle()
        await self._or_drop(self._protocol.answered.wait(), self._settings.done_seconds)
        return command if self._protocol.has_pending_idle_command() else None

    # --- limits ---

    async def _answer(self, command: Coroutine[Any, Any, Response]) -> Response:
        return await self._or_drop(command, self._settings.command_seconds)

    async def _or_drop(self, awaitable: Awaitable[_T], seconds: float) -> _T:
        """Await something of the server; after any trouble the link is dropped."""
        try:
            return await self._within(awaitable, seconds)
        except AioImapException as error:
            raise ImapFailure("protocol", type(error).__name__) from error
        except BaseException:
            self.drop()
            raise

    async def _within(self, awaitable: Awaitable[_T], seconds: float) -> _T:
        """Await something, at most so long, and no longer than the connection.

        Raises:
            ImapFailure: ``timeout``, or why the connection ended.
        """
        if self._end:
            _never_awaited(awaitable)
            raise ImapFailure(self._end)
        scope = asyncio.timeout(seconds)
        try:
            async with scope:
                self._scopes.add(scope)
                return await awaitable
        except TimeoutError as error:
            raise ImapFailure(self._why()) from error
        finally:
            self._scopes.discard(scope)

    def _why(self) -> str:
        """Say why an await ended before its answer came."""
        return self._end or "timeout"

    def _news(self) -> None:
        self._has_news = True
        if self._is_resting:
            self._interrupt()

    def _ended(self, reason: str) -> None:
        self._end = self._end or reason
        self._interrupt()

    def _interrupt(self) -> None:
        """Let every present await end now: nothing else will end it."""
        for scope in self._scopes:
            if not scope.expired():
                scope.reschedule(0)

    @staticmethod
    def _is_ok(response: Response) -> bool:
        return bool(response.result == "OK")


def _never_awaited(awaitable: Awaitable[object]) -> None:
    """Close a coroutine that will not be awaited."""
    if isinstance(awaitable, Coroutine):
        awaitable.close()


def _code(response: Response) -> str:
    """Return the response code, such as ``AUTHENTICATIONFAILED``: never the words."""
    found = _CODE.search(bytes(response.lines[-1])) if response.lines else None
    return found[1].decode("ascii") if found else ""


def _messages(response: Response) -> list[Fetched]:
    """Put lines and literals of a FETCH answer together, message by message."""
    found: list[Fetched] = []
    text, literal = b"", None
    for line in [*response.lines[:-1], b"0 FETCH ("]:
        if isinstance(line, bytearray):
            literal = bytes(line)
        elif _MESSAGE.match(line):
            if one := _message(text, literal):
                found.append(one)
            text, literal = line, None
        else:
            text += b" " + line
    return found


def _message(text: bytes, literal: bytes | None) -> Fetched | None:
    """Read one message's attributes; None for news about another."""
    uid, size, date = _UID.search(text), _SIZE.search(text), _DATE.search(text)
    if uid is None or (size is None and date is None and literal is None):
        return None
    if literal is None and (short := _SHORT_BODY.search(text)):
        literal = re.sub(rb"\\(.)", rb"\1", short[1])
    return Fetched(
        uid=int(uid[1]),
        size=int(size[1]) if size else len(literal or b""),
        received_at=read_internal_date(date[1].decode("latin-1")) if date else None,
        content=literal,
    )
