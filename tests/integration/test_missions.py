"""The pages of stations over HTTP: accepted, dated, written, lost, signed from afar."""

from __future__ import annotations

import re
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import FormData
from selectolax.lexbor import LexborHTMLParser as HTMLParser

from azbot.channels.web.visitors.access import SESSION, session_hash
from azbot.i18n.ways import route_to
from azbot.messages import PersonId
from azbot.store import Store, UnitOfWork
from azbot.store.accounts import Session
from azbot.testing.clock import FakeClock
from azbot.tokens import issue_signing
from azbot.workflow import commands as c
from azbot.workflow import events as e
from azbot.workflow.deadlines import Rules
from azbot.workflow.decision import NoticeKind
from azbot.workflow.model import (
    Assistance,
    AssistanceRef,
    InterventionStatus,
    MissionStatus,
    Role,
    Signatory,
    SignatureMethod,
    StationId,
    Status,
)
from tests.webdesk import AGENT, BROWSER, KEYRING, LINE, PNG, VISIT, Web, running

MONDAY = datetime(2026, 3, 23, 9, 10, tzinfo=UTC)
"""Ten past ten in Paris."""


@dataclass
class Phone:
    """The telephone of a technician who opened the link of a mission."""

    web: Web
    ref: str
    headers: Mapping[str, str]

    @property
    def base(self) -> str:
        """Address of the mission."""
        return f"/missions/{self.ref}"

    async def html(self, path: str = "", status: int = 200) -> HTMLParser:
        """Open a page."""
        url = path if path.startswith("/missions") else self.base + path
        return HTMLParser(await self.text(url, status))

    async def text(self, url: str, status: int = 200) -> str:
        """Open an address."""
        answer = await self.web.client.get(url, headers=self.headers)
        text = await answer.text()
        assert answer.status == status, text[-2000:]
        return text

    async def press(self, path: str, status: int = 303, /, **form: str) -> str:
        """Press a button; return where it leads, or the page it gives."""
        form.setdefault("once", secrets.token_urlsafe(12))
        url = path if path.startswith("/sign/") else self.base + path
        answer = await self.web.client.post(
            url, data=form, headers=self.headers, allow_redirects=False
        )
        text = await answer.text()
        assert answer.status == status, text[-2000:]
        return answer.headers.get("Location", text)

    async def it(self) -> Assistance:
        """The present state."""
        return await self.web.deps.store.views.by_ref(AssistanceRef(self.ref))

    async def kinds(self, kind: NoticeKind) -> int:
        """How many mails of a kind wait or left."""
        it = await self.it()
        rows = await self.web.deps.store.views.deliveries(it.id)
        return sum(row.kind == kind.value for row in rows)


async def technician(web: Web, station: int | None = None) -> PersonId:
    """Return the contact of a station."""
    key = StationId(station or web.station_id)
    return (await web.deps.store.views.contacts_of([key]))[key][0].id


async def phone_of(web: Web, ref: str, station: int | None = None) -> Phone:
    return Phone(web, ref, await web.visitor(ref, await technician(web, station)))


@pytest.fixture
async def web(store: Store) -> AsyncIterator[Web]:
    async with running(store, FakeClock(MONDAY)) as served:
        yield served


@pytest.fixture
async def phone(web: Web) -> Phone:
    return await phone_of(web, await web.assigned())


def value(page: HTMLParser, selector: str) -> str:
    """Return what a field holds."""
    found = page.css_first(selector)
    assert found is not None, selector
    return found.attributes.get("value") or found.text()


def said(page: HTMLParser) -> str:
    """What a page says, single spaces."""
    body = page.body
    assert body
    return (
        " ".join(body.text(separator=" ").split())
        .replace("\u202f", " ")
        .replace("\u00a0", " ")
    )


# --- reading --------------------------------------------------------------------------


