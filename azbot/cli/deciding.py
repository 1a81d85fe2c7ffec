"""``azbot quarantine attach``, ``open``, ``junk``: what becomes of a held mail."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import click

from azbot.app import App
from azbot.app import opened as app_opened
from azbot.cli.grammar import json_option, verb
from azbot.cli.terminal import Terminal
from azbot.errors import Refused
from azbot.messages import RawId, Trust
from azbot.store import PersonKind, RawState
from azbot.workflow.model import Actor, AssistanceRef, Role

T = TypeVar("T")

_CHANNEL = "cli"
_number = click.argument("number", metavar="ID", type=click.IntRange(1))
_agent = click.option("--as", "as_agent", metavar="ADDRESS")


@verb("attach")
@_number
@click.argument("ref", metavar="REF")
@_agent
@json_option()
def attach(
    terminal: Terminal, number: int, ref: str, as_agent: str | None, *, as_json: bool
) -> None:
    """Add a held message to an assistance, as words of its requester."""

    async def work(app: App, actor: Actor) -> AssistanceRef:
        wanted = AssistanceRef(ref.strip().upper())
        return await app.quarantine.attach(RawId(number), wanted, actor)

    made = _decided(terminal, number, as_agent, work)
    _tell(terminal, "attached", number, made, as_json=as_json)


@verb("open")
@_number
@_agent
@json_option()
def open_request(
    terminal: Terminal, number: int, as_agent: str | None, *, as_json: bool
) -> None:
    """Make a new request of a held message."""

    async def work(app: App, actor: Actor) -> AssistanceRef:
        return await app.quarantine.open(RawId(number), actor)

    made = _decided(terminal, number, as_agent, work)
    _tell(terminal, "opened", number, made, as_json=as_json)


@verb("junk")
@_number
@_agent
@json_option()
def junk(
    terminal: Terminal, number: int, as_agent: str | None, *, as_json: bool
) -> None:
    """Set a held message aside for good; it stays in the ledger."""

    async def work(app: App, actor: Actor) -> None:
        await app.quarantine.junk(RawId(number), actor)

    _decided(terminal, number, as_agent, work)
    _tell(terminal, "junked", number, None, as_json=as_json)


def _decided(
    terminal: Terminal,
    number: int,
    as_agent: str | None,
    work: Callable[[App, Actor], Awaitable[T]],
) -> T:
    """Do what was decided, in the agent's name.

    Raises:
        NotFound: no such message or assistance.
        Refused: ``held_no_more``, ``not_an_agent``, or what ``Quarantine`` refuses.
    """
    settings = terminal.settings()

    async def go() -> T:
        async with app_opened(settings, environ=terminal.environ) as app:
            entry = await app.store.views.raw(RawId(number))
            if entry.outcome.state is not RawState.QUARANTINED:
                raise Refused("held_no_more", {"id": number})
            return await work(app, await _actor(app, as_agent))

    return asyncio.run(go())


async def _actor(app: App, address: str | None) -> Actor:
    """Return who decides: the agent named, else whoever runs azbot here."""
    if address is None:
        return Actor(Role.ADMIN, None, "azbot", Trust.STAFF, _CHANNEL)
    person = await app.store.views.by_address(address.strip())
    if person is None or person.kind is not PersonKind.AGENT:
        raise Refused("not_an_agent", {"address": address})
    return Actor(Role.AGENT, person.id, person.name, Trust.STAFF, _CHANNEL)


def _tell(
    terminal: Terminal,
    done: str,
    number: int,
    ref: AssistanceRef | None,
    *,
    as_json: bool,
) -> None:
    if as_json:
        terminal.print_json({"id": number, "done": done, "ref": ref})
        return
    terminal.tell(terminal.say(f"cli.quarantine.{done}", id=number, ref=ref or ""))
