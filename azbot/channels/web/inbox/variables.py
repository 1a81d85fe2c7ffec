"""Variables of canned answers: ``{prénom}`` becomes the reader's (ux.md 6.2). Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from azbot.forms.folding import fold
from azbot.i18n import formats
from azbot.i18n.catalogue import catalogue
from azbot.render.voice import Voice
from azbot.workflow.model import Assistance, Intervention, InterventionStatus

VARIABLE = re.compile(r"\{([^\W\d_][^{}\n]{0,39})\}")
"""A name in braces that begins with a letter; other braces are plain text."""

NAMES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "first_name": ("prénom", "first name", "nombre"),
        "last_name": ("nom", "last name", "apellidos"),
        "name": ("nom complet", "full name", "nombre completo"),
        "company": ("société", "company", "empresa"),
        "reference": ("référence", "reference", "referencia"),
        "own_number": ("votre référence", "your reference", "su referencia"),
        "service": ("service", "servicio"),
        "street": ("adresse", "address", "dirección"),
        "town": ("ville", "town", "ciudad"),
        "station": ("sta", "station"),
        "station_phone": ("téléphone sta", "station phone", "teléfono sta"),
        "date": ("date", "fecha"),
        "agent": ("agent", "agente"),
    }
)
"""What each variable is called; accents and case are free."""

_BY_NAME = {fold(name): key for key, names in NAMES.items() for name in names}
_DATED = (InterventionStatus.PLANNED, InterventionStatus.UNDERWAY)


@dataclass(frozen=True, slots=True)
class Filled:
    """A text with its variables filled in.

    Attributes:
        missing: the variables that stayed, as written: « {sta} ».
    """

    text: str
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Addressee:
    """Who is spoken to; without a name what asks for one stays to be filled in."""

    name: str = ""
    company: str = ""


def values_of(
    it: Assistance, reader: Addressee, agent: str, language: str
) -> Mapping[str, str]:
    """Return what the variables stand for, empty where the case does not say it.

    Args:
        it: the case.
        reader: who reads it.
        agent: name of who writes.
        language: of the text.
    """
    voice = Voice(catalogue(language))
    first, _, last = reader.name.strip().partition(" ")
    station = it.mission.station if it.mission else None
    visit = _dated(it)
    day = visit.planned_at if visit else None
    return {
        "first_name": first,
        "last_name": last.strip(),
        "name": reader.name.strip(),
        "company": reader.company,
        "reference": it.ref,
        "own_number": it.answer("own_number"),
        "service": voice.service_name(it.service.value) if it.service else "",
        "street": it.answer("address"),
        "town": it.answer("town"),
        "station": station.company if station else "",
        "station_phone": formats.phone(station.phone) if station else "",
        "date": formats.date_and_hour(day, it.zone_name, language) if day else "",
        "agent": agent,
    }


def filled(text: str, values: Mapping[str, str]) -> Filled:
    """Return a text with every variable filled in that has a value."""

    def value(found: re.Match[str]) -> str:
        key = _BY_NAME.get(fold(found[1]), "")
        return values.get(key) or found[0]

    # A value that looks like a variable is somebody's name, and stays as it is.
    missing = [
        found[0] for found in VARIABLE.finditer(text) if value(found) == found[0]
    ]
    return Filled(VARIABLE.sub(value, text), tuple(dict.fromkeys(missing)))


def unresolved(text: str) -> tuple[str, ...]:
    """Return the variables a text still has, as written, each once."""
    return tuple(dict.fromkeys(found[0] for found in VARIABLE.finditer(text)))


def _dated(it: Assistance) -> Intervention | None:
    return next((v for v in it.open_visits if v.status in _DATED), None)
