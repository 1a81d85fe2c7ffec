"""Whether a bucket can be used: tried out with a tiny object, and what hinders it."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import obstore
from obstore.exceptions import BaseError

from azbot.config import BucketSettings
from azbot.store.bucket import client_of, code_of

Step = Literal["write", "read", "list", "delete"]

_FOLDER = "doctor"
_REGION = re.compile(r"<Region>([a-z0-9-]+)</Region>|expecting '([a-z0-9-]+)'")
_METADATA = "169.254."
"""Where machines in clouds are asked for the key of their role; else nobody is."""


@dataclass(frozen=True, slots=True)
class Hurdle:
    """What is in the way.

    Attributes:
        step: what was being done.
        code: from ``code_of``; ``no_key``: neither here nor anywhere else is one;
            ``changed``: what came back is not what was written.
        region: where the bucket is, when the service says so.
    """

    step: Step
    code: str
    region: str = ""


def visit(settings: BucketSettings) -> Hurdle | None:
    """Write, read, list and delete a tiny object; return what is in the way.

    Each is asked once. Blocking, for four times ``command_seconds`` at most.

    Args:
        settings: ``[store.s3]``, the key in it.

    Raises:
        StoreUnreachable: the file of certificates cannot be read.
    """
    store = client_of(settings, tries=0)
    name, content = f"{_FOLDER}/{secrets.token_hex(8)}", secrets.token_bytes(16)

    def read() -> bool:
        return bytes(obstore.get(store, name).bytes()) == content

    steps: tuple[tuple[Step, Callable[[], object]], ...] = (
        ("write", lambda: obstore.put(store, name, content, use_multipart=False)),
        ("read", read),
        ("list", lambda: next(iter(obstore.list(store, _FOLDER, chunk_size=1)), None)),
        ("delete", lambda: obstore.delete(store, name)),
    )
    for step, do in steps:
        try:
            if do() is False:
                return Hurdle(step, "changed")
        except (BaseError, OSError, ValueError) as error:
            return _hurdle(step, str(error))
    return None


def _hurdle(step: Step, error: str) -> Hurdle:
    if _METADATA in error:
        return Hurdle(step, "no_key")
    found = _REGION.search(error)
    return Hurdle(step, code_of(error), (found[1] or found[2]) if found else "")
