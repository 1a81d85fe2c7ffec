"""A name server on loopback whose zone a test writes, and may write anew."""

from __future__ import annotations

import contextlib
import socketserver
import threading
from collections.abc import Iterator

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.zone
import pytest
from typing_extensions import override

from tests.servers.places import LOOPBACK

HEAD = "@ 300 IN SOA ns.test. admin.test. 1 3600 900 604800 300\n@ 300 IN NS ns.test.\n"


class NameServer:
    """Answers with authority for one domain, over UDP.

    Attributes:
        domain: without a dot at its end.
        port: chosen by the system.
        lines: the records, as people publish them.
        asked: every name somebody asked for.
    """

    host = LOOPBACK

    def __init__(self, domain: str) -> None:
        self.domain = domain
        self.port = 0
        self.lines: list[str] = []
        self.asked: list[str] = []

    def publish(self, text: str) -> None:
        """Add records; one about the same thing gives way, as in a control panel."""
        for line in text.splitlines():
            owner, kind = line.split()[0], line.split(" IN ")[1].split()[0]
            kept = [
                each for each in self.lines if not _is_same(each, owner, kind, line)
            ]
            self.lines = [*kept, line]

    def answer(self, octets: bytes) -> bytes:
        """Return the answer to one question."""
        query = dns.message.from_wire(octets)
        question = query.question[0]
        self.asked.append(question.name.to_text())
        response = dns.message.make_response(query)
        response.flags |= dns.flags.AA | dns.flags.RA
        zone = dns.zone.from_text(
            HEAD + "\n".join(self.lines), origin=f"{self.domain}.", relativize=False
        )
        if not question.name.is_subdomain(dns.name.from_text(self.domain)):
            response.set_rcode(dns.rcode.NXDOMAIN)
            return response.to_wire()
        found = zone.get_rrset(question.name, question.rdtype)
        if found is not None:
            response.answer.append(found)
        elif not any(name.is_subdomain(question.name) for name in zone):
            # A name exists as soon as one below it does (RFC 8020).
            response.set_rcode(dns.rcode.NXDOMAIN)
        return response.to_wire()


def _is_same(line: str, owner: str, kind: str, new: str) -> bool:
    if not line.startswith(f"{owner} ") or f" IN {kind}" not in line:
        return False
    # A name has one SPF record and many other texts.
    return kind != "TXT" or ("v=spf1" in line) == ("v=spf1" in new)


@contextlib.contextmanager
def name_server(domain: str) -> Iterator[NameServer]:
    """Run a server while inside."""
    names = NameServer(domain)

    class Handler(socketserver.BaseRequestHandler):
        @override
        def handle(self) -> None:
            octets, line = self.request
            line.sendto(names.answer(octets), self.client_address)

    with socketserver.ThreadingUDPServer((LOOPBACK, 0), Handler) as server:
        names.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield names
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def names() -> Iterator[NameServer]:
    """A name server for ``exemple.test``, still empty."""
    with name_server("exemple.test") as server:
        yield server
