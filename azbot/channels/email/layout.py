"""HTML as plain text: quick words for comparing, or lines as a reader sees them."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

CUT = "\uf8f0"
"""Stands in HTML where the quotation begins; taken out of what comes in."""
OPEN, CLOSE = "\uf8f1", "\uf8f2"
"""Stand in the text around a ``blockquote``."""

LONGEST_HTML = 2_000_000
"""Characters of HTML that are looked at."""
DEEPEST = 60
"""Elements within elements that are kept; deeper ones lose their tags, not words."""
MOST_TAGS = 40_000
"""A document with more gets a line per element: laying it out would take seconds."""

_ANY_TAG = re.compile(r"<[/!a-zA-Z?][^<>]*+>")


def visible(document: str) -> str:
    """Return the words of HTML without layout: quick, for comparing and counting."""
    text = _ANY_TAG.sub(" ", _without_unseen(document))
    return html.unescape(text) if "&" in text else text


def _without_unseen(document: str) -> str:
    """Drop scripts, styles, head and comments; each kind is looked for once."""
    lower = document.lower()
    for opening, closing in (
        ("<head", "</head>"),
        ("<!--", "-->"),
        ("<style", "</style>"),
        ("<script", "</script>"),
        ("<title", "</title>"),
    ):
        if opening not in lower:
            continue
        document = "".join(_outside(document, lower, opening, closing))
        lower = document.lower()
    return document


def _outside(document: str, lower: str, opening: str, closing: str) -> Iterator[str]:
    position = 0
    while (start := lower.find(opening, position)) >= 0:
        follower = lower[start + len(opening) : start + len(opening) + 1]
        if opening != "<!--" and follower.isalpha():  # <header>
            yield document[position : start + len(opening)]
            position = start + len(opening)
            continue
        yield document[position:start]
        end = lower.find(closing, start)
        if end < 0:
            return
        position = end + len(closing)
    yield document[position:]


# --- lines --------------------------------------------------------------------------

_SIGNS = re.compile(f"[{CUT}{OPEN}{CLOSE}]")
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,15})(?![\w])[^<>]*+>")
_VOID = frozenset({"br", "hr"})
_CLOSED_BY_NEXT = frozenset({"p", "li", "td", "th", "tr", "dt", "dd"})
_TAGS = frozenset(
    {
        *("b", "blockquote", "br", "center", "code", "dd", "div", "dl", "dt", "em"),
        *("h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "li", "ol", "p", "pre"),
        *("section", "strong", "table", "tbody", "td", "tfoot", "th", "thead", "tr"),
        *("u", "ul", "article", "address", "footer", "header", "main", "caption"),
    }
)
"""Elements that shape text; the tags of all others are dropped, their words stay."""


def html_to_text(document: str, cut: int | None = None) -> tuple[str, str | None]:
    """Turn HTML into plain text, with ``>`` before the lines of quoted blocks.

    Never raises; where the layout cannot be kept, the words are.

    Args:
        document: decoded HTML, at most 2 000 000 characters are read.
        cut: where the quotation begins in it, when that is known.

    Returns:
        The whole text; and only what precedes the cut, or None when there is no
        cut or nothing would remain.
    """
    document = document[:LONGEST_HTML]
    place = len(document) if cut is None else cut
    before, after = document[:place], document[place:]
    sign = "" if cut is None else CUT
    text = _laid_out(f"{_SIGNS.sub('', before)}{sign}{_SIGNS.sub('', after)}")
    # What a table or a list moved does not lose the sign.
    head, _, tail = text.partition(CUT)
    whole = _quoted((head + tail).replace(CUT, ""))
    if cut is None or CUT not in text or not _SIGNS.sub("", head).strip():
        return whole, None
    return whole, _quoted(head)


def balanced(document: str, deepest: int = DEEPEST) -> str:
    """Return the same words in few, balanced, shallow elements without attributes.

    Parsers take quadratic time on hostile nesting; what leaves here has none.
    """
    out: list[str] = []
    stack: list[str] = []
    position = 0
    for tag in _TAG.finditer(document):
        out.append(document[position : tag.start()])
        position = tag.end()
        name = tag[2].lower()
        if name not in _TAGS:
            continue
        if name in _VOID:
            out.append(f"<{name}>")
        elif tag[1]:
            _close(name, stack, out)
        else:
            _open(name, stack, out, deepest)
    out.append(document[position:])
    while stack:
        out.append(_end(stack.pop()))
    return "".join(out)


def _open(name: str, stack: list[str], out: list[str], deepest: int) -> None:
    if name in _CLOSED_BY_NEXT and stack and stack[-1] == name:
        out.append(_end(stack.pop()))
    if len(stack) >= deepest:
        out.append(" ")
        return
    stack.append(name)
    out.append(f"<{name}>")
    if name == "blockquote":
        out.append(f"<div>{OPEN}</div>")


def _close(name: str, stack: list[str], out: list[str]) -> None:
    """Close down to the nearest such element, but not out of a table."""
    for at in range(len(stack) - 1, -1, -1):
        if stack[at] == name:
            while len(stack) > at:
                out.append(_end(stack.pop()))
            return
        if stack[at] == "table":
            return


def _end(name: str) -> str:
    sign = f"<div>{CLOSE}</div>" if name == "blockquote" else ""
    return f"{sign}</{name}>"


def _laid_out(document: str) -> str:
    import nh3  # noqa: PLC0415 - only when HTML is needed

    seen = balanced(_without_unseen(document))
    clean = nh3.clean(seen, tags=set(_TAGS), attributes={}, link_rel=None)
    if clean.count("<") > MOST_TAGS:
        return html.unescape(_ANY_TAG.sub("\n", clean))
    try:
        text = _inscribed(clean)
    except (RecursionError, ValueError, TypeError, IndexError, AttributeError):
        text = ""
    words = visible(clean)
    return words if len(text.split()) * 2 < len(words.split()) else text


@cache
def _layout() -> Any:
    from inscriptis.css_profiles import STRICT_CSS_PROFILE  # noqa: PLC0415 - heavy
    from inscriptis.model.config import ParserConfig  # noqa: PLC0415 - heavy

    return ParserConfig(css=STRICT_CSS_PROFILE.copy(), display_links=False)


def _inscribed(document: str) -> str:
    import lxml.html  # noqa: PLC0415 - heavy
    from inscriptis import Inscriptis  # noqa: PLC0415 - heavy

    if not document.strip():
        return ""
    tree = lxml.html.document_fromstring(f"<html><body>{document}</body></html>")
    return str(Inscriptis(tree, _layout()).get_text())


def _quoted(text: str) -> str:
    """Put ``>`` before the lines of quoted blocks and tidy white space."""
    depth = 0
    lines = []
    for raw in text.split("\n"):
        opened, closed = raw.count(OPEN), raw.count(CLOSE)
        line = _SIGNS.sub("", raw) if opened or closed else raw
        depth = min(depth + opened, 20)
        line = line.rstrip()
        if (opened or closed) and not line.strip():
            line = ""
        else:
            line = line.strip() if depth else line
            line = f"{'>' * depth} {line}".rstrip() if depth else line
        if not (opened or closed) or line:
            lines.append(line)
        depth = max(depth - closed, 0)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")
