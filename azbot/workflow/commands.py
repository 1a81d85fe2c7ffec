"""Intents: what somebody wants to happen. Imperative, frozen, without behaviour.

Each names only what the actor says; who and when travel beside it. ``COMMANDS``
lists them all by name, for the API, the tests and the permission table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import get_args

from azbot.messages import BlobId, PersonId
from azbot.workflow.model import (
    USUAL_VISIT,
    Answers,
    AssistanceId,
    AssistanceRef,
    DocumentKind,
    Hearers,
    RefusalReason,
    Review,
    ServiceType,
    Signatory,
    SignatureMethod,
    Station,
    StationId,
    Stroke,
)


@dataclass(frozen=True, slots=True)
class NewDocument:
    """A stored file to attach.

    Attributes:
        kind: None lets the rules decide from what was asked.
        intervention: the visit it belongs to, None for the request.
        point: checklist point it shows.
        seconds: how long what can be heard or watched is, None where nobody said.
    """

    name: str
    media_type: str
    size: int
    blob: BlobId
    kind: DocumentKind | None = None
    intervention: int | None = None
    point: int | None = None
    seconds: int | None = None


@dataclass(frozen=True, slots=True)
class OpenAssistance:
    """Register a request (R9). Identity and reference are given by the store.

    Attributes:
        answers: normalised answers, possibly incomplete (R140, ux.md 9.3).
        text: the client's own words, when there are any.
        message_id: of the mail that opened it, for threading.
        is_confirmed: the client has checked the answers (a form, not free text).
    """

    id: AssistanceId
    ref: AssistanceRef
    requester: PersonId
    answers: Answers
    language: str = "fr"
    text: str = ""
    elided: tuple[str, ...] = ()
    documents: tuple[NewDocument, ...] = ()
    contact: PersonId | None = None
    message_id: str = ""
    raw: int | None = None
    is_confirmed: bool = False


@dataclass(frozen=True, slots=True)
class AmendRequest:
    """Fill or correct fields of the request."""

    answers: Answers
    contact: PersonId | None = None


@dataclass(frozen=True, slots=True)
class ConfirmRequest:
    """Agree with the recap (ux.md 9.3)."""


@dataclass(frozen=True, slots=True)
class AddMessage:
    """Say something to the other side (R123).

    Attributes:
        text: the new text.
        elided: quotations and signatures, kept but folded.
        message_id: of the mail that brought it.
        raw: its row in the ledger.
        is_mixed: an acting word came with other words: the desk must read it.
        is_automatic: written by a robot; changes nothing (ux.md A17).
        album: names what was sent together in a chat, piece by piece; the pieces
            that follow join this message (``amendments.join``).
        forwarded_from: whose words these were, as a chat shows it.
        by_mail: of an agent: leaves as a letter, wherever its reader wrote last.
        to: of an agent: who reads it. Clients and stations write to the desk.
        station: of an agent: which station is meant; another one that has the mission
            meanwhile reads nothing. None: the one that has it.
    """

    text: str
    elided: tuple[str, ...] = ()
    documents: tuple[NewDocument, ...] = ()
    message_id: str = ""
    raw: int | None = None
    is_mixed: bool = False
    is_automatic: bool = False
    album: str = ""
    forwarded_from: str = ""
    by_mail: bool = False
    to: Hearers = Hearers.CLIENT
    station: StationId | None = None


@dataclass(frozen=True, slots=True)
class AddNote:
    """Write an internal note: it never leaves (ux.md A7)."""

    text: str
    documents: tuple[NewDocument, ...] = ()


@dataclass(frozen=True, slots=True)
class ReviewDocument:
    """Judge a document, or say what it is (ux.md 7.2)."""

    number: int
    review: Review
    kind: DocumentKind | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class AskComplement:
    """Send the request back to the client (R10): the comment is mandatory.

    Attributes:
        items: field keys or document kinds that are asked.
    """

    comment: str
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RemindClient:
    """Ask again for what is missing."""


@dataclass(frozen=True, slots=True)
class AssignStation:
    """Give the assistance to one station (R11).

    Attributes:
        override_reason: assigns although a prerequisite is missing (R140).
    """

    station: Station
    override_reason: str = ""


@dataclass(frozen=True, slots=True)
class WithdrawMission:
    """Take the mission back from the station."""

    reason: str


@dataclass(frozen=True, slots=True)
class RemindStation:
    """Ask the silent station again (R147)."""


@dataclass(frozen=True, slots=True)
class AcceptMission:
    """The station takes the mission (R12).

    Attributes:
        planned_at: date of the first visit when it is given in the same breath.
        lasts, note: of that visit; see ``ScheduleIntervention``.
    """

    planned_at: datetime | None = None
    lasts: timedelta = USUAL_VISIT
    note: str = ""


@dataclass(frozen=True, slots=True)
class RefuseMission:
    """The station declines; the case returns to the desk (R147)."""

    reason: RefusalReason
    comment: str = ""


@dataclass(frozen=True, slots=True)
class ScheduleIntervention:
    """Give a visit its date (R82); on a planned visit, move it.

    Attributes:
        number: None means the visit that waits for one.
        planned_at: start, UTC.
        reason: mandatory when a planned visit moves; the client reads it.
        note: a word for the client.
    """

    planned_at: datetime
    number: int | None = None
    lasts: timedelta = timedelta(hours=2)
    reason: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class ApproveIntervention:
    """Agree with a proposed follow-up visit (R148), maybe at another date."""

    number: int | None = None
    planned_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DeclineIntervention:
    """Send a proposed follow-up date back to the station (R148)."""

    reason: str
    number: int | None = None


@dataclass(frozen=True, slots=True)
class AddIntervention:
    """Ask for one more visit."""

    reason: str


@dataclass(frozen=True, slots=True)
class CancelIntervention:
    """Drop a visit that is not finished; another one stays or is added."""

    reason: str
    number: int | None = None


@dataclass(frozen=True, slots=True)
class AskOtherDate:
    """The client cannot be there (ux.md 9.2 AUTRE DATE)."""

    text: str


@dataclass(frozen=True, slots=True)
class InviteColleague:
    """Let one more person read the assistance and write about it (ux.md 7.1).

    Attributes:
        name: as the history shall say it.
    """

    person: PersonId
    name: str


@dataclass(frozen=True, slots=True)
class ArriveOnSite:
    """« Je suis sur place »: sets the time in (R163)."""

    number: int | None = None


@dataclass(frozen=True, slots=True)
class SaveInterventionForm:
    """Merge some answers into the form of a visit."""

    answers: Answers
    number: int | None = None


@dataclass(frozen=True, slots=True)
class AddVisitPhotos:
    """Attach photos taken during a visit; one that is there already changes nothing."""

    documents: tuple[NewDocument, ...]
    number: int | None = None


@dataclass(frozen=True, slots=True)
class SignIntervention:
    """Give one of the three signatures (R118); the first freezes the form (R138).

    Attributes:
        fingerprint: of the form the signatory saw; empty accepts the present one.
    """

    role: Signatory
    name: str
    method: SignatureMethod
    strokes: tuple[Stroke, ...] = ()
    aspect: int = 2000
    company: str = ""
    email: str = ""
    wants_report: bool = False
    fingerprint: str = ""
    number: int | None = None


@dataclass(frozen=True, slots=True)
class InviteSignatory:
    """Ask somebody who is not there to sign the form as it is now (R136, T11).

    Attributes:
        name: whom the station expects to sign.
        email: where a link goes; empty when it is handed over otherwise.
    """

    role: Signatory
    name: str
    email: str = ""
    number: int | None = None


@dataclass(frozen=True, slots=True)
class SignRemotely:
    """Sign by the link one was given; the link says which signature of which form.

    Attributes:
        strokes: as drawn; none: the name alone, with a ticked box.
    """

    name: str
    strokes: tuple[Stroke, ...] = ()
    aspect: int = 2000
    company: str = ""
    email: str = ""
    wants_report: bool = False


@dataclass(frozen=True, slots=True)
class WaiveSignature:
    """Do without one signature, with a reason; only where the setting allows."""

    role: Signatory
    reason: str
    number: int | None = None


@dataclass(frozen=True, slots=True)
class RemoveSignatures:
    """« Modifier »: open a signed form again (R138)."""

    number: int | None = None


@dataclass(frozen=True, slots=True)
class FinishIntervention:
    """End the visit: everything mandatory is there (R104, R106, R131)."""

    number: int | None = None


@dataclass(frozen=True, slots=True)
class ConfirmClosing:
    """OUI to the closing question (R150)."""


@dataclass(frozen=True, slots=True)
class RefuseClosing:
    """NON to the closing question, with a few words (R150)."""

    comment: str


@dataclass(frozen=True, slots=True)
class CloseAssistance:
    """An agent closes what is done."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class AskClosingAgain:
    """Send the closing question once more."""


