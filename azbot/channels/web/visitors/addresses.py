"""An address as a page may show it to whoever holds a link alone."""

from __future__ import annotations


def masked(address: str) -> str:
    """Return ``s•••@clim-martin.example``: enough for its owner to know it."""
    local, at, domain = address.rpartition("@")
    return f"{local[:1]}•••{at}{domain}"
