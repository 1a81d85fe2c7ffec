"""What is wrong with the way to a mail server, and the line that puts it right.

A closed port, or TLS where there is none, is looked at once more from the other side:
the repair names what really answers instead of guessing.
"""

from __future__ import annotations

import asyncio
import difflib
import imaplib
import json
import shlex
import smtplib
import socket
import ssl
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Generic, TypeVar

from cryptography import x509

from azbot.channels.email.imaplink import ImapFailure
from azbot.channels.email.settings import ImapSettings, Security, SmtpSettings
from azbot.channels.email.smtp import SmtpRefusal
from azbot.doctor.finding import Finding, Note, Repair, failure, ok, warning
from azbot.doctor.providers import SERVERS, provider_of
from azbot.doctor.reaching import anybody, offer_of, speaks_tls

PATIENCE = 5.5
"""Seconds for a server; four more are left to look at what did not answer."""
_SECONDS = 3.0
PAGE = "docs/admin/mail.md"
LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})

Server = ImapSettings | SmtpSettings
S = TypeVar("S", bound=Server)
Ways = Sequence[tuple[int, Security]]
"""Ports and what is usually spoken there, the best first."""

_CERTIFICATES = {"expired", "early", "self_signed", "untrusted", "other_name"}


def place(settings: Server) -> dict[str, str]:
    """Name the server; never an account."""
    host, port = settings.host, str(settings.port)
    return {"server": f"{host}:{port}", "host": host, "port": port}


def lines(section: str, **values: str | int) -> str:
    """Return lines of the configuration, ready to be pasted."""
    # A JSON string is a TOML string.
    written = (
        f"{key} = {json.dumps(value, ensure_ascii=False)}"
        for key, value in values.items()
    )
    return "\n".join((f"[{section}]", *written))


class ServerProbe(ABC, Generic[S]):
    """Visits one mail server, and says why when it cannot.

    Args:
        settings: of the server.
        password: of ``settings.user``.
        folder: where files beside the configuration go.
        usual: ports to look at when the one that is set is closed; None: those of
            this kind of server.
        patience: seconds for the server's answers.

    Attributes:
        name: of the probe.
        section: of the configuration.
        ways: where such a server is usually found.
    """

    name: ClassVar[str]
    section: ClassVar[str]
    ways: ClassVar[Ways]

    def __init__(
        self,
        settings: S,
        password: str,
        folder: Path = Path("/etc/azbot"),
        usual: Ways | None = None,
        patience: float = PATIENCE,
    ) -> None:
        self._settings = settings
        self._password = password
        self._folder = folder
        self._usual = self.ways if usual is None else usual
        self._patience = patience

    async def check(self) -> Finding:
        """Look, within ten seconds; nothing is sent."""
        try:
            async with asyncio.timeout(self._patience):
                seen = await self._visit()
        except TimeoutError:
            return Finding(self.name, await self._fault("timeout"))
        except (ImapFailure, SmtpRefusal) as error:
            return Finding(self.name, await self._failed(error))
        settings = self._settings
        notes = [ok(f"server_{settings.security}", **place(settings))]
        if note := in_clear(self.section, settings):
            notes.append(note)
        return Finding(self.name, (*notes, *seen))

    @abstractmethod
    async def _visit(self) -> tuple[Note, ...]:
        """Return what is to be said of a server that was reached and signed in to."""

    @abstractmethod
    async def _failed(self, error: Exception) -> tuple[Note, ...]:
        """Return why the visit failed, for whatever it raised."""

    async def _fault(self, fault: str) -> tuple[Note, ...]:
        return await fault_notes(
            self.section, self._settings, fault, self._usual, self._folder
        )

    def _login_repairs(self) -> tuple[Repair, ...]:
        return login_repairs(self.section, self._settings, self._folder, self.name)


async def fault_notes(
    section: str, settings: Server, fault: str, usual: Ways, folder: Path
) -> tuple[Note, ...]:
    """Say why a server could not be reached or believed.

    Args:
        section: of the configuration, ``email.imap``.
        settings: that section.
        fault: from ``reaching.fault_of``, or ``starttls`` where it is not offered.
        usual: where else such a server is looked for.
        folder: where a certificate to believe goes.
    """
    where = place(settings)
    if fault in _CERTIFICATES:
        return await _certificate(section, settings, fault, folder)
    if fault in {"not_tls", "starttls", "tls"}:
        note = await _other_security(section, settings, fault)
        return (note,)
    if fault == "name":
        return (failure("name", _other_name(section, settings), **where),)
    waits = fault in {"timeout", "lost"}
    what = fault if waits or fault == "refused" else "unreachable"
    others = [way for way in usual if way[0] != settings.port]
    # TLS and plain text wait for each other until somebody gives up.
    spoken, answers = await asyncio.gather(
        _spoken(settings.host, settings.port) if waits else _nothing(),
        asyncio.gather(*(_answers(settings.host, *way) for way in others)),
    )
    if spoken and spoken != settings.security:
        return (failure("other_security", security(section, spoken), **where),)
    for (port, usually), is_there in zip(others, answers, strict=True):
        if is_there:
            paste = lines(section, port=port, security=usually)
            repair = Repair("other_port", {"port": str(port)}, paste, "config", PAGE)
            return (failure(what, repair, **where),)
    look = f"nc -vz {shlex.quote(settings.host)} {settings.port}"
    return (failure(what, Repair("open_port", where, look, "shell", PAGE), **where),)


def in_clear(section: str, settings: Server) -> Note | None:
    """Warn of a password that crosses a network in clear."""
    if settings.security != "none" or not settings.user or settings.host in LOCAL:
        return None
    return warning("in_clear", security(section, "starttls"))


