"""``azbot outbox``: what could not be delivered, and sending it again."""

from __future__ import annotations

import click

from azbot.cli.database import written
from azbot.cli.grammar import family, json_option, verb
from azbot.cli.terminal import Terminal
from azbot.clock import SystemClock
from azbot.errors import Refused
from azbot.store import Delivery, DeliveryId, DeliveryState, UnitOfWork


@verb("list")
@click.option("--limit", type=click.IntRange(1, 1000), default=100)
@json_option()
def show(terminal: Terminal, limit: int, *, as_json: bool) -> None:
    """Print what was given up, newest first, and how much waits."""

    def work(uow: UnitOfWork) -> tuple[list[Delivery], dict[DeliveryState, int]]:
        return uow.outbox.dead_letters(limit), uow.outbox.counts()

    dead, counts = written(terminal, work)
    told = {state.value: count for state, count in counts.items()}
    if as_json:
        facts = [_facts(each) for each in dead]
        terminal.print_json({"counts": told, "dead": facts})
        return
    terminal.tell(terminal.say("cli.outbox.counts", **told))
    rows = [
        (d.id, d.kind, d.address, d.attempts, terminal.local(d.due_at), d.error)
        for d in dead
    ]
    if rows:
        titles = ("id", "kind", "email", "attempts", "due", "error")
        terminal.table(rows, titles)


def _facts(row: Delivery) -> dict[str, object]:
    return {
        "id": row.id,
        "kind": row.kind,
        "address": row.address,
        "channel": row.channel,
        "attempts": row.attempts,
        "due_at": row.due_at,
        "error": row.error,
        "assistance": row.assistance_id,
    }


@verb("resend")
@click.argument("ids", metavar="ID...", nargs=-1, type=click.IntRange(1))
@click.option("--restored", "all_restored", is_flag=True)
def resend(terminal: Terminal, ids: tuple[int, ...], *, all_restored: bool) -> None:
    """Let deliveries leave again, under the Message-ID they had."""
    if not ids and not all_restored:
        raise Refused("resend_nothing")
    now = SystemClock().now()

    def work(uow: UnitOfWork) -> int:
        keys = {*ids, *(uow.restoring.held() if all_restored else ())}
        for key in sorted(keys):
            uow.outbox.get(DeliveryId(key))
            uow.outbox.resend(DeliveryId(key), now)
        return len(keys)

    count = written(terminal, work)
    terminal.tell(terminal.say("cli.outbox.resent", count=count))


outbox = family("outbox", show, resend)
"""``azbot outbox``."""
