"""``azbot replay`` and ``azbot quarantine``: what was received, once more."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import click

from azbot.app import App
from azbot.app import opened as app_opened
from azbot.cli.complaints import FAILED
from azbot.cli.database import written
from azbot.cli.deciding import attach, junk, open_request
from azbot.cli.grammar import family, json_option, verb
from azbot.cli.terminal import Terminal
from azbot.errors import Refused
from azbot.messages import RawId, Reason
from azbot.store import RawEntry, RawState

_WAIT = timedelta(seconds=60)
_LOOK = timedelta(milliseconds=200)
_DONE = frozenset({RawState.APPLIED, RawState.ANSWERED})
_MOST = 10_000


@verb("replay")
@click.argument("ids", metavar="ID...", nargs=-1, type=click.IntRange(1))
@click.option("--quarantined", is_flag=True)
@click.option("--reason", type=click.Choice([r.value for r in Reason]))
@click.option("--again", is_flag=True)
@json_option()
def replay(
    terminal: Terminal,
    ids: tuple[int, ...],
    *,
    quarantined: bool,
    reason: str | None,
    again: bool,
    as_json: bool,
) -> int:
    """Read received messages anew, whatever became of them before."""
    if bool(ids) is (quarantined or reason is not None):
        raise Refused("replay_what")
    settings = terminal.settings()

    async def go() -> list[RawEntry]:
        async with app_opened(settings, environ=terminal.environ) as app:
            keys = [RawId(key) for key in dict.fromkeys(ids)]
            if not keys:
                keys = await _set_aside(app, reason)
            await _may_be_read_again(app, keys, is_forced=again)
            return [await _one(app, key) for key in keys]

    entries = asyncio.run(go())
    if as_json:
        terminal.print_json([entry_facts(entry) for entry in entries])
    else:
        show_entries(terminal, entries)
    is_bad = any(entry.outcome.state in _UNDONE for entry in entries)
    return FAILED if is_bad else 0


_UNDONE = frozenset({RawState.QUARANTINED, RawState.RECEIVED})


async def _set_aside(app: App, reason: str | None) -> list[RawId]:
    """Return what waits for a person, oldest first."""
    entries = await app.store.views.ledger(RawState.QUARANTINED, limit=_MOST)
    return [
        entry.id
        for entry in reversed(entries)
        if reason is None or entry.outcome.reason == reason
    ]


async def _may_be_read_again(app: App, keys: list[RawId], *, is_forced: bool) -> None:
    """Refuse to do twice what was done, before anything is touched.

    Raises:
        NotFound: no such message.
        Refused: ``replay_done``.
    """
    for key in keys:
        entry = await app.store.views.raw(key)
        if entry.outcome.state in _DONE and not is_forced:
            raise Refused("replay_done", {"id": key})


async def _one(app: App, key: RawId) -> RawEntry:
    """Read one message again; a running azbot may be the faster one."""
    await app.replay(key)
    until = app.clock.now() + _WAIT
    while True:
        entry = await app.store.views.raw(key)
        if entry.outcome.state is not RawState.RECEIVED or app.clock.now() >= until:
            return entry
        await app.clock.sleep_until(app.clock.now() + _LOOK)
        await app.intakes[entry.channel][0].step(app.clock.now())


@verb("list")
@click.option("--reason", type=click.Choice([r.value for r in Reason]))
@click.option("--limit", type=click.IntRange(1, _MOST), default=100)
@json_option()
def list_quarantine(
    terminal: Terminal, reason: str | None, limit: int, *, as_json: bool
) -> None:
    """Print the messages that wait for a person, newest first."""
    entries = [
        entry
        for entry in written(terminal, lambda uow: uow.raw.quarantined(_MOST))
        if reason is None or entry.outcome.reason == reason
    ][:limit]
    if as_json:
        terminal.print_json([entry_facts(entry) for entry in entries])
    else:
        show_entries(terminal, entries)


def entry_facts(entry: RawEntry) -> dict[str, object]:
    """Return one line of the ledger as JSON values."""
    outcome = entry.outcome
    return {
        "id": entry.id,
        "state": outcome.state.value,
        "reason": outcome.reason.value if outcome.reason else None,
        "detail": outcome.detail,
        "assistance": outcome.assistance_id,
        "sender": outcome.sender,
        "subject": outcome.subject,
        "received_at": entry.received_at,
        "size": entry.size,
    }


def show_entries(terminal: Terminal, entries: list[RawEntry]) -> None:
    """Print lines of the ledger for a person."""
    rows = [
        (
            entry.id,
            terminal.say(f"cli.state.{entry.outcome.state.value}"),
            terminal.say(f"reason.{entry.outcome.reason}")
            if entry.outcome.reason
            else "",
            entry.outcome.sender,
            entry.outcome.subject,
            terminal.local(entry.received_at),
        )
        for entry in entries
    ]
    titles = ("id", "state", "reason", "sender", "subject", "received")
    terminal.table(rows, titles)


quarantine = family("quarantine", list_quarantine, attach, open_request, junk)
"""``azbot quarantine``."""
