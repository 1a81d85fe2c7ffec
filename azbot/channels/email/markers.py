"""Where the quotation begins in HTML, and HTML as text.

Clients leave marks in their HTML (email.md §4.3). The mark that comes first in the
document cuts. It is found by looking for its words and checking the tag around them:
no tree is built, so hostile nesting costs nothing.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

CUT = "\uf8f0"
"""Stands in the text where the quotation begins; taken out of what comes in."""
OPEN, CLOSE = "\uf8f1", "\uf8f2"
"""Stand in the text around a ``blockquote``."""

LONGEST_HTML = 2_000_000
"""Characters of HTML that are looked at."""
DEEPEST = 60
"""Elements within elements that are kept; deeper ones lose their tags, not words."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One client's sign that a quotation or a signature begins.

    Attributes:
        client: who writes it.
        attribute: ``class``, ``id``, or another attribute of the tag.
        value: what it says; for a class, one of the words.
        is_prefix: the value may continue.
    """

    client: str
    attribute: str
    value: str
    is_prefix: bool = False


MARKS = (
    Mark("gmail", "class", "gmail_quote"),
    Mark("gmail", "class", "gmail_quote_container"),
    Mark("gmail", "class", "gmail_attr"),
    Mark("gmail", "class", "gmail_extra"),
    Mark("gmail", "class", "gmail_signature"),
    Mark("outlook", "id", "divRplyFwdMsg"),
    Mark("outlook-mac", "id", "x_divRplyFwdMsg"),
    Mark("outlook", "id", "appendonsend"),
    Mark("outlook", "id", "Signature"),
    Mark("outlook-ios", "id", "mail-editor-reference-message-container"),
    Mark("outlook-mobile", "class", "ms-outlook-mobile-reference-message"),
    Mark("outlook-old", "id", "OLK_SRC_BODY_SECTION"),
    Mark("apple", "type", "cite"),
    Mark("apple", "id", "AppleMailSignature"),
    Mark("apple", "id", "lineBreakAtBeginningOfMessage-quote"),
    Mark("thunderbird", "class", "moz-cite-prefix"),
    Mark("thunderbird", "class", "moz-signature"),
    Mark("thunderbird", "class", "moz-forward-container"),
    Mark("proton", "class", "protonmail_quote"),
    Mark("proton", "class", "protonmail_signature_block"),
    Mark("yahoo", "class", "yahoo_quoted"),
    Mark("yahoo", "id", "yahoo_quoted", is_prefix=True),
    Mark("yahoo", "class", "ydp", is_prefix=True),
    Mark("zoho", "class", "zmail_extra"),
    Mark("zimbra", "data-marker", "__QUOTED_TEXT__"),
    Mark("zimbra", "data-marker", "__SIG_POST__"),
    Mark("front", "class", "front-blockquote"),
    Mark("front", "class", "front-signature"),
    Mark("samsung", "id", "composer_quote"),
    Mark("samsung", "class", "composer_quote"),
    Mark("samsung", "id", "composer_signature"),
    Mark("orange", "class", "orange-quote"),
    Mark("laposte", "class", "laposte_quoted"),
    Mark("roundcube", "id", "replybody1"),
    Mark("roundcube", "id", "reply-intro"),
    Mark("gmx", "name", "quote"),
)

_YAHOO_QUOTE = re.compile(r"ydp[0-9a-f]{2,12}yahoo_quoted$")
_WORDS = re.compile(
    "|".join(re.escape(v) for v in sorted({m.value for m in MARKS}, key=len)[::-1])
    + r"|border-top\s*:|\sborder-left\s*:"
)
_ATTRIBUTE = re.compile(
    r"([a-zA-Z-]{1,40})\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s>\"']++))"
)
_TAG = re.compile(r"</?([a-zA-Z][a-zA-Z0-9]{0,15})[^<>]*+>")
_WORD_BORDER = re.compile(
    r"border-top\s*:[^;\"']{0,40}(?:#e1e1e1|#b5c4df|rgb\(225,\s*225,\s*225\)"
    r"|rgb\(181,\s*196,\s*223\))",
    re.IGNORECASE,
)
_FROM = r"(?:from|de|von|da|van|od|fra|från)"
_DATE = (
    r"(?:sent|date|envoy[ée](?: le)?|enviado(?: el)?|gesendet|datum|inviato|data"
    r"|verzonden|wysłano|sendt|skickat|fecha)"
)
_SUBJECT = (
    r"(?:subject|objet|asunto|betreff|oggetto|onderwerp|temat|emne|ämne|assunto|sujet)"
)
_BLOCK_FIELDS = tuple(
    re.compile(rf"(?<!\w){names}\s{{0,3}}:", re.IGNORECASE)
    for names in (_FROM, _DATE, _SUBJECT)
)


def find_mark(document: str) -> tuple[int, Mark] | None:
    """Return where the first mark's tag begins, and the mark; None without one.

    Outlook's ruler (``hr``) before its block belongs to the block.
    """
    for found in _WORDS.finditer(document):
        start = document.rfind("<", max(0, found.start() - 4_000), found.start())
        if start < 0 or ">" in document[start : found.start()]:
            continue
        end = document.find(">", found.end(), found.end() + 4_000)
        if end < 0:
            continue
        mark = _mark_of(document, start, end)
        if mark is not None:
            return _with_ruler(document, start), mark
    return None


def _mark_of(document: str, start: int, end: int) -> Mark | None:
    attributes = {
        match[1].lower(): match[2] or match[3] or match[4] or ""
        for match in _ATTRIBUTE.finditer(document, start, end + 1)
    }
    tag = document[start + 1 : start + 16].lower()
    for mark in MARKS:
        said = attributes.get(mark.attribute)
        if said is not None and _agrees(mark, said, tag):
            return mark
    if _WORD_BORDER.search(attributes.get("style", "")):
        return _word_block(document, end + 1)
    return None


def _agrees(mark: Mark, said: str, tag: str) -> bool:
    if mark.attribute == "type":
        return tag.startswith("blockquote") and said.lower() == mark.value
    if mark.value == "ydp":
        return any(_YAHOO_QUOTE.match(word) for word in said.split())
    words = said.split() if mark.attribute == "class" else [said]
    if mark.attribute == "id":
        # Outlook puts "x_" before the ids of what it quotes; a nested one is older.
        words = [word.removeprefix("x_") for word in words] + words
    if mark.is_prefix:
        return any(word.startswith(mark.value) for word in words)
    return mark.value in words


def _word_block(document: str, after: int) -> Mark | None:
    """Word draws a line above the header of what it quotes, and above much else."""
    shown = visible(document[after : after + 12_000])[:1_500]
    if all(names.search(shown) for names in _BLOCK_FIELDS):
        return Mark("word", "style", "border-top")
    return None


_RULER = re.compile(r"<hr\b[^<>]{0,300}>\s*\Z", re.IGNORECASE)


def _with_ruler(document: str, start: int) -> int:
    before = document[max(0, start - 400) : start]
    found = _RULER.search(before)
    return start - len(before) + found.start() if found else start


# --- text -------------------------------------------------------------------------

_UNSEEN = re.compile(
    r"<(script|style|head|title)\b[^>]*+>.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)",
    re.IGNORECASE | re.DOTALL,
)
_ANY_TAG = re.compile(r"<[/!a-zA-Z?][^<>]*+>")
_BODY = re.compile(r"<body\b[^<>]*+>", re.IGNORECASE)


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


def flatten(document: str, deepest: int = DEEPEST) -> str:
    """Drop the tags of elements nested deeper than ``deepest``; keep their words."""
    depth = 0
    out: list[str] = []
    position = 0
    for tag in _TAG.finditer(document):
        name = tag[1].lower()
        if name in _VOID:
            continue
        is_close = tag[0].startswith("</")
        depth -= is_close
        if depth >= deepest:
            out.append(document[position : tag.start()])
            out.append(" ")
            position = tag.end()
        depth += not is_close
        depth = max(depth, 0)
    if not out:
        return document
    out.append(document[position:])
    return "".join(out)


_VOID = frozenset(
    {"br", "hr", "img", "col", "wbr", "input", "area", "link", "meta", "source"}
)
_BLOCKQUOTE = re.compile(r"<(/?)blockquote\b[^<>]*+>", re.IGNORECASE)
_SIGNS = re.compile(f"[{CUT}{OPEN}{CLOSE}]")
_ALLOWED_TAGS = {
    *("a", "b", "blockquote", "body", "br", "center", "code", "dd", "div", "dl"),
    *("dt", "em", "font", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "html", "i"),
    *("li", "ol", "p", "pre", "s", "section", "span", "strong", "sub", "sup"),
    *("table", "tbody", "td", "tfoot", "th", "thead", "tr", "u", "ul", "article"),
    *("address", "footer", "header", "main", "caption", "small", "big", "tt"),
}


def html_to_text(document: str) -> tuple[str, str | None]:
    """Turn HTML into plain text and say where the quotation begins.

    Quoted blocks get ``>`` before their lines. Never raises; where the layout
    cannot be kept, the words are.

    Args:
        document: decoded HTML, at most 2 000 000 characters are read.

    Returns:
        The whole text; and only what precedes the first mark, or None when there
        is no mark or nothing would remain.
    """
    document = _SIGNS.sub("", document[:LONGEST_HTML])
    found = find_mark(document)
    if found is not None:
        document = f"{document[: found[0]]}{CUT}{document[found[0] :]}"
    document = _BLOCKQUOTE.sub(
        lambda tag: (
            f"{tag[0]}<div>{OPEN}</div>"
            if not tag[1]
            else f"<div>{CLOSE}</div>{tag[0]}"
        ),
        document,
    )
    text = _laid_out(document)
    # What a table or a list moved, or a style hid, does not lose the sign.
    head, sign, tail = text.partition(CUT)
    whole = _quoted((head + tail).replace(CUT, ""))
    if not sign or not _SIGNS.sub("", head).strip():
        return whole, None
    return whole, _quoted(head)


def _laid_out(document: str) -> str:
    import nh3  # noqa: PLC0415 - only when HTML is needed

    clean = nh3.clean(
        document,
        tags=_ALLOWED_TAGS,
        clean_content_tags={"script", "style", "title", "head"},
        attributes={},
        link_rel=None,
    )
    try:
        text = _inscribed(flatten(clean))
    except (RecursionError, ValueError, TypeError, IndexError, AttributeError):
        text = ""
    words = visible(clean)
    if len(text.split()) * 2 < len(words.split()):
        return words
    return text


@cache
def _layout() -> object:
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
