"""How mail programs introduce what they quote, and how they sign (email.md §4.4).

Each rule looks at one line and its neighbours. The words are in ``wordings``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from azbot.channels.email import wordings as w
from azbot.channels.email.lines import LONGEST_LINE, VERBS, Kind, Page, any_of

_RULE = r"[-_=*~#\u2013\u2014\s]"
ORIGINAL = re.compile(
    rf"{_RULE}{{0,40}}[-_=\u2013\u2014]{{2,}} ?(?:{any_of(w.ORIGINAL)}) ?:? ?"
    rf"{_RULE}{{1,60}}\Z"
)
FORWARDED = re.compile(
    rf"(?:{_RULE}{{0,40}}[-_=]{{2,}} ?)?(?:{any_of(w.FORWARDED)})\b.{{0,60}}\Z"
)
_REPLY_LINE = re.compile(rf".{{0,20}}(?:{any_of(w.REPLY_LINES)}).{{0,20}}\Z")
_RULER = re.compile(r"[-_=*~\u2013\u2014 ]{2,}\Z")
_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"']{1,64}@[^\s<>()\[\],;:\"']{1,255}")
_MONTH = any_of(w.MONTHS)
_TIME = r"\d{1,2} ?(?:[:.h]) ?\d{2}"
_YEAR = r"(?:19|20)\d\d"
_NUMERIC = r"\d{1,4}[./-] ?\d{1,2}[./-] ?\d{1,4}"
_DATE = re.compile(
    rf"{_NUMERIC}|\d{{1,2}}(?:\.|st|nd|rd|th|er)?(?: de)? (?:{_MONTH})\b"
    rf"|\b(?:{_MONTH})\.?,? \d{{1,2}}\b|{_YEAR} ?[年년.]|\d{{1,2}}月"
)
_PRECISE = re.compile(
    rf"(?<!\d){_TIME}(?!\d)|(?<!\d){_YEAR}(?!\d)"
    r"|\d{1,2}[./-]\d{2}[./-]\d\d"
)
_OPENING = re.compile(
    rf"(?:[-*>\u2013] ?)?(?:(?:{any_of([*w.STARTERS, *w.WEEKDAYS])})\b|在|\d)"
)
_END_VERB = re.compile(rf"(?<![a-z])(?:{VERBS}) ?:?\Z")
_END_ADDRESS = re.compile(r"@[^\s<>]{1,255}(?:<\s?mailto:[^\s<>]{1,300})?>{1,2} ?:\Z")
_DIVIDED = re.compile(rf"\b(?:{any_of(w.DIVIDING_VERBS)})\b.{{1,200}}:\Z")
_NAMED = re.compile(
    rf"[^:]{{0,80}}<[^\s<>]{{1,64}}@[^\s<>]{{1,255}}>{{1,2}} (?:{VERBS}) ?:\Z"
)
_DASHED = re.compile(r"-{2,} ?(.*?) ?-{2,}\Z")
_MOST_ATTRIBUTION_LINES = 5


def _is_attribution(joined: str) -> bool:
    """Whether one joined text says who wrote when, and ends there."""
    if dashed := _DASHED.match(joined):
        joined = dashed[1] + ":"
    if _NAMED.match(joined):
        return True
    address = _ADDRESS.search(joined)
    if not (_DATE.search(joined) and _OPENING.match(joined)):
        return False
    if not (address or _PRECISE.search(joined)):
        return False
    if _END_ADDRESS.search(joined) or _DIVIDED.search(joined):
        return True
    if not _END_VERB.search(joined):
        return False
    return joined.endswith(":") or address is not None


def _may_end_attribution(line: str) -> bool:
    return (line.endswith((":", "-", ">", "wrote", "a écrit", "escribió"))) and len(
        line
    ) < LONGEST_LINE


def _attribution_start(page: Page, end: int) -> int | None:
    """Return the line where an attribution ending at ``end`` begins, or None."""
    if not _may_end_attribution(page.folded[end]):
        return None
    depth = page.depths[end]
    joined = ""
    fallback: int | None = None
    for start in range(end, max(end - _MOST_ATTRIBUTION_LINES, -1), -1):
        line = page.folded[start]
        if not line or page.depths[start] != depth or len(joined) > LONGEST_LINE:
            break
        joined = f"{line} {joined}".strip()
        for form in (joined, joined.replace("< ", "<").replace(" >", ">")):
            if _is_attribution(form):
                if _OPENING.match(form) and _DATE.search(form):
                    return start
                fallback = start if fallback is None else fallback
    return fallback


_FIELD_KINDS = {name: kind for kind, names in w.HEADER_NAMES.items() for name in names}
_FIELD = re.compile(rf"[*_| ]{{0,4}}({any_of(list(_FIELD_KINDS))})[*_ ]{{0,3}}:")
_INNER_FIELD = re.compile(
    rf" ({any_of([*w.HEADER_NAMES['subject'], *w.HEADER_NAMES['date']])}) ?: "
)
_BLOCK_LINES = 8


def _header_block(page: Page, start: int) -> int | None:
    """Return the line after a block of header fields that begins here, or None.

    Three of From, Date, To, Subject within eight lines; or two with From after an
    empty line or a ruler. An address or a date must stand in it, or words of ours
    below it: a person may write « De : Lyon » above « À : Paris ».
    """
    if not _FIELD.match(page.folded[start]):
        return None
    kinds: set[str] = set()
    end = start
    depth = page.depths[start]
    last = min(start + _BLOCK_LINES, len(page.folded))
    for at in range(start, last):
        line = page.folded[at]
        if page.depths[at] != depth or (not line and at > start + 1 and len(kinds) > 1):
            break
        found = _FIELD.match(line)
        if found is None:
            continue
        kinds.add(_FIELD_KINDS[found[1]])
        kinds.update(_FIELD_KINDS[one] for one in _INNER_FIELD.findall(line))
        end = at + 1
    kinds.discard("other")
    shown = " ".join(page.folded[start:end])
    below = page.next_filled(end)
    is_above_ours = below < len(page.kinds) and page.kinds[below] is Kind.QUOTE
    has_proof = bool(_ADDRESS.search(shown) or _DATE.search(shown)) or is_above_ours
    if "from" not in kinds or not has_proof:
        return None
    if len(kinds) >= 3 or (len(kinds) == 2 and _stands_apart(page, start)):
        return end
    return None


def _stands_apart(page: Page, at: int) -> bool:
    before = page.folded[at - 1] if at else ""
    return not before or bool(_RULER.match(before)) or bool(ORIGINAL.match(before))


_DEVICE = r"[^,;.!?:<>\[\]]{1,45}?(?:\.(?:fr|com|ch|net))?"
_LINK = r"(?: ?[<(\[](?:https?:|mailto:)[^\s>)\]]{1,300}[>)\]])?"
_MOBILE = re.compile(
    r"(?:[-_>*<\[(] ?){0,3}(?:"
    + "|".join(line.format(device=_DEVICE) for line in w.MOBILE_LINES)
    + rf"){_LINK} ?[\])>*_]{{0,2}}[.!]?\Z"
)
_SIGNATURE = re.compile(r"-- ?\Z")
_LIST_RULER = re.compile(r"[_-]{2,}\Z")


@dataclass(frozen=True, slots=True)
class Frame:
    """Where a quotation is introduced: lines [start, end), and by which rule."""

    start: int
    end: int
    rule: str


def find_frame(page: Page, start: int) -> Frame | None:
    """Return the first introduction of a quotation at depth 0 from ``start`` on."""
    for at in range(start, len(page.folded)):
        line = page.folded[at]
        if not line or page.depths[at] or page.kinds[at] is Kind.ANSWER:
            continue
        if (frame := _frame_at(page, at)) is not None:
            return frame
    return None


def _frame_at(page: Page, at: int) -> Frame | None:
    line = page.folded[at]
    if _REPLY_LINE.match(line):
        return Frame(at, at + 1, "reply-line")
    if ORIGINAL.match(line) or (FORWARDED.match(line) and line[0] in "-_=b"):
        return Frame(at, at + 1, "separator")
    if (end := _header_block(page, at)) is not None:
        return Frame(_above(page, at), end, "headers")
    if (begin := _attribution_start(page, at)) is not None:
        return Frame(_above(page, begin), at + 1, "attribution")
    return None


def _above(page: Page, at: int) -> int:
    """Rulers and empty lines just above an introduction belong to it."""
    top = at
    while top and (not page.folded[top - 1] or _RULER.match(page.folded[top - 1])):
        if page.depths[top - 1]:
            break
        top -= 1
    return top


def is_signature(page: Page, at: int) -> bool:
    """Whether a signature begins here: ``-- ``, or a ruler above a list's footer."""
    line = page.folded[at]
    if _SIGNATURE.match(line):
        return True
    if not _LIST_RULER.match(line):
        return False
    near = page.folded[at + 1 : at + 5]
    return any(word in other for other in near for word in w.NEWS_FOOTERS)


def is_mobile(line: str) -> bool:
    """Whether a folded line is one that a telephone or a program added."""
    return bool(_MOBILE.match(line))
