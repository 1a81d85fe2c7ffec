"""``azbot demo``: everything, without account, network or trace."""

from __future__ import annotations

import asyncio
import contextlib
import signal

import click

from azbot.cli.grammar import verb
from azbot.cli.terminal import Terminal
from azbot.demo.start import PORT, play, show


@verb("demo", has_config=False)
@click.option("--play", "plays", is_flag=True)
@click.option("--no-open", "is_quiet", is_flag=True)
@click.option("--json", "as_json", is_flag=True)
@click.option("--seconds", type=click.FloatRange(min=0, min_open=True), metavar="N")
@click.option("--port", type=click.IntRange(0, 65535), default=PORT)
def demo(
    terminal: Terminal,
    plays: bool,  # noqa: FBT001 - click gives options by name
    is_quiet: bool,  # noqa: FBT001
    as_json: bool,  # noqa: FBT001
    seconds: float | None,
    port: int,
) -> None:
    """Play one whole life, or serve the demonstration until it is stopped."""
    if plays:
        lines: list[str] = []
        say = lines.append if as_json else terminal.print
        asyncio.run(play(say, terminal.language))
        if as_json:
            terminal.print(lines[-1])
        return
    said: list[str] = []

    def tell(line: str) -> None:
        if not as_json:
            terminal.print(line)
        elif not said:
            terminal.print_json({"address": line})
        said.append(line)

    async def until_stopped() -> None:
        task = asyncio.current_task()
        if task is not None:
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        with contextlib.suppress(TimeoutError, asyncio.CancelledError):
            async with asyncio.timeout(seconds):
                await show(tell, terminal.language, opens=not is_quiet, port=port)

    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(until_stopped())
