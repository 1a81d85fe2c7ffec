"""Styled text: the HTML of the Bot API read as the Bot API reads it."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from itertools import accumulate

from azbot.testing.telegram.refusals import Refusal, Wire, bad_request

MOST_ENTITIES = 100

_KINDS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "span": "spoiler",
    "tg-spoiler": "spoiler",
    "tg-emoji": "custom_emoji",
    "a": "text_link",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
}
_START = re.compile(r"""<([^\s>]*)((?:[^>"']|"[^"]*"|'[^']*')*)>""")
_END = re.compile(r"</([^\s>]*)\s*>")
_ATTRIBUTE = re.compile(r"""\s+([^\s=>]+)(?:\s*=\s*("[^"]*"|'[^']*'|[\w.-]+))?""")
_CHARACTER = re.compile(r"&(?:lt|gt|amp|quot|#\d{1,7}|#[xX][0-9a-fA-F]{1,6});?")
_FOUND = (
    ("bot_command", re.compile(r"(?<!\S)/[A-Za-z0-9_]{1,64}(?:@\w{3,32})?(?!\S)")),
    ("url", re.compile(r"(?<!\S)https?://\S+")),
    ("email", re.compile(r"(?<!\S)[\w.+-]+@[\w-]+(?:\.[\w-]+)+")),
)


@dataclass(slots=True)
class _Open:
    tag: str
    argument: str
    offset: int


def utf16_length(text: str) -> int:
    """Return how many UTF-16 units a text has, what Telegram counts in."""
    return len(text) + sum(1 for char in text if char > "\uffff")


def parse_html(source: str) -> tuple[str, list[Wire]]:
    """Return the text behind some HTML, and its entities by offset.

    Only ``lt``, ``gt``, ``amp``, ``quot`` and numbers are character references;
    anything else stays as it was written.

    Raises:
        Refusal: 400, with the place in octets of what cannot be read.

    Source: core.telegram.org/bots/api#html-style; the words are those of
    ``parse_html`` in TDLib's MessageEntity.cpp.
    """
    text, at = "", 0
    entities: list[Wire] = []
    nested: list[_Open] = []
    while at < len(source):
        if source[at] == "&" and (match := _CHARACTER.match(source, at)):
            text += html.unescape(match[0].rstrip(";") + ";")
        elif source.startswith("</", at):
            match = _END.match(source, at)
            where = _octets(source, at)
            if not nested:
                raise _unreadable(f"Unexpected end tag at byte offset {where}")
            if not match:
                raise _unreadable(f"Unclosed end tag at byte offset {where}")
            if match[1].lower() not in {"", nested[-1].tag}:
                raise _unreadable(
                    f"Unmatched end tag at byte offset {where}, expected "
                    f'"</{nested[-1].tag}>", found "</{match[1].lower()}>"'
                )
            entities += _closed(nested.pop(), text)
        elif source[at] == "<":
            match = _START.match(source, at)
            if not match:
                where = _octets(source, at)
                raise _unreadable(f"Unclosed start tag at byte offset {where}")
            argument = _argument(match, _octets(source, at))
            nested.append(_Open(match[1].lower(), argument, utf16_length(text)))
        else:
            match = None
            text += source[at]
        at = match.end() if match else at + 1
    if nested:
        tag = nested[-1].tag
        raise _unreadable(f'Can\'t find end tag corresponding to start tag "{tag}"')
    return text, _in_order(entities)


def found_in(text: str) -> list[Wire]:
    """Return the commands, addresses and links Telegram finds by itself."""
    places = list(accumulate(map(utf16_length, text), initial=0))
    found = [
        {"type": kind, "offset": places[m.start()], "length": utf16_length(m[0])}
        for kind, pattern in _FOUND
        for m in pattern.finditer(text)
    ]
    return _in_order(found)


def _octets(source: str, at: int) -> int:
    return len(source[:at].encode())


def _unreadable(words: str) -> Refusal:
    return bad_request(f"can't parse entities: {words}")


def _argument(start: re.Match[str], where: int) -> str:
    tag = start[1].lower()
    if tag not in _KINDS:
        raise _unreadable(f'Unsupported start tag "{tag}" at byte offset {where}')
    attributes: dict[str, str] = {}
    for name, value in _ATTRIBUTE.findall(start[2]):
        if not value and not (tag == "blockquote" and name == "expandable"):
            raise _unreadable(
                "Expected equal sign in declaration of an attribute of the tag "
                f'"{tag}" at byte offset {where}'
            )
        attributes[name] = html.unescape(value.strip("\"'"))
    if tag == "span" and attributes.get("class") != "tg-spoiler":
        raise _unreadable(
            f'Tag "span" must have class "tg-spoiler" at byte offset {where}'
        )
    if tag == "code":
        return attributes.get("class", "").removeprefix("language-")
    return attributes.get("emoji-id" if tag == "tg-emoji" else "href", "")


def _closed(opened: _Open, text: str) -> list[Wire]:
    length = utf16_length(text) - opened.offset
    if not length:
        return []
    kind = _KINDS[opened.tag]
    entity: Wire = {"type": kind, "offset": opened.offset, "length": length}
    if kind == "text_link":
        if not re.match(r"(?:https?|tg|mailto|tel):", opened.argument):
            return []
        entity["url"] = opened.argument
    elif kind == "custom_emoji":
        entity["custom_emoji_id"] = opened.argument
    elif kind == "code" and opened.argument:
        entity["language"] = opened.argument
    return [entity]


def _in_order(entities: list[Wire]) -> list[Wire]:
    """Sort by place, the outer first; ``<pre><code class=…>`` is one entity."""
    entities.sort(key=lambda e: (e["offset"], -e["length"], e["type"] == "code"))
    kept: list[Wire] = []
    for one in entities:
        language = one.pop("language", "")
        before = kept[-1] if kept else {}
        if language and before.get("type") == "pre":
            before["language"] = language
        else:
            kept.append(one)
    return kept
