"""``azbot init``: eight questions, a configuration, a database, an administrator."""

from __future__ import annotations

import asyncio
import contextlib
import os
import pwd
import sys
from dataclasses import replace
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TextIO

import click

from azbot.cli.complaints import FAILED, config_lines
from azbot.cli.grammar import verb
from azbot.cli.setup import filing, unattended
from azbot.cli.setup.dialogue import Dialogue
from azbot.cli.setup.draft import Draft, read_answers
from azbot.cli.setup.questions import QUESTIONS
from azbot.cli.setup.reading import Around
from azbot.cli.setup.surroundings import machine_domain, machine_zone
from azbot.cli.setup.trials import Trials
from azbot.cli.terminal import Terminal
from azbot.clock import SystemClock
from azbot.config import Settings
from azbot.doctor.finding import Level
from azbot.doctor.names import Names
from azbot.errors import ConfigError, Refused


@verb("init")
@click.option(
    "--only", "question", type=click.Choice([each.name for each in QUESTIONS])
)
@click.option("--answers", metavar="FILE", type=click.File(encoding="utf-8"))
@click.option("--replace", "replaces", is_flag=True)
@click.option("--keep", "keeps", is_flag=True)
@click.option("--resolver", metavar="ADDRESS", default="")
def init(
    terminal: Terminal,
    question: str | None,
    answers: TextIO | None,
    resolver: str,
    *,
    replaces: bool,
    keeps: bool,
) -> int:
    """Ask, try every answer, then write the file and make the database."""
    file = terminal.config.absolute()
    _may_write(file)
    around = Around(
        terminal.words,
        terminal.environ,
        file.parent,
        machine_zone(terminal.environ),
        machine_domain(),
    )
    trials = Trials(around, SystemClock(), _names(resolver) if resolver else None)
    if answers is not None:
        setup = _Unattended(terminal, around, trials, replaces=replaces, keeps=keeps)
        return setup.run(file, answers.read(), answers.name)
    if not sys.stdin.isatty():
        raise Refused("init_needs_answers")
    with contextlib.suppress(ImportError):
        # Arrows and corrections in the lines that are typed.
        import_module("readline")
    try:
        return _Attended(terminal, around, trials).run(file, question)
    except (click.Abort, KeyboardInterrupt):
        terminal.warn("")
        terminal.warn(terminal.say("setup.left"))
        return FAILED


def _may_write(file: Path) -> None:
    """Refuse before anything is asked what could not be written at the end.

    Raises:
        Refused: ``init_locked``, or ``init_as_owner``: root would make files that the
            account of the service cannot read.
    """
    if locked := filing.locked(file):
        raise Refused("init_locked", {"folder": str(locked)})
    owner = file.parent.stat().st_uid if file.parent.exists() else 0
    if os.geteuid() == 0 and owner != 0:
        name = pwd.getpwuid(owner).pw_name
        raise Refused("init_as_owner", {"folder": str(file.parent), "account": name})


def _names(resolver: str) -> Names:
    from azbot.cli.doctor import names_at  # noqa: PLC0415 - seldom needed

    return names_at(resolver)


def _read(terminal: Terminal, file: Path) -> Settings:
    """Read a file as every other verb reads the configuration."""
    return replace(terminal, config=file).settings()


