"""The page of one assistance over HTTP: what is sent, by whom, how often."""

from __future__ import annotations

import io
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import FormData
from aiohttp.test_utils import TestClient, TestServer
from icalendar import Calendar
from pypdf import PdfReader

from azbot.channels.web.server import build_app
from azbot.channels.web.visitors.access import SESSION, session_hash
from azbot.messages import PersonId, Trust
from azbot.store import NewPerson, PersonKind, Store, UnitOfWork
from azbot.store.accounts import Session
from azbot.testing.clock import FakeClock
from azbot.tokens import Purpose, issue_link
from azbot.workflow import commands as c
from azbot.workflow import events as e
from azbot.workflow.conversation import messages
from azbot.workflow.model import (
    Actor,
    AssistanceRef,
    InterventionStatus,
    Role,
    Status,
)
from tests.maildesk import MailDesk
from tests.webdesk import BROWSER, PDF, Web, running

TABS = ("", "/station", "/visits", "/documents", "/history", "/messages")
PART = {"Azbot-Part": "head tabs panel foot", "Accept": "application/json"}


@pytest.fixture
async def each_web(store: Store, clock: FakeClock) -> AsyncIterator[Web]:
    """The whole web on each database."""
    async with running(store, clock) as served:
        yield served


async def once_in(web: Web, path: str, headers: dict[str, str]) -> str:
    response = await web.client.get(path, headers=headers)
    page = await response.text()
    assert response.status == 200, page
    found = re.search(r'name="once" value="([^"]+)"', page)
    assert found, page
    return found[1]


async def post(web: Web, path: str, headers: dict[str, str], **form: str) -> Any:
    return await web.client.post(
        path, data=form, headers=headers, allow_redirects=False
    )


async def said(web: Web, ref: str) -> list[str]:
    it = await web.deps.store.views.by_ref(AssistanceRef(ref))
    history = await web.deps.store.views.timeline(it.id, is_internal=True)
    return [one.text for one in messages(history)]


async def state(web: Web, ref: str) -> Any:
    return await web.deps.store.views.by_ref(AssistanceRef(ref))


async def contact_of(web: Web, ref: str) -> PersonId:
    """Let somebody else be the contact on site."""

    def work(uow: UnitOfWork) -> PersonId:
        person = uow.people.by_address("hugo@site.example")
        return person.id if person else PersonId(0)

    await web.command(
        ref, "amend-request", answers={"contact_email": "hugo@site.example"}
    )
    return await web.deps.store.write(work)


async def somebody(web: Web, address: str) -> PersonId:
    """Add somebody who has no part in anything."""
    return await web.deps.store.write(
        lambda uow: uow.people.add(NewPerson(PersonKind.CLIENT, (address,))).id
    )


async def known(web: Web, ref: str) -> dict[str, str]:
    """Open the session a code begins."""
    it, now = await state(web, ref), web.clock.now()
    session = Session(
        session_hash("s" * 40), it.requester, now, now, now + timedelta(hours=1)
    )
    await web.deps.store.write(lambda uow: uow.sessions.add(session))
    return {"Cookie": f"{SESSION}={'s' * 40}", **BROWSER}


async def test_looking_at_every_tab_changes_nothing_and_tells_no_secret(
    each_web: Web,
) -> None:
    """C15, X18."""
    web = each_web
    ref = await web.finished()
    other = await web.opened(own_number="AUTRE-1")
    await web.do(ref, c.AddNote("Client difficile."))
    await web.do(ref, c.AddMessage("Bonjour Sophie."))
    headers, before = await web.visitor(ref), await web.events(ref)
    for tab in TABS:
        response = await web.client.get(f"/portal/{ref}{tab}", headers=headers)
        page = await response.text()
        assert response.status == 200
        for secret in ("difficile", "Durand", other, "AUTRE-1", "/a/"):
            assert secret not in page, (tab, secret)
        assert ref in page
    assert await web.events(ref) == before


