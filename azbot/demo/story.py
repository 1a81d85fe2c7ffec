"""One whole life, played through the real code: mail in, mail out, report."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from datetime import timedelta

from azbot.demo.stage import DESK, Stage
from azbot.errors import AzbotError
from azbot.i18n.catalogue import Catalogue
from azbot.store.queries import Filters, ListItem
from azbot.workflow import commands as c
from azbot.workflow.decision import Recorded
from azbot.workflow.model import (
    Assistance,
    DocumentKind,
    InterventionStatus,
    Signatory,
    SignatureMethod,
    Status,
    Stroke,
)

ORDER = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj
trailer<</Root 1 0 R>>
%%EOF
"""
"""The smallest order proof: one empty page."""

FORM: dict[str, object] = {
    "distance_km": "17",
    "time_in": "14:30",
    "time_out": "16:05",
    "has_webserver": True,
    "webserver_mac": "0004A31F529C",
    "webserver_serial": "WS-20931",
    "integration": "none",
    "emitters": ["cold_air", "warm_air"],
    "production_units": [{"maker": "daikin", "model": "other:FBA71A"}],
    "no_material": True,
}
POINTS = (
    "wired_as_documented",
    "bus_apart",
    "bus_cable",
    "motors_labelled",
    "gateways_connected",
    "relays_labelled",
    "supply_compliant",
    "other_units_checked",
    "maker_commissioned",
)


@dataclass(frozen=True, slots=True)
class Played:
    """What a play amounted to."""

    steps: int
    mails: int
    reports: int
    status: str
    ref: str
    seconds: float

    def as_json(self) -> dict[str, object]:
        """Return the counts for the last line of ``azbot demo --play``."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Scene:
    """One step of the story; ``demo.scene.<key>`` names it."""

    key: str
    play: Callable[[], Awaitable[None]]


class Play:
    """A story and how far it has been played."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.story = Story(stage)
        self.scenes = self.story.scenes
        self.done = 0
        self.problem = ""

    @property
    def is_over(self) -> bool:
        """Nothing is left to play."""
        return self.done >= len(self.scenes)

    async def next(self) -> None:
        """Play the next scene; one that somebody's own doing spoilt says why."""
        async with self.stage.at_work:
            await self._next()

    async def _next(self) -> None:
        if self.is_over:
            return
        try:
            await self.scenes[self.done].play()
        except (AzbotError, LookupError) as error:
            self.problem = str(error)
        else:
            self.problem = ""
            self.done += 1
        await self.story.rest()

    async def rest_of_it(self) -> None:
        """Play everything that is left, until something does not fit."""
        while not self.is_over:
            before = self.done
            await self.next()
            if self.done == before:
                return

    async def work(self) -> None:
        """Let azbot do what is due."""
        async with self.stage.at_work:
            await self.story.rest()

    async def counted(self, say: Callable[[str], None], words: Catalogue) -> Played:
        """Play the whole story, saying each title, and count what came of it."""
        began = time.perf_counter()
        for number, scene in enumerate(self.scenes, start=1):
            await scene.play()
            await self.story.rest()
            say(f"{number:2}. {words.t(f'demo.scene.{scene.key}')}")
        it = await self.story.assistance()
        reports = [d for d in it.documents if d.kind is DocumentKind.REPORT]
        return Played(
            steps=len(self.scenes),
            mails=len(self.stage.mailbox.sent),
            reports=len(reports),
            status=it.status.value,
            ref=it.ref,
            seconds=round(time.perf_counter() - began, 2),
        )

    async def journal(self, most: int = 40) -> list[tuple[str, Recorded]]:
        """Return (reference, line) of everything that happened, newest first."""
        views = self.stage.app.store.views
        lines: list[tuple[str, Recorded]] = []
        for item in await self.story.asked():
            history = await views.timeline(item.id, is_internal=True)
            lines += [(str(item.ref), line) for line in history]
        return sorted(lines, key=lambda one: one[1].id, reverse=True)[:most]


