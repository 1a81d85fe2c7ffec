"""``azbot demo``: everything, without account, network or trace."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from collections.abc import Callable, Iterator
from itertools import count
from typing import TYPE_CHECKING

import click

from azbot.cli.grammar import verb
from azbot.cli.terminal import Terminal
from azbot.demo.start import PACE, PORT, play, show

if TYPE_CHECKING:
    from azbot.demo.story import Act


@verb("demo", has_config=False)
@click.option("--play", "plays", is_flag=True)
@click.option("--no-open", "is_quiet", is_flag=True)
@click.option("--json", "as_json", is_flag=True)
@click.option("--seconds", type=click.FloatRange(min=0, min_open=True), metavar="N")
@click.option("--pace", type=click.FloatRange(min=0), default=PACE, metavar="N")
@click.option("--port", type=click.IntRange(0, 65535), default=PORT)
def demo(
    terminal: Terminal,
    plays: bool,  # noqa: FBT001 - click gives options by name
    is_quiet: bool,  # noqa: FBT001
    as_json: bool,  # noqa: FBT001
    seconds: float | None,
    pace: float,
    port: int,
) -> None:
    """Play one whole life, or serve the demonstration until it is stopped."""
    from azbot.logs import set_up  # noqa: PLC0415 - not for --help

    # Among the twelve lives is a mail that does not arrive: nobody's trouble here.
    set_up("error", "auto", sys.stderr)
    if plays:
        _play(terminal, as_json=as_json)
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
                await show(
                    tell, terminal.language, opens=not is_quiet, port=port, pace=pace
                )

    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(until_stopped())


def _play(terminal: Terminal, *, as_json: bool) -> None:
    """Play the story; the last line is one JSON object of counts."""
    with _teller(terminal, as_json=as_json) as (begins, tell):
        try:
            played = asyncio.run(play(begins, tell))
        except LookupError as error:
            words = terminal.say("demo.unplayable", reason=str(error))
            raise click.ClickException(words) from None
    terminal.print_json(played.as_json())


Tell = Callable[["Act"], None]


@contextlib.contextmanager
def _teller(terminal: Terminal, *, as_json: bool) -> Iterator[tuple[Tell, Tell]]:
    """Give what is called when an act begins, and what once it is done.

    On a terminal the present act stands below what is done; a log gets lines alone.
    """
    numbers = count(1)

    def line(act: Act) -> str:
        return f"{next(numbers):2}. {terminal.say(f'demo.act.{act.key}')}"

    if as_json:
        yield _ignore, _ignore
    elif not sys.stdout.isatty():
        yield _ignore, lambda act: terminal.print(line(act))
    else:
        from rich.console import Console  # noqa: PLC0415 - not for --help
        from rich.text import Text  # noqa: PLC0415

        console = Console()
        with console.status("") as status:
            yield (
                lambda act: status.update(terminal.say(f"demo.act.{act.key}")),
                lambda act: console.print(Text(line(act))),
            )


def _ignore(_: Act) -> None:
    """Say nothing."""