async def test_without_the_link_every_address_of_the_page_is_as_if_it_were_not(
    web: Web,
) -> None:
    """C14."""
    ref, mine = await web.finished(), await web.opened()
    it = await state(web, ref)
    stranger = await web.deps.store.write(
        lambda uow: uow.people.add(
            NewPerson(PersonKind.CLIENT, ("z@stranger.example",), name="Zoé")
        )
    )
    headers = await web.visitor(mine)
    paths = [f"{tab}" for tab in TABS]
    paths += ["/documents/1", "/visits/1/report.pdf", "/visits/1/visit.ics", "/close"]
    paths += ["/edit/contact", "/report.pdf", "/documents/1/thumbnail", "/live"]
    told = set()
    for path in paths:
        for each in (ref, "ASFR26999999"):
            response = await web.client.get(f"/portal/{each}{path}", headers=headers)
            assert response.status == 404, path
            told.add(re.sub(r"[0-9a-f]{32}|ASFR\d+", "", await response.text()))
    assert it.requester != stranger.id
    for path in ("messages", "documents", "close", "cancel"):
        response = await post(web, f"/portal/{ref}/{path}", headers, once="a" * 8)
        assert response.status == 404


async def test_a_message_with_a_file_is_sent_without_script_and_only_once(
    each_web: Web,
) -> None:
    """C10, C12, X19."""
    web = each_web
    ref = await web.opened()
    headers = await web.visitor(ref)
    key = await once_in(web, f"/portal/{ref}/messages", headers)
    for _ in range(2):
        form = FormData({"once": key, "text": "Voici le bon.", "tab": "messages"})
        form.add_field("files", PDF, filename="bon.pdf", content_type="text/plain")
        response = await web.client.post(
            f"/portal/{ref}/messages", data=form, headers=headers, allow_redirects=False
        )
        assert response.status == 303
        assert response.headers["Location"] == f"/portal/{ref}/messages?done=message"
    assert (await said(web, ref)).count("Voici le bon.") == 1
    it = await state(web, ref)
    (document,) = it.present_documents
    assert (document.name, document.media_type) == ("bon.pdf", "application/pdf")
    got = await web.client.get(f"/portal/{ref}/documents/1", headers=headers)
    assert await got.read() == PDF
    assert got.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in got.headers["Content-Security-Policy"]
    rows = await web.deps.store.views.deliveries(it.id)
    assert [r.kind for r in rows if r.facts.get("text") == "Voici le bon."] == ["desk"]


async def test_with_script_a_message_answers_the_parts_that_changed(web: Web) -> None:
    """C10."""
    ref = await web.opened()
    headers = {**await web.visitor(ref), **PART}
    form = {"once": "seen-000001", "text": "Bonjour", "tab": "messages"}
    response = await post(web, f"/portal/{ref}/messages", headers, **form)
    told = await response.json()
    assert response.status == 200
    assert "Bonjour" in told["parts"]["panel"]
    assert told["once"] != form["once"]


async def test_what_cannot_be_sent_stays_in_the_field_with_the_reason(web: Web) -> None:
    """X10."""
    ref = await web.opened()
    headers = await web.visitor(ref)
    empty = await post(web, f"/portal/{ref}/messages", headers, once="a" * 9, text=" ")
    assert empty.status == 422
    assert "Le message est vide" in await empty.text()
    form = FormData({"once": "a" * 9, "text": "Mon texte long", "tab": "messages"})
    form.add_field("files", b"MZ" + b"\0" * 90, filename="a.exe")
    response = await web.client.post(
        f"/portal/{ref}/messages", data=form, headers=headers
    )
    page = await response.text()
    assert response.status == 415
    assert "Mon texte long</textarea>" in page
    assert "a.exe" in page
    assert "Mon texte long" not in await said(web, ref)


async def test_a_file_completes_a_waiting_request(each_web: Web) -> None:
    """C2, R145."""
    web = each_web
    ref = await web.opened()
    await web.command(
        ref, "ask-complement", comment="Le bon de commande.", items=["order_proof"]
    )
    headers = await web.visitor(ref)
    page = await (await web.client.get(f"/portal/{ref}", headers=headers)).text()
    assert 'capture="environment"' in page
    assert "Le bon de commande." in page
    form = FormData({"once": "b" * 9})
    form.add_field("files", PDF, filename="photo.pdf")
    response = await web.client.post(
        f"/portal/{ref}/documents", data=form, headers=headers, allow_redirects=False
    )
    assert response.status == 303
    it = await state(web, ref)
    assert (it.status, it.is_completed) == (Status.SUBMITTED, True)
    assert it.present_documents[0].kind == "order_proof"


