"""What words say to a question: its answer, more than it, or nothing. Pure.

Each question has a reader of its own, which knows what was asked. What it leaves is
read as free text, so that « mise en service lundi à Villeurbanne, 5 thermostats »
answers three questions at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from azbot.chat.request.asking import EMAIL, QUESTIONS, Asking
from azbot.forms.assistance import ASSISTANCE
from azbot.forms.filling import ASKED
from azbot.forms.folding import clean_line, fold, fold_in_place
from azbot.forms.free_text import find_phone, find_postcode, read_free_text
from azbot.forms.free_words import COUNT_WORDS, STREET
from azbot.forms.free_words import EMAIL as EMAIL_WORDS
from azbot.forms.kinds import (
    OTHER,
    Accepted,
    Choice,
    Context,
    Email,
    Option,
    Postcode,
    Problem,
    Value,
    find_option,
    read_phone,
)
from azbot.forms.places import country_named
from azbot.forms.reading import LabelIndex, Reading, read_request
from azbot.intake.words import recognise

LONGEST_ANSWER = 300
"""Characters; what is longer describes something, and answers no one question."""
_LONGEST_NAME = 40
_SURELY_MEANT = 4
"""Letters that mean a line of a list when no other line has a word that begins so."""
_MOST_WORDS = 6
"""Of an answer to a list: what says more is kept as well."""

_FIELDS = {question.key: question.fields for question in QUESTIONS}


@dataclass(frozen=True, slots=True)
class Heard:
    """What words said.

    Attributes:
        answers: texts by field; empty when they answer nothing.
        also: fields of other questions they answer.
        problem: why what was meant as an answer cannot be taken.
        is_more: they say more than the answers: they are kept for the desk.
        options: lines of the list that may be meant; several.
        is_story: they are too many to be an answer that was not understood.
    """

    answers: Mapping[str, str] = field(default_factory=dict)
    also: Mapping[str, str] = field(default_factory=dict)
    problem: Problem | None = None
    is_more: bool = False
    options: tuple[Option, ...] = ()

    is_story: bool = False

    @property
    def is_answer(self) -> bool:
        """Whether they answer the question, whole or in part."""
        return bool(self.answers)


def hear(question: str, text: str, asking: Asking, labels: LabelIndex) -> Heard:
    """Return what words say while a question is open.

    Args:
        question: the open one.
        text: everything that was said.
        asking: what is known so far.
        labels: of the form, for whoever writes « Adresse : … ».
    """
    read = read_request(text, ASSISTANCE, labels, asking.context)
    rest, who = (text, {}) if question in _ASKS_WHO else _apart(text, read, asking)
    line = clean_line(rest).strip(_ENDS) if who else clean_line(text)
    reader = _READERS.get(question)
    answer = _Answer()
    if reader is not None and 0 < len(line) <= LONGEST_ANSWER:
        answer = reader(line, asking)
    found = {**who, **_sure(read)}
    fields = _FIELDS.get(question, ())
    answers = dict(answer.texts)
    if not answers and not answer.options:
        answers = _texts({key: found[key] for key in fields if key in found})
    also = {key: found[key] for key in found if key not in fields and key in ASKED}
    if also and any(text.startswith(OTHER) for text in answers.values()):
        # « 69100 Villeurbanne » is no system: it answers another question.
        answers = {}
    is_story = len(line) > LONGEST_ANSWER
    has_rest = bool(also) and _has_rest(rest, read)
    return Heard(
        answers,
        _texts(also),
        None if answers else answer.problem,
        is_more=answer.is_more or is_story or has_rest,
        options=answer.options,
        is_story=is_story,
    )


def volunteered(text: str, asking: Asking, labels: LabelIndex) -> Mapping[str, str]:
    """Return everything words say that a request is made of."""
    found = _sure(read_request(text, ASSISTANCE, labels, asking.context))
    return _texts({key: found[key] for key in found if key in ASKED})


def _sure(read: Reading) -> Mapping[str, Value]:
    """Return what was read, without names that several lines of a list have."""
    return {
        key: value
        for key, value in read.answers.items()
        if not str(value).startswith(OTHER)
    }


_WORD = re.compile(r"[0-9]+|[^\W\d_]{5,}")


def _has_rest(text: str, read: Reading) -> bool:
    """Whether a text says more than what was read in it: « lundi », a code."""
    rest = list(text)
    for found in read.found:
        first, last = found.span
        rest[first:last] = " " * (last - first)
    return _WORD.search("".join(rest)) is not None


def is_request(text: str, context: Context) -> bool:
    """Whether somebody who was asked nothing may be asking for an assistance."""
    return bool(read_free_text(text, context))


def hear_phone(phone: str, country: str) -> str | None:
    """Return the E.164 form of a shared number; services may leave the « + » out."""
    digits = phone.strip()
    tries = (digits,) if digits.startswith(("+", "0")) else (f"+{digits}", digits)
    for number in tries:
        outcome = read_phone(number, country)
        if isinstance(outcome, Accepted):
            return str(outcome.value)
    return None


def hear_place(text: str, asking: Asking) -> Mapping[str, str]:
    """Return the parts of an address, those that are there."""
    return _place(clean_line(text), asking).texts


def matching(text: str, options: Sequence[Option]) -> tuple[Option, ...]:
    """Return the lines of a list that have a word beginning as the text does."""
    wanted = fold(text)
    return tuple(
        option
        for option in options
        if option.is_active and any(_begins(name, wanted) for name in _names(option))
    )


@dataclass(frozen=True, slots=True)
class _Answer:
    """What the reader of one question made of a line."""

    texts: Mapping[str, str] = field(default_factory=dict)
    problem: Problem | None = None
    is_more: bool = False
    options: tuple[Option, ...] = ()


_Reader = Callable[[str, Asking], _Answer]


def _texts(found: Mapping[str, Value]) -> dict[str, str]:
    return {key: str(value) for key, value in found.items()}


def _names(option: Option) -> tuple[str, ...]:
    return (
        option.key.replace("_", " "),
        option.name,
        *(words for _, words in option.names),
        *option.synonyms,
    )


def _begins(name: str, wanted: str) -> bool:
    return f" {fold(name)}".find(f" {wanted}") >= 0


# --- lists ------------------------------------------------------------------------


def _listed(key: str) -> _Reader:
    def read(line: str, asking: Asking) -> _Answer:
        kind = ASSISTANCE.fields[key].kind
        assert isinstance(kind, Choice)  # noqa: S101 - the form says so
        options = kind.options(asking.context)
        is_more = len(line.split()) > _MOST_WORDS
        option = find_option(line, options)
        if option is not None:
            return _Answer({key: option.key}, is_more=is_more)
        if not kind.has_other:
            given = {"given": line[:80]}
            return _Answer(problem=Problem("unknown_choice", given))
        near = matching(line, options)
        if len(near) == 1 and len(line) >= _SURELY_MEANT:
            return _Answer({key: near[0].key}, is_more=is_more)
        if near:
            return _Answer(options=near)
        if _is_a_name(line):
            return _Answer({key: f"{OTHER}{line}"})
        return _Answer(problem=Problem("unknown_choice", {"given": line[:80]}))

    return read


def _is_a_name(line: str) -> bool:
    words = line.split()
    return (
        len(line) <= _LONGEST_NAME
        and len(words) <= 4
        and not line.endswith(("?", "…"))
        and any(c.isalpha() for c in line)
        and recognise(line) is None
    )


# --- how many ---------------------------------------------------------------------

_PAIR = re.compile(r"\D{0,12}(\d{1,3})\D{1,30}(\d{1,3})\D{0,20}")
_NUMBER = re.compile(r"(?<!\d)\d{1,3}(?!\d)")
_COUNTS = ("system_count", "thermostat_count")


def _counts(line: str, asking: Asking) -> _Answer:
    read = {one.key: str(one.value) for one in read_free_text(line, asking.context)}
    found = {key: read[key] for key in _COUNTS if key in read}
    pair = _PAIR.fullmatch(line)
    if pair and len(found) < 2:
        found = dict(zip(_COUNTS, pair.groups(), strict=True))
    if not found:
        found = _one_count(line, asking)
    taken, problem = {}, None
    for key, number in found.items():
        outcome = ASSISTANCE.fields[key].kind.check(number, asking.context)
        if isinstance(outcome, Problem):
            problem = outcome
        else:
            taken[key] = str(outcome.value)
    is_more = len(line.split()) > _MOST_WORDS
    if not taken:
        return _Answer(problem=problem or Problem("not_integer"))
    return _Answer(taken, problem, is_more=is_more)


def _one_count(line: str, asking: Asking) -> dict[str, str]:
    """Return a number that stands alone as that of what is asked next."""
    words = COUNT_WORDS.get(fold(line).strip(" ."))
    numbers = [str(words)] if words is not None else _NUMBER.findall(line)
    if len(numbers) != 1:
        return {}
    key = next(iter(asking.missing("counts")), "system_count")
    found = {key: numbers[0]}
    if key == "system_count" and key in asking.texts:
        found["thermostat_count"] = ""
    return found


# --- where ------------------------------------------------------------------------

_ENDS = " ,;.-("
_ADDRESS = ("address", "postcode", "town")


def _place(line: str, asking: Asking) -> _Answer:
    context = asking.context
    body, country = _without_country(line)
    if country:
        context = Context(country=country, catalogues=asking.lists)
    parts = _divided(body, context) or _read_in(body, context)
    if not parts:
        parts = _only(body, asking, context)
    if parts and country:
        parts["country"] = country
    return _Answer(parts)


def _without_country(line: str) -> tuple[str, str]:
    """Return the line without the country it ends with, and which one."""
    body, _, last = line.rpartition(",")
    country = country_named(last.strip()) if body else None
    return (body.rstrip(), country) if country else (line, "")


def _divided(line: str, context: Context) -> dict[str, str]:
    """Split « 18 rue des Charmettes, 69100 Villeurbanne, 2e étage »."""
    found = find_postcode(line, context)
    if found is None:
        return _ending_in_code(line, context)
    parts = {one.key: str(one.value) for one in found}
    first = min(one.span[0] for one in found)
    last = max(one.span[1] for one in found)
    street = line[:first].rstrip(_ENDS).rstrip()
    detail = line[last:].strip(_ENDS + ")")
    if street or detail:
        parts["address"] = ", ".join(filter(None, (street, detail)))
    return parts


def _ending_in_code(line: str, context: Context) -> dict[str, str]:
    """Split « 18 rue des Charmettes, 69100 »: the town is asked then."""
    before, _, last = line.rpartition(" ")
    code = Postcode().check(last, context)
    street = before.rstrip(_ENDS)
    if isinstance(code, Problem) or not any(c.isdigit() for c in last):
        return {}
    is_street = any(c.isalpha() for c in street)
    return {"address": street, "postcode": str(code.value)} if is_street else {}


def _read_in(line: str, context: Context) -> dict[str, str]:
    read = {one.key: str(one.value) for one in read_free_text(line, context)}
    if not {"postcode", "town"} & read.keys():
        return {}
    return {key: read[key] for key in _ADDRESS if key in read}


def _only(line: str, asking: Asking, context: Context) -> dict[str, str]:
    """Return a line that says one part of an address, as the part that lacks."""
    missing = asking.missing("place")
    code = Postcode().check(line, context)
    if isinstance(code, Accepted) and any(c.isdigit() for c in line):
        return {"postcode": str(code.value)}
    has_digits = any(c.isdigit() for c in line)
    if "town" in missing and "address" not in missing and not has_digits:
        return {"town": line}
    if not any(c.isalpha() for c in line) or line.endswith("?"):
        return {}
    # Where a postcode is known a hamlet is enough; else it looks like a street.
    is_asked = missing == ("address",) and len(line.split()) <= _MOST_WORDS
    is_street = STREET.search(fold_in_place(line)) is not None
    return {"address": line} if is_asked or is_street or has_digits else {}


# --- who --------------------------------------------------------------------------

_BEFORE_PHONE = re.compile(
    r"(?:\b(?:tel|telephone|mobile|portable|phone|au|at|al)\b[ .:]{0,3}"
    r"|[ ,;:.(/\u2013-]){1,10}\Z"
)
_LONGEST_PERSON = 60


def _contact(line: str, asking: Asking) -> _Answer:
    texts: dict[str, str] = {}
    mail = EMAIL_WORDS.search(line)
    if mail is not None:
        texts["contact_email"] = mail[0].rstrip(".-")
        line = f"{line[: mail.start()]}{line[mail.end() :]}".strip(" ,;<>")
    phone = find_phone(line, asking.context)
    before, after = line, ""
    if phone is not None:
        texts["phone"] = str(phone.value)
        before, after = line[: phone.span[0]], line[phone.span[1] :].strip(" ,;.)")
    end = _BEFORE_PHONE.search(fold_in_place(before))
    name = clean_line(before[: end.start()] if end else before).strip(" ,;")
    if not name and after and len(after) <= _LONGEST_PERSON and _is_a_name(after):
        name, after = after, ""
    if _is_a_person(name):
        texts["contact_name"] = name
    if not texts:
        return _Answer(problem=_phone_problem(line, asking))
    problem = None if phone else _phone_problem(line, asking)
    return _Answer(texts, problem, is_more=len(after) > 3)


_ASKS_WHO = frozenset({"contact", "you"})
"""Questions whose readers know what a name and a number mean there."""
_PART = re.compile(r"[^,;\n]+")
_OPENS_A_PLACE = frozenset(
    """
    le la les el los las the villa residence chateau domaine hameau immeuble hotel
    camping mairie ecole lieu zone
    """.split()  # noqa: SIM905 - twenty quotation marks hide the words
)
"""Before « Bourg » or « Les Pins », never before somebody's name."""


