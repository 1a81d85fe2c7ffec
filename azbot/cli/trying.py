"""``azbot trial``: nothing leaves while it lasts; its end opens the service."""

from __future__ import annotations

import sys
from datetime import datetime

import click

from azbot.cli.database import set_up, written
from azbot.cli.grammar import family, json_option, verb
from azbot.cli.hands import note
from azbot.cli.terminal import Terminal
from azbot.clock import SystemClock
from azbot.config import Settings
from azbot.errors import Refused
from azbot.store import UnitOfWork
from azbot.store.alone import alone
from azbot.store.trial import Tried


@verb("on")
def on(terminal: Terminal) -> None:
    """Keep everything inside from now on."""
    begin(terminal, terminal.settings())
    terminal.tell(terminal.say("cli.trial.on", command=terminal.command("trial off")))


def begin(terminal: Terminal, settings: Settings) -> None:
    """Keep everything inside from now on; nobody may be at work meanwhile.

    Raises:
        Refused: ``trial_on``, ``trial_too_late``, ``database_in_use``.
        AzbotError: the database cannot be used.
    """
    now = SystemClock().now()
    set_up(settings)
    with alone(settings.store.url, settings.store.files) as uow:
        uow.trial.begin(now)
        note(uow, terminal, now, "trial.begun", "")


@verb("off")
@click.option("--yes", "is_sure", is_flag=True)
def off(terminal: Terminal, *, is_sure: bool) -> None:
    """Throw away what happened in the trial, and let messages leave."""
    since, tried = written(terminal, _seen)
    if since is None:
        raise Refused("trial_off")
    if not is_sure:
        _tell(terminal, since, tried)
        if not sys.stdin.isatty():
            raise Refused("trial_unsure")
        if not click.confirm(terminal.say("cli.trial.ask"), err=True):
            raise click.Abort

    def work(uow: UnitOfWork) -> None:
        uow.trial.end()
        note(uow, terminal, SystemClock().now(), "trial.ended", "")

    written(terminal, work)
    terminal.tell(terminal.say("cli.trial.off"))


@verb("status")
@json_option()
def status(terminal: Terminal, *, as_json: bool) -> None:
    """Say whether the trial lasts."""
    since, tried = written(terminal, _seen)
    if as_json:
        terminal.print_json({"since": since, **_facts(since, tried)})
    elif since is None:
        terminal.tell(terminal.say("cli.trial.none"))
    else:
        _tell(terminal, since, tried)


def _seen(uow: UnitOfWork) -> tuple[datetime | None, Tried]:
    return uow.trial.begun_at(), uow.trial.tried()


def _facts(since: datetime | None, tried: Tried) -> dict[str, object]:
    if since is None:
        return {}
    return {
        "assistances": tried.assistances,
        "letters": tried.letters,
        "clients": tried.clients,
    }


def _tell(terminal: Terminal, since: datetime, tried: Tried) -> None:
    shown = f"{terminal.local(since):%Y-%m-%d %H:%M}"
    terminal.tell(terminal.say("cli.trial.since", since=shown))
    terminal.tell(terminal.say("cli.trial.holds", **_facts(since, tried)))


trial = family("trial", on, off, status)
"""``azbot trial``."""
