"""The intervention form on a phone (ux.md 8.2): T3 to T10, T12 to T14, T16 to T19."""

from __future__ import annotations

import io
import os
import random
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Locator,
    Page,
    ViewportSize,
    expect,
)
from playwright.sync_api import Error as BrowserError

from azbot.forms.draft import freeze
from azbot.forms.intervention import CHECKLIST, INTERVENTION
from azbot.forms.kinds import Accepted, Context
from azbot.render.colours import contrast
from azbot.workflow import commands as c
from azbot.workflow import events as e
from azbot.workflow.model import InterventionStatus, Signatory, SignatureMethod
from tests.browser.axe import SCHEMES, violations_everywhere
from tests.browser.demonstration import program
from tests.browser.formhands import (
    SIGNATORIES,
    answer,
    draw,
    fill,
    fill_everything,
    finish,
    kept_pages,
    photo,
    says,
    sign,
    unfold,
)
from tests.browser.inboxdesk import InboxDesk
from tests.browser.test_inbox_pages import SMALL
from tests.browser.test_live import until
from tests.browser.visitstage import PHONE, visit_of
from tests.webdesk import VISIT

pytestmark = pytest.mark.browser


@pytest.fixture
def phone(chromium: Browser) -> Iterator[Page]:
    """A page on a phone; whatever it throws fails the test."""
    context = chromium.new_context(viewport=PHONE, locale="fr-FR", has_touch=True)
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("dialog", lambda dialog: dialog.accept())
    yield page
    context.close()
    assert faults == []


# --- offline, killed, back (T3) ------------------------------------------------------


def persistent(chromium: Browser, folder: Path) -> BrowserContext:
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    return chromium.browser_type.launch_persistent_context(
        folder,
        executable_path=program(),
        args=["--no-sandbox"] if is_root else [],
        viewport=PHONE,
        locale="fr-FR",
    )


def kill(context: BrowserContext) -> None:
    """End a browser as a phone does that needs the memory: without a word."""
    session = context.new_cdp_session(context.pages[0])
    with suppress(BrowserError):
        session.send("Browser.crash")
    with suppress(BrowserError):
        context.close()


def test_a_form_filled_without_network_survives_the_browser_and_is_sent_once(
    desk: InboxDesk, chromium: Browser, tmp_path: Path
) -> None:
    visit = visit_of(desk)
    context = persistent(chromium, tmp_path / "profile")
    page = visit.opened(context.pages[0])
    until(lambda: len(kept_pages(page)) == 2)

    context.set_offline(True)
    fill_everything(page)
    page.locator('[data-key="photos"] input[type=file]').set_input_files(
        [photo(number) for number in range(1, 6)]
    )
    expect(page.locator('[data-key="photos"] .pic.img')).to_have_count(5)
    page.locator("#photo input").set_input_files([photo(6)])
    expect(page.locator('[data-key="photos"] .pic.img')).to_have_count(6)
    expect(page.locator('[data-key="photos"] .pic em').first).to_have_text("en attente")
    for role, name in SIGNATORIES.items():
        sign(page, role, name)
    says(page, r"Hors ligne\. Gardé ici, \d+ éléments à envoyer")
    finish(page)
    expect(page.locator(".end h2")).to_have_text("Intervention terminée ici")
    expect(page.locator(".end")).to_contain_text("Sera envoyé dès le retour du réseau")
    page.evaluate("new Promise((done) => setTimeout(done, 300))")
    cookies = context.cookies()
    kill(context)
    assert visit.now.status is InterventionStatus.UNDERWAY
    assert visit.now.answers == {}

    context = persistent(chromium, tmp_path / "profile")
    # Chromium writes cookies down after half a minute, which nobody waits for here.
    context.add_cookies(cookies)  # type: ignore[arg-type]
    context.set_offline(True)
    page = context.pages[0]
    page.goto(visit.url)
    page.wait_for_selector("body[data-ready]")
    unfold(page, "action", "material", "conclusion")
    assert page.input_value("#f-distance_km") == "18.5"
    expect(page.locator('[data-key="photos"] .pic.img img')).to_have_count(6)
    expect(page.locator(".sig .ink")).to_have_count(3)
    expect(page.locator(".end h2")).to_have_text("Intervention terminée ici")

    context.set_offline(False)
    says(page, "Enregistré")
    expect(page.locator(".end h2")).to_have_text("Intervention terminée")
    context.close()

    now = visit.now
    assert now.status is InterventionStatus.FINISHED
    assert now.answers["distance_km"] == "18.5"
    assert now.answers["time_in"] == "13:02"
    assert [s.name for s in now.signatures] == list(SIGNATORIES.values())
    photos = [
        d for d in visit.it.documents if d.intervention == 1 and d.kind == "photo"
    ]
    assert len({d.blob for d in photos}) == len(photos) == 6
    assert [d.blob for d in photos] == now.answers["photos"]
    history = visit.history
    kinds = [type(line.event) for line in history]
    assert kinds.count(e.SignatureGiven) == 3
    assert kinds.count(e.InterventionFinished) == 1
    octets = desk.app.store.blobs.read(photos[0].blob)
    image = Image.open(io.BytesIO(octets))
    assert max(image.size) == 1600
    assert len(octets) <= 360 * 1024
    assert image.getexif().get_ifd(0x8769)[0x9003].startswith("2026:03:25 13:0")
    assert not image.getexif().get_ifd(0x8825), "no position without consent"