def _apart(text: str, read: Reading, asking: Asking) -> tuple[str, dict[str, Value]]:
    """Take whoever can be called out of words that answer another question.

    « Karim Benali, 06 39 98 56 78 » is no address, wherever it is said.

    Args:
        text: everything that was said.
        read: what it says by itself, « Contact : … » included.
        asking: what is known so far.

    Returns:
        the text with spaces in their place, and the contact; nothing is taken when
        there is no number and no address for mails.
    """
    who: dict[str, Value] = {}
    cut: list[tuple[int, int]] = []
    mail = EMAIL_WORDS.search(text)
    if mail is not None:
        who["contact_email"] = mail[0].rstrip(".-")
        cut.append(mail.span())
    phone = find_phone(text, asking.context)
    if phone is not None:
        who["phone"] = phone.value
        names = [one for one in read.found if one.key == "contact_name"]
        cut += [phone.span, *(_lead(text, one.span) for one in names)]
        if not names:
            name, taken = _beside(text, phone.span)
            who |= {"contact_name": name} if name else {}
            cut += taken
    rest = list(text)
    for first, last in cut:
        rest[first:last] = " " * (last - first)
    return "".join(rest), who


def _lead(text: str, name: tuple[int, int]) -> tuple[int, int]:
    """Return where a name stands, with the words that lead to it."""
    first, last = name
    parts = (hit.span() for hit in _PART.finditer(text))
    return next((start for start, end in parts if start <= first < end), first), last


