"""The first page: what can be changed here, and how azbot fares."""

from __future__ import annotations

from aiohttp import web

from azbot.channels.web.admin.room import TRIAL, Room
from azbot.channels.web.health import watch_of
from azbot.choices.lists import STARTERS
from azbot.health.vitals import diagnose
from azbot.store import UnitOfWork


class Overview:
    """``/admin``."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def add_to(self, app: web.Application) -> None:
        """Serve the page."""
        app.router.add_get("/admin", self.show)

    async def show(self, request: web.Request) -> web.Response:
        """Return the page."""
        deps, words = self._room.deps, self._room.words(request)
        troubles = diagnose(await watch_of(deps).look())
        choices = deps.in_force.choices
        chosen = list(choices.chosen)

        def count(uow: UnitOfWork) -> tuple[int, int]:
            active = [each for each in uow.stations.all() if each.is_active]
            accounts = [a for a in uow.accounts.all() if a.disabled_at is None]
            return len(accounts), len(active)

        agents, stations = await deps.store.write(count)
        canned = len(await deps.store.views.canned_answers())
        archived = await deps.store.views.archived_count()
        texts = sum(map(len, choices.texts.values()))
        delays = sum(name.startswith("workflow.") for name in chosen)
        said = {
            "health": words.t("admin.now.troubles", count=len(troubles))
            if troubles
            else words.t("admin.health.ok"),
            "agents": words.t("admin.now.agents", count=agents),
            "stations": words.t("admin.now.stations", count=stations),
            "lists": words.t("admin.now.lists", count=len(STARTERS)),
            "canned": words.t("admin.now.canned", count=canned),
            "delays": words.t("admin.now.delays", count=delays),
            "brand": choices.brand.name,
            "mails": words.t("admin.now.mails", count=texts),
            "archive": words.t("admin.now.archive", count=archived),
            "log": "",
            TRIAL.name: "",
        }
        return self._room.page(
            request,
            "",
            "overview",
            now=said,
            is_alarming=any(one.is_alarming for one in troubles),
            unfit=[name.partition(".")[2] for name in choices.unfit],
        )
