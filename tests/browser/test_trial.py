"""The first hour of an administrator: everything is tried, then the service opens."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import violations, violations_everywhere
from tests.processes import configure, running
from tests.servers.dovecot import Dovecot
from tests.servers.places import free_port
from tests.servers.smtp import SmtpSink
from tests.trialdesk import until

pytestmark = pytest.mark.browser

CLIENT = "sophie@clim-martin.example"
PASSWORD = "correct horse battery staple"


def writes_as_a_client(page: Page) -> None:
    page.get_by_role("link", name="Lire les e-mails").click()
    page.get_by_role("link", name="Écrire au support").click()
    page.get_by_label("Adresse de l’expéditeur").fill(CLIENT)
    page.get_by_label("Nom de l’expéditeur").fill("Sophie Martin")
    page.get_by_label("Objet").fill("Panne du zonage")
    page.get_by_label("Message").fill(
        "Le zonage ne démarre plus au 18 rue des Charmettes, 69100 Villeurbanne."
    )
    page.get_by_role("button", name="Envoyer").click()
    expect(page.get_by_role("status")).to_have_text("L’e-mail est arrivé au support.")


def reads_what_she_was_sent(page: Page, address: str) -> None:
    letter = page.get_by_role("link", name=re.compile("Il manque"))

    def is_there() -> bool:
        page.goto(f"{address}/trial?to={CLIENT}")
        return letter.count() > 0

    # The worker answers a moment after the page said that the mail is there.
    until(is_there)
    letter.click()
    frame = page.frame_locator("iframe.body")
    expect(frame.get_by_role("heading").first).to_be_visible()


def typed(folder: Path, *words: str) -> str:
    """Return what a command prints; Playwright has the loop of this process."""
    command = [sys.executable, "-m", "azbot", *words, "--lang", "fr"]
    done = subprocess.run(
        command, cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def test_an_administrator_tries_everything_and_opens_the_service(
    chromium: Browser,
    tmp_path: Path,
    dovecot: Dovecot,
    smtp_sink: SmtpSink,
) -> None:
    port, user = free_port(), dovecot.new_account()
    address = f"http://localhost:{port}"
    configure(
        tmp_path,
        f"""
        [web]
        port = {port}
        public_url = "{address}"
        [email]
        address = "desk@sav.example"
        [email.imap]
        host = "{dovecot.host}"
        port = {dovecot.port}
        security = "none"
        user = "{user}"
        password = "{dovecot.password}"
        [email.smtp]
        host = "{smtp_sink.host}"
        port = {smtp_sink.port}
        security = "none"
        """,
    )
    typed(tmp_path, "trial", "on")
    person = ("Marie Durand", "marie@sav.example", "--role", "admin")
    link = typed(tmp_path, "user", "add", *person)
    context = chromium.new_context(
        locale="fr-FR", viewport={"width": 1440, "height": 900}
    )
    with running(tmp_path, "run") as service, context:
        service.address()
        page = context.new_page()
        page.goto(link)
        for field in page.locator("input[type=password]").all():
            field.fill(PASSWORD)
        page.locator("form button").first.click()
        expect(page.get_by_text("Mode essai", exact=False).first).to_be_visible()

        writes_as_a_client(page)
        reads_what_she_was_sent(page, address)
        assert violations_everywhere(page) == []
        page.get_by_role("link", name="Texte").click()
        portal = page.locator("pre.body a[href*='/a/']").first.get_attribute("href")
        page.get_by_label(f"Répondre comme {CLIENT}").fill("Le bon arrive demain.")
        page.get_by_role("button", name="Répondre").click()
        expect(page.get_by_role("status")).to_have_text(
            "La réponse est arrivée au support."
        )
        page.goto(f"{address}/inbox")
        expect(page.get_by_text("Le bon arrive demain.")).to_be_visible()
        page.goto(portal or "")
        expect(page.locator(".trial")).to_contain_text("Mode essai")

        page.goto(f"{address}/admin/trial")
        assert violations(page) == []
        page.get_by_label("Effacer les demandes de l’essai", exact=False).check()
        page.get_by_role("button", name="Ouvrir le service").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Le service s’ouvre")
        page.wait_for_url("**/admin/health", timeout=60_000)
        expect(page.locator(".trial")).to_have_count(0)
        page.goto(f"{address}/inbox?q=all")
        expect(page.get_by_text("Sophie Martin")).to_have_count(0)
        assert smtp_sink.received == []
