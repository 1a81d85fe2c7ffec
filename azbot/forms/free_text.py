"""Reading a request out of free text (ux.md 9.3, 10.4).

« mise en service lundi à Villeurbanne, 5 thermostats » fills what it can. Each
reader looks for one thing with patterns whose every repetition is bounded; a text
takes time in proportion to its length.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

from azbot.forms.assistance import ASSISTANCE
from azbot.forms.folding import clean_line, fold_in_place
from azbot.forms.free_words import (
    CIVILITY,
    COMPANY,
    CONTACT,
    CONTACT_BY_PHONE,
    COUNT_WORDS,
    EMAIL,
    NOT_A_POSTCODE,
    OWN_NUMBER,
    OWN_WORDS,
    PHONE,
    POSTCODE,
    POSTCODE_IN_BRACKETS,
    PROBLEM,
    STREET,
    SYSTEM_COUNT,
    THERMOSTAT_COUNT,
    TOWN_AFTER_AT,
    TOWN_LINKS,
    TOWN_SMALL_WORDS,
    TOWN_STOPS,
    WARRANTY,
)
from azbot.forms.kinds import (
    OTHER,
    Accepted,
    Choice,
    Context,
    Email,
    Option,
    Value,
    read_phone,
)
from azbot.forms.option_search import OptionHit, find_options
from azbot.forms.places import country_named, department_of

LONGEST_TEXT = 50_000
"""Characters read; nobody writes a longer request by hand."""

_MOST_HITS = 40


@dataclass(frozen=True, slots=True)
class Found:
    """One answer read from a text.

    Attributes:
        key: the field.
        value: in normal form.
        span: where it was read, [first, after last).
        confidence: 0 to 1; 1 for a labelled line.
    """

    key: str
    value: Value
    span: tuple[int, int]
    confidence: float


@dataclass(frozen=True, slots=True)
class _Text:
    """A text, and the same without accents and case, place by place."""

    whole: str
    folded: str
    context: Context


Reader = Callable[[_Text], Iterator[Found]]


def read_free_text(text: str, context: Context | None = None) -> tuple[Found, ...]:
    """Return everything understood of a request, in the order of the text.

    At most one reading per field.
    """
    whole = text[:LONGEST_TEXT]
    given = _Text(whole, fold_in_place(whole), context or Context())
    found: dict[str, Found] = {}
    for read in _READERS:
        for one in read(given):
            known = found.get(one.key)
            if known is None or one.confidence > known.confidence:
                found[one.key] = one
    return tuple(sorted(found.values(), key=lambda one: (one.span, one.key)))


def _emails(text: _Text) -> Iterator[Found]:
    for hit in EMAIL.finditer(text.whole):
        outcome = Email().check(hit[0].rstrip(".-"), text.context)
        if isinstance(outcome, Accepted):
            end = hit.start() + len(hit[0].rstrip(".-"))
            yield Found("contact_email", outcome.value, (hit.start(), end), 0.7)
            return


def _phones(text: _Text) -> Iterator[Found]:
    """Give two numbers; the one beside the contact's name is the first (R44)."""
    hits = list(_numbers(text))
    names = [name.end("name") for name in islice(CONTACT.finditer(text.whole), 40)]
    beside = next((hit for hit in hits if _is_beside(text, names, hit)), None)
    if beside is not None:
        hits = [beside, *(hit for hit in hits if hit is not beside)]
    for key, hit in zip(("phone", "phone_2"), hits, strict=False):
        yield replace(hit, key=key, confidence=0.8 if key == "phone" else 0.6)


def _is_beside(text: _Text, names: list[int], hit: Found) -> bool:
    first = hit.span[0]
    return any(
        0 <= first - end <= _BESIDE and "\n" not in text.whole[end:first]
        for end in names
    )


_BESIDE = 25
"""Characters between a name and the number to call: « , joignable au »."""


def find_phone(text: str, context: Context) -> Found | None:
    """Return the first phone number in a text, None when there is none."""
    return next(_numbers(_Text(text, fold_in_place(text), context)), None)


def _numbers(text: _Text) -> Iterator[Found]:
    seen: set[Value] = set()
    for hit in islice(PHONE.finditer(text.whole), _MOST_HITS):
        if "fax" in text.folded[max(0, hit.start() - 12) : hit.start()]:
            continue
        for words in (hit[0], _SENTENCE_END.split(hit[0], 1)[0]):
            outcome = read_phone(words.strip(), text.context.country or "FR")
            if isinstance(outcome, Accepted):
                if outcome.value not in seen:
                    span = (hit.start(), hit.start() + len(words))
                    yield Found("phone", outcome.value, span, 0.8)
                seen.add(outcome.value)
                break


_SENTENCE_END = re.compile(r"[.\-/][ \u00a0\u202f]")
"""Where a number may end although digits follow: « 0699999999. 2 systèmes »."""


