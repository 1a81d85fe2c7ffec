"""Files mails carry: reports made once, combined, with photos; calendars; documents."""

from __future__ import annotations

import io
from datetime import timedelta

from PIL import Image
from pypdf import PdfReader

from azbot.messages import BlobId
from azbot.store import DeliveryState, UnitOfWork
from azbot.workflow import commands as c
from azbot.workflow import events as e
from azbot.workflow.commands import NewDocument
from azbot.workflow.model import (
    AssistanceId,
    DocumentKind,
    Signatory,
    SignatureMethod,
    Status,
)
from tests.maildesk import FORM, SIGNATORIES, STROKE, MailDesk

KEY = AssistanceId(1)


async def recorded(desk: MailDesk) -> int:
    return sum(isinstance(x, e.ReportRecorded) for x in await desk.events())


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


async def photo_of_visit(desk: MailDesk, name: str = "vanne.jpg") -> None:
    out = io.BytesIO()
    Image.effect_noise((400, 300), 60).convert("RGB").save(out, "JPEG")
    content = out.getvalue()
    blob = await desk.store.write(lambda uow: uow.blobs.put(content))
    document = NewDocument(
        name, "image/jpeg", len(content), blob, DocumentKind.PHOTO, intervention=1
    )
    await desk.visit(c.AddMessage("Photo de la visite.", documents=(document,)))


async def second_visit(desk: MailDesk) -> None:
    desk.client.answer(desk.client.newest("finished"), "NON, la chambre 2 est froide")
    await desk.settle()
    desk.station.answer(desk.station.newest("date_wanted"), "10/03 10h")
    await desk.settle()
    await desk.act(c.ApproveIntervention())
    await desk.finish_visit(action_notes="Registre remplacé.")


async def test_the_report_is_attached_to_the_closing_question(
    each_desk: MailDesk,
) -> None:
    desk = each_desk
    question = await desk.done()

    (name,) = [n for n in question.files if n.endswith(".pdf")]
    assert "visite-1" in name
    assert "Vanne purgée" in text_of(question.file(".pdf"))
    assert await recorded(desk) == 1


async def test_a_report_is_made_once_and_everybody_gets_the_same(
    desk: MailDesk,
) -> None:
    question = await desk.done()
    first = question.file(".pdf")
    await desk.act(c.AskClosingAgain())
    assert desk.client.last.file(".pdf") == first
    document = await desk.app.reporter.report(KEY, 1)
    assert desk.store.blobs.read(document.blob) == first
    assert await recorded(desk) == 1


async def test_a_visit_that_is_not_concluded_sends_its_report(desk: MailDesk) -> None:
    await desk.planned()
    await desk.finish_visit(
        action_notes="Registre à remplacer.", solved=False, next_visit=False
    )

    mail = desk.client.newest("continued")
    assert "Registre à remplacer" in text_of(mail.file(".pdf"))


async def test_signatories_who_want_it_get_the_report(desk: MailDesk) -> None:
    await desk.planned()
    visit = (await desk.it()).visit
    assert visit is not None
    assert visit.planned_at is not None
    await desk.clock.advance_to(visit.planned_at)
    signing = [
        c.SignIntervention(role, name, SignatureMethod.DRAWN, (STROKE,))
        for role, name in SIGNATORIES
        if role is not Signatory.CLIENT
    ]
    wants = c.SignIntervention(
        Signatory.CLIENT,
        "Paul Lefèvre",
        SignatureMethod.DRAWN,
        (STROKE,),
        email="paul@chantier.example",
        wants_report=True,
    )
    form = {**FORM, "action_notes": "Vanne purgée.", "solved": True}
    await desk.visit(
        c.ArriveOnSite(),
        c.SaveInterventionForm(form),
        *signing,
        wants,
        c.FinishIntervention(),
    )

    mail = desk.writer("Paul", "paul@chantier.example").last
    assert mail.kind == "report"
    assert mail.file(".pdf") == desk.client.newest("finished").file(".pdf")
    assert await recorded(desk) == 1


async def test_from_the_second_visit_the_closing_mail_carries_the_combined_report(
    desk: MailDesk,
) -> None:
    await desk.done()
    await second_visit(desk)
    desk.client.answer(desk.client.newest("finished"), "OUI")
    await desk.settle()

    closing = desk.client.newest("closed")
    words = text_of(closing.file(".pdf"))
    assert "Vanne purgée" in words
    assert "Registre remplacé" in words
    assert await recorded(desk) == 3


async def test_photos_of_the_visit_are_in_its_report(desk: MailDesk) -> None:
    await desk.planned()
    await photo_of_visit(desk)
    await desk.finish_visit()

    pdf = desk.client.newest("finished").file(".pdf")
    images = [i for page in PdfReader(io.BytesIO(pdf)).pages for i in page.images]
    assert images