class _Attended:
    """A set-up with somebody at the terminal."""

    def __init__(self, terminal: Terminal, around: Around, trials: Trials) -> None:
        self._terminal = terminal
        self._dialogue = Dialogue(terminal, around, trials)

    def run(self, file: Path, only: str | None) -> int:
        draft = self._begun(file)
        if draft is None:
            return FAILED
        if only is not None:
            asked = [each for each in QUESTIONS if each.name == only]
            draft = self._dialogue.ask(draft, asked)
        else:
            self._dialogue.begin()
            if not draft.filed:
                draft = self._dialogue.ask(draft)
            draft = self._reviewed(draft)
        text, shown = filing.composed(file, draft), self._terminal.config
        if draft.filed and not draft.changes:
            self._dialogue.tell("setup.unchanged", file=shown)
            return self._finish(self._terminal.settings(), draft)
        is_kept = file.exists()
        self._terminal.print()
        settings = filing.put(file, text, partial(_read, self._terminal))
        self._dialogue.done("setup.written", file=shown)
        if is_kept:
            self._dialogue.done("setup.old", file=filing.backup_of(file).name)
            return self._finish(settings, draft)
        return self._finish(settings, draft.having({"trial": self._is_tried()}))

    def _is_tried(self) -> bool:
        """Offer that nothing leaves at first."""
        self._terminal.print()
        self._dialogue.tell("setup.trial", command=self._terminal.command("trial off"))
        return self._dialogue.agrees("setup.trial.ask", is_usual=True)

    def _begun(self, file: Path) -> Draft | None:
        """Return what is known already; None when nothing is to be done."""
        terminal = self._terminal
        language = {"service.language": terminal.language}
        if not file.exists():
            self._dialogue.tell(
                "setup.begin", count=len(QUESTIONS), file=terminal.config
            )
            return Draft(answers=language)
        try:
            terminal.settings()
        except ConfigError as error:
            for line in config_lines(error, terminal):
                terminal.warn(line)
            kept = filing.backup_of(file).name
            if self._dialogue.agrees("setup.anew", file=str(file), kept=kept):
                return Draft(answers=language)
            return None
        self._dialogue.tell("setup.again", file=terminal.config)
        return Draft(filing.filed(file))

    def _reviewed(self, draft: Draft) -> Draft:
        while True:
            code = "write" if draft.changes else "leave"
            question = self._dialogue.review(draft, code, str(self._terminal.config))
            if question is None:
                return draft
            draft = self._dialogue.ask(draft, [question])

    def _finish(self, settings: Settings, draft: Draft) -> int:
        terminal = self._terminal
        # Half of what is to be loaded, and not before there is something to store.
        from azbot.cli.setup.founding import administrator  # noqa: PLC0415

        if draft.get("trial"):
            draft = self._trial(settings, draft)
        invitation = administrator(terminal, settings, draft)
        self._dialogue.done("setup.database", where=_database(settings))
        if draft.get("trial"):
            self._dialogue.done("setup.tried", command=terminal.command("trial off"))
        if invitation is not None:
            facts = {"name": invitation.name, "count": invitation.days}
            self._dialogue.done("setup.invited", **facts)
            terminal.print(f"    {invitation.link}")
            if invitation.is_mailed:
                told = terminal.say("setup.mailed", address=invitation.address)
                terminal.print(f"    {told}")
        terminal.print()
        terminal.tell(terminal.say("setup.next"))
        commands = {each: terminal.command(each) for each in ("doctor", "run")}
        width = max(map(len, commands.values()))
        for each, command in commands.items():
            told = terminal.say(f"setup.next.{each}")
            terminal.print(f"  {command.ljust(width)}  # {told}")
        return 0

    def _trial(self, settings: Settings, draft: Draft) -> Draft:
        """Begin a trial; where there is something already, say why not."""
        from azbot.cli.trying import begin  # noqa: PLC0415 - loads the store

        try:
            begin(self._terminal, settings)
        except Refused as refused:
            self._terminal.warn(self._terminal.say(f"cli.refused.{refused.code}"))
            return draft.having({"trial": False})
        return draft


class _Unattended:
    """A set-up from a file of answers; says what is wrong, and the link."""

    def __init__(
        self,
        terminal: Terminal,
        around: Around,
        trials: Trials,
        *,
        replaces: bool,
        keeps: bool,
    ) -> None:
        self._terminal = terminal
        self._around = around
        self._trials = trials
        self._replaces = replaces
        self._keeps = keeps

    def run(self, file: Path, text: str, name: str) -> int:
        terminal = self._terminal
        answers = read_answers(text, name)
        filed = filing.filed(file)
        if not filed:
            answers = {"service.language": terminal.language, **answers}
        # Nobody is there to whom a letter could be announced.
        answers.setdefault("round_trip", False)
        # A script sets up what is to answer; it says so when it is to be tried first.
        answers.setdefault("trial", False)
        draft = Draft(filed, answers)
        if problems := draft.problems(set(answers)):
            raise ConfigError(name, list(problems))
        draft, told = asyncio.run(
            unattended.complete(draft, self._around, self._trials)
        )
        is_wrong = False
        for question, each in told:
            if each.level in {Level.WARNING, Level.FAILURE}:
                title = terminal.say(f"setup.title.{question.name}")
                colon = "\u00a0: " if terminal.language == "fr" else ": "
                terminal.warn(f"{title}{colon}{each.text}")
                for line in (*each.advice, *each.paste):
                    terminal.warn(f"  → {line}")
            is_wrong |= each.level is Level.FAILURE
        if is_wrong and not self._keeps:
            raise Refused("init_failed")
        settings = self._written(file, draft)
        from azbot.cli.setup.founding import administrator  # noqa: PLC0415
        from azbot.cli.trying import begin  # noqa: PLC0415

        if draft.get("trial"):
            begin(terminal, settings)
        invitation = administrator(terminal, settings, draft)
        if invitation is not None:
            # The link alone on standard output, so that a script can take it.
            terminal.print(invitation.link)
        return 0

    def _written(self, file: Path, draft: Draft) -> Settings:
        text = filing.composed(file, draft)
        if file.exists() and text == file.read_text("utf-8"):
            return self._terminal.settings()
        if file.exists() and not self._replaces:
            raise Refused("init_exists", {"file": str(file)})
        return filing.put(file, text, partial(_read, self._terminal))


def _database(settings: Settings) -> str:
    """Return where the database is, without what opens it."""
    url = settings.store.url
    path = url.removeprefix("sqlite:///")
    return path if path != url else url.rpartition("@")[2]
