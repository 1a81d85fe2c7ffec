"""One assistance at each stage of its life, reached through the door itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

from azbot.forms.intervention import CHECKLIST
from azbot.messages import BlobId, PersonId, Trust
from azbot.workflow import commands as c
from azbot.workflow.commands import Command
from azbot.workflow.deadlines import Rules
from azbot.workflow.decide import decide
from azbot.workflow.decision import Audience, Decision, Notice, NoticeKind, Refusal
from azbot.workflow.model import (
    Actor,
    Assistance,
    AssistanceId,
    AssistanceRef,
    DocumentKind,
    InterventionStatus,
    Mandate,
    Role,
    Signatory,
    SignatureMethod,
    Station,
    StationId,
    Status,
    Stroke,
)

NOW = datetime(2026, 3, 23, 9, tzinfo=UTC)
"""A Monday, ten in the morning in Paris, six days before summer time."""
VISIT_AT = datetime(2026, 3, 25, 12, tzinfo=UTC)
LATER_AT = datetime(2026, 4, 2, 7, tzinfo=UTC)
RULES = Rules()

SOPHIE, MARC, CAMILLE, PAUL = (PersonId(n) for n in (1, 2, 3, 4))
CLIENT = Actor(Role.CLIENT, SOPHIE, "Sophie Martin", Trust.PROVEN, "email")
CONTACT = Actor(Role.CLIENT, MARC, "Marc Roy", Trust.PROVEN, "email")
STRANGER = Actor(Role.CLIENT, PersonId(99), "Mallory", Trust.PROVEN, "email")
AGENT = Actor(Role.AGENT, CAMILLE, "Camille Dupont", Trust.STAFF, "api")
ADMIN = Actor(Role.ADMIN, PersonId(5), "Dominique Petit", Trust.STAFF, "api")
SYSTEM = Actor(Role.SYSTEM, None, "azbot", Trust.STAFF, "timer")
FROID = Station(
    StationId(7), "Froid Rhône Services", "sta@froid.example", "+33199001234", ("69",)
)
OTHER_STATION = Station(StationId(8), "Clim Alpes", "sta@alpes.example")
SIGNATORY = Actor(
    Role.SIGNATORY,
    None,
    "Karim Bernard",
    Trust.PROVEN,
    "web",
    mandate=Mandate(
        AssistanceId(184), 1, Signatory.CLIENT, "0" * 20, VISIT_AT + timedelta(days=7)
    ),
)
STATION = Actor(
    Role.STATION, PAUL, "Paul Noir", Trust.PROVEN, "email", station=FROID.id
)
OTHER_STA = Actor(
    Role.STATION, PersonId(6), "Luc Blanc", Trust.PROVEN, "email", OTHER_STATION.id
)

REQUEST: dict[str, object] = {
    "first_name": "Sophie",
    "last_name": "Martin",
    "email": "sophie@clim-martin.example",
    "installer": "Clim Martin SARL",
    "contact_name": "Marc Roy",
    "phone": "+33639981234",
    "contact_email": "marc@chantier.example",
    "service": "commissioning",
    "address": "18 rue des Charmettes",
    "postcode": "69100",
    "town": "Villeurbanne",
    "system": "zoned_ducted",
    "system_count": 1,
    "thermostat_count": 5,
    "maker": "daikin",
}
PROOF = c.NewDocument(
    "bon-de-commande.pdf",
    "application/pdf",
    1200,
    BlobId("a" * 64),
    DocumentKind.ORDER_PROOF,
)
FORM: dict[str, object] = {
    "distance_km": 12,
    "time_in": "13:00",
    "time_out": "15:30",
    "has_webserver": False,
    "integration": "none",
    "emitters": ["cold_air"],
    "production_units": [{"maker": "daikin", "model": "ducted_split"}],
    **{point: {"answer": "yes"} for point in CHECKLIST},
    "no_material": True,
    "solved": True,
}
UNSOLVED = {"solved": False, "next_visit": False, "action_notes": "Registre chambre 2"}
STROKES = (Stroke(((0, 0), (300, 400), (600, 100))),)


def opening(**fields: object) -> c.OpenAssistance:
    """Return the command that opens the sample request, some fields changed."""
    return c.OpenAssistance(
        id=AssistanceId(184),
        ref=AssistanceRef("ASFR26000184"),
        requester=SOPHIE,
        answers={**REQUEST, **fields},
        documents=(PROOF,),
        contact=MARC,
        is_confirmed=True,
    )


def decided(
    it: Assistance | None,
    command: Command,
    actor: Actor = AGENT,
    now: datetime = NOW,
    rules: Rules = RULES,
) -> Decision:
    """Return what happens; fail with the refusal when a rule says no."""
    outcome = decide(it, command, actor, now, rules)
    assert isinstance(outcome, Decision), outcome
    return outcome


def refused(
    it: Assistance | None,
    command: Command,
    actor: Actor = AGENT,
    now: datetime = NOW,
    rules: Rules = RULES,
) -> Refusal:
    """Return why a rule says no; fail when none does."""
    outcome = decide(it, command, actor, now, rules)
    assert isinstance(outcome, Refusal), outcome
    return outcome


def play(
    it: Assistance | None,
    steps: Iterable[tuple[Command, Actor]],
    now: datetime = NOW,
    rules: Rules = RULES,
) -> Assistance:
    """Apply commands in order; each must be allowed."""
    for command, actor in steps:
        it = decided(it, command, actor, now, rules).assistance
    assert it is not None
    return it


def signatures(number: int | None = None) -> list[tuple[Command, Actor]]:
    """Return the three signatures of a visit."""
    return [
        (
            c.SignIntervention(
                role, f"M. {role.value}", SignatureMethod.DRAWN, STROKES, number=number
            ),
            STATION,
        )
        for role in Signatory
    ]


def submitted() -> Assistance:
    """Demandée, complete."""
    return play(None, [(opening(), CLIENT)])


def incomplete() -> Assistance:
    """Demandée, two fields and the order proof missing."""
    command = opening(system=None, maker=None)
    bare = c.OpenAssistance(
        id=command.id,
        ref=command.ref,
        requester=command.requester,
        answers=command.answers,
    )
    return play(None, [(bare, CLIENT)])


def waiting() -> Assistance:
    """En attente."""
    asked = c.AskComplement("une photo lisible suffit", ("order_proof",))
    return play(submitted(), [(asked, AGENT)])


def assigned() -> Assistance:
    """Assignée, the mission is proposed."""
    return play(submitted(), [(c.AssignStation(FROID), AGENT)])


def underway() -> Assistance:
    """En cours, the first visit awaits its date."""
    return play(assigned(), [(c.AcceptMission(), STATION)])


def planned() -> Assistance:
    """En cours, the first visit has its date."""
    return play(underway(), [(c.ScheduleIntervention(VISIT_AT), STATION)])


def on_site() -> Assistance:
    """En cours, the technician is there, the form is empty."""
    return play(planned(), [(c.ArriveOnSite(), STATION)], VISIT_AT)


def signed(**answers: object) -> Assistance:
    """En cours, form filled and signed three times."""
    save = c.SaveInterventionForm({**FORM, **answers})
    return play(on_site(), [(save, STATION), *signatures()], VISIT_AT)


def finish_unsolved(**answers: object) -> Decision:
    """Return what happens when the first visit ends without solving it."""
    it = signed(**{**UNSOLVED, **answers})
    return decided(it, c.FinishIntervention(), STATION, VISIT_AT)


def to_approve() -> Assistance:
    """En cours, a follow-up visit is proposed."""
    return finish_unsolved(
        next_visit=True, next_visit_at=LATER_AT.isoformat()
    ).assistance


def done() -> Assistance:
    """Réalisée."""
    return play(signed(), [(c.FinishIntervention(), STATION)], VISIT_AT)


def closed() -> Assistance:
    """Clôturée."""
    return play(done(), [(c.ConfirmClosing(), CLIENT)], VISIT_AT)


def cancelled() -> Assistance:
    """Annulée."""
    return play(submitted(), [(c.CancelAssistance("chantier arrêté"), CLIENT)])


Stage = Callable[[], Assistance]
"""Reaches one stage."""

STAGES: dict[Status, Stage] = {
    Status.SUBMITTED: submitted,
    Status.WAITING: waiting,
    Status.ASSIGNED: assigned,
    Status.UNDERWAY: underway,
    Status.DONE: done,
    Status.CLOSED: closed,
    Status.CANCELLED: cancelled,
}
"""How to reach each status."""

VISIT_STAGES: dict[InterventionStatus, Stage] = {
    InterventionStatus.UNPLANNED: underway,
    InterventionStatus.TO_APPROVE: to_approve,
    InterventionStatus.PLANNED: planned,
    InterventionStatus.UNDERWAY: signed,
    InterventionStatus.FINISHED: done,
}
"""How to reach each status of a visit that is not cancelled."""


def kinds(decision: Decision, to: Audience | None = None) -> list[NoticeKind]:
    """Return the kinds of the notices that leave, in order."""
    return [n.kind for n in decision.notices if to in (None, n.to)]


def one(decision: Decision, kind: NoticeKind, to: Audience) -> Notice:
    """Return the only notice of a kind to an audience."""
    found = [n for n in decision.notices if (n.kind, n.to) == (kind, to)]
    assert len(found) == 1, [(n.kind.value, n.to.value) for n in decision.notices]
    return found[0]


def after(**delay: float) -> datetime:
    """Return NOW plus a delay in ``timedelta`` words."""
    return NOW + timedelta(**delay)
