from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from azbot.forms.places import department_of
from azbot.workflow.model import (
    Assistance,
    Mission,
    MissionStatus,
    Station,
    StationId,
)
from azbot.workflow.ranking import Load, Past, Proposal, rank, serves
from tests.unit.workflow.stages import FROID, NOW, submitted

RHONE = ("69",)


@dataclass(frozen=True, slots=True)
class Entry:
    """A station as the desk lists it."""

    station: Station
    speciality: str = ""
    is_active: bool = True


def an_entry(
    number: int,
    *zones: str,
    company: str = "",
    speciality: str = "",
    is_active: bool = True,
) -> Entry:
    station = Station(
        StationId(number), company or f"Station {number}", "x@sta.example", zones=zones
    )
    return Entry(station, speciality, is_active)


def with_mission(
    it: Assistance, entry: Entry, status: MissionStatus, reason: str = ""
) -> Assistance:
    mission = Mission(
        len(it.missions) + 1,
        entry.station,
        status,
        NOW,
        NOW + timedelta(days=2),
        answered_at=NOW,
        reason=reason,
    )
    return replace(it, missions=(*it.missions, mission))


def order(
    it: Assistance, *entries: Entry, loads: dict[int, Load] | None = None
) -> list[int]:
    return [int(p.station.id) for p in proposals(it, *entries, loads=loads)]


def proposals(
    it: Assistance, *entries: Entry, loads: dict[int, Load] | None = None
) -> tuple[Proposal, ...]:
    known = {StationId(key): load for key, load in (loads or {}).items()}
    return rank(it, entries, known)


def codes(proposal: Proposal) -> list[str]:
    return [remark.code for remark in proposal.remarks]


@pytest.mark.parametrize(
    ("zone", "postcode"),
    [
        ("69", "69100"),
        ("691", "69100"),
        ("69100", "69100"),
        (" 69 ", "69100"),
        ("2A", "20000"),
        ("2b", "20200"),
        ("20", "20200"),
        ("974", "97400"),
        ("977", "97133"),
    ],
)
def test_a_zone_is_a_department_or_the_beginning_of_a_postcode(
    zone: str, postcode: str
) -> None:
    department = department_of(postcode)
    assert department is not None
    assert serves(zone, postcode, department)


@pytest.mark.parametrize(
    ("zone", "postcode"),
    [("38", "69100"), ("692", "69100"), ("6", "69100"), ("", "69100"), ("2A", "20200")],
)
def test_other_zones_do_not_serve_the_site(zone: str, postcode: str) -> None:
    department = department_of(postcode)
    assert department is not None
    assert not serves(zone, postcode, department)


def test_a_station_that_serves_the_site_comes_before_a_nearer_free_one() -> None:
    far = an_entry(1, "42")
    here = an_entry(2, "38", "691")
    assert order(submitted(), far, here, loads={2: Load(accepted=9)}) == [2, 1]


def test_the_nearest_comes_first_when_none_serves_the_site() -> None:
    lille, loire, paris = an_entry(1, "59"), an_entry(2, "42"), an_entry(3, "75")
    ranked = proposals(submitted(), lille, loire, paris)
    assert [p.station.id for p in ranked] == [2, 3, 1]
    assert ranked[0].distance_km is not None
    assert 20 <= ranked[0].distance_km <= 60
    assert codes(ranked[0])[0] == "far"


def test_another_part_of_the_department_is_beside_the_zone() -> None:
    (proposal,) = proposals(submitted(), an_entry(1, "692"))
    assert not proposal.in_zone
    assert codes(proposal)[0] == "beside"


def test_the_less_busy_of_two_comes_first() -> None:
    busy, free = an_entry(1, *RHONE), an_entry(2, *RHONE)
    loads = {1: Load(proposed=1, accepted=2), 2: Load(accepted=2)}
    ranked = proposals(submitted(), busy, free, loads=loads)
    assert [p.station.id for p in ranked] == [2, 1]
    assert ranked[1].remarks[1].facts == {"count": 3}


