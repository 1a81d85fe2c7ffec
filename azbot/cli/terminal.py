"""Where a command speaks: its language, its streams, its configuration."""

from __future__ import annotations

import json
import shutil
import sys
import textwrap
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from azbot.i18n.catalogue import LANGUAGES, Catalogue, catalogue

if TYPE_CHECKING:
    from azbot.config import Settings

_WIDEST = 88
"""Signs of a line of prose: longer ones are hard to read on a wide window."""

PLACES = (Path("azbot.toml"), Path("/etc/azbot/azbot.toml"))
"""Where the configuration is looked for when no file is named."""


@dataclass(frozen=True, slots=True)
class Terminal:
    """What every verb is given.

    Attributes:
        config: the file to read: the one named, else the first that exists.
        is_named: the file was named on the command line.
    """

    words: Catalogue
    config: Path
    is_named: bool
    environ: Mapping[str, str]

    @property
    def language(self) -> str:
        """``fr``, ``en`` or ``es``."""
        return self.words.language

    @property
    def has_config(self) -> bool:
        """Whether there is a configuration to read, good or not."""
        return self.is_named or self.config.exists()

    def command(self, words: str) -> str:
        """Return a command for this configuration, ready to be pasted."""
        named = f" --config {self.config}" if self.is_named else ""
        return f"azbot {words}{named}"

    def say(self, key: str, /, **facts: object) -> str:
        """Return the words of a key."""
        return self.words.t(key, **facts)

    def print(self, text: str = "") -> None:
        """Write a line of the answer."""
        click.echo(text)

    def tell(self, text: str) -> None:
        """Write a sentence; nobody reads words cut at the edge of the window."""
        click.echo(folded(text) if sys.stdout.isatty() else text)

    def warn(self, text: str) -> None:
        """Write a sentence about the answer, apart from it."""
        click.echo(folded(text) if sys.stderr.isatty() else text, err=True)

    def print_json(self, value: object) -> None:
        """Write one JSON value on one line, for scripts."""
        click.echo(json.dumps(value, ensure_ascii=False, default=_plain))

    def table(self, rows: Iterable[Sequence[object]], titles: Sequence[str]) -> None:
        """Write rows under their titles; nothing to show is said in words."""
        lines = [[_cell(value) for value in row] for row in rows]
        if not lines:
            self.print(self.say("cli.nothing"))
            return
        heads = [self.say(f"cli.column.{title}") for title in titles]
        widths = [max(map(len, column)) for column in zip(heads, *lines, strict=True)]
        for line in (heads, *lines):
            cells = (c.ljust(w) for c, w in zip(line, widths, strict=True))
            self.print("  ".join(cells).rstrip())

    def local(self, moment: datetime) -> datetime:
        """Return an instant in the time zone of the desk."""
        return moment.astimezone(ZoneInfo(self.settings().workflow.zone))

    def settings(self) -> Settings:
        """Read the configuration.

        Raises:
            ConfigError: see ``config.load``.
        """
        from azbot.channels.email.settings import EmailSettings  # noqa: PLC0415
        from azbot.channels.telegram.settings import TelegramSettings  # noqa: PLC0415
        from azbot.config import load  # noqa: PLC0415
        from azbot.plugins import settings_of  # noqa: PLC0415

        channels = {"email": EmailSettings, "telegram": TelegramSettings}
        return load(self.config, channels, self.environ, settings_of)  # type: ignore[arg-type]


def folded(text: str, indent: int = 0) -> str:
    """Return a text in lines that fit the window, all but the first indented.

    Args:
        text: of one paragraph; lines of its own stay lines.
        indent: signs before each line, those before the first among them.
    """
    width = min(shutil.get_terminal_size().columns, _WIDEST) - indent
    lines = [
        line
        for each in text.splitlines() or [""]
        # A word longer than the line is an address to be copied: it stays whole.
        for line in textwrap.wrap(
            each, max(width, 20), break_long_words=False, break_on_hyphens=False
        )
        or [""]
    ]
    return f"\n{' ' * indent}".join(lines)


def terminal_for(arguments: Sequence[str], environ: Mapping[str, str]) -> Terminal:
    """Find the language before anything is parsed: mistakes are told in it too.

    ``--lang``, else the configuration's language, else ``LANG``, else French.
    """
    named = _option(arguments, "--config")
    file = Path(named) if named else next((p for p in PLACES if p.exists()), PLACES[0])
    spoken = _option(arguments, "--lang").lower()
    if spoken not in LANGUAGES:
        spoken = _language_of(file) or _language_around(environ)
    return Terminal(catalogue(spoken), file, bool(named), environ)


def _option(arguments: Sequence[str], name: str) -> str:
    for at, argument in enumerate(arguments):
        if argument == name and at + 1 < len(arguments):
            return arguments[at + 1]
        if argument.startswith(f"{name}="):
            return argument.partition("=")[2]
    return ""


def _language_of(file: Path) -> str:
    """Return the configuration's language if it can be read at all, else nothing.

    A file full of mistakes still says in which language to tell them. Pydantic is
    not loaded for this: help must be quick.
    """
    try:
        document = tomllib.loads(file.read_text("utf-8-sig"))
    except (OSError, ValueError, RecursionError):
        return ""
    service = document.get("service")
    language = service.get("language") if isinstance(service, dict) else ""
    return language if language in LANGUAGES else ""


def _language_around(environ: Mapping[str, str]) -> str:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if short := environ.get(name, "")[:2].lower():
            # C, POSIX and languages we do not have mean: no wish.
            return short if short in LANGUAGES else "fr"
    return "fr"


def _cell(value: object) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M %Z}"
    # What strangers wrote must not move the cursor.
    text = "".join(char if char.isprintable() else " " for char in str(value))
    return text if len(text) <= 48 else f"{text[:47]}…"


def _plain(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value)