# --- one hand ------------------------------------------------------------------------


def test_a_standard_commissioning_takes_few_taps_and_next_leads_to_what_is_missing(
    desk: InboxDesk, phone: Page
) -> None:
    """T5, T6, T13: every tap is counted, those into fields included."""
    visit = visit_of(desk, is_arrived=False)
    page = visit.opened(phone)
    taps = 0

    def tap(what: str | Locator) -> None:
        nonlocal taps
        taps += 1
        (page.locator(what) if isinstance(what, str) else what).click()

    def next_item() -> str:
        tap("#next")
        found: dict[str, Any] = page.evaluate(
            """() => {
              const one = document.activeElement;
              const box = one.getBoundingClientRect();
              const top = document.querySelector('.form-top').getBoundingClientRect();
              const bar = document.getElementById('bar').getBoundingClientRect();
              return {
                key: one.closest('[data-key]')?.dataset.key
                  ?? one.closest('[data-role]')?.dataset.role ?? '',
                isSeen: box.top >= top.bottom - 1 && box.bottom <= bar.top + 1,
              };
            }"""
        )
        assert found["isSeen"], found
        return str(found["key"])

    expect(page.locator("#next")).to_have_text("Je suis sur place")
    box = page.locator("#next").bounding_box()
    assert box is not None
    assert box["y"] > PHONE["height"] / 2
    tap("#next")
    page.locator("#photo input").set_input_files([photo(1)])
    page.locator("#photo input").set_input_files([photo(2)])
    taps += 2  # the camera, twice
    assert next_item() == "distance_km"
    page.keyboard.type("12")
    assert next_item() == "time_out"
    page.keyboard.type("2359")  # after any hour of arriving
    assert next_item() == "has_webserver"
    tap(page.locator('[data-key="has_webserver"] label').nth(1))
    assert next_item() == "emitters"
    tap(page.locator('[data-key="emitters"] label', has_text="Air chaud"))
    assert next_item() == "production_units"
    page.select_option("#f-production_units-0-maker", "daikin")
    page.select_option("#f-production_units-0-model", "ducted_indoor_unit")
    taps += 4
    assert next_item() == CHECKLIST[0]
    for key in CHECKLIST:
        tap(page.locator(f'[data-key="{key}"] label.y'))
    assert next_item() == "solved"
    tap(page.locator('[data-key="solved"] label.y'))
    for role, name in SIGNATORIES.items():
        assert next_item() == role
        tap(f'[data-role="{role}"] .pad.empty')
        page.fill("#sig-name", name)
        draw(page)
        tap(page.get_by_role("button", name="Valider"))
    expect(page.locator("#next")).to_have_text("Terminer l’intervention")
    tap("#next")
    tap("dialog .primary")
    until(lambda: visit.now.status is InterventionStatus.FINISHED)
    assert taps <= 45
    assert visit.now.answers["integration"] == "none"
    assert re.fullmatch(r"\d\d:\d\d", str(visit.now.answers["time_in"]))


