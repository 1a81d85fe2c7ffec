"""Why a server could not be reached: the one cause behind many exceptions."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Iterator

_VERIFIED = {
    # X509_V_ERR_*, x509_vfy.h of OpenSSL.
    9: "early",
    10: "expired",
    18: "self_signed",
    19: "self_signed",
    20: "untrusted",
    21: "untrusted",
    62: "other_name",
    64: "other_name",
}
_NOT_TLS = {"WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST"}

_KEPT = ("os_error", "certificate_error")
"""Where libraries keep what the system said."""


def fault_of(error: BaseException) -> str:
    """Name what lies at the bottom of an error of the network.

    Returns:
        ``name`` (unknown to DNS), ``refused``, ``timeout``, ``unreachable``; of
        certificates ``expired``, ``early``, ``self_signed``, ``untrusted``,
        ``other_name``; ``not_tls`` where plain text answered, ``tls`` for the rest of
        TLS; ``lost`` where the connection ended, empty for anything else.
    """
    chain = list(_causes(error))
    for one in chain:
        if isinstance(one, ssl.SSLCertVerificationError):
            if code := getattr(one, "verify_code", 0):
                return _VERIFIED.get(code, "untrusted")
            # A library's own, around the one that knows.
            continue
        if isinstance(one, ssl.SSLError):
            return "not_tls" if one.reason in _NOT_TLS else "tls"
        if isinstance(one, socket.gaierror):
            return "name"
        if isinstance(one, ConnectionRefusedError):
            return "refused"
        if isinstance(one, TimeoutError) and not isinstance(one, ConnectionError):
            return "timeout"
    for one in chain:
        if isinstance(one, ConnectionResetError | BrokenPipeError | EOFError):
            return "lost"
    # What a library raises of its own is a ConnectionError too: it tells nothing.
    plain = (one for one in chain if type(one).__module__ == "builtins")
    return "unreachable" if any(isinstance(one, OSError) for one in plain) else ""


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        one = waiting.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        if isinstance(one, BaseExceptionGroup):
            waiting += one.exceptions
        waiting += [
            one.__context__,
            *(getattr(one, name, None) for name in _KEPT),
            one.__cause__,
        ]


async def offer_of(host: str, port: int, seconds: float = 3.0) -> bytes:
    """Return what a mail server in clear says it can do; empty where none greets.

    TLS from the first octet waits for the client and says nothing.
    """
    try:
        async with asyncio.timeout(seconds):
            reader, writer = await asyncio.open_connection(host, port)
            try:
                greeting = await reader.readline()
                is_smtp = greeting.startswith(b"220")
                if not is_smtp and not greeting.startswith(b"* "):
                    return greeting
                question = b"EHLO localhost" if is_smtp else b"a CAPABILITY"
                writer.write(question + b"\r\n")
                said = [greeting]
                while line := await reader.readline():
                    said.append(line.upper())
                    if line.startswith((b"250 ", b"5", b"a ")):
                        break
                return b"".join(said)
            finally:
                writer.transport.abort()
    except (OSError, ValueError):
        return b""


async def speaks_tls(host: str, port: int, seconds: float = 3.0) -> bool:
    """Whether TLS is spoken there from the first octet, whoever the server is."""
    try:
        async with asyncio.timeout(seconds):
            _, writer = await asyncio.open_connection(host, port, ssl=anybody())
            writer.transport.abort()
    except OSError:
        return False
    return True


def anybody() -> ssl.SSLContext:
    """Return what believes any certificate: to look at it, never to say a secret."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
