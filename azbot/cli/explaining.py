"""``azbot explain``: how a mail would be understood. Changes nothing."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import click

from azbot.app import parse_settings_of
from azbot.channels.email.channel import EmailChannel
from azbot.channels.email.parse import ParseSettings
from azbot.channels.email.settings import EmailSettings
from azbot.cli import explanation
from azbot.cli.database import exists
from azbot.cli.explanation import Explanation
from azbot.cli.grammar import json_option, verb
from azbot.cli.terminal import Terminal
from azbot.clock import SystemClock
from azbot.config import Settings
from azbot.errors import PermanentFailure, Refused
from azbot.intake.files import is_logo
from azbot.intake.match import Door
from azbot.intake.understand import understand
from azbot.messages import Envelope, Inbound, RawMessage, Receipt, Unparseable
from azbot.ports import Sink
from azbot.store import UnitOfWork, open_store

_LARGEST = 50_000_000


@verb("explain")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@json_option()
def explain(terminal: Terminal, file: Path, *, as_json: bool) -> None:
    """Say what azbot makes of a mail: who, about what, which words, and why."""
    content = _read(file)
    now = SystemClock().now()
    raw = RawMessage("email", f"file:{file.name}", 1, content, now, len(content))
    settings = terminal.settings() if terminal.has_config else None
    channel, email = _channel(settings)
    inbound = channel.parse(raw)
    if isinstance(inbound, Unparseable):
        _tell_unparseable(inbound, terminal, as_json=as_json)
        return
    if settings is not None and exists(settings):
        found = asyncio.run(_with_store(settings, email, channel, inbound))
    else:
        found = explanation.without_store(inbound, channel.separate(inbound, ()))
    if as_json:
        terminal.print_json(explanation.facts(found, terminal.words))
        return
    for line in explanation.lines(found, terminal.words):
        terminal.print(line)


def _tell_unparseable(found: Unparseable, terminal: Terminal, *, as_json: bool) -> None:
    if as_json:
        told = {"unparseable": found.reason.value, "detail": found.detail}
        terminal.print_json(told)
        return
    terminal.print(f"{terminal.say(f'reason.{found.reason}')} ({found.detail})")


def _read(file: Path) -> bytes:
    """Return the octets of a mail; ``-`` is standard input."""
    try:
        if str(file) == "-":
            return sys.stdin.buffer.read(_LARGEST)
        with file.open("rb") as stream:
            return stream.read(_LARGEST)
    except OSError as error:
        facts = {"file": file, "why": error.strerror or type(error).__name__}
        raise Refused("file_unreadable", facts) from error


class _Nowhere:
    """Receives and sends nothing: explaining needs no server."""

    async def run(self, sink: Sink) -> None:
        """Receive nothing; see ``channel.Receiver``."""

    async def send(self, envelope: Envelope) -> Receipt:
        """Refuse; see ``channel.Sender``."""
        raise PermanentFailure(f"nothing is sent: {envelope.key}")

    async def aclose(self) -> None:
        """Hold nothing."""


def _channel(settings: Settings | None) -> tuple[EmailChannel, EmailSettings]:
    """Return how mail is read here, without any connection."""
    email = settings.channels.get("email") if settings else None
    nowhere = _Nowhere()
    if not isinstance(email, EmailSettings):
        email = EmailSettings(address="desk@localhost")
        return EmailChannel(email, nowhere, nowhere, ParseSettings()), email
    reading = parse_settings_of(email)
    return EmailChannel(email, nowhere, nowhere, reading), email


class _Told(Exception):
    """Carries the explanation out of a unit of work that must not be kept."""

    def __init__(self, found: Explanation) -> None:
        super().__init__()
        self.found = found


async def _with_store(
    settings: Settings, email: EmailSettings, channel: EmailChannel, inbound: Inbound
) -> Explanation:
    """Understand the mail as the intake would, and roll everything back."""
    now = SystemClock().now()

    def work(uow: UnitOfWork) -> None:
        door = Door(
            uow.settings.keyring(),
            email.address,
            email.id_host,
            checks_authentication=email.receiver != "none",
            separator=email.separator,
        )
        found = understand(uow, inbound, channel, door, now)
        scope = inbound.sender.key if inbound.sender else ""
        logos = tuple(is_logo(uow, file, scope) for file in inbound.files)
        country = settings.workflow.country
        raise _Told(explanation.with_store(found, logos, country))

    where = settings.store
    store = open_store(where.url, where.files, synchronous=where.synchronous)
    async with store:
        try:
            await store.write(work)
        except _Told as told:
            return told.found
    raise AssertionError("the unit of work always tells")
