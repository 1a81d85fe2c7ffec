"""``azbot run``: serve until asked to stop, then finish what was begun."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager

from azbot import __version__
from azbot.app import App, opened
from azbot.channels.email.settings import EmailSettings
from azbot.channels.web.signin.staffing import has_admin
from azbot.cli.complaints import FAILED, problem_line
from azbot.cli.grammar import verb
from azbot.cli.terminal import Terminal
from azbot.config import Settings
from azbot.errors import ConfigError, Problem
from azbot.logs import set_up
from azbot.trial.office import Office

DRAIN_SECONDS = 10
"""From the wish to stop to the end; what is not done by then is done at the next
start: every claim is a lease."""

_PORT_FAULTS = {
    errno.EADDRINUSE: "port_taken",
    errno.EACCES: "port_forbidden",
    errno.EADDRNOTAVAIL: "host_unknown",
}


@verb("run")
def run(terminal: Terminal) -> None:
    """Receive, work, send and serve until SIGTERM or SIGINT."""
    settings = terminal.settings()
    set_up(settings.service.log_level, settings.service.log_format, sys.stderr)
    for warning in (*settings.warnings, *advice(settings)):
        line = problem_line(warning, settings.file, terminal)
        terminal.warn(f"{terminal.say('cli.warning')} {line}")
    asyncio.run(_serve(settings, terminal))


def advice(settings: Settings) -> Iterator[Problem]:
    """Yield what an installation should know about its mail and its links."""
    email = settings.channels.get("email")
    if not isinstance(email, EmailSettings):
        yield Problem("", None, "no_email")
    elif not (email.imap and email.smtp):
        yield Problem("email", None, "no_mail")
    elif email.receiver == "none":
        yield Problem("email.receiver", None, "no_receiver")
    if not settings.web.public_url:
        yield Problem("web.public_url", None, "no_public_url")


async def _serve(settings: Settings, terminal: Terminal) -> None:
    stop = asyncio.Event()
    with _stopped_by_signals(stop, terminal):
        while not stop.is_set():
            await _serve_once(settings, terminal, stop)
    terminal.tell(terminal.say("cli.run.stopped"))


async def _serve_once(
    settings: Settings, terminal: Terminal, stop: asyncio.Event
) -> None:
    """Serve until asked to stop, or until a trial is over.

    What a process of a trial is built of lets no letter leave: it is built anew.
    """
    async with (
        opened(settings, environ=terminal.environ) as app,
        _listening(app, settings) as address,
        asyncio.TaskGroup() as group,
    ):
        work = group.create_task(app.run())
        for problem in app.connected.absent.values():
            line = problem_line(problem, settings.file, terminal)
            terminal.warn(f"{terminal.say('cli.absent')} {line}")
        told = {"version": __version__, "address": address}
        terminal.tell(terminal.say("cli.run.started", **told))
        if app.trial is not None:
            command = terminal.command("trial off")
            terminal.warn(terminal.say("cli.run.trial", command=command))
        sys.stdout.flush()
        if not has_admin(await app.store.views.accounts()):
            terminal.warn(terminal.say("cli.run.no_admin"))
        tell_systemd("READY=1", terminal.environ)
        watched = group.create_task(be_watched(terminal.environ))
        await _ended(stop, app.trial)
        if stop.is_set():
            tell_systemd("STOPPING=1", terminal.environ)
        else:
            terminal.tell(terminal.say("cli.run.trial_over"))
        watched.cancel()
        work.cancel()


async def _ended(stop: asyncio.Event, trial: Office | None) -> None:
    """Return when asked to stop, or when the trial is over."""
    if trial is None:
        await stop.wait()
        return
    async with asyncio.TaskGroup() as group:
        waits = [group.create_task(each) for each in (stop.wait(), trial.over())]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for each in waits:
            each.cancel()


@asynccontextmanager
async def _listening(app: App, settings: Settings) -> AsyncIterator[str]:
    """Serve pages and API; what the system refuses is a wrong setting.

    Raises:
        ConfigError: nobody can listen there.
    """
    async with contextlib.AsyncExitStack() as stack:
        try:
            address = await stack.enter_async_context(app.serving())
        except OSError as error:
            code = _PORT_FAULTS.get(error.errno or 0, "host_unknown")
            facts = {"host": settings.web.host, "port": str(settings.web.port)}
            key = "web.host" if code == "host_unknown" else "web.port"
            problem = Problem(key, None, code, facts)
            raise ConfigError(str(settings.file), [problem]) from error
        yield address


@contextlib.contextmanager
def _stopped_by_signals(stop: asyncio.Event, terminal: Terminal) -> Iterator[None]:
    """Set ``stop`` at the first signal; end at once at the second, or after 10 s."""
    loop = asyncio.get_running_loop()

    def end() -> None:
        terminal.warn(terminal.say("cli.run.cut"))
        sys.stdout.flush()
        os._exit(FAILED)

    def asked() -> None:
        if stop.is_set():
            end()
        stop.set()
        terminal.warn(terminal.say("cli.run.stopping"))
        loop.call_later(DRAIN_SECONDS, end)

    with _handling(loop, asked):
        yield


@contextlib.contextmanager
def _handling(
    loop: asyncio.AbstractEventLoop, asked: Callable[[], None]
) -> Iterator[None]:
    signals = (signal.SIGTERM, signal.SIGINT)
    for each in signals:
        loop.add_signal_handler(each, asked)
    try:
        yield
    finally:
        for each in signals:
            loop.remove_signal_handler(each)


async def be_watched(environ: Mapping[str, str]) -> None:
    """Tell the service manager that the loop turns; one that hangs is restarted.

    What is away outside, a database say, is no reason: a restart would not help.
    """
    if (period := watchdog_period(environ)) is None:
        return
    while True:
        tell_systemd("WATCHDOG=1", environ)
        # By the steady clock: the wall's may be set back by hours.
        await asyncio.sleep(period / 2)


def watchdog_period(environ: Mapping[str, str]) -> float | None:
    """Return within how many seconds the service manager wants to hear from us.

    Source: sd_watchdog_enabled(3).
    """
    told = environ.get("WATCHDOG_USEC", "")
    is_ours = environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
    return int(told) / 1_000_000 if told.isdecimal() and int(told) and is_ours else None


def tell_systemd(state: str, environ: Mapping[str, str]) -> None:
    """Tell the service manager how we fare; nobody listening is no fault.

    Source: sd_notify(3).
    """
    name = environ.get("NOTIFY_SOCKET", "")
    if not name:
        return
    address = f"\0{name[1:]}" if name.startswith("@") else name
    with (
        contextlib.suppress(OSError),
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager,
    ):
        manager.sendto(state.encode(), address)