def test_a_fitting_speciality_is_worth_two_missions() -> None:
    plain = an_entry(1, *RHONE)
    ducts = an_entry(2, *RHONE, speciality="Gainable, plénums")
    loads = {1: Load(accepted=1), 2: Load(accepted=2)}
    assert order(submitted(), plain, ducts, loads=loads) == [2, 1]
    loads = {1: Load(accepted=1), 2: Load(accepted=4)}
    assert order(submitted(), plain, ducts, loads=loads) == [1, 2]


@pytest.mark.parametrize(
    ("speciality", "fits"),
    [
        ("Multizone gainable", "system"),
        ("unités DAIKIN et Hitachi", "maker"),
        ("mise en service", "service"),
        ("plancher chauffant", ""),
        ("", ""),
    ],
)
def test_a_speciality_fits_the_system_the_maker_or_the_service(
    speciality: str, fits: str
) -> None:
    (proposal,) = proposals(submitted(), an_entry(1, *RHONE, speciality=speciality))
    assert proposal.fits == fits
    assert ("fits" in codes(proposal)) == bool(fits)


def test_recent_refusals_cost_a_place() -> None:
    loads = {1: Load(refused=2), 2: Load(accepted=1)}
    ranked = proposals(
        submitted(), an_entry(1, *RHONE), an_entry(2, *RHONE), loads=loads
    )
    assert [p.station.id for p in ranked] == [2, 1]
    assert codes(ranked[1]) == ["in_zone", "in_hand", "refusals"]


def test_who_refused_this_very_mission_comes_last_and_says_why() -> None:
    refuser, far = an_entry(1, *RHONE), an_entry(2, "59")
    it = with_mission(submitted(), refuser, MissionStatus.REFUSED, "unavailable")
    ranked = proposals(it, refuser, far, loads={2: Load(accepted=9)})
    assert [p.station.id for p in ranked] == [2, 1]
    last = ranked[-1]
    assert last.past is Past.REFUSED
    assert last.remarks[-1].code == "refused_here"
    assert last.remarks[-1].facts == {"at": NOW, "reason": "unavailable"}


def test_who_lost_this_mission_comes_before_who_refused_it() -> None:
    lost, refuser, other = (an_entry(n, *RHONE) for n in (1, 2, 3))
    it = with_mission(submitted(), refuser, MissionStatus.REFUSED, "skill")
    it = with_mission(it, lost, MissionStatus.WITHDRAWN, "sans réponse")
    ranked = proposals(it, lost, refuser, other)
    assert [p.station.id for p in ranked] == [3, 1, 2]
    assert codes(ranked[1])[-1] == "withdrawn_here"


def test_inactive_stations_and_the_present_holder_are_not_proposed() -> None:
    gone = an_entry(1, *RHONE, is_active=False)
    holder = an_entry(2, *RHONE)
    it = with_mission(submitted(), holder, MissionStatus.ACCEPTED)
    assert order(it, gone, holder, an_entry(3, "59")) == [3]


def test_without_a_french_place_only_load_and_speciality_count() -> None:
    it = submitted()
    abroad = replace(it, answers={**it.answers, "country": "ES", "postcode": "28001"})
    ranked = proposals(
        abroad, an_entry(1, "28"), an_entry(2, *RHONE), loads={1: Load(accepted=1)}
    )
    assert [p.station.id for p in ranked] == [2, 1]
    assert {p.in_zone for p in ranked} == {False}
    assert {codes(p)[0] for p in ranked} == {"site_unknown"}


def test_a_station_without_zones_comes_after_those_with_a_distance() -> None:
    ranked = proposals(submitted(), an_entry(1), an_entry(2, "974"))
    assert [p.station.id for p in ranked] == [2, 1]
    assert codes(ranked[1])[0] == "zone_unknown"


def test_companies_in_order_of_the_alphabet_when_all_else_is_equal() -> None:
    entries = [
        an_entry(1, *RHONE, company="Évry Froid"),
        an_entry(2, *RHONE, company="Zénith"),
        an_entry(3, *RHONE, company="Alpes Clim"),
    ]
    assert order(submitted(), *entries) == [3, 1, 2]


def test_the_stations_of_the_desk_are_ranked_as_they_are() -> None:
    assert order(submitted(), Entry(FROID)) == [7]
