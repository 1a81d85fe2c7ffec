"""The way to a place, and the place itself, in the maps of whoever asks."""

from __future__ import annotations

from collections.abc import Mapping
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


def spot_of(answers: Mapping[str, object]) -> str:
    """Return where a phone said the site is, « 45.764043, 4.835659 », or nothing."""
    match answers.get("spot"):
        case {"latitude": str(latitude), "longitude": str(longitude)}:
            return f"{latitude}, {longitude}"
        case _:
            return ""


def on_map(spot: str, agent: str = "") -> str:
    """Return what shows a point in the maps of a telephone.

    Args:
        spot: latitude and longitude in degrees with a comma between, possibly empty.
        agent: as for ``route_to``.
    """
    latitude, _, longitude = spot.replace(" ", "").partition(",")
    if not longitude:
        return ""
    point = f"{latitude},{longitude}"
    if "Android" in agent:
        return f"geo:{point}?q={point}"
    if any(name in agent for name in ("iPhone", "iPad", "Macintosh")):
        return f"https://maps.apple.com/?ll={point}&q={point}"
    marker = f"mlat={latitude}&mlon={longitude}"
    return f"https://www.openstreetmap.org/?{marker}#map=17/{latitude}/{longitude}"
