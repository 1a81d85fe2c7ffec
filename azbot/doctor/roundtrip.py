"""One letter from the desk to itself: sent, found again, read as any other, removed.

It is the only thing azbot doctor sends to anybody, and it goes nowhere else. Whoever
runs this probe says so first.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parsedate_to_datetime

from azbot.channels.email.channel import parse_settings
from azbot.channels.email.headers import plain
from azbot.channels.email.imaplink import Fetched, Folder, ImapFailure, ImapLink
from azbot.channels.email.imapwire import wire_name
from azbot.channels.email.mime import Limits, read_message
from azbot.channels.email.parse import parse
from azbot.channels.email.sender import GMAIL, read_verdict
from azbot.channels.email.settings import EmailSettings, ImapSettings
from azbot.channels.email.smtp import SmtpSender
from azbot.doctor.finding import Finding, Note, Repair, failure, ok, skipped, warning
from azbot.doctor.providers import provider_of
from azbot.doctor.servers import PAGE, lines
from azbot.errors import PermanentFailure, TemporaryFailure
from azbot.messages import Envelope, Inbound, RawMessage
from azbot.ports import Clock

QUICK = timedelta(seconds=15)
"""How long a letter is waited for beside the other probes."""
PATIENT = timedelta(seconds=60)
"""How long when it is asked for by name; grey lists take longer on the first day."""

_LOOK_AGAIN = timedelta(milliseconds=500)
_JUNK = frozenset(
    {"junk", "spam", "junk email", "junk e-mail", "bulk", "bulk mail", "pourriel"}
)
_LARGEST = 200_000
_LIMITS = Limits(20, 20)
_SUBJECT = "azbot doctor"
_MOST_LEFT = 5
_AHEAD = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class _Letter:
    """What was sent.

    Attributes:
        token: stands in its address and its subject, and nowhere else is it known.
        address: where it goes.
    """

    token: str
    address: str
    content: bytes


@dataclass(frozen=True, slots=True)
class _Found:
    """Where the letter lay."""

    folder: Folder | None
    fetched: Fetched
    at: datetime


class RoundTripProbe:
    """Sends the letter and waits for it. Announce it before ``check``.

    Args:
        email: ``[email]`` with both servers.
        imap_password: of the mailbox.
        smtp_password: of the account mail leaves by.
        clock: dates the letter.
        wait_for: how long at most; the letter may come later.
    """

    name = "roundtrip"

    def __init__(
        self,
        email: EmailSettings,
        imap_password: str,
        smtp_password: str,
        clock: Clock,
        wait_for: timedelta = QUICK,
    ) -> None:
        self._email = email
        self._imap_password = imap_password
        self._smtp_password = smtp_password
        self._clock = clock
        self._wait_for = wait_for

    async def check(self) -> Finding:
        """Look, within ``wait_for`` and a few seconds."""
        return Finding(self.name, tuple(await self._notes()))

    async def _notes(self) -> list[Note]:
        until = self._clock.now() + self._wait_for
        try:
            # Whoever cannot read the mailbox does not fill it either.
            async with self._mailbox() as link:
                folders = (None, *self._others(await link.folders()))
                earlier = await self._earlier(link, folders)
                letter = self._letter()
                began = self._clock.now()
                if refusal := await self._sent(letter):
                    return [refusal]
                found = await self._awaited(link, folders, letter, until)
        except (ImapFailure, TimeoutError):
            return [skipped("roundtrip_unread")]
        seconds = {"seconds": f"{(self._clock.now() - began).total_seconds():.0f}"}
        if found is None:
            return [self._lost(**seconds), *earlier]
        notes = self._read(found, letter, began)
        return [ok("roundtrip", **seconds), *earlier, *notes]

    # --- there ---

    def _letter(self) -> _Letter:
        email, token = self._email, secrets.token_hex(6)
        local, _, domain = email.address.rpartition("@")
        address = email.address
        if email.reply_mode == "plus":
            address = f"{local}{email.separator}{token}@{domain}"
        mail = EmailMessage(policy=SMTP)
        mail["From"] = email.address
        mail["To"] = address
        mail["Subject"] = f"{_SUBJECT} {token}"
        mail["Date"] = format_datetime(self._clock.now())
        mail["Message-ID"] = f"<doctor.{token}@{email.id_host}>"
        # No robot answers, and azbot itself knows it at once.
        mail["Auto-Submitted"] = "auto-generated"
        mail["X-Auto-Response-Suppress"] = "All"
        mail["X-Azbot-Loop"] = email.loop_mark
        mail.set_content("azbot doctor: this letter is removed when it is found.\n")
        return _Letter(token, address, mail.as_bytes())

    async def _sent(self, letter: _Letter) -> Note | None:
        """Send the letter; return why that did not work."""
        smtp, email = self._email.smtp, self._email
        if smtp is None:
            return skipped("roundtrip_unsent")
        sender = SmtpSender(smtp, self._smtp_password, self._clock)
        envelope = Envelope(letter.token, email.address, letter.address, letter.content)
        try:
            async with asyncio.timeout(8.0):
                await sender.send(envelope)
        except PermanentFailure as refusal:
            if letter.address != email.address:
                return failure("plus_refused", self._references())
            words = {"words": refusal.reason}
            look = Repair("look_smtp", {}, "azbot doctor --only smtp", "shell", PAGE)
            return failure("roundtrip_refused", look, **words)
        except (TemporaryFailure, TimeoutError):
            # Why is said beside SMTP.
            return skipped("roundtrip_unsent")
        finally:
            await sender.aclose()
        return None

    # --- and back ---

    @asynccontextmanager
    async def _mailbox(self) -> AsyncIterator[ImapLink]:
        if self._email.imap is None:
            raise ImapFailure("connect")
        async with asyncio.timeout(6.0):
            link = await ImapLink.open(self._email.imap, self._imap_password)
        try:
            yield link
        finally:
            await link.aclose()

    async def _earlier(
        self, link: ImapLink, folders: Sequence[Folder | None]
    ) -> list[Note]:
        """Remove letters that came after the visit that sent them; tell of the last."""
        took: list[tuple[datetime, float]] = []
        for folder in folders:
            uids = await self._search(link, folder, _SUBJECT)
            if not uids:
                continue
            for each in await link.fetch(uids[-_MOST_LEFT:], _LARGEST, _LARGEST):
                headers = read_message(each.content or b"", _LIMITS).headers
                # Somebody may write to the desk about azbot doctor.
                marks = [plain(mark) for mark in headers.all("x-azbot-loop")]
                if marks != [self._email.loop_mark]:
                    continue
                with contextlib.suppress(ImapFailure):
                    await link.remove([each.uid])
                sent = _date(headers.all("date"))
                if sent is not None and each.received_at is not None:
                    late = (each.received_at - sent).total_seconds()
                    took.append((sent, max(late, 0)))
        if not took:
            return []
        return [ok("roundtrip_earlier", seconds=f"{max(took)[1]:.0f}")]

    async def _awaited(
        self,
        link: ImapLink,
        folders: Sequence[Folder | None],
        letter: _Letter,
        until: datetime,
    ) -> _Found | None:
        """Look everywhere a letter may end up until it is there or time is over."""
        while True:
            for folder in folders:
                if found := await self._looked(link, folder, letter):
                    return found
            now = self._clock.now()
            if now >= until:
                return None
            await self._clock.sleep_until(now + _LOOK_AGAIN)

    def _others(self, folders: list[Folder]) -> Iterator[Folder]:
        """Yield where mail is put aside: by azbot that runs, or as unwanted."""
        imap = self._email.imap
        for folder in folders:
            last = folder.name.replace("/", ".").rpartition(".")[2].casefold()
            is_ours = imap is not None and _is_processed(folder, imap)
            if is_ours or r"\junk" in folder.flags or last in _JUNK:
                yield folder

    async def _looked(
        self, link: ImapLink, folder: Folder | None, letter: _Letter
    ) -> _Found | None:
        # Some services give a letter another Message-ID; its subject stays.
        uids = await self._search(link, folder, letter.token)
        if not uids:
            return None
        fetched = await link.fetch(uids[:1], _LARGEST, _LARGEST)
        with contextlib.suppress(ImapFailure):
            await link.remove(uids)
        at = self._clock.now()
        return _Found(folder, fetched[0], at) if fetched else None

    async def _search(
        self, link: ImapLink, folder: Folder | None, subject: str
    ) -> list[int]:
        imap = self._email.imap
        here = folder or Folder(wire_name(imap.folder if imap else "INBOX"), "")
        await link.enter(here)
        return await link.search_for("Subject", subject)

    def _read(self, found: _Found, letter: _Letter, began: datetime) -> Iterator[Note]:
        """Say what reading the letter as any other tells."""
        content = found.fetched.content or b""
        raw = RawMessage("email", "doctor", 1, content, found.at, max(len(content), 1))
        inbound = parse(raw, parse_settings(self._email))
        if self._email.reply_mode == "plus":
            reached = inbound.recipients if isinstance(inbound, Inbound) else ()
            if any(letter.token in address.key for address in reached):
                yield ok("token_kept")
            else:
                yield warning("token_lost", self._sub_addresses(), self._references())
        yield from self._verdict(content)
        imap = self._email.imap
        is_aside = found.folder is not None and not (
            imap and _is_processed(found.folder, imap)
        )
        if is_aside or _is_marked(content):
            folder = found.folder.name if found.folder else "INBOX"
            look = Repair("spam", {}, "azbot doctor --only dns", "shell", PAGE)
            yield warning("spam", look, folder=folder)
        received = found.fetched.received_at
        # The mailbox dates letters by its own clock.
        if received and not began - _AHEAD <= received <= found.at + _AHEAD:
            repair = Repair("clock", {}, "timedatectl set-ntp true", "shell")
            yield warning("mailbox_clock", repair)

    def _verdict(self, content: bytes) -> Iterator[Note]:
        """Compare whose verdict on senders is believed with whose the letter carries.

        Ours is the topmost: nobody stood between our receiver and us.
        """
        headers = read_message(content, _LIMITS).headers
        fields = headers.all("authentication-results")
        if not fields:
            return
        verdict = read_verdict(plain(fields[0]))
        if verdict.server == GMAIL:
            wanted = {"receiver": "gmail"}
        elif verdict.server:
            wanted = {"receiver": "authserv-id", "authserv_id": verdict.server}
        else:
            wanted = {"receiver": "m365"}
        email = self._email
        is_named = email.receiver != "authserv-id" or (
            email.authserv_id.casefold() == verdict.server
        )
        if email.receiver == wanted["receiver"] and is_named:
            return
        paste = lines("email", **wanted)
        repair = Repair("receiver", {}, paste, "config", PAGE)
        what = "receiver_unset" if email.receiver == "none" else "receiver_other"
        yield warning(what, repair)

    def _sub_addresses(self) -> Repair:
        imap = self._email.imap
        provider = provider_of(imap.host) if imap else None
        how = f"sub_addresses_{provider.name}" if provider else "sub_addresses"
        return Repair(how, {}, "", "config", provider.page if provider else PAGE)

    def _references(self) -> Repair:
        paste = lines("email", reply_mode="references")
        return Repair("references", {}, paste, "config", PAGE)

    def _lost(self, **seconds: str) -> Note:
        if self._wait_for >= PATIENT:
            look = Repair("spam", {}, "azbot doctor --only dns", "shell", PAGE)
            return failure("roundtrip_lost", look, **seconds)
        paste = "azbot doctor --only roundtrip"
        again = Repair("roundtrip_wait", {}, paste, "shell", PAGE)
        return warning("roundtrip_late", again, **seconds)


def _date(fields: Sequence[bytes]) -> datetime | None:
    try:
        return parsedate_to_datetime(plain(fields[0]))
    except (IndexError, ValueError):
        return None


def _is_processed(folder: Folder, imap: ImapSettings) -> bool:
    """Whether azbot, when it runs, puts what it has read there."""
    return folder.name == wire_name(imap.processed_folder)


def _is_marked(content: bytes) -> bool:
    """Whether a filter called the letter unwanted without putting it aside."""
    head = content.partition(b"\r\n\r\n")[0].lower()
    return b"\nx-spam-flag: yes" in head or b"\nx-spam-status: yes" in head
