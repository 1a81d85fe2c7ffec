"""What a person wrote, apart from what they quote (email.md §4).

What azbot sent is looked for first: two of its lines in a row are a quotation in any
language and any client. Marks of HTML come next, then rules on the words of mail
programs, written as tables in ``wordings``. Nothing is deleted: what is not new text
is given beside it. Where a rule is unsure it leaves the text.

Every step is linear; rules see 400 characters of a line and 5 000 lines.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from azbot.channels.email import wordings as w
from azbot.channels.email.introductions import (
    FORWARDED,
    ORIGINAL,
    find_frame,
    is_mobile,
    is_signature,
)
from azbot.channels.email.known import Known, read_known
from azbot.channels.email.lines import Kind, Page, fold
from azbot.messages import Reply


def separate(
    text: str,
    marked: str | None,
    sent: Sequence[str] = (),
    is_forward: bool = False,  # noqa: FBT001, FBT002 - the shape of ports.Channel's call
) -> Reply:
    """Tell the new text from the quoted.

    Args:
        text: the whole text, LF line ends (``Inbound.text``).
        marked: what precedes the quotation by HTML's marks (``Inbound.marked``).
        sent: texts we sent in this conversation, newest first.
        is_forward: the block below is the content: nothing is cut.

    Returns:
        New text, never empty when ``text`` is not; the rest in order; the rule.
        ``only-quotation`` and ``only-signature`` say that nothing new was found and
        the text is whole.
    """
    whole = text.strip()
    if not whole or is_forward:
        return Reply(whole, (), "forward" if whole else "empty")
    page = Page.of(text)
    introduced = _introduced(page, marked) if sent else None
    known = read_known(page.folded, page.depths, sent, introduced)
    rule = _label(page, known, marked)
    return _assemble(page, rule, whole)


def looks_forwarded(subject: str, text: str) -> bool:
    """Whether the block below is the content: a forward, not a quotation.

    A subject that begins with a forward's mark; or, when it does not begin with a
    reply's, a forward's separator outside any quotation.
    """
    found = re.match(r"\s*([^\W\d_]{1,5})\s{0,2}(?:\[\d+\]|\(\d+\))?\s{0,2}:", subject)
    prefix = found[1].lower() if found else ""
    if prefix in w.FORWARD_PREFIXES:
        return True
    if prefix in w.REPLY_PREFIXES:
        return False
    for line in text.split("\n", 300)[:300]:
        folded = fold(line)
        if folded.startswith(">") or ORIGINAL.match(folded):
            return False
        if FORWARDED.match(folded):
            return True
    return False


# --- labelling ----------------------------------------------------------------------


def _introduced(page: Page, marked: str | None) -> int | None:
    """Return the first line that HTML's marks or a program's words call quoted."""
    frame = find_frame(page, 0)
    starts = [] if frame is None else [frame.start]
    if marked is not None:
        starts.append(marked.count("\n") + 1 if marked.strip() else 0)
    return min(starts, default=None)


def _label(page: Page, known: Known, marked: str | None) -> str:
    """Give every line its kind; return the rule that drew the line."""
    rule = ""
    if known.has_quotation:
        for at in known.quoted:
            page.kinds[at] = Kind.QUOTE
        rule = "sent"
    for at in known.answers:
        page.kinds[at] = Kind.ANSWER
    _join_wrapped(page)
    if marked is not None and not known.has_quotation:
        rule = _label_marked(page, marked) or rule
    rule = _label_frames(page, known, rule) if rule != "html" else rule
    tail = _label_tails(page)
    return rule or tail or ("quote-block" if Kind.QUOTE in page.kinds else "whole")


def _join_wrapped(page: Page) -> None:
    """A long quoted line that was wrapped again left its end without ``>``."""
    for at in range(1, len(page.folded) - 1):
        if (
            not page.depths[at]
            and page.kinds[at] is Kind.NEW
            and page.depths[at - 1]
            and page.depths[at + 1]
            and len(page.lines[at - 1]) >= 60
            and page.folded[at]
            and page.lines[at].lstrip()[:1].islower()
        ):
            page.kinds[at] = Kind.QUOTE


def _label_marked(page: Page, marked: str) -> str:
    """Follow HTML's mark unless the person wrote between the quoted lines."""
    first = marked.count("\n") + 1 if marked.strip() else 0
    end = len(page.folded)
    first = min(first, end)
    if not page.has_new(0, first):
        return ""
    quoted_below = [at for at in range(first, end) if page.depths[at]]
    if quoted_below and page.has_new(quoted_below[0], quoted_below[-1]):
        return ""
    for at in range(first, end):
        if page.kinds[at] is Kind.NEW:
            page.kinds[at] = Kind.QUOTE
    return "html"


