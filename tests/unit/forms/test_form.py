import pytest

from azbot.forms.form import Field, Form, FormError, Section
from azbot.forms.kinds import Context, Problem, Text, YesNo
from azbot.forms.rules import ALWAYS, Answers, Is, IsBefore, IsNot, Known, Unanswered

PLAIN = Field("plain", Text())


def a_form(*fields: Field) -> Form:
    return Form("trial", (Section("only", fields),))


def faults(*fields: Field) -> tuple[str, ...]:
    with pytest.raises(FormError) as caught:
        a_form(*fields)
    return caught.value.faults


def test_a_key_given_twice_is_refused() -> None:
    assert faults(PLAIN, PLAIN) == ("plain is defined twice",)


def test_a_section_given_twice_is_refused() -> None:
    with pytest.raises(FormError, match="section only is defined twice"):
        Form("trial", (Section("only", (PLAIN,)), Section("only", ())))


def test_a_key_that_is_no_name_is_refused() -> None:
    assert faults(Field("Not a key", Text())) == ("'Not a key' is not a key",)


def test_a_rule_about_an_unknown_field_is_refused() -> None:
    assert faults(Field("a", Text(), shown=Known("b"))) == (
        "a is shown by the unknown field b",
    )
    assert faults(Field("a", Text(), mandatory=Known("b"))) == (
        "a is mandatory by the unknown field b",
    )


def test_a_field_cannot_be_shown_by_a_later_one_or_itself() -> None:
    assert faults(Field("a", Text(), shown=Known("plain")), PLAIN) == (
        "a is shown by the later field plain",
    )
    assert faults(Field("a", Text(), shown=Known("a"))) == (
        "a is shown by the later field a",
    )


def test_an_automatic_field_cannot_be_mandatory() -> None:
    assert faults(Field("a", Text(), mandatory=ALWAYS, is_automatic=True)) == (
        "a is automatic and cannot be mandatory",
    )


def test_every_fault_is_told_at_once() -> None:
    assert len(faults(PLAIN, PLAIN, Field("a", Text(), shown=Known("b")))) == 2


CHAIN = a_form(
    Field("a", YesNo(), mandatory=ALWAYS),
    Field("b", YesNo(), mandatory=ALWAYS, shown=Is("a", value=True)),
    Field("c", Text(), mandatory=ALWAYS, shown=Is("b", value=True)),
)


def test_what_a_hidden_field_would_show_is_hidden_too() -> None:
    answers: Answers = {"a": False, "b": True, "c": "kept"}
    assert [field.key for field in CHAIN.shown(answers)] == ["a"]
    assert CHAIN.values(answers) == {"a": False}
    assert CHAIN.missing(answers) == ()


def test_a_hidden_answer_comes_back_when_its_field_does() -> None:
    assert CHAIN.values({"a": True, "b": True, "c": "kept"})["c"] == "kept"


def test_missing_fields_come_in_the_order_of_the_form() -> None:
    assert [field.key for field in CHAIN.missing({})] == ["a"]
    assert [field.key for field in CHAIN.missing({"a": True})] == ["b"]
    assert [field.key for field in CHAIN.missing({"b": True})] == ["a"]


def test_a_derived_value_stands_in_until_somebody_answers() -> None:
    form = a_form(
        PLAIN, Field("copy", Text(), derived=lambda answers: answers.get("plain"))
    )
    assert form.values({"plain": "x"}) == {"plain": "x", "copy": "x"}
    assert form.values({"plain": "x", "copy": "y"})["copy"] == "y"
    assert form.values({}) == {}


def test_the_first_check_to_complain_is_heard() -> None:
    form = Form(
        "trial",
        (Section("only", (PLAIN,)),),
        checks=(
            lambda _: {"plain": Problem("first")},
            lambda _: {"plain": Problem("second")},
        ),
    )
    assert form.problems({})["plain"].code == "first"


@pytest.mark.parametrize(
    ("rule", "answers", "holds"),
    [
        (Is("a", value=True), {"a": 1}, False),
        (Is("a", "x"), {}, False),
        (IsNot("a", "x"), {}, True),
        (IsNot("a", "x"), {"a": "x"}, False),
        (IsBefore("a", "b"), {"a": "08:00", "b": "09:00"}, True),
        (IsBefore("a", "b"), {"a": "09:00", "b": "09:00"}, False),
        (IsBefore("a", "b"), {"a": "08:00"}, False),
        (IsBefore("a", "b"), {"a": 1, "b": 2}, False),
        (Unanswered(("a", "b")), {"b": "x"}, False),
        (Unanswered(("a", "b")), {"c": "x"}, True),
    ],
)
def test_rules(rule: Is, answers: Answers, holds: bool) -> None:
    assert rule.holds(answers) is holds


def test_labels_and_hints_are_named_after_the_field() -> None:
    form = a_form(
        Field("a", Text(), has_hint=True), Field("b", Text(), words="elsewhere.b")
    )
    assert form.label("a") == "form.trial.a.label"
    assert form.hint("a") == "form.trial.a.hint"
    assert form.label("b") == "elsewhere.b.label"
    assert form.hint("b") == ""
    assert form.fields["a"].inputmode == "text"
    assert Context().country == ""
