"""The mailbox that is read: name, port, TLS, login, folder, announced news."""

from __future__ import annotations

from typing import ClassVar

from typing_extensions import override

from azbot.channels.email.imaplink import ImapFailure, ImapLink
from azbot.channels.email.settings import ImapSettings
from azbot.doctor.finding import Note, Repair, failure, ok, warning
from azbot.doctor.reaching import fault_of
from azbot.doctor.servers import PAGE, ServerProbe, Ways, lines, place, security

_SLOW_POLL = 30.0
"""Without IDLE a mail waits so long at most before somebody is disturbed by it."""


class ImapProbe(ServerProbe[ImapSettings]):
    """Connects, signs in, selects the folder, and looks whether news are announced."""

    name = "imap"
    section = "email.imap"
    ways: ClassVar[Ways] = ((993, "tls"), (143, "starttls"))

    @override
    async def _visit(self) -> tuple[Note, ...]:
        link = await ImapLink.open(self._settings, self._password)
        has_idle = link.has_idle
        await link.aclose()
        return (self._announced(has_idle=has_idle),)

    def _announced(self, *, has_idle: bool) -> Note:
        seconds = f"{self._settings.poll_seconds:g}"
        if has_idle:
            return ok("imap_idle")
        if self._settings.poll_seconds <= _SLOW_POLL:
            return ok("imap_polled", seconds=seconds)
        paste = lines(self.section, poll_seconds=15)
        repair = Repair("poll", {}, paste, "config", PAGE)
        return warning("imap_no_idle", repair, seconds=seconds)

    @override
    async def _failed(self, error: Exception) -> tuple[Note, ...]:
        settings, where = self._settings, place(self._settings)
        code = error.code if isinstance(error, ImapFailure) else ""
        fault = fault_of(error)
        if code == "login" and _is_closed(error) and settings.security == "none":
            # Most servers take a password only where nobody else hears it.
            repair = security(self.section, "starttls")
            return (failure("login_closed", repair, **where),)
        if code == "login":
            what = "login_closed" if _is_closed(error) else "login"
            return (failure(what, *self._login_repairs(), **where),)
        if code == "folder":
            paste = lines(self.section, folder="INBOX")
            repair = Repair("folder", {}, paste, "config", PAGE)
            return (failure("folder", repair, **where, folder=settings.folder),)
        if code == "tls" and not fault:
            fault = "starttls"
        return await self._fault(fault or code)


def _is_closed(error: BaseException) -> bool:
    """Whether the server takes no password on this connection at all."""
    return isinstance(error, ImapFailure) and error.detail == "LOGINDISABLED"
