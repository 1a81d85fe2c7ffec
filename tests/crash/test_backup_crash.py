"""Backed up while mail flows, killed while it writes: whole, or nothing."""

from __future__ import annotations

import signal
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import text

from azbot.backup.archive import opened
from azbot.backup.restoring import restore
from azbot.errors import Refused
from azbot.messages import RawId, RawMessage
from azbot.store import Store, UnitOfWork, open_store
from azbot.store.snapshot import snapshot
from azbot.workflow.model import AssistanceId
from tests.crash import copier
from tests.crash.forks import begin
from tests.crash.site import (
    CLIENTS,
    Site,
    opened_by_mail,
    replies,
    stored_once,
)
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpSink
from tests.stores import NOW

LATER = datetime(2026, 3, 3, tzinfo=UTC)


def backed_up(
    url: str,
    files: Path,
    target: Path,
    die: int = 0,
    way: Callable[..., None] = copier.run,
) -> int:
    """Back up in another process; return how often it told its progress, 0: it died."""
    given = {"url": url, "files": str(files), "target": str(target)}
    process, heard = begin(way, given, die)
    with heard:
        try:
            told: int = heard.recv()
        except EOFError:
            told = 0
        process.join(60)
    assert process.exitcode == (0 if told else -signal.SIGKILL)
    return told


def counted(url: str) -> dict[str, int]:
    with snapshot(url) as seen:
        return {shape.name: seen.count(shape) for shape in seen.shapes()}


@pytest.fixture
def elsewhere(
    request: pytest.FixtureRequest, store_url: str, tmp_path: Path
) -> tuple[str, Path]:
    """An empty place of the other kind: what is backed up moves there too."""
    files = tmp_path / "elsewhere" / "files"
    if store_url.startswith("postgresql"):
        return f"sqlite:///{tmp_path / 'elsewhere' / 'azbot.db'}", files
    make: Callable[[], str] = request.getfixturevalue("postgres_url")
    return make(), files


async def test_a_backup_made_while_mail_flows_comes_back_whole_and_goes_on(
    store_url: str,
    elsewhere: tuple[str, Path],
    tmp_path: Path,
    dovecot: Dovecot,
    smtp_sink: SmtpSink,
) -> None:
    """What arrived after the backup is still in the mailbox, and is read from there."""
    site = Site(store_url, tmp_path, dovecot, smtp_sink, dovecot.new_account())
    them = await opened_by_mail(site)
    *many, last = replies(them, 100)
    for mail in many:
        dovecot.deliver(mail, site.user)
    process, heard = site.start(CLIENTS + 100)
    with heard:
        backed_up(site.url, tmp_path / "files", tmp_path / "one.zip")
        # It waits for this one: it was at work all the time.
        dovecot.deliver(last, site.user)
        assert heard.poll(120)
        process.join(60)
    url, files = elsewhere
    told = restore(tmp_path / "one.zip", url, files, LATER, resumes=True).manifest
    expected = {table.name: table.rows for table in told.tables}
    # And the mark of a restore, until erasures of after the backup are repeated.
    expected["settings"] += 1
    assert counted(url) == expected
    async with open_store(url, files) as store:
        assert await store.write(_next_reference) == told.next_references[0]
    there = replace(site, url=url, folder=files.parent)
    there.finish(CLIENTS + 100)
    # The desk is told again of what it was told after the backup.
    async with there.opened() as store:
        await store.write(lambda uow: stored_once(uow, 100))


def _next_reference(uow: UnitOfWork) -> str:
    year = uow.assistances.get(AssistanceId(1)).opened_at.year
    _, ref = uow.assistances.new_identity("FR", year)
    # It was only looked at: the number is given back.
    uow.sql.run(
        text("UPDATE reference_counters SET last = last - 1 WHERE country = 'FR'")
    )
    uow.sql.run(text("UPDATE identities SET last = last - 1 WHERE name = 'assistance'"))
    return ref


async def filled(store: Store, files: int) -> None:
    """Store messages whose content lies in files."""
    await store.accept(
        [
            RawMessage("email", "imap:a/b;1", n, bytes([n]) * 70_000, NOW, 70_000)
            for n in range(1, files + 1)
        ]
    )


async def test_a_backup_killed_at_any_instant_leaves_nothing_that_restore_accepts(
    store: Store, store_url: str, tmp_path: Path
) -> None:
    await filled(store, 5)
    target, files = tmp_path / "backups", tmp_path / "blobs"
    told = backed_up(store_url, files, target)
    (whole,) = target.glob("*.zip")
    whole.unlink()
    accepted = 0
    for die in range(1, told + 1, 14):
        assert backed_up(store_url, files, target, die) == 0
        assert list(target.glob("*.zip")) == []
        (part,) = target.glob(".*.part")
        accepted += _is_accepted(part)
        part.unlink()
        await store.write(lambda uow: uow.seats.forget(_sitting(uow)))
    # While it is verified it is whole already; before, it never is.
    assert 0 < accepted < told / 14


def _sitting(uow: UnitOfWork) -> str:
    return next(iter(uow.seats.holders()), "")


def _is_accepted(part: Path) -> bool:
    try:
        with opened(part) as archive:
            archive.verify()
    except Refused as refusal:
        return refusal.code not in ("archive_half", "archive_foreign")
    return True


async def test_a_restore_killed_at_any_instant_leaves_what_was_there(
    store: Store, store_url: str, tmp_path: Path, another_url: str
) -> None:
    """Or, after its one step, what the archive holds; never a bit of each."""
    await filled(store, 5)
    archive, files = tmp_path / "one.zip", tmp_path / "there"
    backed_up(store_url, tmp_path / "blobs", archive)
    async with open_store(another_url, files) as there:
        await filled(there, 3)
    kept = {path.name for path in files.rglob("*") if path.is_file()}
    told = 100
    for die in range(3, told, 30):
        if backed_up(another_url, files, archive, die, copier.run_back):
            break
        assert counted(another_url)["raw_messages"] == 3
        # Files of the archive may lie there already; nothing that was there is gone.
        assert kept <= {path.name for path in files.rglob("*") if path.is_file()}
    else:
        backed_up(another_url, files, archive, 0, copier.run_back)
    assert counted(another_url)["raw_messages"] == 5
    async with open_store(another_url, files) as there:
        for number in range(1, 6):
            content = await there.write(partial(_content, number=number))
            assert content == bytes([number]) * 70_000


def _content(uow: UnitOfWork, number: int) -> bytes:
    return uow.raw.content(RawId(number))
