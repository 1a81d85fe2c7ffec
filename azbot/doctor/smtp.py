"""The way mail leaves: name, port, TLS, login, sender, and how large a mail may be."""

from __future__ import annotations

import asyncio
from pathlib import Path

from azbot.channels.email.settings import SmtpSettings
from azbot.channels.email.smtp import Offer, SmtpRefusal, ask
from azbot.doctor.finding import Finding, Note, Repair, failure, ok, warning
from azbot.doctor.providers import provider_of
from azbot.doctor.reaching import fault_of
from azbot.doctor.servers import (
    LOCAL,
    PAGE,
    Ways,
    fault_notes,
    in_clear,
    lines,
    login_repairs,
    place,
)

USUAL: Ways = ((587, "starttls"), (465, "tls"), (25, "starttls"))
SECTION = "email.smtp"
ENOUGH = 30_000_000
"""Octets of a mail with 20 MB of files: they grow by a third on their way."""

_PATIENCE = 5.5
"""Seconds; four more are left to look at what did not answer."""
_AROUND_A_FILE = 1_500_000
"""Octets a mail has beside its files."""


class SmtpProbe:
    """Connects, signs in, names a mail to ourselves and takes it back unsent.

    Args:
        settings: ``[email.smtp]``.
        password: of ``settings.user``.
        address: the desk's, which mails come from.
        largest_file: octets of a file that is attached; larger ones leave as links.
        folder: where files beside the configuration go.
        usual: ports to look at when the one that is set is closed.
        patience: seconds for the server's answers.

    Attributes:
        greeting: what the server said first, empty before ``check``.
    """

    name = "smtp"

    def __init__(
        self,
        settings: SmtpSettings,
        password: str,
        address: str,
        largest_file: int = 10_000_000,
        folder: Path = Path("/etc/azbot"),
        usual: Ways = USUAL,
        patience: float = _PATIENCE,
    ) -> None:
        self._settings = settings
        self._password = password
        self._address = address
        self._largest_file = largest_file
        self._folder = folder
        self._usual = usual
        self._patience = patience
        self.greeting = ""

    async def check(self) -> Finding:
        """Look, within ten seconds; nothing is sent."""
        return Finding(self.name, await self._notes())

    async def _notes(self) -> tuple[Note, ...]:
        settings = self._settings
        try:
            async with asyncio.timeout(self._patience):
                offer = await ask(settings, self._password, self._address)
        except (TimeoutError, SmtpRefusal) as error:
            return await self._failed(error)
        self.greeting = offer.greeting
        notes = [
            ok(f"server_{settings.security}", **place(settings)),
            ok("smtp_sender"),
        ]
        if note := in_clear(SECTION, settings):
            notes.append(note)
        return (*notes, *self._size(offer))

    def _size(self, offer: Offer) -> tuple[Note, ...]:
        largest = offer.largest
        if largest is None or largest >= ENOUGH:
            return ()
        fits = max((largest - _AROUND_A_FILE) * 3 // 4, 0)
        size = {"size": f"{largest / 1_000_000:.0f}"}
        if self._largest_file <= fits:
            # Larger files leave as links: nothing will be refused.
            return (ok("smtp_links", **size),)
        paste = lines("email", max_attachment_bytes=fits)
        repair = Repair("smtp_size", size, paste, "config", PAGE)
        return (warning("smtp_size", repair, **size),)

    async def _failed(self, error: TimeoutError | SmtpRefusal) -> tuple[Note, ...]:
        settings, where = self._settings, place(self._settings)
        if isinstance(error, TimeoutError):
            return await fault_notes(
                SECTION, settings, "timeout", self._usual, self._folder
            )
        match error.code:
            case "login":
                repairs = login_repairs(SECTION, settings, self._folder, self.name)
                return (failure("login", *repairs, **where),)
            case "needs_login":
                paste = lines(SECTION, user=self._address)
                repair = Repair("user", {}, paste, "config", PAGE)
                return (failure("needs_login", repair, **where),)
            case "no_login":
                return (failure("no_login", self._no_login(), **where),)
            case "sender" | "recipient":
                return (self._refused(error),)
            case "protocol":
                words = {"words": str(error)}
                return (failure("protocol", **where, **words),)
            case "starttls":
                return await fault_notes(
                    SECTION, settings, "starttls", self._usual, self._folder
                )
            case _:
                fault = fault_of(error)
                return await fault_notes(
                    SECTION, settings, fault, self._usual, self._folder
                )

    def _no_login(self) -> Repair:
        """A server without login: mostly a local relay that trusts this machine."""
        is_near = self._settings.host in LOCAL
        if self._settings.security == "none" and not is_near:
            paste = lines(SECTION, security="starttls")
            return Repair("login_after_tls", {}, paste, "config", PAGE)
        return Repair("no_user", {}, lines(SECTION, user=""), "config", PAGE)

    def _refused(self, error: SmtpRefusal) -> Note:
        """Say that the server does not take mail from the desk's address."""
        settings, provider = self._settings, provider_of(self._settings.host)
        words = {"words": str(error)}
        page = provider.page if provider else PAGE
        user = settings.user
        if error.code == "sender" and "@" in user and user != self._address:
            # Most servers let an account write in its own name alone.
            paste = lines("email", address=user)
            repair = Repair("sender_account", {}, paste, "config", page)
        else:
            repair = Repair("sender", {}, "", "config", page)
        what = "sender_refused" if error.code == "sender" else "recipient_refused"
        return failure(what, repair, **place(settings), **words)
