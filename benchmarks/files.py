"""Files per second kept in a bucket and read back, beside the folder in the same run.

The service is the one of the tests, on this machine: what it costs is in both the
bucket and the bare requests (a PUT and a GET of the library alone, without question,
hash or proof), so that bare / bucket is what azbot adds. Figures of different runs do
not compare; their ratios do.

    python3 dev.py bench files [--count 60] [--octets 400000]
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import obstore
from moto.server import ThreadedMotoServer

from azbot.clock import SystemClock
from azbot.store.blobs import FileBlobs
from azbot.store.bucket import BucketBlobs, client_of
from tests.servers.s3 import S3

ROUNDS = 3


def timed(work: Callable[[bytes], None], contents: Sequence[bytes]) -> float:
    """Return files per second."""
    began = time.perf_counter()
    for content in contents:
        work(content)
    return len(contents) / (time.perf_counter() - began)


def measure(folder: Path, s3: S3, count: int, octets: int) -> dict[str, float]:
    """Return files per second, written and read, by keeper."""
    bucket = s3.bucket()
    kept, disk = BucketBlobs(bucket, SystemClock()), FileBlobs(folder)
    client = client_of(bucket)

    def into_bucket(content: bytes) -> None:
        kept.read(kept.put(content))

    def into_folder(content: bytes) -> None:
        disk.read(disk.put(content))

    def bare(content: bytes) -> None:
        obstore.put(client, "bare", content, use_multipart=False)
        bytes(obstore.get(client, "bare").bytes())

    found: dict[str, list[float]] = {"folder": [], "bucket": [], "bare": []}
    for _ in range(ROUNDS):
        contents = [os.urandom(octets) for _ in range(count)]
        found["folder"].append(timed(into_folder, contents))
        found["bucket"].append(timed(into_bucket, contents))
        found["bare"].append(timed(bare, contents))
    return {name: statistics.median(each) for name, each in found.items()}


def main() -> None:
    """Measure and print one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--octets", type=int, default=400_000)
    given = parser.parse_args()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    try:
        with tempfile.TemporaryDirectory() as folder:
            s3 = S3(f"http://{host}:{port}")
            found = measure(Path(folder), s3, given.count, given.octets)
    finally:
        server.stop()
    rates = {f"{name}_per_second": round(rate) for name, rate in found.items()}
    ratios = {
        "bucket_to_folder": round(found["bucket"] / found["folder"], 3),
        "bucket_to_bare": round(found["bucket"] / found["bare"], 2),
    }
    print(json.dumps({"octets": given.octets, **rates, **ratios}))


if __name__ == "__main__":
    main()
