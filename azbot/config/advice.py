"""What works, and should be looked at before people depend on it."""

from __future__ import annotations

import ipaddress
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import BaseModel, SecretStr

from azbot.config.models import BucketSettings, StoreSettings
from azbot.config.reading import Document
from azbot.errors import Problem

_USUAL = {
    993: {"tls"}, 143: {"starttls", "none"}, 465: {"tls"}, 587: {"starttls", "none"},
}  # fmt: skip
"""What speaks on well-known ports (RFC 8314); another pair mostly hangs."""


_SECRET_FILES = {
    "password_file", "token_file", "metrics_token_file", "secret_key_file",
}  # fmt: skip


def advise(
    file: Path, sections: Mapping[str, BaseModel | None], document: Document
) -> tuple[Problem, ...]:
    """Return warnings about settings that are valid, in the order of the file."""
    found = [
        warning
        for name, section in sections.items()
        if section is not None
        for warning in _section(name, section, document)
    ]
    if _is_open(file) and any(_holds_secret(s) for s in sections.values() if s):
        found.append(_warning(file, "", document))
    return tuple(sorted(found, key=lambda w: (w.line is None, w.line or 0)))


def _section(path: str, section: BaseModel, document: Document) -> Iterator[Problem]:
    for name in type(section).model_fields:
        value = getattr(section, name)
        here = f"{path}.{name}"
        if isinstance(value, BaseModel):
            yield from _section(here, value, document)
        elif isinstance(value, Path) and name in _SECRET_FILES and _is_open(value):
            yield _warning(value, here, document)
    if isinstance(section, BucketSettings):
        yield from _bucket(path, section, document)
    host = str(getattr(section, "host", ""))
    if hasattr(section, "security") and not _is_here(host):
        yield from _server(path, host, section, document)


def _server(
    path: str, host: str, section: BaseModel, document: Document
) -> Iterator[Problem]:
    """Yield what is odd about a connection to another machine."""
    security, port = getattr(section, "security", ""), getattr(section, "port", 0)
    if security == "none":
        here = f"{path}.security"
        yield Problem(here, document.line(here), "clear_text", {"host": host})
    elif not getattr(section, "verify", True):
        here = f"{path}.verify"
        yield Problem(here, document.line(here), "unverified", {"host": host})
    if security not in _USUAL.get(port, {security}):
        here = f"{path}.port" if f"{path}.port" in document.lines else path
        wanted = " / ".join(sorted(_USUAL[port] - {"none"}))
        facts = {"port": str(port), "security": str(security), "usual": wanted}
        yield Problem(here, document.line(here), "unlikely_port", facts)


def _bucket(
    path: str, section: BucketSettings, document: Document
) -> Iterator[Problem]:
    """Yield what others would hear of a bucket on another machine."""
    url = urlsplit(section.endpoint)
    if url.scheme == "http" and not _is_here(url.hostname or ""):
        here = f"{path}.endpoint"
        facts = {"host": url.hostname or ""}
        yield Problem(here, document.line(here), "clear_text_files", facts)


def _warning(file: Path, path: str, document: Document) -> Problem:
    facts = {"file": str(file)}
    return Problem(path, document.line(path), "readable_by_others", facts)


def _is_open(file: Path) -> bool:
    try:
        mode = file.stat().st_mode
    except OSError:
        return False
    return bool(mode & stat.S_IROTH)


def _holds_secret(section: BaseModel) -> bool:
    """Tell whether a secret stands in the file itself."""
    if isinstance(section, StoreSettings) and _has_password(section):
        return True
    values = (getattr(section, name) for name in type(section).model_fields)
    return any(
        isinstance(value, SecretStr)
        or (isinstance(value, BaseModel) and _holds_secret(value))
        for value in values
    )


def _has_password(section: StoreSettings) -> bool:
    return "@" in section.url and section.url_env is None


def _is_here(host: str) -> bool:
    """Tell whether the server is on this machine: nobody else hears."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
