"""Who stands before a mission: its station, by link or session, and nobody else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from aiohttp import web

from azbot.channels.web.missions.mission import Scene
from azbot.channels.web.once import Told, once, press_of
from azbot.channels.web.problems import HttpProblem
from azbot.channels.web.seams import WebDeps
from azbot.channels.web.visitors.access import (
    Access,
    Visitor,
    lost_mission,
    no_link,
)
from azbot.errors import Refused
from azbot.forms.kinds import Context
from azbot.i18n.catalogue import Catalogue
from azbot.store import UnitOfWork
from azbot.workflow.commands import Command
from azbot.workflow.model import Assistance, Mission


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody of the station that has a mission."""

    visitor: Visitor
    mission: Mission

    @property
    def it(self) -> Assistance:
        """The assistance the mission is of."""
        return self.visitor.it

    @property
    def words(self) -> Catalogue:
        """The words of their language."""
        return self.visitor.words

    @property
    def address(self) -> str:
        """Of the page of the mission."""
        return f"/missions/{self.it.ref}"


class StationDoor:
    """Lets in the station that has the mission, and does what it presses."""

    def __init__(self, deps: WebDeps) -> None:
        self.deps = deps
        self.access = Access(deps)

    async def caller(self, request: web.Request) -> Caller:
        """Return who asks for the mission in the address.

        Raises:
            HttpProblem: ``no_link`` 404 or 410; 410 ``mission_refused`` or
                ``mission_withdrawn`` for a station that had it.
            StoreUnreachable: nothing can be read.
        """
        visitor = await self.access.visitor(request, request.match_info["ref"])
        mission = visitor.it.mission
        if not visitor.is_station or mission is None:
            raise no_link(404)
        return Caller(visitor, mission)

    def scene(self, caller: Caller, request: web.Request) -> Scene:
        """Return what their pages are read with."""
        return Scene(
            caller.it,
            caller.mission,
            caller.words,
            self.deps.clock.now(),
            request.headers.get("User-Agent", ""),
            self.lists(),
        )

    def lists(self) -> Context:
        """Return the lists in force."""
        return Context(catalogues=self.deps.in_force.choices.lists)

    async def press(
        self, caller: Caller, key: str, commands: Sequence[Command]
    ) -> Told:
        """Give commands to the desk in one unit of work, once for each press.

        Args:
            caller: who presses.
            key: made with the form.
            commands: in order; a later one sees what the one before has done.

        Raises:
            Refused: a rule said no.
            HttpProblem: 410, the mission was lost meanwhile; 400, the key is none.
        """

        def work(uow: UnitOfWork) -> Told:
            it = self.deps.desk.load(uow, caller.it.ref)
            for command in commands:
                it = self.deps.desk.apply(
                    uow, it, command, caller.visitor.actor
                ).assistance
            return {"version": it.version}

        return await self.press_work(caller, key, tuple(commands), work)

    async def press_work(
        self,
        caller: Caller,
        key: str,
        order: object,
        work: Callable[[UnitOfWork], Told],
    ) -> Told:
        """Do the work of one press; see ``press``."""
        visitor = caller.visitor
        try:
            name = press_of(key, visitor.it.ref, order)
            return await once(self.deps, visitor.scope, name, work)
        except Refused as refused:
            if refused.code != "not_yours":
                raise
            it = await self.deps.store.views.by_ref(visitor.it.ref)
            raise lost_mission(it, visitor.person) or no_link(410) from refused


def require_visit(request: web.Request) -> int:
    """Return the number of the visit in the address.

    Raises:
        HttpProblem: 404, it is none.
    """
    text = request.match_info["visit"]
    if not (text.isascii() and text.isdigit() and 0 < len(text) < 6):
        raise HttpProblem(404, "not_found")
    return int(text)