async def test_yes_is_one_tap_and_one_confirmation_and_closes_once(
    each_web: Web,
) -> None:
    """C12, C13."""
    web = each_web
    ref = await web.finished()
    headers = await web.visitor(ref)
    page = await (await web.client.get(f"/portal/{ref}", headers=headers)).text()
    assert f'href="/portal/{ref}/close"' in page
    key = await once_in(web, f"/portal/{ref}/close", headers)
    assert (await state(web, ref)).status is Status.DONE
    for _ in range(2):
        response = await post(web, f"/portal/{ref}/close", headers, once=key)
        assert response.headers["Location"] == f"/portal/{ref}?done=close"
    it = await state(web, ref)
    assert it.status is Status.CLOSED
    history = await web.deps.store.views.timeline(it.id, is_internal=True)
    assert sum(isinstance(line.event, e.AssistanceClosed) for line in history) == 1


async def test_no_needs_three_words_and_says_what_follows(web: Web) -> None:
    """C13."""
    ref = await web.finished()
    headers, path = await web.visitor(ref), f"/portal/{ref}/not-solved"
    page = await (await web.client.get(path, headers=headers)).text()
    assert "une nouvelle visite est créée" in page
    short = await post(web, path, headers, once="c" * 9, words="non merci")
    page = await short.text()
    assert short.status == 422
    assert "au moins 3 mots" in page
    assert "non merci</textarea>" in page
    words = "La chambre 2 ne chauffe pas"
    response = await post(web, path, headers, once="c" * 9, words=words)
    assert response.status == 303
    it = await state(web, ref)
    assert (it.status, it.reason) == (Status.UNDERWAY, words)
    assert it.visit.status is InterventionStatus.UNPLANNED


async def test_another_date_is_asked_for(web: Web) -> None:
    ref = await web.underway()
    headers, path = await web.visitor(ref), f"/portal/{ref}/other-date"
    page = await (await web.client.get(path, headers=headers)).text()
    assert "Aucune visite n’est programmée" in page
    assert "<textarea" not in page
    when = (web.clock.now() + timedelta(days=2)).isoformat()
    await web.command(ref, "schedule-intervention", planned_at=when)
    response = await post(web, path, headers, once="d" * 9, words="Plutôt jeudi")
    assert response.status == 303
    it = await state(web, ref)
    history = await web.deps.store.views.timeline(it.id, is_internal=True)
    asked = [x.event.text for x in history if isinstance(x.event, e.OtherDateAsked)]
    assert asked == ["Plutôt jeudi"]


async def test_a_correction_is_made_while_no_station_has_it_then_told(web: Web) -> None:
    ref = await web.opened()
    headers, path = await web.visitor(ref), f"/portal/{ref}/edit/contact"
    page = await (await web.client.get(path, headers=headers)).text()
    form = dict(
        re.findall(r'name="((?:seen\.)?[a-z_0-9.]+)" [^>]*?value="([^"]*)"', page)
    )
    form = {k: v for k, v in form.items() if k != "once"}
    wrong = await post(web, path, headers, **{**form, "once": "e" * 9, "phone": "12"})
    text = await wrong.text()
    assert wrong.status == 422
    assert 'aria-invalid="true"' in text
    assert 'value="12"' in text
    fine = {**form, "once": "e" * 9, "phone": "06 39 98 12 35"}
    assert (await post(web, path, headers, **fine)).status == 303
    assert (await state(web, ref)).answer("phone") == "+33639981235"

    await web.command(
        ref, "assign-station", station=web.station_id, override_reason="par téléphone"
    )
    late = {**form, "once": "f" * 9, "phone": "06 39 98 12 36"}
    refused = await post(web, path, headers, **late)
    assert refused.status == 422
    assert "Ce n’est pas possible" in await refused.text()
    told = {"once": "g" * 9, "block": "contact", "words": "Le téléphone finit par 36."}
    assert (await post(web, f"/portal/{ref}/mistake", headers, **told)).status == 303
    assert "Contact sur place" in (await said(web, ref))[-1]


