"""What stations look at: their missions, and what was done at an address before."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Select
from sqlalchemy.dialects import sqlite

from azbot.forms.places import site_key
from azbot.store import Store, UnitOfWork
from azbot.store.mission_views import held_by, visited_where
from azbot.workflow.model import (
    Assistance,
    AssistanceId,
    Intervention,
    InterventionStatus,
    Mission,
    MissionStatus,
    StationId,
    Status,
)
from tests.stores import NOW, an_assistance

VISITED = (Intervention(1, 1, InterventionStatus.FINISHED, finished_at=NOW),)
PLACE = {"address": "18, rue des Lilas", "postcode": "69100", "town": "Villeurbanne"}


def placed(uow: UnitOfWork, *, days: int = 0, **changes: object) -> Assistance:
    it = an_assistance(uow)
    answers = {**PLACE, **{k: v for k, v in changes.items() if k in PLACE}}
    rest = {k: v for k, v in changes.items() if k not in PLACE}
    there = replace(
        it,
        answers=answers,
        opened_at=it.opened_at - timedelta(days=days),
        **rest,  # type: ignore[arg-type]
    )
    return uow.assistances.save(there)


async def test_earlier_visits_at_one_address_are_found_however_it_is_spelled(
    store: Store,
) -> None:
    def work(uow: UnitOfWork) -> tuple[Assistance, list[str]]:
        here = placed(uow)
        first = placed(uow, address="18 RUE DES LILAS", interventions=VISITED)
        second = placed(uow, address="18 r. des lilas", interventions=VISITED)
        placed(uow, address="18 rue des Lilas, 3e étage", interventions=VISITED)
        placed(uow, postcode="69003", interventions=VISITED)
        placed(uow)
        return here, [second.ref, first.ref]

    here, expected = await store.write(work)
    found = await store.views.earlier_at_site(here)
    assert sorted(it.ref for it in found) == sorted(expected)
    assert here.ref not in expected


async def test_no_address_is_the_same_as_no_other(store: Store) -> None:
    def work(uow: UnitOfWork) -> Assistance:
        placed(uow, address="", interventions=VISITED)
        return placed(uow, address="")

    assert await store.views.earlier_at_site(await store.write(work)) == []


async def test_a_station_finds_what_it_has_in_hand(store: Store) -> None:
    def work(uow: UnitOfWork) -> tuple[StationId, list[str]]:
        mine, other = (
            uow.stations.add(name, f"{name}@sta.example").station
            for name in ("un", "deux")
        )
        held = []
        for status in (Status.ASSIGNED, Status.UNDERWAY, Status.DONE):
            for station in (mine, other):
                mission = Mission(1, station, MissionStatus.PROPOSED, NOW, NOW)
                it = placed(uow, status=status, missions=(mission,))
                if station is mine and status is not Status.DONE:
                    held.append(str(it.ref))
        return mine.id, held

    station, held = await store.write(work)
    assert [it.ref for it in await store.views.missions_of(station)] == held
    assert await store.views.missions_of(StationId(9_999)) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("18, rue des Lilas", "18 RUE DES LILAS"),
        ("3 av. Foch", "3 avenue Foch"),
        ("12bis bd St-Michel", "12 bis boulevard saint michel"),
        ("Bât. B, 4 pl. de l’Église", "bat B 4 place de l'eglise"),
    ],
)
def test_two_spellings_are_one_site(one: str, other: str) -> None:
    assert site_key(one, "69 100") == site_key(other, "69100") != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("18 rue des Lilas", "81 rue des Lilas"),
        ("18 rue des Lilas", "18 rue des Lilas, 3e étage"),
    ],
)
def test_two_places_are_two_sites(one: str, other: str) -> None:
    assert site_key(one, "69100") != site_key(other, "69100")
    assert site_key(one, "69100") != site_key(one, "69100", "BE")
    assert site_key("", "69100") == site_key(one, "") == ""


@pytest.mark.parametrize(
    ("query", "index"),
    [
        (held_by(StationId(7)), "ix_assistances_held"),
        (visited_where(AssistanceId(7)), "ix_assistances_visited_site"),
    ],
)
def test_both_are_found_from_an_index(
    query: Select[Any], index: str, migrated_file: Path
) -> None:
    words = query.compile(
        dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}
    )
    with sqlite3.connect(migrated_file) as connection:
        lines = connection.execute(f"EXPLAIN QUERY PLAN {words}").fetchall()
    connection.close()
    assert any(index in line[3] for line in lines), lines
    assert not any("SCAN" in line[3] for line in lines), lines
