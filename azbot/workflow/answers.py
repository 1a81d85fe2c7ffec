"""What the rules ask of the two forms: is it valid, what is missing, how did it end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from azbot.forms import intervention as visit_form
from azbot.forms.assistance import ASSISTANCE
from azbot.forms.draft import freeze, thaw
from azbot.forms.form import Form
from azbot.forms.kinds import (
    NO_LISTS,
    Accepted,
    Context,
    Country,
    Lists,
    Problem,
    Raw,
    Value,
)
from azbot.forms.places import zone_of
from azbot.workflow.model import Answers, Assistance, Document, Intervention, Role


@dataclass(frozen=True, slots=True)
class Checked:
    """Answers in normal form, in plain JSON types, and those that cannot be taken.

    Attributes:
        answers: None takes an answer back.
        problems: field key → why.
    """

    answers: dict[str, object]
    problems: Mapping[str, Problem]


@dataclass(frozen=True, slots=True)
class Conclusion:
    """How a visit ended, as its form says.

    Attributes:
        missing: mandatory fields without an answer (R131, T8).
        problems: answers that do not fit together.
        is_solved: « Le problème est-il résolu ? » (R132).
        remaining: what is left to do.
        next_visit_at: proposed next date, None when to be planned later (R149).
    """

    missing: tuple[str, ...]
    problems: Mapping[str, Problem]
    is_solved: bool
    remaining: str
    next_visit_at: datetime | None


def check(
    form: Form,
    raw: Answers,
    country: str,
    zone_name: str,
    now: datetime,
    lists: Lists = NO_LISTS,
) -> Checked:
    """Bring each answer to its normal form; an empty one takes it back.

    Args:
        form: the form they belong to.
        raw: field key and what was said.
        country: two letters, for phones and postcodes.
        zone_name: of the site, for moments without a zone.
        now: for moments without a year.
        lists: those an administrator changed, by name.
    """
    answers: dict[str, object] = {}
    problems: dict[str, Problem] = {}
    context = Context(country=country, zone=zone_name, now=now, catalogues=lists)
    for key, value in raw.items():
        field = form.fields.get(key)
        if field is None or field.is_automatic:
            problems[key] = Problem("unknown_field")
        elif value is None or value == "":
            answers[key] = None
        else:
            outcome = field.kind.check(cast(Raw, value), context)
            if isinstance(outcome, Problem):
                problems[key] = outcome
            else:
                answers[key] = thaw(freeze(outcome.value))
    return Checked(answers, problems)


def request_answers(answers: Answers) -> dict[str, object]:
    """Return the request's answers with those the form derives (R157)."""
    values = ASSISTANCE.values(_frozen(answers))
    return {key: thaw(value) for key, value in values.items()}


def missing_fields(answers: Answers) -> tuple[str, ...]:
    """Return the mandatory fields of the request without an answer, in order."""
    return tuple(f.key for f in ASSISTANCE.missing(_frozen(answers)))


def clashes(answers: Answers) -> Mapping[str, Problem]:
    """Return answers of the request that do not fit together."""
    return ASSISTANCE.problems(_frozen(answers))


def site_zone(answers: Answers) -> str:
    """Return the IANA zone of the site (R125)."""
    postcode, country = answers.get("postcode"), answers.get("country")
    return zone_of(str(postcode or ""), str(country or "FR"))


def conclude(answers: Answers) -> Conclusion:
    """Read the end of a visit from its form (R101–R104, R131, R149)."""
    frozen = _frozen(answers)
    values = visit_form.INTERVENTION.values(frozen)
    is_solved = values.get("solved") is True
    planned = values.get("next_visit_at")
    return Conclusion(
        missing=tuple(f.key for f in visit_form.INTERVENTION.missing(frozen)),
        problems=visit_form.INTERVENTION.problems(frozen),
        is_solved=is_solved,
        remaining="" if is_solved else str(values.get("action_notes", "")),
        next_visit_at=None if not planned else datetime.fromisoformat(str(planned)),
    )


def fingerprint(answers: Answers) -> str:
    """Return the stable hash of the form version a signature stands under (R137)."""
    return visit_form.fingerprint(_frozen(answers))


def form_photos(answers: Answers) -> tuple[visit_form.Photo, ...]:
    """Return the photos the form of a visit names."""
    return visit_form.photos(_frozen(answers))


def photo_names(answers: Answers) -> frozenset[str]:
    """Return the SHA-256 of every photo the form of a visit names (T18)."""
    return frozenset(photo.file for photo in form_photos(answers))


def shown_photos(it: Assistance, visit: Intervention) -> tuple[Document, ...]:
    """Return the photos that stand beside the form, to sign and in the report.

    One that the station took out of the form is not shown with it.
    """
    named = photo_names(visit.answers)
    return tuple(
        d
        for d in it.present_documents
        if d.intervention == visit.number
        and d.media_type.startswith("image/")
        and not d.is_internal
        and (d.blob in named or not named or d.added_by is not Role.STATION)
    )


def _frozen(answers: Answers) -> Mapping[str, Value]:
    return {k: freeze(v) for k, v in answers.items() if v is not None}


def site_country(answers: Answers, default: str) -> str:
    """Return the two letters of the site's country, however it is named."""
    given = answers.get("country")
    outcome = Country().check(given, Context()) if isinstance(given, str) else None
    return str(outcome.value) if isinstance(outcome, Accepted) else default
