"""``azbot user``: the people of the desk who may open its pages."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from ipaddress import ip_address

import click

from azbot.channels.email.settings import EmailSettings
from azbot.channels.web.passwords import LONGEST, SHORTEST, Passwords, fault_of
from azbot.channels.web.signin import staffing
from azbot.channels.web.signin.staffing import Member
from azbot.choices.rules import rules_of
from azbot.cli.database import opened, written
from azbot.cli.grammar import family, json_option, verb
from azbot.cli.hands import note
from azbot.cli.people import checked_address
from azbot.cli.terminal import Terminal
from azbot.clock import SystemClock
from azbot.config import Settings
from azbot.desk import Desk, DeskSettings
from azbot.errors import Refused
from azbot.store import UnitOfWork
from azbot.workflow.model import Role


@verb("add")
@click.argument("name")
@click.argument("email", metavar="ADDRESS")
@click.option(
    "--role",
    "account_role",
    type=click.Choice(["agent", "admin"]),
    default="agent",
    show_default=True,
)
@click.option("--quiet", "hides_link", is_flag=True)
@json_option()
def add(
    terminal: Terminal,
    name: str,
    email: str,
    account_role: str,
    *,
    hides_link: bool,
    as_json: bool,
) -> None:
    """Give somebody an account, and the link to choose their password."""
    address, now = checked_address(email), SystemClock().now()
    role, language = Role(account_role), terminal.settings().service.language

    def work(uow: UnitOfWork) -> Member:
        it = staffing.add(uow, name, address, role, now, language)
        after = {"name": name, "email": address, "role": role.value}
        note(uow, terminal, now, "agent.invited", name, after)
        return it

    _invite(terminal, work, hides_link=hides_link, as_json=as_json)


@verb("invite")
@click.argument("email", metavar="ADDRESS")
@click.option("--quiet", "hides_link", is_flag=True)
@json_option()
def invite(terminal: Terminal, email: str, *, hides_link: bool, as_json: bool) -> None:
    """Give somebody who has an account a new link; earlier ones end."""
    address, now = checked_address(email), SystemClock().now()

    def work(uow: UnitOfWork) -> Member:
        it = staffing.member(uow, address)
        if it.account.disabled_at is not None:
            raise Refused("account_disabled", {"address": address})
        note(uow, terminal, now, "agent.invited", _name(it))
        return it

    _invite(terminal, work, hides_link=hides_link, as_json=as_json)


def _invite(
    terminal: Terminal,
    find: Callable[[UnitOfWork], Member],
    *,
    hides_link: bool,
    as_json: bool,
) -> None:
    settings = terminal.settings()
    # In a trial the mail would stay inside: the link is handed over.
    is_trial = written(terminal, lambda uow: uow.trial.begun_at()) is not None
    sends = sends_mail(settings) and not is_trial
    if hides_link and not sends:
        raise Refused("invitation_unseen")
    it, link = asyncio.run(invited(settings, find, sends=sends))
    if as_json:
        told = {**_facts(it), "is_sent": sends}
        terminal.print_json(told if hides_link else {**told, "link": link})
        return
    said = "sent" if sends else "made"
    terminal.warn(
        terminal.say(
            f"cli.user.{said}",
            name=it.person.name,
            address=it.person.address,
            count=staffing.INVITED_FOR.days,
        )
    )
    if not hides_link:
        # The link alone on standard output, so that a script can take it.
        terminal.print(link)


async def invited(
    settings: Settings, find: Callable[[UnitOfWork], Member], *, sends: bool
) -> tuple[Member, str]:
    """Return somebody and the link to choose their password, mailed on wish."""
    clock, rules = SystemClock(), rules_of(settings.workflow)
    async with opened(settings) as store:
        nobody = DeskSettings("", "", settings.service.language)
        desk = Desk(store, clock, nobody, lambda: rules) if sends else None

        def work(uow: UnitOfWork) -> tuple[Member, str]:
            it = find(uow)
            base = link_base(settings)
            return it, staffing.invite(uow, it, base, clock.now(), desk)

        return await store.write(work)


def sends_mail(settings: Settings) -> bool:
    """Whether a mail would arrive, with a link that leads here from elsewhere."""
    email = settings.channels.get("email")
    return (
        isinstance(email, EmailSettings)
        and email.smtp is not None
        and bool(settings.web.public_url)
    )


def link_base(settings: Settings) -> str:
    """Return what printed links begin with.

    Without a public address that is this machine, by the name under which browsers
    offer passkeys.
    """
    web = settings.web
    if web.public_url:
        return web.public_url
    return f"http://{'localhost' if _is_here(web.host) else web.host}:{web.port}"


def _is_here(host: str) -> bool:
    try:
        ip = ip_address(host)
    except ValueError:
        return host == "localhost"
    return ip.is_loopback or ip.is_unspecified


@verb("list")
@json_option()
def show(terminal: Terminal, *, as_json: bool) -> None:
    """Print everybody who has an account."""
    found = written(terminal, staffing.members)
    if as_json:
        terminal.print_json([_facts(each) for each in found])
        return
    rows = [
        (
            each.person.name,
            each.person.address,
            terminal.say(f"cli.user.role.{each.account.role.value}"),
            terminal.say(f"cli.user.state.{_state(each)}"),
        )
        for each in found
    ]
    terminal.table(rows, ("name", "email", "role", "state"))


@verb("disable")
@click.argument("email", metavar="ADDRESS")
def disable(terminal: Terminal, email: str) -> None:
    """Let nobody sign in with an account; whoever is in is out at once."""
    now = SystemClock().now()

    def work(uow: UnitOfWork) -> Member:
        it = staffing.member(uow, email)
        staffing.disable(uow, it.person.id, now)
        note(uow, terminal, now, "agent.disabled", _name(it))
        return it

    it = written(terminal, work)
    terminal.tell(terminal.say("cli.user.disabled", name=it.person.name))


@verb("enable")
@click.argument("email", metavar="ADDRESS")
def enable(terminal: Terminal, email: str) -> None:
    """Let somebody sign in again."""
    now = SystemClock().now()

    def work(uow: UnitOfWork) -> Member:
        it = staffing.member(uow, email)
        staffing.enable(uow, it.person.id)
        note(uow, terminal, now, "agent.enabled", _name(it))
        return it

    it = written(terminal, work)
    terminal.tell(terminal.say("cli.user.enabled", name=it.person.name))


@verb("password")
@click.argument("email", metavar="ADDRESS")
@click.option("--drop-second-factor", "drops_second", is_flag=True)
def password(terminal: Terminal, email: str, *, drops_second: bool) -> None:
    """Set a password read from standard input; for a machine without mail."""
    it = written(terminal, lambda uow: staffing.member(uow, email))
    plain = _typed(terminal)
    code = fault_of(plain, it.person.name, it.person.addresses)
    if code is not None:
        facts = {"fewest": SHORTEST, "most": LONGEST}
        raise Refused(f"password_{code}", facts)
    hashed, now = Passwords().hashed_now(plain), SystemClock().now()

    def work(uow: UnitOfWork) -> None:
        staffing.set_password(uow, it.person.id, hashed, now)
        note(uow, terminal, now, "agent.password", _name(it))
        if drops_second:
            staffing.drop_second_factor(uow, it.person.id)
            note(uow, terminal, now, "agent.second_factor", _name(it))

    written(terminal, work)
    terminal.tell(terminal.say("cli.user.password_set", name=it.person.name))


def _typed(terminal: Terminal) -> str:
    """Ask for a password twice, or take the first line that is piped in."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    ask = terminal.say("cli.user.ask_password")
    again = terminal.say("cli.user.ask_again")
    typed: str = click.prompt(ask, hide_input=True, confirmation_prompt=again, err=True)
    return typed


def _facts(it: Member) -> dict[str, object]:
    return {
        "id": it.person.id,
        "name": it.person.name,
        "email": it.person.address,
        "role": it.account.role,
        "state": _state(it),
        "has_second_factor": bool(it.account.totp_secret),
    }


def _name(it: Member) -> str:
    return it.person.name or it.person.address


def _state(it: Member) -> str:
    if it.account.disabled_at is not None:
        return "disabled"
    return "invited" if it.is_waiting else "active"


user = family("user", add, invite, show, disable, enable, password)
"""``azbot user``."""
