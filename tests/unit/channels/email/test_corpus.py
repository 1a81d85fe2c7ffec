"""Odd real-shaped messages: each ``.eml`` says in its ``.json`` what is expected.

``why`` is one line on what is odd; ``settings`` go to ``ParseSettings``; ``sent`` are
texts we sent before; ``expect`` holds what matters of the outcome.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from azbot.channels.email.mime import Limits, Unusual, read_lean, read_stdlib
from azbot.channels.email.parse import ParseSettings, parse
from azbot.channels.email.quoting import separate
from azbot.messages import Inbound, RawMessage, Reply
from tests.trees import shape

FOLDER = Path(__file__).parents[3] / "corpus" / "email"
MESSAGES = sorted(FOLDER.glob("*.eml"))


@dataclass(frozen=True)
class Case:
    name: str
    content: bytes
    expect: dict[str, Any]
    settings: ParseSettings
    sent: tuple[str, ...]


def load(path: Path) -> Case:
    said = json.loads(path.with_suffix(".json").read_text("utf-8"))
    assert said["why"]
    settings = dict(said.get("settings", {}))
    if "own_addresses" in settings:
        settings["own_addresses"] = frozenset(settings["own_addresses"])
    return Case(
        path.stem,
        path.read_bytes(),
        said["expect"],
        ParseSettings(**settings),
        tuple(said.get("sent", ())),
    )


def raw(content: bytes) -> RawMessage:
    at = datetime(2026, 3, 12, 9, 41, tzinfo=UTC)
    return RawMessage("email", "imap:x", 1, content, at, len(content))


def seen(inbound: Inbound, reply: Reply) -> dict[str, Any]:
    bounce, calendar = inbound.bounce, inbound.calendar
    return {
        "subject": inbound.subject,
        "text": inbound.text,
        "alignment": str(inbound.alignment),
        "automatic": inbound.automatic and str(inbound.automatic),
        "suspicion": inbound.suspicion and str(inbound.suspicion),
        "is_forward": inbound.is_forward,
        "recipients": [one.email for one in inbound.recipients],
        "references": list(inbound.references),
        "sent_at": inbound.sent_at and inbound.sent_at.isoformat(),
        "files": [[f.name, f.media_type, f.inline] for f in inbound.files],
        "logos": [
            f.name for f in inbound.files if f.inline and len(f.content) < 10_240
        ],
        "rejected": [[f.name, f.code] for f in inbound.rejected_files],
        "bounce": bounce
        and [bounce.recipient, bounce.status, bounce.is_permanent, bounce.original_id],
        "calendar": calendar
        and [calendar.uid, calendar.sequence, calendar.attendee, calendar.status],
        "reply": reply.text,
        "rule": reply.rule,
    }


def check(case: Case, content: bytes) -> None:
    inbound = parse(raw(content), case.settings)
    assert isinstance(inbound, Inbound)
    reply = separate(inbound.text, inbound.marked, case.sent, inbound.is_forward)
    found = seen(inbound, reply)
    for word in case.expect.get("reply_words", ()):
        assert word in reply.text
    for word in case.expect.get("reply_without", ()):
        assert word not in reply.text
    wanted = {k: v for k, v in case.expect.items() if not k.startswith("reply_")}
    assert {key: found[key] for key in wanted} == wanted


def test_the_corpus_is_there() -> None:
    assert len(MESSAGES) >= 60
    assert len([path for path in MESSAGES if path.stem.startswith("fr_")]) >= 12


@pytest.mark.parametrize("path", MESSAGES, ids=lambda path: path.stem)
def test_an_odd_message_says_what_is_expected(path: Path) -> None:
    case = load(path)
    check(case, case.content)


@pytest.mark.parametrize("path", MESSAGES, ids=lambda path: path.stem)
def test_line_ends_of_the_wire_change_nothing(path: Path) -> None:
    case = load(path)
    check(case, case.content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))


@pytest.mark.parametrize("path", MESSAGES, ids=lambda path: path.stem)
def test_the_lean_reader_and_the_stdlib_see_one_tree(path: Path) -> None:
    content, limits = load(path).content, Limits()
    try:
        lean = read_lean(content, limits)
    except Unusual:
        assert path.stem in {"missing_close_boundary", "mbox_from_line"}
        return
    assert shape(lean) == shape(read_stdlib(content, limits))
