"""How fast reply mails become stored messages and accepted notifications.

``dev.py bench ingest [--mails N] [--assistances M]``. A real Dovecot, durable SQLite
(synchronous=FULL), the sink in a process of its own. The limit, in the same run:
parse, one durable commit of the octets and one send over a kept connection, the same
mails one after another and nothing else.
"""

from __future__ import annotations

import argparse
import asyncio
import sqlite3
import time
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import aiosmtplib

from azbot.app import opened
from azbot.channels.email.channel import parse_settings
from azbot.channels.email.parse import parse
from azbot.channels.email.settings import EmailSettings
from azbot.config import Settings
from azbot.messages import RawMessage
from azbot.workflow.model import Assistance
from benchmarks import _rig

_NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


async def limit(mails: list[bytes], folder: Path, sink: _rig.Sink) -> float:
    """Return mails per second of the bare work."""
    whom = parse_settings(EmailSettings(address=_rig.DESK))
    base = sqlite3.connect(folder / "limit.db", isolation_level=None)
    base.execute("PRAGMA journal_mode=WAL")
    base.execute("PRAGMA synchronous=FULL")
    base.execute("CREATE TABLE raw (id INTEGER PRIMARY KEY, content BLOB)")
    client = aiosmtplib.SMTP(
        hostname="127.0.0.1",
        port=sink.port,
        use_tls=False,
        start_tls=False,
        local_hostname="bench.example",
    )
    await client.connect()
    notice = (
        b"From: a@bench.example\r\nSubject: limit\r\n\r\n" + (b"x" * 70 + b"\r\n") * 120
    )
    began = time.perf_counter()
    for n, mail in enumerate(mails):
        parse(RawMessage("email", "limit", n, mail, _NOW, len(mail)), whom)
        base.execute("BEGIN IMMEDIATE")
        base.execute("INSERT INTO raw (content) VALUES (?)", (mail,))
        base.execute("COMMIT")
        await client.sendmail(_rig.DESK, [_rig.READERS], notice)
    seconds = time.perf_counter() - began
    await client.quit()
    base.close()
    return len(mails) / seconds


async def prepared(
    settings: Settings, assistances: int, mails: int
) -> tuple[list[Assistance], list[bytes]]:
    """Open the assistances and write the replies to them."""
    async with opened(settings) as app:
        them = await _rig.some_assistances(app, assistances)
        return them, _rig.reply_mails(app.door.keyring, app.door.host, them, mails)


async def stored(settings: Settings, them: list[Assistance]) -> int:
    """Count the messages that were added to the assistances."""
    async with opened(settings) as app:
        return await app.store.write(
            lambda uow: sum(uow.assistances.get(one.id).messages - 1 for one in them)
        )


def main(mails: int, assistances: int) -> None:
    with (
        TemporaryDirectory(prefix="azbot-bench-") as name,
        _rig.sink() as sink,
        _rig.dovecot() as dovecot,
    ):
        folder = Path(name)
        user = dovecot.new_account()
        settings = _rig.settings(folder, dovecot.port, sink.port, user)
        them, made = asyncio.run(prepared(settings, assistances, mails))
        bare = asyncio.run(limit(made, folder, sink))
        for mail in made:
            dovecot.deliver(mail, user)
        sink.forget()
        process = _rig.Process(settings)
        began = time.monotonic()
        arrivals = sink.wait(mails, 600)
        used = process.end()
        if len(arrivals) < mails:
            raise SystemExit(f"only {len(arrivals)} of {mails} notifications arrived")
        rate = mails / (arrivals[mails - 1].at - began)
        _rig.emit(
            {
                "bench": "ingest",
                "mails": mails,
                "stored_messages": asyncio.run(stored(settings, them)),
                "mails_per_s": round(rate, 1),
                "cpu_s_per_mail": round(used.cpu_seconds / mails, 5),
                "peak_rss_mb": round(used.peak_rss_mb, 1),
                "limit_mails_per_s": round(bare, 1),
                "ratio_to_limit": round(rate / bare, 3),
            }
        )


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--mails", type=int, default=1000)
    arguments.add_argument("--assistances", type=int, default=100)
    given = arguments.parse_args()
    main(given.mails, given.assistances)
