"""What can be typed: groups and verbs whose help is in the language of the reader."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

import click
from click.shell_completion import CompletionItem
from typing_extensions import override

from azbot.cli.terminal import Terminal
from azbot.i18n.catalogue import LANGUAGES

VERBS = {
    "init": "setting_up",
    "run": "serving",
    "demo": "showing",
    "trial": "trying",
    "doctor": "doctor",
    "workflow": "lives",
    "explain": "explaining",
    "replay": "ledger",
    "quarantine": "ledger",
    "outbox": "letters",
    "token": "access",
    "station": "people",
    "agent": "people",
    "user": "users",
    "report": "reporting",
    "log": "incidents",
    "migrate": "database",
    "completion": "completing",
    "backup": "backups",
    "restore": "backups",
    "files": "moving",
    "export": "personal",
    "erase": "personal",
    "purge": "personal",
}
"""Verb → module of this package that has it, under the verb's name."""

pass_terminal = click.make_pass_decorator(Terminal)


class _Spoken(click.Command):
    """A command that explains itself in the reader's language.

    Its words are ``cli.verb.<path>``, the path with underscores.
    """

    @override
    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        terminal = ctx.ensure_object(Terminal)
        ours = {self.options_metavar: terminal.say("cli.help.options_word")}
        if isinstance(self, click.Group):
            ours[self.subcommand_metavar] = terminal.say("cli.help.verb_word")
        pieces = [ours.get(piece, piece) for piece in self.collect_usage_pieces(ctx)]
        prefix = f"{terminal.say('cli.help.usage')} "
        formatter.write_usage(ctx.command_path, " ".join(pieces), prefix)

    @override
    def format_help_text(
        self, ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(_about(ctx, ctx.command_path))

    @override
    def format_options(
        self, ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        terminal = ctx.ensure_object(Terminal)
        records = [
            (found[0], _translated(terminal, param, found[1]))
            for param in self.get_params(ctx)
            if not isinstance(param, click.Argument)
            and (found := param.get_help_record(ctx)) is not None
        ]
        with formatter.section(_heading(terminal, "options")):
            formatter.write_dl(records)


def _heading(terminal: Terminal, name: str) -> str:
    # click puts the colon; French wants a space before it.
    space = "\u00a0" if terminal.language == "fr" else ""
    return terminal.say(f"cli.help.{name}") + space


def _about(ctx: click.Context, path: str) -> str:
    key = path.removeprefix("azbot").strip().replace(" ", "_") or "azbot"
    return ctx.ensure_object(Terminal).say(f"cli.verb.{key}")


def _translated(terminal: Terminal, param: click.Parameter, words: str) -> str:
    if not isinstance(param, click.Option):
        return words
    if param.name == "_click_default_help" or "--help" in param.opts:
        return terminal.say("cli.option.help")
    told = terminal.say(f"cli.option.{param.name}")
    return f"{told} [{terminal.say('cli.help.required')}]" if param.required else told


class Verb(_Spoken):
    """One verb; takes ``--lang`` and, mostly, ``--config``, read before parsing."""

    def __init__(self, *args: Any, has_config: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if has_config:
            self.params.append(_config())
        self.params.append(_language())

    @override
    def invoke(self, ctx: click.Context) -> Any:
        """Run it; what goes wrong inside is logged apart from the answer."""
        from azbot.logs import set_up  # noqa: PLC0415 - not for --help

        set_up("warning", "auto", sys.stderr)
        return super().invoke(ctx)


class Family(_Spoken, click.Group):
    """Verbs about one thing: ``azbot token add``."""

    @override
    def format_options(
        self, ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        super().format_options(ctx, formatter)
        names = self.list_commands(ctx)
        rows = [(name, _about(ctx, f"{ctx.command_path} {name}")) for name in names]
        short = [(name, words.partition(".")[0] + ".") for name, words in rows]
        with formatter.section(_heading(ctx.ensure_object(Terminal), "verbs")):
            formatter.write_dl(short)


class _Root(Family):
    """Every verb, each loaded when it is called."""

    @override
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    @override
    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        module = import_module(f"azbot.cli.{VERBS[cmd_name]}")
        command: click.Command = getattr(module, cmd_name)
        return command

    @override
    def shell_complete(
        self, ctx: click.Context, incomplete: str
    ) -> list[CompletionItem]:
        # Click would load every verb to say what it does.
        names = [name for name in VERBS if name.startswith(incomplete)]
        if names and not incomplete.startswith("-"):
            return [CompletionItem(name) for name in names]
        return click.Command.shell_complete(self, ctx, incomplete)


def verb(
    name: str, *, has_config: bool = True
) -> Callable[[Callable[..., Any]], click.Command]:
    """Make a verb of a function that takes a ``Terminal`` first."""

    def decorate(function: Callable[..., Any]) -> click.Command:
        made: click.Command = click.command(name, cls=Verb, has_config=has_config)(
            pass_terminal(function)
        )
        return made

    return decorate


def family(name: str, *verbs: click.Command) -> Family:
    """Put verbs about one thing together."""
    commands = {each.name or "": each for each in verbs}
    return Family(name, commands=commands, params=[_config(), _language()])


def json_option() -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """``--json``: one JSON value instead of words."""
    return click.option("--json", "as_json", is_flag=True)


def _config() -> click.Option:
    # Paths are finished by the shell; whether it is one azbot can read is said later.
    path = click.Path()
    return click.Option(["--config"], type=path, metavar="FILE", expose_value=False)


def _language() -> click.Option:
    choice = click.Choice(LANGUAGES, case_sensitive=False)
    return click.Option(["--lang"], type=choice, expose_value=False)


def _version(ctx: click.Context, _param: click.Parameter, value: object) -> None:
    if value:
        from azbot import __version__  # noqa: PLC0415

        click.echo(f"azbot {__version__}")
        ctx.exit()


ROOT = _Root(
    "azbot",
    params=[
        click.Option(
            ["--version"],
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=_version,
        ),
        _config(),
        _language(),
    ],
)
"""The command ``azbot``."""
