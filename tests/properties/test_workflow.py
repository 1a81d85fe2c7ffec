"""Lives played at random: what must hold whatever anybody does, in any order."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)
from typing_extensions import override

from azbot.messages import BlobId, PersonId, Trust
from azbot.workflow import commands as c
from azbot.workflow import events as e
from azbot.workflow.answers import fingerprint
from azbot.workflow.commands import Command
from azbot.workflow.deadlines import Rules, TimerKind, timers
from azbot.workflow.decide import decide
from azbot.workflow.decision import Decision, Recorded, Refusal
from azbot.workflow.events import evolve
from azbot.workflow.lives import ASSISTANCE, INTERVENTION, MISSION
from azbot.workflow.model import (
    Actor,
    Assistance,
    InterventionStatus,
    Mandate,
    MissionStatus,
    RefusalReason,
    Review,
    Role,
    ServiceType,
    Signatory,
    SignatureMethod,
    Status,
)
from azbot.workflow.policy import PERMISSIONS
from tests.unit.workflow.stages import (
    ADMIN,
    AGENT,
    CAMILLE,
    CLIENT,
    CONTACT,
    FORM,
    FROID,
    NOW,
    OTHER_STA,
    OTHER_STATION,
    PROOF,
    SIGNATORY,
    STATION,
    STRANGER,
    STROKES,
    SYSTEM,
    UNSOLVED,
    opening,
)

SECRET = "zqx-internal-zqx"
RULES = Rules(allow_waiver=True, max_documents=6)
ACTORS = (CLIENT, CONTACT, STRANGER, AGENT, ADMIN, STATION, OTHER_STA, SYSTEM)
_NUMBERS = st.sampled_from((None, None, None, 1, 2, 3))
_REASONS = st.sampled_from(("pour la pièce", "absent", " "))
_HOURS = st.integers(-30, 24 * 40)

Build = Callable[[st.DataObject, datetime], Command]


def _date(data: st.DataObject, now: datetime) -> datetime:
    return now + timedelta(hours=data.draw(_HOURS))


def _answers(data: st.DataObject, now: datetime) -> dict[str, object]:
    whole = {**FORM, **data.draw(st.sampled_from(({}, UNSOLVED)))}
    if data.draw(st.booleans()) and not whole["solved"]:
        whole |= {"next_visit": True, "next_visit_at": _date(data, now).isoformat()}
    if data.draw(st.integers(0, 3)):
        return whole
    some = data.draw(st.lists(st.sampled_from(sorted(whole)), max_size=4))
    return {key: data.draw(st.sampled_from((whole[key], None))) for key in some}


def _sign(data: st.DataObject, now: datetime) -> Command:
    return c.SignIntervention(
        role=data.draw(st.sampled_from(Signatory)),
        name=data.draw(st.sampled_from(("Mme Blanc", "M. Noir", ""))),
        method=data.draw(st.sampled_from(SignatureMethod)),
        strokes=data.draw(st.sampled_from((STROKES, ()))),
        wants_report=data.draw(st.booleans()),
        email=data.draw(st.sampled_from(("", "blanc@exemple.fr", "rien"))),
        number=data.draw(_NUMBERS),
    )


PHOTO = c.NewDocument("p.jpg", "image/jpeg", 9, BlobId("c" * 64))


def _files(data: st.DataObject) -> tuple[c.NewDocument, ...]:
    file = replace(PROOF, kind=None, intervention=data.draw(_NUMBERS))
    return (file,) * data.draw(st.sampled_from((0, 0, 0, 1, 4)))


COMMANDS: dict[type[Command], Build] = {
    c.OpenAssistance: lambda d, n: opening(),
    c.AmendRequest: lambda d, n: c.AmendRequest(
        d.draw(
            st.sampled_from(
                (
                    {"maker": "toshiba"},
                    {"maker": None, "system": None},
                    {"postcode": "97400"},
                    {"country": "ES"},
                    {"phone": "12"},
                    {"service": "incident"},
                )
            )
        )
    ),
    c.ConfirmRequest: lambda d, n: c.ConfirmRequest(),
    c.AddMessage: lambda d, n: c.AddMessage(
        d.draw(st.sampled_from(("Bonjour", "Il reste un bruit.", ""))),
        documents=_files(d),
        is_automatic=d.draw(st.booleans()),
    ),
    c.AddNote: lambda d, n: c.AddNote(
        SECRET, tuple(replace(f, name=f"{SECRET}.pdf") for f in _files(d))
    ),
    c.ReviewDocument: lambda d, n: c.ReviewDocument(
        d.draw(st.integers(1, 3)), d.draw(st.sampled_from(Review)), reason="flou"
    ),
    c.AskComplement: lambda d, n: c.AskComplement(d.draw(_REASONS), ("order_proof",)),
    c.RemindClient: lambda d, n: c.RemindClient(),
    c.AssignStation: lambda d, n: c.AssignStation(
        d.draw(st.sampled_from((FROID, FROID, OTHER_STATION))), d.draw(_REASONS)
    ),
    c.WithdrawMission: lambda d, n: c.WithdrawMission(d.draw(_REASONS)),
    c.RemindStation: lambda d, n: c.RemindStation(),
    c.AcceptMission: lambda d, n: c.AcceptMission(),
    c.RefuseMission: lambda d, n: c.RefuseMission(
        d.draw(st.sampled_from(RefusalReason))
    ),
    c.ScheduleIntervention: lambda d, n: c.ScheduleIntervention(
        _date(d, n), d.draw(_NUMBERS), reason=d.draw(_REASONS)
    ),
    c.ApproveIntervention: lambda d, n: c.ApproveIntervention(
        d.draw(_NUMBERS), d.draw(st.sampled_from((None, n + timedelta(days=3))))
    ),
    c.DeclineIntervention: lambda d, n: c.DeclineIntervention(
        d.draw(_REASONS), d.draw(_NUMBERS)
    ),
    c.AddIntervention: lambda d, n: c.AddIntervention(d.draw(_REASONS)),
    c.CancelIntervention: lambda d, n: c.CancelIntervention(
        d.draw(_REASONS), d.draw(_NUMBERS)
    ),
    c.InviteColleague: lambda d, n: c.InviteColleague(PersonId(90), "Julie Roux"),
    c.AskOtherDate: lambda d, n: c.AskOtherDate("plutôt vendredi"),
    c.ArriveOnSite: lambda d, n: c.ArriveOnSite(d.draw(_NUMBERS)),
    c.SaveInterventionForm: lambda d, n: c.SaveInterventionForm(
        _answers(d, n), d.draw(_NUMBERS)
    ),
    c.AddVisitPhotos: lambda d, n: c.AddVisitPhotos((PHOTO,), d.draw(_NUMBERS)),
    c.SignIntervention: _sign,
    c.InviteSignatory: lambda d, n: c.InviteSignatory(
        d.draw(st.sampled_from(Signatory)), "M. Absent", number=d.draw(_NUMBERS)
    ),
    c.SignRemotely: lambda d, n: c.SignRemotely("M. Absent", STROKES),
    c.WaiveSignature: lambda d, n: c.WaiveSignature(
        d.draw(st.sampled_from(Signatory)), d.draw(_REASONS), d.draw(_NUMBERS)
    ),
    c.RemoveSignatures: lambda d, n: c.RemoveSignatures(d.draw(_NUMBERS)),
    c.FinishIntervention: lambda d, n: c.FinishIntervention(d.draw(_NUMBERS)),
    c.ConfirmClosing: lambda d, n: c.ConfirmClosing(),
    c.RefuseClosing: lambda d, n: c.RefuseClosing(d.draw(_REASONS)),
    c.CloseAssistance: lambda d, n: c.CloseAssistance(),
    c.AskClosingAgain: lambda d, n: c.AskClosingAgain(),
    c.CancelAssistance: lambda d, n: c.CancelAssistance(d.draw(_REASONS)),
    c.ReopenAssistance: lambda d, n: c.ReopenAssistance(d.draw(_REASONS)),
    c.Requalify: lambda d, n: c.Requalify(
        d.draw(st.sampled_from(ServiceType)), d.draw(_REASONS)
    ),
    c.ChooseOwner: lambda d, n: c.ChooseOwner(
        d.draw(st.sampled_from((None, CAMILLE))), f"Camille {SECRET}"
    ),
    c.MarkHandled: lambda d, n: c.MarkHandled(),
    c.BringBack: lambda d, n: c.BringBack(),
    c.Snooze: lambda d, n: c.Snooze(_date(d, n)),
    c.EndSnooze: lambda d, n: c.EndSnooze(),
    c.SetTags: lambda d, n: c.SetTags(
        d.draw(st.sampled_from(((), (SECRET,), (SECRET, "Été", "ete"))))
    ),
    c.RecordReport: lambda d, n: c.RecordReport(
        c.NewDocument("r.pdf", "application/pdf", 9, BlobId("b" * 64)),
        "f" * 64,
        d.draw(_NUMBERS),
    ),
    c.RecordDeliveryFailure: lambda d, n: c.RecordDeliveryFailure(
        "a@b.example", "550", is_permanent=d.draw(st.booleans())
    ),
    c.RecordChatBlocked: lambda d, n: c.RecordChatBlocked("Sophie", "telegram"),
    c.RecordAbsence: lambda d, n: c.RecordAbsence("Je suis absente."),
    c.FireTimer: lambda d, n: c.FireTimer("close", d.draw(st.integers(0, 2))),
}

DESK_ONLY = (
    c.AddNote,
    c.ChooseOwner,
    c.MarkHandled,
    c.BringBack,
    c.Snooze,
    c.EndSnooze,
    c.SetTags,
)
"""What nobody outside the desk ever hears of."""

REPEATABLE = (
    c.AmendRequest,
    c.ConfirmRequest,
    c.ReviewDocument,
    c.ScheduleIntervention,
    c.ArriveOnSite,
    c.SaveInterventionForm,
    c.AddVisitPhotos,
    c.SignIntervention,
    c.WaiveSignature,
    c.RemoveSignatures,
    c.ConfirmClosing,
    c.Requalify,
    c.ChooseOwner,
    c.MarkHandled,
    c.BringBack,
    c.Snooze,
    c.EndSnooze,
    c.SetTags,
    c.RecordReport,
)
"""Sent again at once, by the same actor, these change nothing the second time."""


_KINDS = sorted(COMMANDS, key=lambda kind: kind.__name__)
_WORK = [
    kind
    for kind in _KINDS
    if kind not in (c.CancelAssistance, c.WithdrawMission, c.OpenAssistance)
]
"""What does not end everything: a walk that ends at once shows little."""
_ACTORS = (CLIENT, AGENT, STATION, SYSTEM, SIGNATORY)
_WHO = {
    kind: [
        who
        for who in (CLIENT, AGENT, STATION, SYSTEM, SIGNATORY)
        if who.role in allowed
    ]
    for kind, allowed in PERMISSIONS.items()
}


class Lives(RuleBasedStateMachine):
    """One assistance, anybody, any command, any time."""

    it: Assistance
    now: datetime
    history: list[Recorded]

    def __init__(self) -> None:
        super().__init__()
        self.history = []

    @initialize(is_complete=st.booleans())
    def open(self, is_complete: bool) -> None:
        self.now = NOW
        command = opening() if is_complete else opening(maker=None, service=None)
        outcome = decide(None, command, CLIENT, self.now, RULES)
        assert isinstance(outcome, Decision)
        self._take(outcome, None)

    @rule(hours=st.integers(0, 100))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule(
        data=st.data(),
        kind=st.sampled_from(_KINDS),
        actor=st.sampled_from(ACTORS),
        trust=st.sampled_from((None, None, None, *Trust)),
    )
    def anybody_does_anything(
        self,
        data: st.DataObject,
        kind: type[Command],
        actor: Actor,
        trust: Trust | None,
    ) -> None:
        who = actor if trust is None else replace(actor, trust=trust)
        self._send(COMMANDS[kind](data, self.now), who)

    @rule(
        data=st.data(),
        kinds=st.lists(st.sampled_from(_WORK), min_size=3, max_size=3),
    )
    def people_do_their_work(
        self, data: st.DataObject, kinds: list[type[Command]]
    ) -> None:
        for kind in kinds:
            who = data.draw(st.sampled_from(_WHO[kind]))
            if who is STATION and self._station() == OTHER_STATION.id:
                who = OTHER_STA
            self._send(COMMANDS[kind](data, self.now), who)

    @rule(data=st.data(), steps=st.integers(1, 9))
    def people_do_what_comes_next(self, data: st.DataObject, steps: int) -> None:
        """Walk towards the end, so that late stages are seen often."""
        for _ in range(steps):
            self._send(*data.draw(st.sampled_from(self._next(data))))

    def _next(self, data: st.DataObject) -> list[tuple[Command, Actor]]:
        station = OTHER_STA if self._station() == OTHER_STATION.id else STATION
        match self.it.status:
            case Status.SUBMITTED | Status.WAITING:
                return [(c.AssignStation(FROID, "urgence"), AGENT)]
            case Status.ASSIGNED:
                return [(c.AcceptMission(), station)]
            case Status.DONE:
                return [
                    (c.ConfirmClosing(), CLIENT),
                    (c.RefuseClosing("il fait froid"), CLIENT),
                ]
            case Status.CLOSED | Status.CANCELLED:
                return [(c.ReopenAssistance("encore"), AGENT)]
            case Status.UNDERWAY:
                return self._next_of_visit(data, station)

    def _next_of_visit(
        self, data: st.DataObject, station: Actor
    ) -> list[tuple[Command, Actor]]:
        visit = self.it.visit
        assert visit is not None
        match visit.status:
            case InterventionStatus.UNPLANNED:
                soon = self.now + timedelta(days=2)
                return [(c.ScheduleIntervention(soon, visit.number), station)]
            case InterventionStatus.TO_APPROVE:
                return [(c.ApproveIntervention(visit.number), AGENT)]
            case InterventionStatus.PLANNED:
                return [(c.ArriveOnSite(visit.number), station)]
            case _:
                given = {s.role for s in visit.signatures}
                wanted = [role for role in Signatory if role not in given]
                if not given:
                    answers = _answers(data, self.now)
                    self._send(c.SaveInterventionForm(answers, visit.number), station)
                if wanted:
                    typed = SignatureMethod.TYPED
                    sign = c.SignIntervention(
                        wanted[0], "N.", typed, number=visit.number
                    )
                    invite = c.InviteSignatory(wanted[0], "N.", number=visit.number)
                    asked = visit.invitation(wanted[0])
                    if asked is None:
                        return [(sign, station), (invite, station)]
                    mandate = Mandate(
                        self.it.id,
                        visit.number,
                        asked.role,
                        asked.fingerprint[:20],
                        asked.until,
                    )
                    absent = replace(SIGNATORY, mandate=mandate)
                    return [(sign, station), (c.SignRemotely("N.", STROKES), absent)]
                return [
                    (c.FinishIntervention(visit.number), station),
                    (c.FinishIntervention(visit.number), station),
                    (c.RemoveSignatures(visit.number), station),
                ]

    def _station(self) -> int | None:
        return self.it.mission.station.id if self.it.mission else None

    @precondition(lambda self: bool(timers(self.it, RULES)))
    @rule(late=st.integers(0, 30))
    def a_timer_falls_due(self, late: int) -> None:
        due = timers(self.it, RULES)[0]
        self.now = max(self.now, due.due_at) + timedelta(days=late)
        before = timers(self.it, RULES)
        self._send(c.FireTimer(due.kind, due.subject), SYSTEM)
        assert timers(self.it, RULES) != before  # it moves on

    def _send(self, command: Command, actor: Actor) -> None:
        before = self.it
        copy = repr(before)
        outcome = decide(before, command, actor, self.now, RULES)
        assert repr(before) == copy  # nothing is changed in place
        if isinstance(outcome, Refusal):
            assert outcome.code
            json.dumps(dict(outcome.facts))
            return
        assert outcome == decide(before, command, actor, self.now, RULES)
        self._take(outcome, actor)
        if not outcome.history:
            assert (outcome.assistance, outcome.notices) == (before, ())
        if isinstance(command, c.AddMessage) and command.is_automatic:
            assert outcome.assistance.status is before.status
            assert outcome.notices == ()
            assert _queue(self.it) == _queue(before)
            assert self.it.inbound == before.inbound
        if isinstance(command, c.RecordAbsence):
            assert outcome.assistance.status is before.status
            assert outcome.notices == ()
            assert _queue(self.it) == _queue(before)
        if isinstance(command, DESK_ONLY):
            assert outcome.assistance.status is before.status
            assert outcome.assistance.inbound == before.inbound
            assert outcome.notices == ()
            for line in outcome.history[:1]:
                assert line.event.is_internal
        if isinstance(command, REPEATABLE):
            again = decide(self.it, command, actor, self.now, RULES)
            assert isinstance(again, Refusal) or again.history == ()

    def _take(self, decision: Decision, actor: Actor | None) -> None:
        _steps_are_listed(getattr(self, "it", None), decision, actor)
        _notices_are_sound(decision)
        self.it = decision.assistance
        self.history += decision.history
        assert decision.timers == timers(self.it, RULES)

    @override
    def teardown(self) -> None:
        """The events rebuild the state from scratch (invariant 3)."""
        state = None
        for line in self.history:
            state = evolve(state, line.event, line.at)
        assert state == getattr(self, "it", None)

    @invariant()
    def what_has_ended_has_no_timer_but_the_desks_own(self) -> None:
        if not self.it.is_open:
            assert {t.kind for t in timers(self.it, RULES)} <= {TimerKind.SNOOZE}
            assert not self.it.open_visits

    @invariant()
    def whoever_waits_for_the_desk_waits_since_some_instant(self) -> None:
        it = self.it
        assert (it.attention is None) == (it.attention_since is None)
        assert it.attention is None or it.handled is None
        assert it.opened_at <= (it.attention_since or self.now) <= self.now

    @invariant()
    def no_hour_is_counted_twice(self) -> None:
        it = self.it
        counted = it.desk_time + it.client_time + it.station_time
        passed = (it.updated_at or it.opened_at) - it.opened_at
        has_ended = any(line.after in _ENDS for line in self.history)
        assert counted <= passed if has_ended else counted == passed

    @invariant()
    def a_finished_visit_bears_three_signatures_of_one_version(self) -> None:
        for visit in self.it.interventions:
            if visit.status is InterventionStatus.FINISHED:
                assert {s.role for s in visit.signatures} == set(Signatory)
                present = {fingerprint(visit.answers)}
                assert {s.fingerprint for s in visit.signatures} == present
                assert all(s.name for s in visit.signatures)

    @invariant()
    def the_parts_fit_the_whole(self) -> None:
        it = self.it
        live = [
            m
            for m in it.missions
            if m.status in (MissionStatus.PROPOSED, MissionStatus.ACCEPTED)
        ]
        assert len(live) <= 1
        if it.status is Status.ASSIGNED:
            assert [m.status for m in live] == [MissionStatus.PROPOSED]
        if it.status is Status.UNDERWAY:
            assert [m.status for m in live] == [MissionStatus.ACCEPTED]
            assert it.open_visits  # somebody always has something to do
        else:
            assert not it.open_visits
        settled = [
            i
            for i in it.open_visits
            if i.status in (InterventionStatus.UNPLANNED, InterventionStatus.TO_APPROVE)
        ]
        assert len(settled) <= 1
        assert [i.number for i in it.interventions] == list(
            range(1, len(it.interventions) + 1)
        )
        assert [d.number for d in it.documents] == list(range(1, len(it.documents) + 1))
        assert all(i.planned_at for i in it.interventions if i.status == "planned")


_ENDS = (Status.CLOSED, Status.CANCELLED)


def _queue(it: Assistance) -> tuple[object, ...]:
    return it.attention, it.attention_since, it.snoozed_until


def _steps_are_listed(
    state: Assistance | None, decision: Decision, actor: Actor | None
) -> None:
    """Hold every change of status of every life against its table, roles included."""
    told = {n.kind for n in decision.notices}
    for line in decision.history:
        after = evolve(state, line.event, line.at)
        role = actor.role if actor else Role.CLIENT
        kind = type(line.event)
        source = state.status if state else None
        if source is not after.status:
            step = ASSISTANCE.step(source, kind, after.status)
            assert step, (source, after.status, kind)
            assert role in step.roles
            assert step.is_silent or told & set(step.tells), (step, told)
        missions = {m.number: m.status for m in state.missions} if state else {}
        for m in after.missions:
            if missions.get(m.number) is not m.status:
                move = MISSION.step(missions.get(m.number), kind, m.status)
                assert move, (m, kind)
                assert role in move.roles
                assert move.is_silent or told & set(move.tells), (move, told)
        visits = {i.number: i.status for i in state.interventions} if state else {}
        for i in after.interventions:
            if visits.get(i.number) is not i.status:
                turn = INTERVENTION.step(visits.get(i.number), kind, i.status)
                assert turn, (i, kind)
                assert role in turn.roles, (turn, role)
                assert turn.is_silent or told & set(turn.tells), (turn, told)
        assert not isinstance(line.event, e.MessageAdded) or after.status is source
        state = after
    assert state == decision.assistance


def _notices_are_sound(decision: Decision) -> None:
    for notice in decision.notices:
        text = json.dumps(dict(notice.facts), ensure_ascii=False)
        assert SECRET not in text
        assert notice.facts["ref"] == "ASFR26000184"
        assert notice.facts["zone"]
        if notice.to in ("requester", "contact", "address", "station"):
            assert AGENT.name not in text
            assert ADMIN.name not in text
        if notice.to == "station":
            assert notice.facts["station_id"]
        for name in notice.files:
            what, _, number = name.partition(":")
            assert what in ("invite", "cancel", "report", "document")
            assert number.isdigit()
            if what in ("invite", "cancel"):
                assert notice.facts["planned_at"]
                assert isinstance(notice.facts["sequence"], int)


TestLives = Lives.TestCase
TestLives.settings = settings(max_examples=200, stateful_step_count=30, deadline=None)


def test_the_walk_sends_every_command() -> None:
    assert set(COMMANDS) == set(c.COMMANDS.values())
