"""Where the quotation begins in HTML (email.md §4.3).

Clients leave marks in their HTML; the mark that comes first in the document cuts. It
is found by looking for its words and checking the tag around them: no tree is built,
so hostile nesting costs nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from azbot.channels.email.layout import visible


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
_MOST_BORDERS = 60
_BLOCK_FIELDS = tuple(
    re.compile(rf"(?<!\w){names}\s{{0,3}}:", re.IGNORECASE)
    for names in (_FROM, _DATE, _SUBJECT)
)


def find_mark(document: str) -> tuple[int, Mark] | None:
    """Return where the first mark's tag begins, and the mark; None without one.

    Outlook's ruler (``hr``) before its block belongs to the block.
    """
    borders = 0
    for found in _WORDS.finditer(document):
        if found[0].endswith(":"):
            borders += 1
            if borders > _MOST_BORDERS:
                continue
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
