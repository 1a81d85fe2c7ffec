"""What the DNS says of the desk's domain: who takes its mail, who may send it.

Mail that SPF, DKIM and DMARC do not vouch for goes to the junk of its readers.
"""

from __future__ import annotations

import asyncio
import fcntl
import ipaddress
import socket
import struct
from collections.abc import Sequence

from azbot.doctor.finding import (
    Finding,
    Note,
    Repair,
    failure,
    ok,
    skipped,
    warning,
)
from azbot.doctor.names import Names, Unanswered
from azbot.doctor.providers import Provider, provider_of
from azbot.doctor.servers import LOCAL
from azbot.doctor.spf import Policy, spf_records

PAGE = "docs/admin/dns.md"

_SELECTORS = (
    *("default", "mail", "dkim", "azbot", "smtp", "s1", "s2", "k1", "key1"),
    *("selector1", "selector2", "google", "fm1", "protonmail", "mxvault"),
)
"""Names under which keys are mostly published: a domain cannot be asked for all."""

_SELECTOR = "azbot"
_SIOCGIFADDR = 0x8915


class DnsProbe:
    """Asks for MX, SPF, DKIM and DMARC of a domain.

    Args:
        domain: of the desk's address.
        imap_host: the server its mail is read from.
        smtp_host: the server its mail leaves by.
        admin: who is told of forged mail; empty: nobody.
        names: whom to ask.
    """

    name = "dns"

    def __init__(
        self,
        domain: str,
        imap_host: str,
        smtp_host: str,
        admin: str,
        names: Names,
    ) -> None:
        self._domain = domain
        self._imap_host = imap_host
        self._smtp_host = smtp_host
        self._admin = admin
        self._names = names
        self._provider = provider_of(smtp_host)

    async def check(self) -> Finding:
        """Look, within ten seconds."""
        try:
            notes = await asyncio.gather(
                self._mx(), self._spf(), self._dkim(), self._dmarc()
            )
        except Unanswered:
            repair = Repair("resolver", {}, "resolvectl status", "shell", PAGE)
            return Finding(self.name, (failure("dns_silent", repair),))
        return Finding(self.name, tuple(notes))

    # --- who takes its mail ---

    async def _mx(self) -> Note:
        hosts = await self._names.exchanges(self._domain)
        if hosts == ["."]:
            # The domain says itself that it takes no mail (RFC 7505).
            return failure("dns_mx_null", self._mx_repair(), domain=self._domain)
        if not hosts:
            return failure("dns_mx", self._mx_repair(), domain=self._domain)
        found = await asyncio.gather(*map(self._names.addresses, hosts))
        if not any(found):
            return failure("dns_mx_nowhere", self._mx_repair(), host=hosts[0])
        return ok("dns_mx_ok")

    def _mx_repair(self) -> Repair:
        provider = provider_of(self._imap_host)
        if provider:
            dashed = self._domain.replace(".", "-")
            targets = [(w, host.format(dashed=dashed)) for w, host in provider.mx]
        else:
            is_here = self._imap_host in LOCAL
            host = f"mail.{self._domain}" if is_here else self._imap_host
            targets = [(10, f"{host.rstrip('.')}.")]
        paste = "\n".join(f"{self._domain}. IN MX {w} {host}" for w, host in targets)
        return Repair("dns_record", {}, paste, "dns", PAGE)

    # --- who may send it ---

    async def _spf(self) -> Note:
        records = spf_records(await self._names.texts(self._domain))
        if len(records) > 1:
            merged = _merged(records)
            return failure("dns_spf_twice", self._record(merged, "dns_replace"))
        mechanism, result = await self._sender()
        if not records:
            made = f"v=spf1 {mechanism or 'mx'} ~all"
            return warning("dns_spf", self._record(made))
        if result == "pass":
            return ok("dns_spf_ok")
        if result == "permerror":
            repair = Repair("dns_spf_broken", {}, "", "dns", PAGE)
            return failure("dns_spf_broken", repair)
        if not mechanism:
            return skipped("dns_spf_unsure")
        better = self._record(_with(records[0], mechanism), "dns_replace")
        facts = {"sender": self._smtp_host}
        if result == "fail":
            return failure("dns_spf_sender", better, **facts)
        return warning("dns_spf_sender", better, **facts)

    async def _sender(self) -> tuple[str, str]:
        """Return what the record must say of our server, and what it says now."""
        policy = Policy(self._names, self._domain)
        if self._provider and self._provider.spf:
            # Its mail leaves by other machines than the one it is given to.
            if await policy.includes(self._provider.spf):
                return f"include:{self._provider.spf}", "pass"
            result = await policy.result("192.0.2.1")
            return f"include:{self._provider.spf}", result.replace("pass", "neutral")
        if self._smtp_host in LOCAL:
            own = _own_address()
            if own is None:
                return "", "none"
            return f"ip4:{own}", await policy.result(own)
        addresses = [self._smtp_host]
        mechanism = f"a:{self._smtp_host}"
        if not _is_address(self._smtp_host):
            addresses = await self._names.addresses(self._smtp_host)
        elif ":" in self._smtp_host:
            mechanism = f"ip6:{self._smtp_host}"
        else:
            mechanism = f"ip4:{self._smtp_host}"
        results = [await policy.result(one) for one in addresses]
        return mechanism, "pass" if "pass" in results else next(iter(results), "none")

    def _record(self, text: str, how: str = "dns_record") -> Repair:
        return Repair(how, {}, f'{self._domain}. IN TXT "{text}"', "dns", PAGE)

    # --- who signs it ---

    async def _dkim(self) -> Note:
        own = self._provider.selectors if self._provider else ()
        names = [
            f"{selector}._domainkey.{self._domain}"
            for selector in dict.fromkeys((*own, *_SELECTORS))
        ]
        found = await asyncio.gather(*map(self._names.texts, names))
        if any(_is_key(text) for texts in found for text in texts):
            return ok("dns_dkim_ok")
        # A name exists as soon as one below it does, whatever it is called.
        if await self._names.exists(f"_domainkey.{self._domain}"):
            return ok("dns_dkim_other")
        return warning("dns_dkim", *_dkim_repairs(self._domain, self._provider))

    # --- what becomes of the rest ---

    async def _dmarc(self) -> Note:
        labels = self._domain.split(".")
        for at in range(max(len(labels) - 1, 1)):
            name = ".".join(labels[at:])
            for text in await self._names.texts(f"_dmarc.{name}"):
                tags = _tags(text)
                if tags.get("v", "").upper() == "DMARC1":
                    return ok("dns_dmarc_ok", policy=f"p={tags.get('p', 'none')}")
        told = ""
        # Another domain would have to agree to get these reports (RFC 7489 §7.1).
        if self._admin.rpartition("@")[2].casefold() == self._domain.casefold():
            told = f"; rua=mailto:{self._admin}"
        paste = f'_dmarc.{self._domain}. IN TXT "v=DMARC1; p=none{told}"'
        return warning("dns_dmarc", Repair("dns_record", {}, paste, "dns", PAGE))


