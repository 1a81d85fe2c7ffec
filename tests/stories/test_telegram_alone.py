"""A whole assistance by chat: nothing but the signatures needs a page (ux.md 10).

After a change made on purpose: ``python -m tests.stories.telegram_alone``.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from azbot.store import DeliveryState, Store
from azbot.store.records import RawState
from azbot.testing.clock import FakeClock
from azbot.workflow.answers import form_photos
from azbot.workflow.model import DocumentKind, MissionStatus, Status
from tests.logbook import logbook
from tests.stories.lives import Life, lived
from tests.stories.secrets import told_in
from tests.stories.telegram_alone import (
    NAMES,
    ROOT,
    SNAPSHOTS,
    TOLD_SOPHIE,
    WHOLE,
    written,
)


async def test_client_and_station_live_a_whole_assistance_in_telegram_alone(
    store: Store, clock: FakeClock, tmp_path: Path
) -> None:
    """From the first word to the closing, word for word what each of them sees."""
    with logbook() as log:
        async with lived(store, clock, tmp_path) as life:
            told = await written(life, WHOLE)
            await _nothing_was_lost_or_doubled(life)
    assert told_in(log.getvalue(), life) == []
    assert told == (ROOT / WHOLE).read_text(encoding="utf-8")


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("name", NAMES[1:], ids=lambda name: name.stem)
async def test_it_reads_as_reviewed_in_the_other_languages(
    store: Store, clock: FakeClock, tmp_path: Path, name: Path
) -> None:
    async with lived(store, clock, tmp_path) as life:
        told = await written(life, name)
    assert told == (ROOT / name).read_text(encoding="utf-8")


def test_every_transcript_belongs_to_a_life() -> None:
    kept = {path.relative_to(ROOT) for path in (ROOT / SNAPSHOTS).glob("*.txt")}
    assert kept == set(NAMES)


async def _nothing_was_lost_or_doubled(life: Life) -> None:
    it = await life.desk.it()
    assert it.status is Status.CLOSED
    assert it.opened_via == "telegram"
    assert [m.status for m in it.missions] == [MissionStatus.COMPLETED]
    (visit,) = it.interventions
    assert {photo.point for photo in form_photos(visit.answers)} == {4, 6}
    assert len(visit.signatures) == 3
    assert [d.kind for d in it.documents].count(DocumentKind.ORDER_PROOF) == 1
    assert [m.text for m in await life.desk.messages()] == [
        "Le portail est fermé, sonnez chez Martin.",
        "Merci, je préviens la station.",
        "Y a-t-il un parking ?",
    ]
    ledger = await life.store.views.ledger(limit=1_000)
    assert {entry.outcome.state for entry in ledger} == {RawState.APPLIED}
    rows = await life.store.views.outbox(limit=1_000)
    assert {row.state for row in rows} <= {
        DeliveryState.SENT,
        DeliveryState.CANCELLED,
    }
    assert all(press.answer for press in life.bot.presses.values())
    # Edits do not ring: each thing that happened is one new message below the card.
    sophie = life.bot.chats[501]
    rang = [
        call.text("text") or call.text("caption")
        for call in sophie.history
        if call.method.startswith("send") and "reply_parameters" in call.parameters
    ]
    assert [[words for words in TOLD_SOPHIE if words in one] for one in rang] == [
        [words] for words in TOLD_SOPHIE
    ]
    # Nobody wrote to either of them what was not to be seen outside.
    said = " ".join(call.words for call in life.bot.calls)
    assert "au téléphone" not in said