def test_questions_follow_the_decisions_on_numbers_hours_and_devices(
    desk: InboxDesk, phone: Page
) -> None:
    """T14, R161 to R167."""
    visit = visit_of(desk)
    page = visit.opened(phone)
    unfold(page, "action", "installation", "production", "checklist")
    unfold(page, "material", "conclusion")
    modes = {
        key: page.get_attribute(f"#f-{key}", "inputmode")
        for key in ("distance_km", "time_in", "time_out")
    }
    assert modes == {
        "distance_km": "decimal",
        "time_in": "numeric",
        "time_out": "numeric",
    }
    assert page.input_value("#f-distance_km") == "", "zero must be typed (R162)"

    fill(page, "distance_km", "12 miles")
    expect(page.locator("#f-distance_km-why")).to_have_text(
        "Écrivez la distance en kilomètres."
    )
    fill(page, "distance_km", "0")
    fill(page, "time_in", "22h15")
    assert page.input_value("#f-time_in") == "22:15"
    expect(page.locator('[data-key="leaves_next_day"]')).to_be_hidden()
    fill(page, "time_out", "0130")
    expect(page.locator('[data-key="leaves_next_day"]')).to_be_visible()
    answer(page, "leaves_next_day", "Oui")

    answer(page, "has_webserver", "Oui")
    fill(page, "webserver_mac", "0004a31f529c")
    assert page.input_value("#f-webserver_mac") == "00:04:A3:1F:52:9C"
    fill(page, "webserver_mac", "192.168.0.4:80")
    expect(page.locator("#f-webserver_mac-why")).to_contain_text("n’a pas la forme")
    answer(page, "has_webserver", "Pas de webserver")
    for key in ("webserver_mac", "webserver_serial"):
        expect(page.locator(f'[data-key="{key}"]')).to_be_hidden()

    answer(page, "emitters", "Autre")
    page.fill("#f-emitters-other", "Poutres froides")
    answer(page, "bus_apart", "Non")
    expect(page.locator("#f-bus_apart-remark")).to_be_focused()
    page.fill("#f-bus_apart-remark", "Bus dans la gaine des moteurs.")
    page.locator('[data-key="bus_apart"] input[type=file]').set_input_files([photo(3)])
    expect(page.locator('[data-key="bus_apart"] .pic.img')).to_have_count(1)
    says(page, "Enregistré")  # until then its picture is drawn anew
    page.locator('[data-key="bus_apart"] .pic.img').click()
    page.fill("#caption", "Gaine du couloir")
    page.get_by_role("button", name="Fermer").click()

    page.click("#f-material")
    page.fill("#f-material-0-designation", "Registre motorisé")
    quantity = page.locator("#f-material-0-quantity")
    assert quantity.get_attribute("inputmode") == "numeric"
    quantity.fill("2")
    quantity.blur()
    page.locator("#f-material-0-is_under_warranty").check(force=True)
    answer(page, "no_material", "Aucun")
    expect(page.locator('[data-key="material"]')).to_be_hidden()
    answer(page, "no_material", "Aucun")
    answer(page, "solved", "Non")
    answer(page, "next_visit", "Oui")
    expect(page.locator('[data-key="next_visit_at"]')).to_be_visible()
    says(page, "Enregistré")
    until(lambda: any(d.kind == "photo" for d in visit.it.documents))

    found = visit.now.answers
    assert found["distance_km"] == "0"
    assert (found["time_in"], found["time_out"]) == ("22:15", "01:30")
    assert found["emitters"] == ["other:Poutres froides"]
    (named,) = found["bus_apart"]["photos"]  # type: ignore[index]
    assert named["caption"] == "Gaine du couloir"
    assert found["material"] == [
        {"designation": "Registre motorisé", "quantity": 2, "is_under_warranty": True}
    ]
    (document,) = [d for d in visit.it.documents if d.kind == "photo"]
    assert (document.blob, document.point) == (named["file"], 2)