def _with(record: str, mechanism: str) -> str:
    """Return an SPF record that lets one more sender in, before its last word."""
    terms = record.split()
    for at, term in enumerate(terms):
        if term.lower().lstrip("+-~?") == "all" or term.lower().startswith("redirect="):
            return " ".join((*terms[:at], mechanism, *terms[at:]))
    return " ".join((*terms, mechanism, "~all"))


def _merged(records: Sequence[str]) -> str:
    """Return one record that says what several did, as mildly as the mildest."""
    terms = [term for record in records for term in record.split()[1:]]
    ends = [term for term in terms if term.lower().lstrip("+-~?") == "all"]
    mildest = next((end for end in ("?all", "~all", "-all") if end in ends), "~all")
    kept = dict.fromkeys(term for term in terms if term not in ends)
    return " ".join(("v=spf1", *kept, mildest))


def _dkim_repairs(domain: str, provider: Provider | None) -> tuple[Repair, ...]:
    if provider:
        return (Repair(f"dkim_{provider.name}", {}, "", "dns", provider.page),)
    name = f"{_SELECTOR}._domainkey.{domain}."
    # A TXT record holds pieces of 255 octets at most.
    paste = (
        "openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048"
        f" -out {_SELECTOR}.private 2>/dev/null"
        f" && printf '{name} IN TXT ( \"v=DKIM1; k=rsa; p=\" %s)\\n'"
        f' "$(openssl pkey -in {_SELECTOR}.private -pubout -outform DER'
        " | openssl base64 -A | fold -w 200 | sed 's/.*/\"&\" /' | tr -d '\\n')\""
    )
    return (Repair("dkim_key", {"selector": _SELECTOR}, paste, "shell", PAGE),)


def _tags(text: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in text.split(";"))
    return {key.strip().lower(): value.strip() for key, _, value in pairs}


def _is_key(text: str) -> bool:
    """Whether a record is a key in use: an empty one was taken back (RFC 6376)."""
    tags = _tags(text)
    return tags.get("v", "DKIM1") == "DKIM1" and bool(tags.get("p"))


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _own_address() -> str | None:
    """Return the address this machine has in the world; None behind a router.

    Source: netdevice(7), SIOCGIFADDR; asks the kernel alone.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        for _, name in socket.if_nameindex():
            request = struct.pack("256s", name.encode()[:15])
            try:
                answer = fcntl.ioctl(line, _SIOCGIFADDR, request)
            except OSError:
                # This card has no address.
                continue
            own = ipaddress.IPv4Address(answer[20:24])
            if own.is_global:
                return str(own)
    return None
