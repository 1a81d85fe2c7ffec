"""Looks whether the mail servers can be used, changing nothing there."""

from __future__ import annotations

import asyncio

from azbot.channels.email.imaplink import ImapFailure, ImapLink
from azbot.channels.email.settings import ImapSettings, SmtpSettings
from azbot.channels.email.smtp import SmtpSender
from azbot.errors import TemporaryFailure
from azbot.ports import Clock, Finding

_SECONDS = 9.0
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})

_REPAIRS = {
    "gmail.com": "probe_repair_gmail",
    "googlemail.com": "probe_repair_gmail",
    "office365.com": "probe_repair_microsoft",
    "outlook.com": "probe_repair_microsoft",
    "ovh.net": "probe_repair_ovh",
}


class ImapProbe:
    """Connects, signs in, selects the folder, and looks whether news are pushed.

    Args:
        settings: ``[email.imap]``.
        password: of ``settings.user``.
    """

    name = "imap"

    def __init__(self, settings: ImapSettings, password: str) -> None:
        self._settings = settings
        self._password = password

    async def check(self) -> Finding:
        """Look, within ten seconds."""
        facts = _facts(self._settings)
        try:
            async with asyncio.timeout(_SECONDS):
                link = await ImapLink.open(self._settings, self._password)
                has_idle = link.has_idle
                await link.aclose()
        except TimeoutError:
            return _failure(self.name, "timeout", facts, "probe_repair_connect")
        except ImapFailure as failure:
            repair = _repair(self._settings.host, failure.code)
            more = (("detail", failure.detail),) if failure.detail else ()
            return _failure(self.name, failure.code, (*facts, *more), repair)
        if not has_idle:
            return Finding(
                self.name, "warning", "probe_imap_polled", facts, "probe_repair_idle"
            )
        return _fine(self.name, self._settings, facts)


class SmtpProbe:
    """Connects and signs in; sends nothing.

    Args:
        settings: ``[email.smtp]``.
        password: of ``settings.user``.
        clock: where time comes from.
    """

    name = "smtp"

    def __init__(self, settings: SmtpSettings, password: str, clock: Clock) -> None:
        self._settings = settings
        self._password = password
        self._clock = clock

    async def check(self) -> Finding:
        """Look, within ten seconds."""
        facts = _facts(self._settings)
        sender = SmtpSender(self._settings, self._password, self._clock)
        try:
            async with asyncio.timeout(_SECONDS):
                await sender.check()
        except TimeoutError:
            return _failure(self.name, "timeout", facts, "probe_repair_connect")
        except TemporaryFailure as failure:
            is_login = failure.reason.startswith("smtp login")
            code = "login" if is_login else "connect"
            more = (("detail", failure.reason),)
            repair = _repair(self._settings.host, code)
            return _failure(self.name, code, (*facts, *more), repair)
        return _fine(self.name, self._settings, facts)


def _facts(settings: ImapSettings | SmtpSettings) -> tuple[tuple[str, str], ...]:
    """Name the server; never an account or a password."""
    return (
        ("host", settings.host),
        ("port", str(settings.port)),
        ("security", settings.security),
    )


def _fine(
    name: str, settings: ImapSettings | SmtpSettings, facts: tuple[tuple[str, str], ...]
) -> Finding:
    """All is well, unless a password crosses a network in clear."""
    is_open = settings.security == "none" and settings.host not in _LOCAL
    if is_open and settings.user:
        return Finding(
            name, "warning", "probe_mail_in_clear", facts, "probe_repair_in_clear"
        )
    return Finding(name, "ok", f"probe_{name}_ok", facts)


def _failure(
    name: str, code: str, facts: tuple[tuple[str, str], ...], repair: str
) -> Finding:
    return Finding(name, "failure", f"probe_{name}_{code}", facts, repair)


def _repair(host: str, code: str) -> str:
    """Choose the repair: a refused login depends on who keeps the mailbox."""
    if code == "login":
        for domain, repair in _REPAIRS.items():
            if host.lower() == domain or host.lower().endswith(f".{domain}"):
                return repair
    return f"probe_repair_{code}"