# --- signatures ----------------------------------------------------------------------


def test_a_signature_is_drawn_turned_kept_and_taken_back_by_name(
    desk: InboxDesk, phone: Page
) -> None:
    """T7, T9, T10, R138."""
    visit = visit_of(desk)
    desk.do(visit.ref, c.SaveInterventionForm(VISIT), by=visit.station)
    page = visit.opened(phone)
    unfold(page, "conclusion")
    page.locator('[data-role="client"] .pad.empty').click()
    page.get_by_role("button", name="Valider").click()
    expect(page.locator("dialog [role=alert]")).to_contain_text("nom de la personne")
    page.fill("#sig-name", "Sophie Martin")
    draw(page, length=24)
    page.get_by_role("button", name="Valider").click()
    expect(page.locator("dialog [role=alert]")).to_contain_text("trop court")
    page.get_by_role("button", name="Effacer").click()

    draw(page)
    lying = ViewportSize(width=844, height=390)
    for size in (lying, PHONE, lying):
        page.set_viewport_size(size)
        page.locator("dialog .inner").evaluate("(one) => one.scrollTo(0, 200)")
        page.focus("#sig-email")
    page.set_viewport_size(PHONE)
    page.get_by_role("button", name="Valider").click()
    says(page, "Enregistré")
    until(lambda: bool(visit.now.signatures))
    (given,) = visit.now.signatures
    (stroke,) = given.strokes
    assert given.aspect > 1000, "of the pad on which it was begun"
    points = stroke.points
    assert len(points) >= 8
    assert [x for x, _ in points] == sorted(x for x, _ in points)
    assert all(0 < x < given.aspect and 300 < y < 700 for x, y in points)

    expect(page.locator("#f-distance_km")).to_be_disabled()
    expect(page.locator('[data-role="client"] .ink')).to_be_visible()
    page.get_by_role("button", name="Modifier").click()
    expect(page.locator("dialog")).to_contain_text("Sophie Martin")
    page.get_by_role("button", name="Retirer et modifier").click()
    until(lambda: not visit.now.signatures)
    expect(page.locator("#f-distance_km")).to_be_enabled()
    history = visit.history
    (removed,) = [x.event for x in history if isinstance(x.event, e.SignaturesRemoved)]
    assert removed.names == ("Sophie Martin",)

    page.locator('[data-role="client"]').get_by_text("Signer au clavier").click()
    page.fill("#sig-name", "Sophie Martin")
    page.get_by_role("button", name="Valider").click()
    expect(page.locator("dialog [role=alert]")).to_contain_text("Cochez la case")
    page.check("#sig-agrees")
    page.get_by_role("button", name="Valider").click()
    until(lambda: bool(visit.now.signatures))
    assert visit.now.signatures[0].method is SignatureMethod.TYPED


def test_a_form_somebody_else_changed_meanwhile_is_not_signed(
    desk: InboxDesk, phone: Page
) -> None:
    """R138: two phones on one visit; what was signed is what was seen."""
    visit = visit_of(desk)
    desk.do(visit.ref, c.SaveInterventionForm(VISIT), by=visit.station)
    # What the page asks once it is there would tell it of the change.
    with phone.expect_response("**/state"):
        page = visit.opened(phone)
    unfold(page, "conclusion")
    desk.do(visit.ref, c.SaveInterventionForm({"distance_km": "99"}), by=visit.station)
    sign(page, "client", "Sophie Martin")
    expect(page.locator("#notices")).to_contain_text("changé")
    assert visit.now.signatures == ()


