"""The pages of stations on a phone: taps counted, thumbs, contrasts, a link to sign."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from azbot.channels.web.staff import new_secret
from azbot.channels.web.visitors.access import SESSION, session_hash
from azbot.messages import PersonId, Trust
from azbot.store.accounts import Session
from azbot.tokens import Purpose, issue_link, issue_signing
from azbot.workflow import commands as c
from azbot.workflow.model import (
    Actor,
    AssistanceRef,
    Hearers,
    InterventionStatus,
    Role,
    Signatory,
    Status,
)
from tests.browser.axe import SCHEMES, violations_everywhere
from tests.browser.inboxdesk import InboxDesk
from tests.browser.test_inbox_pages import SMALL, opened, to_approve, unplanned
from tests.webdesk import VISIT

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}
ANDROID = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/126"


@dataclass(frozen=True)
class Field:
    """A technician of the station, and missions in every state.

    Attributes:
        refs: by state: ``proposed``, ``unplanned``, ``planned``, ``to_approve``,
            ``signing``, ``begun``.
        signs: addresses of the links to sign, by role.
    """

    desk: InboxDesk
    person: PersonId
    refs: Mapping[str, AssistanceRef]
    signs: Mapping[Signatory, str]

    def link(self, ref: AssistanceRef) -> str:
        """The address in the mail of a mission."""
        it = self.desk.write(lambda uow: uow.assistances.by_ref(ref))
        until = self.desk.app.clock.now() + timedelta(days=30)
        keyring = self.desk.app.door.keyring
        token = issue_link(keyring, Purpose.LINK, it.id, self.person, until)
        return f"{self.desk.address}/a/{token}"


def actor(desk: InboxDesk, person: PersonId) -> Actor:
    return Actor(
        Role.STATION, person, desk.station.company, Trust.PROVEN, "web", desk.station.id
    )


def proposed(desk: InboxDesk) -> AssistanceRef:
    ref = opened(desk)
    assign = c.AssignStation(desk.station, "vu par téléphone")
    desk.do(ref, assign, by=desk.actor("camille"))
    return ref


@pytest.fixture(scope="module")
def field(desk: InboxDesk) -> Field:
    contacts = desk.run(desk.app.store.views.contacts_of([desk.station.id]))
    person = contacts[desk.station.id][0].id
    station, now = actor(desk, person), desk.app.clock.now()
    planned = unplanned(desk)
    later = now + timedelta(days=2)
    desk.do(planned, c.ScheduleIntervention(later), by=station)
    signing, begun = unplanned(desk), unplanned(desk)
    desk.do(begun, c.ArriveOnSite(), by=station)
    desk.do(
        signing,
        c.ArriveOnSite(),
        c.SaveInterventionForm(VISIT),
        *(c.InviteSignatory(role, "Karim Bernard") for role in Signatory),
        by=station,
    )
    it = desk.write(lambda uow: uow.assistances.by_ref(signing))
    signs = {
        asked.role: f"{desk.address}/sign/"
        + issue_signing(
            desk.app.door.keyring,
            it.id,
            1,
            asked.role.value,
            asked.fingerprint,
            asked.until,
        )
        for asked in it.interventions[0].invited
    }
    refs = {
        "proposed": proposed(desk),
        "unplanned": unplanned(desk),
        "planned": planned,
        "to_approve": to_approve(desk),
        "signing": signing,
        "begun": begun,
    }
    return Field(desk, person, refs, signs)


@pytest.fixture
def phone(chromium: Browser) -> Iterator[Page]:
    """A telephone that must load every page without an error, from one host alone."""
    context = chromium.new_context(locale="fr-FR", viewport=PHONE, user_agent=ANDROID)  # type: ignore[arg-type]
    page, faults = context.new_page(), []
    # A refused form is a page of its own: Chromium tells its status as an error.
    page.on(
        "console",
        lambda m: (
            faults.append(m.text) if m.type == "error" and "422" not in m.text else None
        ),
    )
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "request",
        lambda r: None if "//127.0.0.1:" in r.url else faults.append(r.url),
    )
    yield page
    context.close()
    assert faults == []


class Thumb:
    """Counts taps, and says where on the screen they were."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.taps = 0

    def tap(self, selector: str) -> float:
        """Tap; return how far down the screen, 0 to 1."""
        box = self.page.locator(selector).bounding_box()
        assert box, selector
        self.page.click(selector)
        self.taps += 1
        return (box["y"] + box["height"] / 2) / PHONE["height"]