async def test_a_report_shows_the_photos_of_the_form_with_their_words(
    desk: MailDesk,
) -> None:
    """Those that were taken out of the form again stay with the desk alone."""
    await desk.planned()
    blobs = []
    for side in (300, 301):
        out = io.BytesIO()
        Image.effect_noise((400, side), 60).convert("RGB").save(out, "JPEG")
        content = out.getvalue()
        blob = desk.store.blobs.put(content)
        photo = NewDocument("photo.jpg", "image/jpeg", len(content), blob)
        blobs.append(blob)
        if side == 300:
            await desk.visit(c.ArriveOnSite())
        await desk.visit(c.AddVisitPhotos((photo,)))
    named = {"file": blobs[0], "caption": "Gaine du couloir"}
    await desk.finish_visit(photos=[named])

    pdf = desk.client.newest("finished").file(".pdf")
    images = [i for page in PdfReader(io.BytesIO(pdf)).pages for i in page.images]
    assert len(images) == 1
    assert "Gaine du couloir" in text_of(pdf)


async def test_a_report_that_cannot_be_drawn_is_tried_again_then_given_up_visibly(
    desk: MailDesk,
) -> None:
    await desk.planned()
    await photo_of_visit(desk)
    it = await desk.it()
    lost = it.documents[-1].blob
    octets = desk.store.blobs.read(lost)
    desk.store.blobs.delete(BlobId(lost))
    await desk.finish_visit()
    assert "finished" not in desk.client.kinds
    pending = [d for d in await desk.deliveries() if d.kind == "finished"]
    assert [d.state for d in pending] in (
        [DeliveryState.PENDING],
        [DeliveryState.DEAD],
    )
    for _ in range(60):
        await desk.later(hours=1)
    (dead,) = [d for d in await desk.deliveries() if d.kind == "finished"][:1]
    assert dead.state is DeliveryState.DEAD
    assert any(isinstance(x, e.DeliveryFailed) for x in await desk.events())

    await desk.store.write(lambda uow: uow.blobs.put(octets))
    now = desk.clock.now()
    await desk.store.write(lambda uow: uow.outbox.resend(dead.id, now))
    await desk.settle()
    assert "finished" in desk.client.kinds


async def test_a_moved_visit_updates_the_same_event_and_a_cancelled_one_drops_it(
    desk: MailDesk,
) -> None:
    planned = (await desk.planned()).file(".ics").decode().replace("\r\n ", "")
    desk.station.answer(desk.station.last, "vendredi 6 mars à 10 h\nTechnicien absent.")
    await desk.settle()
    moved = desk.client.newest("moved").file(".ics").decode().replace("\r\n ", "")
    await desk.act(c.CancelAssistance("doublon"))
    gone = desk.client.newest("cancelled").file(".ics").decode().replace("\r\n ", "")

    def line(text: str, name: str) -> str:
        return next(x for x in text.split("\r\n") if x.startswith(name))

    assert line(planned, "UID") == line(moved, "UID") == line(gone, "UID")
    numbers = [
        int(line(x, "SEQUENCE").partition(":")[2]) for x in (planned, moved, gone)
    ]
    assert numbers == sorted(set(numbers))
    assert line(gone, "METHOD") == "METHOD:CANCEL"
    assert "DTSTART:20260306T090000Z" in moved


async def test_documents_of_an_agent_travel_until_they_are_too_heavy(
    desk: MailDesk,
) -> None:
    await desk.submitted()

    def put(uow: UnitOfWork) -> list[NewDocument]:
        return [
            NewDocument(
                f"plan-{n}.pdf",
                "application/pdf",
                4_000_000,
                uow.blobs.put(b"%PDF-1.4\n" + bytes([n]) * 3_999_991),
            )
            for n in range(4)
        ]

    documents = await desk.store.write(put)
    await desk.act(c.AddMessage("Voici les plans.", documents=tuple(documents)))

    files = desk.client.newest("message").files
    assert files == ["plan-0.pdf", "plan-1.pdf"]
    assert len((await desk.it()).documents) == 4


async def test_a_report_is_drawn_as_soon_as_the_visit_ends(desk: MailDesk) -> None:
    question = await desk.done()
    made_at = desk.clock.now()
    await desk.later(hours=3)
    it = await desk.it()
    (report,) = [d for d in it.documents if d.kind is DocumentKind.REPORT]
    assert report.added_at == made_at
    assert it.status is Status.DONE
    assert question.letter.at - report.added_at < timedelta(minutes=1)