# --- the end -------------------------------------------------------------------------


def test_a_visit_without_three_signatures_is_not_finished_and_a_finished_one_is_closed(
    desk: InboxDesk, phone: Page
) -> None:
    """T8, T19: on the page and past it."""
    visit = visit_of(desk)
    desk.do(visit.ref, c.SaveInterventionForm(VISIT), by=visit.station)
    page = visit.opened(phone)
    expect(page.locator(".end h2")).to_have_text("Il manque 3 éléments")
    expect(page.locator(".end .wide")).to_be_hidden()
    unfold(page, "conclusion")
    sign(page, "installer", "Karim Benali")
    sign(page, "client", "Sophie Martin")
    says(page, "Enregistré")
    direct = page.request.post(
        f"{visit.url}/finish",
        data={"id": "direct-request-1"},
        headers={"Origin": desk.address, "Sec-Fetch-Site": "same-origin"},
    )
    assert direct.status == 409
    assert direct.json()["code"] == "signatures_missing"
    expect(page.locator(".end h2")).to_have_text("Il manque 1 élément")

    desk.do(
        visit.ref,
        c.SignIntervention(Signatory.STATION, "Luc Petit", SignatureMethod.TYPED),
        c.FinishIntervention(),
        by=visit.station,
    )
    page.reload()
    page.wait_for_selector("body[data-ready]")
    expect(page.locator("#notices")).to_contain_text("ne se modifie plus")
    expect(page.locator("#bar")).to_be_hidden()
    unfold(page, "action")
    expect(page.locator("#f-distance_km")).to_be_disabled()
    assert page.get_by_role("button", name="Modifier").count() == 0


# --- when things go wrong -------------------------------------------------------------


def test_a_reload_while_the_camera_is_open_loses_no_field(
    desk: InboxDesk, phone: Page
) -> None:
    """T4: the system may end the page while the camera has the screen."""
    visit = visit_of(desk)
    page = visit.opened(phone)
    page.context.set_offline(True)
    unfold(page, "action")
    page.locator("#f-action_notes").press_sequentially("Vanne remplacée")
    with page.expect_file_chooser():
        page.locator("#photo input").click()
    page.context.set_offline(False)
    page.reload()
    page.wait_for_selector("body[data-ready]")
    assert page.input_value("#f-action_notes") == "Vanne remplacée"
    says(page, "Enregistré")


def test_a_phone_that_keeps_nothing_says_so_and_sends_at_once(
    desk: InboxDesk, phone: Page
) -> None:
    """T17."""
    visit = visit_of(desk)
    full = "throw new DOMException('', 'QuotaExceededError')"
    phone.add_init_script(f"IDBFactory.prototype.open = () => {{ {full} }}")
    page = visit.opened(phone)
    expect(page.locator("#notices")).to_contain_text("ne peut rien garder")
    unfold(page, "action")
    fill(page, "distance_km", "7")
    says(page, "Enregistré")
    assert visit.now.answers["distance_km"] == "7"


def test_a_lost_mission_is_told_and_its_data_can_be_taken_away(
    desk: InboxDesk, phone: Page
) -> None:
    visit = visit_of(desk)
    page = visit.opened(phone)
    unfold(page, "action")
    desk.do(visit.ref, c.WithdrawMission("autre station"), by=desk.actor("camille"))
    fill(page, "action_notes", "Vanne remplacée")
    expect(page.locator("#notices")).to_contain_text("n’est plus accessible d’ici")
    says(page, "Échec")
    with page.expect_download() as got:
        page.get_by_role("button", name="Télécharger mes données").click()
    assert "Vanne remplac" in Path(got.value.path()).read_text(encoding="utf-8")
    page.reload(wait_until="domcontentloaded")
    until(lambda: kept_pages(page) == [])