def state_of(field: Field, ref: AssistanceRef) -> Any:
    return field.desk.write(lambda uow: uow.assistances.by_ref(ref))


def test_two_taps_accept_and_three_more_give_the_date(
    phone: Page, field: Field
) -> None:
    """T1, T6: from the mail, with one thumb."""
    ref = proposed(field.desk)
    phone.goto(field.link(ref))  # the first tap, in the mail
    thumb = Thumb(phone)
    assert thumb.tap(".bar button.primary") > 0.5
    phone.wait_for_url("**/plan**")
    assert 1 + thumb.taps <= 2
    assert state_of(field, ref).status is Status.UNDERWAY
    expect(phone.locator(".said")).to_contain_text("Mission acceptée")
    thumb = Thumb(phone)
    thumb.tap(".days label:nth-child(3)")
    thumb.tap(".hours label:nth-child(12)")
    assert thumb.tap(".bar button.primary") > 0.5
    phone.wait_for_url("**?said=planned")
    assert thumb.taps <= 3
    visit = state_of(field, ref).interventions[0]
    assert visit.status is InterventionStatus.PLANNED


def test_a_double_tap_sends_once(phone: Page, field: Field) -> None:
    ref = proposed(field.desk)
    phone.goto(field.link(ref))
    posts: list[str] = []
    phone.on("request", lambda r: posts.append(r.url) if r.method == "POST" else None)
    phone.locator(".bar button.primary").dblclick()
    phone.wait_for_url("**/plan**")
    assert len(posts) == 1


def test_what_the_desk_does_shows_without_a_reload(phone: Page, field: Field) -> None:
    """C11, for stations."""
    ref = proposed(field.desk)
    phone.goto(field.link(ref))
    phone.fill("#text", "Je tape quelque chose")
    phone.locator("h1").click()
    camille = field.desk.actor("camille")
    told = c.AddMessage("Le digicode est 1234.", to=Hearers.STATION)
    field.desk.do(ref, told, by=camille)
    expect(phone.locator("#messages")).to_contain_text("1234")
    assert phone.input_value("#text") == "Je tape quelque chose"


def test_a_signatory_signs_in_four_taps(phone: Page, field: Field) -> None:
    """T11: the link, the box, « Signer »; the name is there already."""
    phone.goto(field.signs[Signatory.CLIENT])
    expect(phone.locator("main")).to_contain_text("Le problème est résolu")
    thumb = Thumb(phone)
    thumb.tap("label:has(#agreed)")
    assert thumb.tap(".bar button.primary") > 0.5
    expect(phone.locator("h1")).to_have_text("Merci, c’est signé")
    assert 1 + thumb.taps <= 4
    visit = state_of(field, field.refs["signing"]).interventions[0]
    assert visit.signature(Signatory.CLIENT).name == "Karim Bernard"


def test_a_signatory_draws_with_a_finger(phone: Page, field: Field) -> None:
    """T9, T11: a dot is refused in words, a drawing is kept as vectors."""
    phone.goto(field.signs[Signatory.STATION])
    box = phone.locator("canvas.glass").bounding_box()
    assert box
    x, y = box["x"] + 40, box["y"] + 60
    phone.mouse.move(x, y)
    phone.mouse.down()
    phone.mouse.up()
    phone.click(".bar button.primary")
    expect(phone.locator("#why")).to_be_focused()
    phone.locator("canvas.glass").scroll_into_view_if_needed()
    box = phone.locator("canvas.glass").bounding_box()
    assert box
    x, y = box["x"] + 40, box["y"] + 60
    phone.mouse.move(x, y)
    phone.mouse.down()
    for step in range(1, 9):
        phone.mouse.move(x + 20 * step, y + (30 if step % 2 else -20))
    phone.mouse.up()
    phone.click(".bar button.primary")
    expect(phone.locator("h1")).to_have_text("Merci, c’est signé")
    given = (
        state_of(field, field.refs["signing"])
        .interventions[0]
        .signature(Signatory.STATION)
    )
    assert len(given.strokes[0].points) > 5


# --- every page, in every state -------------------------------------------------------

