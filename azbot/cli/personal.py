"""``azbot export``, ``azbot erase`` and ``azbot purge``: rights of people."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import click

from azbot.cli.database import opened
from azbot.cli.grammar import json_option, verb
from azbot.cli.progress import shown
from azbot.cli.terminal import Terminal
from azbot.clock import SystemClock
from azbot.errors import Refused
from azbot.i18n.formats import size
from azbot.personal.erasing import Erased, found
from azbot.personal.erasing import erase as forget
from azbot.personal.exporting import Exported
from azbot.personal.exporting import export as write_out
from azbot.personal.purging import Purged
from azbot.personal.purging import purge as end_what_is_over
from azbot.store import Person


@verb("export")
@click.argument("what", metavar="REF|ADDRESS")
@click.argument("target", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--internal", "is_internal", is_flag=True)
@json_option()
def export(
    terminal: Terminal, what: str, target: Path, *, is_internal: bool, as_json: bool
) -> None:
    """Write one person's or one assistance's data into a zip."""
    settings = terminal.settings()

    async def go() -> Exported:
        now = SystemClock().now()
        async with opened(settings) as store:
            with shown(terminal) as progress:
                return await write_out(
                    store, what, target, now, is_internal=is_internal, progress=progress
                )

    done = asyncio.run(go())
    if as_json:
        terminal.print_json(
            {
                "archive": str(done.archive),
                "assistances": list(done.assistances),
                "files": done.files,
                "missing": done.missing,
            }
        )
        return
    facts = {"file": done.archive, "assistances": len(done.assistances)}
    terminal.tell(terminal.say("cli.export.done", count=done.files, **facts))
    if done.missing:
        terminal.warn(terminal.say("cli.export.missing", count=done.missing))


@verb("erase")
@click.argument("who", metavar="PERSON")
@click.option("--yes", "is_sure", is_flag=True)
@json_option()
def erase(terminal: Terminal, who: str, *, is_sure: bool, as_json: bool) -> None:
    """Forget a client, and keep the record of what was done."""
    settings = terminal.settings()

    async def go() -> Erased:
        async with opened(settings) as store:
            person = await store.write(lambda uow: found(uow, who))
            _make_sure(terminal, person, is_sure=is_sure)
            now = SystemClock().now()
            with shown(terminal) as progress:
                return await forget(store, settings.store.url, person, now, progress)

    done = asyncio.run(go())
    if as_json:
        terminal.print_json(
            {
                "person": done.person,
                "assistances": list(done.assistances),
                "others": done.others,
                "files": done.files,
            }
        )
        return
    count = len(done.assistances)
    terminal.tell(terminal.say("cli.erase.done", count=count, files=done.files))
    terminal.warn(terminal.say("cli.erase.backups"))


def _make_sure(terminal: Terminal, person: Person, *, is_sure: bool) -> None:
    """Ask, where somebody can answer; elsewhere ``--yes`` is needed.

    Raises:
        Refused: ``erase_unsure``.
    """
    if is_sure:
        return
    if not sys.stdin.isatty():
        raise Refused("erase_unsure")
    ask = terminal.say("cli.erase.ask", name=person.name, address=person.address)
    if not click.confirm(ask, err=True):
        raise click.Abort


@verb("purge")
@click.option("--dry-run", "is_trial", is_flag=True)
@json_option()
def purge(terminal: Terminal, *, is_trial: bool, as_json: bool) -> None:
    """Forget clients whose time is over, and delete files nobody names."""
    settings = terminal.settings()

    async def go() -> Purged:
        async with opened(settings) as store:
            with shown(terminal) as progress:
                return await end_what_is_over(
                    store,
                    settings.store.url,
                    settings.retention,
                    SystemClock().now(),
                    is_trial=is_trial,
                    progress=progress,
                )

    done = asyncio.run(go())
    if as_json:
        terminal.print_json(
            {
                "people": done.people,
                "messages": done.messages,
                "files": done.files,
                "octets": done.octets,
                "is_trial": is_trial,
            }
        )
        return
    way = "trial" if is_trial else "done"
    octets = size(done.octets, terminal.language)
    terminal.tell(terminal.say(f"cli.purge.people_{way}", count=done.people))
    terminal.tell(terminal.say(f"cli.purge.files_{way}", count=done.files, size=octets))
