"""One assistance from its first mail to its closing, on real servers."""

from __future__ import annotations

import io
import json
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from pypdf import PdfReader

from azbot.demo.story import FORM, ORDER, POINTS
from azbot.store import DeliveryState
from azbot.workflow.model import (
    AssistanceId,
    DocumentKind,
    InterventionStatus,
    MissionStatus,
    Status,
)
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpSink
from tests.stories.people import CLIENT, DESK, READERS, STATION, Mail, Stage, staged

REF = "ASFR27000001"
FREE_TEXT = """Bonjour,

Nous terminons un chantier au 18 rue des Charmettes, 69100 Villeurbanne.
Il faut prévoir la mise en service : 5 thermostats, unité Daikin.
Sur place demander Sophie Martin, 06 39 98 12 34.

Le client emménage dans dix jours.

Cordialement,
Sophie Martin"""

ATTACHED = ("bon-de-commande-4512.pdf", "application/pdf", ORDER)


async def test_an_assistance_lives_from_a_free_mail_to_closing_by_mail_alone(
    store_url: str, tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink
) -> None:
    async with staged(store_url, tmp_path, dovecot, smtp_sink) as stage:
        await _created_and_completed(stage)
        await _complement_asked_and_given(stage)
        await _assigned_accepted_planned(stage)
        await _first_visit_is_not_concluded(stage)
        await _second_visit_is_concluded(stage)
        await _client_says_no(stage)
        await _third_visit_and_closing(stage)
        await _nothing_was_lost_or_doubled(stage)


async def _created_and_completed(stage: Stage) -> None:
    stage.client.write(DESK, "Mise en service à Villeurbanne", FREE_TEXT)
    asked = await stage.client.mail("incomplete")
    assert "Système :" in asked.text
    assert "Nombre de systèmes :" in asked.text
    await stage.desk.mail("desk")
    it = await stage.assistance()
    assert it.status is Status.SUBMITTED
    assert it.missing == ("system", "system_count")
    assert it.answer("town") == "Villeurbanne"
    assert it.answer("thermostat_count") == "5"
    assert it.answer("phone") == "+33639981234"

    stage.client.answer(
        asked, "Système : multizone gainable\nNombre de systèmes : 1\n\nMerci"
    )
    recap = await stage.client.mail("opened")
    await stage.desk.mail("desk")
    assert (await stage.assistance()).missing == ()

    stage.client.answer(recap, "OUI")
    await stage.client.mail("received")
    await stage.desk.mail("desk")
    assert (await stage.assistance()).is_confirmed


async def _complement_asked_and_given(stage: Stage) -> None:
    await stage.desk_api.command(
        REF,
        "ask-complement",
        comment="Il nous manque votre bon de commande, une photo lisible suffit.",
        items=["order_proof"],
    )
    asked = await stage.client.mail("complement")
    assert "une photo lisible suffit" in asked.text
    assert (await stage.assistance()).status is Status.WAITING

    stage.client.answer(asked, "Bonjour, le voici. Bonne journée", ATTACHED)
    told = await stage.desk.mail("desk")
    assert "le voici" in told.text
    stage.later(minutes=3)
    await stage.client.mail("received")
    it = await stage.assistance()
    assert it.status is Status.SUBMITTED
    assert it.is_completed
    (proof,) = it.documents
    path = f"assistances/{REF}/documents/{proof.number}"
    assert await stage.desk_api.get(path) == ORDER
    assert proof.kind is DocumentKind.ORDER_PROOF
    assert stage.app.store.blobs.read(proof.blob) == ORDER

    stage.desk.answer(told, "Merci, tout est là. Une station vous rappelle.")
    message = await stage.client.mail("message")
    assert "Une station vous rappelle" in message.text
    assert "Camille" in str(message.message["From"])


async def _assigned_accepted_planned(stage: Stage) -> None:
    stage.later(minutes=30)
    await stage.desk_api.command(REF, "assign-station", station=stage.station.id)
    await stage.client.mail("assigned")
    order = await stage.technician.mail("mission")
    assert "18 rue des Charmettes" in order.text
    assert (await stage.assistance()).status is Status.ASSIGNED

    stage.later(minutes=30)
    stage.technician.answer(order, "OUI")
    await stage.client.mail("accepted")
    accepted = await stage.technician.mail("mission_accepted")
    assert (await stage.assistance()).status is Status.UNDERWAY

    stage.technician.answer(accepted, "mercredi 14 h 30")
    planned = await stage.client.mail("planned")
    assert "mercredi 24 mars" in planned.text
    assert "14 h 30" in planned.text
    assert "GMT" not in planned.text
    assert "UTC" not in planned.text
    invite = planned.file(".ics").decode()
    assert "METHOD:REQUEST" in invite
    assert "DTSTART:20270324T133000Z" in invite
    await stage.technician.mail("mission_planned")


