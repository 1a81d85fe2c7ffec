"""Takes the pictures of the README and of the manual: ``python3 dev.py shots``."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser, Locator, Page, sync_playwright

from tests.browser import manualpage
from tests.browser.demonstration import NO_CHROMIUM, launched
from tests.browser.inboxstage import InboxStage, inbox_stage
from tests.browser.manual import CHAPTERS, walking
from tests.browser.manualstage import manual_stage
from tests.sandbox import Sandbox, demonstrated

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "docs" / "pictures"
_MAIL_WIDTH = 700


def main() -> None:
    """Take every picture.

    Raises:
        SystemExit: there is no browser.
    """
    with sync_playwright() as playwright, demonstrated() as box:
        browser = launched(playwright)
        if browser is None:
            sys.exit(NO_CHROMIUM)
        _sandbox(browser, box)
        box.play_all()
        _planned_mail(browser, box)
        with inbox_stage() as stage:
            for room in ROOMS:
                _room(browser, stage, room)
        _manual(browser)
        browser.close()


def _planned_mail(browser: Browser, box: Sandbox) -> None:
    """The mail that tells the client the date of the visit."""
    mails = box.shown("mails", "Intervention le")
    found = re.search(
        r'data-mail="(s\d+)" data-key="s\d+">\s*<b><span>Intervention le', mails
    )
    if found is None:
        raise LookupError("no visit was planned")
    page = browser.new_page(
        viewport={"width": _MAIL_WIDTH, "height": 400},
        color_scheme="light",
        device_scale_factor=2,
    )
    page.goto(f"{box.address}/demo/mail/{found[1]}/html")
    _keep("mail-planned.png", page.screenshot(full_page=True))
    page.close()


def _sandbox(browser: Browser, box: Sandbox) -> None:
    """The demonstration in the middle of its story."""
    page = browser.new_page(viewport={"width": 1440, "height": 860}, locale="fr-FR")
    page.goto(box.address)
    page.get_by_role("button", name="Jouer : La STA accepte").click()
    page.locator(".guide .done").nth(2).wait_for()
    page.get_by_role("button", name="Jouer : Visite et signatures").wait_for()
    page.locator("[data-phone-of=client]").click()
    page.locator("[data-phone-of=station]").click()
    page.locator("[data-box-of=client]").click()
    page.frame_locator("iframe").get_by_role("heading").first.wait_for()
    page.locator("#toast:empty").wait_for(state="attached")
    _keep("demo.png", page.screenshot())
    page.close()


@dataclass(frozen=True)
class Room:
    """One picture of the rooms of the desk.

    Attributes:
        path: what is looked at, as an agent.
        size: of the screen; a narrow one is a phone's.
    """

    name: str
    path: str
    size: tuple[int, int]
    scheme: Literal["light", "dark"] = "light"


_ONE = "/inbox/a/ASFR26000003"
"""A follow-up visit waits for the desk."""
_DESKTOP, _PHONE = (1440, 900), (390, 844)
ROOMS = (
    Room("inbox", _ONE, _DESKTOP),
    Room("inbox-dark", _ONE, _DESKTOP, "dark"),
    Room("inbox-phone", _ONE, _PHONE),
    Room("inbox-phone-list", "/inbox", _PHONE),
    Room("stats", "/inbox/stats?period=90", (1440, 1100)),
    Room("stats-dark", "/inbox/stats?period=90", (1440, 1100), "dark"),
    Room("stats-phone", "/inbox/stats?period=90", _PHONE),
)


def _room(browser: Browser, stage: InboxStage, room: Room) -> None:
    """One room, on a day that is always the same."""
    width, height = room.size
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=room.scheme,
        device_scale_factor=2 if width < 700 else 1,
        locale="fr-FR",
        reduced_motion="reduce",
    )
    stage.signed_in(context)
    page = context.new_page()
    page.goto(f"{stage.address}{room.path}")
    _keep(f"{room.name}.png", page.screenshot())
    context.close()


def _manual(browser: Browser) -> None:
    """The counterpart of each illustration of the manual, and the page of them."""
    folder = ROOT / manualpage.PICTURES

    def look(number: int, what: Page | Locator) -> None:
        name = manualpage.ILLUSTRATIONS[number - 1].file(number)
        _keep(name, what.screenshot(), folder, colours=64)

    with manual_stage() as stage, walking(browser, stage, look, scale=1.5) as walk:
        for chapter in CHAPTERS:
            chapter(walk)
    (ROOT / "docs" / "manual.md").write_text(manualpage.page(), encoding="utf-8")


def _keep(
    name: str, picture: bytes, folder: Path = PICTURES, *, colours: int = 256
) -> None:
    """Store a picture with the few colours our pages have: a third of the octets."""
    folder.mkdir(parents=True, exist_ok=True)
    few = Image.open(BytesIO(picture)).convert("RGB").quantize(colours)
    few.save(folder / name, optimize=True)


if __name__ == "__main__":
    main()
