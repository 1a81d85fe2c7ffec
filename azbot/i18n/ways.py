"""The way to a place, in the maps of whoever asks."""

from __future__ import annotations

from urllib.parse import quote


def route_to(place: str, agent: str = "") -> str:
    """Return what opens the way there in the maps of a telephone.

    No third party hears of it before the link is pressed. ``geo:`` lets people on
    Android choose their maps; iOS does not know it (RFC 5870 §6, Apple Map Links).

    Args:
        place: the address in one line, possibly empty.
        agent: what the browser calls itself; empty: nobody knows.
    """
    where = quote(place)
    if not where:
        return ""
    if "Android" in agent:
        return f"geo:0,0?q={where}"
    if any(name in agent for name in ("iPhone", "iPad", "Macintosh")):
        return f"https://maps.apple.com/?daddr={where}"
    return f"https://www.openstreetmap.org/search?query={where}"
