"""How long from a mail's delivery to its notification at the sink.

``dev.py bench latency [--mails N]``. One reply at a time into an idle azbot on a real
Dovecot. Beside it, in the same run, a bare loop that only waits in IDLE and fetches:
what it takes is the server's own delay.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import aioimaplib

from benchmarks import _rig
from benchmarks.ingest import prepared
from tests.servers.dovecot import Dovecot


def figures(seconds: list[float]) -> dict[str, float]:
    """Return median and 95th percentile in milliseconds."""
    ordered = sorted(seconds)
    p95 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
    return {
        "p50_ms": round(1000 * statistics.median(ordered), 1),
        "p95_ms": round(1000 * p95, 1),
    }


async def bare(dovecot: Dovecot, mails: list[bytes]) -> list[float]:
    """Deliver, wait in IDLE, fetch: nothing else."""
    user = dovecot.new_account()
    client = aioimaplib.IMAP4("127.0.0.1", dovecot.port)
    await client.wait_hello_from_server()
    await client.login(user, "secret")
    await client.select("INBOX")
    taken = []
    for number, mail in enumerate(mails, start=1):
        idle = await client.idle_start(timeout=60)
        began = time.monotonic()
        dovecot.deliver(mail, user)
        while not any(b"EXISTS" in line for line in await client.wait_server_push()):
            pass
        client.idle_done()
        await asyncio.wait_for(idle, 10)
        await client.uid("fetch", str(number), "(BODY.PEEK[])")
        taken.append(time.monotonic() - began)
    await client.logout()
    return taken


def through_azbot(
    dovecot: Dovecot,
    user: str,
    process: _rig.Process,
    sink: _rig.Sink,
    mails: list[bytes],
) -> list[float]:
    """Deliver one mail after another, each into an idle azbot."""
    taken = []
    # The first one pays for connections and compiled templates.
    for mail in mails:
        sink.forget()
        began = time.monotonic()
        dovecot.deliver(mail, user)
        (arrival, *_) = sink.wait(1, 60)
        taken.append(arrival.at - began)
    process.end()
    return taken[1:]


def main(mails: int) -> None:
    with (
        TemporaryDirectory(prefix="azbot-bench-") as name,
        _rig.sink() as sink,
        _rig.dovecot() as dovecot,
    ):
        user = dovecot.new_account()
        settings = _rig.settings(Path(name), dovecot.port, sink.port, user)
        _, made = asyncio.run(prepared(settings, 20, mails + 1))
        idle = figures(asyncio.run(bare(dovecot, made[:mails])))
        process = _rig.Process(settings)
        own = figures(through_azbot(dovecot, user, process, sink, made))
        _rig.emit(
            {
                "bench": "latency",
                "mails": mails,
                "azbot": own,
                "bare_idle_loop": idle,
                "own_share_p50_ms": round(own["p50_ms"] - idle["p50_ms"], 1),
                "ratio_p50": round(own["p50_ms"] / idle["p50_ms"], 3),
            }
        )


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--mails", type=int, default=40)
    main(arguments.parse_args().mails)
