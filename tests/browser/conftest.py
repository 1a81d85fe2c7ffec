"""Chromium, and a demonstration that runs as a user would start it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import ProxyHandler, build_opener

import pypdf
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_open = build_opener(ProxyHandler({})).open


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Chromium of the system, else the one Playwright brought."""
    path = next(filter(None, map(shutil.which, _NAMES)), None)
    # Chromium refuses its sandbox to root, which is who runs in containers.
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    with sync_playwright() as playwright:
        if path is None and not Path(playwright.chromium.executable_path).exists():
            pytest.skip("no Chromium: on Debian, apt-get install -y chromium")
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox"] if is_root else []
        )
        yield browser
        browser.close()


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


@pytest.fixture(scope="session")
def untouched() -> Iterator[str]:
    """A demonstration in which nothing has been played."""
    with demonstration() as address:
        yield address


@pytest.fixture(scope="session")
def played() -> Iterator[str]:
    """A demonstration in which everything has been played."""
    with demonstration() as address:
        _open(f"{address}/demo/all", data=b"", timeout=60).read()
        yield address


def read(address: str) -> bytes:
    """Return what an address of the demonstration gives."""
    octets: bytes = _open(address, timeout=20).read()
    return octets


@pytest.fixture(scope="session")
def places(untouched: str, played: str) -> Mapping[str, str]:
    """Every page for people, by name, as its reader comes to it."""
    home = read(played).decode()
    mails = [f"{played}{path}" for path in re.findall(r'href="(/demo/mail/\d+)"', home)]
    text = read(mails[0]).decode()
    status = re.search(r'href="(http://[^"]+/a/[^"]+)"', text)
    attached = re.search(r'href="(/demo/mail/\d+/file/\d+)"', text)
    assert status
    assert attached
    return {
        "home_before": untouched,
        "home_after": played,
        "mail": mails[0],
        "status": status[1],
        "verify": verification_in(read(f"{played}{attached[1]}")),
        "privacy": f"{played}/privacy?lang=fr",
    }


def verification_in(report: bytes) -> str:
    """Return the address a report prints beside its QR code."""
    pages = pypdf.PdfReader(BytesIO(report)).pages
    text = re.sub(r"\s", "", "".join(page.extract_text() for page in pages))
    found = re.search(r"http://127\.0\.0\.1:\d+/v/[0-9a-f]{64}", text)
    assert found, text
    return found[0]


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A page that must load without an error, and from one host alone."""
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
