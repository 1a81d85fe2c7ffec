"""Compiled templates, kept for as long as the process lives."""

from __future__ import annotations

from types import CodeType

from jinja2.bccache import Bucket, BytecodeCache
from typing_extensions import override


class Compiled(BytecodeCache):
    """What environments with the same options share.

    A desk that changes its name or colour gets a new environment; only templates
    whose text that changes are compiled anew.
    """

    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], CodeType] = {}

    @override
    def load_bytecode(self, bucket: Bucket) -> None:
        """Give what was compiled from the same text under the same name."""
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    @override
    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what has just been compiled."""
        if bucket.code is not None:
            self._codes[bucket.key, bucket.checksum] = bucket.code
