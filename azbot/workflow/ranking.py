"""Which stations to propose for an assistance, best first, and why (ux.md 6.1, A5).

A proposal orders and explains; it decides nothing. An agent may assign any station.

The order, strongest first:

1. what the station did with this very assistance: nothing, then a mission that was
   taken back from it, then a refusal;
2. its zone: the site lies in it, or elsewhere;
3. a sum that counts in open missions: each proposed or accepted one is worth 1, each
   recent refusal 1, every 20 km beyond the zone 1, and a speciality that fits takes
   away 2;
4. kilometres, then the company's name, then the number: the order is total.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import IntEnum
from typing import Protocol

from azbot.forms.distances import nearest
from azbot.forms.folding import fold, fold_in_place
from azbot.forms.lists import MAKERS, SERVICES, SYSTEMS
from azbot.forms.option_search import find_options
from azbot.forms.places import Department, department_of
from azbot.workflow.model import (
    Assistance,
    Mission,
    MissionStatus,
    Station,
    StationId,
)

RECENT_FOR = timedelta(days=90)
"""How long a refusal counts against a station."""

_MOST_REFUSALS = 3
_KM_FOR_ONE = 20
_FITTING = 2
_LISTS = {"system": SYSTEMS, "maker": MAKERS, "service": SERVICES}


class Candidate(Protocol):
    """A station as the store knows it."""

    @property
    def station(self) -> Station:
        """Who it is."""
        ...

    @property
    def speciality(self) -> str:
        """What it does best, in free words."""
        ...

    @property
    def is_active(self) -> bool:
        """Whether it gets missions."""
        ...


@dataclass(frozen=True, slots=True)
class Load:
    """What a station has in hand.

    Attributes:
        proposed, accepted: missions without answer, missions whose work goes on.
        refused: missions it declined within ``RECENT_FOR``.
    """

    proposed: int = 0
    accepted: int = 0
    refused: int = 0

    @property
    def in_hand(self) -> int:
        """Missions that occupy it."""
        return self.proposed + self.accepted


class Past(IntEnum):
    """What became of this assistance at a station, the better the smaller."""

    NEW = 0
    WITHDRAWN = 1
    REFUSED = 2


@dataclass(frozen=True, slots=True)
class Remark:
    """One reason for a place in the order: ``ranking.<code>`` and its facts."""

    code: str
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A station, and why it stands where it stands.

    Attributes:
        past: what it did with this assistance before.
        in_zone: whether it serves the site.
        distance_km: from the site to the nearest department it serves, between the
            middles of both; 0 in the zone, None when one of them is unknown.
        load: what it has in hand.
        fits: key of the list ``speciality`` met: ``system``, ``maker``, ``service``;
            empty when it met none.
        remarks: the reasons in the order to show; never empty.
    """

    station: Station
    past: Past
    in_zone: bool
    distance_km: int | None
    load: Load
    fits: str
    remarks: tuple[Remark, ...]


def rank(
    it: Assistance,
    candidates: Iterable[Candidate],
    loads: Mapping[StationId, Load],
) -> tuple[Proposal, ...]:
    """Return every station that may get a mission for this assistance, best first.

    Inactive stations are left out, and so is the one that holds the mission now.

    Args:
        it: whose mission it will be.
        candidates: the stations, in any order.
        loads: what each has in hand; a missing one has nothing.
    """
    holder = it.mission.station.id if it.mission else None
    free = (c for c in candidates if c.is_active and c.station.id != holder)
    proposals = (_proposal(it, c, loads.get(c.station.id, Load())) for c in free)
    return tuple(sorted(proposals, key=_place))


def serves(zone: str, postcode: str, department: Department) -> bool:
    """Whether an entry of a station's zones contains a French site.

    Args:
        zone: a department, ``69``, ``2A``, ``974``, or the beginning of a postcode,
            ``691``, ``69100``.
        postcode: of the site.
        department: of the site.
    """
    wanted = "".join(zone.split()).upper()
    if wanted == department.code:
        return True
    # One digit would be a tenth of the country.
    return len(wanted) >= 2 and wanted.isdigit() and postcode.startswith(wanted)


