"""Where a browser is: what links begin with, what passkeys are bound to, where next.

Nothing a stranger may write is believed: with a public address that one counts; else
what the request says, from this very machine to this very machine alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from aiohttp import web

from azbot.channels.web.clients import is_local
from azbot.channels.web.settings import WebSettings
from azbot.channels.web.staff import ROOMS, is_below

HOME = "/inbox"


@dataclass(frozen=True, slots=True)
class Relying:
    """What a passkey is bound to (WebAuthn §5.1.3).

    Attributes:
        id: the domain.
        origin: scheme, domain and port, as the browser says it.
    """

    id: str
    origin: str


def link_base(request: web.Request, settings: WebSettings) -> str:
    """Return what links in mails begin with; empty: nothing can be trusted.

    A Host header is as good as its sender: believing it would send the secret of a
    mail to whoever forged it.
    """
    if settings.public_url:
        return settings.public_url
    if is_local(request, settings.trusted_proxies) and is_loopback_name(request.host):
        return f"http://{request.host}"
    return ""


def relying_on(request: web.Request, settings: WebSettings) -> Relying | None:
    """Return what passkeys are bound to; None where browsers offer none.

    They need a domain, so an address in numbers has none; ``localhost`` is one.
    """
    base = urlsplit(link_base(request, settings))
    host = base.hostname or ""
    if not host or _is_ip(host):
        return None
    if base.scheme != "https" and host != "localhost":
        return None
    return Relying(host, f"{base.scheme}://{base.netloc}")


def keeps_cookies(request: web.Request, settings: WebSettings) -> bool:
    """Whether a browser will keep a ``Secure`` cookie of this request.

    Only over HTTPS, which a proxy ends before us, or from this machine.
    """
    if settings.public_url.startswith("https://"):
        return True
    return request.secure or is_loopback_name(request.host)


def next_address(text: str) -> str:
    r"""Return where to go after signing in: a path of the rooms, else the inbox.

    ``//elsewhere``, ``/\elsewhere`` and what browsers clean up into them lead to
    other sites.
    """
    is_plain = text.isprintable() and "\\" not in text and len(text) <= 2000
    if not is_plain or not text.startswith("/") or text.startswith("//"):
        return HOME
    parts = urlsplit(text)
    if parts.scheme or parts.netloc or not is_below(parts.path, ROOMS):
        return HOME
    return text


def is_loopback_name(host: str) -> bool:
    """Whether a Host header names this machine itself."""
    name = urlsplit(f"//{host}").hostname or ""
    if name == "localhost":
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def _is_ip(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
