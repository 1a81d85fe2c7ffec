"""What of a database the metadata speaks of."""

from __future__ import annotations


def include_name(name: str | None, _kind: str, _parents: object) -> bool:
    """Leave out what the metadata cannot say: full-text tables and indexes."""
    return not (name or "").startswith(("search_index", "place_index", "ft_"))