def test_pages_are_kept_for_one_reader_and_gone_after_signing_out(
    desk: InboxDesk, phone: Page
) -> None:
    """C14, on a phone that is handed on; X18, opening writes nothing."""
    visit = visit_of(desk)
    before = len(visit.history)
    page = visit.opened(phone)
    until(lambda: len(kept_pages(page)) == 2)
    page.context.set_offline(True)
    page.goto(f"{desk.address}/missions/{visit.ref}")
    expect(page.locator("h1")).to_be_visible()
    page.context.set_offline(False)
    page.goto(f"{desk.address}/portal/signin")
    until(lambda: kept_pages(page) == [])
    assert len(visit.history) == before


# --- the rules, said twice -----------------------------------------------------------


def some_answers(dice: random.Random) -> dict[str, Any]:
    """Answers as people might have left them, few or many."""
    share = dice.random()
    found: dict[str, Any] = {}
    for key, field in INTERVENTION.fields.items():
        if dice.random() > share:
            continue
        match field.kind.name:
            case "yes_no":
                found[key] = dice.random() < 0.5
            case "time_of_day":
                found[key] = f"{dice.randrange(24):02d}:{dice.randrange(60):02d}"
            case "check_point":
                found[key] = {
                    "answer": dice.choice(["yes", "not_applicable"]),
                    "remark": "",
                }
            case _:
                found[key] = "x"
    return found


def test_no_hidden_field_is_required_and_phone_and_server_agree(
    desk: InboxDesk, phone: Page
) -> None:
    """T12, over hundreds of answer sets; both speak the same rules."""
    dice = random.Random(8)
    sets = [some_answers(dice) for _ in range(600)]
    page = visit_of(desk).opened(phone)
    script = page.locator("link[href*=form\\.css]").get_attribute("href")
    assert script is not None
    told = page.evaluate(
        """async ([path, sets]) => {
          const rules = await import(path);
          const { form } = JSON.parse(document.getElementById('visit').textContent);
          const keys = (found) => found.map((field) => field.key);
          return sets.map((answers) => ['shown', 'required', 'missing']
            .map((name) => keys(rules[name](form, answers))));
        }""",
        [script.replace("form.css", "form/rules.js"), sets],
    )
    lengths = set()
    for answers, (shown, required, missing) in zip(sets, told, strict=True):
        frozen = {key: freeze(value) for key, value in answers.items()}
        for found, ours in (
            (shown, INTERVENTION.shown(frozen)),
            (required, INTERVENTION.required(frozen)),
            (missing, INTERVENTION.missing(frozen)),
        ):
            assert found == [field.key for field in ours], answers
        assert set(required) <= set(shown), answers
        lengths.add(len(shown))
    assert len(lengths) >= 4, "the sets show different forms"


def test_the_phone_reads_values_as_the_server_does(
    desk: InboxDesk, phone: Page
) -> None:
    cases = {
        "distance_km": ["18", "18,5", " 12 km", "-3", "2001", "abc", "0"],
        "time_in": ["1302", "13 h 02", "13h", "7", "24:00", "9:5", "23:59"],
        "webserver_mac": ["0004a31f529c", "00-04-A3-1F-52-9C", "mac: 0004A31F529C"],
        "webserver_serial": ["WS-204 17", "§§", "A/1.2"],
    }
    page = visit_of(desk).opened(phone)
    script = page.locator("link[href*=form\\.css]").get_attribute("href")
    assert script is not None
    told = page.evaluate(
        """async ([path, cases]) => {
          const { normal } = await import(path);
          const { form } = JSON.parse(document.getElementById('visit').textContent);
          const fields = form.sections.flatMap((section) => section.fields);
          const read = (key, raw) =>
            normal(fields.find((field) => field.key === key), raw).value ?? null;
          return Object.fromEntries(Object.entries(cases)
            .map(([key, raws]) => [key, raws.map((raw) => read(key, raw))]));
        }""",
        [script.replace("form.css", "form/normal.js"), cases],
    )
    for key, raws in cases.items():
        for raw, found in zip(raws, told[key], strict=True):
            ours = INTERVENTION.fields[key].kind.check(raw, Context())
            value = ours.value if isinstance(ours, Accepted) else None
            assert found == value, (key, raw)


