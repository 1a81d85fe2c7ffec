"""Choosing, inside one unit of work; the bell tells every process."""

from __future__ import annotations

import secrets

from azbot.choices.values import PREFIX, Logo
from azbot.store import UnitOfWork
from azbot.store.codec import encode

TOPIC = "settings"
"""What rings when a choice changed."""

VERSION = "choices_version"
"""Name of the value that differs after each change: one look tells whether to read."""


def choose(uow: UnitOfWork, name: str, value: object) -> None:
    """Choose a value.

    Args:
        uow: the unit of work.
        name: ``workflow.answer_hours``, ``list.makers.daikin``…
        value: JSON-like, already checked.
    """
    uow.settings.put(f"{PREFIX}{name}", encode(value))
    _tell(uow)


def revert(uow: UnitOfWork, name: str) -> bool:
    """Take a choice back; False when there was none."""
    was_chosen = uow.settings.drop(f"{PREFIX}{name}")
    if was_chosen:
        _tell(uow)
    return was_chosen


LOGO = "logo:"
"""Prefix of the name of every picture that ever was the logo: its media type.

Mails that were sent go on showing theirs.
"""


def choose_logo(uow: UnitOfWork, content: bytes, media_type: str, name: str) -> Logo:
    """Make a picture the logo of the desk.

    Args:
        uow: the unit of work.
        content: its octets, drawn anew by ``media``: never as they came.
        media_type: ``image/png`` or ``image/jpeg``.
        name: of the file it came from.
    """
    logo = Logo(uow.blobs.put(content), media_type, name)
    uow.settings.put(f"{LOGO}{logo.digest}", media_type)
    choose(uow, "brand.logo", logo)
    return logo


def _tell(uow: UnitOfWork) -> None:
    uow.settings.put(VERSION, secrets.token_hex(8))
    uow.ring(TOPIC)