def _label_frames(page: Page, known: Known, rule: str) -> str:
    """Label what is introduced as a quotation, and what it introduces."""
    position = 0
    end = len(page.folded)
    while position < end and (frame := find_frame(page, position)) is not None:
        for at in range(frame.start, frame.end):
            page.kinds[at] = Kind.FRAME
        rule = rule or frame.rule
        following = page.next_filled(frame.end)
        if following < end and page.depths[following]:
            position = frame.end
            continue
        if (last := known.last_line) is not None and last >= frame.end:
            position = frame.end
            _quote_unknown(page, position, last + 1)
            continue
        _quote_rest(page, frame.end)
        return rule
    return rule


def _quote_unknown(page: Page, start: int, end: int) -> None:
    """Between an introduction and our first line nobody answers."""
    for at in range(start, end):
        if page.kinds[at] is Kind.QUOTE and page.folded[at]:
            return
        if page.kinds[at] is Kind.NEW:
            page.kinds[at] = Kind.QUOTE


def _quote_rest(page: Page, start: int) -> None:
    for at in range(start, len(page.folded)):
        if page.kinds[at] is not Kind.ANSWER:
            page.kinds[at] = Kind.QUOTE


def _label_tails(page: Page) -> str:
    """Label signatures: after ``-- ``, telephone lines, footers of lists."""
    rule = ""
    in_signature = False
    for at, line in enumerate(page.folded):
        if page.kinds[at] in (Kind.QUOTE, Kind.FRAME) and line:
            in_signature = False
        if page.kinds[at] is not Kind.NEW or not line:
            if in_signature and page.kinds[at] is Kind.NEW:
                page.kinds[at] = Kind.SIGNATURE
            continue
        if in_signature or is_signature(page, at):
            in_signature = True
            page.kinds[at] = Kind.SIGNATURE
            rule = rule or "signature"
        elif is_mobile(line):
            page.kinds[at] = Kind.SIGNATURE
            rule = rule or "mobile"
    return rule


# --- assembling ---------------------------------------------------------------------


def _assemble(page: Page, rule: str, whole: str) -> Reply:
    """Cut the text along the kinds, every line into one of the two."""
    new: list[str] = []
    elided: list[str] = []
    block: list[str] = []
    contexts = _contexts(page)
    rest = page.lines[len(page.folded) :]
    ends_new = bool(page.kinds) and page.kinds[-1] in (Kind.NEW, Kind.ANSWER)
    for at in range(len(page.folded)):
        kind = page.kinds[at]
        if kind is Kind.ANSWER or at in contexts:
            answer = page.bare(at) if kind is Kind.ANSWER else page.lines[at]
            new.append(answer)
        elif kind is Kind.NEW:
            if page.folded[at] and block:
                elided.append("\n".join(block).strip("\n"))
                block = []
            new.append(page.lines[at])
        else:
            block.append(page.lines[at])
    if rest and ends_new:
        new.extend(rest)
    else:
        block.extend(rest)
    elided.append("\n".join(block).strip("\n"))
    text = _tidy(new)
    if not text:
        only_signed = Kind.SIGNATURE in page.kinds and Kind.QUOTE not in page.kinds
        return Reply(whole, (), "only-signature" if only_signed else "only-quotation")
    return Reply(text, tuple(one for one in elided if one.strip()), rule)


def _contexts(page: Page) -> set[int]:
    """Return quoted lines that stay with the answer below them.

    Only where a person answers in several places: one answer below a quotation
    stands for itself.
    """
    starts = [
        at
        for at in range(1, len(page.folded))
        if page.kinds[at] is Kind.NEW
        and page.folded[at]
        and _quoted_line_above(page, at) is not None
    ]
    if len(starts) < 2:
        return set()
    found = (_quoted_line_above(page, at) for at in starts)
    return {at for at in found if at is not None}


def _quoted_line_above(page: Page, at: int) -> int | None:
    above = at - 1
    while above >= 0 and not page.folded[above]:
        above -= 1
    if above >= 0 and page.kinds[above] is Kind.QUOTE:
        return above
    return None


def _tidy(lines: Sequence[str]) -> str:
    text = "\n".join(line.rstrip() for line in lines)
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n").strip()
