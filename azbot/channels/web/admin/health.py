"""How azbot fares, for administrators: what needs somebody first (ux.md D9)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from aiohttp import web

from azbot.channels.web.admin.room import Room
from azbot.channels.web.directory import Hand
from azbot.channels.web.health import watch_of
from azbot.channels.web.posted import read_posted
from azbot.channels.web.seams import WebDeps
from azbot.channels.web.staff import staff_of
from azbot.health.incidents import PREFIX, recent
from azbot.health.vitals import (
    ROOM_NEEDED,
    Ailment,
    Disk,
    LoopHealth,
    Vitals,
    command_for,
    diagnose,
    status_of,
)
from azbot.i18n import formats
from azbot.i18n.catalogue import Catalogue
from azbot.identity.linking import OFFER_FOR, alert_chats, drop_alerts, offer
from azbot.render.tellings import Teller
from azbot.store import DeliveryState, RawState, UnitOfWork

_INCIDENTS = 10
_WORST = ("given_up", "waiting", "recovering", "stopped", "running")
_CHIPS = {
    "running": "done", "recovering": "waiting", "waiting": "cancelled",
    "given_up": "cancelled", "stopped": "closed",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that needs somebody, in words.

    Attributes:
        command: what to run, ready to be pasted.
    """

    title: str
    cause: str
    effect: str
    command: str
    is_alarming: bool


@dataclass(frozen=True, slots=True)
class Figure:
    """One value of a tile.

    Attributes:
        is_low: it is what is wrong.
        href: where it is looked after; empty: nowhere.
    """

    label: str
    value: str
    is_low: bool = False
    href: str = ""


@dataclass(frozen=True, slots=True)
class Tile:
    """One part of azbot.

    Attributes:
        icon: its sign.
        level: 0 to 100 of a gauge; None: there is none.
    """

    name: str
    icon: str
    figures: tuple[Figure, ...]
    level: int | None = None


@dataclass(frozen=True, slots=True)
class Work:
    """One kind of loops, in words."""

    name: str
    loops: str
    chip: str
    state: str
    note: str


