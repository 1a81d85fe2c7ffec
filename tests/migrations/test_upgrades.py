"""What an older release wrote means the same after the upgrade."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Connection, insert, inspect, select

from azbot.store import migrate, open_store
from azbot.store.codec import encode
from azbot.store.migrate import alembic_config
from azbot.store.projection import mission_row, row_of
from azbot.store.schema import assistances, events, missions, people, stations
from azbot.workflow import commands as c
from azbot.workflow.commands import Command
from azbot.workflow.decision import Recorded
from azbot.workflow.events import AssistanceCancelled, AssistanceClosed
from azbot.workflow.model import (
    Actor,
    Assistance,
    AssistanceId,
    AssistanceRef,
    Attention,
    RefusalReason,
)
from tests.migrations.test_migrations import engine_of
from tests.stores import NOW
from tests.unit.workflow.stages import (
    AGENT,
    CLIENT,
    FORM,
    FROID,
    OTHER_STATION,
    STATION,
    SYSTEM,
    UNSOLVED,
    decided,
    opening,
    signatures,
)

BEFORE = "0002"
HOUR = timedelta(hours=1)
SOON = NOW + timedelta(days=3)
Steps = list[tuple[Command, Actor]]

ASSIGN: Steps = [(c.AssignStation(FROID), AGENT)]
UNDER_WAY: Steps = [*ASSIGN, (c.AcceptMission(SOON), STATION)]


def visit(**answers: object) -> Steps:
    """A whole visit, from the date to its end."""
    save = c.SaveInterventionForm({**FORM, **answers})
    return [(save, STATION), *signatures(), (c.FinishIntervention(), STATION)]


LIVES: dict[str, Steps] = {
    "new": [],
    "a robot answered": [(c.AddMessage("Absente.", is_automatic=True), CLIENT)],
    "answered": [(c.AddMessage("Bonjour,\n  nous\u00a0regardons. " * 20), AGENT)],
    "wrote again": [
        (c.AddMessage("Vu."), AGENT),
        (c.AddMessage("Et alors ?"), CLIENT),
        (c.AddNote("pénible"), AGENT),
    ],
    "waiting": [(c.AskComplement("une photo"), AGENT)],
    "completed": [
        (c.AskComplement("une photo"), AGENT),
        (c.AddMessage("La voici."), CLIENT),
    ],
    "silent": [
        (c.AskComplement("une photo"), AGENT),
        (c.RemindClient(), AGENT),
        (c.RemindClient(), AGENT),
        (c.FireTimer("client_silent"), SYSTEM),
    ],
    "refused": [*ASSIGN, (c.RefuseMission(RefusalReason.SKILL), STATION)],
    "assigned again": [
        *ASSIGN,
        (c.WithdrawMission("débordée"), AGENT),
        (c.AssignStation(OTHER_STATION), AGENT),
    ],
    "moved": [
        *UNDER_WAY,
        (c.AskOtherDate("vendredi"), CLIENT),
        (c.ScheduleIntervention(SOON + HOUR, reason="vendredi"), AGENT),
    ],
    "other date": [*UNDER_WAY, (c.AskOtherDate("vendredi"), CLIENT)],
    "unwanted": [*UNDER_WAY, (c.CancelAssistance("arrêté"), CLIENT)],
    "to plan": [*UNDER_WAY, *visit(**UNSOLVED)],
    "to approve": [
        *UNDER_WAY,
        *visit(
            **{**UNSOLVED, "next_visit": True},
            next_visit_at=(SOON + 200 * HOUR).isoformat(),
        ),
        (c.AddNote("à valider"), AGENT),
    ],
    "undelivered": [
        *UNDER_WAY,
        *visit(),
        (c.RecordDeliveryFailure("a@b.example", "550"), SYSTEM),
        (c.RecordDeliveryFailure("a@b.example", "450", is_permanent=False), SYSTEM),
    ],
    "not solved": [*UNDER_WAY, *visit(), (c.RefuseClosing("froid"), CLIENT)],
    "closed": [*UNDER_WAY, *visit(), (c.ConfirmClosing(), CLIENT)],
    "reopened": [
        *UNDER_WAY,
        *visit(),
        (c.ConfirmClosing(), CLIENT),
        (c.ReopenAssistance("encore"), AGENT),
    ],
    "cancelled": [(c.CancelAssistance("arrêté\x00"), CLIENT)],
}
NEW_OF_STATE = (
    "attention", "attention_since", "handled", "snoozed_until", "owner", "owner_name",
    "tags", "inbound", "latest", "first_answer_at", "desk_time", "client_time",
    "station_time",
)  # fmt: skip
NEW_OF_EVENTS = ("by", "channel", "needs_desk")


def lived(number: int, steps: Steps) -> tuple[Assistance, list[Recorded]]:
    """Play a life, an hour between two steps."""
    first = replace(
        opening(own_number="Œuvre 12"),
        id=AssistanceId(number),
        ref=AssistanceRef(f"ASFR26{number:06d}"),
        text="Bonjour, il fuit." if number % 2 else "",
    )
    decision = decided(None, first, CLIENT, NOW)
    history = list(decision.history)
    for count, (step, actor) in enumerate(steps, start=1):
        at = NOW + count * HOUR
        if isinstance(step, c.FireTimer):
            at += timedelta(days=60)
        decision = decided(decision.assistance, step, actor, at)
        history += decision.history
    return replace(decision.assistance, version=1), history


def without(document: str, names: tuple[str, ...]) -> str:
    """The document as the release before wrote it."""
    kept = {k: v for k, v in json.loads(document).items() if k not in names}
    return json.dumps(kept, ensure_ascii=False)


def of_old(connection: Connection, table: str, row: dict[str, Any]) -> dict[str, Any]:
    known = {column["name"] for column in inspect(connection).get_columns(table)}
    return {name: value for name, value in row.items() if name in known}


def write_old(connection: Connection, it: Assistance, history: list[Recorded]) -> None:
    row = of_old(connection, "assistances", row_of(it))
    row["state"] = without(row["state"], NEW_OF_STATE)
    connection.execute(insert(assistances).values(row))
    for seq, line in enumerate(history, start=1):
        actor, event = line.actor, line.event
        words = next(
            (getattr(event, n) for n in ("text", "comment") if hasattr(event, n)), ""
        )
        is_old = isinstance(event, AssistanceClosed | AssistanceCancelled)
        new = () if is_old else NEW_OF_EVENTS
        connection.execute(
            insert(events).values(
                assistance_id=it.id,
                seq=seq,
                kind=type(event).__name__,
                at=line.at,
                role=actor.role.value,
                person_id=actor.person,
                actor=actor.name,
                station_id=actor.station,
                trust=int(actor.trust),
                channel=actor.channel,
                before=line.before.value if line.before else None,
                after=line.after.value,
                comment=words,
                is_internal=event.is_internal,
                data=without(encode(event), new),
            )
        )


def everybody(connection: Connection) -> None:
    for station in (FROID, OTHER_STATION):
        connection.execute(
            insert(stations).values(
                id=station.id,
                company=station.company,
                email=station.email,
                zone_name=station.zone_name,
            )
        )
    for number in (1, 2):
        connection.execute(insert(people).values(id=number, kind="client"))


@pytest.fixture
def old_url(empty_url: str) -> Iterator[str]:
    """A database of the release before who waits for the desk was kept."""
    engine = engine_of(empty_url)
    with engine.begin() as connection:
        command.upgrade(alembic_config(connection), BEFORE)
        everybody(connection)
        for number, steps in enumerate(LIVES.values(), start=1):
            write_old(connection, *lived(number, steps))
    yield empty_url
    engine.dispose()


def upgraded(it: Assistance) -> Assistance:
    """Return a life as an upgrade tells it: nobody asks what came with old words."""
    latest = it.latest and replace(it.latest, documents=())
    return replace(it, latest=latest)


async def test_what_waited_for_the_desk_waits_after_the_upgrade(
    old_url: str, tmp_path: Path
) -> None:
    migrate(old_url)
    lives = {
        name: upgraded(lived(n, LIVES[name])[0])
        for n, name in enumerate(LIVES, start=1)
    }
    async with open_store(old_url, tmp_path / "blobs") as store:
        for name, it in lives.items():
            assert await store.views.assistance(it.id) == it, name
    engine = engine_of(old_url)
    with engine.connect() as connection:
        rows = {row.id: row for row in connection.execute(select(assistances))}
        orders = connection.execute(select(missions)).all()
    engine.dispose()
    for name, it in lives.items():
        for column, value in row_of(it).items():
            if column != "state":
                assert getattr(rows[it.id], column) == value, (name, column)
    expected = [mission_row(it, m) for it in lives.values() for m in it.missions]
    assert [dict(order._mapping) for order in orders] == expected


def test_the_lives_show_every_reason_and_every_turn() -> None:
    found = [lived(n, steps)[0] for n, steps in enumerate(LIVES.values(), start=1)]
    reasons = {it.attention for it in found if it.attention}
    assert reasons == set(Attention) - {Attention.SNOOZE_OVER, Attention.BY_HAND}
    assert {it.clock_of for it in found} == {None, "desk", "client", "station"}


async def test_more_rows_than_one_batch_are_all_told(
    empty_url: str, tmp_path: Path
) -> None:
    engine = engine_of(empty_url)
    with engine.begin() as connection:
        command.upgrade(alembic_config(connection), BEFORE)
        everybody(connection)
        it, history = lived(1, [])
        for number in range(1, 502):
            ref = AssistanceRef(f"ASFR26{number:06d}")
            each = replace(it, id=AssistanceId(number), ref=ref)
            write_old(connection, each, history[:1])
    migrate(empty_url)
    with engine.connect() as connection:
        query = select(assistances.c.attention_since).distinct()
        assert connection.execute(query).scalars().all() == [NOW]
    engine.dispose()