async def _first_visit_is_not_concluded(stage: Stage) -> None:
    await _reminders(stage)
    next_at = _local(stage, days=8, hour=9)
    await _visit(
        stage,
        {
            "action_notes": "Registre de la chambre 2 à remplacer.",
            "solved": False,
            "next_visit": True,
            "next_visit_at": next_at.strftime("%Y-%m-%dT%H:%M"),
        },
    )
    continued = await stage.client.mail("continued")
    _is_a_report(continued, "visite-1", "Registre de la chambre 2")
    await stage.technician.mail("mission_planned")
    await stage.desk.mail("desk")
    await stage.desk.mail("desk")
    visit = (await stage.assistance()).visit
    assert visit is not None
    assert visit.status is InterventionStatus.TO_APPROVE
    assert visit.planned_at == next_at

    stage.later(hours=1)
    await stage.desk_api.command(REF, "approve-intervention")
    second = await stage.client.mail("follow_up")
    assert "Registre de la chambre 2" in second.text
    await stage.technician.mail("follow_up_decided")


async def _second_visit_is_concluded(stage: Stage) -> None:
    await _reminders(stage)
    await _visit(stage, {"action_notes": "Registre remplacé.", "solved": True})
    question = await stage.client.mail("finished")
    _is_a_report(question, "visite-2", "Registre remplacé")
    assert (await stage.assistance()).status is Status.DONE
    stage.later(hours=2)
    stage.client.answer(question, "NON, la chambre 2 ne chauffe toujours pas")


async def _client_says_no(stage: Stage) -> None:
    stage.later(minutes=3)
    await stage.client.mail("received")
    told = await stage.desk.mail("desk")
    assert "la chambre 2 ne chauffe toujours pas" in told.text
    it = await stage.assistance()
    assert it.status is Status.UNDERWAY
    assert it.reason == "la chambre 2 ne chauffe toujours pas"
    wanted = await stage.technician.mail("date_wanted")
    assert "la chambre 2 ne chauffe toujours pas" in wanted.text
    when = _local(stage, days=6, hour=10)
    stage.technician.answer(wanted, f"{when.day:02}/{when.month:02} 10h")
    await stage.desk.mail("desk")
    await stage.technician.mail("mission_planned")
    stage.later(hours=1)
    await stage.desk_api.command(REF, "approve-intervention")
    await stage.client.mail("follow_up")
    await stage.technician.mail("follow_up_decided")


async def _third_visit_and_closing(stage: Stage) -> None:
    await _reminders(stage)
    await _visit(stage, {"action_notes": "Vanne purgée.", "solved": True})
    question = await stage.client.mail("finished")
    stage.later(hours=20)
    stage.client.answer(question, "Oui, merci beaucoup")
    closed = await stage.client.mail("closed")
    _is_a_report(closed, "Rapport-", "Vanne purgée")
    await stage.technician.mail("closed")


async def _nothing_was_lost_or_doubled(stage: Stage) -> None:
    it = await stage.assistance()
    assert it.status is Status.CLOSED
    timeline = json.loads(await stage.desk_api.get(f"assistances/{REF}/timeline"))
    assert len(timeline["items"]) > 30
    report = await stage.desk_api.get(f"assistances/{REF}/reports/2.pdf")
    assert report.startswith(b"%PDF")
    assert it.ref == REF
    assert [m.status for m in it.missions] == [MissionStatus.COMPLETED]
    assert [i.status for i in it.interventions] == [InterventionStatus.FINISHED] * 3
    assert [len(i.signatures) for i in it.interventions] == [3, 3, 3]
    assert [d.kind for d in it.documents] == [
        DocumentKind.ORDER_PROOF,
        *[DocumentKind.REPORT] * 4,
    ]
    key = AssistanceId(1)
    history = await stage.app.store.write(lambda uow: uow.events.of(key))
    assert [type(line.event).__name__ for line in history] == HISTORY
    assert await stage.app.store.write(lambda uow: uow.timers.of(key)) == ()
    counts = await stage.app.store.write(lambda uow: uow.outbox.counts())
    assert counts[DeliveryState.PENDING] == 0
    assert counts[DeliveryState.DEAD] == 0
    assert await stage.app.store.write(lambda uow: uow.raw.quarantined()) == []
    kinds = [
        (one.recipients[0].partition("@")[0], str(one.message["X-Azbot-Kind"]))
        for one in stage.sink.received
    ]
    assert sorted(kinds) == sorted(MAILS)
    names = [str(one.message["Message-ID"]) for one in stage.sink.received]
    assert len(set(names)) == len(names)


