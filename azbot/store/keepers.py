"""Who keeps the files of an installation: its folder, or a bucket."""

from __future__ import annotations

import sys
from pathlib import Path

from azbot.clock import SystemClock
from azbot.config import BucketSettings, StoreSettings
from azbot.errors import ConfigError, Problem
from azbot.ports import Blobs, Clock
from azbot.store.blobs import FileBlobs


def keeper_of(settings: StoreSettings, clock: Clock | None = None) -> Blobs:
    """Return who keeps the files, as ``[store]`` says; nobody is asked yet.

    Args:
        settings: ``[store]``.
        clock: the real one by default.

    Raises:
        ConfigError: ``s3_missing``: what speaks to buckets is not installed.
        StoreUnreachable: the file of certificates cannot be read.
    """
    if settings.s3 is None:
        return FileBlobs(settings.files)
    return bucket_of(settings.s3, clock or SystemClock())


def bucket_of(settings: BucketSettings, clock: Clock) -> Blobs:
    """Return a bucket; raises as ``keeper_of``."""
    try:
        # Whoever has no bucket does not load, nor install, what speaks to one.
        from azbot.store.bucket import BucketBlobs  # noqa: PLC0415
    except ModuleNotFoundError as error:
        pip = str(Path(sys.executable).with_name("pip"))
        problem = Problem("store.s3", None, "s3_missing", {"pip": pip})
        raise ConfigError("store.s3", [problem]) from error
    return BucketBlobs(settings, clock)
