"""Who changes something at a terminal: the log of the administration names them."""

from __future__ import annotations

import getpass
from collections.abc import Mapping
from datetime import datetime

from azbot.cli.terminal import Terminal
from azbot.messages import Trust
from azbot.store import UnitOfWork
from azbot.workflow.model import Actor, Role


def note(
    uow: UnitOfWork,
    terminal: Terminal,
    now: datetime,
    what: str,
    subject: str,
    after: object = None,
) -> None:
    """Leave a line in the log of changes, in the unit of work that makes one.

    Args:
        uow: the unit of work.
        terminal: where it was typed.
        now: the present.
        what: the kind of change, ``agent.disabled``.
        subject: what is changed, as people name it.
        after: what it is now, JSON-like; never a secret.
    """
    who = f"{terminal.say('cli.hand')} ({account_of(terminal.environ)})"
    actor = Actor(Role.ADMIN, None, who, Trust.STAFF, "cli")
    uow.audit.add(actor, now, what, subject, after=after)


def account_of(environ: Mapping[str, str]) -> str:
    """Return whose account of this machine it is: behind ``sudo``, who called it."""
    if named := environ.get("SUDO_USER", ""):
        return named
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        # A container may run as a number that has no name.
        return "–"
