"""A guided request is, word for word, the one that was read and approved.

After a change made on purpose: ``python -m tests.integration.chat.transcripts``.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chatdesk import ChatDesk
from tests.integration.chat.transcripts import NAMES, ROOT, SNAPSHOTS, written


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("name", NAMES, ids=lambda name: name.stem)
async def test_a_request_reads_word_for_word_as_it_was_reviewed(
    desk: ChatDesk, name: Path
) -> None:
    assert await written(desk, name) == (ROOT / name).read_text(encoding="utf-8")


def test_every_transcript_belongs_to_a_talk() -> None:
    kept = {path.relative_to(ROOT) for path in (ROOT / SNAPSHOTS).glob("*.txt")}
    assert kept == set(NAMES)
