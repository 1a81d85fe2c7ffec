"""Reading answers out of what a person wrote.

Two ways: « Label : value » lines, as in a reply to a list of missing answers, and
free text. Both give what was understood with the place it was read from, so that
it can be shown and corrected; a word that is not understood is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from azbot.forms.folding import clean_line, fold, fold_in_place
from azbot.forms.form import Form
from azbot.forms.free_text import (
    LONGEST_TEXT,
    Found,
    find_phone,
    find_postcode,
    read_free_text,
)
from azbot.forms.free_words import COUNT_WORDS
from azbot.forms.kinds import (
    Accepted,
    Context,
    Integer,
    LongText,
    Phone,
    Problem,
    Repeated,
    Value,
)

__all__ = [
    "Found",
    "LabelIndex",
    "Reading",
    "Unread",
    "label_index",
    "read_lines",
    "read_request",
]

LabelIndex = Mapping[str, str]
"""Field key by folded label, see :func:`label_index`."""

SURE_ENOUGH = 0.5
"""From this confidence on, what free text says fills a field; below, it is only
proposed to an agent."""


@dataclass(frozen=True, slots=True)
class Unread:
    """An answer that was given to a known label and cannot be taken.

    Attributes:
        key: the field.
        label: as the person wrote it.
        given: what stood after it, at most 200 characters.
        problem: why; its sentence says how to repair it.
        span: of the answer in the text.
    """

    key: str
    label: str
    given: str
    problem: Problem
    span: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Reading:
    """What was understood.

    Attributes:
        found: in the order of the text; of two readings of one field the later
            line counts, as it corrects the earlier.
        problems: labelled answers that cannot be taken.
    """

    found: tuple[Found, ...] = ()
    problems: tuple[Unread, ...] = ()

    @property
    def answers(self) -> dict[str, Value]:
        """Values sure enough to fill a field, by key."""
        best: dict[str, Found] = {}
        for found in self.found:
            known = best.get(found.key)
            if found.confidence >= SURE_ENOUGH and (
                known is None or found.confidence >= known.confidence
            ):
                best[found.key] = found
        return {key: found.value for key, found in best.items()}


def label_index(form: Form, labels: Iterable[tuple[str, str]]) -> LabelIndex:
    """Return which field each label means.

    Args:
        form: its fields' synonyms are added after the labels.
        labels: (field key, words) from the catalogues, the conversation's language
            first: where two languages disagree, the first counts.
    """
    index: dict[str, str] = {}
    for key, words in labels:
        if key in form.fields:
            index.setdefault(_label(words), key)
    for key, field in form.fields.items():
        for synonyms in field.synonyms.values():
            for words in synonyms:
                index.setdefault(_label(words), key)
    index.pop("", None)
    askable = {
        key
        for key, field in form.fields.items()
        if not field.is_automatic and not isinstance(field.kind, Repeated)
    }
    return {words: key for words, key in index.items() if key in askable}


_BULLET = re.compile(r"[\s>*\u2022\u00b7\u2013-]{0,20}(?:[0-9]{1,2}[.)] ?)?")
_COLON = re.compile(r" {0,20}\*{0,2} {0,5}[:\uff1a=]")
_LONGEST_LABEL = 70


def _label(words: str) -> str:
    return " ".join(re.sub(r"[^\w/'.]+", " ", fold(words)).split()).strip(" .?'")


def read_lines(
    text: str, form: Form, labels: LabelIndex, context: Context | None = None
) -> Reading:
    """Read « Label : value » lines; the value may stand on the next line.

    Labels are compared without accents, case and kinds of space or colon. A label
    left empty says nothing: neither ``>`` nor a heading below it is its value. Of a
    long text 50,000 characters are read.
    """
    context = context or Context()
    found: list[Found] = []
    problems: list[Unread] = []
    for read in _labelled(text[:LONGEST_TEXT], form, labels):
        line, outcome = _check(read, form, context)
        if isinstance(outcome, Accepted):
            found.extend(_with_place(line, outcome.value, form, context))
        elif outcome.code != "empty":
            problems.append(
                Unread(line.key, line.label, line.given[:200], outcome, line.span)
            )
    answered = {one.key: one.span for one in found}
    return Reading(
        tuple(found),
        tuple(
            unread
            for unread in problems
            if unread.span > answered.get(unread.key, (-1, -1))
        ),
    )


def _check(
    line: _Line, form: Form, context: Context
) -> tuple[_Line, Accepted | Problem]:
    """Check a value; a number may be a word, and words may follow a phone."""
    kind = form.fields[line.key].kind
    given = line.given
    if isinstance(kind, Integer):
        number = COUNT_WORDS.get(fold(given).strip(" ."))
        given = given if number is None else str(number)
    outcome = kind.check(given, context)
    if isinstance(outcome, Problem) and isinstance(kind, Phone):
        phone = find_phone(line.given, context)
        if phone is not None:
            return _part(line, *phone.span), Accepted(phone.value)
    return line, outcome


def _part(line: _Line, first: int, last: int) -> _Line:
    """Return the line with a part of its value alone."""
    start = line.span[0]
    span = (start + first, start + last)
    return replace(line, given=line.given[first:last], span=span)


@dataclass(frozen=True, slots=True)
class _Line:
    key: str
    label: str
    given: str
    span: tuple[int, int]


def _labelled(text: str, form: Form, labels: LabelIndex) -> Iterator[_Line]:
    lines = list(_lines(text))
    heads = [_head(line, labels) for _, line in lines]
    place = 0
    while place < len(lines):
        head, (start, line) = heads[place], lines[place]
        place += 1
        if head is None:
            continue
        key, label, value_at = head
        given, first = line[value_at:], start + value_at
        while (
            place < len(lines) and heads[place] is None and _goes_on(given, form, key)
        ):
            _, next_line = lines[place]
            if not next_line.strip() and given.strip():
                break
            if not given.strip() and _HEADING.search(next_line):
                break
            given = f"{given}\n{next_line}"
            place += 1
            if not isinstance(form.fields[key].kind, LongText) and given.strip():
                break
            if _blank(given) > 2:
                break
        first += len(given) - len(given.lstrip())
        last = first + len(given.strip())
        yield _Line(key, label, given.strip(), (first, last))


def _goes_on(given: str, form: Form, key: str) -> bool:
    """An empty label is answered below it; long texts take several lines."""
    return not given.strip() or isinstance(form.fields[key].kind, LongText)


def _blank(given: str) -> int:
    return given.count("\n") if not given.strip() else 0


_MARKS = re.compile(r"[ \t]{0,3}>[ \t>]{0,200}")
_ONLY_MARKS = re.compile(r"[:\uff1a=][ \t\u00a0]{0,20}(>[ \t>]{0,200})\Z")
_HEADING = re.compile(r"[:\uff1a]\s{0,20}\Z")


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Give each line and its place, spaces where the marks of a quotation stood."""
    start = 0
    for line in text.split("\n"):
        bare = line
        for marks in (_MARKS.match(line), _ONLY_MARKS.search(line)):
            if marks:
                first, last = marks.span(marks.lastindex or 0)
                bare = f"{bare[:first]}{' ' * (last - first)}{bare[last:]}"
        yield start, bare
        start += len(line) + 1