# --- how it looks --------------------------------------------------------------------

_TEXTS = """
() => {
  const hex = (colour) => '#' + colour.match(/\\d+(\\.\\d+)?/g).slice(0, 3)
    .map((part) => Math.round(part).toString(16).padStart(2, '0')).join('');
  const ground = (one) => {
    for (let it = one; it; it = it.parentElement) {
      const { backgroundColor } = getComputedStyle(it);
      if (!/, 0\\)$|transparent/.test(backgroundColor)) return hex(backgroundColor);
    }
    return hex(getComputedStyle(document.body).backgroundColor);
  };
  const isMain = (one) => one.matches('h1, h2, h3, legend, .label, dd, input, select,'
      + 'textarea, .tri label, .pills label')
    && !one.closest('small, dt, .tx small, .at');
  const isTyped = (one) => one.value && one.matches('select, textarea,'
    + 'input:not([type=radio], [type=checkbox])');
  const isRead = (one) => [...one.childNodes]
    .some((node) => node.nodeType === 3 && node.data.trim());
  return [...document.querySelectorAll('main *, .form-top *, .bar *')]
    .filter((one) => one.checkVisibility() && (isRead(one) || isTyped(one)))
    .filter((one) => !one.closest('script, style, option, noscript'))
    .map((one) => [one, getComputedStyle(one)])
    .map(([one, { color, fontSize }]) => [one.textContent.trim().slice(0, 40)
      || one.value, hex(color), ground(one), parseFloat(fontSize), isMain(one)]);
}
"""


def test_the_form_can_be_read_reached_and_pressed(desk: InboxDesk, phone: Page) -> None:
    """T16, X1, X2, X4, X9."""
    visit = visit_of(desk)
    desk.do(
        visit.ref,
        c.SaveInterventionForm({**VISIT, "bus_apart": "non : gaine commune"}),
        by=visit.station,
    )
    page = visit.opened(phone)
    unfold(page, "appointment", "action", "installation", "production")
    unfold(page, "checklist", "material", "conclusion")
    says(page, "Enregistré")
    assert violations_everywhere(page, (PHONE["width"],)) == []
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        texts = page.evaluate(_TEXTS)
        assert len(texts) > 60
        for words, ink, paper, size, is_main in texts:
            assert contrast(ink, paper) >= (7 if is_main else 4.5), (words, ink, paper)
            assert size >= (16 if is_main else 12), words
    for width in (320, 360, 390):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(SMALL) == []
    for box in page.locator(".tri label, .pills label").all():
        size = box.bounding_box()
        assert size is None or size["height"] >= 52
    assert page.evaluate("document.documentElement.lang") == "fr"
    assert page.locator("h1").count() == 1
    assert page.title().startswith(f"{visit.ref} · ")

    page.set_viewport_size(PHONE)
    page.locator('[data-role="client"] .pad.empty').click()
    assert violations_everywhere(page, (PHONE["width"],)) == []
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)


def test_the_first_load_of_the_form_is_small(
    chromium: Browser, desk: InboxDesk
) -> None:
    """X13: octets over the wire with an empty cache, the worker's copies apart."""
    visit = visit_of(desk)
    context = chromium.new_context(locale="fr-FR", service_workers="block")
    page = context.new_page()
    answers: list[Any] = []
    page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108
    visit.opened(page)
    sizes = {a.url: a.request.sizes()["responseBodySize"] for a in answers}
    assert len(sizes) > 15
    assert sum(sizes.values()) <= 60 * 1024, sizes
    context.close()
