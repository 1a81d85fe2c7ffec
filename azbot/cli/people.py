"""``azbot station`` and ``azbot agent``: who works with the desk."""

from __future__ import annotations

import click
from pydantic import TypeAdapter, ValidationError

from azbot.channels.email.settings import MailAddress
from azbot.cli.database import written
from azbot.cli.grammar import family, json_option, verb
from azbot.cli.hands import note
from azbot.cli.terminal import Terminal
from azbot.clock import SystemClock
from azbot.errors import Refused
from azbot.store import NewPerson, Person, PersonKind, StationEntry, UnitOfWork

_ADDRESS: TypeAdapter[str] = TypeAdapter(MailAddress)


def checked_address(text: str) -> str:
    """Return a bare mail address, its domain in lower case.

    Raises:
        Refused: ``not_an_address``.
    """
    try:
        return _ADDRESS.validate_python(text.strip())
    except ValidationError as error:
        raise Refused("not_an_address", {"address": text}) from error


def _must_be_free(uow: UnitOfWork, address: str) -> None:
    if uow.people.by_address(address) is not None:
        raise Refused("address_taken", {"address": address})


# --- stations -----------------------------------------------------------------------


@verb("add")
@click.argument("company")
@click.option("--email", required=True, metavar="ADDRESS")
@click.option("--phone", default="", metavar="NUMBER")
@click.option("--zone", "zones", multiple=True, metavar="DEPARTMENT")
@json_option()
def add_station(
    terminal: Terminal,
    company: str,
    email: str,
    phone: str,
    zones: tuple[str, ...],
    *,
    as_json: bool,
) -> None:
    """Add a station; missions are proposed to its address."""
    address, now = checked_address(email), SystemClock().now()

    def work(uow: UnitOfWork) -> StationEntry:
        _must_be_free(uow, address)
        added = uow.stations.add(company, address, phone=phone, zones=zones)
        after = {"company": company, "email": address, "phone": phone, "zones": zones}
        note(uow, terminal, now, "station.added", company, after)
        return added

    made = written(terminal, work)
    if as_json:
        terminal.print_json(_station_facts(made))
        return
    station = made.station
    told = terminal.say("cli.station.added", company=station.company, id=station.id)
    terminal.print(told)


@verb("list")
@json_option()
def list_stations(terminal: Terminal, *, as_json: bool) -> None:
    """Print the stations."""
    entries = written(terminal, lambda uow: uow.stations.all())
    facts = [_station_facts(entry) for entry in entries]
    if as_json:
        terminal.print_json(facts)
        return
    rows = [
        (f["id"], f["company"], f["email"], f["phone"], ", ".join(e.station.zones))
        for f, e in zip(facts, entries, strict=True)
    ]
    terminal.table(rows, ("id", "company", "email", "phone", "zones"))


def _station_facts(entry: StationEntry) -> dict[str, object]:
    station = entry.station
    return {
        "id": station.id,
        "company": station.company,
        "email": station.email,
        "phone": station.phone,
        "zones": list(station.zones),
        "is_active": entry.is_active,
    }


# --- agents ---------------------------------------------------------------------------


@verb("add")
@click.argument("name")
@click.argument("email", metavar="ADDRESS")
@json_option()
def add_agent(terminal: Terminal, name: str, email: str, *, as_json: bool) -> None:
    """Add somebody of the desk: their replies to notices count as the desk's."""
    address, now = checked_address(email), SystemClock().now()

    def work(uow: UnitOfWork) -> Person:
        _must_be_free(uow, address)
        new = NewPerson(PersonKind.AGENT, (address,), name=name, is_verified=True)
        note(uow, terminal, now, "agent.added", name, {"name": name, "email": address})
        return uow.people.add(new)

    made = written(terminal, work)
    if as_json:
        terminal.print_json(_agent_facts(made))
        return
    terminal.tell(terminal.say("cli.agent.added", name=name, id=made.id))


@verb("list")
@json_option()
def list_agents(terminal: Terminal, *, as_json: bool) -> None:
    """Print the people of the desk."""
    agents = written(terminal, lambda uow: uow.people.agents())
    facts = [_agent_facts(each) for each in agents]
    if as_json:
        terminal.print_json(facts)
        return
    rows = [(each.id, each.name, each.address) for each in agents]
    terminal.table(rows, ("id", "name", "email"))


def _agent_facts(person: Person) -> dict[str, object]:
    return {"id": person.id, "name": person.name, "email": person.address}


station = family("station", add_station, list_stations)
"""``azbot station``."""
agent = family("agent", add_agent, list_agents)
"""``azbot agent``."""