def find_postcode(text: str, context: Context) -> tuple[Found, ...] | None:
    """Return postcode and town written together, None when there are none."""
    given = _Text(text, fold_in_place(text), context)
    return next(_postcodes(given), None)


def _postcodes(text: _Text) -> Iterator[tuple[Found, ...]]:
    for count, hit in enumerate(POSTCODE.finditer(text.folded)):
        if count >= _MOST_HITS:
            return
        code = hit["code"].replace(" ", "")
        if text.context.country in ("", "FR") and department_of(code) is None:
            continue
        before = text.folded[max(0, hit.start() - 25) : hit.start()]
        town, end = _town(text.whole, hit.end())
        if not town or NOT_A_POSTCODE.search(before):
            continue
        yield (
            Found("postcode", code, hit.span("code"), 0.9),
            Found("town", town, (hit.end(), end), 0.9),
        )
    for hit in POSTCODE_IN_BRACKETS.finditer(text.whole):
        code = hit["code"].replace(" ", "")
        if text.context.country in ("", "FR") and department_of(code) is None:
            continue
        yield (
            Found("town", clean_line(hit["town"]), hit.span("town"), 0.8),
            Found("postcode", code, hit.span("code"), 0.8),
        )


def _place(text: _Text) -> Iterator[Found]:
    yield from next(_postcodes(text), ())
    hit = TOWN_AFTER_AT.search(text.whole)
    if hit and fold_in_place(hit["town"]).split()[0] not in TOWN_STOPS:
        yield Found("town", hit["town"], hit.span("town"), 0.5)


_TOWN_WORD = re.compile(r" {0,3}([^\W\d_][\w'\u2019.-]{0,40}|[0-9]{1,2}(?!\w))")


def _town(whole: str, start: int) -> tuple[str, int]:
    """Return the town that begins at ``start`` and where it ends."""
    words: list[str] = []
    end = start
    is_linked = True
    is_capital = False
    while len(words) < 7:
        hit = _TOWN_WORD.match(whole, end)
        if not hit:
            break
        word = hit[1]
        low = fold_in_place(word)
        is_cedex = bool(words) and fold_in_place(words[-1]) == "cedex"
        if word.isdigit() and not is_cedex:
            break
        is_link = low.rstrip(".'") in TOWN_LINKS or low[:2] in ("d'", "l'")
        goes_on = is_linked or is_link or is_cedex or low == "cedex"
        if not goes_on and not (is_capital and word[0].isupper()):
            break
        if words and (low in TOWN_STOPS or country_named(word)):
            break
        if not words:
            is_capital = word[0].isupper()
        words.append(word)
        end = hit.end()
        is_linked = is_link and low != "cedex"
        if word.endswith(".") and not is_link:
            break
    while words and fold_in_place(words[-1]) in TOWN_LINKS - {"cedex"}:
        end = whole.rindex(words.pop(), start, end)
    name = " ".join(words).rstrip(".-")
    return (name if is_capital else _capitalised(name)), end


def _capitalised(name: str) -> str:
    """« saint etienne sur mer » → « Saint Etienne sur Mer »."""
    return " ".join(
        word
        if place and fold_in_place(word) in TOWN_SMALL_WORDS
        else word[:1].upper() + word[1:]
        for place, word in enumerate(name.split())
    )


def _streets(text: _Text) -> Iterator[Found]:
    for hit in STREET.finditer(text.folded):
        end = hit.end()
        for behind in (POSTCODE, PHONE):
            found = behind.search(text.folded, hit.start(), end)
            end = found.start() if found else end
        street = clean_line(text.whole[hit.start() : end]).rstrip(" ,;.(-")
        if len(street) < 8:
            continue
        has_number = street[0].isdigit() or street[-1].isdigit()
        yield Found(
            "address",
            street,
            (hit.start(), hit.start() + len(text.whole[hit.start() : end].rstrip())),
            0.8 if has_number else 0.6,
        )


def _counts(text: _Text) -> Iterator[Found]:
    for key, pattern, least in (
        ("system_count", SYSTEM_COUNT, 1),
        ("thermostat_count", THERMOSTAT_COUNT, 0),
    ):
        hits = []
        for hit in pattern.finditer(text.folded):
            word = hit["before"] or hit["after"]
            number = COUNT_WORDS.get(word) if not word.isdigit() else int(word)
            if number is not None:
                hits.append((number, hit))
            if len(hits) >= _MOST_HITS:
                break
        if not hits:
            continue
        number, first = hits[0]
        span, confidence = first.span(), 0.8
        if len({number for number, _ in hits}) > 1:
            number, span, confidence = _sum(hits, text.folded)
        most = 99 if key == "system_count" else 999
        if least <= number <= most:
            yield Found(key, number, span, confidence)


