"""What keeps failing is told to the administrator, once, and so is its end (E24)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from typing_extensions import override

from azbot.choices.look import renderer_of
from azbot.delivery.alerts import Alerts, Lifeline
from azbot.delivery.beacon import Beacon
from azbot.delivery.letters import Letters
from azbot.errors import Contested, StoreUnreachable, TemporaryFailure
from azbot.health.supervise import LoopHealth, LoopState, Supervisor
from azbot.health.vitals import ROOM_NEEDED, Disk, Vitals, Watch
from azbot.identity.linking import offer, take_alerts
from azbot.resources import data_dir
from azbot.screens import ACT
from azbot.store import NewDelivery, NewPerson, PersonKind, Store, UnitOfWork
from azbot.store.accounts import Account
from azbot.store.backups import LastBackup
from azbot.store.chats import ChatAccount
from azbot.testing.clock import FakeClock
from azbot.workflow.model import Role
from tests.maildesk import ADMIN, Mail, MailDesk, desk_by_mail

CONFIG = Path("/etc/azbot/azbot.toml")
Loops = list[LoopHealth]


class Outage(Watch):
    """A watch whose database may be away."""

    is_away = False

    @override
    async def glance(self) -> Vitals:
        if self.is_away:
            raise StoreUnreachable("no answer in time")
        return await super().glance()


def alerts_of(
    desk: MailDesk,
    loops: Loops,
    *,
    free: int = 10 * ROOM_NEEDED,
    heard: Callable[[], Mapping[str, datetime]] = dict,
    config: Path = CONFIG,
) -> Alerts:
    """Alerts over loops and a disk of the test's own."""
    watch = Watch(
        desk.store,
        desk.clock,
        lambda: loops,
        heard,
        (Path(__file__).parent,),
        lambda folder: Disk(str(folder), free, 100 * ROOM_NEEDED),
    )
    places = {"imap": "imap.sav.example:993"}
    return Alerts(desk.store, desk.app.desk, watch, config, places)


def ill(
    desk: MailDesk,
    name: str = "receive.email",
    minutes: float = 11,
    error: str = "imap login AUTHENTICATIONFAILED",
    state: LoopState = LoopState.WAITING,
    failure: str = "ImapFailure",
) -> LoopHealth:
    since = desk.clock.now() - timedelta(minutes=minutes)
    return LoopHealth(
        name, state, failing_since_at=since, last_error=error, failure=failure
    )


async def told(desk: MailDesk) -> tuple[Mail, ...]:
    await desk.settle()
    return tuple(desk.writer("Admin", ADMIN).mails)


async def test_a_mailbox_that_fails_for_ten_minutes_makes_one_mail(
    desk: MailDesk,
) -> None:
    async def fails() -> None:
        raise TemporaryFailure("the server does not answer")

    supervisor = desk.app.supervisor
    async with asyncio.TaskGroup() as group:
        loop = group.create_task(supervisor.keep("receive.email", fails))
        await desk.clock.advance(timedelta(minutes=9))
        assert await told(desk) == ()
        await desk.clock.advance(timedelta(minutes=2))
        (mail,) = await told(desk)
        assert mail.kind == "alert"
        assert "relève des e-mails" in mail.subject
        assert "the server does not answer" in mail.text
        assert "azbot doctor --only imap" in mail.text
        await desk.clock.advance(timedelta(hours=3))
        assert len(await told(desk)) == 1
        loop.cancel()


async def test_the_mail_says_cause_effect_and_the_command_with_its_file(
    desk: MailDesk,
) -> None:
    alerts = alerts_of(desk, [ill(desk)], config=Path("/srv/azbot.toml"))
    await alerts.step(desk.clock.now())

    (mail,) = await told(desk)
    assert (
        mail.subject == "azbot\u00a0: la relève des e-mails échoue depuis 11\u00a0min"
    )
    assert (
        "imap.sav.example:993 : le serveur refuse l’identifiant ou le mot de passe"
        " (imap login AUTHENTICATIONFAILED)"
    ) in mail.text
    assert "Effet : les nouveaux messages attendent sur le serveur" in mail.text
    assert "azbot doctor --only imap --config /srv/azbot.toml" in mail.text


