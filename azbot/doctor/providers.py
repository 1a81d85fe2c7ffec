"""What is particular about the houses most mailboxes live in."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Provider:
    """One house.

    Attributes:
        name: code of its words.
        domains: what the names of its servers end in.
        imap: server, port 993 with TLS.
        smtp: server, port 587 with STARTTLS.
        spf: what the domain's SPF record must include; empty: unknown.
        mx: of the domains it keeps, with their weights; ``{dashed}`` is the domain
            with dashes for dots.
        selectors: under which names it publishes DKIM keys.
        page: of the documentation.
    """

    name: str
    domains: tuple[str, ...]
    imap: str
    smtp: str
    spf: str
    mx: tuple[tuple[int, str], ...]
    selectors: tuple[str, ...]
    page: str


GMAIL = Provider(
    name="gmail",
    domains=("gmail.com", "googlemail.com", "google.com"),
    imap="imap.gmail.com",
    smtp="smtp.gmail.com",
    spf="_spf.google.com",
    mx=((1, "smtp.google.com."),),
    selectors=("google",),
    page="docs/admin/gmail.md",
)
MICROSOFT = Provider(
    name="microsoft",
    domains=("office365.com", "outlook.com", "office.com"),
    imap="outlook.office365.com",
    smtp="smtp.office365.com",
    spf="spf.protection.outlook.com",
    mx=((0, "{dashed}.mail.protection.outlook.com."),),
    selectors=("selector1", "selector2"),
    page="docs/admin/microsoft365.md",
)
OVH = Provider(
    name="ovh",
    domains=("ovh.net", "ovh.com"),
    imap="ssl0.ovh.net",
    smtp="ssl0.ovh.net",
    spf="mx.ovh.com",
    mx=((1, "mx1.mail.ovh.net."), (5, "mx2.mail.ovh.net."), (100, "mx3.mail.ovh.net.")),
    selectors=("ovhmo-selector-1", "ovhmo-selector-2", "ovhex-selector-1"),
    page="docs/admin/ovh.md",
)
PROVIDERS = (GMAIL, MICROSOFT, OVH)

SERVERS = ("localhost", *dict.fromkeys(s for p in PROVIDERS for s in (p.imap, p.smtp)))
"""Names people mistype."""


def provider_of(host: str) -> Provider | None:
    """Return whose server this is; None for all others."""
    name = host.lower().rstrip(".")
    for provider in PROVIDERS:
        for domain in provider.domains:
            if name == domain or name.endswith(f".{domain}"):
                return provider
    return None
