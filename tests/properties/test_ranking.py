"""Proposals of stations: what must hold of any stations, loads and past."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from azbot.forms.places import DEPARTMENTS
from azbot.workflow.model import (
    Assistance,
    Mission,
    MissionStatus,
    Station,
    StationId,
)
from azbot.workflow.ranking import Load, Past, rank
from tests.unit.workflow.stages import NOW, submitted
from tests.unit.workflow.test_ranking import Entry

_ZONES = st.sampled_from([*sorted(DEPARTMENTS), "691", "69100", "2", "", "zz"])
_SPECIALITIES = st.sampled_from(["", "gainable", "Daikin", "plancher chauffant"])
_LOADS = st.builds(Load, *(st.integers(0, 9) for _ in range(3)))
_OVER = (MissionStatus.REFUSED, MissionStatus.WITHDRAWN)


@st.composite
def entries(draw: st.DrawFn) -> list[Entry]:
    """Some stations, some of them alike but for their number."""
    numbers = draw(st.lists(st.integers(1, 30), unique=True, max_size=8))
    return [
        Entry(
            Station(
                StationId(number),
                draw(st.sampled_from(["Froid Rhône", "froid rhone", "Clim Alpes"])),
                "sta@sta.example",
                zones=tuple(draw(st.lists(_ZONES, max_size=3))),
            ),
            draw(_SPECIALITIES),
            draw(st.booleans()),
        )
        for number in numbers
    ]


@st.composite
def lives(draw: st.DrawFn, them: list[Entry]) -> Assistance:
    """An assistance that may have been at some of the stations before."""
    it = submitted()
    postcode = draw(
        st.sampled_from(["69100", "69210", "20200", "97400", "99999", "28001", ""])
    )
    country = draw(st.sampled_from(["FR", "ES", ""]))
    at = draw(st.lists(st.sampled_from(them), max_size=3)) if them else []
    missions = tuple(
        Mission(
            number,
            entry.station,
            draw(st.sampled_from(_OVER)),
            NOW,
            NOW + timedelta(days=2),
        )
        for number, entry in enumerate(at, start=1)
    )
    answers = {**it.answers, "postcode": postcode, "country": country}
    return replace(it, answers=answers, missions=missions)


@given(st.data())
def test_proposals_are_a_total_order_of_the_active_stations(
    data: st.DataObject,
) -> None:
    them = data.draw(entries())
    it = data.draw(lives(them))
    loads = {e.station.id: data.draw(_LOADS) for e in them if data.draw(st.booleans())}
    ranked = rank(it, them, loads)
    assert rank(it, data.draw(st.permutations(them)), loads) == ranked
    active = {e.station.id for e in them if e.is_active}
    assert sorted(p.station.id for p in ranked) == sorted(active)
    pasts = [p.past for p in ranked]
    assert pasts == sorted(pasts)
    if any(past is Past.NEW for past in pasts):
        assert ranked[0].past is Past.NEW
    assert all(p.remarks for p in ranked)
    for proposal in ranked:
        assert proposal.in_zone == (proposal.remarks[0].code == "in_zone")
