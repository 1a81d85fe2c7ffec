"""How far French departments lie from each other, roughly.

Good enough to say which of two stations is nearer; no road is known here. The middle
of each department is ours, read off a map and rounded to a tenth of a degree: eleven
kilometres at most from north to south. Distances are great circles (haversine
formula, mean radius of the Earth 6371 km).
"""

from __future__ import annotations

from collections.abc import Iterable
from math import asin, cos, radians, sin, sqrt
from types import MappingProxyType
from typing import NamedTuple


class Spot(NamedTuple):
    """A place on Earth, in degrees."""

    latitude: float
    longitude: float


_MIDDLES = """
01 46.1 5.3|02 49.6 3.6|03 46.4 3.2|04 44.1 6.2|05 44.7 6.3|06 43.9 7.1|07 44.8 4.4
08 49.6 4.6|09 42.9 1.5|10 48.3 4.2|11 43.1 2.4|12 44.3 2.7|13 43.5 5.1|14 49.1 -0.4
15 45.1 2.7|16 45.7 0.2|17 45.8 -0.7|18 47.1 2.5|19 45.4 1.9|21 47.4 4.8|22 48.4 -2.9
23 46.1 2.0|24 45.1 0.7|25 47.2 6.4|26 44.7 5.2|27 49.1 1.0|28 48.4 1.4|29 48.3 -4.1
2A 41.9 9.0|2B 42.4 9.2|30 44.0 4.2|31 43.4 1.2|32 43.7 0.5|33 44.8 -0.6|34 43.6 3.4
35 48.2 -1.6|36 46.8 1.6|37 47.3 0.7|38 45.3 5.6|39 46.7 5.7|40 44.0 -0.8|41 47.6 1.4
42 45.7 4.2|43 45.1 3.8|44 47.4 -1.7|45 47.9 2.3|46 44.6 1.6|47 44.4 0.5|48 44.5 3.5
49 47.4 -0.6|50 49.1 -1.3|51 48.9 4.2|52 48.1 5.2|53 48.1 -0.7|54 48.8 6.2|55 49.0 5.4
56 47.8 -2.8|57 49.0 6.7|58 47.1 3.5|59 50.4 3.2|60 49.4 2.4|61 48.6 0.1|62 50.5 2.3
63 45.7 3.1|64 43.3 -0.8|65 43.1 0.2|66 42.6 2.5|67 48.7 7.6|68 47.9 7.3|69 45.9 4.6
70 47.6 6.1|71 46.6 4.5|72 48.0 0.2|73 45.5 6.4|74 46.0 6.4|75 48.9 2.3|76 49.7 1.0
77 48.6 2.9|78 48.8 1.8|79 46.6 -0.3|80 49.9 2.3|81 43.8 2.2|82 44.1 1.3|83 43.5 6.2
84 44.0 5.2|85 46.7 -1.3|86 46.6 0.5|87 45.9 1.2|88 48.2 6.4|89 47.8 3.6|90 47.6 6.9
91 48.5 2.2|92 48.8 2.2|93 48.9 2.5|94 48.8 2.5|95 49.1 2.1
971 16.2 -61.5|972 14.7 -61.0|973 3.9 -53.1|974 -21.1 55.5|975 46.9 -56.3
976 -12.8 45.2|977 17.9 -62.8|978 18.1 -63.1|980 43.7 7.4|984 -49.3 69.3
986 -13.3 -176.2|987 -17.7 -149.4|988 -21.3 165.5
"""

MIDDLES = MappingProxyType(
    {
        code: Spot(float(latitude), float(longitude))
        for entry in _MIDDLES.replace("\n", "|").strip("|").split("|")
        for code, latitude, longitude in (entry.split(),)
    }
)
"""About the middle of each department, by code."""

_EARTH_KM = 6371


def kilometres(one: str, other: str) -> int | None:
    """Return how far apart the middles of two departments are.

    Args:
        one: its code, ``69``, ``2A``, ``974``.
        other: likewise.

    Returns:
        whole kilometres, 0 for the same one; None when a code is unknown.
    """
    if one not in MIDDLES or other not in MIDDLES:
        return None
    a, b = MIDDLES[one], MIDDLES[other]
    north = radians(b.latitude - a.latitude)
    east = radians(b.longitude - a.longitude)
    shrunk = cos(radians(a.latitude)) * cos(radians(b.latitude))
    half = sin(north / 2) ** 2 + shrunk * sin(east / 2) ** 2
    return round(2 * _EARTH_KM * asin(min(1.0, sqrt(half))))


def nearest(one: str, others: Iterable[str]) -> int | None:
    """Return how far the nearest of several departments is, None when none is known."""
    known = [km for other in others if (km := kilometres(one, other)) is not None]
    return min(known, default=None)
