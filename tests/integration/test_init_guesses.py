"""What a domain gives away of its mail, asked of a real name server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from azbot.cli.setup.draft import Draft, Guess, Place
from azbot.cli.setup.guessing import Mail, mail_of
from azbot.cli.setup.questions import QUESTIONS, Line
from azbot.cli.setup.reading import Around
from azbot.cli.setup.trials import Trials
from azbot.config.writing import Value
from azbot.doctor.finding import Level
from azbot.doctor.names import Names
from azbot.i18n.catalogue import strict_catalogue
from azbot.testing.clock import FakeClock
from azbot.testing.telegram import TOKEN, fake_telegram
from tests.servers.names import NameServer, name_server
from tests.servers.places import free_port

DOMAIN = "exemple.test"


@pytest.fixture
def zone() -> Iterator[NameServer]:
    with name_server(DOMAIN) as server:
        yield server


def asking(zone: NameServer) -> Names:
    return Names.at(zone.host, zone.port)


@pytest.mark.parametrize(
    ("exchanger", "house", "imap", "smtp"),
    [
        ("smtp.google.com.", "gmail", "imap.gmail.com:993", "smtp.gmail.com:587"),
        (
            "exemple-test.mail.protection.outlook.com.",
            "microsoft",
            "outlook.office365.com:993",
            "smtp.office365.com:587",
        ),
        ("mx1.mail.ovh.net.", "ovh", "ssl0.ovh.net:993", "ssl0.ovh.net:587"),
    ],
)
async def test_a_known_house_is_recognised_by_its_mx(
    zone: NameServer, exchanger: str, house: str, imap: str, smtp: str
) -> None:
    zone.publish(f"{DOMAIN}. IN MX 10 {exchanger}")
    guess = (await mail_of(DOMAIN, asking(zone))).guess
    assert guess.provider == house
    assert (str(guess.imap), str(guess.smtp)) == (imap, smtp)


async def test_servers_are_taken_from_the_records_made_for_it(zone: NameServer) -> None:
    zone.publish(f"{DOMAIN}. IN MX 10 mx.{DOMAIN}.")
    zone.publish(f"_imaps._tcp.{DOMAIN}. IN SRV 0 1 1993 box.{DOMAIN}.")
    zone.publish(f"_submission._tcp.{DOMAIN}. IN SRV 0 1 587 out.{DOMAIN}.")
    zone.publish(f"_submissions._tcp.{DOMAIN}. IN SRV 0 0 0 .")
    imap = Place(f"box.{DOMAIN}", 1993, "tls")
    smtp = Place(f"out.{DOMAIN}", 587, "starttls")
    assert await mail_of(DOMAIN, asking(zone)) == Mail(
        f"mx.{DOMAIN}", Guess("", imap, smtp)
    )


async def test_without_records_the_usual_names_are_tried(zone: NameServer) -> None:
    zone.publish(f"{DOMAIN}. IN MX 10 mx.{DOMAIN}.")
    zone.publish(f"mx.{DOMAIN}. IN A 192.0.2.1")
    zone.publish(f"smtp.{DOMAIN}. IN A 192.0.2.2")
    guess = (await mail_of(DOMAIN, asking(zone))).guess
    assert (str(guess.imap), str(guess.smtp)) == (
        f"mx.{DOMAIN}:993",
        f"smtp.{DOMAIN}:587",
    )


@pytest.mark.parametrize(
    ("records", "domain", "level", "said"),
    [
        ("", "nowhere.invalid-domain", Level.FAILURE, "n’existe pas"),
        (f"{DOMAIN}. IN TXT x", DOMAIN, Level.WARNING, "n’a pas de MX"),
        (f"{DOMAIN}. IN MX 1 smtp.google.com.", DOMAIN, Level.OK, "Google Workspace"),
        (f"{DOMAIN}. IN MX 1 mx.{DOMAIN}.", DOMAIN, Level.OK, f"chez mx.{DOMAIN}"),
    ],
)
async def test_a_domain_is_tried_at_once(
    zone: NameServer, tmp_path: Path, records: str, domain: str, level: Level, said: str
) -> None:
    zone.publish(records)
    around = Around(strict_catalogue("fr"), {}, tmp_path)
    trials = Trials(around, FakeClock(), asking(zone))
    outcome = await trials.of("domain", Draft(answers={"domain": domain}))
    assert outcome.level is level
    assert said in outcome.told[0].text


async def test_gmail_is_warned_of_before_a_password_is_typed(
    zone: NameServer, tmp_path: Path
) -> None:
    zone.publish(f"{DOMAIN}. IN MX 1 smtp.google.com.")
    around = Around(strict_catalogue("fr"), {}, tmp_path)
    trials = Trials(around, FakeClock(), asking(zone))
    draft = (await trials.of("domain", Draft(answers={"domain": DOMAIN}))).draft
    (trap,) = trials.before("imap", draft)
    assert "mot de passe d’application" in trap.text
    assert "docs/admin/gmail.md" in trap.advice[0]
    # Whoever reads elsewhere sends from there too, whatever the domain says.
    imap, smtp = (line(name, "server") for name in ("imap", "smtp"))
    assert imap.default(draft, around) == "imap.gmail.com:993"
    assert smtp.default(draft, around) == "smtp.gmail.com:587"
    moved = draft.having(imap.parse("ssl0.ovh.net", draft, around))
    assert smtp.default(moved, around) == "ssl0.ovh.net:587"
    moved = draft.having(imap.parse("imap.elsewhere.test", draft, around))
    assert smtp.default(moved, around) == "smtp.elsewhere.test:587"


async def test_the_house_that_receives_is_believed_not_that_of_the_domain(
    tmp_path: Path,
) -> None:
    around = Around(strict_catalogue("fr"), {}, tmp_path)
    trials = Trials(around, FakeClock())
    # No such port: nobody is asked, and nothing of it leaves this machine.
    given: dict[str, Value] = {"email.imap.host": "127.0.0.1"}
    given["email.imap.port"] = free_port()
    for before, after in (("gmail", "none"), ("authserv-id", "authserv-id")):
        draft = Draft(answers={**given, "email.receiver": before})
        outcome = await trials.of("imap", draft)
        assert outcome.draft.get("email.receiver") == after


def test_a_house_is_recognised_by_its_server_too(tmp_path: Path) -> None:
    around = Around(strict_catalogue("fr"), {}, tmp_path)
    trials = Trials(around, FakeClock())
    draft = Draft(answers={"email.imap.host": "imap.gmail.com"})
    (trap,) = trials.beside("server", draft)
    assert "mot de passe d’application" in trap.text
    assert list(trials.beside("user", draft)) == []
    told = replace(draft, guess=Guess("gmail"))
    assert list(trials.beside("server", told)) == []


async def test_a_name_server_that_is_silent_does_not_stop_anybody(
    tmp_path: Path,
) -> None:
    with name_server(DOMAIN) as gone:
        names = asking(gone)
    around = Around(strict_catalogue("fr"), {}, tmp_path)
    outcome = await Trials(around, FakeClock(), names).of(
        "domain", Draft(answers={"domain": DOMAIN})
    )
    assert outcome.level is Level.WARNING


async def test_the_address_of_the_pages_is_looked_up(
    zone: NameServer, tmp_path: Path
) -> None:
    zone.publish(f"sav.{DOMAIN}. IN A 192.0.2.1")
    around = Around(strict_catalogue("fr"), {}, tmp_path)
    trials = Trials(around, FakeClock(), asking(zone))
    levels = {}
    for url in (
        f"https://sav.{DOMAIN}",
        f"https://other.{DOMAIN}",
        "http://sav.exemple.test",
    ):
        outcome = await trials.of("addresses", Draft(answers={"web.public_url": url}))
        levels[url] = [told.level for told in outcome.told]
    assert list(levels.values()) == [
        [Level.OK],
        [Level.WARNING],
        [Level.OK, Level.WARNING],
    ]


async def test_a_bot_says_its_name_and_a_wrong_token_is_told(tmp_path: Path) -> None:
    around = Around(strict_catalogue("fr"), {}, tmp_path)
    trials = Trials(around, FakeClock())
    async with fake_telegram() as server:
        url = server.base_url.removesuffix("/bot")
        given = {"telegram.api_base_url": url, "telegram.token": TOKEN}
        good = await trials.of("telegram", Draft(answers=given))
        wrong = {"telegram.token": f"{TOKEN[:-4]}XXXX"}
        bad = await trials.of("telegram", Draft(answers={**given, **wrong}))
    assert good.level is Level.OK
    assert good.told[0].text.startswith("@")
    assert bad.level is Level.FAILURE
    assert "@BotFather" in bad.told[0].advice[0]
    assert not bad.fix  # a token is typed, not pasted into the file
    assert all(TOKEN[:-4] not in told.text for told in (*good.told, *bad.told))


async def test_without_a_bot_there_is_nothing_to_try(tmp_path: Path) -> None:
    around = Around(strict_catalogue("fr"), {}, tmp_path)
    outcome = await Trials(around, FakeClock()).of("telegram", Draft())
    assert outcome.level is Level.SKIPPED


def line(question: str, code: str) -> Line:
    (found,) = (
        each
        for it in QUESTIONS
        if it.name == question
        for each in it.lines
        if each.code == code
    )
    return found