async def test_a_mission_says_what_where_whom_and_until_when(phone: Phone) -> None:
    page = await phone.html()
    order = [h2.text() for h2 in page.css("main h2")]
    assert order[:5] == [
        "Mission", "Lieu", "À appeler", "Ce que l’on sait", "Documents",
    ]  # fmt: skip
    text = said(page)
    for fact in (
        "18 rue des Charmettes",
        "Sophie Martin",
        "06\u00a039\u00a098",
        "CM-4471",
    ):
        assert fact.replace("\u00a0", " ") in text
    assert "heure de Paris" in text
    assert page.css_first('.bar form[action$="/accept"] button')
    assert page.css_first('a[href^="tel:+33"]')
    assert "GMT" not in text


@pytest.mark.parametrize(
    ("agent", "begins"),
    [
        ("Mozilla/5.0 (Linux; Android 14)", "geo:0,0?q=18%20rue"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0)", "https://maps.apple.com/?daddr="),
        ("Mozilla/5.0 (X11; Linux x86_64)", "https://www.openstreetmap.org/search?"),
    ],
)
def test_the_way_there_opens_the_maps_of_the_phone(agent: str, begins: str) -> None:
    assert route_to("18 rue des Lilas, Lyon", agent).startswith(begins)
    assert route_to("", agent) == ""


async def test_opening_every_page_changes_nothing(phone: Phone) -> None:
    """X18: scanners open links."""
    before = (await phone.it()).version, await phone.web.events(phone.ref)
    for path in ("", "/refuse", "/plan", "/accept"):
        await phone.web.client.get(phone.base + path, headers=phone.headers)
    assert ((await phone.it()).version, await phone.web.events(phone.ref)) == before


async def test_our_script_hears_only_of_what_changed(phone: Phone) -> None:
    first = await phone.web.client.get(phone.base, headers=phone.headers)
    tag = first.headers["ETag"]
    asking = {**phone.headers, "Azbot-Part": "mission", "If-None-Match": tag}
    again = await phone.web.client.get(phone.base, headers=asking)
    assert again.status == 304
    await phone.press("/accept")
    changed = await phone.web.client.get(phone.base, headers=asking)
    text = await changed.text()
    assert changed.status == 200
    assert "<html" not in text
    assert "data-bar" in text


# --- answering ------------------------------------------------------------------------


async def test_accepting_leads_at_once_to_the_date_and_happens_once(
    phone: Phone,
) -> None:
    there = await phone.press("/accept", once="a-press-of-it")
    assert there.startswith(f"{phone.base}/plan")
    await phone.press("/accept", once="a-press-of-it")
    await phone.press("/accept")
    it = await phone.it()
    assert it.status is Status.UNDERWAY
    assert len(it.interventions) == 1
    page = await phone.html("/plan?said=accepted")
    days = [node.attributes["value"] for node in page.css('input[name="day"]')]
    assert days == [f"2026-03-{day}" for day in (23, 24, 25, 26, 27)]
    hours = [node.attributes["value"] for node in page.css('input[name="hour"]')]
    assert hours[0] == "08:00"
    assert hours[-1] == "17:30"
    assert len(hours) == 20


async def test_a_chip_of_a_day_and_one_of_an_hour_are_a_date_of_the_site(
    phone: Phone,
) -> None:
    await phone.press("/accept")
    there = await phone.press("/plan", day="2026-03-25", hour="13:30", visit="1")
    assert there.endswith("?said=planned")
    visit = (await phone.it()).interventions[0]
    assert visit.planned_at == datetime(2026, 3, 25, 12, 30, tzinfo=UTC)
    assert await phone.kinds(NoticeKind.PLANNED) == 1
    text = said(await phone.html())
    assert "13 h 30 (heure de Paris)" in text


async def test_overseas_the_hours_are_those_of_the_site(web: Web) -> None:
    """R125: 13:30 in Saint-Denis de La Réunion."""
    ref = await web.opened(postcode="97400", town="Saint-Denis")
    await web.command(
        ref, "assign-station", station=web.station_id, override_reason="vu"
    )
    phone = await phone_of(web, ref)
    assert "heure de La Réunion" in said(await phone.html("/plan"))
    await phone.press("/plan", day="2026-03-25", hour="13:30")
    planned = (await phone.it()).interventions[0].planned_at
    assert planned == datetime(2026, 3, 25, 9, 30, tzinfo=UTC)


