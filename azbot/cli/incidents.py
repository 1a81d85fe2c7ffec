"""``azbot log``: what stands behind the code of an incident."""

from __future__ import annotations

import click

from azbot.cli.complaints import FAILED
from azbot.cli.database import written
from azbot.cli.grammar import json_option, verb
from azbot.cli.terminal import Terminal
from azbot.errors import Refused
from azbot.health.incidents import PREFIX, Incident, read_code, recent

_MOST = 20


@verb("log")
@click.argument("code", metavar="[CODE]", required=False, default="")
@json_option()
def log(terminal: Terminal, code: str, *, as_json: bool) -> int:
    """Print what an incident was; without a code, the newest ones."""
    wanted = read_code(code)
    if code and not wanted:
        raise Refused("not_an_incident", {"code": code})
    found = recent(written(terminal, lambda uow: uow.settings.below(PREFIX)))
    if not wanted:
        _list(found[:_MOST], terminal, as_json=as_json)
        return 0
    one = next((each for each in found if each.code == wanted), None)
    if one is None:
        # Where the store itself was away, the log alone has it.
        terminal.warn(terminal.say("cli.log.unknown", code=wanted))
        terminal.print(f"journalctl -u azbot -o cat --grep {wanted}")
        return FAILED
    if as_json:
        terminal.print_json(_facts(one))
    else:
        _show(one, terminal)
    return 0


def _list(found: list[Incident], terminal: Terminal, *, as_json: bool) -> None:
    if as_json:
        terminal.print_json([_facts(each) for each in found])
        return
    rows = [(e.code, terminal.local(e.at), e.event, e.failure) for e in found]
    terminal.table(rows, ("code", "at", "event", "error"))


def _show(one: Incident, terminal: Terminal) -> None:
    at = f"{terminal.local(one.at):%Y-%m-%d %H:%M:%S %Z}"
    facts = " ".join(f"{name}={value}" for name, value in one.facts.items())
    terminal.print(f"{one.code}  {at}  azbot {one.version}")
    terminal.print(f"{one.event} {facts}".rstrip())
    terminal.print(one.failure)
    for place in one.where:
        terminal.print(f"    {place}")


def _facts(one: Incident) -> dict[str, object]:
    return {
        "code": one.code,
        "at": one.at,
        "version": one.version,
        "event": one.event,
        "facts": dict(one.facts),
        "failure": one.failure,
        "where": list(one.where),
    }
