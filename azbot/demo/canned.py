"""The canned answers of the demonstration's desk."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import datetime
from importlib.resources import files

from azbot.store.canned import CannedAnswer


def canned_answers(at: datetime) -> Iterator[CannedAnswer]:
    """Yield every answer, those of one language after the other.

    Args:
        at: when the desk last touched them.
    """
    answers = tomllib.loads(
        files("azbot.demo").joinpath("canned.toml").read_text("utf-8")
    )
    for language, own in answers.items():
        for position, each in enumerate(own, 1):
            yield CannedAnswer(
                0, updated_at=at, language=language, position=position, **each
            )
