"""``azbot export``, ``azbot erase`` and ``azbot purge``: rights of people."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import click

from azbot.backup.remaining import Copy, CopyKind, copies, folders_of_backups
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
from azbot.personal.journal import Journal
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

    async def go() -> tuple[Erased, Journal, list[Copy]]:
        async with opened(settings) as store:
            person = await store.write(lambda uow: found(uow, who))
            _make_sure(terminal, person, is_sure=is_sure)
            folders = await folders_of_backups(store, settings.store.files)
            journal = Journal(settings.store.files, folders)
            url, now = settings.store.url, SystemClock().now()
            with shown(terminal) as progress:
                done = await forget(store, url, person, now, progress, journal=journal)
            left = await asyncio.to_thread(copies, url, settings.store.files, folders)
            return done, journal, left

    done, journal, left = asyncio.run(go())
    files = journal.share()
    if as_json:
        terminal.print_json(
            {
                "person": done.person,
                "assistances": list(done.assistances),
                "others": done.others,
                "files": done.files,
                "copies": [
                    {"kind": each.kind.value, "place": each.place, "at": each.at}
                    for each in left
                ],
                "journal": [str(path) for path in files],
                "held_tables": list(done.held_tables),
            }
        )
        return
    count = len(done.assistances)
    terminal.tell(terminal.say("cli.erase.done", count=count, files=done.files))
    if done.held_tables:
        tables = ", ".join(done.held_tables)
        terminal.warn(terminal.say("cli.erase.held", tables=tables))
    _tell_what_is_left(terminal, left, files)


def _tell_what_is_left(
    terminal: Terminal, left: list[Copy], files: tuple[Path, ...]
) -> None:
    """Say which copies still have everything, and what becomes of them."""
    if left:
        terminal.warn(terminal.say("cli.erase.copies", count=len(left)))
    for each in left:
        at = terminal.say("cli.erase.undated")
        if each.at is not None:
            at = f"{terminal.local(each.at):%Y-%m-%d %H:%M %Z}"
        facts = {"at": at, "place": each.place}
        told = terminal.say(f"cli.erase.{each.kind.value}", **facts)
        terminal.print(f"  {told}")
    if any(each.kind is not CopyKind.ARCHIVE for each in left):
        terminal.tell(terminal.say("cli.erase.delete"))
    terminal.tell(terminal.say("cli.erase.journal", file=files[0]))
    terminal.warn(terminal.say("cli.erase.elsewhere"))


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
            folders = await folders_of_backups(store, settings.store.files)
            with shown(terminal) as progress:
                return await end_what_is_over(
                    store,
                    settings.store.url,
                    settings.retention,
                    SystemClock().now(),
                    is_trial=is_trial,
                    progress=progress,
                    journal=Journal(settings.store.files, folders),
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
