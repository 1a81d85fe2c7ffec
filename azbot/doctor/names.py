"""Questions to the name server; what there is not is a value, not an exception."""

from __future__ import annotations

import asyncio
from typing import Any, Self, cast

from dns.asyncresolver import Resolver
from dns.exception import DNSException
from dns.nameserver import Do53Nameserver
from dns.resolver import NXDOMAIN, NoAnswer

_PATIENCE = 4.0
_PORT = 53


class Unanswered(Exception):
    """The name server did not answer, or could not."""


class Names:
    """Asks one resolver.

    Args:
        resolver: of dnspython.
        patience: seconds for one question.
    """

    def __init__(self, resolver: Resolver, patience: float = _PATIENCE) -> None:
        self._resolver = resolver
        resolver.lifetime = patience

    @classmethod
    def of_system(cls) -> Self:
        """Ask whom this machine asks.

        Raises:
            Unanswered: it asks nobody.
        """
        try:
            return cls(Resolver())
        except DNSException as error:
            raise Unanswered from error

    @classmethod
    def at(cls, address: str, port: int = _PORT, patience: float = _PATIENCE) -> Self:
        """Ask one name server, by its address in numbers."""
        resolver = Resolver(configure=False)
        resolver.nameservers = [Do53Nameserver(address, port)]
        return cls(resolver, patience)

    async def texts(self, name: str) -> list[str]:
        """Return the TXT records of a name, each with its pieces joined."""
        return [
            b"".join(record.strings).decode("utf-8", "replace")
            for record in await self._ask(name, "TXT")
        ]

    async def exchanges(self, name: str) -> list[str]:
        """Return who takes mail for a domain, the first choice first; ``.``: nobody."""
        found = await self._ask(name, "MX")
        ranked = sorted(found, key=lambda record: int(record.preference))
        return [record.exchange.to_text() for record in ranked]

    async def service(self, name: str) -> tuple[str, int] | None:
        """Return host and port of ``_imaps._tcp.example.org``, None without.

        Source: RFC 2782, RFC 6186.
        """
        found = await self._ask(name, "SRV")
        ranked = sorted(found, key=lambda record: (record.priority, -record.weight))
        for record in ranked:
            host = record.target.to_text(omit_final_dot=True)
            if host not in {"", "."}:  # A lone dot: not offered here.
                return host, int(record.port)
        return None

    async def addresses(self, name: str) -> list[str]:
        """Return the addresses of a name, of both kinds."""
        both = await asyncio.gather(self._ask(name, "A"), self._ask(name, "AAAA"))
        return [record.address for records in both for record in records]

    async def exists(self, name: str) -> bool:
        """Whether the name, or one below it, is in the DNS at all (RFC 8020)."""
        try:
            await self._resolver.resolve(name, "TXT", search=False)
        except NXDOMAIN:
            return False
        except NoAnswer:
            return True
        except DNSException as error:
            raise Unanswered from error
        return True

    async def _ask(self, name: str, kind: str) -> list[Any]:
        try:
            found = await self._resolver.resolve(name, kind, search=False)
        except (NXDOMAIN, NoAnswer):
            return []
        except DNSException as error:
            # Among them names that cannot be: a label of 64 characters.
            raise Unanswered from error
        return list(cast("Any", found))