def _proposal(it: Assistance, candidate: Candidate, load: Load) -> Proposal:
    station = candidate.station
    site = _department(it)
    in_zone = site is not None and any(
        serves(zone, it.answer("postcode"), site) for zone in station.zones
    )
    km = 0 if in_zone else _distance(site, station.zones)
    fits = _fitting(it, candidate.speciality)
    own = [m for m in it.missions if m.station.id == station.id]
    return Proposal(
        station=station,
        past=max((_past(mission) for mission in own), default=Past.NEW),
        in_zone=in_zone,
        distance_km=km,
        load=load,
        fits=fits,
        remarks=(
            _place_remark(site, km, in_zone=in_zone),
            Remark("in_hand", {"count": load.in_hand}),
            *((Remark("fits", {"speciality": candidate.speciality}),) if fits else ()),
            *((Remark("refusals", {"count": load.refused}),) if load.refused else ()),
            *_own_remarks(own),
        ),
    )


def _place(proposal: Proposal) -> tuple[object, ...]:
    km = proposal.distance_km
    load = proposal.load
    cost = load.in_hand + min(load.refused, _MOST_REFUSALS)
    cost += (km or 0) // _KM_FOR_ONE
    if proposal.fits:
        cost -= _FITTING
    station = proposal.station
    return (
        proposal.past,
        not proposal.in_zone,
        km is None,
        cost,
        km or 0,
        fold(station.company),
        station.id,
    )


def _department(it: Assistance) -> Department | None:
    is_french = (it.answer("country") or "FR") == "FR"
    return department_of(it.answer("postcode")) if is_french else None


def _distance(site: Department | None, zones: Iterable[str]) -> int | None:
    """Return kilometres to the nearest department of the zones."""
    return None if site is None else nearest(site.code, map(_department_code, zones))


def _department_code(zone: str) -> str:
    """Return the department an entry of zones names, or lies in."""
    wanted = "".join(zone.split()).upper()
    found = department_of(wanted.ljust(5, "0"))
    return found.code if found else wanted


def _fitting(it: Assistance, speciality: str) -> str:
    """Return which answer of the request the speciality speaks of."""
    folded = fold_in_place(speciality)
    for key, options in _LISTS.items():
        asked = it.answer(key)
        hits = find_options(folded, speciality, options) if asked else []
        if any(hit.option is not None and hit.option.key == asked for hit in hits):
            return key
    return ""


def _past(mission: Mission) -> Past:
    if mission.status is MissionStatus.REFUSED:
        return Past.REFUSED
    if mission.status is MissionStatus.WITHDRAWN:
        return Past.WITHDRAWN
    return Past.NEW


def _place_remark(site: Department | None, km: int | None, *, in_zone: bool) -> Remark:
    if site is None:
        return Remark("site_unknown")
    if km is None:
        return Remark("zone_unknown")
    if in_zone:
        return Remark("in_zone", {"where": site.name})
    # Another part of the same department: its middle says nothing.
    return Remark("far", {"km": km}) if km else Remark("beside", {"where": site.name})


def _own_remarks(missions: Iterable[Mission]) -> tuple[Remark, ...]:
    """Tell the newest thing the station did with this assistance, if it went wrong."""
    for mission in sorted(missions, key=lambda m: m.number, reverse=True):
        if mission.status is MissionStatus.REFUSED:
            when = mission.answered_at or mission.proposed_at
            return (Remark("refused_here", {"at": when, "reason": mission.reason}),)
        if mission.status is MissionStatus.WITHDRAWN:
            return (Remark("withdrawn_here", {"at": mission.proposed_at}),)
    return ()
