"""One plausible command of each kind, and who would send it."""

from __future__ import annotations

from azbot.messages import BlobId, PersonId
from azbot.workflow import commands as c
from azbot.workflow.commands import Command
from azbot.workflow.model import (
    Actor,
    RefusalReason,
    Review,
    ServiceType,
    Signatory,
    SignatureMethod,
)
from tests.unit.workflow.stages import (
    AGENT,
    CAMILLE,
    CLIENT,
    FORM,
    FROID,
    LATER_AT,
    SIGNATORY,
    STATION,
    STROKES,
    SYSTEM,
    opening,
)

PHOTO = c.NewDocument("photo.jpg", "image/jpeg", 300_000, BlobId("c" * 64))
REPORT = c.NewDocument("Rapport.pdf", "application/pdf", 4000, BlobId("b" * 64))

SAMPLES: tuple[tuple[Command, Actor], ...] = (
    (opening(), CLIENT),
    (c.AmendRequest({"thermostat_count": 6}), CLIENT),
    (c.ConfirmRequest(), CLIENT),
    (c.AddMessage("Bonjour, le digicode est 1234."), CLIENT),
    (c.AddNote("Client pénible au téléphone."), AGENT),
    (c.ReviewDocument(1, Review.ACCEPTED), AGENT),
    (c.AskComplement("une photo lisible suffit", ("order_proof",)), AGENT),
    (c.RemindClient(), AGENT),
    (c.AssignStation(FROID), AGENT),
    (c.WithdrawMission("STA débordée"), AGENT),
    (c.RemindStation(), AGENT),
    (c.AcceptMission(), STATION),
    (c.RefuseMission(RefusalReason.UNAVAILABLE), STATION),
    (c.ScheduleIntervention(LATER_AT, reason="pièce en retard"), STATION),
    (c.ApproveIntervention(), AGENT),
    (c.DeclineIntervention("trop tard"), AGENT),
    (c.AddIntervention("deuxième étage"), AGENT),
    (c.CancelIntervention("client absent"), AGENT),
    (c.AskOtherDate("plutôt vendredi"), CLIENT),
    (c.InviteColleague(PersonId(90), "Julie Roux"), CLIENT),
    (c.ArriveOnSite(), STATION),
    (c.SaveInterventionForm({"distance_km": FORM["distance_km"]}), STATION),
    (c.AddVisitPhotos((PHOTO,)), STATION),
    (
        c.SignIntervention(
            Signatory.CLIENT, "M. Blanc", SignatureMethod.DRAWN, STROKES
        ),
        STATION,
    ),
    (
        c.InviteSignatory(Signatory.CLIENT, "Karim Bernard", "k.bernard@promo.example"),
        STATION,
    ),
    (c.SignRemotely("Karim Bernard", STROKES), SIGNATORY),
    (c.WaiveSignature(Signatory.CLIENT, "absent"), STATION),
    (c.RemoveSignatures(), STATION),
    (c.FinishIntervention(), STATION),
    (c.ConfirmClosing(), CLIENT),
    (c.RefuseClosing("la chambre 2 ne chauffe pas"), CLIENT),
    (c.CloseAssistance("accord par téléphone"), AGENT),
    (c.AskClosingAgain(), AGENT),
    (c.CancelAssistance("chantier arrêté"), AGENT),
    (c.ReopenAssistance("nouvelle panne"), AGENT),
    (c.Requalify(ServiceType.INCIDENT_WARRANTY, "sous garantie"), AGENT),
    (c.ChooseOwner(CAMILLE, "Camille Dupont"), AGENT),
    (c.MarkHandled(), AGENT),
    (c.BringBack(), AGENT),
    (c.Snooze(LATER_AT), AGENT),
    (c.EndSnooze(), AGENT),
    (c.SetTags(("garantie",)), AGENT),
    (c.RecordReport(REPORT, "f" * 64, 1), SYSTEM),
    (c.RecordDeliveryFailure("sophie@clim-martin.example", "550 unknown"), SYSTEM),
    (c.RecordChatBlocked("Sophie Martin", "telegram"), SYSTEM),
    (c.RecordAbsence("Je suis absente."), SYSTEM),
    (c.FireTimer("close"), SYSTEM),
)
"""Every command once."""
