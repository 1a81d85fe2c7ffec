"""Who is at the other end of a connection."""

from __future__ import annotations

import hmac
from functools import lru_cache
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

from aiohttp import web

IpAddress = IPv4Address | IPv6Address


def client_address(request: web.Request, trusted: tuple[str, ...]) -> str:
    """Return the address of whoever asks, as far as it can be believed.

    ``X-Forwarded-For`` counts only when a trusted proxy sent it: its last entry
    that is no trusted proxy itself. Anything unreadable ends the search.

    Args:
        request: as it came.
        trusted: addresses or networks of the proxies in front of azbot.
    """
    here = request.remote or ""
    hops = ",".join(request.headers.getall("X-Forwarded-For", [])).split(",")
    for hop in reversed(hops):
        if not is_among(here, trusted) or _ip(hop.strip()) is None:
            return here
        here = hop.strip()
    return here


def is_local(request: web.Request, trusted: tuple[str, ...]) -> bool:
    """Whether this very machine asks, and nobody through it."""
    if "X-Forwarded-For" in request.headers and not is_among(
        request.remote or "", trusted
    ):
        return False
    ip = _ip(client_address(request, trusted))
    return ip is not None and ip.is_loopback


def is_among(address: str, networks: tuple[str, ...]) -> bool:
    """Whether an address lies in one of the networks."""
    ip = _ip(address)
    return ip is not None and any(ip in network for network in _networks(networks))


def bearer_of(request: web.Request) -> str | None:
    """Return the bearer token of a request (RFC 6750 §2.1), None without one."""
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    value = value.strip()
    return value if scheme.lower() == "bearer" and 0 < len(value) <= 200 else None


def is_secret(given: str | None, expected: str) -> bool:
    """Compare two secrets in constant time."""
    return given is not None and hmac.compare_digest(given.encode(), expected.encode())


def _ip(text: str) -> IpAddress | None:
    try:
        ip = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = ip.ipv4_mapped if isinstance(ip, IPv6Address) else None
    return mapped or ip


@lru_cache(maxsize=16)
def _networks(texts: tuple[str, ...]) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(ip_network(text, strict=False) for text in texts)
