"""``azbot files``: from folder to bucket and back, and whether all are there."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import Literal

import click

from azbot.cli.grammar import family, json_option, verb
from azbot.cli.progress import shown
from azbot.cli.terminal import Terminal
from azbot.clock import SystemClock
from azbot.config.ground import check_ground
from azbot.errors import Refused
from azbot.i18n.formats import number, size
from azbot.store.blobs import FileBlobs
from azbot.store.keepers import bucket_of, keeper_of
from azbot.store.moving import Checked, Moved
from azbot.store.moving import check as look_at
from azbot.store.moving import move as carry
from azbot.store.named import files_owed


@verb("move")
@click.argument(
    "target", metavar="bucket|folder", type=click.Choice(["bucket", "folder"])
)
@click.option("--empty", "is_emptied", is_flag=True)
@json_option()
def move(
    terminal: Terminal,
    target: Literal["bucket", "folder"],
    *,
    is_emptied: bool,
    as_json: bool,
) -> int:
    """Copy the files from the folder into the bucket, or back."""
    settings = terminal.settings()
    check_ground(settings)
    if settings.store.s3 is None:
        raise Refused("files_no_bucket")
    clock = SystemClock()
    folder = FileBlobs(settings.store.files)
    bucket = bucket_of(settings.store.s3, clock)
    there, here = (bucket, folder) if target == "bucket" else (folder, bucket)
    with shown(terminal) as progress:
        done = asyncio.run(
            carry(
                here,
                there,
                settings.store.files / "partial",
                clock.now(),
                is_emptied=is_emptied,
                progress=progress,
            )
        )
    if as_json:
        terminal.print_json(asdict(done))
    else:
        _tell_moved(terminal, done, target)
    return 1 if done.damaged else 0


def _tell_moved(terminal: Terminal, done: Moved, target: str) -> None:
    language = terminal.language
    terminal.print(
        terminal.say(
            "cli.files.moved",
            count=done.copied,
            size=size(done.octets, language),
            there=number(done.there, language),
        )
    )
    if done.emptied:
        terminal.print(terminal.say("cli.files.emptied", count=done.emptied))
    else:
        terminal.print(terminal.say(f"cli.files.next_{target}"))
    if done.damaged:
        terminal.warn(terminal.say("cli.files.damaged", count=len(done.damaged)))
        for name in done.damaged:
            terminal.warn(f"  {name}")


@verb("check")
@json_option()
def check(terminal: Terminal, *, as_json: bool) -> int:
    """Read every file the database names, and compare it with its name."""
    settings = terminal.settings()
    keeper = keeper_of(settings.store)
    with shown(terminal) as progress:
        named = files_owed(settings.store.url, progress)
        found = asyncio.run(look_at(keeper, named, progress))
    if as_json:
        terminal.print_json(asdict(found))
    else:
        _tell_checked(terminal, found)
    return 1 if found.missing or found.damaged else 0


def _tell_checked(terminal: Terminal, found: Checked) -> None:
    good = found.files - len(found.missing) - len(found.damaged)
    terminal.print(terminal.say("cli.files.checked", count=good))
    for what, names in (("missing", found.missing), ("damaged", found.damaged)):
        if names:
            terminal.warn(terminal.say(f"cli.files.{what}", count=len(names)))
        for name in names:
            terminal.warn(f"  {name}")


files = family("files", move, check)
