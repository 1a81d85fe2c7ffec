"""The intervention form, filled by hand: what a technician does on a phone."""

from __future__ import annotations

import io
import re

from PIL import Image
from playwright.sync_api import FilePayload, Page, expect

from azbot.forms.intervention import CHECKLIST

SIGNATORIES = {
    "installer": "Karim Benali",
    "client": "Sophie Martin",
    "station": "Luc Petit",
}


def photo(number: int) -> FilePayload:
    """A picture larger than what is sent, taken at a known hour and place."""
    image = Image.new("RGB", (2400, 1800), (20 * number % 255, 90, 140))
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9003] = f"2026:03:25 13:0{number % 10}:11"
    exif.get_ifd(0x8825).update(
        {1: "N", 2: (45.0, 46.0, 12.0), 3: "E", 4: (4.0, 52.0, 48.0)}
    )
    octets = io.BytesIO()
    image.save(octets, "JPEG", exif=exif)
    return {
        "name": f"IMG_{number}.jpg",
        "mimeType": "image/jpeg",
        "buffer": octets.getvalue(),
    }


def says(page: Page, words: str) -> None:
    expect(page.locator("#net")).to_have_text(re.compile(words))


def answer(page: Page, key: str, choice: str) -> None:
    page.locator(f'[data-key="{key}"] label', has_text=choice).first.click()


def fill(page: Page, key: str, words: str) -> None:
    page.locator(f"#f-{key}").fill(words)
    page.locator(f"#f-{key}").blur()


def unfold(page: Page, *sections: str) -> None:
    for section in sections:
        head = page.locator(f"#s-{section} > h2 > button")
        if head.get_attribute("aria-expanded") == "false":
            head.click()


def fill_everything(page: Page) -> None:
    unfold(page, "action", "installation", "production", "checklist")
    unfold(page, "material", "conclusion")
    fill(page, "distance_km", "18,5")
    fill(page, "time_in", "1302")
    fill(page, "time_out", "15 h")
    fill(page, "action_notes", "Réglages faits.")
    answer(page, "has_webserver", "Pas de webserver")
    answer(page, "emitters", "Radiateurs")
    page.select_option("#f-production_units-0-maker", "daikin")
    page.select_option("#f-production_units-0-model", "ducted_indoor_unit")
    for key in CHECKLIST:
        answer(page, key, "Oui")
    answer(page, "no_material", "Aucun")
    answer(page, "solved", "Oui")


def draw(page: Page, *, length: float = 180) -> None:
    """Draw a line that goes up and down over the glass."""
    box = page.locator("canvas.glass").bounding_box()
    assert box is not None
    left, middle = box["x"] + 30, box["y"] + box["height"] / 2
    page.mouse.move(left, middle)
    page.mouse.down()
    for step in range(1, 9):
        page.mouse.move(
            left + length * step / 8, middle + (20 if step % 2 else -20) * (length > 40)
        )
    page.mouse.up()


def sign(page: Page, role: str, name: str) -> None:
    page.locator(f'[data-role="{role}"] .pad.empty').click()
    page.fill("#sig-name", name)
    draw(page)
    page.get_by_role("button", name="Valider").click()
    expect(page.locator("dialog")).to_have_count(0)


def finish(page: Page) -> None:
    page.locator("#next").click()
    page.locator("dialog .primary").click()


def kept_pages(page: Page) -> list[str]:
    """Return the paths of the pages the worker keeps."""
    found: list[str] = page.evaluate(
        """async () => (await (await caches.open('azbot-pages')).keys())
             .map((one) => new URL(one.url).pathname)"""
    )
    return found
