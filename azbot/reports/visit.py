"""From the filled intervention form to the content of its report (R84–R103).

The caller has already turned codes (service, integration, emitters) into words; here
they are put in order, with units, hours and the headings of the form.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from azbot.i18n.formats import distance, hour, long_date, number
from azbot.reports.content import (
    Answer,
    Brand,
    CheckPoint,
    Column,
    Language,
    Photo,
    ReportContent,
    Row,
    Section,
    Signature,
    Table,
)
from azbot.reports.labels import Words, words


@dataclass(frozen=True, slots=True)
class StationCard:
    """The station as the report names it (R84–R86)."""

    company: str
    phone: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class Webserver:
    """Webserver found on site (R93, R94); the MAC in any separator (R161)."""

    mac: str = ""
    serial: str = ""


@dataclass(frozen=True, slots=True)
class Unit:
    """One production unit (R97, R98, R164)."""

    maker: str
    model: str


@dataclass(frozen=True, slots=True)
class Material:
    """One replaced part (R167)."""

    reference: str
    designation: str
    quantity: int
    old_serial: str = ""
    new_serial: str = ""
    is_under_guarantee: bool | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """The answer to one of the nine points (R166)."""

    answer: Answer | None
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Visit:
    """One finished intervention with what surrounds it.

    Attributes:
        reference: public reference of the assistance.
        language: language of the report; words below are already in it.
        service: label of the service type.
        site: address on one line.
        requester: who asked.
        station: who went.
        visit: 1-based number of this visit.
        visits: number of visits so far.
        planned_at, arrived_at, left_at: local to the site.
        zone: name of the local time, « heure de Paris ».
        distance_km: one way (R162).
        webserver: None for « Pas de webserver ».
        integration: label, empty for none (R95).
        emitters: labels (R96, R165).
        checks: nine answers in the order of R109–R117.
        materials: empty for « Aucun ».
        is_solved: R101, R132.
        next_visit_at: proposed date (R103); None with ``is_solved`` false means
            to be planned later (R149).
    """

    reference: str
    language: Language
    service: str
    site: str
    requester: str
    station: StationCard
    visit: int
    visits: int
    planned_at: datetime | None
    arrived_at: datetime | None
    left_at: datetime | None
    zone: str
    is_solved: bool
    installer: str = ""
    distributor: str = ""
    own_number: str = ""
    first_observations: str = ""
    distance_km: int | Decimal | None = None
    observations: str = ""
    webserver: Webserver | None = None
    integration: str = ""
    emitters: tuple[str, ...] = ()
    units: tuple[Unit, ...] = ()
    checks: tuple[Check, ...] = ()
    materials: tuple[Material, ...] = ()
    next_visit_at: datetime | None = None
    photos: tuple[Photo, ...] = ()
    signatures: tuple[Signature, ...] = ()
    verification_url: str = ""
    brand: Brand = field(default_factory=Brand)


def compose(visit: Visit) -> ReportContent:
    """Return the report of ``visit``, sections in the order of the form."""
    say = words(visit.language)
    return ReportContent(
        reference=visit.reference,
        language=visit.language,
        service=visit.service,
        site=visit.site,
        requester=visit.requester,
        station=visit.station.company,
        installer=visit.installer,
        distributor=visit.distributor,
        own_number=visit.own_number,
        visit=visit.visit,
        visits=visit.visits,
        planned_at=visit.planned_at,
        arrived_at=visit.arrived_at,
        left_at=visit.left_at,
        zone=visit.zone,
        is_solved=visit.is_solved,
        next_step=_next_step(visit, say),
        sections=(
            _station(visit, say),
            _appointment(visit, say),
            _action(visit, say),
            _installation(visit, say),
            _units(visit, say),
            _state(visit, say),
            _material(visit, say),
            _conclusion(visit, say),
        ),
        photos=visit.photos,
        signatures=visit.signatures,
        verification_url=visit.verification_url,
        brand=visit.brand,
    )


def mac_address(text: str) -> str:
    """Write twelve hexadecimal digits in pairs; keep any other form as typed (R161)."""
    digits = re.sub(r"[\s:.\-]", "", text)
    if not re.fullmatch(r"[0-9A-Fa-f]{12}", digits):
        return text
    return ":".join(digits[at : at + 2] for at in range(0, 12, 2)).upper()


def _station(visit: Visit, say: Words) -> Section:
    card = visit.station
    return Section(
        say("station"),
        rows=(
            Row(say("company"), card.company),
            Row(say("phone"), card.phone),
            Row(say("email"), card.email),
        ),
    )


def _appointment(visit: Visit, say: Words) -> Section:
    return Section(
        say("appointment"),
        rows=(
            Row(say("planned_on"), _moment(visit.planned_at, visit, say)),
            Row(say("first_observations"), visit.first_observations),
        ),
    )


def _action(visit: Visit, say: Words) -> Section:
    lang = visit.language
    way = ""
    if visit.distance_km is not None:
        way = say("distance_value", distance=distance(visit.distance_km, lang))
    arrived = hour(visit.arrived_at, lang) if visit.arrived_at else ""
    return Section(
        say("action"),
        rows=(
            Row(say("distance"), way),
            Row(say("arrived"), arrived),
            Row(say("left"), _left(visit, say)),
            Row(say("observations"), visit.observations),
        ),
    )


def _left(visit: Visit, say: Words) -> str:
    if visit.left_at is None:
        return ""
    time = hour(visit.left_at, visit.language)
    if visit.arrived_at and visit.left_at.date() > visit.arrived_at.date():
        return say("next_day", time=time)
    return time


def _installation(visit: Visit, say: Words) -> Section:
    web: tuple[Row, ...]
    if visit.webserver is None:
        web = (Row(say("webserver"), say("no_webserver")),)
    else:
        web = (
            Row(say("mac"), mac_address(visit.webserver.mac)),
            Row(say("serial"), visit.webserver.serial),
        )
    return Section(
        say("installation"),
        rows=(
            *web,
            Row(say("integration"), visit.integration or say("integration_none")),
            Row(say("emitters"), ", ".join(visit.emitters)),
        ),
    )


def _units(visit: Visit, say: Words) -> Section:
    if len(visit.units) == 1:
        unit = visit.units[0]
        rows = (Row(say("maker"), unit.maker), Row(say("model"), unit.model))
        return Section(say("units"), rows=rows)
    columns = (Column("N°", 0.2), Column(say("maker"), 1.0), Column(say("model"), 1.4))
    lines = tuple(
        (str(at), unit.maker, unit.model) for at, unit in enumerate(visit.units, 1)
    )
    return Section(say("units"), table=Table(columns, lines))


def _state(visit: Visit, say: Words) -> Section:
    points = tuple(
        CheckPoint(at, say(f"point_{at}"), check.answer, check.remark)
        for at, check in enumerate(visit.checks, 1)
    )
    return Section(say("state"), checklist=points)


def _material(visit: Visit, say: Words) -> Section:
    if not visit.materials:
        return Section(say("material"), text=say("material_none"))
    columns = (
        Column(say("material_reference"), 1.2),
        Column(say("material_designation"), 2.4),
        Column(say("material_quantity"), 0.5, is_number=True),
        Column(say("material_old"), 1.3),
        Column(say("material_new"), 1.3),
        Column(say("material_guarantee"), 0.9),
    )
    lines = tuple(_part(part, visit.language, say) for part in visit.materials)
    return Section(say("material"), table=Table(columns, lines))


def _part(part: Material, language: Language, say: Words) -> tuple[str, ...]:
    guarantee = ""
    if part.is_under_guarantee is not None:
        guarantee = say("yes") if part.is_under_guarantee else say("no")
    return (
        part.reference,
        part.designation,
        number(part.quantity, language),
        part.old_serial,
        part.new_serial,
        guarantee,
    )


def _conclusion(visit: Visit, say: Words) -> Section:
    rows = [Row(say("is_solved"), say("yes") if visit.is_solved else say("no"))]
    if not visit.is_solved:
        planned = _moment(visit.next_visit_at, visit, say)
        rows.append(Row(say("next_visit"), planned or say("next_visit_later")))
    return Section(say("conclusion"), rows=tuple(rows))


def _next_step(visit: Visit, say: Words) -> str:
    if visit.is_solved:
        return ""
    if visit.next_visit_at is None:
        return say("next_visit_later")
    return say(
        "next_visit_on",
        date=long_date(visit.next_visit_at, visit.language),
        time=hour(visit.next_visit_at, visit.language),
    )


def _moment(when: datetime | None, visit: Visit, say: Words) -> str:
    if when is None:
        return ""
    lang = visit.language
    moment = say("moment", date=long_date(when, lang), time=hour(when, lang))
    return f"{moment} ({visit.zone})" if visit.zone else moment