async def test_one_mail_tells_that_it_is_over_once_it_stayed_well(
    desk: MailDesk,
) -> None:
    """A service that comes and goes is told of once, not each time."""
    loops: Loops = [ill(desk)]
    alerts = alerts_of(desk, loops)
    await alerts.step(desk.clock.now())
    for _ in range(3):
        loops[:] = [LoopHealth("receive.email", LoopState.RUNNING)]
        await desk.clock.advance(timedelta(minutes=4))
        assert await alerts.step(desk.clock.now()) == 0
        loops[:] = [ill(desk, minutes=1)]
        await desk.clock.advance(timedelta(minutes=1))
        await alerts.step(desk.clock.now())
    loops.clear()
    await desk.clock.advance(timedelta(minutes=5))
    assert await alerts.step(desk.clock.now()) == 1
    assert await alerts.step(desk.clock.now()) == 0

    (_, over) = await told(desk)
    assert over.subject == "azbot\u00a0: la relève des e-mails fonctionne de nouveau"
    assert "Il n’y a rien à faire" in over.text
    assert "azbot doctor" not in over.text


async def test_a_failure_that_comes_back_after_its_end_is_a_new_one(
    desk: MailDesk,
) -> None:
    loops: Loops = [ill(desk)]
    alerts = alerts_of(desk, loops)
    for _ in range(2):
        loops[:] = [ill(desk)]
        assert await alerts.step(desk.clock.now()) == 1
        loops.clear()
        await desk.clock.advance(timedelta(minutes=6))
        assert await alerts.step(desk.clock.now()) == 1
    assert len(await told(desk)) == 4


async def test_neither_a_restart_nor_another_process_tells_it_anew(
    desk: MailDesk,
) -> None:
    loops: Loops = [ill(desk)]
    for _ in range(2):
        await alerts_of(desk, loops).step(desk.clock.now())
    await desk.clock.advance(timedelta(minutes=30))
    # Just started again: nothing has failed yet, and nothing is known to be well.
    later: Loops = []
    reborn = alerts_of(desk, later)
    assert await reborn.step(desk.clock.now()) == 0
    later[:] = [ill(desk, minutes=2)]
    await desk.clock.advance(timedelta(minutes=2))
    assert await reborn.step(desk.clock.now()) == 0

    assert len(await told(desk)) == 1


async def test_what_has_given_up_is_told_at_once(desk: MailDesk) -> None:
    gone = ill(desk, "receive.telegram", 0, state=LoopState.GIVEN_UP)
    alerts = alerts_of(desk, [gone])

    assert await alerts.step(desk.clock.now()) == 1
    assert await alerts.step(desk.clock.now()) == 0


async def test_a_second_program_on_the_token_of_the_bot_is_told_at_once(
    desk: MailDesk,
) -> None:
    async def taken() -> None:
        raise Contested("another program receives for this bot")

    async with asyncio.TaskGroup() as group:
        loop = group.create_task(desk.app.supervisor.keep("receive.telegram", taken))
        await desk.clock.advance(timedelta(seconds=2))
        (mail,) = await told(desk)
        loop.cancel()

    assert "un autre programme reçoit à la place d’azbot sur Telegram" in mail.subject
    assert "azbot doctor --only telegram" in mail.text


async def test_a_disk_that_is_nearly_full_is_told_before_it_is(desk: MailDesk) -> None:
    assert await alerts_of(desk, [], free=ROOM_NEEDED).step(desk.clock.now()) == 0
    assert await alerts_of(desk, [], free=ROOM_NEEDED - 1).step(desk.clock.now()) == 1

    (mail,) = await told(desk)
    assert "le disque est presque plein" in mail.subject
    assert "il reste 954 Mo sur" in mail.text
    assert "df -h" in mail.text


async def test_backups_that_stopped_are_told_where_there_used_to_be_some(
    desk: MailDesk,
) -> None:
    alerts = alerts_of(desk, [])
    assert await alerts.step(desk.clock.now()) == 0
    made_at = desk.clock.now() - timedelta(hours=48)
    await desk.store.write(
        lambda uow: uow.backups.note(LastBackup(made_at, "x.tar", 1))
    )
    assert await alerts.step(desk.clock.now()) == 1

    (mail,) = await told(desk)
    assert "la sauvegarde ne se fait plus" in mail.subject
    assert "azbot backup" in mail.text


