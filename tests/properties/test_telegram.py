from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from azbot.channels.telegram.markup import MOST_MARKS, read, units
from azbot.channels.telegram.parse import parse
from azbot.channels.telegram.updates import content_of, raw_of
from azbot.messages import Inbound, RawMessage, Unparseable
from azbot.testing.telegram.entities import parse_html

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
CHAT = {"id": 5, "type": "private", "first_name": "Jo"}
USER = {"id": 5, "is_bot": False, "first_name": "Jo", "language_code": "fr"}
FILE = {"file_id": "x", "file_unique_id": "y", "file_size": 3, "file_name": "a.pdf"}
SIZE = {"file_id": "x", "file_unique_id": "y", "width": 3, "height": 2}
PLACE = {"latitude": 1.5, "longitude": 2.5, "live_period": 60}
HEAD = {"message_id": 7, "date": 1_780_000_000, "chat": CHAT, "from": USER}
LINK = {"type": "text_link", "offset": 0, "length": 1, "url": "https://a.example"}
ORIGIN = {"type": "user", "sender_user": USER, "date": 1}
CARD = {"phone_number": "336", "first_name": "Jo", "user_id": 5}
QUERY = {"id": "1", "from": USER, "chat_instance": "2", "data": "a.b", "message": HEAD}
GONE = {"user": USER, "status": "kicked", "until_date": 0}
UPDATES: tuple[dict[str, Any], ...] = (
    {"message": HEAD | {"text": "/start abc", "entities": [LINK]}},
    {"message": HEAD | {"photo": [SIZE], "caption": "x", "media_group_id": "1"}},
    {"message": HEAD | {"document": FILE, "forward_origin": ORIGIN}},
    {"message": HEAD | {"location": PLACE, "reply_to_message": HEAD}},
    {"message": HEAD | {"contact": CARD}},
    {"message": HEAD | {"venue": {"location": PLACE, "title": "a", "address": "b"}}},
    {"message": HEAD | {"migrate_to_chat_id": -100}},
    {"edited_message": HEAD | {"text": "y", "edit_date": 1_780_000_001}},
    {"callback_query": QUERY},
    {
        "my_chat_member": {
            "chat": CHAT,
            "from": USER,
            "date": 1,
            "old_chat_member": GONE,
            "new_chat_member": GONE,
        }
    },
    {
        "message_reaction": {
            "chat": CHAT,
            "message_id": 7,
            "date": 1,
            "user": USER,
            "old_reaction": [],
            "new_reaction": [{"type": "emoji", "emoji": "👍"}],
        }
    },
)
ODD = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(["", "\ud800", "\x00", "private", "text", "a" * 300])
    | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner)
    ),
    max_leaves=5,
)


def read_update(content: bytes) -> Inbound | Unparseable:
    return parse(RawMessage("telegram", "telegram:1", 1, content, NOON, len(content)))


def each_place(facts: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    inner = facts.items() if isinstance(facts, dict) else enumerate(facts)
    for key, value in inner:
        here = (*path, key)
        is_nest = isinstance(value, dict | list)
        found += each_place(value, here) if is_nest else [here]
    return found


@st.composite
def spoilt_updates(draw: st.DrawFn) -> dict[str, Any]:
    """A good update in which one thing is missing or has become another."""
    update: dict[str, Any] = json.loads(json.dumps(draw(st.sampled_from(UPDATES))))
    *way, last = draw(st.sampled_from(each_place(update)))
    place: Any = update
    for key in way:
        place = place[key]
    if draw(st.booleans()):
        place[last] = draw(ODD)
    else:
        del place[last]
    return {"update_id": 1, **update}


def all_is_text(inbound: Inbound) -> bool:
    """Every text can be stored: it is text, and UTF-8 can write it."""
    turn = inbound.turn
    assert turn is not None
    sender = inbound.sender
    texts = [inbound.message_id, inbound.text, *inbound.references]
    texts += [sender.name, sender.email] if sender else []
    texts += [turn.account, turn.chat, turn.command, turn.phone, turn.contact]
    texts += [turn.album, turn.language, turn.forwarded_from, turn.moved_to, turn.what]
    for file in turn.files:
        texts += [file.id, file.name, file.media_type]
    if turn.tap:
        texts += [turn.tap.id, turn.tap.data, turn.tap.message_id]
    # What is no text joins nothing, and half a surrogate pair has no octets.
    return bool("".join(texts).encode())


@given(st.binary() | ODD.map(lambda value: json.dumps(value).encode()))
@example(b"[" * 100_000)
@example(b'{"update_id":1,"message":' * 2_000)
def test_any_octets_are_read_or_set_aside(content: bytes) -> None:
    assert isinstance(read_update(content), Inbound | Unparseable)


@settings(max_examples=400)
@given(spoilt_updates())
def test_a_spoilt_update_is_read_or_set_aside(update: dict[str, Any]) -> None:
    found = read_update(content_of(update))

    assert isinstance(found, Unparseable) or all_is_text(found)


@given(ODD.filter(lambda value: isinstance(value, dict)))
def test_any_object_can_be_kept(update: dict[str, Any]) -> None:
    raw = raw_of(update, 1, content_of(update), "telegram:1", NOON)

    assert raw.content
    assert isinstance(raw.lane, str)


PIECES = (
    *("<b>", "</b>", "<i>", "</i>", "<code>", "</code>", "</a>", "<blockquote>"),
    *('<a href="https://a.example/?a=1&amp;b">', "</blockquote>", "<", ">", "<b"),
    *("&amp;", "&", "&#60;", "\n", "\n\n", " ", "mot", "\ud83d", "\u202e"),
    *("👨‍👩‍👧", "🇫🇷", "e\u0301", "한"),
)
SOURCES = st.lists(st.sampled_from(PIECES), max_size=60).map("".join)


@settings(max_examples=300)
@given(SOURCES, st.integers(4, 40))
def test_parts_are_well_formed_fit_and_lose_no_word(source: str, longest: int) -> None:
    marked = read(source)
    whole = ""
    for part in marked.parts(longest):
        text, entities = parse_html(part)
        assert 0 < units(text) <= longest
        assert len(entities) <= MOST_MARKS
        assert text.strip()
        whole += text

    assert "".join(whole.split()) == "".join(marked.text.split())


@given(st.text())
def test_any_text_can_be_written(source: str) -> None:
    for part in read(source).parts():
        parse_html(part)