def _beside(text: str, number: tuple[int, int]) -> tuple[str, list[tuple[int, int]]]:
    """Return the name before a number, or after it, and what goes with it."""
    first, last = number
    before = [hit.span() for hit in _PART.finditer(text, 0, first)]
    after = [hit.span() for hit in _PART.finditer(text, last)]
    taken: list[tuple[int, int]] = []
    for start, end in (*before[:-3:-1], *after[:1]):
        part = text[start:end]
        call = _BEFORE_PHONE.search(fold_in_place(part)) if end <= first else None
        name = clean_line(part[: call.start()] if call else part).strip(_ENDS + ")")
        if name:
            is_name = _is_a_person(name) and not _is_a_place(name)
            return (name, [*taken, (start, end)]) if is_name else ("", taken)
        taken.append((start, end))  # « tél. »
    return "", taken


def _is_a_place(words: str) -> bool:
    folded = fold(words)
    is_named = folded.split()[0].strip("'") in _OPENS_A_PLACE
    return is_named or STREET.search(folded) is not None


def _is_a_person(name: str) -> bool:
    is_short = 0 < len(name) <= _LONGEST_PERSON and len(name.split()) <= 6
    has_digits = any(c.isdigit() for c in name)
    return is_short and not has_digits and not name.endswith("?")


