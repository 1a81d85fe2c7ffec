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

import _rig
import aiosmtplib
import structlog

from azbot.app import App, opened
from azbot.channels.email.channel import parse_settings
from azbot.channels.email.parse import parse
from azbot.channels.email.settings import EmailSettings
from azbot.messages import RawMessage

_NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)

structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))


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


async def measured(app: App, sink: _rig.Sink, count: int) -> tuple[float, float]:
    """Run azbot until every reply was told; return seconds and CPU seconds."""
    sink.forget()
    cpu, began = _rig.cpu_seconds(), time.monotonic()
    work = asyncio.get_running_loop().create_task(app.run())
    arrivals = await asyncio.to_thread(sink.wait, count, 600)
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
    if len(arrivals) < count:
        raise SystemExit(f"only {len(arrivals)} of {count} notifications arrived")
    return arrivals[count - 1].at - began, _rig.cpu_seconds() - cpu


async def main(mails: int, assistances: int) -> None:
    with (
        TemporaryDirectory(prefix="azbot-bench-") as name,
        _rig.sink() as sink,
        _rig.dovecot() as dovecot,
    ):
        folder = Path(name)
        user = dovecot.new_account()
        settings = _rig.settings(folder, dovecot.port, sink.port, user)
        async with opened(settings) as app:
            them = await _rig.some_assistances(app, assistances)
            made = _rig.reply_mails(app.door.keyring, app.door.host, them, mails)
            bare = await limit(made, folder, sink)
            for mail in made:
                dovecot.deliver(mail, user)
            seconds, cpu = await measured(app, sink, mails)
            stored = await app.store.write(
                lambda uow: sum(uow.assistances.get(one.id).messages for one in them)
            )
        rate = mails / seconds
        _rig.emit(
            {
                "bench": "ingest",
                "mails": mails,
                "stored_messages": stored - assistances,
                "mails_per_s": round(rate, 1),
                "cpu_s_per_mail": round(cpu / mails, 5),
                "peak_rss_mb": round(_rig.peak_rss_mb(), 1),
                "limit_mails_per_s": round(bare, 1),
                "ratio_to_limit": round(rate / bare, 3),
            }
        )


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--mails", type=int, default=1000)
    arguments.add_argument("--assistances", type=int, default=100)
    given = arguments.parse_args()
    asyncio.run(main(given.mails, given.assistances))
