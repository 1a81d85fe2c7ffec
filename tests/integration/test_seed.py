"""The twelve lives of the demonstration's inbox, played through the real code."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from azbot.channels.web.inbox.variables import NAMES, filled
from azbot.demo.seed import seed
from azbot.demo.stage import staged
from azbot.i18n.catalogue import LANGUAGES
from azbot.store import Delivery, DeliveryState, RawEntry, RawState
from azbot.store.canned import CannedAnswer
from azbot.workflow.decision import Recorded
from azbot.workflow.events import (
    DeliveryFailed,
    Event,
    NoteAdded,
    StationSilent,
)
from azbot.workflow.model import (
    Assistance,
    DocumentKind,
    InterventionStatus,
    MissionStatus,
    Status,
)

THURSDAY = datetime(2026, 3, 12, 9, 24, tzinfo=UTC)


@dataclass(frozen=True)
class Seeded:
    """What there is afterwards."""

    lives: tuple[Assistance, ...]
    histories: tuple[tuple[Recorded, ...], ...]
    held: tuple[RawEntry, ...]
    dead: tuple[Delivery, ...]
    canned: tuple[CannedAnswer, ...]

    @property
    def events(self) -> list[Event]:
        return [line.event for history in self.histories for line in history]


async def played(until: datetime) -> Seeded:
    async with staged() as stage:
        await seed(stage, until)
        views = stage.app.store.views
        page = await views.page(is_descending=False)
        keys = [item.id for item in page.items]
        return Seeded(
            tuple([await views.assistance(key) for key in keys]),
            tuple([await views.timeline(key, is_internal=True) for key in keys]),
            tuple(await views.ledger(RawState.QUARANTINED)),
            tuple(await views.outbox(DeliveryState.DEAD)),
            tuple(await views.canned_answers()),
        )


@pytest.fixture(scope="module")
def seeded() -> Seeded:
    return asyncio.run(played(THURSDAY))


def test_there_are_twelve_lives_in_every_status(seeded: Seeded) -> None:
    assert len(seeded.lives) == 12
    assert {it.status for it in seeded.lives} == set(Status)
    assert all(it.missing == () for it in seeded.lives)
    assert len({it.requester for it in seeded.lives}) == 3
    assert len({it.mission.station.id for it in seeded.lives if it.mission}) == 3


def test_everything_happened_before_the_present(seeded: Seeded) -> None:
    instants = [line.at for history in seeded.histories for line in history]
    assert max(instants) <= THURSDAY
    assert all(
        [line.at for line in history] == sorted(line.at for line in history)
        for history in seeded.histories
    )


def test_a_follow_up_waits_for_the_desk_and_a_visit_is_to_come(seeded: Seeded) -> None:
    visits = [it.visit for it in seeded.lives if it.visit]
    to_come = {visit.status for visit in visits}
    assert to_come == {InterventionStatus.TO_APPROVE, InterventionStatus.PLANNED}
    assert all(visit.planned_at and visit.planned_at > THURSDAY for visit in visits)


def test_one_station_declined_and_one_is_silent(seeded: Seeded) -> None:
    missions = [mission for it in seeded.lives for mission in it.missions]
    assert [m.status for m in missions].count(MissionStatus.REFUSED) == 1
    assert [m.is_silent for m in missions].count(True) == 1
    assert any(isinstance(event, StationSilent) for event in seeded.events)


def test_the_closed_one_has_its_report(seeded: Seeded) -> None:
    (closed,) = (it for it in seeded.lives if it.status is Status.CLOSED)
    assert DocumentKind.REPORT in {document.kind for document in closed.documents}


def test_photos_and_orders_came_with_the_mails(seeded: Seeded) -> None:
    types = [d.media_type for it in seeded.lives for d in it.documents]
    assert types.count("image/jpeg") == 3
    assert types.count("application/pdf") > 5


def test_agents_left_notes_and_one_mail_did_not_arrive(seeded: Seeded) -> None:
    kinds = [type(event) for event in seeded.events]
    assert kinds.count(NoteAdded) == 2
    assert kinds.count(DeliveryFailed) == 1
    assert len(seeded.dead) == 1


def test_a_stranger_is_held_for_an_agent(seeded: Seeded) -> None:
    (held,) = seeded.held
    assert held.outcome.sender == "r.chevalier@moe-ouest.example"


def test_six_canned_answers_are_at_hand_in_each_language(seeded: Seeded) -> None:
    assert Counter(each.language for each in seeded.canned) == dict.fromkeys(
        LANGUAGES, 6
    )
    for language in LANGUAGES:
        own = [each for each in seeded.canned if each.language == language]
        assert len({each.shortcut for each in own}) == 6
    # Every variable is one that is filled in.
    values = dict.fromkeys(NAMES, "x")
    assert {filled(each.text, values).missing for each in seeded.canned} == {()}


def test_the_same_present_gives_the_same_lives(seeded: Seeded) -> None:
    # Keys of a store are its own: what they sign differs.
    again = asyncio.run(played(THURSDAY))
    assert [(it.ref, it.status, it.answers) for it in again.lives] == [
        (it.ref, it.status, it.answers) for it in seeded.lives
    ]
    assert [_lines(history) for history in again.histories] == [
        _lines(history) for history in seeded.histories
    ]


def _lines(history: tuple[Recorded, ...]) -> list[tuple[int, str, str, str]]:
    return [
        (line.id, line.at.isoformat(), line.actor.name, type(line.event).__name__)
        for line in history
    ]


def test_any_night_of_any_day_will_do() -> None:
    # A Sunday on which the year has ended in Paris, but not in UTC.
    found = asyncio.run(played(datetime(2028, 12, 31, 23, 30, tzinfo=UTC)))
    assert {it.status for it in found.lives} == set(Status)
    assert len(found.held) == 1