def login_repairs(
    section: str, settings: Server, folder: Path, kind: str
) -> tuple[Repair, ...]:
    """Return how a refused login is put right, in the words of the house.

    Args:
        section: of the configuration.
        settings: that section.
        folder: where a file for the password goes.
        kind: ``imap`` or ``smtp``.
    """
    provider = provider_of(settings.host)
    how = f"login_{provider.name}" if provider else "login"
    page = provider.page if provider else PAGE
    file = settings.password_file or folder / f"{kind}.password"
    first = Repair(how, {"only": kind}, typed_in(file), "shell", page)
    if settings.password_file is not None:
        return (first,)
    key = lines(section, password_file=str(file))
    return (first, Repair("password_file", {"section": section}, key, "config", page))


def typed_in(file: Path) -> str:
    """Return what puts a secret into a file as it is typed, neither shown nor kept.

    The shell's history has the command and not the secret.
    """
    return f'(umask 077; read -rs p && printf %s "$p" > {shlex.quote(str(file))})'


def _other_name(section: str, settings: Server) -> Repair:
    near = difflib.get_close_matches(settings.host.lower(), SERVERS, 1, 0.75)
    if near:
        paste = lines(section, host=near[0])
        return Repair("near_name", {"near": near[0]}, paste, "config", PAGE)
    look = f"getent hosts {shlex.quote(settings.host)}"
    return Repair("check_name", {"host": settings.host}, look, "shell", PAGE)


async def _other_security(section: str, settings: Server, fault: str) -> Note:
    where = place(settings)
    spoken = await _spoken(settings.host, settings.port)
    if spoken and spoken != settings.security:
        repair = security(section, spoken)
        return failure("other_security", repair, **where)
    return failure("starttls" if fault == "starttls" else "tls", **where)


def security(section: str, wanted: Security) -> Repair:
    """Return the line that protects a connection as the server expects."""
    paste = lines(section, security=wanted)
    return Repair("security", {}, paste, "config", PAGE)


async def _spoken(host: str, port: int) -> Security | None:
    """Find out how a port may be spoken to; None where nothing is understood."""
    offered, is_tls = await asyncio.gather(offer_of(host, port), speaks_tls(host, port))
    if b"STARTTLS" in offered:
        return "starttls"
    if offered:
        # A password in clear is for this machine alone.
        return "none" if host in LOCAL else None
    return "tls" if is_tls else None


async def _nothing() -> None:
    """Ask nobody: a closed port speaks nothing."""


async def _answers(host: str, port: int, security: Security) -> bool:
    if security == "tls":
        return await speaks_tls(host, port)
    return b"STARTTLS" in await offer_of(host, port)


async def _certificate(
    section: str, settings: Server, fault: str, folder: Path
) -> tuple[Note, ...]:
    """Say what is wrong with a certificate; believed is only what was looked at."""
    where = place(settings)
    kind = section.rpartition(".")[2]
    if fault in {"expired", "early"}:
        repair = Repair("renew", where, "certbot renew", "shell", PAGE)
        return (failure(f"certificate_{fault}", repair, **where),)
    if fault == "other_name":
        names = await asyncio.to_thread(_names, kind, settings)
        paste = lines(section, host=names[0]) if names else ""
        facts = {"names": ", ".join(names[:3])}
        repair = Repair("certificate_name", facts, paste, "config", PAGE)
        return (failure("certificate_other_name", repair, **where),)
    file = folder / f"{kind}.pem"
    quoted = shlex.quote(str(file))
    secured = f" -starttls {kind}" if settings.security == "starttls" else ""
    address = shlex.quote(f"{settings.host}:{settings.port}")
    paste = (
        f"openssl s_client -connect {address}{secured} -showcerts"
        f" </dev/null 2>/dev/null | sed -n '/BEGIN CERT/,/END CERT/p' > {quoted}"
    )
    believe = lines(section, ca_file=str(file))
    keep = Repair("keep_certificate", where, paste, "shell", PAGE)
    repair = Repair("believe_certificate", {}, believe, "config", PAGE)
    return (failure(f"certificate_{fault}", keep, repair, **where),)


def _names(kind: str, settings: Server) -> list[str]:
    """Return the names on the certificate a server presents."""
    context = anybody()
    try:
        shown = _presented(kind, settings, context)
        certificate = x509.load_der_x509_certificate(shown)
        names = certificate.extensions.get_extension_for_class(
            x509.SubjectAlternativeName
        ).value.get_values_for_type(x509.DNSName)
    except (OSError, ValueError, x509.ExtensionNotFound, imaplib.IMAP4.error):
        return []
    return [name for name in names if not name.startswith("*.")]


def _presented(kind: str, settings: Server, context: ssl.SSLContext) -> bytes:
    """Shake hands with the libraries of Python: ours would refuse to."""
    host, port = settings.host, settings.port
    if settings.security == "tls":
        with (
            socket.create_connection((host, port), timeout=_SECONDS) as line,
            context.wrap_socket(line, server_hostname=host) as secured,
        ):
            return secured.getpeercert(binary_form=True) or b""
    if kind == "imap":
        with imaplib.IMAP4(host, port, timeout=_SECONDS) as imap:
            imap.starttls(context)
            return imap.sock.getpeercert(binary_form=True) or b""  # type: ignore[attr-defined]
    with smtplib.SMTP(host, port, timeout=_SECONDS) as smtp:
        smtp.starttls(context=context)
        return smtp.sock.getpeercert(binary_form=True) or b""  # type: ignore[union-attr]
