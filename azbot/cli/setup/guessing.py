"""Who keeps the mail of a domain, and by which servers it is read and sent.

Source: RFC 6186 and RFC 8314 §5.1 (SRV records of mail services), RFC 5321 §5 (MX).
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from azbot.cli.setup.draft import Guess, Place
from azbot.doctor.names import Names
from azbot.doctor.providers import provider_of

_LOCAL = ("localhost", "invalid")
"""Ends of names that are not asked for (RFC 6761 §6.3, §6.4)."""


@dataclass(frozen=True, slots=True)
class Mail:
    """What was found.

    Attributes:
        exchanger: where mail of the domain is brought first; empty: nowhere.
        guess: its servers.
    """

    exchanger: str = ""
    guess: Guess = Guess()  # noqa: RUF009 - it is frozen


def is_local(domain: str) -> bool:
    """Whether a domain is of this machine, or of none."""
    return domain.rpartition(".")[2] in _LOCAL


async def mail_of(domain: str, names: Names) -> Mail:
    """Find who keeps the mail of a domain.

    A house known by its MX comes first: what it publishes is surer than a record that
    somebody copied once. Then SRV records, then names that exist.

    Raises:
        Unanswered: no name server answered.
    """
    exchanges = [name.rstrip(".") for name in await names.exchanges(domain)]
    exchanger = next(iter(exchanges), "")
    for name in (domain, exchanger):
        if provider := provider_of(name):
            read = Place(provider.imap, 993, "tls")
            sent = Place(provider.smtp, 587, "starttls")
            return Mail(exchanger, Guess(provider.name, read, sent))
    imap, smtp = await _announced(domain, names)
    hosts = [f"mail.{domain}", exchanger] if exchanger else [f"mail.{domain}"]
    if imap is None:
        imap = await _likely((f"imap.{domain}", *hosts), 993, names)
    if smtp is None:
        smtp = await _likely((f"smtp.{domain}", *hosts), 587, names)
    return Mail(exchanger, Guess("", imap, smtp))


async def _announced(domain: str, names: Names) -> tuple[Place | None, Place | None]:
    imaps, submissions, submission = await asyncio.gather(
        *(
            names.service(f"_{each}._tcp.{domain}")
            for each in ("imaps", "submissions", "submission")
        )
    )
    smtp = Place(*submissions, "tls") if submissions else None
    if smtp is None and submission:
        smtp = Place(*submission, "starttls")
    return Place(*imaps, "tls") if imaps else None, smtp


async def _likely(hosts: tuple[str, ...], port: int, names: Names) -> Place | None:
    """Return the first usual name that exists; an MX is often the whole server."""
    found = await asyncio.gather(*map(names.addresses, hosts))
    for host, addresses in zip(hosts, found, strict=True):
        if addresses:
            return Place(host, port, "tls" if port == 993 else "starttls")
    return None
