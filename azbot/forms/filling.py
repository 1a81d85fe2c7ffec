"""What a client has typed or said so far, and what the request form makes of it.

A draft keeps texts as they were typed, not what they mean: a telephone number means
another one when the country is changed afterwards. So any order of the same answers,
from any tab, gives the same request; half an answer is kept as well as a whole one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from azbot.forms.assistance import ASSISTANCE, region_of
from azbot.forms.draft import Draft, freeze, merge, prefill
from azbot.forms.form import Source
from azbot.forms.kinds import Context, Country, Lists, LongText, Problem, Value

Texts = Mapping[str, str]
"""Answers as typed, by field key; what is empty is not there."""


class Step(NamedTuple):
    """One page of questions.

    Attributes:
        key: names its words in the catalogue.
        fields: of the request form, in the order to ask.
    """

    key: str
    fields: tuple[str, ...]


STEPS = (
    Step("site", ("service", "address", "postcode", "town", "region", "country")),
    Step(
        "installation",
        ("system", "system_count", "thermostat_count", "maker", "own_number"),
    ),
    Step(
        "contact",
        (
            *("contact_name", "phone", "phone_2", "contact_email"),
            *("distributor", "installer"),
        ),
    ),
    Step("sending", ()),
)
"""The steps of ux.md 7.3; they count from 1."""

LAST = len(STEPS)

NOTE = "note"
"""Free words of the client, asked at the last step; no field of the form."""
NOTE_KIND = LongText(5000)

REQUESTER = ("first_name", "last_name", "email")
"""Known of whoever has signed in, never asked (X11)."""

SHARED = ("spot",)
"""Given by a phone, where there is one; no page asks for it."""

ASKED = (*(key for step in STEPS for key in step.fields), *SHARED)
_KEPT = frozenset({*ASKED, NOTE})
_COPIED = frozenset(
    key
    for key, field in ASSISTANCE.fields.items()
    if any(rule.source is Source.PREVIOUS for rule in field.prefill)
)
_LONGEST = 6000


@dataclass(frozen=True, slots=True)
class Reading:
    """Typed answers as the form understands them.

    Attributes:
        values: in normal form, with those the form derives.
        problems: by field, in the order of the steps: what stands in the way of
            sending. Only fields that are asked.
    """

    values: Mapping[str, Value]
    problems: Mapping[str, Problem]

    @property
    def first_wrong(self) -> int | None:
        """The first step that cannot be left yet, None when the request is whole."""
        steps = (step_of(key) for key in self.problems)
        return min(steps, default=None)

    def problems_of(self, step: int) -> dict[str, Problem]:
        """Return what stands in the way of leaving a step."""
        return {k: each for k, each in self.problems.items() if step_of(k) == step}


def step_of(key: str) -> int:
    """Return the number of the step that asks for a field."""
    for number, step in enumerate(STEPS, 1):
        if key in step.fields:
            return number
    return LAST


def read(texts: Texts, country: str, lists: Lists) -> Reading:
    """Understand what was typed.

    Args:
        texts: so far.
        country: of the desk, two letters, while none is answered.
        lists: those an administrator changed, by name.
    """
    named = Country().check(texts.get("country", ""), Context())
    site = country if isinstance(named, Problem) else str(named.value)
    context = Context(country=site, catalogues=lists)
    values: dict[str, Value] = {}
    wrong: dict[str, Problem] = {}
    for key in ASKED:
        if key not in texts:
            continue
        outcome = ASSISTANCE.fields[key].kind.check(texts[key], context)
        if isinstance(outcome, Problem):
            wrong[key] = outcome
        else:
            values[key] = freeze(outcome.value)
    # What cannot be taken is answered all the same, but nothing follows from it.
    missing = _missing({**texts, **values}) & _missing(values)
    clashes = ASSISTANCE.problems(values)
    problems: dict[str, Problem] = {}
    for key in ASKED:
        if key in wrong:
            problems[key] = wrong[key]
        elif key in missing:
            problems[key] = Problem("mandatory")
        elif key in clashes:
            problems[key] = clashes[key]
    note = NOTE_KIND.check(texts[NOTE], context) if NOTE in texts else None
    if isinstance(note, Problem):
        problems[NOTE] = note
    return Reading(ASSISTANCE.values(values), problems)


def _missing(answers: Mapping[str, Value]) -> set[str]:
    return {field.key for field in ASSISTANCE.missing(answers)}


def begun(profile: Mapping[str, Value], country: str, lists: Lists) -> Texts:
    """Return the texts of a request nobody has typed at: what is known (X11, R154).

    Args:
        profile: what is known of who asks.
        country: of the desk.
        lists: those an administrator changed, by name.
    """
    return filled({"country": country}, profile, {}, lists)


def copied(
    texts: Texts,
    profile: Mapping[str, Value],
    before: Mapping[str, object],
    lists: Lists,
    *,
    is_whole: bool,
) -> Texts:
    """Return the texts with what an earlier request says in their place.

    Args:
        texts: so far.
        profile: what is known of who asks.
        before: the answers of the earlier request.
        lists: those an administrator changed, by name.
        is_whole: everything it says: « Refaire une demande »; else what stays the
            same from site to site: contact, company, maker, system.
    """
    known = {key: str(value) for key, value in before.items() if value is not None}
    derived = region_of({key: freeze(value) for key, value in known.items()})
    if known.get("region") == derived:
        known.pop("region", None)
    taken = [key for key in ASKED if key in known and (is_whole or key in _COPIED)]
    kept = {key: value for key, value in texts.items() if key not in taken}
    if is_whole:
        return {**kept, **{key: known[key] for key in taken}}
    return filled(kept, profile, known, lists)


def filled(
    texts: Texts,
    profile: Mapping[str, Value],
    previous: Mapping[str, Value],
    lists: Lists,
) -> Texts:
    """Return the texts with what is known where nobody answered.

    Args:
        texts: so far.
        profile: what is known of who asks.
        previous: what an earlier request says.
        lists: those an administrator changed, by name.
    """
    records = {Source.PROFILE: profile, Source.PREVIOUS: previous}
    context = Context(country=texts.get("country", ""), catalogues=lists)
    found = prefill(ASSISTANCE, records, context, Draft(texts))
    return {k: str(v) for k, v in found.answers.items() if k in _KEPT}


def revised(texts: Texts, was: Texts, now: Texts) -> Texts:
    """Return the texts with somebody's changes, field by field.

    Another tab may have changed other fields meanwhile: those stay (C5).

    Args:
        texts: as stored.
        was: as the page was drawn.
        now: as it was sent.
    """
    found = merge(Draft(was), Draft(now), Draft(texts))
    merged = {k: str(v) for k, v in found.answers.items() if k in _KEPT and v}
    has_moved = any(merged.get(k) != texts.get(k) for k in ("postcode", "country"))
    # A region somebody wrote was that of the place before.
    if has_moved and now.get("region") == was.get("region"):
        merged.pop("region", None)
    return merged


def cleaned(text: str) -> str:
    """Return what can be kept of a typed text, possibly empty.

    What is longer than any answer is cut; it still is too long, and told so.
    """
    kept = text.replace("\x00", "").replace("\r\n", "\n")[:_LONGEST].strip()
    return kept.encode("utf-8", "replace").decode()


def only(given: Mapping[str, object], keys: Iterable[str]) -> dict[str, str]:
    """Return the texts of some fields, without the empty ones."""
    found = {key: cleaned(str(given.get(key) or "")) for key in keys}
    return {key: text for key, text in found.items() if text}
