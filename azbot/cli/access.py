"""``azbot token``: keys to the REST API."""

from __future__ import annotations

import click

from azbot.channels.web.api.auth import new_token
from azbot.cli.database import written
from azbot.cli.grammar import family, json_option, verb
from azbot.cli.hands import note
from azbot.cli.people import checked_address
from azbot.cli.terminal import Terminal
from azbot.clock import SystemClock
from azbot.errors import NotFound, Refused
from azbot.messages import PersonId
from azbot.store import ApiToken, NewPerson, PersonKind, TokenId, UnitOfWork
from azbot.workflow.model import StationId


@verb("add")
@click.argument("name")
@click.option("--role", type=click.Choice(["agent", "admin", "station"]), required=True)
@click.option("--station", type=click.IntRange(1), metavar="ID")
@click.option("--email", metavar="ADDRESS")
@json_option()
def add(
    terminal: Terminal,
    name: str,
    role: str,
    station: int | None,
    email: str | None,
    *,
    as_json: bool,
) -> None:
    """Make a token and show it, this once."""
    if (role == "station") is (station is None):
        code = "token_needs_station" if station is None else "token_takes_no_station"
        raise Refused(code)
    address = checked_address(email) if email else None
    plain, digest = new_token()
    now = SystemClock().now()

    def work(uow: UnitOfWork) -> ApiToken:
        if any(each.name == name for each in uow.tokens.all()):
            raise Refused("token_name_taken", {"name": name})
        person = _person(uow, name, station, address)
        note(uow, terminal, now, "token.added", name, {"role": role})
        return uow.tokens.add(name, role, digest, person, now)

    made = written(terminal, work)
    if as_json:
        told = {"id": made.id, "name": name, "role": role, "person": made.person}
        terminal.print_json({**told, "token": plain})
        return
    # The token alone on standard output, so that a script can take it.
    terminal.warn(terminal.say("cli.token.added", name=name, id=made.id))
    terminal.print(plain)


def _person(
    uow: UnitOfWork, name: str, station: int | None, address: str | None
) -> PersonId | None:
    """Return in whose name the token acts; agents are added when new."""
    if station is not None:
        return _contact(uow, StationId(station), address)
    if address is None:
        return None
    known = uow.people.by_address(address)
    if known is None:
        new = NewPerson(PersonKind.AGENT, (address,), name=name, is_verified=True)
        return uow.people.add(new).id
    if known.kind is not PersonKind.AGENT:
        raise Refused("address_of_another", {"address": address})
    return known.id


def _contact(uow: UnitOfWork, station: StationId, address: str | None) -> PersonId:
    uow.stations.get(station)
    contacts = uow.people.station_contacts(station)
    for each in contacts:
        known = {known.casefold() for known in each.addresses}
        if address is None or address.casefold() in known:
            return each.id
    raise NotFound("contact", address or station)


@verb("list")
@json_option()
def show(terminal: Terminal, *, as_json: bool) -> None:
    """Print every token, ended ones included; never the secret, which is not kept."""
    tokens = written(terminal, lambda uow: uow.tokens.all())
    if as_json:
        terminal.print_json([_facts(each) for each in tokens])
        return
    rows = [tuple(_facts(each).values()) for each in tokens]
    terminal.table(rows, ("id", "name", "role", "person", "created", "revoked"))


def _facts(token: ApiToken) -> dict[str, object]:
    return {
        "id": token.id,
        "name": token.name,
        "role": token.role,
        "person": token.person,
        "created_at": token.created_at,
        "revoked_at": token.revoked_at,
    }


@verb("revoke")
@click.argument("token_id", metavar="ID", type=click.IntRange(1))
def revoke(terminal: Terminal, token_id: int) -> None:
    """End a token for ever."""
    now = SystemClock().now()

    def work(uow: UnitOfWork) -> bool:
        known = {each.id: each.name for each in uow.tokens.all()}
        is_ended = uow.tokens.revoke(TokenId(token_id), now)
        if is_ended:
            note(uow, terminal, now, "token.revoked", known[TokenId(token_id)])
        return is_ended

    if not written(terminal, work):
        raise NotFound("token", token_id)
    terminal.tell(terminal.say("cli.token.revoked", id=token_id))


token = family("token", add, show, revoke)
"""``azbot token``."""
