"""The way mail leaves: name, port, TLS, login, sender, and how large a mail may be."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from typing_extensions import override

from azbot.channels.email.settings import SmtpSettings
from azbot.channels.email.smtp import Offer, SmtpRefusal, ask
from azbot.doctor.finding import Note, Repair, failure, ok, warning
from azbot.doctor.providers import provider_of
from azbot.doctor.reaching import fault_of
from azbot.doctor.servers import (
    LOCAL,
    PAGE,
    PATIENCE,
    ServerProbe,
    Ways,
    lines,
    place,
)

ENOUGH = 30_000_000
"""Octets of a mail with 20 MB of files: they grow by a third on their way."""

_AROUND_A_FILE = 1_500_000
"""Octets a mail has beside its files."""


class SmtpProbe(ServerProbe[SmtpSettings]):
    """Connects, signs in, names a mail to ourselves and takes it back unsent.

    Args:
        settings, password, folder, usual, patience: as of ``ServerProbe``.
        address: the desk's, which mails come from.
        largest_file: octets of a file that is attached; larger ones leave as links.

    Attributes:
        greeting: what the server said first, empty before ``check``.
    """

    name = "smtp"
    section = "email.smtp"
    ways: ClassVar[Ways] = ((587, "starttls"), (465, "tls"), (25, "starttls"))

    def __init__(
        self,
        settings: SmtpSettings,
        password: str,
        address: str,
        largest_file: int = 10_000_000,
        folder: Path = Path("/etc/azbot"),
        usual: Ways | None = None,
        patience: float = PATIENCE,
    ) -> None:
        super().__init__(settings, password, folder, usual, patience)
        self._address = address
        self._largest_file = largest_file
        self.greeting = ""

    @override
    async def _visit(self) -> tuple[Note, ...]:
        offer = await ask(self._settings, self._password, self._address)
        self.greeting = offer.greeting
        return (ok("smtp_sender"), *self._size(offer))

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

    @override
    async def _failed(self, error: Exception) -> tuple[Note, ...]:
        if not isinstance(error, SmtpRefusal):
            return await self._fault(fault_of(error))
        where = place(self._settings)
        match error.code:
            case "login":
                return (failure("login", *self._login_repairs(), **where),)
            case "needs_login":
                paste = lines(self.section, user=self._address)
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
                return await self._fault("starttls")
            case _:
                return await self._fault(fault_of(error))

    def _no_login(self) -> Repair:
        """A server without login: mostly a local relay that trusts this machine."""
        is_near = self._settings.host in LOCAL
        if self._settings.security == "none" and not is_near:
            paste = lines(self.section, security="starttls")
            return Repair("login_after_tls", {}, paste, "config", PAGE)
        return Repair("no_user", {}, lines(self.section, user=""), "config", PAGE)

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
