"""From the state of an assistance to what its report says. Pure but for the photos.

Only signatures that stand on the present form are shown (T10).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import cast

from azbot.forms.form import Field
from azbot.forms.intervention import CHECKLIST, INTERVENTION
from azbot.forms.intervention import Photo as FormPhoto
from azbot.forms.kinds import (
    NO_LISTS,
    Choice,
    Context,
    Lists,
    MultipleChoice,
    Repeated,
)
from azbot.i18n import formats
from azbot.i18n.answers import option_words
from azbot.i18n.catalogue import Catalogue
from azbot.messages import BlobId
from azbot.reports import visit as v
from azbot.reports.content import (
    Answer,
    Brand,
    Language,
    Photo,
    ReportContent,
    Signature,
    Stroke,
)
from azbot.workflow.answers import form_photos, shown_photos
from azbot.workflow.model import (
    Answers,
    Assistance,
    Document,
    Intervention,
    InterventionStatus,
)
from azbot.workflow.model import Signature as Signed

ReadBlob = Callable[[BlobId], bytes]


def assemble(
    it: Assistance,
    number: int,
    catalogue: Catalogue,
    read: ReadBlob,
    brand: Brand,
    lists: Lists = NO_LISTS,
) -> ReportContent:
    """Return the report of one finished visit in the language of the catalogue.

    Args:
        it: the assistance.
        number: of the intervention.
        catalogue: words of the report's language.
        read: gives the octets of a photo; blocking.
        brand: name, colour and logo of the desk.
        lists: of the form, those an administrator changed.

    Raises:
        LookupError: no finished visit has this number.
    """
    visit = it.intervention(number)
    if visit is None or visit.finished_at is None:
        raise LookupError(f"visit {number} is not finished")
    return _composed(it, visit, catalogue, read, brand, lists)


def present(
    it: Assistance, number: int, catalogue: Catalogue, lists: Lists = NO_LISTS
) -> ReportContent:
    """Return what the report of a visit would say now, without its photos.

    Whoever signs reads this first: the same sections as in the report (ux.md 8.2).

    Args:
        it: the assistance.
        number: of the intervention, finished or not.
        catalogue: words of the reader's language.
        lists: of the form, those an administrator changed.

    Raises:
        LookupError: no visit has this number.
    """
    visit = it.intervention(number)
    if visit is None:
        raise LookupError(f"there is no visit {number}")
    return _composed(it, visit, catalogue, None, Brand(), lists)


def _composed(
    it: Assistance,
    visit: Intervention,
    catalogue: Catalogue,
    read: ReadBlob | None,
    brand: Brand,
    lists: Lists,
) -> ReportContent:
    say = _Say(catalogue, it.zone_name, Context(catalogues=lists))
    answers = visit.answers
    time_in, time_out = _times(visit, say)
    mission = next(m for m in it.missions if m.number == visit.mission)
    station = mission.station
    return v.compose(
        v.Visit(
            reference=it.ref,
            language=cast(Language, catalogue.language),
            service=say.service(it),
            site=_site(it),
            requester=_requester(it),
            station=v.StationCard(
                station.company, _phone(station.phone), station.email
            ),
            visit=_rank(it, visit),
            visits=max(
                _rank(it, i) for i in it.interventions if i.finished_at or i == visit
            ),
            planned_at=say.local(visit.planned_at),
            arrived_at=time_in,
            left_at=time_out,
            zone=formats.zone_name(it.zone_name, catalogue.language),
            is_solved=visit.is_concluded is True
            if visit.finished_at
            else answers.get("solved") is True,
            installer=it.answer("installer"),
            distributor=it.answer("distributor"),
            own_number=it.answer("own_number"),
            first_observations=_text(answers, "initial_notes"),
            distance_km=_distance(answers),
            observations=_text(answers, "action_notes"),
            webserver=_webserver(answers),
            integration=say.choice(INTERVENTION.fields["integration"], answers),
            emitters=say.choices(INTERVENTION.fields["emitters"], answers),
            units=_units(answers, say),
            checks=tuple(_check(answers.get(key)) for key in CHECKLIST),
            materials=_materials(answers),
            next_visit_at=say.local(_instant(answers.get("next_visit_at"))),
            photos=_photos(it, visit, read, say) if read else (),
            signatures=tuple(_signature(s, say) for s in visit.signatures),
            brand=brand,
        )
    )


class _Say:
    """Words and local times of one report."""

    def __init__(self, catalogue: Catalogue, zone_name: str, context: Context) -> None:
        self.catalogue = catalogue
        self._zone_name = zone_name
        self._context = context

    def local(self, at: datetime | None) -> datetime | None:
        return None if at is None else formats.local(at, self._zone_name)

    def service(self, it: Assistance) -> str:
        key = f"service.{it.service.value}" if it.service else "mail.assistance"
        return self.catalogue.t(key)

    def choice(self, field: Field, answers: Answers) -> str:
        return self.option(field.kind, answers.get(field.key))

    def choices(self, field: Field, answers: Answers) -> tuple[str, ...]:
        found = answers.get(field.key)
        items = found if isinstance(found, Sequence) and found else ()
        return tuple(self.option(field.kind, item) for item in items)

    def option(self, kind: object, value: object) -> str:
        """« Autre » in the person's own words, else the option's name."""
        text = "" if value is None else str(value)
        if not text or not isinstance(kind, Choice | MultipleChoice):
            return text
        return option_words(kind, text, self.catalogue, self._context)


def _times(visit: Intervention, say: _Say) -> tuple[datetime | None, datetime | None]:
    """Put the hours of the form on the day of the visit (R163)."""
    day = say.local(visit.arrived_at or visit.planned_at or visit.finished_at)
    come, gone = (_hour(visit.answers.get(key)) for key in ("time_in", "time_out"))
    if day is None or come is None or gone is None:
        return say.local(visit.arrived_at), say.local(visit.finished_at)
    start = datetime.combine(day.date(), come, day.tzinfo)
    end = datetime.combine(day.date(), gone, day.tzinfo)
    return start, end + timedelta(days=1) if end < start else end


def _hour(value: object) -> time | None:
    return time.fromisoformat(value) if isinstance(value, str) and value else None


def _instant(value: object) -> datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) and value else None


def _text(answers: Answers, key: str) -> str:
    return str(answers.get(key) or "")


def _distance(answers: Answers) -> Decimal | None:
    value = answers.get("distance_km")
    return None if value in (None, "") else Decimal(str(value))


def _webserver(answers: Answers) -> v.Webserver | None:
    if answers.get("has_webserver") is not True:
        return None
    return v.Webserver(
        _text(answers, "webserver_mac"), _text(answers, "webserver_serial")
    )


def _rows(answers: Answers, key: str) -> list[Mapping[str, object]]:
    found = answers.get(key)
    return (
        [r for r in found if isinstance(r, Mapping)] if isinstance(found, list) else []
    )


def _units(answers: Answers, say: _Say) -> tuple[v.Unit, ...]:
    kind = INTERVENTION.fields["production_units"].kind
    parts = {p.key: p.kind for p in kind.parts} if isinstance(kind, Repeated) else {}
    return tuple(
        v.Unit(
            say.option(parts.get("maker"), row.get("maker")),
            say.option(parts.get("model"), row.get("model")),
        )
        for row in _rows(answers, "production_units")
    )


def _materials(answers: Answers) -> tuple[v.Material, ...]:
    return tuple(
        v.Material(
            reference=_text(row, "reference"),
            designation=_text(row, "designation"),
            quantity=int(str(row.get("quantity") or 1)),
            old_serial=_text(row, "old_serial"),
            new_serial=_text(row, "new_serial"),
            is_under_guarantee=cast("bool | None", row.get("is_under_warranty")),
        )
        for row in _rows(answers, "material")
    )


_ANSWERS = {"yes": "yes", "no": "no", "not_applicable": "not_applicable"}


def _check(value: object) -> v.Check:
    if not isinstance(value, Mapping):
        return v.Check(None)
    answer = _ANSWERS.get(str(value.get("answer")))
    return v.Check(cast("Answer | None", answer), str(value.get("remark") or ""))


def _photos(
    it: Assistance, visit: Intervention, read: ReadBlob, say: _Say
) -> tuple[Photo, ...]:
    named = {photo.file: photo for photo in form_photos(visit.answers)}
    return tuple(
        Photo(
            _caption(d, named.get(d.blob)),
            say.local(d.added_at),
            read(d.blob),
            named[d.blob].point if d.blob in named else d.point,
        )
        for d in shown_photos(it, visit)
    )


def _caption(document: Document, named: FormPhoto | None) -> str:
    """Return the words of the form, else the name of the file."""
    given = named.caption if named else ""
    return given or document.name.rpartition(".")[0] or document.name


def _signature(signed: Signed, say: _Say) -> Signature:
    at = say.local(signed.at) or signed.at
    wide = max(signed.aspect, 1)
    return Signature(
        role=signed.role.value,
        name=signed.name,
        company=signed.company,
        at=at,
        method=signed.method.value,
        strokes=tuple(
            Stroke(tuple((x / wide, y / 1000) for x, y in stroke.points))
            for stroke in signed.strokes
        ),
        aspect=wide / 1000,
        reason=signed.reason,
    )


def _phone(number: str) -> str:
    return formats.phone(number) if number else ""


def _site(it: Assistance) -> str:
    return formats.address_line(
        it.answer("address"), it.answer("postcode"), it.answer("town")
    )


def _requester(it: Assistance) -> str:
    name = formats.full_name(it.answer("first_name"), it.answer("last_name"))
    company = it.answer("installer") or it.answer("distributor")
    return ", ".join(part for part in (name.strip(), company) if part)


def _rank(it: Assistance, visit: Intervention) -> int:
    """Count the visit among those that took or will take place."""
    kept = [i for i in it.interventions if i.status is not InterventionStatus.CANCELLED]
    return kept.index(visit) + 1 if visit in kept else visit.number
