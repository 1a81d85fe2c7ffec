"""Who may do what, and how surely we must know them. Denies when unsure.

A command missing from the table is allowed to nobody; a test walks all commands.
"""

from __future__ import annotations

from collections.abc import Mapping

from azbot.messages import PersonId, Trust
from azbot.workflow import commands as c
from azbot.workflow.commands import Command
from azbot.workflow.decision import Refusal
from azbot.workflow.model import Actor, Assistance, Role, StationId

_DESK = {Role.AGENT: Trust.STAFF, Role.ADMIN: Trust.STAFF}
_STATION = {Role.STATION: Trust.PROVEN, **_DESK}
_CLIENT_ACTS = {Role.CLIENT: Trust.PROVEN, **_DESK}
_SYSTEM = {Role.SYSTEM: Trust.STAFF}

_CONTACT_MAY = frozenset({c.AddMessage, c.AskOtherDate})
"""The contact on site hears of visits only (R153), and answers about them; whoever
asked the same in another assistance that goes on here may do as much."""

PERMISSIONS: Mapping[type[Command], Mapping[Role, Trust]] = {
    c.OpenAssistance: {Role.CLIENT: Trust.NONE, **_DESK},
    c.AmendRequest: {Role.CLIENT: Trust.KNOWN, **_DESK},
    c.ConfirmRequest: _CLIENT_ACTS,
    c.AddMessage: {Role.CLIENT: Trust.KNOWN, Role.STATION: Trust.KNOWN, **_DESK},
    c.AddNote: _DESK,
    c.ReviewDocument: _DESK,
    c.AskComplement: _DESK,
    c.RemindClient: _DESK,
    c.AssignStation: _DESK,
    c.WithdrawMission: _DESK,
    c.RemindStation: _DESK,
    c.AcceptMission: _STATION,
    c.RefuseMission: _STATION,
    c.ScheduleIntervention: _STATION,
    c.ApproveIntervention: _DESK,
    c.DeclineIntervention: _DESK,
    c.AddIntervention: _DESK,
    c.CancelIntervention: _DESK,
    c.AskOtherDate: _CLIENT_ACTS,
    c.InviteColleague: _CLIENT_ACTS,
    c.ArriveOnSite: _STATION,
    c.SaveInterventionForm: _STATION,
    c.AddVisitPhotos: _STATION,
    c.SignIntervention: _STATION,
    c.InviteSignatory: _STATION,
    c.SignRemotely: {Role.SIGNATORY: Trust.PROVEN},
    c.WaiveSignature: _STATION,
    c.RemoveSignatures: _STATION,
    c.FinishIntervention: _STATION,
    c.ConfirmClosing: _CLIENT_ACTS,
    c.RefuseClosing: _CLIENT_ACTS,
    c.CloseAssistance: _DESK,
    c.AskClosingAgain: _DESK,
    c.CancelAssistance: _CLIENT_ACTS,
    c.ReopenAssistance: _DESK,
    c.Requalify: _DESK,
    c.ChooseOwner: _DESK,
    c.MarkHandled: _DESK,
    c.BringBack: _DESK,
    c.Snooze: _DESK,
    c.EndSnooze: _DESK,
    c.SetTags: _DESK,
    c.RecordReport: _SYSTEM,
    c.RecordDeliveryFailure: _SYSTEM,
    c.RecordChatBlocked: _SYSTEM,
    c.RecordAbsence: _SYSTEM,
    c.FireTimer: _SYSTEM,
}


def permit(it: Assistance | None, command: Command, actor: Actor) -> Refusal | None:
    """Return why ``actor`` may not send ``command``, or None when they may.

    Refusals: ``not_allowed`` (role), ``proof_needed`` (trust; a signed link helps),
    ``not_yours`` (another client's or station's assistance: told like an unknown
    reference, so that nothing is disclosed).
    """
    needed = PERMISSIONS.get(type(command), {}).get(actor.role)
    if needed is None:
        return Refusal("not_allowed", {"role": actor.role.value}, "policy")
    if it is not None and not _is_theirs(it, actor):
        return Refusal("not_yours", {}, "M8")
    if it is not None and _is_contact(it, actor) and type(command) not in _CONTACT_MAY:
        return Refusal("requester_only", {}, "R153")
    if actor.trust < needed:
        return Refusal("proof_needed", {"needed": int(needed)}, "M8")
    return None


def _is_theirs(it: Assistance, actor: Actor) -> bool:
    if actor.role is Role.CLIENT:
        return actor.person is not None and takes_part(it, actor.person, None)
    if actor.role is Role.STATION:
        mission = it.mission
        return mission is not None and mission.station.id == actor.station
    if actor.role is Role.SIGNATORY:
        # Their link names one signature of one assistance: nothing else is theirs.
        return actor.mandate is not None and actor.mandate.assistance == it.id
    return True


def _is_contact(it: Assistance, actor: Actor) -> bool:
    return actor.role is Role.CLIENT and actor.person != it.requester


def takes_part(it: Assistance, person: PersonId, station: StationId | None) -> bool:
    """Whether an assistance is one of theirs: asked for, on site, or given to them.

    Args:
        it: the assistance.
        person: who.
        station: the station whose contact they are, None for everybody else.
    """
    if station is not None:
        return it.mission is not None and it.mission.station.id == station
    return person in (it.requester, it.contact, *it.joined)


def sees_all(it: Assistance, person: PersonId) -> bool:
    """Whether a client reads all of an assistance, not of its visits alone (R153).

    Who asked does, and whom they invited; the contact on site does not, nor people
    whose own request goes on in this one.
    """
    return person == it.requester or person in it.colleagues
