"""Tells the administrator, once, of what keeps failing, and that it is over (E24).

By mail, and in the chats where administrators asked for it: what is broken may be the
mail. What was told stands in the store, so that neither a restart nor another process
tells it anew.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import structlog

from azbot.delivery.beacon import Beacon
from azbot.delivery.letters import Letters
from azbot.desk import Desk
from azbot.errors import PermanentFailure, StoreUnreachable, TemporaryFailure
from azbot.health.vitals import ALARMING_AFTER, Ailment, Watch, command_for, diagnose
from azbot.identity.linking import alert_chats
from azbot.ports import Letterbox
from azbot.render.alerting import chat_words
from azbot.screens import ACT, Say, Screen, to_facts
from azbot.store import DeliveryId, NewDelivery, Store, UnitOfWork
from azbot.store.codec import encode
from azbot.store.records import Delivery, DeliveryState
from azbot.workflow.decision import Audience, Notice, NoticeKind

_log = structlog.get_logger(__name__)
OPEN = "alert.open."
"""Begins the name of each alert that is not over, among the store's named values."""
_QUIET_FOR = timedelta(minutes=5)
"""What was not seen for so long is over: a service that comes and goes is told once."""
_NOTE_AFTER = timedelta(minutes=1)
_ASLEEP_AFTER = timedelta(minutes=30)
"""Without a look for so long the machine itself slept: nobody heard anything."""
_CRY_WITHIN = 30


@dataclass(frozen=True, slots=True)
class _Told:
    """An alert that was told and is not over.

    Attributes:
        since: when it began, or was told.
        seen_at: when a process last saw it.
    """

    what: str
    cause: str
    since: datetime
    seen_at: datetime

    def as_json(self) -> str:
        """Return it as JSON."""
        since, seen_at = self.since.isoformat(), self.seen_at.isoformat()
        return encode([self.what, self.cause, since, seen_at])

    @classmethod
    def read(cls, text: str) -> _Told:
        """Return what ``as_json`` wrote."""
        what, cause, since, seen_at = json.loads(text)
        return cls(
            what, cause, datetime.fromisoformat(since), datetime.fromisoformat(seen_at)
        )


@dataclass(frozen=True, slots=True)
class Lifeline:
    """Mails an alert past the outbox: the database is what is away.

    Attributes:
        channel: sends it, once.
        address: the administrator's.
        beacon: tells the other processes that it was sent.
    """

    letters: Letters
    channel: Letterbox
    address: str
    language: str
    beacon: Beacon

    async def say(self, facts: Mapping[str, object], now: datetime) -> None:
        """Send it.

        Raises:
            TemporaryFailure, PermanentFailure: nobody took it.
        """
        alert = Delivery(
            # No row has this number: answers to it are answers to nothing.
            id=DeliveryId(int(now.timestamp())),
            key=f"alert:store:{now.isoformat()}",
            kind=NoticeKind.ALERT.value,
            address=self.address,
            channel=self.channel.name,
            due_at=now,
            facts={**facts, "audience": Audience.ADMIN.value},
            files=(),
            assistance_id=None,
            event_id=None,
            person=None,
            is_optional=False,
            language=self.language,
            group_key="",
            state=DeliveryState.PENDING,
        )
        letter = self.letters.write(alert, None, (), (), now)
        await self.channel.send(self.channel.compose(letter))