@dataclass(frozen=True, slots=True)
class CancelAssistance:
    """Stop it all; after assignment a client's wish goes to the desk (R151)."""

    reason: str


@dataclass(frozen=True, slots=True)
class ReopenAssistance:
    """Bring a closed or cancelled assistance back; the reason is mandatory."""

    reason: str


@dataclass(frozen=True, slots=True)
class Requalify:
    """Change the service type, with a reason (R152)."""

    service: ServiceType
    reason: str


@dataclass(frozen=True, slots=True)
class ChooseOwner:
    """Say which agent looks after it (« Suivi par »), or that nobody does.

    Attributes:
        owner: number of an agent; null: nobody.
        name: theirs, shown in lists and in the history.
    """

    owner: PersonId | None
    name: str = ""


@dataclass(frozen=True, slots=True)
class MarkHandled:
    """« Traité »: nobody waits for the desk any more."""


@dataclass(frozen=True, slots=True)
class BringBack:
    """Put it into « À traiter » again, where it was before « Traité »."""


@dataclass(frozen=True, slots=True)
class Snooze:
    """« Reporter »: out of « À traiter » until then, or until somebody writes (A16).

    Attributes:
        until: to come, within a year.
    """

    until: datetime


@dataclass(frozen=True, slots=True)
class EndSnooze:
    """Take a snooze back."""


