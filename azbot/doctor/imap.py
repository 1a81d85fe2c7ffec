"""The mailbox that is read: name, port, TLS, login, folder, announced news."""

from __future__ import annotations

import asyncio
from pathlib import Path

from azbot.channels.email.imaplink import ImapFailure, ImapLink
from azbot.channels.email.settings import ImapSettings
from azbot.doctor.finding import Finding, Note, Repair, failure, ok, warning
from azbot.doctor.reaching import fault_of
from azbot.doctor.servers import (
    PAGE,
    Ways,
    fault_notes,
    in_clear,
    lines,
    login_repairs,
    place,
    security,
)

USUAL: Ways = ((993, "tls"), (143, "starttls"))
SECTION = "email.imap"

_PATIENCE = 5.5
"""Seconds; four more are left to look at what did not answer."""
_SLOW_POLL = 30.0
"""Without IDLE a mail waits so long at most before somebody is disturbed by it."""


class ImapProbe:
    """Connects, signs in, selects the folder, and looks whether news are announced.

    Args:
        settings: ``[email.imap]``.
        password: of ``settings.user``.
        folder: where files beside the configuration go.
        usual: ports to look at when the one that is set is closed.
        patience: seconds for the server's answers.
    """

    name = "imap"

    def __init__(
        self,
        settings: ImapSettings,
        password: str,
        folder: Path = Path("/etc/azbot"),
        usual: Ways = USUAL,
        patience: float = _PATIENCE,
    ) -> None:
        self._settings = settings
        self._password = password
        self._folder = folder
        self._usual = usual
        self._patience = patience

    async def check(self) -> Finding:
        """Look, within ten seconds."""
        return Finding(self.name, await self._notes())

    async def _notes(self) -> tuple[Note, ...]:
        settings = self._settings
        try:
            async with asyncio.timeout(self._patience):
                link = await ImapLink.open(settings, self._password)
                has_idle = link.has_idle
                await link.aclose()
        except (TimeoutError, ImapFailure) as error:
            return await self._failed(error)
        notes = [ok(f"server_{settings.security}", **place(settings))]
        if note := in_clear(SECTION, settings):
            notes.append(note)
        return (*notes, self._announced(has_idle=has_idle))

    def _announced(self, *, has_idle: bool) -> Note:
        seconds = f"{self._settings.poll_seconds:g}"
        if has_idle:
            return ok("imap_idle")
        if self._settings.poll_seconds <= _SLOW_POLL:
            return ok("imap_polled", seconds=seconds)
        paste = lines(SECTION, poll_seconds=15)
        repair = Repair("poll", {}, paste, "config", PAGE)
        return warning("imap_no_idle", repair, seconds=seconds)

    async def _failed(self, error: TimeoutError | ImapFailure) -> tuple[Note, ...]:
        settings, where = self._settings, place(self._settings)
        code = error.code if isinstance(error, ImapFailure) else "timeout"
        fault = fault_of(error)
        if code == "login" and _is_closed(error) and settings.security == "none":
            # Most servers take a password only where nobody else hears it.
            return (failure("login_closed", security(SECTION, "starttls"), **where),)
        if code == "login":
            repairs = login_repairs(SECTION, settings, self._folder, self.name)
            what = "login_closed" if _is_closed(error) else "login"
            return (failure(what, *repairs, **where),)
        if code == "folder":
            paste = lines(SECTION, folder="INBOX")
            repair = Repair("folder", {}, paste, "config", PAGE)
            return (failure("folder", repair, **where, folder=settings.folder),)
        if code == "tls" and not fault:
            fault = "starttls"
        return await fault_notes(
            SECTION, settings, fault or code, self._usual, self._folder
        )


def _is_closed(error: BaseException) -> bool:
    """Whether the server takes no password on this connection at all."""
    return isinstance(error, ImapFailure) and error.detail == "LOGINDISABLED"
