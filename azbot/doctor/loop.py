"""The loop guard: azbot must know every address its own mailbox goes by.

Mail from one of them is never answered; one that is missing may begin a talk of the
desk with itself, or let its own absence notes in as requests.
"""

from __future__ import annotations

from collections.abc import Iterable

from azbot.channels.email.settings import EmailSettings
from azbot.config import ServiceSettings
from azbot.doctor.finding import Finding, Note, Repair, failure, ok, warning
from azbot.doctor.servers import lines

PAGE = "docs/admin/mail.md"


class LoopProbe:
    """Compares the accounts of the mailbox with the addresses that are known as ours.

    Args:
        email: ``[email]``.
        service: ``[service]``, whose readers must not be the mailbox itself.
    """

    name = "loop"

    def __init__(self, email: EmailSettings, service: ServiceSettings) -> None:
        self._email = email
        self._service = service

    async def check(self) -> Finding:
        """Look; asks nobody."""
        return Finding(self.name, tuple(self._notes()))

    def _notes(self) -> Iterable[Note]:
        email = self._email
        known = {email.address.casefold(), *(a.casefold() for a in email.own_addresses)}
        servers = [server for server in (email.imap, email.smtp) if server]
        missing = [
            user
            for user in dict.fromkeys(server.user for server in servers)
            if "@" in user and user.casefold() not in known
        ]
        if missing:
            all_own = (*email.own_addresses, *missing)
            listed = ", ".join(f'"{address}"' for address in all_own)
            paste = f"[email]\nown_addresses = [{listed}]"
            repair = Repair("own_addresses", {}, paste, "config", PAGE)
            yield failure("loop_missing", repair, count=str(len(missing)))
        else:
            yield ok("loop_ok", count=str(len(known)))
        for key in ("desk", "admin"):
            address = getattr(self._service, key)
            if address and address.casefold() in known:
                # What azbot writes to the mailbox it reads would come back as its own.
                paste = lines("service", **{key: ""})
                repair = Repair("loop_reader", {"key": key}, paste, "config", PAGE)
                yield warning("loop_reader", repair, key=key)
