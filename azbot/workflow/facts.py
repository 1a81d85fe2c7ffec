"""What notices say: the facts every mail about a place, a mission or a visit needs.

They are frozen in the notice: what is told is what was so at the time of the event.
"""

from __future__ import annotations

from datetime import datetime

from azbot.workflow.model import (
    Actor,
    Assistance,
    Intervention,
    InterventionStatus,
    Mission,
    Party,
)

Facts = dict[str, object]

_WHERE = (
    "address",
    "postcode",
    "town",
    "country",
    "own_number",
    "contact_name",
    "phone",
    "installer",
    "distributor",
)


def place_facts(it: Assistance, actor: Actor, now: datetime) -> Facts:
    """Return the facts every notice carries: what, where, by whom."""
    return {
        "ref": it.ref,
        "status": it.status.value,
        "service": it.service.value if it.service else "",
        "zone": it.zone_name,
        "at": now.isoformat(),
        "actor": {"role": actor.role.value, "name": actor.name},
        **{key: it.answer(key) for key in _WHERE},
        **station_facts(it),
    }


def public_name(actor: Actor) -> str:
    """Return the agent's first name and initial, for clients (R172)."""
    return short_name(actor.name)


def short_name(name: str) -> str:
    """Return first name and initial of a whole name."""
    first, *rest = name.split() or [""]
    return f"{first} {rest[-1][0]}." if rest else first


def station_facts(it: Assistance | None) -> Facts:
    """Return who the station is; nothing when there is none."""
    mission = it.mission if it else None
    if mission is None:
        return {}
    station = mission.station
    return {
        "station": station.company,
        "station_phone": station.phone,
        "station_email": station.email,
        "station_id": station.id,
    }


def mission_facts(it: Assistance, number: int | None) -> Facts:
    """Return what a station is asked; by the present mission when no other is named."""
    mission: Mission | None = it.mission
    if number is not None:
        mission = next((m for m in it.missions if m.number == number), mission)
    return {
        "answer_by": iso(mission.answer_by if mission else None),
        "answers": dict(it.answers),
        "documents": [
            d.name
            for d in it.present_documents
            if d.is_for(Party.STATION, mission.station.id if mission else None)
        ],
    }


def visit_facts(it: Assistance, number: int) -> Facts:
    """Return which visit it is and when; of one that is gone, its number."""
    visit = it.intervention(number)
    if visit is None:
        return {"number": number}
    return {
        "number": visit.number,
        "rank": _rank(it, visit),
        "planned_at": iso(day_of(visit)),
        "lasts": int(visit.lasts.total_seconds()),
        "sequence": visit.sequence,
        "finished_at": iso(visit.finished_at),
    }


def day_of(visit: Intervention) -> datetime | None:
    """Return when the visit took place, while it has not: when it is planned."""
    took_place = visit.arrived_at if visit.finished_at else None
    return took_place or visit.planned_at or visit.finished_at


def _rank(it: Assistance, visit: Intervention) -> int:
    """Count the visit among those that were not cancelled: « Deuxième visite »."""
    kept = [i for i in it.interventions if i.status is not InterventionStatus.CANCELLED]
    return kept.index(visit) + 1 if visit in kept else visit.number


def remaining_before(it: Assistance, number: int) -> str:
    """Return what the visits before this one left to do."""
    earlier = [i for i in it.interventions if i.number < number and i.remaining]
    return earlier[-1].remaining if earlier else ""


def last_finished(it: Assistance) -> Intervention | None:
    """Return the last visit that took place, None before the first."""
    done = [i for i in it.interventions if i.finished_at is not None]
    return done[-1] if done else None


def iso(at: datetime | None) -> str:
    """Return an instant as facts hold it; empty for none."""
    return at.isoformat() if at else ""
