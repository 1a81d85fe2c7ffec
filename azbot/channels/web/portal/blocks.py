"""Tabs « Demande » and « STA »: what was asked, who comes, when (R66, R67)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from azbot.channels.web.portal.scene import Scene
from azbot.forms.assistance import ASSISTANCE
from azbot.i18n import formats
from azbot.i18n.answers import answer_words
from azbot.i18n.ways import on_map, spot_of
from azbot.workflow.model import (
    Assistance,
    Intervention,
    InterventionStatus,
    MissionStatus,
    Status,
)

BLOCKS: Mapping[str, tuple[str, ...]] = {
    "contact": ("contact_name", "phone", "phone_2", "contact_email"),
    "site": ("service", "address", "postcode", "town", "region", "country"),
    "installation": (
        *("system", "system_count", "thermostat_count", "maker"),
        *("installer", "distributor", "own_number"),
    ),
}
"""The blocks of « Demande », each with the fields « Modifier » asks for."""

_REQUESTER_ONLY = frozenset({"installer", "distributor", "own_number"})
"""Between the requester and the desk; the contact on site has no use for it."""

AMENDED_WHILE = (Status.SUBMITTED, Status.WAITING)
"""When the requester changes the request alone (ux.md 7.2)."""


@dataclass(frozen=True, slots=True)
class Row:
    """A label, a value, and where the value leads (``tel:``, ``mailto:``, empty)."""

    label: str
    value: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """One group of rows.

    Attributes:
        edit, edit_label: where its rows are changed, or a mistake is told; empty:
            nowhere.
    """

    title: str
    rows: tuple[Row, ...]
    edit: str = ""
    edit_label: str = ""


@dataclass(frozen=True, slots=True)
class VisitLine:
    """One visit in a list.

    Attributes:
        look: which chip of the stylesheet: ``planned``, ``finished``…
        url: where its form is read, empty while there is none.
    """

    title: str
    when: str
    look: str
    status: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class StationTab:
    """Who comes: the mission and its visits; ``none`` says why nobody does yet."""

    mission: Block | None
    visits: tuple[VisitLine, ...]
    none: str = ""


def request_blocks(scene: Scene) -> tuple[Block, ...]:
    """Return the blocks of the tab « Demande »."""
    found = []
    for name, keys in BLOCKS.items():
        shown = [k for k in keys if scene.sees_all or k not in _REQUESTER_ONLY]
        rows = _rows(scene, shown)
        edit, label = _edit(scene, name)
        if rows or edit:
            title = scene.t(f"block.{name}")
            found.append(Block(title, rows, edit, label))
    return tuple(found)


def _edit(scene: Scene, name: str) -> tuple[str, str]:
    if not scene.may_act or scene.it.merged_into is not None:
        return "", ""
    if scene.it.status in AMENDED_WHILE:
        return scene.url("edit", name), scene.t("edit")
    return f"{scene.url('mistake')}?block={name}", scene.t("mistake")


def _rows(scene: Scene, keys: Sequence[str]) -> tuple[Row, ...]:
    found = []
    for key in keys:
        if key in ("address", "postcode", "town"):
            continue
        value = scene.it.answers.get(key)
        if value in (None, "") or (key, value) in _USUAL:
            continue
        if key == "service":
            found.append(_row(scene, key, value))
            found += _site(scene.it, scene)
        else:
            found.append(_row(scene, key, value))
    if "address" in keys and "service" not in scene.it.answers:
        found += _site(scene.it, scene)
    return tuple(found)


_USUAL = frozenset({("country", "FR")})
"""Said by nobody at home."""


def _row(scene: Scene, key: str, value: object) -> Row:
    words = answer_words(
        ASSISTANCE.fields[key],
        value,  # type: ignore[arg-type]
        scene.words,
        scene.lists,
    )
    href = ""
    if key.startswith("phone") and str(value).startswith("+"):
        href = f"tel:{value}"
    return Row(_short(scene, key), words, href)


def _short(scene: Scene, key: str) -> str:
    """Return a label that fits beside its value; the form has the whole one."""
    short = f"portal.short.{key}"
    return scene.words.t(short if short in scene.words else ASSISTANCE.label(key))


def _site(it: Assistance, scene: Scene) -> list[Row]:
    line = formats.address_line(
        it.answer("address"), it.answer("postcode"), it.answer("town")
    )
    found = [Row(scene.t("short.address"), line)] if line else []
    if spot := spot_of(it.answers):
        found.append(Row(_short(scene, "spot"), spot, on_map(spot)))
    return found


def station_tab(scene: Scene) -> StationTab:
    """Return what the tab « STA » shows."""
    mission = scene.it.mission
    visits = tuple(visit_line(scene, i) for i in reversed(scene.it.interventions))
    if mission is None or scene.it.status is Status.CANCELLED:
        return StationTab(None, visits, scene.t("station.none"))
    station = mission.station
    rows = [Row(scene.t("station.company"), station.company)]
    if station.phone:
        phone = formats.phone(station.phone)
        rows.append(Row(scene.t("station.phone"), phone, f"tel:{station.phone}"))
    if station.email:
        rows.append(
            Row(scene.t("station.email"), station.email, f"mailto:{station.email}")
        )
    state = scene.words.t(f"mission.{mission.status.value}")
    if mission.status is MissionStatus.PROPOSED:
        state = scene.t("station.to_confirm")
    rows += [
        Row(scene.t("station.mission"), state),
        Row(scene.t("station.since"), scene.long_day(mission.proposed_at)),
    ]
    return StationTab(Block(scene.t("station.title"), tuple(rows)), visits)


def visit_line(scene: Scene, visit: Intervention) -> VisitLine:
    """Return one visit as a list names it.

    A follow-up date that the desk has not agreed with is not told (R105).
    """
    status = told_status(visit)
    at = told_date(visit)
    when = scene.when(at) if at else ""
    can_read = visit.finished_at is not None and scene.sees_all
    url = f"{scene.url('visits')}?visit={visit.number}" if can_read else ""
    return VisitLine(
        title=scene.words.t("intervention.numbered", number=visit.number),
        when=when,
        look=status.value,
        status=scene.words.t(f"intervention.{status.value}"),
        url=url,
    )


def told_status(visit: Intervention) -> InterventionStatus:
    """Return the status a client is told."""
    is_proposed = visit.status is InterventionStatus.TO_APPROVE
    return InterventionStatus.UNPLANNED if is_proposed else visit.status


def told_date(visit: Intervention) -> datetime | None:
    """Return the date a client is told, None for none.

    Of a visit that took place, when it did: a station may come on another day.
    """
    if visit.finished_at is not None:
        return visit.arrived_at or visit.planned_at or visit.finished_at
    if told_status(visit) is InterventionStatus.UNPLANNED:
        return None
    return visit.planned_at or visit.arrived_at or visit.finished_at
