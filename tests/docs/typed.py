"""What a page tells people to type: read as a shell reads it, held against what exists.

A page may name ``azbot`` with every verb and option there is, ``python3 dev.py`` with
its verbs, and the programs of ``SYSTEM`` with the options that stand there. Whatever
else it names has to be added here, on purpose.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath

import click

import dev
from azbot.cli.grammar import ROOT
from azbot.cli.terminal import terminal_for

_OPERATORS = frozenset({"&&", "||", "|", ";", "&"})
_ASSIGNED = re.compile(r"[A-Z_][A-Z0-9_]*=.*", re.DOTALL)


class Mistyped(Exception):
    """A page tells people to type something that cannot be."""


@dataclass(frozen=True, slots=True)
class Program:
    """A program of the system that pages may name.

    Attributes:
        options: those that pages use; read in its manual when they were added.
        verbs: its first words, for programs that have verbs.
    """

    options: str = ""
    verbs: str = ""

    def look(self, words: Sequence[str]) -> None:
        """Refuse what was not declared.

        Raises:
            Mistyped: an option or a verb.
        """
        for word in words:
            name = word.partition("=")[0] if word.startswith("--") else word
            is_option = word.startswith("-") and len(word) > 1
            if is_option and name not in self.options.split():
                raise Mistyped(f"option {name} is not declared")
        first = next((word for word in words if not word.startswith("-")), "")
        if self.verbs and first not in self.verbs.split():
            raise Mistyped(f"verb {first!r} is not declared")


SYSTEM: Mapping[str, Program] = {
    "cd": Program(),
    "curl": Program("-H -X -d --data --data-binary -f -s -o -O"),
    "date": Program(),
    "editor": Program(),
    "git": Program("--depth", verbs="clone pull checkout fetch tag"),
    "install": Program("-m -o -d -g"),
    "journalctl": Program("-u -f -o --since"),
    "mkdir": Program("-p -m"),
    "pip": Program(
        "--require-hashes -r --no-deps --upgrade --no-build-isolation -e"
        " --no-index --find-links --wheel-dir",
        verbs="install wheel download",
    ),
    "pytest": Program("-q"),
    "rsync": Program("-a --delete"),
    "sqlite3": Program(),
    "systemctl": Program(
        "--now", verbs="start stop restart status enable daemon-reload reload"
    ),
    "useradd": Program("--system --home-dir --create-home --shell"),
    "chown": Program("-R"),
    "chmod": Program(),
    "cp": Program("-a -r"),
    "tar": Program("-C -x -f -c -z"),
}
_BEFORE: Mapping[str, Program] = {
    "sudo": Program("-u"),
    "runuser": Program("-u"),
    "env": Program(),
}
"""Programs that start another one."""


@dataclass(frozen=True, slots=True)
class Typed:
    """One command.

    Attributes:
        program: its name without folder.
        words: what follows.
        environ: variables set for it alone.
    """

    program: str
    words: tuple[str, ...]
    environ: Mapping[str, str] = field(default_factory=dict)


def commands(text: str) -> list[Typed]:
    """Return the commands of a block, in order, without where their output goes.

    Raises:
        Mistyped: it is no list of plain commands.
    """
    lines = text.replace("\\\n", " ").splitlines()
    return [typed for line in lines for typed in _of_line(line)]


def _of_line(line: str) -> Iterator[Typed]:
    if "<<" in line or "$(" in line:
        raise Mistyped(f"more than a plain command: {line}")
    lexer = shlex.shlex(line, posix=True, punctuation_chars="|&;<>")
    lexer.commenters = "#"
    lexer.whitespace_split = True
    try:
        tokens = list(lexer)
    except ValueError as error:
        raise Mistyped(f"{error}: {line}") from error
    found: list[list[str]] = [[]]
    skips = False
    for token in tokens:
        if token in _OPERATORS:
            found.append([])
        elif set(token) <= {"<", ">", "&"}:
            skips = True
            if found[-1] and found[-1][-1].isdecimal():
                found[-1].pop()  # the stream: 2>
        elif skips:
            skips = False
        else:
            found[-1].append(token)
    yield from (_command(words) for words in found if words)


def _command(words: list[str]) -> Typed:
    environ: dict[str, str] = {}
    while words and _ASSIGNED.fullmatch(words[0]):
        name, _, environ[name] = words.pop(0).partition("=")
    if not words:
        return Typed("", (), environ)
    program = PurePath(words[0]).name
    if program in _BEFORE:
        rest = words[1:]
        while rest and rest[0].startswith("-"):
            option = rest.pop(0)
            if option == "--":
                break
            _BEFORE[program].look([option])
            rest = rest[1:]
        return _command(rest)
    return Typed(program, tuple(words[1:]), environ)


def look(typed: Typed) -> None:
    """Refuse a command that names a program, a verb or an option there is not.

    Raises:
        Mistyped: with what is wrong.
    """
    match typed:
        case Typed("azbot", (), {"_AZBOT_COMPLETE": shell}):
            if shell not in {"bash_source", "zsh_source", "fish_source"}:
                raise Mistyped(f"no completion {shell}")
        case Typed("azbot", words):
            parsed(words)
        case Typed("python3" | "python", ("dev.py", verb, *words)):
            if verb not in dev.VERBS:
                raise Mistyped(f"dev.py has no verb {verb}")
            if verb == "demo":
                parsed(("demo", *words))
        case Typed("python3" | "python", ("-m", "venv" | "pytest", *_)):
            pass
        case Typed("python3" | "python", ("-m", "azbot", *words)):
            parsed(words)
        case Typed("python3" | "python", ("-m", "pip", *words)):
            SYSTEM["pip"].look(words)
        case Typed("", ()):
            pass
        case Typed(program, words) if program in SYSTEM:
            SYSTEM[program].look(words)
        case _:
            raise Mistyped(
                f"{typed.program} {' '.join(typed.words[:2])} is not declared"
            )


def parsed(words: Sequence[str]) -> str:
    """Parse a command line of azbot to its end, run nothing; return its verb.

    Raises:
        Mistyped: it cannot be typed so.
    """
    command: click.Command = ROOT
    terminal, name, rest = terminal_for(words, {}), "azbot", list(words)
    parent: click.Context | None = None
    path: list[str] = []
    try:
        while True:
            parent = command.make_context(name, rest, parent=parent, obj=terminal)
            if not isinstance(command, click.Group):
                return " ".join(path)
            left = [*parent._protected_args, *parent.args]
            found, next_one, rest = command.resolve_command(parent, left)
            if found is None or next_one is None:
                raise Mistyped(f"no verb in {' '.join(words)}")
            name, command = found, next_one
            path.append(name)
    except click.UsageError as error:
        if isinstance(error, click.BadParameter) and _is_file(error.param):
            return " ".join(path)  # its file is not here
        raise Mistyped(f"azbot {' '.join(words)}: {error.format_message()}") from error
    except click.exceptions.Exit:
        return " ".join(path) or "help"


def mentioned(words: Sequence[str]) -> None:
    """Look at a command of azbot that prose names, arguments left out perhaps.

    Raises:
        Mistyped: a verb or an option there is not.
    """
    command: click.Command = ROOT
    options = _options(command)
    for word in words:
        name = word.partition("=")[0].rstrip(",.;:")
        if name.startswith("--"):
            if name not in options | {"--help"}:
                raise Mistyped(f"azbot {' '.join(words)}: no {name}")
        elif isinstance(command, click.Group) and re.fullmatch("[a-z-]+", name):
            found = command.get_command(click.Context(command), name)
            if found is None:
                raise Mistyped(f"azbot {' '.join(words)}: no verb {name}")
            command = found
            options |= _options(command)


def _is_file(param: click.Parameter | None) -> bool:
    return param is not None and isinstance(param.type, click.File | click.Path)


def _options(command: click.Command) -> frozenset[str]:
    return frozenset(name for param in command.params for name in param.opts)
