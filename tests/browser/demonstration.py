"""A Chromium to look at the demonstration with, and what a report says."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

import pypdf
from playwright.sync_api import Browser, Page, Playwright

# The first has no window that nobody sees: a page costs a third of what it costs the
# others.
_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
NO_CHROMIUM = "no Chromium: on Debian, apt-get install -y chromium-headless-shell"


def program() -> str | None:
    """Return where the system's Chromium is, None: Playwright may have brought one."""
    return next(filter(None, map(shutil.which, _NAMES)), None)


def launched(playwright: Playwright) -> Browser | None:
    """Start the system's Chromium, else the one Playwright brought; None for none."""
    path = program()
    if path is None and not Path(playwright.chromium.executable_path).exists():
        return None
    # Chromium refuses its sandbox to root, which is who runs in containers.
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    return playwright.chromium.launch(
        executable_path=path, args=["--no-sandbox"] if is_root else []
    )


@contextmanager
def faultless(chromium: Browser) -> Iterator[Page]:
    """A page in a browser of its own, which in the end must have met no fault."""
    context = chromium.new_context(locale="fr-FR")
    page = context.new_page()
    faults: list[str] = []
    page.on(
        "console",
        lambda said: faults.append(said.text) if said.type == "error" else None,
    )
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("request", lambda asked: _watch(asked.url, faults))
    yield page
    context.close()
    assert faults == []


def _watch(url: str, faults: list[str]) -> None:
    if urlsplit(url).hostname != "127.0.0.1":
        faults.append(f"asked another host: {url}")


def verification_in(report: bytes) -> str:
    """Return the address a report prints beside its QR code."""
    pages = pypdf.PdfReader(BytesIO(report)).pages
    text = re.sub(r"\s", "", "".join(page.extract_text() for page in pages))
    found = re.search(r"http://127\.0\.0\.1:\d+/v/[0-9a-f]{64}", text)
    assert found, text
    return found[0]
