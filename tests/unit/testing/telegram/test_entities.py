"""HTML is read as the Bot API reads it, and refused in its words."""

from __future__ import annotations

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azbot.testing.telegram.entities import found_in, parse_html, utf16_length
from azbot.testing.telegram.refusals import Refusal


def styles(source: str) -> list[tuple[str, int, int]]:
    entities = parse_html(source)[1]
    return [(one["type"], one["offset"], one["length"]) for one in entities]


@pytest.mark.parametrize(
    ("source", "text", "found"),
    [
        ("<b>Été</b>", "Été", [("bold", 0, 3)]),
        ("🔧 <I>x</I>", "🔧 x", [("italic", 3, 1)]),
        ("<b>a<i>b</i></b>", "ab", [("bold", 0, 2), ("italic", 1, 1)]),
        ("<u></u>x", "x", []),
        ("<b>x</>", "x", [("bold", 0, 1)]),
        ('<a href="https://x.example/?a=1&amp;b>2">x</a>', "x", [("text_link", 0, 1)]),
        ('<a href="nowhere">x</a>', "x", []),
        ('<pre><code class="language-py">x</code></pre>', "x", [("pre", 0, 1)]),
        ("<code>x</code>", "x", [("code", 0, 1)]),
        ('<span class="tg-spoiler">x</span>', "x", [("spoiler", 0, 1)]),
        ("<blockquote expandable>x</blockquote>", "x", [("blockquote", 0, 1)]),
        ("1 &lt; 2 &amp;&#233;&quot;", '1 < 2 &é"', []),
        ("&nbsp;&eacute; & x", "&nbsp;&eacute; & x", []),
    ],
)
def test_markup_becomes_entities(
    source: str, text: str, found: list[tuple[str, int, int]]
) -> None:
    assert parse_html(source)[0] == text
    assert styles(source) == found


def test_an_address_and_a_language_are_kept() -> None:
    (link,) = parse_html('<a href="https://x.example/?a=1&amp;b>2">x</a>')[1]
    assert link["url"] == "https://x.example/?a=1&b>2"
    (block,) = parse_html('<pre><code class="language-py">x</code></pre>')[1]
    assert block["language"] == "py"


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("é<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("é</b>", "Unexpected end tag at byte offset 2"),
        (
            "<b>x</i>",
            'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"',
        ),
        ("é<script>x", 'Unsupported start tag "script" at byte offset 2'),
        ("1 < 2", "Unclosed start tag at byte offset 2"),
        ("1 < 2 > 1", 'Unsupported start tag "" at byte offset 2'),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ('<a href="x>y</a>', "Unclosed start tag at byte offset 0"),
        ("<a href>y</a>", "Expected equal sign in declaration of an attribute of the"),
        ("<span>y</span>", 'Tag "span" must have class "tg-spoiler"'),
    ],
)
def test_what_cannot_be_read_is_refused(source: str, words: str) -> None:
    with pytest.raises(Refusal) as refused:
        parse_html(source)
    prefix = "Bad Request: can't parse entities: "
    assert refused.value.description.startswith(prefix + words)


@given(st.text())
def test_escaped_text_is_read_as_it_was(text: str) -> None:
    assert parse_html(html.escape(text)) == (text, [])


@given(st.text())
def test_length_is_that_of_utf16(text: str) -> None:
    octets = text.encode("utf-16-le", "surrogatepass")
    assert utf16_length(text) == len(octets) // 2


def test_commands_and_addresses_are_found() -> None:
    found = found_in("🔧 /aide https://x.example jo@x.example a/b")
    assert [(one["type"], one["offset"], one["length"]) for one in found] == [
        ("bot_command", 3, 5),
        ("url", 9, 17),
        ("email", 27, 12),
    ]
