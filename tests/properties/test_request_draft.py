"""Any order of the same answers, from any tabs, gives the same request (C5)."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from azbot.forms.filling import (
    ASKED,
    LAST,
    NOTE,
    STEPS,
    cleaned,
    only,
    read,
    revised,
    step_of,
)

TEXTS = {
    "service": st.sampled_from(["marking", "incident", "", "autre"]),
    "postcode": st.sampled_from(["69100", "28001", "6910", "99999", "97400"]),
    "country": st.sampled_from(["FR", "ES", "BE", "Nulle part"]),
    "phone": st.sampled_from(["06 39 98 12 34", "0639981234", "612345678", "06"]),
    "phone_2": st.sampled_from(["+33639981234", "06 39 98 56 78", ""]),
    "contact_email": st.sampled_from(["s@a.example", "s@", "@"]),
    "system_count": st.sampled_from(["1", "0", "deux", "1.0"]),
    "maker": st.sampled_from(["daikin", "other:Ballu", "other:", "Daiken"]),
    "distributor": st.text(max_size=130),
    "installer": st.sampled_from(["", "Clim Martin"]),
    "town": st.text(max_size=120),
    NOTE: st.text(max_size=40),
}
# A region that is written is the one thing that depends on what came before it.
ANSWERS = st.fixed_dictionaries({}, optional=TEXTS).map(lambda a: only(a, a))


@given(ANSWERS, st.randoms(use_true_random=False))
def test_any_order_of_the_same_answers_is_the_same_request(
    answers: dict[str, str], random: object
) -> None:
    order = list(answers.items())
    random.shuffle(order)  # type: ignore[attr-defined]
    texts: dict[str, str] = {}
    for key, text in order:
        # Typed twice, and with another answer meanwhile: the last one counts.
        for said in (text[:1], text):
            texts = dict(revised(texts, {key: "?"}, only({key: said}, (key,))))
    assert texts == answers
    assert read(texts, "FR", {}) == read(answers, "FR", {})


@given(ANSWERS, ANSWERS)
def test_a_step_sent_whole_is_its_fields_left_one_by_one(
    before: dict[str, str], after: dict[str, str]
) -> None:
    whole, single = dict(before), dict(before)
    for step in STEPS:
        now = {k: v for k, v in after.items() if k in step.fields}
        was = {k: v for k, v in before.items() if k in step.fields}
        whole = dict(revised(whole, was, now))
        for key in step.fields:
            single = dict(revised(single, {key: "?"}, only(now, (key,))))
    assert whole == single


@given(ANSWERS, ANSWERS, ANSWERS)
def test_what_a_tab_did_not_touch_is_what_the_other_wrote(
    was: dict[str, str], mine: dict[str, str], theirs: dict[str, str]
) -> None:
    merged = revised(theirs, was, mine)
    for key in (*ASKED, NOTE):
        is_touched = mine.get(key) != was.get(key)
        assert merged.get(key) == (mine if is_touched else theirs).get(key)


@given(ANSWERS)
def test_every_problem_has_a_step_and_a_whole_request_has_none(
    answers: dict[str, str],
) -> None:
    reading = read(answers, "FR", {})
    steps = {step_of(key) for key in reading.problems}
    assert steps <= set(range(1, LAST + 1))
    assert reading.first_wrong == min(steps, default=None)
    # What is hidden or follows from another answer is never asked for (R157).
    if "postcode" not in reading.values:
        assert "region" not in reading.problems


@given(st.text())
def test_any_text_can_be_kept_and_stays_what_it_is(text: str) -> None:
    kept = cleaned(text)
    assert cleaned(kept) == kept
    assert "\x00" not in kept
    kept.encode()