class Story:
    """The scenes; each leaves azbot at rest."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    @property
    def scenes(self) -> tuple[Scene, ...]:
        """Every scene, in order."""
        return (
            Scene("client_writes", self.client_writes),
            Scene("client_completes", self.client_completes),
            Scene("client_confirms", self.client_confirms),
            Scene("desk_assigns", self.desk_assigns),
            Scene("station_accepts", self.station_accepts),
            Scene("station_plans", self.station_plans),
            Scene("first_visit", self.first_visit),
            Scene("desk_approves", self.desk_approves),
            Scene("second_visit", self.second_visit),
            Scene("client_closes", self.client_closes),
        )

    async def rest(self) -> None:
        """Hand over what was delivered and let azbot work until nothing is due."""
        stage = self._stage
        await stage.mailbox.hand_over(stage.app.store)
        await stage.app.settle()

    async def asked(self) -> tuple[ListItem, ...]:
        """Return what the client of the story asked for, the oldest first."""
        views = self._stage.app.store.views
        client = await views.by_address(self._stage.client.address)
        if client is None:
            return ()
        mine = Filters(requester=client.id)
        return (await views.page(mine, is_descending=False, limit=200)).items

    async def assistance(self) -> Assistance:
        """Return the one assistance of the story.

        Raises:
            LookupError: nothing was asked yet.
        """
        asked = await self.asked()
        if not asked:
            raise LookupError("nothing was asked yet")
        return await self._stage.app.store.views.assistance(asked[0].id)

    # -- scenes ----------------------------------------------------------------------

    async def client_writes(self) -> None:
        """A free mail: azbot reads what it can and asks for the rest."""
        self._stage.client.write(
            DESK,
            "Mise en service à Villeurbanne",
            "Bonjour,\n\nNous terminons un chantier au 18 rue des Charmettes, "
            "69100 Villeurbanne et il faut prévoir la mise en service : "
            "5 thermostats, unité Daikin.\nSur place demander Sophie Martin, "
            "06 39 98 12 34.\n\nMerci,\nSophie Martin",
            self._stage.clock.now(),
        )

    async def client_completes(self) -> None:
        """Labels filled in the reply, the order proof attached."""
        self._skip(timedelta(minutes=20))
        self._stage.client.answer(
            "Système : multizone gainable\nNombre de systèmes : 1\n",
            self._stage.clock.now(),
            files=(("bon-de-commande-4512.pdf", "application/pdf", ORDER),),
        )

    async def client_confirms(self) -> None:
        """OUI to the recap."""
        self._skip(timedelta(minutes=10))
        self._stage.client.answer("OUI", self._stage.clock.now())

    async def desk_assigns(self) -> None:
        """An agent chooses the station."""
        self._skip(timedelta(hours=1))
        await self._as_agent(c.AssignStation(self._stage.station))

    async def station_accepts(self) -> None:
        """OUI to the mission."""
        self._skip(timedelta(hours=2))
        self._stage.technician.answer("Oui", self._stage.clock.now())

    async def station_plans(self) -> None:
        """A date in words."""
        self._skip(timedelta(minutes=15))
        self._stage.technician.answer(
            "mercredi prochain 14 h 30", self._stage.clock.now()
        )

    async def first_visit(self) -> None:
        """The form, not solved; three signatures; the next date proposed."""
        visit = (await self.assistance()).visit
        if visit is None or visit.planned_at is None:
            raise LookupError("no visit is planned")
        # Two weeks later is the same weekday: nobody comes on a Sunday.
        next_at = visit.planned_at + timedelta(days=14)
        await self._visit(
            {
                "action_notes": "Registre de la chambre 2 à remplacer.",
                "solved": False,
                "next_visit": True,
                "next_visit_at": next_at.strftime("%Y-%m-%dT09:00"),
            }
        )

    async def desk_approves(self) -> None:
        """The client is told the second date only now (R105)."""
        self._skip(timedelta(hours=3))
        await self._as_agent(c.ApproveIntervention())

    async def second_visit(self) -> None:
        """Solved: the closing question leaves with the report."""
        await self._visit({"action_notes": "Registre remplacé.", "solved": True})

    async def client_closes(self) -> None:
        """OUI closes."""
        self._skip(timedelta(hours=5))
        self._stage.client.answer("Oui, merci", self._stage.clock.now())

    # -- how ---------------------------------------------------------------------------

    def _skip(self, by: timedelta) -> None:
        self._stage.clock.jump_to(self._stage.clock.now() + by)

    async def _as_agent(self, command: c.Command) -> None:
        it = await self.assistance()
        await self._stage.app.desk.handle(it.id, command, self._stage.agent)

    async def _as_station(self, command: c.Command) -> None:
        it = await self.assistance()
        await self._stage.app.desk.handle(it.id, command, self._stage.visitor)

    async def _visit(self, end: dict[str, object]) -> None:
        it = await self.assistance()
        visit = it.visit
        if visit is None or visit.planned_at is None:
            raise LookupError("no visit is planned")
        if visit.status is not InterventionStatus.PLANNED:
            raise LookupError("the visit is not planned")
        # Reminders fall due on the way to the visit.
        for timer in await self._stage.app.store.views.timers_of(it.id):
            self._stage.clock.jump_to(timer.due_at)
            await self.rest()
        self._stage.clock.jump_to(visit.planned_at)
        await self._as_station(c.ArriveOnSite())
        answers = {**FORM, **{p: {"answer": "yes"} for p in POINTS}, **end}
        await self._as_station(c.SaveInterventionForm(answers))
        self._skip(timedelta(minutes=90))
        for role, name in (
            (Signatory.INSTALLER, "Sophie Martin"),
            (Signatory.CLIENT, "Paul Lefèvre"),
            (Signatory.STATION, "Karim Benali"),
        ):
            await self._as_station(
                c.SignIntervention(
                    role=role,
                    name=name,
                    method=SignatureMethod.DRAWN,
                    strokes=(wave(len(name)),),
                    email=self._stage.client.address
                    if role is Signatory.INSTALLER
                    else "",
                    wants_report=role is Signatory.INSTALLER,
                )
            )
        await self._as_station(c.FinishIntervention())
        if (await self.assistance()).status is Status.WAITING:
            raise LookupError("the visit did not end")


def wave(seed: int) -> Stroke:
    """A scribble that looks like a signature and is the same every time."""
    points = [
        (150 + 17 * i, 500 + ((i * seed * 37) % 400 - 200) * (1 if i % 2 else -1))
        for i in range(90)
    ]
    return Stroke(tuple(points))
