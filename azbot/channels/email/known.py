"""Finding our own words in an answer: a quotation in any language and client.

Clients wrap what they quote again, so lines are compared by their words: three words
in a row that stand so in a mail of ours.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*|[:?]")
_MOST_SENT = 200_000
_ENOUGH = 0.6
_LONG = 5
_UNMARKED_RUN = 4
_LINK = re.compile(r"[<\[(]?https?://\S{0,399}")
_LINK_LINE = re.compile(r"[<\[(]?(?:https?://|mailto:|cid:|image)\S{0,399}[>\])]?\Z")


@dataclass(slots=True)
class Known:
    """Lines of an answer that are ours, and answers inside them.

    Attributes:
        quoted: lines that repeat what we sent.
        answers: lines that begin with a label we sent and go on.
    """

    quoted: set[int] = field(default_factory=set)
    answers: set[int] = field(default_factory=set)

    @property
    def has_quotation(self) -> bool:
        """Two lines of ours in a row were found."""
        return bool(self.quoted)

    @property
    def last_line(self) -> int | None:
        """The last line of ours."""
        return max(self.quoted | self.answers) if self.quoted else None


@dataclass(frozen=True, slots=True)
class _Sent:
    openings: frozenset[str]
    lines: frozenset[str]
    labels: frozenset[str]
    following: dict[str, str]
    triples: frozenset[tuple[str, str, str]]
    pairs: frozenset[tuple[str, str]]


def read_known(
    folded: Sequence[str],
    depths: Sequence[int],
    sent: Sequence[str],
    introduced: int | None = None,
) -> Known:
    """Find the lines that repeat what we sent.

    Two matching lines in a row are a quotation, blank lines between them aside; so
    are two long lines that match word for word, with answers typed between them. A
    line of one or two words counts only inside ``>``, between two lines that match,
    or above the line it stands above in our mail: « OUI » below « Répondez OUI ou
    NON » is an answer.

    Where nothing says that a quotation has begun, four in a row are needed: people
    type our labels and their own names as we print them.

    Args:
        folded: lines as rules see them, without ``>``.
        depths: how many ``>`` each had.
        sent: texts we sent; at most 200 000 characters are read.
        introduced: first line of what a program introduces as a quotation.
    """
    if not sent:
        return Known()
    ours = _read_sent(sent)
    known = Known(answers=_answers(folded, ours))
    # Where a program marks what it quotes, nothing above the first mark is quoted:
    # somebody may type a date in the very words of our mail.
    first = next((at for at, depth in enumerate(depths) if depth), 0)
    strength = [
        0
        if at < first or at in known.answers
        else _strength(_without_links(line), ours)
        for at, line in enumerate(folded)
    ]
    filled = [at for at, line in enumerate(folded) if line]
    runs: list[list[int]] = [[]]
    for place, at in enumerate(filled):
        # A scanner writes links anew: they part no lines of ours.
        is_link = strength[at] == 0 and bool(_LINK_LINE.match(folded[at]))
        if at in known.answers or is_link:
            continue
        if strength[at] == 2 or (
            strength[at] == 1
            and (
                _is_between(place, filled, strength, depths)
                or _is_first(place, filled, folded, depths, ours)
            )
        ):
            if introduced is None and not depths[at] and folded[at] in ours.openings:
                runs.append([])
            runs[-1].append(at)
        elif runs[-1]:
            runs.append([])
    border = _border(depths, runs, introduced)
    for run in runs:
        _close(run, known, strength, border)
    _add_scattered(folded, border, ours, known)
    _fill_links(folded, known)
    return known


def _border(
    depths: Sequence[int], runs: Sequence[Sequence[int]], introduced: int | None
) -> int:
    """Return the line from which on few words of ours are a quotation.

    The first ``>``, what a program introduces, or the first long run.
    """
    marked = next((at for at, depth in enumerate(depths) if depth), len(depths))
    long = next((run[0] for run in runs if len(run) >= _UNMARKED_RUN), len(depths))
    return min(marked, long, len(depths) if introduced is None else introduced)


def _read_sent(sent: Sequence[str]) -> _Sent:
    lines: list[str] = []
    openings: set[str] = set()
    left = _MOST_SENT
    for text in sent:
        own = [_normal(line) for line in text[:left].split("\n")]
        openings.update([line for line in own if line][:1])
        lines += own
        left -= len(text)
        if left <= 0:
            break
    filled = [line for line in lines if line]
    bare = [one for one in map(_without_links, filled) if one]
    words = [word for line in bare for word in _WORD.findall(line)]
    return _Sent(
        openings=frozenset(openings),
        lines=frozenset([*filled, *bare]),
        labels=frozenset(line[:-1].rstrip() for line in filled if line.endswith(":")),
        following=dict(pairwise(filled)),
        triples=frozenset(zip(words, words[1:], words[2:], strict=False)),
        pairs=frozenset(pairwise(words)),
    )


def _without_links(line: str) -> str:
    """Scanners rewrite links; the words around them stay."""
    return " ".join(_LINK.sub(" ", line).split()) if "://" in line else line


def _normal(line: str) -> str:
    line = line[:400].replace("\u2019", "'").replace("\u00a0", " ")
    line = line.replace("\u202f", " ")
    return " ".join(line.split()).strip("> ").lower()


def _answers(folded: Sequence[str], ours: _Sent) -> set[int]:
    """Lines that begin with one of our labels and continue."""
    found = set()
    for at, line in enumerate(folded):
        place = line.find(":")
        while 0 < place < 80:
            if line[:place].rstrip() in ours.labels:
                rest = line[place + 1 :].strip(" _.…")
                if rest and line not in ours.lines:
                    found.add(at)
                break
            place = line.find(":", place + 1)
    return found


def _strength(line: str, ours: _Sent) -> int:
    """2: surely ours; 1: perhaps, being short; 0: not ours."""
    words = _WORD.findall(line)
    if len(words) < 3:
        is_pair = len(words) == 2 and (words[0], words[1]) in ours.pairs
        return 1 if line in ours.lines or is_pair else 0
    if line in ours.lines:
        return 2
    triples = list(zip(words, words[1:], words[2:], strict=False))
    matching = sum(triple in ours.triples for triple in triples)
    needed = len(triples) if len(triples) < 3 else _ENOUGH * len(triples)
    return 2 if matching >= needed else 0


def _is_between(
    place: int, filled: Sequence[int], strength: Sequence[int], depths: Sequence[int]
) -> bool:
    at = filled[place]
    before = filled[place - 1] if place else None
    after = filled[place + 1] if place + 1 < len(filled) else None
    if depths[at]:
        near = (before, after)
        return any(one is not None and strength[one] > 0 for one in near)
    return (
        before is not None
        and after is not None
        and strength[before] == 2
        and strength[after] == 2
    )


def _is_first(
    place: int,
    filled: Sequence[int],
    folded: Sequence[str],
    depths: Sequence[int],
    ours: _Sent,
) -> bool:
    """Whether a short line and the next stand so in a mail of ours: a greeting."""
    if place + 1 >= len(filled):
        return False
    at, after = filled[place], filled[place + 1]
    expected = ours.following.get(folded[at], "")
    # Wrapped again, only the beginning of our next line stands below.
    begins = len(folded[after]) >= 10 and expected.startswith(folded[after])
    return depths[at] == depths[after] and (begins or expected == folded[after])


def _close(
    run: Sequence[int], known: Known, strength: Sequence[int], border: int
) -> None:
    if not run:
        return
    needed = 2 if run[0] >= border else _UNMARKED_RUN
    if len(run) >= needed and any(strength[at] == 2 for at in run):
        known.quoted.update(run)


def _add_scattered(
    folded: Sequence[str], first: int, ours: _Sent, known: Known
) -> None:
    """Answers typed between our lines part them: two whole long ones are enough."""
    alone = [
        at
        for at, line in enumerate(folded)
        if at >= first and at not in known.answers and _is_whole_line(line, ours)
    ]
    if len(alone) >= 2:
        known.quoted.update(alone)


def _is_whole_line(line: str, ours: _Sent) -> bool:
    words = _WORD.findall(line)
    if len(words) < _LONG:
        return False
    triples = zip(words, words[1:], words[2:], strict=False)
    return line in ours.lines or all(triple in ours.triples for triple in triples)


def _fill_links(folded: Sequence[str], known: Known) -> None:
    """A link between two lines of ours was ours, whatever a scanner made of it."""
    filled = [at for at, line in enumerate(folded) if line]
    for before, at, after in zip(filled, filled[1:], filled[2:], strict=False):
        if at in known.quoted or not _LINK_LINE.match(folded[at]):
            continue
        is_beside = at - 1 in known.quoted or at + 1 in known.quoted
        if is_beside or (before in known.quoted and after in known.quoted):
            known.quoted.add(at)
