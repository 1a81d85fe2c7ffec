"""One whole life: what comes next, whoever did what came before.

Each act looks at the state and does what is missing, so that a visitor may do any of
them by hand, in the mailboxes, on the telephones or in the inbox, and let the next one
be played.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from azbot.demo.phones import STATION, Phones
from azbot.demo.photos import photo
from azbot.demo.stage import DESK, Stage
from azbot.store.queries import Filters, ListItem
from azbot.testing.telegram import Message, Person
from azbot.workflow import commands as c
from azbot.workflow.model import (
    Assistance,
    AssistanceId,
    AssistanceRef,
    DocumentKind,
    Intervention,
    InterventionStatus,
    MissionStatus,
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

_MOST_QUESTIONS = 4
_SIGN = (
    (Signatory.INSTALLER, "Sophie Martin"),
    (Signatory.CLIENT, "Paul Lefèvre"),
    (Signatory.STATION, "Karim Benali"),
)

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


STEPS = (
    "client_writes",
    "desk_assigns",
    "station_accepts",
    "visit",
    "client_closes",
)
"""What the guide shows; ``demo.step.<key>`` names each."""

Pane = Literal["mail", "phone", "desk"]


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody does at once; ``demo.act.<key>`` tells it.

    Attributes:
        pane: where it is seen.
        who: whose mailbox or telephone that is; empty for the desk.
        play: does it.
    """

    key: str
    pane: Pane
    who: str
    play: Callable[[], Awaitable[None]]