async def test_a_mission_is_accepted_and_dated_in_the_same_breath(phone: Phone) -> None:
    page = await phone.html("/plan")
    assert "Accepter" in said(page)
    await phone.press(
        "/plan", day="2026-03-25", hour="13:30", lasts="180", note="Libérez l’accès."
    )
    it = await phone.it()
    assert it.status is Status.UNDERWAY
    visit = it.interventions[0]
    assert visit.status is InterventionStatus.PLANNED
    assert visit.lasts == timedelta(hours=3)
    assert await phone.kinds(NoticeKind.PLANNED) == 1
    assert await phone.kinds(NoticeKind.ACCEPTED) == 0


async def test_another_date_by_hand_wins_over_the_chips(phone: Phone) -> None:
    await phone.press("/accept")
    await phone.press(
        "/plan", day="2026-03-25", hour="13:30", other_day="2026-04-02", visit="1"
    )
    planned = (await phone.it()).interventions[0].planned_at
    assert planned == datetime(2026, 4, 2, 11, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"day": "2026-03-25"}, "Il manque une date"),
        ({"day": "2026-02-25", "hour": "10:00"}, "passé"),
        ({"day": "x", "hour": "10:00"}, "Il manque une date"),
        ({"day": "2026-03-25", "hour": "10:00", "lasts": "9999"}, "durée"),
    ],
)
async def test_a_wrong_date_is_told_and_every_value_kept(
    phone: Phone, form: dict[str, str], words: str
) -> None:
    await phone.press("/accept")
    text = await phone.press("/plan", 422, visit="1", note="Au premier.", **form)
    page = HTMLParser(text)
    assert words in said(page)
    assert value(page, "#note") == "Au premier."
    assert (await phone.it()).interventions[0].planned_at is None


async def test_a_planned_visit_moves_with_a_reason_the_client_reads(
    phone: Phone,
) -> None:
    await phone.press("/plan", day="2026-03-25", hour="13:30")
    date = {"day": "2026-03-26", "hour": "09:00", "visit": "1"}
    page = HTMLParser(await phone.press("/plan", 422, **date))
    assert "motif" in said(page)
    assert page.css_first('input[value="2026-03-26"][checked]')
    there = await phone.press("/plan", reason="Pièce en retard.", **date)
    assert there.endswith("?said=moved")
    assert await phone.kinds(NoticeKind.MOVED) == 1


async def test_a_refusal_needs_a_reason_and_one_confirmation(phone: Phone) -> None:
    assert "Choisissez un motif" in await phone.press("/refuse", 422)
    assert "quelques mots" in await phone.press("/refuse", 422, reason="other")
    await phone.press("/refuse", reason="out_of_zone", comment="Trop loin.")
    it = await phone.it()
    assert it.missions[0].status is MissionStatus.REFUSED
    text = await phone.text(phone.base, 410)
    assert "Vous avez refusé cette mission" in text
    assert "Charmettes" not in text


async def test_arriving_notes_the_hour_once_and_opens_the_form(phone: Phone) -> None:
    await phone.press("/plan", day="2026-03-23", hour="13:30")
    there = await phone.press("/visits/1/arrive")
    assert there == f"{phone.base}/visits/1"
    await phone.press("/visits/1/arrive")
    assert (await phone.it()).interventions[0].arrived_at == MONDAY


async def test_a_follow_up_is_proposed_and_told_to_the_client_only_when_approved(
    phone: Phone,
) -> None:
    """T15: nothing before the agent agrees, one mail after it."""
    await phone.press("/accept")
    await phone.web.command(phone.ref, "arrive-on-site")
    unsolved = {**VISIT, "solved": False, "next_visit": False}
    await phone.web.command(phone.ref, "save-intervention-form", answers=unsolved)
    for role in Signatory:
        await phone.web.command(
            phone.ref, "sign-intervention", role=role.value, name="Anne",
            method="drawn", strokes=LINE,
        )  # fmt: skip
    await phone.web.command(phone.ref, "finish-intervention")
    there = await phone.press("/plan", day="2026-03-26", hour="09:00", visit="2")
    assert there.endswith("?said=proposed")
    assert (await phone.it()).interventions[1].status is InterventionStatus.TO_APPROVE
    assert await phone.kinds(NoticeKind.FOLLOW_UP) == 0
    assert "À valider" in said(await phone.html())
    await phone.web.command(phone.ref, "approve-intervention")
    assert await phone.kinds(NoticeKind.FOLLOW_UP) == 1


