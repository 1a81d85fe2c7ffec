"""The form of a visit (R82 to R117, R161 to R167).

Signatures are no fields: each is given on one version of the answers, named by
:func:`fingerprint`, and falls when they change (R138).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from azbot.forms.draft import thaw
from azbot.forms.form import Field, Form, Prefill, Section, Source
from azbot.forms.kinds import (
    CheckPoint,
    Choice,
    Distance,
    Email,
    Files,
    Integer,
    Kind,
    LongText,
    Mac,
    Moment,
    MultipleChoice,
    Part,
    Phone,
    Problem,
    Repeated,
    SerialNumber,
    Text,
    TimeOfDay,
    Value,
    YesNo,
)
from azbot.forms.lists import EMITTERS, INTEGRATIONS, MAKERS, MODELS
from azbot.forms.rules import ALWAYS, Answers, Is, IsBefore, IsNot


def _mission(name: str) -> tuple[Prefill, ...]:
    return (Prefill(Source.MISSION, name),)


_STATION = Section(
    "station",
    (
        Field("company", Text(120), prefill=_mission("company"), is_automatic=True),
        Field("company_phone", Phone(), prefill=_mission("phone"), is_automatic=True),
        Field("company_email", Email(), prefill=_mission("email"), is_automatic=True),
    ),
)

_APPOINTMENT = Section(
    "appointment",
    (
        Field(
            "appointment_at",
            Moment(),
            prefill=_mission("planned_at"),
            is_automatic=True,
        ),
        Field("initial_notes", LongText(4000), has_hint=True),
    ),
)

_ACTION = Section(
    "action",
    (
        Field("distance_km", Distance(), mandatory=ALWAYS, has_hint=True),
        Field("time_in", TimeOfDay(), mandatory=ALWAYS, has_hint=True),
        Field("time_out", TimeOfDay(), mandatory=ALWAYS),
        Field(
            "leaves_next_day",
            YesNo(),
            mandatory=ALWAYS,
            shown=IsBefore("time_out", "time_in"),
            has_hint=True,
        ),
        Field(
            "action_notes",
            LongText(),
            mandatory=Is("solved", value=False),
            has_hint=True,
        ),
    ),
)

_INSTALLATION = Section(
    "installation",
    (
        Field("has_webserver", YesNo(), mandatory=ALWAYS),
        Field(
            "webserver_mac",
            Mac(),
            mandatory=ALWAYS,
            shown=Is("has_webserver", value=True),
            has_hint=True,
        ),
        Field(
            "webserver_serial",
            SerialNumber(),
            mandatory=ALWAYS,
            shown=Is("has_webserver", value=True),
            has_hint=True,
        ),
        Field(
            "integration",
            Choice("integrations", INTEGRATIONS, has_other=True),
            mandatory=ALWAYS,
            prefill=(Prefill(Source.CONSTANT, "none"),),
        ),
        Field(
            "emitters",
            MultipleChoice("emitters", EMITTERS, fewest=1, has_other=True),
            mandatory=ALWAYS,
            has_hint=True,
        ),
    ),
)

_PRODUCTION = Section(
    "production",
    (
        Field(
            "production_units",
            Repeated(
                (
                    Part(
                        "maker",
                        Choice("makers", MAKERS, has_other=True),
                        is_mandatory=True,
                    ),
                    Part(
                        "model",
                        Choice("models", MODELS, has_other=True),
                        is_mandatory=True,
                    ),
                    Part("serial_number", SerialNumber()),
                ),
                most=30,
            ),
            mandatory=ALWAYS,
            has_hint=True,
        ),
    ),
)

CHECKLIST = (
    "wired_as_documented",
    "bus_apart",
    "bus_cable",
    "motors_labelled",
    "gateways_connected",
    "relays_labelled",
    "supply_compliant",
    "other_units_checked",
    "maker_commissioned",
)
"""The nine points, in the order of R109 to R117."""

_CHECKLIST = Section(
    "checklist",
    tuple(
        Field(
            key,
            CheckPoint(),
            mandatory=ALWAYS,
            words=f"checklist.{key}",
            has_hint=True,
        )
        for key in CHECKLIST
    ),
)

_MATERIAL = Section(
    "material",
    (
        Field("no_material", YesNo(), has_hint=True),
        Field(
            "material",
            Repeated(
                (
                    Part("reference", Text(60)),
                    Part("designation", Text(200), is_mandatory=True),
                    Part("quantity", Integer(1, 999), is_mandatory=True),
                    Part("old_serial", SerialNumber()),
                    Part("new_serial", SerialNumber()),
                    Part("is_under_warranty", YesNo()),
                    Part("photos", Files(5)),
                )
            ),
            shown=IsNot("no_material", value=True),
        ),
        Field("photos", Files()),
    ),
)

_CONCLUSION = Section(
    "conclusion",
    (
        Field("solved", YesNo(), mandatory=ALWAYS),
        Field("next_visit", YesNo(), mandatory=ALWAYS, shown=Is("solved", value=False)),
        Field(
            "next_visit_at",
            Moment(),
            mandatory=ALWAYS,
            shown=Is("next_visit", value=True),
            has_hint=True,
        ),
    ),
)


def _next_visit_after_this_one(answers: Answers) -> Mapping[str, Problem]:
    planned, next_at = answers.get("appointment_at"), answers.get("next_visit_at")
    # Both are UTC to the minute, so that text order is the order of time.
    if isinstance(planned, str) and isinstance(next_at, str) and next_at <= planned:
        return {"next_visit_at": Problem("next_visit_past")}
    return {}


def _next_day_when_times_cross(answers: Answers) -> Mapping[str, Problem]:
    if answers.get("leaves_next_day") is False:
        return {"time_out": Problem("time_out_before_in")}
    return {}


INTERVENTION = Form(
    "intervention",
    (
        _STATION,
        _APPOINTMENT,
        _ACTION,
        _INSTALLATION,
        _PRODUCTION,
        _CHECKLIST,
        _MATERIAL,
        _CONCLUSION,
    ),
    checks=(_next_day_when_times_cross, _next_visit_after_this_one),
)
"""What a station fills in for every visit, concluded or not (R104)."""


def fingerprint(answers: Answers) -> str:
    """Return the name of this version of the form, for signatures (R137).

    Only what the form shows counts: an answer hidden by another one changes
    nothing. Equal answers in any order have the same fingerprint.

    Returns:
        64 hexadecimal digits, SHA-256 of the canonical JSON of the answers.
    """
    values = {key: thaw(value) for key, value in INTERVENTION.values(answers).items()}
    text = json.dumps(
        {"form": INTERVENTION.key, "version": INTERVENTION.version, "values": values},
        sort_keys=True,
        ensure_ascii=False,
        separators=(",", ":"),
    )
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo the form names.

    Attributes:
        file: SHA-256 of its octets, 64 hexadecimal digits.
        point: of the checklist it shows, 1 to 9; None for the whole visit.
    """

    file: str
    caption: str = ""
    point: int | None = None


