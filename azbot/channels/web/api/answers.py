"""Answers of a form as a program sends them → the normal form the workflow keeps."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import cast

from azbot.channels.web.api.complaints import pointer
from azbot.channels.web.problems import FieldError, invalid
from azbot.forms.draft import freeze, thaw
from azbot.forms.form import Form
from azbot.forms.kinds import NO_LISTS, Context, Lists, Problem, Raw, Value
from azbot.workflow.model import Assistance


def context_of(
    it: Assistance | None, country: str, now: datetime, lists: Lists = NO_LISTS
) -> Context:
    """Return what validators may know: country, zone and day of the site, lists."""
    if it is None:
        return Context(country=country, now=now, catalogues=lists)
    return Context(
        country=it.answer("country") or country,
        zone=it.zone_name,
        now=now,
        catalogues=lists,
    )


def normalised(
    form: Form,
    given: Mapping[str, object],
    present: Mapping[str, object],
    context: Context,
) -> dict[str, object]:
    """Return the normal form of answers; null stays None and takes one back.

    Args:
        form: which questions there are.
        given: by field key, as parsed from JSON.
        present: the answers there are, for comparisons between fields.
        context: for the validators.

    Raises:
        HttpProblem: 422 with every answer that cannot be taken.
    """
    found: dict[str, object] = {}
    wrong: list[FieldError] = []
    for key, raw in given.items():
        asked = form.fields.get(key)
        if asked is None:
            wrong.append(FieldError(pointer(("answers", key)), "unknown_field"))
        elif asked.is_automatic:
            wrong.append(FieldError(pointer(("answers", key)), "read_only"))
        elif raw is None:
            found[key] = None
        else:
            outcome = asked.kind.check(cast("Raw", raw), context)
            if isinstance(outcome, Problem):
                wrong.append(_complaint(key, outcome))
            else:
                found[key] = thaw(freeze(outcome.value))
    if wrong:
        raise invalid(*wrong)
    _compare(form, found, present)
    return found


def _compare(
    form: Form, found: Mapping[str, object], present: Mapping[str, object]
) -> None:
    both = {**present, **found}
    answers = {
        key: cast("Value", value) for key, value in both.items() if value is not None
    }
    wrong = [
        _complaint(key, problem)
        for key, problem in form.problems(answers).items()
        if key in found
    ]
    if wrong:
        raise invalid(*wrong)


def _complaint(key: str, problem: Problem) -> FieldError:
    place = pointer(("answers", key, *problem.path))
    return FieldError(place, problem.code, problem.facts, key=f"error.{problem.code}")
