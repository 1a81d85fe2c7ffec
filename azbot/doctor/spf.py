"""May a server send mail of a domain: its SPF record, read as receivers read it.

Source: RFC 7208. Left out are macros, ``exists`` and ``ptr``: they depend on the
message or are deprecated, and match nothing here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network

from azbot.doctor.names import Names

_MOST_QUESTIONS = 10
"""Terms that ask the DNS (§4.6.4); receivers give up after as many."""

_RESULTS = {"+": "pass", "-": "fail", "~": "softfail", "?": "neutral"}
_TERM = re.compile(
    r"(?P<sign>[+?~-]?)(?P<name>[a-z0-9]+)(?:[:=](?P<value>[^/]*))?(?P<size>/.*)?",
    re.IGNORECASE,
)


def spf_records(texts: list[str]) -> list[str]:
    """Return those of the TXT records that are SPF; more than one is a fault."""
    return [text for text in texts if re.match(r"v=spf1(\s|$)", text, re.IGNORECASE)]


@dataclass(slots=True)
class Policy:
    """The SPF policy of a domain.

    Attributes:
        questions: how many terms asked the DNS so far.
    """

    names: Names
    domain: str
    questions: int = 0
    _seen: set[str] = field(default_factory=set)

    async def result(self, address: str) -> str:
        """Judge a sending address.

        Returns:
            ``pass``, ``fail``, ``softfail``, ``neutral``, ``none`` (no record) or
            ``permerror`` (unusable record).

        Raises:
            Unanswered: the name server does not answer.
        """
        self.questions = 0
        return await self._judge(self.domain, address, 0)

    async def includes(self, wanted: str) -> bool:
        """Whether the record refers to another domain's, directly or not."""
        self._seen.clear()
        return await self._refers(self.domain, wanted.casefold())

    async def _refers(self, domain: str, wanted: str) -> bool:
        if domain in self._seen or len(self._seen) > _MOST_QUESTIONS:
            return False
        self._seen.add(domain)
        records = spf_records(await self.names.texts(domain))
        for term in " ".join(records[:1]).split()[1:]:
            found = _TERM.fullmatch(term)
            if found is None or found["name"].lower() not in {"include", "redirect"}:
                continue
            value = (found["value"] or "").casefold().rstrip(".")
            if value == wanted or await self._refers(value, wanted):
                return True
        return False

    async def _judge(self, domain: str, address: str, depth: int) -> str:
        records = spf_records(await self.names.texts(domain))
        if not records:
            return "none"
        if len(records) > 1 or depth > _MOST_QUESTIONS:
            return "permerror"
        redirect = ""
        for term in records[0].split()[1:]:
            found = _TERM.fullmatch(term)
            if found is None:
                return "permerror"
            if found["name"].lower() == "redirect":
                redirect = found["value"] or ""
                continue
            matches = await self._matches(found, domain, address, depth)
            if self.questions > _MOST_QUESTIONS or matches is None:
                return "permerror"
            if matches:
                return _RESULTS[found["sign"] or "+"]
        if not redirect:
            return "neutral"
        self.questions += 1
        result = await self._judge(redirect, address, depth + 1)
        return "permerror" if result == "none" else result

    async def _matches(
        self, term: re.Match[str], domain: str, address: str, depth: int
    ) -> bool | None:
        """Whether a term is about the address; None where it cannot be used."""
        name, value, size = term["name"].lower(), term["value"], term["size"] or ""
        match name:
            case "all":
                return True
            case "ip4" | "ip6":
                return _is_in(address, [f"{value}{size}"])
            case "include":
                self.questions += 1
                result = await self._judge(value or "", address, depth + 1)
                return None if result in {"none", "permerror"} else result == "pass"
            case "a":
                self.questions += 1
                found = await self.names.addresses(value or domain)
                return _is_in(address, [f"{one}{_length(one, size)}" for one in found])
            case "mx":
                self.questions += 1
                hosts = await self.names.exchanges(value or domain)
                found = [
                    one
                    for host in hosts[:_MOST_QUESTIONS]
                    for one in await self.names.addresses(host)
                ]
                return _is_in(address, [f"{one}{_length(one, size)}" for one in found])
            case _:
                return False


def _length(address: str, size: str) -> str:
    """Return the prefix length that counts for one kind of address (§5.6)."""
    four, _, six = size.partition("//")
    if ip_address(address).version == 4:
        return four
    return f"/{six}" if six else ""


def _is_in(address: str, networks: list[str]) -> bool:
    one = ip_address(address)
    for network in networks:
        try:
            if one in ip_network(network, strict=False):
                return True
        except ValueError:
            continue
    return False