# --- words and files ------------------------------------------------------------------


async def test_words_and_files_reach_the_desk_once(phone: Phone) -> None:
    async def send() -> int:
        form = FormData()
        form.add_field("once", "one-press-of-send")
        form.add_field("text", "Le portail est fermé.")
        form.add_field("files", PNG, filename="portail.png", content_type="image/png")
        answer = await phone.web.client.post(
            f"{phone.base}/messages", data=form, headers=phone.headers,
            allow_redirects=False,
        )  # fmt: skip
        return answer.status

    assert [await send(), await send()] == [303, 303]
    it = await phone.it()
    assert [d.name for d in it.documents] == ["portail.png"]
    assert it.messages == 1
    text = said(await phone.html("?said=sent"))
    assert "Le portail est fermé." in text
    got = await phone.web.client.get(f"{phone.base}/documents/1", headers=phone.headers)
    assert await got.read() == PNG
    assert got.headers["Content-Disposition"].startswith("attachment")


async def test_a_file_of_a_wrong_kind_is_told_and_the_words_are_kept(
    phone: Phone,
) -> None:
    form = FormData()
    form.add_field("once", "one-press-of-send")
    form.add_field("text", "Voici le plan.")
    form.add_field("files", b"MZ" + b"\0" * 64, filename="plan.exe")
    answer = await phone.web.client.post(
        f"{phone.base}/messages", data=form, headers=phone.headers
    )
    page = HTMLParser(await answer.text())
    assert answer.status == 415
    assert "plan.exe" in said(page)
    assert value(page, "#text") == "Voici le plan."
    assert (await phone.it()).messages == 0


async def test_a_station_has_no_note_and_no_file_of_a_note(phone: Phone) -> None:
    web = phone.web
    blob = web.deps.store.blobs.put(PNG)
    note = c.AddNote(
        "Le client paie mal.",
        (c.NewDocument("note.png", "image/png", len(PNG), blob),),
    )
    await web.do(phone.ref, note)
    text = said(await phone.html())
    assert "paie mal" not in text
    assert "note.png" not in text
    await phone.text(f"{phone.base}/documents/1", 404)
    await phone.text(f"{phone.base}/documents/1/thumbnail", 404)


# --- whose it is ----------------------------------------------------------------------


async def test_a_station_that_lost_the_mission_hears_so_and_sees_nothing(
    phone: Phone,
) -> None:
    await phone.web.command(phone.ref, "withdraw-mission", reason="Plus proche.")
    for path in ("", "/plan", "/refuse", "/documents/1", "/visits/1/report.pdf"):
        text = await phone.text(phone.base + path, 410)
        assert "Cette mission ne vous est plus confiée" in text
        assert "Charmettes" not in text
    text = await phone.press("/accept", 410)
    assert "ne vous est plus confiée" in text
    link = await phone.web.link(phone.ref, await technician(phone.web))
    assert (await phone.web.read(link)).status == 410


