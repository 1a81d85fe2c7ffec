"""What a search can ask for by name, and the words that mean each value.

Names and values are French in what azbot writes; English and Spanish ones, accents,
case and beginnings are understood. A value inside azbot is a code (``waiting``, ``69``,
``2026-03-01..``), whatever was typed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum

from azbot.channels.web.inbox.days import read_days
from azbot.forms.folding import clean_line, fold
from azbot.forms.places import DEPARTMENTS
from azbot.workflow.model import ServiceType, Status


class Field(StrEnum):
    """The filters of the manual (R25–R31) and the others of ux.md 6.4.

    The value is both the operator and the parameter of an address.
    """

    REFERENCE = "ref"
    SERVICE = "type"
    ADDRESS = "adresse"
    OPENED = "demandee"
    PLANNED = "programmee"
    STATUS = "statut"
    STATION = "sta"
    DEPARTMENT = "dept"
    CHANNEL = "canal"
    OWNER = "suivi"
    REQUESTER = "demandeur"
    DOCUMENTS = "pj"
    TAG = "etiquette"


_OPERATORS: Mapping[Field, str] = {
    Field.REFERENCE: "ref reference referencia",
    Field.SERVICE: "type service tipo servicio",
    Field.ADDRESS: "adresse ville rue lieu address town direccion ciudad",
    Field.OPENED: "demandee demande requested opened solicitada abierta",
    Field.PLANNED: "programmee programme visite planned visit programada visita",
    Field.STATUS: "statut etat status state estado",
    Field.STATION: "sta station estacion",
    Field.DEPARTMENT: "dept dpt departement department departamento",
    Field.CHANNEL: "canal channel via",
    Field.OWNER: "suivi suivie agent owner responsable",
    Field.REQUESTER: "demandeur de client from requester solicitante cliente",
    Field.DOCUMENTS: "pj piece pieces fichier fichiers files documents adjuntos",
    Field.TAG: "etiquette tag tags label etiqueta",
}
OPERATORS: Mapping[str, Field] = {
    name: field for field, names in _OPERATORS.items() for name in names.split()
}
"""Every name of a filter, folded."""

DATED = (Field.OPENED, Field.PLANNED)
WHOLE = (Field.REFERENCE, Field.ADDRESS, Field.REQUESTER)
"""Their value is one text, commas and all."""

ME = "me"
NOBODY = "nobody"

# The first word of each is the one azbot writes.
_WORDS: Mapping[Field, Mapping[str, str]] = {
    Field.STATUS: {
        Status.SUBMITTED: "demandee|requested|submitted|solicitada",
        Status.WAITING: "attente|en attente|waiting|espera|en espera",
        Status.ASSIGNED: "assignee|assigned|asignada",
        Status.UNDERWAY: "cours|en cours|underway|curso|en curso",
        Status.DONE: "realisee|done|realizada",
        Status.CLOSED: "cloturee|closed|cerrada",
        Status.CANCELLED: "annulee|cancelled|canceled|anulada",
    },
    Field.SERVICE: {
        ServiceType.MARKING: "marquage|travaux|marquage des travaux|marking|marcado",
        ServiceType.COMMISSIONING: (
            "mise|mise en service|commissioning|puesta en marcha"
        ),
        ServiceType.INCIDENT_WARRANTY: (
            "garantie|sous garantie|incident couvert par la garantie|warranty|garantia"
            "|incidencia cubierta por la garantia"
        ),
        ServiceType.INCIDENT: (
            "hors|hors garantie|incident hors garantie|out of warranty"
            "|fuera de garantia|incidencia fuera de garantia"
        ),
    },
    Field.CHANNEL: {
        "email": "mail|e-mail|email|courriel|correo",
        "telegram": "telegram",
        "web": "web|portail|portal",
        "api": "api",
    },
    Field.DOCUMENTS: {
        "yes": "oui|yes|si|avec|1",
        "no": "non|no|sans|sin|0",
    },
    Field.OWNER: {
        ME: "moi|me|yo",
        NOBODY: "personne|aucun|nobody|none|nadie",
    },
}
_OPEN = ("ouvert", "ouverte", "ouvertes", "open", "abierta", "abiertas")
OPEN = tuple(s for s in Status if s not in (Status.CLOSED, Status.CANCELLED))
"""« statut:ouvert »."""


def codes_of(field: Field, text: str, today: date) -> Sequence[str]:
    """Return the values that a word means; several for a beginning of several.

    Args:
        field: whose value it is.
        text: as typed.
        today: on the desk's calendar.

    Returns:
        codes, at least one; none for what the field does not know.
    """
    line = clean_line(text.replace('"', " "))
    words = fold(line).replace("_", " ")
    if not words:
        return ()
    match field:
        case Field.STATUS if words in _OPEN:
            return OPEN
        case Field.STATUS | Field.SERVICE | Field.CHANNEL:
            return _beginnings(_WORDS[field], words)
        case Field.DOCUMENTS:
            return _exact(_WORDS[field], words)
        case Field.OWNER:
            return _exact(_WORDS[field], words) or (line,)
        case Field.OPENED | Field.PLANNED:
            days = read_days(line, today)
            return (str(days),) if days else ()
        case Field.DEPARTMENT:
            return _departments(words)
        case _:
            return (line,)


def _beginnings(table: Mapping[str, str], words: str) -> Sequence[str]:
    if exact := _exact(table, words):
        return exact
    return tuple(
        code
        for code, phrases in table.items()
        if any(phrase.startswith(words) for phrase in phrases.split("|"))
    )


def _exact(table: Mapping[str, str], words: str) -> Sequence[str]:
    return tuple(code for code, phrases in table.items() if words in phrases.split("|"))


def _departments(words: str) -> Sequence[str]:
    code = words.upper()
    if code in DEPARTMENTS:
        return (code,)
    if code.isdigit() and len(code) == 1:
        return _departments(f"0{code}")
    found = [d.code for d in DEPARTMENTS.values() if fold(d.name) == words]
    return tuple(found) or tuple(
        d.code for d in DEPARTMENTS.values() if fold(d.name).startswith(words)
    )


def written(field: Field, code: str) -> str:
    """Return a value as azbot writes it: ``codes_of`` gives the code back."""
    phrases = _WORDS.get(field, {}).get(code)
    return phrases.partition("|")[0] if phrases else code
