"""Cards and notices of clients in a chat, word for word (ux.md 10.5).

After a change made on purpose: ``python -m tests.unit.chat.pages``.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from azbot.i18n.catalogue import LANGUAGES
from azbot.workflow.model import Status
from tests.unit.chat.pages import CARDS, ROOT, cards, notices, snapshots

WRITTEN = dict(snapshots())


@pytest.mark.parametrize("name", WRITTEN, ids=lambda name: name.stem)
def test_a_chat_says_word_for_word_what_was_reviewed(name: Path) -> None:
    assert WRITTEN[name] == (ROOT / name).read_text(encoding="utf-8")


def test_every_status_has_a_card() -> None:
    assert {stage().status for stage, _ in CARDS.values()} == set(Status)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_chat_shows_a_space_old_programs_draw_as_a_box(language: str) -> None:
    """ux.md 5.1: U+00A0 in chats, never U+202F."""
    said = "".join((*cards(language), *notices(language)))
    assert "\u202f" not in said
    assert "GMT" not in said
    assert "UTC" not in said


def test_a_notice_of_a_chat_is_short() -> None:
    """10.1: far below the 4,096 characters of the platform, so that it is read."""
    pages = [page for language in LANGUAGES for page in notices(language)]
    assert len(pages) > 90
    assert max(map(len, pages)) < 900
