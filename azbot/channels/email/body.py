"""Which parts of a message are its text, and that text as plain lines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from azbot.channels.email.attachments import (
    TNEF_TYPES,
    FileBag,
    split_uuencoded,
    tnef_text,
)
from azbot.channels.email.charsets import clean_text, decode_text
from azbot.channels.email.headers import INVISIBLE
from azbot.channels.email.layout import LONGEST_HTML, html_to_text, visible
from azbot.channels.email.markers import find_mark
from azbot.channels.email.mime import Part

_ENCRYPTED = frozenset({"multipart/encrypted"})
_OPAQUE = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_FILLERS = (
    "view this email in your browser",
    "this message is in html",
    "html capable",
    "html-capable",
    "your email client does not support html",
    "your mail client does not support html",
    "this is a multi-part message in mime format",
    "ce message est au format html",
    "votre logiciel de messagerie ne",
    "votre client de messagerie ne",
    "afficher ce message dans votre navigateur",
    "voir la version en ligne",
    "este mensaje está en formato html",
    "su cliente de correo no admite html",
)
"""What writers put into the plain part when they do not mean it."""


@dataclass(slots=True)
class Segment:
    """One piece of text, in one or two forms.

    Attributes:
        plain: decoded text/plain, None when there was none.
        html: decoded HTML, None when there was none.
    """

    plain: str | None = None
    html: str | None = None


@dataclass(slots=True)
class Body:
    """What the parts of a message turned out to be.

    Attributes:
        segments: text in order.
        is_encrypted: a part could not be read for lack of a key.
        calendars: decoded text/calendar parts with their ``method`` parameter.
    """

    segments: list[Segment] = field(default_factory=list)
    is_encrypted: bool = False
    calendars: list[tuple[str, str]] = field(default_factory=list)

    @property
    def has_html(self) -> bool:
        """An HTML part exists."""
        return any(segment.html is not None for segment in self.segments)


def read_body(root: Part, bag: FileBag) -> Body:
    """Sort the parts of a message into text and files.

    Args:
        root: the message.
        bag: gets the files.
    """
    body = Body()
    _read(root, body, bag)
    return body


def _read(part: Part, body: Body, bag: FileBag) -> None:
    kind = part.media_type
    if kind in _ENCRYPTED or _is_enveloped(part):
        body.is_encrypted = True
    elif kind == "multipart/alternative":
        _read_alternative(part.parts, body, bag)
    elif kind == "multipart/related":
        _read_related(part, body, bag)
    elif kind in ("multipart/signed", "multipart/report"):
        for child in part.parts[:1]:
            _read(child, body, bag)
    elif kind.startswith("multipart/"):
        for child in part.parts:
            _read(child, body, bag)
    else:
        _read_leaf(part, body, bag)


def _read_leaf(
    part: Part, body: Body, bag: FileBag, *, is_related: bool = False
) -> None:
    kind = part.media_type
    disposition, parameters = part.disposition
    is_file = disposition == "attachment" or bool(
        parameters.get("filename") or part.parameters.get("name")
    )
    if kind == "text/calendar" and (not is_file or "method" in part.parameters):
        method = part.parameters.get("method", "")
        body.calendars.append((method, decode_part(part)))
    elif kind in ("text/plain", "text/html") and not is_file:
        body.segments.append(_segment(part, bag))
    elif kind in TNEF_TYPES and not body.segments:
        text = tnef_text(part.content())
        if text.strip():
            body.segments.append(Segment(plain=text))
        bag.add_part(part, is_inline=False)
    else:
        is_inline = is_related or disposition == "inline"
        is_inline = is_inline or "content-id" in part.headers
        bag.add_part(part, is_inline=is_inline and disposition != "attachment")


def _is_enveloped(part: Part) -> bool:
    """Opaque S/MIME: encrypted, or signed without a clear form."""
    if part.media_type not in _OPAQUE:
        return False
    return part.parameters.get("smime-type", "").lower() != "certs-only"


def _segment(part: Part, bag: FileBag) -> Segment:
    text = decode_part(part)
    if part.media_type == "text/html":
        return Segment(html=text)
    if "begin " in text:
        kept, files = split_uuencoded(part.content())
        for name, content in files:
            bag.add(name, content, is_inline=False)
        if files:
            text = decode_text(kept, part.parameters.get("charset", ""))
    if part.parameters.get("format", "").lower() == "flowed":
        text = unflow(text, part.parameters.get("delsp", "").lower() == "yes")
    return Segment(plain=text)


def decode_part(part: Part) -> str:
    """Return a text part's characters."""
    return decode_text(part.content(), part.parameters.get("charset", ""))