def photos(answers: Answers) -> tuple[Photo, ...]:
    """Return every photo the form names, each once; all must arrive (T18)."""
    found: dict[str, Photo] = {}
    for key, value in INTERVENTION.values(answers).items():
        kind = INTERVENTION.fields[key].kind
        point = CHECKLIST.index(key) + 1 if key in CHECKLIST else None
        for item in _files(kind, value):
            photo = _photo(item, point)
            found.setdefault(photo.file, photo)
    return tuple(found.values())


def _files(kind: Kind, value: Value) -> Iterator[Value]:
    """Walk the files inside one answer, however deep they stand."""
    match kind:
        case Files() if isinstance(value, tuple):
            yield from value
        case CheckPoint(photos=files) if isinstance(value, Mapping):
            yield from _files(files, value.get("photos", ()))
        case Repeated(parts=parts) if isinstance(value, tuple):
            for block, part in product(value, parts):
                if isinstance(block, Mapping) and part.key in block:
                    yield from _files(part.kind, block[part.key])


def _photo(item: Value, point: int | None) -> Photo:
    if isinstance(item, Mapping):
        return Photo(str(item["file"]), str(item.get("caption", "")), point)
    return Photo(str(item), "", point)


def missing(answers: Answers) -> tuple[str, ...]:
    """Return the keys that still need an answer, in the order of the form (T13)."""
    return tuple(asked.key for asked in INTERVENTION.missing(answers))
