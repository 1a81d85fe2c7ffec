"""``azbot workflow``: the three lives, as a table or as a diagram."""

from __future__ import annotations

import click

from azbot.cli.grammar import verb
from azbot.cli.terminal import Terminal
from azbot.workflow.diagram import mermaid, table
from azbot.workflow.lives import LIVES


@verb("workflow", has_config=False)
@click.option(
    "--format", "form", type=click.Choice(["table", "mermaid"]), default="table"
)
def workflow(terminal: Terminal, form: str) -> None:
    """Print what may happen to an assistance, a mission and an intervention."""
    terminal.print((mermaid if form == "mermaid" else table)(LIVES).rstrip("\n"))