class Alerts:
    """Watches for one installation; every process of it may have one.

    Args:
        watch: how this process fares.
        config: the configuration file, for commands to paste.
        places: servers by ailment, ``imap.example.org:993``.
        lifeline: tells that the database is away; None: nobody can.
    """

    def __init__(
        self,
        store: Store,
        desk: Desk,
        watch: Watch,
        config: Path,
        places: Mapping[str, str] | None = None,
        lifeline: Lifeline | None = None,
    ) -> None:
        self._store = store
        self._desk = desk
        self._watch = watch
        self._config = config
        self._places = dict(places or {})
        self._lifeline = lifeline
        self._began_at: datetime | None = None
        self._looked_at: datetime | None = None
        self._away_since: datetime | None = None
        self._cried_at: datetime | None = None
        # Who begins does not know whether an outage was told before.
        self._is_calm = False

    async def step(self, now: datetime) -> int:
        """Tell of what began to need somebody, and of what no longer does.

        Returns:
            how many were told just now.

        Raises:
            StoreUnreachable: the database does not answer.
        """
        self._began_at = self._began_at or now
        before, self._looked_at = self._looked_at or now, now
        if now - before >= _ASLEEP_AFTER:
            return 0  # everything begins again first: the next look judges
        try:
            seen = await self._watch.glance()
        except StoreUnreachable:
            await self._cry(now)
            raise
        await self._calm(now)
        ailing = {each.key: each for each in diagnose(seen)}
        kept = await self._store.views.settings_below(OPEN)
        told = {key: _Told.read(text) for key, text in kept.items()}
        fresh = [
            each for key, each in ailing.items() if each.is_alarming and key not in told
        ]
        # What this process has not seen since it began may go on elsewhere, or may
        # not have had the time to fail again.
        over = [
            key
            for key, each in told.items()
            if key not in ailing
            and now - max(each.seen_at, self._began_at) >= _QUIET_FOR
        ]
        stale = [
            key
            for key, each in told.items()
            if key in ailing and now - each.seen_at >= _NOTE_AFTER
        ]
        if not (fresh or over or stale):
            return 0
        work = partial(self._change, fresh, over, stale, now)
        return await self._store.write(work)

    async def _cry(self, now: datetime) -> None:
        """Tell once, past the store, that the store has been away for ten minutes."""
        self._away_since = since = self._away_since or now
        lifeline = self._lifeline
        if lifeline is None or self._cried_at or now - since < ALARMING_AFTER:
            return
        facts = self._facts(_Told("store", "", since, now), now)
        with lifeline.beacon.turn() as turn:
            if turn is None:
                return  # another process is at it, and looks again if it fails
            if turn.since is None:
                try:
                    async with asyncio.timeout(_CRY_WITHIN):
                        await lifeline.say(facts, now)
                except (TemporaryFailure, PermanentFailure, TimeoutError) as error:
                    _log.warning("alert.untold", what="store", why=str(error))
                    return
                _log.warning("alert.told", what="store", cause="")
                turn.note(since)
        self._cried_at = now

    async def _calm(self, now: datetime) -> None:
        """Write down what was told meanwhile: its end is told like any other."""
        self._away_since = None
        if self._lifeline is None or (self._is_calm and self._cried_at is None):
            return
        beacon = self._lifeline.beacon
        if (since := beacon.lit_since()) is not None:
            it = _Told("store", "", since, now).as_json()
            await self._store.write(lambda uow: uow.settings.put(f"{OPEN}store", it))
        beacon.douse()
        self._cried_at, self._is_calm = None, True

    def _change(
        self,
        fresh: Iterable[Ailment],
        over: Iterable[str],
        stale: Iterable[str],
        now: datetime,
        uow: UnitOfWork,
    ) -> int:
        count = 0
        for each in fresh:
            name = f"{OPEN}{each.key}"
            if uow.settings.get(name) is not None:
                continue  # another process was faster
            it = _Told(each.what, each.cause, each.since or now, now)
            uow.settings.put(name, it.as_json())
            self._tell(uow, each.key, it, now, knows_since=each.since is not None)
            _log.warning("alert.told", what=each.what, cause=each.cause)
            count += 1
        for key in over:
            kept = uow.settings.get(f"{OPEN}{key}")
            if kept is None or now - (it := _Told.read(kept)).seen_at < _QUIET_FOR:
                continue
            uow.settings.drop(f"{OPEN}{key}")
            self._tell(uow, key, it, now, is_over=True)
            _log.info("alert.over", what=it.what)
            count += 1
        for key in stale:
            if (kept := uow.settings.get(f"{OPEN}{key}")) is not None:
                it = _Told.read(kept)
                again = _Told(it.what, it.cause, it.since, now)
                uow.settings.put(f"{OPEN}{key}", again.as_json())
        return count

    def _tell(
        self,
        uow: UnitOfWork,
        key: str,
        it: _Told,
        now: datetime,
        *,
        is_over: bool = False,
        knows_since: bool = True,
    ) -> None:
        """Put it into the outbox: by mail, and for each chat that asked for it."""
        facts = self._facts(it, now)
        if not knows_since:
            facts["since"] = ""
        if is_over:
            facts["until"] = it.seen_at.isoformat()
        occasion = f"alert:{key}:{it.since.isoformat()}:{'over' if is_over else 'on'}"
        notice = Notice(NoticeKind.ALERT, Audience.ADMIN, facts)
        self._desk.tell(uow, (notice,), None, occasion)
        uow.outbox.put(
            [
                NewDelivery(
                    key=f"{occasion}:{chat.channel}:{chat.account}",
                    kind=ACT,
                    address=chat.chat,
                    channel=chat.channel,
                    due_at=now,
                    facts=to_facts(Say(Screen(chat_words(chat.language, facts)))),
                    language=chat.language,
                )
                for chat, _ in alert_chats(uow)
            ]
        )

    def _facts(self, it: _Told, now: datetime) -> dict[str, object]:
        return {
            "what": it.what,
            "cause": it.cause,
            "place": self._places.get(it.what, ""),
            "since": it.since.isoformat(),
            "until": "",
            "at": now.isoformat(),
            "zone": self._desk.rules.working.zone_name,
            "command": command_for(it.what, self._config),
        }