class HealthRoom:
    """``/admin/health``."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def add_to(self, app: web.Application) -> None:
        """Serve the page."""
        app.router.add_get("/admin/health", self.show)
        app.router.add_post("/admin/health/chat", self.offer)
        app.router.add_post("/admin/health/chat/stop", self.stop)

    async def show(self, request: web.Request) -> web.Response:
        """Return the page."""
        return await self._page(request, "")

    async def offer(self, request: web.Request) -> web.Response:
        """Return the page with a link that lets alerts go to a chat; good once."""
        await read_posted(request)
        deps, actor = self._room.deps, staff_of(request).actor
        person, now = staff_of(request).person.id, deps.clock.now()

        def work(uow: UnitOfWork) -> str:
            uow.audit.add(actor, now, "alerts.chat", before=False, after=True)
            return offer(uow, person, now)

        token = await deps.store.write(work)
        return await self._page(request, deps.chat.link(token) if deps.chat else "")

    async def stop(self, request: web.Request) -> web.Response:
        """Alert no chat of whoever asks any more."""
        form = await read_posted(request)

        def work(uow: UnitOfWork, by: Hand) -> str:
            if by.actor.person is not None and drop_alerts(uow, by.actor.person):
                uow.audit.add(by.actor, by.now, "alerts.chat", before=True, after=False)
            return "/admin/health?said=saved"

        raise await self._room.change(request, form, work)

    async def _page(self, request: web.Request, link: str) -> web.Response:
        deps, words = self._room.deps, self._room.words(request)
        seen = await watch_of(deps).look(both_sides=True)
        say, zone = Teller(words), ZoneInfo(deps.settings.zone_name)
        incidents: Sequence[object] = ()
        chats: Sequence[object] = ()
        if seen.flow is not None:
            kept = await deps.store.views.settings_below(PREFIX)
            incidents = [
                (one.code, self._room.when(request, one.at), one.event, one.failure)
                for one in recent(kept)[:_INCIDENTS]
            ]
            mine = staff_of(request).person.id
            chats = [
                (account.name or account.account, account.channel.capitalize())
                for account, person in await deps.store.write(alert_chats)
                if person == mine
            ]
        return self._room.page(
            request,
            "health",
            "health",
            status=status_of(seen),
            trial=self._room.when(request, deps.trial.begun_at) if deps.trial else "",
            troubles=[_trouble(deps, one, seen, say) for one in diagnose(seen)],
            tiles=tiles_of(seen, say),
            works=works_of(seen.loops, words),
            seen_at=formats.hour(seen.at.astimezone(zone), words.language),
            version=deps.version,
            incidents=incidents,
            look_up=command_for("incident", deps.config),
            alerted=deps.desk.alerted,
            door=deps.chat.name if deps.chat and deps.chat.link("") else "",
            link=link,
            minutes=int(OFFER_FOR.total_seconds() // 60),
            chats=chats,
        )


def _trouble(deps: WebDeps, one: Ailment, seen: Vitals, say: Teller) -> Trouble:
    """Return an ailment in words: what, why, what follows, what to do."""
    zone = ZoneInfo(deps.settings.zone_name)
    since = one.since.astimezone(zone) if one.since else None
    title = say.alert(one.what, since, seen.at)
    if one.what == "backup" and seen.backup_at is None:
        title = say.t("admin.health.no_backup")
    effect = say.t(f"mail.alert.effect.{say.alert_key(one.what)}")
    place = deps.places.get(one.what, "")
    cause = say.alert_cause(one.cause, place)
    return Trouble(
        say.capital(title),
        cause if place else say.capital(cause),
        say.capital(effect),
        command_for(one.what, deps.config),
        one.is_alarming,
    )


# --- tiles ------------------------------------------------------------------------


def tiles_of(seen: Vitals, say: Teller) -> tuple[Tile, ...]:
    """Return the parts of azbot with their figures."""
    t, flow = say.t, seen.flow
    told = _Told(seen, say)
    collected = flow.last_of.get("email") if flow else None
    raw = flow.raw if flow else {}
    outbox = flow.outbox if flow else {}
    held, dead = raw.get(RawState.QUARANTINED, 0), outbox.get(DeliveryState.DEAD, 0)
    oldest_raw = flow.oldest_raw[1] if flow and flow.oldest_raw else None
    mail: tuple[Figure, ...] = (
        Figure(t("admin.health.heard"), told.age(seen.heard.get("email"), "–")),
        Figure(t("admin.health.collected"), told.age(collected)),
        Figure(t("admin.health.intake"), told.count(raw.get(RawState.RECEIVED, 0))),
        Figure(t("admin.health.oldest"), told.age(oldest_raw, "–")),
        Figure(t("admin.health.held"), told.count(held), held > 0, "/inbox/held"),
    )
    leaves = (
        Figure(
            t("admin.health.outbox"), told.count(flow.outbox_waiting if flow else 0)
        ),
        Figure(
            t("admin.health.oldest"),
            told.age(flow.oldest_waiting_at if flow else None, "–"),
            flow is not None and flow.unsent is not None,
        ),
        Figure(t("admin.health.dead"), told.count(dead), dead > 0, "/inbox/dead"),
    )
    if all(loop.name != "receive.email" for loop in seen.loops):
        off = Figure(t("admin.health.state"), t("admin.health.off"))
        mail = (off, *mail[2:])
    backup_ill = any(one.what == "backup" for one in diagnose(seen))
    saved = Figure(t("admin.health.last_backup"), told.age(seen.backup_at), backup_ill)
    return (
        Tile(t("admin.health.tile.mail"), "inbox", mail),
        Tile(t("admin.health.tile.outbox"), "plane", leaves),
        Tile(t("admin.health.tile.telegram"), "phone", told.telegram()),
        *(_disk(disk, say) for disk in seen.disks),
        Tile(t("admin.health.tile.backup"), "shield", (saved,)),
    )


class _Told:
    """Says what was seen, in one language."""

    def __init__(self, seen: Vitals, say: Teller) -> None:
        self._seen = seen
        self._say = say

    def age(self, at: datetime | None, never: str = "") -> str:
        """« il y a 12 min », « il y a 3 jours »."""
        t, now = self._say.t, self._seen.at
        if at is None:
            return never or t("admin.health.never")
        seconds = max((now - at).total_seconds(), 0)
        if seconds < 60:
            return t("admin.health.ago.seconds")
        if seconds < 3600:
            return t("admin.health.ago.minutes", count=int(seconds // 60))
        if seconds < 48 * 3600:
            return t("admin.health.ago.hours", count=int(seconds // 3600))
        return t("admin.health.ago.days", count=int(seconds // 86_400))

    def count(self, number: int) -> str:
        """« 1 250 »; nothing is known while the database is away."""
        if self._seen.flow is None:
            return "–"
        return formats.number(number, self._say.language)

    def telegram(self) -> tuple[Figure, ...]:
        """The state of the loop that listens, and when Telegram last answered."""
        t, seen = self._say.t, self._seen
        loop = next((x for x in seen.loops if x.name == "receive.telegram"), None)
        if loop is None:
            return (Figure(t("admin.health.state"), t("admin.health.off")),)
        last = seen.flow.last_of.get("telegram") if seen.flow else None
        state = t(f"admin.health.loop_state.{loop.state}")
        return (
            Figure(t("admin.health.state"), state, not loop.is_well),
            Figure(t("admin.health.heard"), self.age(seen.heard.get("telegram"), "–")),
            Figure(t("admin.health.received"), self.age(last)),
        )


def _disk(disk: Disk, say: Teller) -> Tile:
    is_low = disk.free < ROOM_NEEDED
    share = 100 - round(100 * disk.free / disk.total) if disk.total else 100
    figures = (
        Figure(say.t("admin.health.free"), say.size(disk.free), is_low),
        Figure(say.t("admin.health.total"), say.size(disk.total)),
        Figure(say.t("admin.health.folder"), disk.folder),
    )
    return Tile(say.t("admin.health.tile.disk"), "disk", figures, share)


# --- loops ------------------------------------------------------------------------


def works_of(loops: Sequence[LoopHealth], words: Catalogue) -> tuple[Work, ...]:
    """Return every kind of loops; of several that do the same the worst is shown."""
    kinds: dict[str, list[LoopHealth]] = {}
    for loop in loops:
        kinds.setdefault(".".join(loop.name.split(".")[:2]), []).append(loop)
    return tuple(_work(name, each, words) for name, each in kinds.items())


def _work(name: str, loops: Sequence[LoopHealth], words: Catalogue) -> Work:
    say = Teller(words)
    worst = min(loops, key=lambda loop: _rank(str(loop.state)))
    key, state = f"admin.health.loop.{name}", str(worst.state)
    restarts = sum(loop.restarts for loop in loops)
    notes = []
    if worst.last_error and not worst.is_well:
        notes.append(say.capital(say.alert_cause(worst.last_error)))
    if restarts:
        notes.append(say.t("admin.health.restarts", count=restarts))
    return Work(
        say.t(key) if key in words else name,
        name if len(loops) == 1 else f"{len(loops)} {name}",
        _CHIPS.get(state, "closed"),
        say.t(f"admin.health.loop_state.{state}"),
        " · ".join(notes),
    )


def _rank(state: str) -> int:
    return _WORST.index(state) if state in _WORST else len(_WORST)