async def test_cancelling_asks_who_it_is_and_then_acts_or_passes_it_on(
    web: Web,
) -> None:
    """R151, ux.md 7.1."""
    ref = await web.opened()
    path = f"/portal/{ref}/cancel"
    for method in ("GET", "POST"):
        response = await web.client.request(
            method, path, headers=await web.visitor(ref), allow_redirects=False
        )
        assert response.status == 303
        assert response.headers["Location"] == f"/portal/signin?next={path}"
    headers = await known(web, ref)
    page = await (await web.client.get(path, headers=headers)).text()
    assert "annulée tout de suite" in page
    empty = await post(web, path, headers, once="h" * 9, words="")
    assert empty.status == 422
    done = await post(web, path, headers, once="h" * 9, words="Chantier arrêté")
    assert done.status == 303
    assert (await state(web, ref)).status is Status.CANCELLED


async def test_after_assignment_cancelling_is_a_wish(web: Web) -> None:
    """R151."""
    ref = await web.assigned()
    headers, path = await known(web, ref), f"/portal/{ref}/cancel"
    page = await (await web.client.get(path, headers=headers)).text()
    assert "transmis au support" in page
    done = await post(web, path, headers, once="i" * 9, words="Chantier arrêté")
    assert done.status == 303
    it = await state(web, ref)
    assert (it.status, it.cancellation_asked) == (Status.ASSIGNED, True)


async def test_the_contact_on_site_sees_and_does_what_concerns_visits(web: Web) -> None:
    """R153."""
    ref = await web.opened()
    hugo = await contact_of(web, ref)
    await web.do(ref, c.AddMessage("Le devis est de 400 euros."))
    headers = await web.visitor(ref, hugo)
    for tab in TABS:
        page = await (
            await web.client.get(f"/portal/{ref}{tab}", headers=headers)
        ).text()
        assert "400 euros" not in page
        assert "CM-4471" not in page
    for act in ("close", "not-solved", "edit/contact", "cancel"):
        response = await post(web, f"/portal/{ref}/{act}", headers, once="j" * 9)
        assert response.status == 404, act
    form = {"once": "j" * 9, "text": "Le portail est ouvert.", "tab": "messages"}
    assert (await post(web, f"/portal/{ref}/messages", headers, **form)).status == 303
    page = await (
        await web.client.get(f"/portal/{ref}/messages", headers=headers)
    ).text()
    assert "Le portail est ouvert." in page


async def test_an_invited_colleague_sees_all_of_it_and_decides_nothing(
    web: Web,
) -> None:
    ref = await web.finished()
    guest = await somebody(web, "lea@clim-martin.example")
    it = await state(web, ref)
    client = Actor(Role.CLIENT, it.requester, "Sophie", Trust.PROVEN, "web")
    await web.do(ref, c.InviteColleague(guest, "Léa Roche"), client)
    headers = await web.visitor(ref, guest)
    for tab in TABS:
        response = await web.client.get(f"/portal/{ref}{tab}", headers=headers)
        assert response.status == 200, tab
    page = await (await web.client.get(f"/portal/{ref}", headers=headers)).text()
    assert "Oui, clôturer" not in page
    for act in ("close", "not-solved", "cancel", "edit/contact"):
        response = await web.client.get(f"/portal/{ref}/{act}", headers=headers)
        assert response.status == 404, act
    once = await once_in(web, f"/portal/{ref}", headers)
    await post(web, f"/portal/{ref}/messages", headers, once=once, text="Bien reçu.")
    assert (await said(web, ref))[-1] == "Bien reçu."


async def test_another_site_cannot_press_in_somebodys_name(web: Web) -> None:
    ref = await web.finished()
    headers = {**await web.visitor(ref), "Sec-Fetch-Site": "cross-site"}
    response = await post(web, f"/portal/{ref}/close", headers, once="k" * 9)
    assert response.status == 403
    assert (await state(web, ref)).status is Status.DONE