def _read_alternative(parts: Sequence[Part], body: Body, bag: FileBag) -> None:
    """Keep one text: the plain form and the HTML form side by side."""
    chosen = Segment()
    for part in parts:
        inner = Body()
        _read(part, inner, bag)
        body.is_encrypted = body.is_encrypted or inner.is_encrypted
        body.calendars += inner.calendars
        plain = [one.plain for one in inner.segments if one.plain is not None]
        html = [one.html for one in inner.segments if one.html is not None]
        if plain and chosen.plain is None:
            chosen.plain = "\n".join(plain)
        if html and chosen.html is None:
            chosen.html = "\n".join(html)
    if chosen.plain is not None or chosen.html is not None:
        body.segments.append(chosen)


def _read_related(part: Part, body: Body, bag: FileBag) -> None:
    """The root is text; the others are shown inside it."""
    if not part.parts:
        return
    start = part.parameters.get("start", "").strip("<> ")
    roots = [
        child
        for child in part.parts
        if start and child.headers.text("content-id").strip("<> ") == start
    ]
    root = roots[0] if roots else part.parts[0]
    _read(root, body, bag)
    for child in part.parts:
        if child is root:
            continue
        if child.media_type.startswith("multipart/"):
            _read(child, body, bag)
        elif child.media_type in ("text/plain", "text/html"):
            bag.add_part(child, is_inline=True)
        else:
            _read_leaf(child, body, bag, is_related=True)


# --- choosing and joining ---------------------------------------------------------


def whole_text(body: Body, longest: int) -> tuple[str, str | None]:
    """Join the segments into one text, and say where structure ends the new part.

    Args:
        body: what was read.
        longest: characters kept.

    Returns:
        ``Inbound.text`` and ``Inbound.marked``.
    """
    texts: list[str] = []
    marked: str | None = None
    for segment in body.segments:
        text, head = _text_of(segment)
        text = clean_text(text)
        if head is not None and marked is None:
            head = clean_text(head).strip("\n")
            marked = "\n".join([*texts, head]).rstrip()
        if text.strip():
            texts.append(text.strip("\n"))
    whole = "\n".join(texts)[:longest].strip("\n")
    return whole, (marked[:longest] if marked else None)


def _text_of(segment: Segment) -> tuple[str, str | None]:
    if segment.html is None:
        return segment.plain or "", None
    if segment.plain is None or not _is_meant(segment.plain, segment.html):
        found = find_mark(segment.html[:LONGEST_HTML])
        return html_to_text(segment.html, found[0] if found else None)
    return segment.plain, _same_head(segment.plain, segment.html)


def _is_meant(plain: str, html: str) -> bool:
    """Whether the plain form says what the HTML says."""
    size = len(plain.strip())
    if not size:
        return not visible(html[:LONGEST_HTML]).strip()
    if len(html) <= 4 * size and size > 300:
        return True
    start = plain[:400].lower()
    words = len(visible(html[:LONGEST_HTML]).split())
    own = len(plain.split())
    if any(filler in start for filler in _FILLERS) and own < 60:
        return words <= own
    return words <= 4 * own + 40


def _same_head(plain: str, html: str) -> str | None:
    """Carry the mark found in the HTML over to the plain form.

    The letters and digits before the mark are counted off in the plain text; where
    the two forms do not say the same, there is no mark.
    """
    found = find_mark(html[:LONGEST_HTML])
    if found is None:
        return None
    wanted = _letters(visible(html[: found[0]]))
    count, position = 0, 0
    for word in _WORD.finditer(plain):
        if count == len(wanted):
            position = word.start()
            break
        if not wanted.startswith(word[0], count):
            return None
        count += len(word[0])
        position = len(plain)
    if not wanted or count < len(wanted):
        return None
    # What the quotation's first line begins with, ">" or "*", belongs to it.
    if position < len(plain):
        position = plain.rfind("\n", 0, position) + 1
    return plain[:position].rstrip() or None


_WORD = re.compile(r"[^\W_]+")


def _letters(text: str) -> str:
    return "".join(_WORD.findall(clean_text(INVISIBLE.sub("", text))))


# --- format=flowed ------------------------------------------------------------------


def unflow(text: str, is_delsp: bool = False) -> str:  # noqa: FBT001, FBT002 - RFC's name
    """Join the soft-broken lines of format=flowed.

    Args:
        text: decoded text.
        is_delsp: the space before a soft break is not part of the text.

    Source: RFC 3676 §4.
    """
    out: list[str] = []
    held: list[str] = []
    held_depth = 0
    for line in text.replace("\r\n", "\n").split("\n"):
        content = line.lstrip(">")
        depth = len(line) - len(content)
        content = content.removeprefix(" ")
        if held and (held_depth != depth or content == "-- "):
            out.append(_quoted_line(held_depth, "".join(held)))
            held = []
        if content.endswith(" ") and content != "-- ":
            held.append(content[:-1] if is_delsp else content)
            held_depth = depth
            continue
        out.append(_quoted_line(depth, "".join([*held, content])))
        held = []
    if held:
        out.append(_quoted_line(held_depth, "".join(held)))
    return "\n".join(out)


def _quoted_line(depth: int, content: str) -> str:
    return f"{'>' * depth} {content}" if depth else content