async def test_a_service_that_falls_silent_while_its_loop_runs_is_told(
    desk: MailDesk,
) -> None:
    heard_at = desk.clock.now() - timedelta(minutes=12)
    running = [LoopHealth("receive.email", LoopState.RUNNING)]
    alerts = alerts_of(desk, running, heard=lambda: {"email": heard_at})
    assert await alerts.step(desk.clock.now()) == 1

    (mail,) = await told(desk)
    assert "le serveur ne répond plus" in mail.text


async def test_a_machine_that_slept_is_judged_once_it_is_awake_again(
    desk: MailDesk,
) -> None:
    heard = {"email": desk.clock.now()}
    running = [LoopHealth("receive.email", LoopState.RUNNING)]
    alerts = alerts_of(desk, running, heard=lambda: heard)
    assert await alerts.step(desk.clock.now()) == 0
    await desk.clock.advance(timedelta(hours=8))
    assert await alerts.step(desk.clock.now()) == 0
    await desk.clock.advance(timedelta(minutes=1))
    assert await alerts.step(desk.clock.now()) == 1
    heard["email"] = desk.clock.now()

    (mail,) = await told(desk)
    assert "le serveur ne répond plus" in mail.text


async def test_mail_that_cannot_leave_is_told_in_the_chat_of_the_administrator(
    desk: MailDesk,
) -> None:
    """What is broken is the way of the alert itself."""
    now = desk.clock.now()

    def prepare(uow: UnitOfWork) -> None:
        marie = uow.people.add(
            NewPerson(PersonKind.AGENT, ("marie@sav.example",), is_verified=True)
        )
        uow.accounts.put(Account(marie.id, Role.ADMIN, now))
        account = ChatAccount("telegram", "501", "501", now, now, language="en")
        uow.chats.save(account)
        token = offer(uow, marie.id, now)
        assert take_alerts(uow, account, token, now)
        assert not take_alerts(uow, account, token, now)
        uow.outbox.put(
            [
                NewDelivery("k", "planned", "s@x.example", "email", now, {}),
            ]
        )
        (row,) = uow.outbox.claim("w", 1, timedelta(minutes=1), now)
        uow.outbox.retry(row.id, now, "smtp ConnectionRefusedError", 1, now)

    await desk.store.write(prepare)
    await desk.clock.advance(timedelta(minutes=11))
    assert await alerts_of(desk, []).step(desk.clock.now()) == 1

    rows = await desk.store.views.outbox()
    (chat,) = (row for row in rows if row.kind == ACT)
    text = str(chat.facts)
    assert (chat.channel, chat.address) == ("telegram", "501")
    assert "no connection to the server" in text
    assert "azbot doctor --only smtp" in text


async def test_who_is_no_administrator_any_more_is_alerted_no_more(
    desk: MailDesk,
) -> None:
    now = desk.clock.now()

    def prepare(uow: UnitOfWork) -> None:
        paul = uow.people.add(
            NewPerson(PersonKind.AGENT, ("paul@sav.example",), is_verified=True)
        )
        account = ChatAccount("telegram", "77", "77", now, now)
        uow.chats.save(account)
        uow.accounts.put(Account(paul.id, Role.AGENT, now))
        assert not take_alerts(uow, account, offer(uow, paul.id, now), now)
        uow.accounts.put(Account(paul.id, Role.ADMIN, now))
        assert take_alerts(uow, account, offer(uow, paul.id, now), now)
        uow.accounts.put(Account(paul.id, Role.ADMIN, now, disabled_at=now))

    await desk.store.write(prepare)
    await alerts_of(desk, [ill(desk)]).step(now)

    assert all(row.kind != ACT for row in await desk.store.views.outbox())


