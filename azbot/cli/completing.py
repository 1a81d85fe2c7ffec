"""``azbot completion``: lets a shell finish what is typed."""

from __future__ import annotations

from pathlib import Path

import click
from click.shell_completion import get_completion_class

from azbot.cli.grammar import ROOT, verb
from azbot.cli.terminal import Terminal

SHELLS = ("bash", "zsh", "fish")


@verb("completion", has_config=False)
@click.argument("shell", type=click.Choice(SHELLS), required=False)
def completion(terminal: Terminal, shell: str | None) -> None:
    """Print the script that a shell reads at its start."""
    name = shell or Path(terminal.environ.get("SHELL", "")).name
    script = get_completion_class(name if name in SHELLS else SHELLS[0])
    if script is None:
        raise LookupError(name)
    terminal.print(script(ROOT, {}, "azbot", "_AZBOT_COMPLETE").source())