PAGES = {
    "proposed": "/missions/{proposed}",
    "refuse": "/missions/{proposed}/refuse",
    "accept-with-date": "/missions/{proposed}/plan",
    "unplanned": "/missions/{unplanned}",
    "plan": "/missions/{unplanned}/plan",
    "planned": "/missions/{planned}",
    "move": "/missions/{planned}/plan?visit=1",
    "to-approve": "/missions/{to_approve}",
    "propose": "/missions/{to_approve}/plan?visit=2",
    "signing": "/missions/{signing}",
    "link": "/missions/{begun}/visits/1/signatures/client/link",
    "link-ready": "/missions/{signing}/visits/1/signatures/installer/link",
    "list": "/missions",
    "sign": "{sign}",
}

# Contrast of what is read on site: (ratio, text) of every one below seven to one.
_PALE = """
() => {
  const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = (colour) => {
    const [r, g, b] = parts(colour).slice(0, 3)
      .map((v) => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
    return .2126 * r + .7152 * g + .0722 * b;
  };
  const behind = (one) => {
    for (let it = one; it; it = it.parentElement) {
      const colour = getComputedStyle(it).backgroundColor;
      if ((parts(colour)[3] ?? 1) > .99) return colour;
    }
    return 'rgb(255, 255, 255)';
  };
  return [...document.querySelectorAll(
      'h1, h2, h3, legend, label, .value, .big, dd:not(:has(a)), .chips span')]
    .filter((one) => one.checkVisibility() && one.textContent.trim())
    .map((one) => {
      const [a, b] = [light(getComputedStyle(one).color), light(behind(one))];
      const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
      return [Math.round(ratio * 100) / 100, one.textContent.trim().slice(0, 40)];
    })
    .filter(([ratio]) => ratio < 7);
}
"""
_THIN = """
() => [...document.querySelectorAll('.btn, .chips label')]
  .filter((one) => one.checkVisibility())
  .map((one) => [one.getBoundingClientRect().height, one.textContent.trim()])
  .filter(([height]) => height < 51.9)
"""


@pytest.fixture(scope="module")
def visited(chromium: Browser, field: Field) -> Iterator[Page]:
    """A telephone whose technician opened every link and gave a code."""
    context = chromium.new_context(locale="fr-FR", viewport=PHONE, user_agent=ANDROID)  # type: ignore[arg-type]
    page, secret = context.new_page(), new_secret()
    for ref in field.refs.values():
        page.goto(field.link(ref))
    now = field.desk.app.clock.now()
    session = Session(
        session_hash(secret), field.person, now, now, now + timedelta(days=1)
    )
    field.desk.write(lambda uow: uow.sessions.add(session))
    context.add_cookies(
        [
            {
                "name": SESSION,
                "value": secret,
                "url": field.desk.address.replace("http:", "https:"),
                "secure": True,
                "httpOnly": True,
            }
        ]
    )
    yield page
    context.close()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_read_in_the_sun_and_pressed_with_gloves(
    name: str, visited: Page, field: Field
) -> None:
    """X1, X2, X4, X9, T6, T16, in both schemes."""
    sign = field.signs[Signatory.INSTALLER].removeprefix(field.desk.address)
    path = PAGES[name].format(**field.refs, sign=sign)
    visited.set_viewport_size(PHONE)  # type: ignore[arg-type]
    response = visited.goto(field.desk.address + path)
    assert response
    assert response.status == 200
    visited.evaluate(
        "document.querySelectorAll('details').forEach((d) => d.open = true)"
    )
    assert violations_everywhere(visited, (PHONE["width"],)) == []
    for scheme in SCHEMES:
        visited.emulate_media(color_scheme=scheme)
        assert visited.evaluate(_PALE) == [], scheme
    assert visited.evaluate(SMALL) == []
    assert visited.evaluate(_THIN) == []
    for width in (320, 360):
        visited.set_viewport_size({"width": width, "height": 800})
        assert visited.evaluate("document.documentElement.scrollWidth") <= width
    assert visited.evaluate("document.documentElement.lang") == "fr"
    assert visited.locator("h1").count() == 1
    assert re.search(r"ASFR|missions|signé", visited.title())


def test_the_pages_weigh_little(visited: Page, field: Field) -> None:
    """X13: everything a mission loads, packed, in kilobytes."""
    sizes: list[int] = []

    def weigh(response: Any) -> None:
        sizes.append(response.request.sizes()["responseBodySize"])

    visited.on("requestfinished", lambda r: weigh(r.response()))
    visited.goto(f"{field.desk.address}/missions/{field.refs['planned']}")
    visited.wait_for_load_state("networkidle")
    assert sum(sizes) <= 40 * 1024
