"""What a person is told when a command was wrong or could not be done."""

from __future__ import annotations

import difflib
import errno
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import click

from azbot.cli.terminal import Terminal
from azbot.errors import (
    AzbotError,
    ConfigError,
    Conflict,
    FilesUnreachable,
    NotFound,
    PermanentFailure,
    Problem,
    Refused,
    StoreUnreachable,
    TemporaryFailure,
)

FAILED = 1
"""Exit code: refused, failed, altered."""
MISUSED = 2
"""Exit code: wrong usage, wrong configuration."""


def complain(error: AzbotError, terminal: Terminal) -> int:
    """Tell an expected error in a few lines; return the exit code."""
    if isinstance(error, ConfigError):
        for line in config_lines(error, terminal):
            terminal.warn(line)
        return MISUSED
    is_database = not isinstance(error, FilesUnreachable)
    if isinstance(error, StoreUnreachable) and is_database and terminal.has_config:
        away = Problem("store.url", None, "store_away", {"where": _store(terminal)})
        file = terminal.config
        terminal.warn(problem_line(_found(away, file), file, terminal))
        return FAILED
    terminal.warn(_sentence(error, terminal))
    return FAILED


def _store(terminal: Terminal) -> str:
    """Return where the database is, without a password."""
    from azbot.store.engine import address_of  # noqa: PLC0415 - loads SQLAlchemy

    return address_of(terminal.settings().store.url).shown


def _found(problem: Problem, file: Path) -> Problem:
    """Return a problem with its line in the configuration, if it stands there.

    What was found after the file was read knows the key alone.
    """
    if problem.line is not None or not problem.path or "variable" in problem.facts:
        return problem
    from azbot.config.places import places  # noqa: PLC0415 - loads pydantic

    try:
        lines = places(file.read_text("utf-8-sig"))
    except (OSError, ValueError):
        return problem
    return replace(problem, line=lines.get(problem.path))


def _sentence(error: AzbotError, terminal: Terminal) -> str:
    match error:
        case NotFound():
            key = f"cli.missing.{error.kind.replace(' ', '_')}"
            known = key if key in terminal.words else "cli.missing.thing"
            return terminal.say(known, key=error.key, kind=error.kind)
        case Refused():
            key = f"cli.refused.{error.code}"
            if f"refusal.{error.code}" in terminal.words and key not in terminal.words:
                from azbot.render.phrases import refusal_sentence  # noqa: PLC0415

                return refusal_sentence(terminal.words, error.code, error.facts)
            known = key if key in terminal.words else "cli.refused.rule"
            return terminal.say(known, **{"code": error.code, **error.facts})
        case Conflict():
            return terminal.say("cli.conflict", what=str(error))
        case FilesUnreachable(reason=reason):
            return terminal.say("cli.files_unreachable", why=reason)
        case StoreUnreachable():
            return terminal.say("cli.store_unreachable")
        case TemporaryFailure() | PermanentFailure():
            return terminal.say("cli.failure", what=error.reason)
        case _:
            return terminal.say("cli.failure", what=str(error))


def complain_of_incident(error: Exception, terminal: Terminal) -> None:
    """Tell an error nobody foresaw: its code, its class, and where it was.

    What was asked for may hold a password or a name: neither values nor lines of code
    are told.
    """
    from azbot.health.incidents import new_code  # noqa: PLC0415 - loads the store
    from azbot.logs import named, places  # noqa: PLC0415

    terminal.warn(terminal.say("cli.crashed", code=new_code()))
    terminal.warn(named(error))
    for place in places(error):
        terminal.warn(f"    {place}")


def complain_of_system(error: OSError, terminal: Terminal) -> int:
    """Tell what the system refused: a full disk, a folder that cannot be made."""
    what = _SYSTEM.get(error.errno or 0)
    told = terminal.say(f"cli.system.{what}") if what else str(error.strerror)
    where = str(error.filename or "–")
    terminal.warn(terminal.say("cli.system", what=told, where=where))
    return FAILED


_SYSTEM = {
    errno.ENOSPC: "full",
    errno.EDQUOT: "full",
    errno.EACCES: "forbidden",
    errno.EPERM: "forbidden",
    errno.EROFS: "read_only",
    errno.ENOTDIR: "no_folder",
    errno.EEXIST: "no_folder",
    errno.ENOENT: "missing",
    errno.EMFILE: "files",
}


def config_lines(error: ConfigError, terminal: Terminal) -> Iterator[str]:
    """Yield ``file:line key: sentence`` for each problem, after how many there are."""
    count = len(error.problems)
    file = Path(error.file)
    if terminal.has_config and file.suffix != ".toml":
        # A store names itself; here a file has said which one it is.
        file = terminal.config
    if count > 1:
        yield terminal.say("cli.config_problems", count=count, file=file)
    for problem in error.problems:
        yield problem_line(_found(problem, file), file, terminal)


def problem_line(problem: Problem, file: Path, terminal: Terminal) -> str:
    """Return one line on a problem or warning: where, which key, what to do."""
    where = problem.facts.get("variable") or str(file)
    if problem.line is not None:
        where = f"{where}:{problem.line}"
    colon = "\u00a0: " if terminal.language == "fr" else ": "
    place = f"{where} {problem.path}".rstrip()
    return f"{place}{colon}{terminal.say(f'config.{problem.code}', **problem.facts)}"


def complain_of_usage(error: click.UsageError, terminal: Terminal) -> int:
    """Tell what was typed wrong and where the help is; return the exit code."""
    path = error.ctx.command_path if error.ctx else "azbot"
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        terminal.warn(error.format_message())
        return MISUSED
    terminal.warn(_usage_sentence(error, terminal))
    terminal.warn(terminal.say("cli.usage.help", command=f"{path} --help"))
    return MISUSED


def _usage_sentence(error: click.UsageError, terminal: Terminal) -> str:
    match error:
        case click.NoSuchOption():
            near = ", ".join(sorted(error.possibilities or ())[:3])
            key = "no_such_option_near" if near else "no_such_option"
            return terminal.say(f"cli.usage.{key}", name=error.option_name, near=near)
        case click.exceptions.NoSuchCommand():
            near = ", ".join(_verbs_like(error))
            key = "no_such_verb_near" if near else "no_such_verb"
            return terminal.say(f"cli.usage.{key}", name=error.command_name, near=near)
        case click.MissingParameter():
            return terminal.say("cli.usage.missing", name=_name(error.param))
        case click.BadParameter():
            name, what = _name(error.param), error.message
            if error.param is not None and isinstance(error.param.type, click.Choice):
                what = ", ".join(map(str, error.param.type.choices))
                return terminal.say("cli.usage.no_choice", name=name, choices=what)
            return terminal.say("cli.usage.bad_value", name=name)
        case click.BadOptionUsage():
            return terminal.say("cli.usage.no_value", name=error.option_name)
        case click.BadArgumentUsage():
            return terminal.say("cli.usage.arguments")
        case _:
            return terminal.say("cli.usage.arguments")


def _verbs_like(error: click.exceptions.NoSuchCommand) -> list[str]:
    ctx = error.ctx
    if ctx is None or not isinstance(ctx.command, click.Group):
        return []
    known = ctx.command.list_commands(ctx)
    return difflib.get_close_matches(error.command_name, known, 3, 0.6)


def _name(param: click.Parameter | None) -> str:
    if param is None:
        return "–"
    if isinstance(param, click.Option):
        return param.opts[0]
    return (param.metavar or param.name or "").upper()