async def test_an_open_page_is_told_to_look_again_and_of_no_note(web: Web) -> None:
    """C11: a change of this assistance, none of another, nothing of the desk's."""
    ref, other = await web.opened(), await web.opened()
    headers = {**await web.visitor(ref), "Accept": "text/event-stream"}
    seen = (await once_in(web, f"/portal/{ref}", await web.visitor(ref)))[5:]
    path = f"/portal/{ref}/live?after={int(seen)}"
    async with web.client.get(path, headers=headers) as stream:
        assert stream.status == 200
        assert b"hello" in await _block(stream)
        await web.do(ref, c.AddNote("Entre nous."))
        await web.do(other, c.AddMessage("Ailleurs."))
        await web.do(ref, c.AddMessage("Bonjour."))
        told = await _block(stream)
        assert b"event: change" in told
        assert b"data: {}" in told
    # What happened while nobody listened is told at the next connection.
    async with web.client.get(path, headers=headers) as stream:
        await _block(stream)
        assert b"event: change" in await _block(stream)


async def _block(stream: Any) -> bytes:
    block = b""
    while not block.endswith(b"\n\n") or b"event:" not in block:
        block += await stream.content.readline()
    return block


# -- files azbot makes -----------------------------------------------------------------


async def _browser(desk: MailDesk) -> tuple[Any, dict[str, str], str]:
    it = (await desk.store.views.page()).items[0]
    keyring = desk.app.door.keyring
    until = desk.clock.now() + timedelta(days=30)
    link = issue_link(keyring, Purpose.LINK, it.id, it.requester, until)
    client = TestClient(TestServer(build_app(desk.app.web())))
    await client.start_server()
    first = await client.get(f"/a/{link}", headers=BROWSER, allow_redirects=False)
    cookies = "; ".join(f"{k.key}={k.value}" for k in first.cookies.values())
    return client, {"Cookie": cookies, **BROWSER}, it.ref


async def test_the_report_downloads_in_one_tap_under_its_name(desk: MailDesk) -> None:
    """C17."""
    await desk.done()
    client, headers, ref = await _browser(desk)
    page = await (await client.get(f"/portal/{ref}/visits", headers=headers)).text()
    assert f'href="/portal/{ref}/visits/1/report.pdf"' in page
    assert re.search(r"rapport technique \(PDF, \d+\u00a0Ko\)", page)
    path = f"/portal/{ref}/visits/1/report.pdf"
    response = await client.get(path, headers=headers)
    name = f'attachment; filename="Rapport-{ref}-visite-1.pdf"'
    assert response.headers["Content-Disposition"].startswith(name)
    content = await response.read()
    await client.close()
    reader = PdfReader(io.BytesIO(content))
    assert "Vanne purgée" in "".join(p.extract_text() for p in reader.pages)
    root: Any = reader.trailer["/Root"]
    assert str(root["/Lang"]).startswith("fr")
    assert "/StructTreeRoot" in root


async def test_a_report_that_is_not_there_yet_says_when_it_comes(web: Web) -> None:
    ref = await web.finished()
    headers = await web.visitor(ref)
    path = f"/portal/{ref}/visits/1/report.pdf"
    response = await web.client.get(path, headers=headers)
    assert response.status == 404
    assert "Rapport en préparation" in await response.text()
    page = await (await web.client.get(f"/portal/{ref}/visits", headers=headers)).text()
    assert "dans quelques minutes" in page


async def test_the_calendar_file_is_the_event_of_the_mail(desk: MailDesk) -> None:
    """C16: the same name, the hour of the site across the change of time."""
    await desk.planned()
    it = await desk.it()
    client, headers, ref = await _browser(desk)
    path = f"/portal/{ref}/visits/1/visit.ics"
    response = await client.get(path, headers=headers)
    assert response.content_type == "text/calendar"
    calendar = Calendar.from_ical(await response.read())
    await client.close()
    (event,) = calendar.walk("VEVENT")
    mail = Calendar.from_ical(desk.client.newest("planned").file(".ics"))
    (invited,) = mail.walk("VEVENT")
    assert str(event["UID"]) == str(invited["UID"])
    assert calendar["METHOD"] == "PUBLISH"
    assert "ATTENDEE" not in event
    start = event.decoded("DTSTART")
    assert isinstance(start, datetime)
    assert start.astimezone(UTC) == it.interventions[0].planned_at
    assert it.answer("town") in str(event["LOCATION"])
    assert "01" in str(event["DESCRIPTION"])