async def test_a_mission_lost_between_page_and_press_is_not_changed(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = await phone_of(web, await web.assigned())
    load = web.deps.desk.load

    def withdrawn_meanwhile(uow: UnitOfWork, key: Any) -> Assistance:
        it = load(uow, key)
        event = e.MissionWithdrawn(1, "Plus proche.")
        web.deps.desk.record(uow, it, (event,), AGENT)
        return load(uow, key)

    monkeypatch.setattr(web.deps.desk, "load", withdrawn_meanwhile)
    text = await phone.press("/accept", 410)
    assert "Charmettes" not in text


async def test_another_station_finds_nothing(web: Web) -> None:
    phone = await phone_of(web, await web.assigned())
    stranger = {**BROWSER}
    known, unknown = [
        await web.client.get(f"/missions/{ref}", headers=stranger)
        for ref in (phone.ref, "ASFR26999999")
    ]
    assert known.status == unknown.status == 404
    assert await known.text() == await unknown.text()
    client = await web.visitor(phone.ref)
    answer = await web.client.get(phone.base, headers=client)
    assert answer.status == 404


# --- what stood there before ----------------------------------------------------------


async def test_the_memory_of_a_place_tells_facts_and_nobodys_name(web: Web) -> None:
    old = await web.underway()
    await web.command(old, "arrive-on-site")
    answers = {
        **VISIT,
        "has_webserver": True,
        "webserver_mac": "0004A31F529C",
        "webserver_serial": "AZ-2231",
        "no_material": None,
        "material": [
            {
                "designation": "Registre",
                "quantity": 1,
                "old_serial": "R1",
                "new_serial": "R2",
            }
        ],
        "solved": False,
        "next_visit": False,
        "action_notes": "Registre de la chambre 2 à reprendre.",
    }
    await web.command(old, "save-intervention-form", answers=answers)
    for role in Signatory:
        await web.command(
            old, "sign-intervention", role=role.value, name="Yves Ancien",
            method="drawn", strokes=LINE,
        )  # fmt: skip
    await web.command(old, "finish-intervention")
    await web.command(old, "withdraw-mission", reason="Autre station.")
    ref = await web.opened(
        address="18, Rue des CHARMETTES",
        contact_name="Nora Neuve",
        installer="Neuf SARL",
    )
    await web.command(
        ref, "assign-station", station=web.other_station_id, override_reason="vu"
    )
    phone = await phone_of(web, ref, web.other_station_id)
    page = await phone.html()
    past = page.css_first("details.past")
    assert past is not None
    text = " ".join(past.text(separator=" ").split())
    for fact in ("00:04:A3:1F:52:9C", "AZ-2231", "Registre", "R1", "R2", "chambre 2"):
        assert fact in text
    for name in ("Sophie", "Martin", "Yves", "Froid", "CM-4471", old):
        assert name not in text
        assert name in ("Martin", "Sophie", "CM-4471") or name not in said(page)


# --- the list -------------------------------------------------------------------------


async def signed_in(web: Web, station: int | None = None) -> dict[str, str]:
    """Headers of a browser whose technician gave a six-digit code."""
    person, now = await technician(web, station), web.clock.now()
    secret = secrets.token_urlsafe(16)
    session = Session(session_hash(secret), person, now, now, now + timedelta(days=7))
    await web.deps.store.write(lambda uow: uow.sessions.add(session))
    return {"Cookie": f"{SESSION}={secret}", **BROWSER}


async def test_my_missions_are_grouped_late_first(web: Web) -> None:
    headers = await signed_in(web)
    answer, today, late = [await web.assigned() for _ in range(3)]
    person = await technician(web)
    for ref, hour in ((today, "16:00"), (late, "10:30")):
        phone = Phone(web, ref, await web.visitor(ref, person))
        day = "2026-03-24" if ref == today else "2026-03-23"
        await phone.press("/plan", day=day, hour=hour)
    other = await web.assigned()
    await web.command(other, "withdraw-mission", reason="x")
    await web.clock.advance(timedelta(days=1))
    response = await web.client.get("/missions", headers=headers)
    page = HTMLParser(await response.text())
    assert response.status == 200
    groups = {
        section.attributes["class"]: [
            (a.attributes["href"] or "").rpartition("/")[2] for a in section.css("a.go")
        ]
        for section in page.css("section.group")
    }
    assert groups == {
        "group late": [late], "group today": [today], "group answer": [answer],
    }  # fmt: skip
    assert other not in await response.text()
    assert page.css_first(".group.today a[href*='rue']")


async def test_the_list_asks_for_a_code_and_leads_back(web: Web) -> None:
    answer = await web.client.get("/missions", headers=BROWSER, allow_redirects=False)
    assert answer.status == 303
    assert answer.headers["Location"] == "/portal/signin?next=/missions"


async def test_the_pages_can_be_put_on_a_home_screen(web: Web) -> None:
    answer = await web.client.get("/missions/app.webmanifest", headers=BROWSER)
    told = await answer.json(content_type="application/manifest+json")
    assert told["start_url"] == "/missions"
    for icon in told["icons"]:
        got = await web.client.get(icon["src"])
        assert got.status == 200
        assert got.content_type == icon["type"]


# --- signing from afar ----------------------------------------------------------------


@dataclass
class Afar:
    """A visit that waits for the signature of somebody who is not there."""

    phone: Phone
    link: str

    async def page(self, status: int = 200) -> HTMLParser:
        return HTMLParser(await self.phone.text(self.link, status))

    async def sign(self, status: int = 303, /, **form: str) -> str:
        given = {"name": "Karim Bernard", "agreed": "1", **form}
        return await self.phone.press(self.link, status, **given)


@asynccontextmanager
async def asked(web: Web, **form: str) -> AsyncIterator[Afar]:
    phone = await phone_of(web, await web.underway())
    await web.command(phone.ref, "arrive-on-site")
    await web.command(phone.ref, "save-intervention-form", answers=VISIT)
    there = await phone.press(
        "/visits/1/signatures/client/link", name="Karim Bernard", **form
    )
    page = await phone.html(there)
    link = value(page, "#link")
    assert page.css_first("svg.qr")
    path = "/sign/" + link.rpartition("/")[2]
    # Whoever signs has no cookie of ours.
    yield Afar(replace(phone, headers=BROWSER), path)


async def test_a_link_to_sign_is_mailed_shown_and_counted_by_the_desk(web: Web) -> None:
    async with asked(web, email="k.bernard@promo.example") as afar:
        assert await afar.phone.kinds(NoticeKind.SIGNATURE_WANTED) == 1
        headers = await web.sign_in()
        page = await web.client.get(f"/inbox/a/{afar.phone.ref}", headers=headers)
        assert "Signatures attendues" in await page.text()


async def test_a_signatory_reads_what_is_signed_and_signs_it(web: Web) -> None:
    async with asked(web) as afar:
        before = await web.events(afar.phone.ref)
        page = await afar.page()
        text = said(page)
        # X18: reading signs nothing.
        assert await web.events(afar.phone.ref) == before
        for fact in (
            "Froid Rhône Services",
            "18 rue des Charmettes",
            "résolu",
            "Daikin",
        ):
            assert fact in text
        assert value(page, "#name") == "Karim Bernard"
        assert (await afar.phone.it()).interventions[0].signatures == ()
        there = await afar.sign(email="k.bernard@promo.example", wants_report="1")
        assert there == afar.link
        assert "Merci, c’est signé" in said(await afar.page())
        given = (await afar.phone.it()).interventions[0].signature(Signatory.CLIENT)
        assert given
        assert given.method is SignatureMethod.REMOTE
        assert given.wants_report
        assert await afar.phone.kinds(NoticeKind.SIGNATURE_GIVEN) == 1
        history = await web.deps.store.views.timeline(
            (await afar.phone.it()).id, is_internal=False
        )
        assert history[-1].actor.role is Role.SIGNATORY
        assert history[-1].actor.name == "Karim Bernard"


async def test_drawn_strokes_are_kept_and_a_dot_is_refused(web: Web) -> None:
    async with asked(web) as afar:
        await afar.sign(422, strokes="[[[5,5],[9,9]]]")
        await afar.sign(strokes="[[[0,0],[400,300],[900,100]]]", aspect="2400")
        given = (await afar.phone.it()).interventions[0].signature(Signatory.CLIENT)
        assert given
        assert given.strokes[0].points[1] == (400, 300)
        assert given.aspect == 2400


async def test_a_signature_needs_a_name_and_the_box(web: Web) -> None:
    async with asked(web) as afar:
        text = await afar.phone.press(afar.link, 422, name="Karim Bernard")
        assert "Cochez la case" in text
        await afar.sign(422, name=" ")
        await afar.sign(422, email="personne")
        assert (await afar.phone.it()).interventions[0].signatures == ()


async def test_a_replayed_signature_is_the_same_one(web: Web) -> None:
    async with asked(web) as afar:
        await afar.sign(once="one-press-only")
        before = await web.events(afar.phone.ref)
        # The same press, and another one by a link that has served.
        assert "Merci" in await afar.sign(200, once="one-press-only")
        assert "Merci" in await afar.sign(200, name="Mallory")
        assert await web.events(afar.phone.ref) == before


async def test_a_form_changed_after_the_link_cannot_be_signed_by_it(web: Web) -> None:
    async with asked(web) as afar:
        await web.command(
            afar.phone.ref, "save-intervention-form", answers={"distance_km": "40"}
        )
        assert "a changé depuis ce lien" in said(await afar.page(410))
        assert "a changé depuis ce lien" in await afar.sign(410)
        assert (await afar.phone.it()).interventions[0].signatures == ()


async def test_a_newer_link_takes_the_place_of_the_older(web: Web) -> None:
    async with asked(web) as afar:
        await web.clock.advance(timedelta(minutes=5))
        await web.command(
            afar.phone.ref, "invite-signatory", role="client", name="Lina Morel"
        )
        assert "lien plus récent" in said(await afar.page(410))
        await afar.sign(410)


async def test_a_signature_given_on_site_is_told(web: Web) -> None:
    async with asked(web) as afar:
        await web.command(
            afar.phone.ref, "sign-intervention", role="client", name="Mme Blanc",
            method="drawn", strokes=LINE,
        )  # fmt: skip
        text = said(await afar.page(410))
        assert "déjà donnée" in text
        assert "Blanc" not in text


async def test_a_link_to_sign_ends_after_seven_days(web: Web) -> None:
    async with asked(web) as afar:
        await web.clock.advance(timedelta(days=7))
        text = said(await afar.page(410))
        assert "a expiré" in text
        assert "Charmettes" not in text


async def test_guessed_and_truncated_links_are_answered_alike(web: Web) -> None:
    async with asked(web) as afar:
        token = afar.link.rpartition("/")[2]
        until = MONDAY + timedelta(days=5)
        key = (await afar.phone.it()).id
        unknown = issue_signing(KEYRING, 4_711, 1, "client", "0" * 64, until)
        texts = set()
        for guess in (
            token[:-1], token[1:], token.replace("client", "station"), "x", unknown,
            issue_signing(KEYRING, key, 9, "client", "0" * 64, until),
            issue_signing(KEYRING, key, 1, "nobody", "0" * 64, until),
        ):  # fmt: skip
            answer = await web.client.get(f"/sign/{guess}", headers=BROWSER)
            assert answer.status == 404, guess
            texts.add(re.sub(r"[0-9a-f]{32}", "", await answer.text()))
        assert len(texts) == 1


async def test_a_waiver_is_offered_only_where_the_setting_allows(web: Web) -> None:
    async with asked(web) as afar:
        station = await phone_of(web, afar.phone.ref)
        page = await station.html("/visits/1/signatures/station/link")
        assert not page.css_first('form[action$="/waive"]')
        await station.press("/visits/1/signatures/station/waive", 422, reason="absent")
        assert (await station.it()).interventions[0].signatures == ()


async def test_a_waived_signature_is_told_to_whoever_holds_its_link(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = Rules(allow_waiver=True)
    monkeypatch.setattr(web.deps.desk, "_rules", lambda: rules)
    async with asked(web) as afar:
        station = await phone_of(web, afar.phone.ref)
        page = await station.html("/visits/1/signatures/client/link")
        assert page.css_first('form[action$="/waive"]')
        await station.press("/visits/1/signatures/client/waive", reason="Injoignable.")
        assert "plus nécessaire" in said(await afar.page(410))
        await afar.sign(410)


async def test_an_unfinished_form_is_not_given_to_sign(web: Web) -> None:
    phone = await phone_of(web, await web.underway())
    await web.command(phone.ref, "arrive-on-site")
    text = await phone.press("/visits/1/signatures/client/link", 422, name="Karim")
    assert "istance parcourue" in text
    assert (await phone.it()).interventions[0].invited == ()
