"""What the phone is told of a visit: its present answers, signatures and photos."""

from __future__ import annotations

from collections.abc import Mapping

from azbot.channels.web.visitors.access import Visitor
from azbot.i18n import formats
from azbot.i18n.catalogue import Catalogue
from azbot.workflow.answers import fingerprint
from azbot.workflow.model import (
    Assistance,
    Intervention,
    Signature,
    SignatureMethod,
)

Told = dict[str, object]
"""JSON-like."""


def visit_out(it: Assistance, visit: Intervention, words: Catalogue) -> Told:
    """Return where a visit stands.

    ``version`` grows with every change of the assistance, so that an answer that
    was under way for long is not taken for the newest.
    """
    return {
        "version": it.version,
        "status": visit.status.value,
        "revision": visit.revision,
        "fingerprint": fingerprint(visit.answers),
        "answers": dict(visit.answers),
        "arrived": _clock(it, visit),
        "signatures": [_signature(each, it, words) for each in visit.signatures],
        "invited": {each.role.value: each.name for each in visit.invited},
        "photos": [
            {"file": d.blob, "number": d.number}
            for d in it.present_documents
            if d.intervention == visit.number and d.media_type.startswith("image/")
        ],
    }


def _clock(it: Assistance, visit: Intervention) -> str:
    if visit.arrived_at is None:
        return ""
    return formats.clock(formats.local(visit.arrived_at, it.zone_name))


def _signature(given: Signature, it: Assistance, words: Catalogue) -> Told:
    at = formats.local(given.at, it.zone_name)
    return {
        "role": given.role.value,
        "name": given.name,
        "company": given.company,
        "method": given.method.value,
        "at": formats.hour(at, words.language),
        "strokes": [[list(point) for point in each.points] for each in given.strokes],
        "aspect": given.aspect,
        "email": given.email,
        "wants_report": given.wants_report,
        "reason": given.reason,
        "is_waived": given.method is SignatureMethod.WAIVED,
    }


def mission_out(visitor: Visitor, visit: Intervention) -> Told:
    """Return what is known of the mission: nobody is asked for it again (X11)."""
    it, words = visitor.it, visitor.words
    mission = next((m for m in it.missions if m.number == visit.mission), it.mission)
    station = mission.station if mission else None
    phone = it.answer("phone")
    return {
        "ref": it.ref,
        "number": visit.number,
        "service": words.t(f"service.{it.service.value}") if it.service else "",
        "town": it.answer("town"),
        "site": formats.address_line(
            it.answer("address"), it.answer("postcode"), it.answer("town")
        ),
        "street": it.answer("address"),
        "when": _when(it, visit, words),
        "zone": it.zone_name,
        "contact": {
            "name": it.answer("contact_name"),
            "phone": phone,
            "shown": formats.phone(phone) if phone else "",
            "email": it.answer("contact_email"),
        },
        "installer": it.answer("installer"),
        "station": {
            "company": station.company if station else "",
            "phone": formats.phone(station.phone) if station and station.phone else "",
            "email": station.email if station else "",
            "person": visitor.person.name,
        },
    }


def _when(it: Assistance, visit: Intervention, words: Catalogue) -> str:
    at = visit.planned_at or visit.arrived_at
    return "" if at is None else formats.date_and_hour(at, it.zone_name, words.language)


def proposed_signatories(visitor: Visitor) -> Mapping[str, Mapping[str, str]]:
    """Return who will sign, as far as it is known (R134, R139)."""
    it, person = visitor.it, visitor.person
    mission = it.mission
    return {
        "installer": {
            "name": it.answer("contact_name"),
            "company": it.answer("installer"),
            "email": it.answer("contact_email"),
        },
        "client": {"name": "", "company": "", "email": ""},
        "station": {
            "name": ""
            if mission and person.name == mission.station.company
            else person.name,
            "company": mission.station.company if mission else person.company,
            "email": mission.station.email if mission else person.address,
        },
    }