@dataclass(frozen=True, slots=True)
class SetTags:
    """Say which tags it has.

    Attributes:
        tags: all of them, at most 20 of 40 characters; those that differ by case
            or accents alone count once.
    """

    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RecordReport:
    """Attach the report made for a finished visit (R108, R177).

    Attributes:
        number: the visit; None for the combined report.
    """

    document: NewDocument
    fingerprint: str
    number: int | None = None


@dataclass(frozen=True, slots=True)
class RecordDeliveryFailure:
    """A notice did not reach somebody: silence would read as agreement."""

    address: str
    reason: str
    is_permanent: bool = True


@dataclass(frozen=True, slots=True)
class RecordChatBlocked:
    """Somebody takes nothing more by chat: agents know why mails go there instead.

    Attributes:
        name: of the person.
        via: the channel they closed.
    """

    name: str
    via: str


@dataclass(frozen=True, slots=True)
class RecordAbsence:
    """An automatic answer came: noted, nothing else (ux.md A17)."""

    text: str


@dataclass(frozen=True, slots=True)
class FireTimer:
    """A timer fell due.

    Attributes:
        kind: see ``deadlines.TimerKind``.
        subject: intervention number or reminder step, 0 when it has none.
    """

    kind: str
    subject: int = 0


Command = (
    OpenAssistance
    | AmendRequest
    | ConfirmRequest
    | AddMessage
    | AddNote
    | ReviewDocument
    | AskComplement
    | RemindClient
    | AssignStation
    | WithdrawMission
    | RemindStation
    | AcceptMission
    | RefuseMission
    | ScheduleIntervention
    | ApproveIntervention
    | DeclineIntervention
    | AddIntervention
    | CancelIntervention
    | AskOtherDate
    | InviteColleague
    | ArriveOnSite
    | SaveInterventionForm
    | AddVisitPhotos
    | SignIntervention
    | InviteSignatory
    | SignRemotely
    | WaiveSignature
    | RemoveSignatures
    | FinishIntervention
    | ConfirmClosing
    | RefuseClosing
    | CloseAssistance
    | AskClosingAgain
    | CancelAssistance
    | ReopenAssistance
    | Requalify
    | ChooseOwner
    | MarkHandled
    | BringBack
    | Snooze
    | EndSnooze
    | SetTags
    | RecordReport
    | RecordDeliveryFailure
    | RecordChatBlocked
    | RecordAbsence
    | FireTimer
)

COMMANDS: Mapping[str, type] = {kind.__name__: kind for kind in get_args(Command)}
"""Every command by its name."""
