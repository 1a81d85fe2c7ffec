"""How fast a file of 100 MB comes in, and how much memory that takes.

``dev.py bench uploads [--megabytes 100] [--rounds 3]``. The real server in a process of
its own, over loopback, with SQLite; the file in one PATCH, and in pieces as pages send
it. Beside it, in the same run and on the same disk, a plain write and fsync of the same
octets: what is left is HTTP, the digest and azbot.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import _rig
from tests.uploading import film
from tests.uploadserver import Server, upload_server

MEGABYTE = 1_000_000
PIECE = 1024 * 1024


def blocks(seed: int, count: int) -> Iterator[bytes]:
    """Yield a film of so many megabytes, another one for each seed."""
    yield film(MEGABYTE - 8) + seed.to_bytes(8, "big")
    block = seed.to_bytes(8, "big") * (MEGABYTE // 8)
    for _ in range(count - 1):
        yield block


def plainly(folder: Path, seed: int, count: int) -> None:
    """Write the same octets and make them durable."""
    with (folder / f"plain-{seed}").open("wb", buffering=0) as file:
        for block in blocks(seed, count):
            file.write(block)
        os.fsync(file.fileno())


def in_one(server: Server, seed: int, count: int) -> None:
    """Send it in one request."""
    path = server.begin(count * MEGABYTE)
    response = server.append(path, 0, count * MEGABYTE, blocks(seed, count))
    if not response.headers["Upload-Handle"]:
        raise RuntimeError(f"not stored: {response.status}")


def in_pieces(server: Server, seed: int, count: int) -> None:
    """Send it in pieces of one mebibyte."""
    content = b"".join(blocks(seed, count))
    path, handle = server.begin(len(content)), None
    for offset in range(0, len(content), PIECE):
        piece = content[offset : offset + PIECE]
        response = server.append(path, offset, len(piece), piece)
        handle = response.headers["Upload-Handle"]
    if not handle:
        raise RuntimeError("not stored")


def rate(work: Callable[[int], None], seeds: range, count: int) -> float:
    """Return megabytes per second, the median of some rounds."""
    found = []
    for seed in seeds:
        began = time.perf_counter()
        work(seed)
        found.append(count / (time.perf_counter() - began))
    return statistics.median(found)


def main(count: int, rounds: int) -> None:
    """Measure, print, and print again for programs."""
    with TemporaryDirectory() as name, upload_server(folder := Path(name)) as server:
        in_one(server, 0, 1)
        server.forget_peak()
        idle = server.memory("VmRSS")
        one = rate(lambda n: in_one(server, n, count), range(1, 1 + rounds), count)
        peak = server.memory("VmHWM") - idle
        pieces = rate(
            lambda n: in_pieces(server, n, count), range(50, 50 + rounds), count
        )
        plain = rate(lambda n: plainly(folder, n, count), range(90, 90 + rounds), count)
    print(f"{count} MB, median of {rounds}")
    print(f"  write and fsync   {plain:8.0f} MB/s")
    print(f"  one PATCH         {one:8.0f} MB/s   {one / plain:.2f} of it")
    print(f"  pieces of 1 MiB   {pieces:8.0f} MB/s   {pieces / plain:.2f} of it")
    print(f"  memory above idle {peak / MEGABYTE:8.1f} MB")
    _rig.emit(
        {
            "plain_mb_s": round(plain, 1),
            "one_mb_s": round(one, 1),
            "pieces_mb_s": round(pieces, 1),
            "ratio_one": round(one / plain, 3),
            "ratio_pieces": round(pieces / plain, 3),
            "peak_above_idle_mb": round(peak / MEGABYTE, 1),
        }
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    main(given.megabytes, given.rounds)
