"""``azbot backup`` and ``azbot restore``."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from azbot.backup.making import Made, back_up
from azbot.backup.restoring import Restored
from azbot.backup.restoring import restore as put_back
from azbot.backup.units import service_unit, this_program, this_user, timer_unit
from azbot.cli.database import exists, opened
from azbot.cli.grammar import json_option, verb
from azbot.cli.progress import shown
from azbot.cli.terminal import Terminal
from azbot.clock import SystemClock
from azbot.config import Settings
from azbot.errors import Refused
from azbot.i18n.formats import number, size
from azbot.personal.journal import Journal
from azbot.personal.replaying import Replayed, replay
from azbot.store.keepers import keeper_of
from azbot.store.snapshot import Progress


@verb("backup")
@click.argument(
    "target", metavar="[TARGET]", required=False, type=click.Path(path_type=Path)
)
@click.option("--keep", type=click.IntRange(min=1), metavar="N", default=None)
@click.option("--without-files", "is_bare", is_flag=True)
@click.option("--schedule", "is_scheduled", is_flag=True)
@json_option()
def backup(
    terminal: Terminal,
    target: Path | None,
    keep: int | None,
    *,
    is_bare: bool,
    is_scheduled: bool,
    as_json: bool,
) -> None:
    """Write database and files into one archive, and read it again."""
    settings = terminal.settings()
    place = target or settings.store.files.parent / "backups"
    if is_scheduled:
        _print_units(terminal, settings, place, keep or 14, is_bare=is_bare)
        return
    if not exists(settings):
        raise Refused("nothing_to_back_up")
    made = asyncio.run(_backed_up(terminal, settings, place, keep or 0, is_bare))
    if as_json:
        terminal.print_json(_facts(made))
        return
    told = made.manifest
    terminal.tell(
        terminal.say(
            "cli.backup.made",
            file=made.archive,
            size=size(made.octets, terminal.language),
            rows=number(told.rows, terminal.language),
            count=told.files,
            files=number(told.files, terminal.language),
        )
    )
    if told.left:
        count = len(told.left)
        terminal.warn(terminal.say("cli.backup.left", count=count))
    if told.missing:
        count = len(told.missing)
        terminal.warn(terminal.say("cli.backup.missing", count=count))
    if made.dropped:
        count = len(made.dropped)
        terminal.tell(terminal.say("cli.backup.dropped", count=count))


async def _backed_up(
    terminal: Terminal,
    settings: Settings,
    place: Path,
    keep: int,
    is_bare: bool,  # noqa: FBT001 - of one caller
) -> Made:
    async with opened(settings) as store:
        with shown(terminal) as progress:
            made = await back_up(
                store,
                settings.store.url,
                place,
                SystemClock().now(),
                keep=keep,
                with_files=not is_bare,
                progress=progress,
            )
    # Who was forgotten stands beside every archive that still knows them.
    journal = Journal(settings.store.files, [made.archive.absolute().parent])
    await asyncio.to_thread(journal.share)
    return made


def _print_units(
    terminal: Terminal, settings: Settings, place: Path, keep: int, *, is_bare: bool
) -> None:
    terminal.print(
        service_unit(
            this_program(),
            settings.file.absolute(),
            place.absolute(),
            keep,
            this_user(),
            with_files=not is_bare,
        )
    )
    terminal.print(timer_unit().rstrip())
    terminal.warn(terminal.say("cli.backup.schedule"))


def _facts(made: Made) -> dict[str, object]:
    told = made.manifest
    return {
        "archive": str(made.archive),
        "octets": made.octets,
        "made_at": told.made_at,
        "version": told.version,
        "schema": told.schema,
        "rows": {table.name: table.rows for table in told.tables},
        "files": told.files,
        "missing": list(told.missing),
        "left": len(told.left),
        "next_references": list(told.next_references),
        "dropped": [str(path) for path in made.dropped],
    }


@verb("restore")
@click.argument("archive", metavar="ARCHIVE", type=click.Path(path_type=Path))
@click.option("--replace", "may_replace", is_flag=True)
@click.option("--resume", "resumes", is_flag=True)
@json_option()
def restore(
    terminal: Terminal,
    archive: Path,
    *,
    may_replace: bool,
    resumes: bool,
    as_json: bool,
) -> None:
    """Put an archive in the place of database and files."""
    settings = terminal.settings()
    # First: where the archive lies, somebody may be noted whom this machine forgot of.
    journal = Journal(settings.store.files, [archive.absolute().parent])
    journal.share()
    with shown(terminal) as progress:
        done = put_back(
            archive,
            settings.store.url,
            settings.store.files,
            SystemClock().now(),
            may_replace=may_replace,
            resumes=resumes,
            blobs=keeper_of(settings.store),
            progress=progress,
        )
        again = asyncio.run(_forgotten_again(settings, journal, progress))
    if as_json:
        terminal.print_json({"archive": str(archive), **_came_back(done, again)})
    else:
        _tell(terminal, done, again, has_bucket=settings.store.s3 is not None)


def _came_back(done: Restored, again: Replayed) -> dict[str, object]:
    told = done.manifest
    return {
        "made_at": told.made_at,
        "version": told.version,
        "schema": told.schema,
        "rows": {table.name: table.rows for table in told.tables},
        "files": told.files,
        "next_references": list(told.next_references),
        "set_aside": done.set_aside,
        "kept_database": done.kept_database,
        "kept_files": str(done.kept_files) if done.kept_files else None,
        "absent": list(done.absent),
        "erased_again": [each.person for each in again.erased],
        "strangers": [each.person for each in again.strangers],
    }


def _tell(
    terminal: Terminal, done: Restored, again: Replayed, *, has_bucket: bool
) -> None:
    told = done.manifest
    terminal.tell(
        terminal.say(
            "cli.restore.done",
            at=f"{terminal.local(told.made_at):%Y-%m-%d %H:%M %Z}",
            rows=number(told.rows, terminal.language),
            files=number(told.files, terminal.language),
        )
    )
    for ref in told.next_references[-1:]:
        terminal.tell(terminal.say("cli.restore.next", ref=ref))
    if done.set_aside:
        terminal.tell(terminal.say("cli.restore.set_aside", count=done.set_aside))
        terminal.print("  azbot outbox list")
        terminal.print("  azbot outbox resend --restored")
    if done.kept_database:
        terminal.tell(terminal.say("cli.restore.kept", place=done.kept_database))
    if done.kept_files:
        terminal.tell(terminal.say("cli.restore.kept_files", place=done.kept_files))
    if has_bucket and done.kept_database:
        terminal.tell(terminal.say("cli.restore.kept_bucket"))
    if done.absent:
        count = len(done.absent)
        terminal.warn(terminal.say("cli.restore.absent", count=count))
    if again.erased:
        count = len(again.erased)
        terminal.tell(terminal.say("cli.restore.erased_again", count=count))
    if again.strangers:
        count = len(again.strangers)
        terminal.warn(terminal.say("cli.restore.strangers", count=count))


async def _forgotten_again(
    settings: Settings, journal: Journal, progress: Progress
) -> Replayed:
    async with opened(settings) as store:
        now = SystemClock().now()
        return await replay(store, settings.store.url, journal, now, progress)
