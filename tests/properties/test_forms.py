"""Forms over generated answers: nothing hidden is needed, order does not matter."""

import random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from azbot.forms.assistance import ASSISTANCE
from azbot.forms.draft import Draft, accept, freeze, merge, thaw, withdraw
from azbot.forms.form import Form
from azbot.forms.intervention import INTERVENTION, fingerprint, missing
from azbot.forms.kinds import (
    Accepted,
    CheckPoint,
    Choice,
    Context,
    Kind,
    MultipleChoice,
    Problem,
    Repeated,
    Value,
    YesNo,
)

FORMS = (ASSISTANCE, INTERVENTION)
KINDS: list[Kind] = [field.kind for form in FORMS for field in form.fields.values()]
CONTEXTS = st.builds(
    Context,
    country=st.sampled_from(["", "FR", "ES", "CH"]),
    zone=st.sampled_from(["Europe/Paris", "Pacific/Tahiti", "America/Miquelon"]),
)

NATURAL = st.sampled_from([
    "oui", "non", "sans objet", "non : câble", "06 39 98 12 34", "a@b.fr", "69100",
    "1204", "France", "Suisse", "12", "0", "12,5", "13h", "9:00", "22:00", "Daikin",
    "gainable", "mise en service", "aucune", "air froid, radiateurs", "autre chose",
    "25/03/2026 13h", "29/03/2026 02:30", "00:04:A3:1F:52:9C", "texte", "", " ",
])  # fmt: skip
SCALARS = NATURAL | st.text(max_size=60) | st.integers() | st.booleans() | st.floats()
RAW = st.recursive(
    SCALARS | st.none(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["answer", "remark", "maker", "model", "name", "strokes"])
            | st.text(max_size=5),
            inner,
            max_size=3,
        )
    ),
    max_leaves=6,
)


@given(st.sampled_from(KINDS), RAW, CONTEXTS)
def test_a_validator_takes_or_refuses_anything(
    kind: Kind, raw: Any, context: Context
) -> None:
    outcome = kind.check(raw, context)
    assert isinstance(outcome, Accepted | Problem)
    if isinstance(outcome, Accepted):
        freeze(outcome.value)
        again = kind.check(thaw(outcome.value), context)  # type: ignore[arg-type]
        assert isinstance(again, Accepted)
        assert freeze(again.value) == freeze(outcome.value)


@given(st.sampled_from(KINDS), st.text(max_size=300))
def test_a_validator_takes_or_refuses_any_text(kind: Kind, raw: str) -> None:
    assert isinstance(kind.check(raw, Context()), Accepted | Problem)


def values_of(kind: Kind) -> st.SearchStrategy[Any]:
    match kind:
        case YesNo():
            return st.booleans()
        case CheckPoint():
            return st.sampled_from(
                [
                    {"answer": "yes", "remark": ""},
                    {"answer": "no", "remark": "x"},
                ]
            )
        case Choice():
            return st.sampled_from([option.key for option in kind.starter])
        case MultipleChoice():
            return st.just(("cold_air",))
        case Repeated():
            return st.just(({"maker": "daikin", "model": "vrf"},))
        case _:
            return st.sampled_from(["08:00", "22:00", "2026-03-25T12:00Z", "69100"])


@st.composite
def answered(draw: st.DrawFn, form: Form) -> dict[str, Value]:
    keys = draw(st.lists(st.sampled_from(list(form.fields)), unique=True))
    return {key: freeze(draw(values_of(form.fields[key].kind))) for key in keys}


FORM_AND_ANSWERS = st.sampled_from(FORMS).flatmap(
    lambda form: st.tuples(st.just(form), answered(form))
)


@given(FORM_AND_ANSWERS)
def test_a_hidden_field_is_never_required_missing_or_told(
    pair: tuple[Form, dict[str, Value]],
) -> None:
    form, answers = pair
    shown = {field.key for field in form.shown(answers)}
    assert {field.key for field in form.required(answers)} <= shown
    assert {field.key for field in form.missing(answers)} <= shown
    assert set(form.values(answers)) <= shown
    assert set(form.problems(answers)) <= shown


