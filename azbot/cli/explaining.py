"""``azbot explain``: how a mail would be understood. Changes nothing."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import click

from azbot.channels.email.channel import EmailChannel, local_factory
from azbot.channels.email.mailbox import LocalMailbox
from azbot.channels.email.settings import EmailSettings
from azbot.choices.values import PREFIX, lists_of
from azbot.cli import explanation
from azbot.cli.database import exists
from azbot.cli.explanation import Explanation
from azbot.cli.files import read_file
from azbot.cli.grammar import json_option, verb
from azbot.cli.terminal import Terminal
from azbot.clock import SystemClock
from azbot.config import Settings
from azbot.intake.files import is_logo
from azbot.intake.match import Door
from azbot.intake.understand import understand
from azbot.messages import Inbound, RawMessage, Unparseable
from azbot.store import UnitOfWork, open_by

_LARGEST = 50_000_000


@verb("explain")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@json_option()
def explain(terminal: Terminal, file: Path, *, as_json: bool) -> None:
    """Say what azbot makes of a mail: who, about what, which words, and why."""
    content = read_file(file, _LARGEST)
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
    reason = terminal.say(f"reason.{found.reason}")
    terminal.tell(terminal.say("explain.no_mail", reason=reason))


def _channel(settings: Settings | None) -> tuple[EmailChannel, EmailSettings]:
    """Return how mail is read here, over a mailbox that leads nowhere."""
    email = settings.channels.get("email") if settings else None
    if not isinstance(email, EmailSettings):
        email = EmailSettings(address="desk@localhost")
    mailbox = LocalMailbox(email.address, SystemClock())
    return local_factory(email, mailbox), email


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
        chosen = uow.settings.below(PREFIX)
        lists = lists_of({name: json.loads(value) for name, value in chosen.items()})
        found = understand(uow, inbound, channel, door, now, lists)
        scope = inbound.sender.key if inbound.sender else ""
        logos = tuple(is_logo(uow, file, scope) for file in inbound.files)
        country = settings.workflow.country
        raise _Told(explanation.with_store(found, logos, country, lists))

    where = settings.store
    store = open_by(where)
    async with store:
        try:
            await store.write(work)
        except _Told as told:
            return told.found
    raise AssertionError("the unit of work always tells")
