"""How long somebody waits who presses a button of the chat.

``dev.py bench talk [--times N]``. ``azbot run`` in a process of its own, with durable
SQLite, a real Dovecot, and the real channel on a Bot API server of this process. In
milliseconds, as the phone sees them, one thing at a time into an idle azbot:

* ``answered``: from the press to the answer that lets the button rest (ux.md G3: at
  most a second); ``shown``: until what it asked for stands there.
* ``step``: of a guided request by buttons, from each answer to the next question (G1:
  the part of the two minutes that is ours is ``request_seconds``).
* ``elsewhere``: from the delivery of a mail that says OUI until the same question in
  the chat has lost its buttons (G7: at most five seconds).

Beside them ``bare``: the same server asked by the same library, with nothing between.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from tempfile import TemporaryDirectory

import structlog
from pydantic import SecretStr
from telegram import Bot

from azbot.app import App, opened
from azbot.channels.telegram.names import NAME
from azbot.channels.telegram.settings import TelegramSettings
from azbot.clock import SystemClock
from azbot.config import Settings
from azbot.demo.story import FORM, POINTS
from azbot.messages import Trust
from azbot.store import UnitOfWork
from azbot.store.chats import ChatAccount
from azbot.testing.chat import LocalChat
from azbot.testing.telegram import FakeTelegram, Person, fake_telegram
from azbot.tokens import Purpose, issue_address
from azbot.workflow import commands as c
from azbot.workflow.commands import Command
from azbot.workflow.model import (
    Actor,
    Assistance,
    Role,
    Signatory,
    SignatureMethod,
    Station,
    Stroke,
)
from benchmarks import _rig
from benchmarks.latency import figures
from tests.servers.dovecot import Dovecot

_PATIENCE = 60.0
_CLOSE = "Oui, clôturer"
_REQUEST = (
    *("Mise en service", "> 18 rue des Charmettes, 69100 Villeurbanne"),
    *("Régulation multizone gainable", "1", "5", "Suivants", "Daikin"),
    *("Moi", "Passer", "Envoyer"),
)
"""What is pressed, or written, to the end of a request."""
_BREATH = 1.5
"""Seconds between two presses: a chat may be written to once a second, and so fast
nobody reads."""
_STROKE = Stroke(tuple((100 + 20 * n, 300 + (n % 7) * 60) for n in range(60)))


async def concluded(
    app: App, bot: FakeTelegram, count: int
) -> tuple[list[Assistance], list[Person]]:
    """Let so many clients each have a linked account and a question to answer."""
    them = await _rig.some_assistances(app, count)
    station = await app.store.write(_station)
    agent = Actor(Role.AGENT, None, "Camille Durand", Trust.STAFF, "api")
    phones = []
    for number, it in enumerate(them):
        phone = bot.user(10_000 + number, f"Sophie {number}", language_code="fr")
        phone.chat.door = "open"
        await app.store.write(lambda uow, it=it, phone=phone: _link(uow, it, phone))  # type: ignore[misc]
        await _visited(app, it, station, agent)
        phones.append(phone)
    await app.store.write(lambda uow: _no_mail_leaves(uow, app))
    return them, phones


def _no_mail_leaves(uow: UnitOfWork, app: App) -> None:
    """What is asked by mail waits for company; a mail that answers cannot wait."""
    later = app.clock.now() + timedelta(hours=1)
    while rows := uow.outbox.claim("bench", 1_000, timedelta(hours=2), later):
        for row in rows:
            uow.outbox.cancel(row.id, "benchmark")


async def _visited(app: App, it: Assistance, station: Station, agent: Actor) -> None:
    visitor = Actor(
        Role.STATION, None, station.company, Trust.PROVEN, "api", station.id
    )
    answers = {**FORM, **{point: {"answer": "yes"} for point in POINTS}}
    answers |= {"action_notes": "Vanne purgée.", "solved": True}
    tomorrow = app.clock.now() + timedelta(days=1)
    steps: list[tuple[Command, Actor]] = [
        (c.AssignStation(station, "commande par téléphone"), agent),
        (c.AcceptMission(), visitor),
        (c.ScheduleIntervention(tomorrow), visitor),
        (c.ArriveOnSite(), visitor),
        (c.SaveInterventionForm(answers), visitor),
        *(
            (c.SignIntervention(role, "Karim Benali", _DRAWN, (_STROKE,)), visitor)
            for role in Signatory
        ),
        (c.FinishIntervention(), visitor),
    ]
    for command, actor in steps:
        await app.desk.handle(it.id, command, actor)


_DRAWN = SignatureMethod.DRAWN


def _station(uow: UnitOfWork) -> Station:
    return uow.stations.add("Froid Rhône Services", "atelier@station.example").station


def _link(uow: UnitOfWork, it: Assistance, phone: Person) -> None:
    now, name = SystemClock().now(), str(phone.id)
    account = ChatAccount(
        NAME, name, name, now, now, person=it.requester, linked_at=now, greeted_at=now
    )
    uow.chats.save(account)
    known = replace(
        uow.people.get(it.requester),
        company="Clim Martin SARL",
        phones=("+33639981234",),
        account_type="installer",
        is_verified=True,
    )
    uow.people.update(known)


def yes(app: App, it: Assistance) -> bytes:
    """Return the mail in which a client answers the closing question."""
    to = issue_address(app.door.keyring, _rig.DESK, Purpose.REPLY, it.id, it.requester)
    mail = EmailMessage()
    mail["From"] = f"Sophie Martin <{_rig.client(it.id - 1)}>"
    mail["To"] = mail["Delivered-To"] = to
    mail["Subject"] = f"Re: Le problème est-il résolu ? · {it.ref}"
    mail["Date"] = "Mon, 02 Mar 2026 10:00:00 +0100"
    mail["Message-ID"] = f"<yes-{it.id}@client.example>"
    mail.set_content("OUI")
    return mail.as_bytes()


async def pressed(
    bot: FakeTelegram, who: Person, times: int
) -> tuple[list[float], ...]:
    """Return seconds to the answer, and to what is shown, of each press."""
    answered: list[float] = []
    shown: list[float] = []
    who.says("/aide")
    await bot.until(lambda: who.with_text("Que souhaitez-vous"), _PATIENCE)
    # « Réglages » and « Retour », in turn: the menu is drawn anew in place.
    for number in range(times + 1):
        await asyncio.sleep(_BREATH)
        message = who.last
        before = message.html
        began = time.monotonic()
        press = who.forges(("menu.settings", "menu.home")[number % 2], message)
        await press.answered(_PATIENCE)
        answered.append(time.monotonic() - began)
        await bot.until(lambda old=before: who.last.html != old, _PATIENCE)  # type: ignore[misc]
        shown.append(time.monotonic() - began)
    # The first one pays for connections.
    return answered[1:], shown[1:]


async def requested(bot: FakeTelegram, who: Person) -> list[float]:
    """Return the seconds of each step of one guided request."""
    who.says("/nouvelle")
    await bot.until(lambda: _question(who), _PATIENCE)
    taken = []
    for step in _REQUEST:
        await asyncio.sleep(_BREATH)
        before, began = _question(who), time.monotonic()
        if step.startswith("> "):
            who.says(step.removeprefix("> "))
        else:
            who.presses(_data(who, step))
        await bot.until(lambda old=before: _goes_on(who, old), _PATIENCE)  # type: ignore[misc]
        taken.append(time.monotonic() - began)
    return taken


def _goes_on(who: Person, asked: str) -> bool:
    """Whether the next question stands there, or the request is sent."""
    return bool(who.with_text("Demande envoyée")) or _question(who) not in {"", asked}


def _question(who: Person) -> str:
    """Return the open question of the request, empty when there is none."""
    asking = [
        one
        for one in who.sees
        if any(b.data.startswith("request.") for row in one.buttons for b in row)
    ]
    return f"{asking[-1].id}: {asking[-1].html} {asking[-1].labels}" if asking else ""


def _data(who: Person, label: str) -> str:
    """Return what the newest button with this label carries."""
    rows = [row for message in reversed(who.sees) for row in message.buttons]
    found = [button for row in rows for button in row if button.data]
    return next(button.data for button in found if button.label.startswith(label))


async def bare(bot: FakeTelegram, who: Person, times: int) -> list[float]:
    """Return the seconds of a call of the library, and nothing else."""
    taken = []
    async with Bot(bot.token, bot.base_url, bot.base_file_url) as client:
        for number in range(times + 1):
            began = time.monotonic()
            await client.send_message(who.id, f"{number}")
            taken.append(time.monotonic() - began)
    return taken[1:]


async def closed_elsewhere(
    bot: FakeTelegram,
    dovecot: Dovecot,
    user: str,
    people: Sequence[Person],
    mails: Sequence[bytes],
) -> list[float]:
    """Return the seconds from each mail to the end of the question in the chat."""
    taken = []
    for who, mail in zip(people, mails, strict=True):
        began = time.monotonic()
        await asyncio.to_thread(dovecot.deliver, mail, user)
        await bot.until(lambda who=who: not _is_asked(who), _PATIENCE)  # type: ignore[misc]
        taken.append(time.monotonic() - began)
    return taken


def _is_asked(who: Person) -> bool:
    return any(_CLOSE in one.labels for one in who.sees)


async def measured(
    settings: Settings, dovecot: Dovecot, user: str, times: int
) -> dict[str, object]:
    """Prepare, start azbot, and measure one thing after the other."""
    clock = SystemClock()
    async with fake_telegram(clock) as bot:
        telegram = TelegramSettings(
            token=SecretStr(bot.token), api_base_url=bot.address
        )
        channels = {**settings.channels, NAME: telegram}
        settings = replace(settings, channels=channels)
        chat = {NAME: LocalChat(clock)}
        async with opened(settings, clock=clock, channels={}, chats=chat) as app:
            them, people = await concluded(app, bot, times)
            mails = [yes(app, it) for it in them]
        process = await asyncio.to_thread(_rig.Process, settings)
        try:
            await bot.until(lambda: all(map(_is_asked, people)), _PATIENCE)
            elsewhere = await closed_elsewhere(bot, dovecot, user, people, mails)
            answered, shown = await pressed(bot, people[0], times)
            steps = await requested(bot, people[0])
        finally:
            await asyncio.to_thread(process.end)
        limit = await bare(bot, people[0], times)
    return {
        "bench": "talk",
        "times": times,
        "answered": figures(answered),
        "shown": figures(shown),
        "step": figures(steps),
        "request_seconds": round(sum(steps), 2),
        "elsewhere": figures(elsewhere),
        "bare": figures(limit),
    }


def main(times: int) -> None:
    with (
        TemporaryDirectory(prefix="azbot-bench-") as name,
        _rig.sink() as sink,
        _rig.dovecot() as dovecot,
    ):
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
        user = dovecot.new_account()
        settings = _rig.settings(Path(name), dovecot.port, sink.port, user)
        _rig.emit(asyncio.run(measured(settings, dovecot, user, times)))


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--times", type=int, default=20)
    main(arguments.parse_args().times)
