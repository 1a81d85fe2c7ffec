"""What is proposed where nothing was typed yet. Pure."""

from __future__ import annotations

from typing import Literal

from azbot.cli.setup.draft import Draft, Place
from azbot.cli.setup.reading import Around, Default, domain_of
from azbot.doctor.providers import provider_of


def said(path: str) -> Default:
    """Propose what a key says."""
    return lambda draft, _around: draft.text(path)


def domain(draft: Draft, around: Around) -> str:
    """Propose the domain of the address, else this machine's."""
    return draft.text("domain") or domain_of(draft) or around.domain


def name(draft: Draft, around: Around) -> str:
    """Propose what a desk is usually called."""
    return draft.text("email.name") or around.words.t("setup.default.name")


def address(draft: Draft, around: Around) -> str:
    """Propose the usual mailbox of the domain."""
    word = around.words.t("setup.default.mailbox")
    return draft.text("email.address") or f"{word}@{domain_of(draft)}"


def own_addresses(draft: Draft, _around: Around) -> str:
    """Propose the addresses that are known already."""
    value = draft.get("email.own_addresses")
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else ""


def public_url(draft: Draft, around: Around) -> str:
    """Propose the usual name below the domain."""
    if draft.filed or "web.public_url" in draft.answers:
        return draft.text("web.public_url")
    return f"https://{around.words.t('setup.default.mailbox')}.{domain_of(draft)}"


def place(kind: Literal["imap", "smtp"], usual: int) -> Default:
    """Propose the server that is known or guessed, else a usual name."""
    section = f"email.{kind}"
    guessed = _imap if kind == "imap" else _smtp

    def default(draft: Draft, _around: Around) -> str:
        host, port = draft.text(f"{section}.host"), draft.text(f"{section}.port")
        if host:
            return f"{host}:{port or usual}"
        return str(guessed(draft) or f"{kind}.{domain_of(draft)}:{usual}")

    return default


def _imap(draft: Draft) -> Place | None:
    return draft.guess.imap


def _smtp(draft: Draft) -> Place | None:
    """Guess where mail leaves: beside where it is read, whatever the domain says."""
    read = draft.text("email.imap.host")
    is_guessed = draft.guess.imap is None or read == draft.guess.imap.host
    if not read or (is_guessed and draft.guess.smtp is not None):
        return draft.guess.smtp
    if provider := provider_of(read):
        return Place(provider.smtp, 587, "starttls")
    host = f"smtp.{read.removeprefix('imap.')}" if read.startswith("imap.") else read
    return Place(host, 587, "starttls")


def user(draft: Draft, _around: Around) -> str:
    """Propose the address itself: most houses call accounts so."""
    if draft.filed or "email.imap.user" in draft.answers:
        return draft.text("email.imap.user")
    return draft.text("email.address")


def smtp_user(draft: Draft, around: Around) -> str:
    """Propose the account by which mail is read."""
    if draft.filed or "email.smtp.user" in draft.answers:
        return draft.text("email.smtp.user")
    return user(draft, around)


def yes(_draft: Draft, around: Around) -> str:
    """Propose to agree."""
    return around.words.t("setup.letters.yes")[:1]


def zone(draft: Draft, around: Around) -> str:
    """Propose the zone of this machine."""
    return draft.text("workflow.zone") or around.zone


def country(draft: Draft, _around: Around) -> str:
    """Propose the country of the zone."""
    return draft.text("workflow.country") or "FR"


def admin(draft: Draft, _around: Around) -> str:
    """Propose who reads alerts."""
    return draft.text("administrator.email") or draft.text("service.admin")