def _sum(
    hits: list[tuple[int, re.Match[str]]], folded: str
) -> tuple[int, tuple[int, int], float]:
    """Add « 4 thermostats radio et 1 thermostat filaire »; else take the first."""
    total, last = hits[0][0], hits[0][1]
    for number, hit in hits[1:]:
        between = folded[last.end() : hit.start()]
        if len(between) > 30 or not re.search(r"\b(?:et|and|y|plus)\b|\+", between):
            break
        total, last = total + number, hit
    is_sum = last is not hits[0][1]
    return total, (hits[0][1].start(), last.end()), 0.6 if is_sum else 0.5


def _options(key: str, context: Context) -> tuple[Option, ...]:
    kind = ASSISTANCE.fields[key].kind
    return kind.options(context) if isinstance(kind, Choice) else ()


def _makers(text: _Text) -> Iterator[Found]:
    hits = find_options(text.folded, text.whole, _options("maker", text.context))
    if hits:
        best = hits[0]
        value = best.option.key if best.option else OTHER + best.words
        is_only = len({hit.option for hit in hits}) == 1
        yield Found("maker", value, best.span, 0.8 if is_only else 0.5)


def _systems(text: _Text) -> Iterator[Found]:
    hits = [
        hit
        for hit in find_options(
            text.folded, text.whole, _options("system", text.context)
        )
        if hit.option
    ]
    if not hits:
        return
    longest = max(hits, key=lambda hit: len(hit.words))
    rivals = {hit.option for hit in hits if len(hit.words) == len(longest.words)}
    if longest.option and len(rivals) == 1:
        is_only = len({hit.option for hit in hits}) == 1
        yield Found("system", longest.option.key, longest.span, 0.6 if is_only else 0.5)


def _services(text: _Text) -> Iterator[Found]:
    hits = find_options(text.folded, text.whole, _options("service", text.context))
    named = [hit for hit in hits if hit.option]
    incidents = [hit for hit in named if _is_incident(hit)]
    trouble = PROBLEM.search(text.folded)
    if incidents:
        yield _service(max(incidents, key=lambda hit: len(hit.words)), named)
    elif trouble and WARRANTY.search(text.folded):
        yield Found("service", "incident_warranty", trouble.span(), 0.5)
    elif named and (not trouble or trouble.start() > named[0].span[0]):
        yield _service(named[0], named)
    elif trouble:
        # Nobody said whether the guarantee still runs: an agent decides (R152).
        yield Found("service", "incident", trouble.span(), 0.4)
    short = re.search(r"\bMES\b", text.whole)
    if short:
        yield Found("service", "commissioning", short.span(), 0.5)


def _is_incident(hit: OptionHit) -> bool:
    return hit.option is not None and hit.option.key.startswith("incident")


def _service(hit: OptionHit, named: list[OptionHit]) -> Found:
    is_only = len({other.option for other in named}) == 1
    key = hit.option.key if hit.option else ""
    return Found("service", key, hit.span, 0.9 if is_only else 0.6)


_OUR_REFERENCE = re.compile(r"AS[A-Z]{2}[0-9]{8}")


def _own_numbers(text: _Text) -> Iterator[Found]:
    for hit in OWN_NUMBER.finditer(text.folded):
        number = text.whole[slice(*hit.span("number"))].rstrip(".-/")
        if any(c.isdigit() for c in number) and not _OUR_REFERENCE.fullmatch(number):
            first = hit.start("number")
            yield Found("own_number", number, (first, first + len(number)), 0.8)
            return
    for hit in OWN_WORDS.finditer(text.folded):
        words = clean_line(text.whole[slice(*hit.span("words"))]).rstrip(" .")
        if words and not _OUR_REFERENCE.search(words) and len(words) <= 60:
            yield Found("own_number", words, hit.span("words"), 0.6)
            return


def _contacts(text: _Text) -> Iterator[Found]:
    for hit in CONTACT.finditer(text.whole):
        name = clean_line(hit["name"])
        bare = CIVILITY.sub("", name, count=1).strip()
        if bare and fold_in_place(bare).split()[0] not in TOWN_STOPS:
            confidence = 0.8 if CIVILITY.match(name) or " " in name else 0.6
            yield Found("contact_name", name, hit.span("name"), confidence)
            return
    near = CONTACT_BY_PHONE.search(text.whole)
    if near:
        yield Found("contact_name", clean_line(near["name"]), near.span("name"), 0.6)


def _companies(text: _Text) -> Iterator[Found]:
    for hit in COMPANY.finditer(text.whole):
        name = clean_line(hit["after"] or hit["before"])
        before = text.folded[max(0, hit.start() - 25) : hit.start()]
        key = "distributor" if "distribut" in before else "installer"
        yield Found(key, name, hit.span("after" if hit["after"] else "before"), 0.5)


_READERS: tuple[Reader, ...] = (
    _services,
    _streets,
    _place,
    _phones,
    _emails,
    _counts,
    _makers,
    _systems,
    _own_numbers,
    _contacts,
    _companies,
)