async def _visit(stage: Stage, end: dict[str, object]) -> None:
    """Fill the form on site, take three signatures, finish."""
    visit = (await stage.assistance()).visit
    assert visit is not None
    assert visit.planned_at is not None
    stage.clock.jump_to(visit.planned_at)
    api = stage.station_api
    answers = {**FORM, **{point: {"answer": "yes"} for point in POINTS}, **end}
    await api.command(REF, "arrive-on-site")
    await api.command(REF, "save-intervention-form", answers=answers)
    stroke = {"points": [[100 + 20 * n, 300 + (n % 7) * 60] for n in range(60)]}
    for role, name in (
        ("installer", "Sophie Martin"),
        ("client", "Paul Lefèvre"),
        ("station", "Karim Benali"),
    ):
        await api.command(
            REF,
            "sign-intervention",
            role=role,
            name=name,
            method="drawn",
            strokes=[stroke],
        )
    await api.command(REF, "finish-intervention")


async def _reminders(stage: Stage) -> None:
    """Let the day before and the morning of the visit come."""
    for person, kind in ((stage.client, "tomorrow"), (stage.technician, "today")):
        timers = await stage.app.store.write(lambda uow: uow.timers.of(AssistanceId(1)))
        stage.clock.jump_to(timers[0].due_at)
        await person.mail(kind)


def _local(stage: Stage, *, days: int, hour: int) -> datetime:
    """A working hour in Paris, some days ahead, whole minutes."""
    day = stage.clock.now().astimezone(ZoneInfo("Europe/Paris")) + timedelta(days=days)
    return day.replace(hour=hour, minute=0, second=0, microsecond=0)


def _is_a_report(mail: Mail, name: str, words: str) -> None:
    (file,) = (one for one in mail.files if one.endswith(".pdf"))
    assert name in file
    text = "".join(
        p.extract_text() for p in PdfReader(io.BytesIO(mail.file(".pdf"))).pages
    )
    assert words.split(maxsplit=1)[0] in text


VISIT = [
    "VisitReminded",
    "VisitReminded",
    "StationArrived",
    "InterventionFormSaved",
    "SignatureGiven",
    "SignatureGiven",
    "SignatureGiven",
    "InterventionFinished",
]
REPORT = ["DocumentAdded", "ReportRecorded"]
HISTORY = [
    "AssistanceOpened",
    "RequestAmended",
    "RequestConfirmed",
    "ComplementAsked",
    "MessageAdded",
    "DocumentAdded",
    "ComplementReceived",
    "MessageAdded",
    "StationAssigned",
    "MissionAccepted",
    "InterventionAdded",
    "InterventionPlanned",
    *VISIT,
    "InterventionAdded",
    "InterventionProposed",
    *REPORT,
    "InterventionApproved",
    *VISIT,
    *REPORT,
    "ClosingRefused",
    "InterventionAdded",
    "InterventionProposed",
    "InterventionApproved",
    *VISIT,
    *REPORT,
    "MissionCompleted",
    "AssistanceClosed",
    *REPORT,
]
_CLIENT, _STATION, _DESK = (a.partition("@")[0] for a in (CLIENT, STATION, READERS))
MAILS = [
    *((_CLIENT, kind) for kind in (
        "incomplete", "opened", "received", "complement", "received", "message",
        "assigned", "accepted", "planned", "tomorrow", "continued", "follow_up",
        "tomorrow", "finished", "received", "follow_up", "tomorrow", "finished",
        "closed",
    )),
    *((_STATION, kind) for kind in (
        "mission", "mission_accepted", "mission_planned", "today", "mission_planned",
        "follow_up_decided", "today", "date_wanted", "mission_planned",
        "follow_up_decided", "today", "closed",
    )),
    *[(_DESK, "desk")] * 8,
]  # fmt: skip