def _head(line: str, labels: LabelIndex) -> tuple[str, str, int] | None:
    begin = _BULLET.match(line)
    first = begin.end() if begin else 0
    window = fold_in_place(line[first : first + _LONGEST_LABEL + 30])
    colon = _COLON.search(window)
    if not colon or colon.start() > _LONGEST_LABEL:
        return None
    key = labels.get(_label(window[: colon.start()]))
    if key is None:
        return None
    label = clean_line(line[first : first + colon.start()])
    return key, label, first + colon.end()


def _with_place(
    line: _Line, value: Value, form: Form, context: Context
) -> Iterator[Found]:
    """Split « 18 rue des Charmettes, 69100 Villeurbanne » over its three fields.

    So « Paul Durand 06 12 34 56 78 » over the contact (R43) and the phone (R44).
    """
    if line.key == "contact_name" and "phone" in form.fields:
        yield from _contact(line, value, context)
        return
    if line.key not in ("address", "town") or "postcode" not in form.fields:
        yield Found(line.key, value, line.span, 1.0)
        return
    place = find_postcode(line.given, context)
    if place is None:
        yield Found(line.key, value, line.span, 1.0)
        return
    first = line.span[0]
    for part in place:
        span = (first + part.span[0], first + part.span[1])
        yield Found(part.key, part.value, span, 1.0)
    street = clean_line(line.given[: place[0].span[0]]).rstrip(" ,;-(")
    if line.key == "address" and street:
        yield Found("address", street, (first, first + place[0].span[0]), 1.0)


_BEFORE_PHONE = re.compile(
    r"[ ,;:.(/\u2013-]{0,10}(?:\b(?:tel|telephone|mobile|portable|phone|au|at|al)\b"
    r"[ .:]{0,5})?\Z"
)


def _contact(line: _Line, value: Value, context: Context) -> Iterator[Found]:
    phone = find_phone(line.given, context)
    if phone is None:
        yield Found(line.key, value, line.span, 1.0)
        return
    first = line.span[0]
    before = line.given[: phone.span[0]]
    end = _BEFORE_PHONE.search(fold_in_place(before))
    name = clean_line(before[: end.start()] if end else before)
    if name:
        yield Found(line.key, name, (first, first + len(before.rstrip())), 1.0)
    # Less sure than the line of its own label, surer than any other number.
    span = (first + phone.span[0], first + phone.span[1])
    yield Found("phone", phone.value, span, _BESIDE_A_NAME)


_BESIDE_A_NAME = 0.95


def read_request(
    text: str, form: Form, labels: LabelIndex, context: Context | None = None
) -> Reading:
    """Read a whole request: labelled lines first, the rest as free text.

    Free text never contradicts a labelled line, and is not read inside one.

    Args:
        text: subject and body, the person's own words only.
        form: the assistance form.
        labels: see :func:`label_index`.
        context: country and lists in force.
    """
    text = text[:LONGEST_TEXT]
    lines = read_lines(text, form, labels, context)
    known = {found.key for found in lines.found}
    known |= {unread.key for unread in lines.problems}
    rest = _without(
        text,
        [*(one.span for one in lines.found), *(one.span for one in lines.problems)],
    )
    free = [
        found
        for found in read_free_text(rest, context or Context())
        if found.key not in known
    ]
    merged = sorted((*lines.found, *free), key=lambda found: (found.span, found.key))
    return Reading(tuple(merged), lines.problems)


def _without(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """Blank out spans; what remains keeps its place."""
    characters = list(text)
    for first, last in spans:
        for place in range(first, min(last, len(characters))):
            if characters[place] != "\n":
                characters[place] = " "
    return "".join(characters)