SWITCHES: tuple[tuple[str, tuple[Value, ...]], ...] = (
    ("has_webserver", (True, False)),
    ("no_material", (True, False)),
    ("solved", (True, False)),
    ("next_visit", (True, False)),
    ("leaves_next_day", (True, False)),
    ("time_in", ("08:00", "22:00")),
    ("time_out", ("08:00", "22:00")),
)


def test_no_combination_of_switches_requires_a_hidden_field() -> None:
    combinations: list[dict[str, Value]] = [{}]
    for key, values in SWITCHES:
        combinations = [
            {**one, **more}
            for one in combinations
            for more in ({}, *({key: value} for value in values))
        ]
    assert len(combinations) == 3**7
    for answers in combinations:
        shown = {field.key for field in INTERVENTION.shown(answers)}
        assert set(missing(answers)) <= shown


@given(FORM_AND_ANSWERS)
def test_filling_what_is_missing_ends(pair: tuple[Form, dict[str, Value]]) -> None:
    form, answers = pair
    for _ in range(len(form.fields) + 1):
        lacking = form.missing(answers)
        if not lacking:
            return
        key = lacking[0].key
        answers[key] = freeze(_a_value(form.fields[key].kind))
    raise AssertionError("a form that always wants more")


def _a_value(kind: Kind) -> Any:
    match kind:
        case YesNo():
            return False
        case CheckPoint():
            return {"answer": "yes", "remark": ""}
        case MultipleChoice() | Repeated():
            return ("x",)
        case _:
            return "x"


RAWS = st.sampled_from(FORMS).flatmap(
    lambda form: st.tuples(
        st.just(form),
        st.dictionaries(st.sampled_from(list(form.fields)), RAW, max_size=8),
    )
)


def filled(form: Form, raws: list[tuple[str, Any]]) -> Draft:
    draft = Draft()
    for key, raw in raws:
        outcome = accept(form, draft, key, raw, Context())
        if isinstance(outcome, Draft):
            draft = outcome
    return draft


@given(RAWS, st.randoms(use_true_random=False))
def test_any_order_of_answers_gives_the_same_draft(
    pair: tuple[Form, dict[str, Any]], chance: random.Random
) -> None:
    form, raws = pair
    one = list(raws.items())
    other = list(one)
    chance.shuffle(other)
    first, second = filled(form, one), filled(form, other)
    assert first == second
    assert list(first.answers) == list(second.answers)
    assert form.values(first.answers) == form.values(second.answers)
    assert form.problems(first.answers) == form.problems(second.answers)


@given(RAWS)
def test_the_same_answers_twice_equal_once(pair: tuple[Form, dict[str, Any]]) -> None:
    form, raws = pair
    once = filled(form, list(raws.items()))
    draft = once
    for key, raw in raws.items():
        outcome = accept(form, draft, key, raw, Context())
        if isinstance(outcome, Draft):
            draft = outcome
    assert draft is once


@given(answered(INTERVENTION), answered(INTERVENTION), answered(INTERVENTION))
def test_a_merge_keeps_every_single_change(
    old: dict[str, Value], mine: dict[str, Value], theirs: dict[str, Value]
) -> None:
    base, left, right = Draft(old), Draft(mine), Draft(theirs)
    merged = merge(base, left, right)
    for key in INTERVENTION.fields:
        before, one, other = old.get(key), mine.get(key), theirs.get(key)
        if one == before:
            assert merged.answers.get(key) == other
        elif other == before:
            assert merged.answers.get(key) == one
        else:
            assert merged.answers.get(key) == one


@given(answered(INTERVENTION), st.randoms(use_true_random=False))
def test_a_fingerprint_depends_on_the_answers_alone(
    answers: dict[str, Value], chance: random.Random
) -> None:
    shuffled = list(answers.items())
    chance.shuffle(shuffled)
    assert fingerprint(dict(shuffled)) == fingerprint(answers)


@given(RAWS)
def test_what_is_taken_back_was_never_said(pair: tuple[Form, dict[str, Any]]) -> None:
    form, raws = pair
    draft = filled(form, list(raws.items()))
    for key in raws:
        draft = withdraw(form, draft, key)
    assert dict(draft.answers) == {}
    assert dict(draft.warnings) == {}