def _phone_problem(line: str, asking: Asking) -> Problem | None:
    """Say what is wrong with digits that are meant as a number."""
    if sum(c.isdigit() for c in line) < 4:
        return None
    digits = "".join(c for c in line if c.isdigit() or c in "+ .")
    outcome = read_phone(digits.strip(), asking.context.country or "FR")
    return outcome if isinstance(outcome, Problem) else None


def _you(line: str, asking: Asking) -> _Answer:
    texts: dict[str, str] = {}
    mail = EMAIL_WORDS.search(line)
    rest = line
    missing = asking.missing("you")
    if mail is not None:
        outcome = Email().check(mail[0].rstrip(".-"), asking.context)
        if isinstance(outcome, Problem):
            return _Answer(problem=outcome)
        texts[EMAIL if asking.person is None else "contact_email"] = str(outcome.value)
        rest = f"{line[: mail.start()]} {line[mail.end() :]}"
    elif "@" in line:
        outcome = Email().check(line, asking.context)
        return _Answer(
            problem=outcome
            if isinstance(outcome, Problem)
            else Problem("email_invalid")
        )
    phone = find_phone(rest, asking.context)
    if phone is not None:
        # Whom to call was asked before: the number is no part of a company's name.
        rest = f"{rest[: phone.span[0]]} {rest[phone.span[1] :]}"
    company = clean_line(rest).strip(" ,;:/()<>-\u2013")
    if company and _is_a_company(company):
        texts["installer"] = company
    if not texts:
        code = "email_without_at" if EMAIL in missing else "empty"
        return _Answer(problem=Problem(code))
    return _Answer(texts, is_more=phone is not None)


def _is_a_company(words: str) -> bool:
    return len(words) <= 80 and len(words.split()) <= 8 and not words.endswith("?")


_READERS: Mapping[str, _Reader] = {
    "service": _listed("service"),
    "place": _place,
    "system": _listed("system"),
    "counts": _counts,
    "maker": _listed("maker"),
    "contact": _contact,
    "you": _you,
}