async def test_many_loops_that_fail_for_one_reason_are_one_alert(
    desk: MailDesk,
) -> None:
    """When the database is away everything fails, and nothing of it is news."""
    loops = [
        ill(
            desk, name, error="unable to open database file", failure="StoreUnreachable"
        )
        for name in ("receive.email", "work.raw", "work.raw.1", "work.timers")
    ]
    assert await alerts_of(desk, loops).step(desk.clock.now()) == 1

    (mail,) = await told(desk)
    assert "la base de données ne répond pas" in mail.subject


@pytest.mark.parametrize(
    "name", ["receive.telegram", "work.raw.2", "work.timers", "anything"]
)
async def test_every_loop_has_words(desk: MailDesk, name: str) -> None:
    alerts = alerts_of(desk, [ill(desk, name, error="disk full")])
    await alerts.step(desk.clock.now())

    (letter,) = await told(desk)
    assert "disk full" in letter.text


async def test_a_database_that_is_away_is_mailed_past_it_and_its_end_like_any_other(
    desk: MailDesk, tmp_path: Path
) -> None:
    """Nothing is collected then, and the outbox is what is away; one process tells."""
    beacon = tmp_path / ".outage"
    outage = Outage(desk.store, desk.clock, list)
    app = desk.app
    renderer = app.in_force.following(partial(renderer_of, data_dir("templates")))
    letters = Letters(renderer, app.postmark)
    channel = app.connected.channels["email"]
    processes = [
        Alerts(desk.store, app.desk, outage, CONFIG, {}, lifeline)
        for lifeline in (
            Lifeline(letters, channel, ADMIN, "fr", Beacon(beacon)) for _ in range(3)
        )
    ]
    outage.is_away = True
    # The last one begins when all is told.
    for count in (2, 3):
        for _ in range(12):
            for each in processes[:count]:
                with pytest.raises(StoreUnreachable):
                    await each.step(desk.clock.now())
            await desk.clock.advance(timedelta(minutes=1))

    (mail,) = desk.writer("Admin", ADMIN).mails
    assert "la base de données ne répond pas depuis 10 min" in mail.subject.replace(
        "\u00a0", " "
    )
    assert "azbot doctor --only database" in mail.text
    outage.is_away = False
    assert [await each.step(desk.clock.now()) for each in processes] == [0, 0, 0]
    assert not beacon.exists()
    await desk.clock.advance(timedelta(minutes=6))
    assert [await each.step(desk.clock.now()) for each in processes] == [1, 0, 0]
    (_, over) = await told(desk)
    assert "la base de données répond de nouveau" in over.subject


def test_one_process_at_a_time_tells_and_one_that_died_at_it_is_followed(
    tmp_path: Path,
) -> None:
    first, second = Beacon(tmp_path / "lit"), Beacon(tmp_path / "lit")
    since = datetime(2026, 3, 23, 9, tzinfo=UTC)
    with first.turn() as mine, second.turn() as theirs:
        assert (mine is not None, theirs) == (True, None)
    assert second.lit_since() is None
    with second.turn() as turn:
        assert turn is not None
        turn.note(since)
    with first.turn() as turn:
        assert turn is not None
        assert turn.since == first.lit_since() == since
    first.douse()
    assert second.lit_since() is None


def test_where_nothing_can_be_written_a_process_remembers_for_itself(
    tmp_path: Path,
) -> None:
    beacon = Beacon(tmp_path / "gone" / "lit")
    since = datetime(2026, 3, 23, 9, tzinfo=UTC)
    for known in (None, since):
        with beacon.turn() as turn:
            assert turn is not None
            assert turn.since == known
            turn.note(since)
    beacon.douse()
    assert beacon.lit_since() is None


async def test_without_an_administrator_the_desk_is_alerted_but_never_azbot_itself(
    sqlite_store: Store, clock: FakeClock, tmp_path: Path
) -> None:
    desk = await desk_by_mail(
        sqlite_store, clock, tmp_path, admin="", desk="support@sav.example"
    )
    await alerts_of(desk, [ill(desk, "work.outbox", 60)]).step(clock.now())
    desk.client.write("Une panne à Lyon.")
    await desk.settle()

    assert desk.mailbox.sent_to("support@sav.example") == ()
    assert isinstance(desk.app.supervisor, Supervisor)