class Story:
    """The life of what the client of the story asks for.

    Args:
        stage: where it is played.
        phones: of the client and the technician.
    """

    def __init__(self, stage: Stage, phones: Phones) -> None:
        self._stage = stage
        self._phones = phones

    async def asked(self) -> tuple[ListItem, ...]:
        """Return what the client of the story asked for, the newest first."""
        mine = Filters(requester=self._stage.cast.client)
        return (await self._stage.app.store.views.page(mine, limit=200)).items

    async def assistance(self) -> Assistance | None:
        """Return what the client asked for last, None: nothing yet."""
        asked = await self.asked()
        if not asked:
            return None
        newest = max(asked, key=lambda item: item.id)
        return await self._stage.app.store.views.assistance(newest.id)

    def next_act(self, it: Assistance | None) -> Act | None:
        """Return what comes next, None: nothing, the story is told.

        Args:
            it: what the client asked for, as it is now.
        """
        if it is None:
            return Act("client_writes", "mail", "client", self.client_writes)
        if it.status in {Status.CLOSED, Status.CANCELLED}:
            return None
        if it.status is Status.DONE:
            return Act("client_closes", "mail", "client", self.client_closes)
        if it.mission is None:
            return self._before_a_station(it)
        if it.mission.status is MissionStatus.PROPOSED:
            return Act("station_accepts", "phone", STATION, self.station_accepts)
        return self._of_the_visit(it.visit)

    def _before_a_station(self, it: Assistance) -> Act:
        if it.missing or it.status is Status.WAITING:
            return Act("client_completes", "mail", "client", self.client_completes)
        if not it.is_confirmed:
            return Act("client_confirms", "mail", "client", self.client_confirms)
        if self._needs_order(it):
            return Act("client_joins", "mail", "client", self.client_joins)
        return Act("desk_assigns", "desk", "", self.desk_assigns)

    def _of_the_visit(self, visit: Intervention | None) -> Act:
        if visit is not None and visit.status is InterventionStatus.TO_APPROVE:
            return Act("desk_approves", "desk", "", self.desk_approves)
        if visit is not None and visit.status is InterventionStatus.PLANNED:
            return Act("station_arrives", "phone", STATION, self.station_arrives)
        if visit is not None and visit.status is InterventionStatus.UNDERWAY:
            if "solved" not in visit.answers:
                return Act("station_fills", "phone", STATION, self.station_fills)
            if visit.awaited or not visit.signatures:
                return Act("all_sign", "desk", "", self.all_sign)
            return Act("station_leaves", "mail", "client", self.station_leaves)
        return Act("station_plans", "phone", STATION, self.station_plans)

    # -- acts ------------------------------------------------------------------------

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

    async def client_joins(self) -> None:
        """The order proof, which whoever wrote by hand may have left out."""
        self._skip(timedelta(minutes=10))
        self._stage.client.answer(
            "Voici le bon de commande.",
            self._stage.clock.now(),
            files=(("bon-de-commande-4512.pdf", "application/pdf", ORDER),),
        )

    async def desk_assigns(self) -> None:
        """An agent chooses the station."""
        self._skip(timedelta(hours=1))
        await self._as_agent(c.AssignStation(self._stage.station))

    async def station_accepts(self) -> None:
        """One press on the card of the mission."""
        self._skip(timedelta(minutes=40))
        self._phone.presses("Accepter")

    async def station_plans(self) -> None:
        """The second day that is offered, and the second hour."""
        self._skip(timedelta(minutes=5))
        for _ in range(_MOST_QUESTIONS):
            question = self._question((await self._it()).ref)
            if question is None:
                self._phone.presses("Programmer la visite")
            else:
                offered = [each for row in question.buttons for each in row]
                self._phone.presses(offered[1].data, message=question)
            await self._stage.rest()
            visit = await self._visit()
            if visit.status is not InterventionStatus.UNPLANNED:
                return
        raise LookupError("no date was agreed")

    async def station_arrives(self) -> None:
        """On the day, after the reminders: one press, two photos."""
        visit = await self._visit()
        if visit.planned_at is None:
            raise LookupError("no visit is planned")
        for timer in await self._stage.app.store.views.timers_of(await self._id()):
            if timer.due_at < visit.planned_at:
                self._stage.clock.jump_to(timer.due_at)
                await self._stage.rest()
        self._stage.clock.jump_to(visit.planned_at)
        self._phone.presses("Je suis sur place")
        await self._stage.rest()
        self._phone.sends_album((photo(1), photo(2)), caption="Avant la mise en route")

    async def station_fills(self) -> None:
        """The form of the visit, as the page of the telephone sends it."""
        self._skip(timedelta(minutes=80))
        answers = {**FORM, **{point: {"answer": "yes"} for point in POINTS}}
        answers |= {"action_notes": "Registres équilibrés.", "solved": True}
        await self._as_station(c.SaveInterventionForm(answers))

    async def all_sign(self) -> None:
        """Three signatures, drawn on the telephone of the technician."""
        self._skip(timedelta(minutes=10))
        visit = await self._visit()
        for role, name in _SIGN:
            if visit.signature(role) is None:
                is_installer = role is Signatory.INSTALLER
                await self._as_station(
                    c.SignIntervention(
                        role=role,
                        name=name,
                        method=SignatureMethod.DRAWN,
                        strokes=(wave(len(name)),),
                        email=self._stage.client.address if is_installer else "",
                        wants_report=is_installer,
                    )
                )

    async def station_leaves(self) -> None:
        """Solved: the closing question leaves with the report."""
        await self._as_station(c.FinishIntervention())

    async def desk_approves(self) -> None:
        """The client is told of a second date only now (R105)."""
        self._skip(timedelta(hours=3))
        await self._as_agent(c.ApproveIntervention())

    async def client_closes(self) -> None:
        """OUI closes."""
        self._skip(timedelta(hours=2))
        self._stage.client.answer("Oui, merci", self._stage.clock.now())

    # -- how ---------------------------------------------------------------------------

    @property
    def _phone(self) -> Person:
        return self._phones.each[STATION]

    def _question(self, ref: AssistanceRef) -> Message | None:
        """Return what the technician is asked last of it, None: nothing."""
        for message in reversed(self._phone.with_text(ref)):
            if "?" in message.text and len(message.labels) > 1:
                return message
        return None

    def _needs_order(self, it: Assistance) -> bool:
        rules = self._stage.app.in_force.choices.rules
        proof = DocumentKind.ORDER_PROOF
        has_proof = any(one.kind is proof for one in it.present_documents)
        return it.service in rules.proof_required and not has_proof

    def _skip(self, by: timedelta) -> None:
        self._stage.clock.jump_to(self._stage.clock.now() + by)

    async def _it(self) -> Assistance:
        it = await self.assistance()
        if it is None:
            raise LookupError("nothing was asked yet")
        return it

    async def _id(self) -> AssistanceId:
        return (await self._it()).id

    async def _visit(self) -> Intervention:
        visit = (await self._it()).visit
        if visit is None:
            raise LookupError("there is no visit")
        return visit

    async def _as_agent(self, command: c.Command) -> None:
        await self._stage.app.desk.handle(await self._id(), command, self._stage.agent)

    async def _as_station(self, command: c.Command) -> None:
        await self._stage.app.desk.handle(
            await self._id(), command, self._stage.visitor
        )


def steps_done(it: Assistance | None) -> int:
    """Return how many steps of the guide are behind, by whose hands ever.

    Args:
        it: what the client asked for, None: nothing yet.
    """
    if it is None:
        return 0
    if it.status in {Status.CLOSED, Status.CANCELLED}:
        return len(STEPS)
    if it.status is Status.DONE:
        return 4
    if it.mission is None:
        is_complete = not it.missing and it.status is Status.SUBMITTED
        return 1 if is_complete and it.is_confirmed else 0
    return 3 if it.mission.status is MissionStatus.ACCEPTED else 2


def wave(seed: int) -> Stroke:
    """A scribble that looks like a signature and is the same every time."""
    points = [
        (150 + 17 * i, 500 + ((i * seed * 37) % 400 - 200) * (1 if i % 2 else -1))
        for i in range(90)
    ]
    return Stroke(tuple(points))
