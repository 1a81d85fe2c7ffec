"""``azbot demo`` started as a user starts it, and a Chromium to look at it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import ProxyHandler, build_opener

import pypdf
from playwright.sync_api import Browser, Page, Playwright

# The first has no window that nobody sees: a page costs a third of what it costs the
# others.
_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
NO_CHROMIUM = "no Chromium: on Debian, apt-get install -y chromium-headless-shell"
_open = build_opener(ProxyHandler({})).open


def launched(playwright: Playwright) -> Browser | None:
    """Start the system's Chromium, else the one Playwright brought; None for none."""
    path = next(filter(None, map(shutil.which, _NAMES)), None)
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


@contextmanager
def demonstration() -> Iterator[str]:
    """Run ``azbot demo``; gives its address."""
    command = [sys.executable, "-m", "azbot", "demo", "--no-open", "--port", "0"]
    with subprocess.Popen(
        [*command, "--lang", "fr"], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        try:
            assert address.startswith("http://127.0.0.1:"), address
            yield address
        finally:
            process.terminate()
            process.wait(20)


def press(address: str) -> None:
    """Press a button of the demonstration that needs no field."""
    _open(address, data=b"", timeout=60).read()


def read(address: str) -> bytes:
    """Return what an address of the demonstration gives."""
    octets: bytes = _open(address, timeout=20).read()
    return octets


def verification_in(report: bytes) -> str:
    """Return the address a report prints beside its QR code."""
    pages = pypdf.PdfReader(BytesIO(report)).pages
    text = re.sub(r"\s", "", "".join(page.extract_text() for page in pages))
    found = re.search(r"http://127\.0\.0\.1:\d+/v/[0-9a-f]{64}", text)
    assert found, text
    return found[0]
