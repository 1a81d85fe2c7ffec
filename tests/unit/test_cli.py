"""Every verb as it is typed, in a folder with a configuration of its own."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

import click
import pytest

from azbot.app import SECTIONS
from azbot.channels.email.settings import EmailSettings
from azbot.cli import main
from azbot.cli.complaints import complain_of_incident
from azbot.cli.grammar import VERBS
from azbot.cli.terminal import terminal_for
from azbot.config import load
from azbot.health.incidents import read_code, report
from azbot.i18n.catalogue import LANGUAGES, strict_catalogue
from azbot.messages import RawMessage
from azbot.reports.seal import Sealed, public_pem, read_private_key
from azbot.store import DeliveryId, NewDelivery, UnitOfWork, open_store
from azbot.store.audit import AuditLine
from azbot.tokens import Purpose, issue_address
from azbot.workflow.model import AssistanceRef
from tests.sealing import known_by, sealed_report

T = TypeVar("T")
NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
CONFIG = """
[email]
address = "sav@example.org"
receiver = "authserv-id"
authserv_id = "mx.example.org"
[email.imap]
host = "localhost"
[email.smtp]
host = "localhost"
"""
MAIL = """\
{authenticated}Received: from client by mx.example.org; Mon, 23 Nov 2026 08:00:01 +0000
From: Sophie Martin <sophie@client.example>
To: {to}
Subject: {subject}
Message-ID: <{id}@client.example>
Date: Mon, 23 Nov 2026 08:00:00 +0000
Content-Type: text/plain; charset=utf-8

{text}
"""
PASSED = (
    "Authentication-Results: mx.example.org; dmarc=pass header.from=client.example\n"
)


def a_mail(
    text: str = "Bonjour,\n\nMise en service, 12 rue des Lilas, 69002 Lyon.",
    to: str = "sav@example.org",
    subject: str = "Demande",
    number: int = 1,
    *,
    authenticated: str = PASSED,
) -> bytes:
    return MAIL.format(
        text=text, to=to, subject=subject, id=f"m{number}", authenticated=authenticated
    ).encode()


@dataclass
class Shell:
    """Types commands and reads what they print."""

    folder: Path
    capture: pytest.CaptureFixture[str]
    code: int = 0
    out: str = ""
    err: str = ""

    @property
    def config(self) -> Path:
        return self.folder / "azbot.toml"

    def type(self, *arguments: str, environ: dict[str, str] | None = None) -> str:
        self.code = main(arguments, environ or {})
        self.out, self.err = self.capture.readouterr()
        assert "Traceback" not in self.err, self.err
        return self.out.replace("\u00a0", " ")

    def on(self, *arguments: str) -> str:
        return self.type(*arguments, "--config", str(self.config))

    def json(self, *arguments: str) -> Any:
        return json.loads(self.on(*arguments, "--json"))

    def write(self, work: Callable[[UnitOfWork], T]) -> T:
        async def go() -> T:
            where = load(self.config, SECTIONS, {}).store
            async with open_store(where.url, where.files) as store:
                return await store.write(work)

        return asyncio.run(go())

    def read_log(self) -> list[AuditLine]:
        async def go() -> list[AuditLine]:
            where = load(self.config, SECTIONS, {}).store
            async with open_store(where.url, where.files) as store:
                return await store.views.audit()

        return asyncio.run(go())

    def receive(self, *mails: bytes) -> None:
        raws = [
            RawMessage("email", "imap:test", at, content, NOW, len(content))
            for at, content in enumerate(mails, start=1)
        ]
        self.write(lambda uow: uow.raw.accept(raws))


@pytest.fixture
def shell(
    tmp_path: Path,
    migrated_file: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Shell]:
    monkeypatch.chdir(tmp_path)
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    made = Shell(tmp_path / "site", capsys)
    (made.folder / "data").mkdir(parents=True)
    (made.folder / "data" / "azbot.db").write_bytes(migrated_file.read_bytes())
    made.config.write_text(CONFIG)
    yield made
    root.handlers, root.level = handlers, level
    logging.captureWarnings(capture=False)


# --- help and usage ------------------------------------------------------


def every_command() -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    for name in VERBS:
        command = getattr(import_module(f"azbot.cli.{VERBS[name]}"), name)
        found.append((name,))
        if isinstance(command, click.Group):
            found += [(name, each) for each in command.commands]
    return found


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", [(), *every_command()])
def test_every_verb_explains_itself_in_every_language(
    shell: Shell, path: Sequence[str], language: str
) -> None:
    words = strict_catalogue(language)
    told = " ".join(shell.type(*path, "--lang", language, "--help").split())
    assert shell.code == 0
    about = words.t(f"cli.verb.{'_'.join(path) or 'azbot'}").replace("\u00a0", " ")
    assert about.partition(".")[0] in told.replace("- ", "-")
    assert "cli." not in told
    assert words.t("cli.option.help") in told


def test_help_comes_quickly(tmp_path: Path) -> None:
    (tmp_path / "azbot.toml").write_text(CONFIG)
    command = [sys.executable, "-X", "importtime", "-m", "azbot", "--help"]
    outcome = subprocess.run(
        command, check=True, capture_output=True, text=True, cwd=tmp_path
    )
    loaded = {line.rpartition("|")[2].strip() for line in outcome.stderr.splitlines()}
    assert "click" in loaded
    slow = {"sqlalchemy", "aiohttp", "pydantic", "structlog", "azbot.app"}
    assert loaded & slow == set()


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        (("tokn",), "Le verbe tokn n’existe pas : essayez token."),
        (("xyz",), "Le verbe xyz n’existe pas."),
        (("token", "ad"), "Le verbe ad n’existe pas : essayez add."),
        (("token", "add", "x", "--rle", "agent"), "essayez --role."),
        (("token", "add", "x"), "Il manque --role."),
        (("token", "add", "--role", "agent"), "Il manque NAME."),
        (
            ("token", "add", "x", "--role", "boss"),
            "--role n’est pas un choix possible : agent, admin, station.",
        ),
        (("token", "revoke", "x"), "La valeur de ID n’est pas acceptée"),
        (("token", "revoke", "0"), "La valeur de ID n’est pas acceptée"),
        (("workflow", "--format"), "L’option --format s’emploie autrement"),
        (("workflow", "extra"), "La commande s’écrit autrement"),
        (("migrate", "--lang", "de"), "--lang n’est pas un choix possible"),
        (("--nope",), "L’option --nope n’existe pas."),
    ],
)
def test_a_slip_is_told_in_one_sentence_and_where_help_is(
    shell: Shell, typed: tuple[str, ...], told: str
) -> None:
    shell.type(*typed)
    assert shell.code == 2
    assert told in shell.err.replace("\u00a0", " ")
    assert "--help" in shell.err
    assert len(shell.err.splitlines()) == 2
    assert shell.out == ""


def test_without_a_verb_the_help_is_shown(shell: Shell) -> None:
    shell.type()
    assert shell.code == 2
    assert "explain" in shell.err


def test_the_version_is_shown(shell: Shell) -> None:
    assert re.fullmatch(r"azbot \d+\.\d+\.\d+\n", shell.type("--version"))


@pytest.mark.parametrize(
    ("arguments", "environ", "config", "language"),
    [
        ((), {}, "", "fr"),
        ((), {"LANG": "es_ES.UTF-8"}, "", "es"),
        ((), {"LANG": "C.UTF-8"}, "", "fr"),
        ((), {"LC_ALL": "en_GB", "LANG": "es_ES"}, "", "en"),
        ((), {"LANG": "es_ES"}, '[service]\nlanguage = "en"\n[oops]\n', "en"),
        ((), {"LANG": "es_ES"}, "[service\n", "es"),
        ((), {"LANG": "es_ES"}, "service = 1\n", "es"),
        ((), {"LANG": "es_ES"}, '[service]\nlanguage = "de"\n', "es"),
        (("--lang", "es"), {"LANG": "en"}, '[service]\nlanguage = "en"\n', "es"),
        (("run", "--lang=ES"), {}, "", "es"),
        (("--lang", "de"), {"LANG": "en"}, "", "en"),
    ],
)
def test_the_language_is_asked_for_then_configured_then_the_machines(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    environ: dict[str, str],
    config: str,
    language: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    if config:
        (tmp_path / "azbot.toml").write_text(config)
    assert terminal_for(arguments, environ).language == language


def test_the_terminal_knows_the_sections_that_the_app_knows(shell: Shell) -> None:
    settings = terminal_for(["--config", str(shell.config)], {}).settings()
    assert settings.channels.keys() == SECTIONS.keys()
    assert isinstance(settings.channels["email"], EmailSettings)


# --- expected errors ------------------------------------------------------


def test_every_mistake_of_a_configuration_is_one_line(shell: Shell) -> None:
    shell.config.write_text('[web]\nport = "x"\nprot = 1\n[nope]\n')
    shell.type("agent", "list", "--config", str(shell.config))
    first, *lines = shell.err.replace("\u00a0", " ").splitlines()
    assert shell.code == 2
    assert first == f"3 problèmes dans {shell.config} :"
    assert lines[1] == (f"{shell.config}:3 web.prot : Clé inconnue : écrivez « port ».")
    assert len(lines) == 3


def test_a_wrong_variable_is_named_in_place_of_the_file(shell: Shell) -> None:
    arguments = ("agent", "list", "--config", str(shell.config), "--lang", "en")
    shell.type(*arguments, environ={"AZBOT_WEB__PORT": "http"})
    assert shell.err.startswith("AZBOT_WEB__PORT web.port: “http” is not a whole")
    assert shell.code == 2


def test_a_missing_configuration_says_where_to_get_one(shell: Shell) -> None:
    shell.type("agent", "list")
    assert (shell.code, shell.err.count("\n")) == (2, 1)
    assert "azbot init" in shell.err


@pytest.mark.parametrize(
    ("url", "code", "word"),
    [
        ("sqlite:////dev/null/azbot.db", 2, "un fichier porte le nom"),
        ("postgresql://azbot:sesame@127.0.0.1:1/azbot", 1, "ne répond pas"),
    ],
)
def test_a_database_that_is_away_is_told_without_its_password(
    shell: Shell, url: str, code: int, word: str
) -> None:
    shell.config.write_text(f'[store]\nurl = "{url}"\n')
    shell.on("agent", "list")
    assert shell.code == code
    assert word in shell.err.replace("\u00a0", " ")
    assert shell.err.count("\n") == 1
    assert "sesame" not in shell.err


def test_the_database_of_another_program_is_left_alone(shell: Shell) -> None:
    file = shell.folder / "data" / "azbot.db"
    file.unlink()
    with sqlite3.connect(file) as other:
        other.execute("create table theirs (x)")
    shell.on("agent", "list")
    assert shell.code == 2
    assert "un autre programme" in shell.err
    with sqlite3.connect(file) as other:
        tables = other.execute("select name from sqlite_master").fetchall()
    assert tables == [("theirs",)]


# --- people and tokens ------------------------------------------------------


def test_a_token_is_shown_once_and_never_again(shell: Shell) -> None:
    plain = shell.on("token", "add", "Marie", "--role", "agent", "--email", "M@E.org")
    assert re.fullmatch(r"azbot_[\w-]{43}\n", plain)
    assert plain.strip() not in shell.err
    listed = shell.on("token", "list")
    assert "Marie" in listed
    assert plain.strip() not in listed + json.dumps(shell.json("token", "list"))
    (agent,) = shell.json("agent", "list")
    assert agent == {"id": 1, "name": "Marie", "email": "M@e.org"}


# --- accounts -------------------------------------------------------------------------

LINK = re.compile(r"http://localhost:8080/signin/choose/[A-Za-z0-9_-]{43}")


def test_an_account_is_made_with_the_link_alone_on_standard_output(
    shell: Shell,
) -> None:
    out = shell.on("user", "add", "Marie Durand", "m@e.org", "--role", "admin")
    assert LINK.fullmatch(out.strip())
    assert "Donnez-lui ce lien, valable 7 jours" in shell.err
    (user,) = shell.json("user", "list")
    assert user == {
        "id": 1,
        "name": "Marie Durand",
        "email": "m@e.org",
        "role": "admin",
        "state": "invited",
        "has_second_factor": False,
    }


def test_an_agent_who_is_known_is_given_an_account(shell: Shell) -> None:
    shell.on("agent", "add", "Marie", "marie@example.org")
    shell.on("user", "add", "Marie Durand", "marie@example.org")
    assert len(shell.json("agent", "list")) == 1
    assert shell.json("user", "list")[0]["name"] == "Marie Durand"


def test_an_invitation_leaves_by_mail_where_links_lead_here_from_elsewhere(
    shell: Shell,
) -> None:
    web = '[web]\npublic_url = "https://sav.example.org"\n'
    shell.config.write_text(CONFIG + web)
    out = shell.on("user", "add", "Marie", "marie@example.org", "--quiet")
    assert out == ""
    (letter,) = shell.write(lambda uow: [uow.outbox.get(DeliveryId(1))])
    assert (letter.kind, letter.address) == ("invitation", "marie@example.org")
    link = str(letter.facts["link"])
    assert link.startswith("https://sav.example.org/signin/choose/")


def test_a_quiet_invitation_that_nobody_would_see_is_refused(shell: Shell) -> None:
    shell.on("user", "add", "Marie", "marie@example.org", "--quiet")
    assert shell.code == 1
    assert "--quiet perdrait le lien" in shell.err.replace("\u00a0", " ")
    assert shell.json("user", "list") == []


def test_a_second_account_for_one_address_is_refused(shell: Shell) -> None:
    shell.on("user", "add", "Marie", "marie@example.org")
    shell.on("user", "add", "Marie", "MARIE@example.org")
    assert shell.code == 1
    assert "azbot user invite" in shell.err
    assert LINK.fullmatch(shell.on("user", "invite", "marie@example.org").strip())


def test_the_address_of_a_station_becomes_no_account(shell: Shell) -> None:
    shell.on("station", "add", "Froid", "--email", "sta@example.org")
    shell.on("user", "add", "X", "sta@example.org")
    assert shell.code == 1


def test_a_password_is_read_from_standard_input(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell.on("user", "add", "Marie Durand", "marie@example.org")
    for typed, code in (("court", 1), ("deux-hirondelles-de-mars", 0)):
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{typed}\n"))
        shell.on("user", "password", "marie@example.org")
        assert shell.code == code
    assert shell.json("user", "list")[0]["state"] == "active"


def test_an_account_is_closed_and_opened_again_but_never_the_last_administrator(
    shell: Shell,
) -> None:
    shell.on("user", "add", "Alix", "alix@example.org", "--role", "admin")
    shell.on("user", "add", "Marie", "marie@example.org")
    shell.on("user", "disable", "marie@example.org")
    assert [each["state"] for each in shell.json("user", "list")][1] == "disabled"
    shell.on("user", "invite", "marie@example.org")
    assert "azbot user enable" in shell.err
    shell.on("user", "enable", "marie@example.org")
    assert [each["state"] for each in shell.json("user", "list")][1] == "invited"
    shell.on("user", "disable", "alix@example.org")
    assert shell.code == 1
    assert "dernier administrateur" in shell.err


def test_an_account_nobody_has_is_not_found(shell: Shell) -> None:
    shell.on("user", "disable", "nobody@example.org")
    assert shell.code == 1
    assert "n’a pas de compte" in shell.err


def test_a_second_token_finds_the_agent_by_address(shell: Shell) -> None:
    shell.on("agent", "add", "Marie", "marie@example.org")
    made = shell.json(
        "token", "add", "script", "--role", "admin", "--email", "MARIE@example.org"
    )
    assert (made["person"], made["role"]) == (1, "admin")
    assert len(shell.json("agent", "list")) == 1


def test_a_token_of_a_station_speaks_for_its_contact(shell: Shell) -> None:
    added = shell.json(
        "station", "add", "Froid Rhône", "--email", "sta@example.org",
        "--phone", "0478000000", "--zone", "69", "--zone", "01",
    )  # fmt: skip
    assert added["zones"] == ["69", "01"]
    made = shell.json("token", "add", "sta", "--role", "station", "--station", "1")
    assert made["person"] is not None
    assert "Froid Rhône" in shell.on("station", "list")


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        (("token", "add", "x", "--role", "station"), "ajoutez --station"),
        (("token", "add", "x", "--role", "agent", "--station", "1"), "--role station"),
        (("token", "add", "x", "--role", "station", "--station", "9"), "La STA 9"),
        (("token", "add", "Marie", "--role", "agent"), "déjà pris"),
        (("token", "add", "x", "--role", "agent", "--email", "a b"), "adresse e-mail"),
        (
            ("token", "add", "x", "--role", "agent", "--email", "sta@example.org"),
            "d’une STA",
        ),
        (
            (
                "token",
                "add",
                "x",
                "--role",
                "station",
                "--station",
                "1",
                "--email",
                "o@example.org",
            ),
            "pas ce contact",
        ),
        (("token", "revoke", "9"), "Le jeton 9"),
        (("agent", "add", "X", "sta@example.org"), "déjà celle de quelqu’un"),
        (("station", "add", "X", "--email", "STA@example.org"), "déjà celle"),
        (("station", "add", "X", "--email", "nobody"), "adresse e-mail"),
        (("outbox", "resend", "7"), "L’envoi 7"),
        (("replay", "7"), "Le message 7"),
        (("replay",), "--quarantined"),
        (("replay", "1", "--quarantined"), "--quarantined"),
        (("explain", "no.eml"), "n’existe pas"),
        (("explain", "."), "est un dossier"),
        (("report", "verify", "no.pdf"), "n’existe pas"),
        (("report", "verify", "azbot.txt"), "Aucune clé"),
        (("report", "verify", "azbot.txt", "--key", "azbot.txt"), "Ed25519"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_sentence(
    shell: Shell, typed: tuple[str, ...], told: str
) -> None:
    Path("azbot.txt").write_text("no pdf, no key")
    shell.on("station", "add", "Froid", "--email", "sta@example.org")
    shell.on("token", "add", "Marie", "--role", "agent")
    shell.on(*typed)
    assert (shell.code, shell.out) == (1, "")
    assert told in shell.err.replace("\u00a0", " ")
    assert shell.err.count("\n") == 1


def test_a_revoked_token_is_listed_as_ended(shell: Shell) -> None:
    shell.on("token", "add", "Marie", "--role", "agent")
    shell.on("token", "revoke", "1")
    assert shell.code == 0
    assert shell.json("token", "list")[0]["revoked_at"] is not None
    shell.on("token", "revoke", "1")
    assert shell.code == 1


def test_a_new_installation_is_set_up_by_its_first_verb(shell: Shell) -> None:
    (shell.folder / "data" / "azbot.db").unlink()
    assert shell.json("agent", "add", "Marie", "m@example.org")["id"] == 1
    shell.on("migrate")
    assert shell.code == 0


def test_nothing_to_show_is_said(shell: Shell) -> None:
    for verb in ("token", "station", "agent", "quarantine"):
        assert shell.on(verb, "list") == "Rien à afficher.\n"
        assert shell.json(verb, "list") == []


# --- outbox ------------------------------------------------------


def test_a_dead_letter_is_listed_and_sent_again(shell: Shell) -> None:
    new = NewDelivery("k", "opened", "x@example.org", "email", NOW)

    def give_up(uow: UnitOfWork) -> None:
        uow.outbox.put([new])
        uow.outbox.dead(DeliveryId(1), "550 no such user", attempts=1)

    shell.write(give_up)
    listed = shell.json("outbox", "list")
    assert listed["counts"] == {"pending": 0, "sent": 0, "dead": 1, "cancelled": 0}
    assert listed["dead"][0]["error"] == "550 no such user"
    assert listed["dead"][0]["attempts"] == 1
    shown = shell.on("outbox", "list")
    assert "550 no such user" in shown
    assert "2026-11-23 09:00 CET" in shown
    assert "1 envoi repartira" in shell.on("outbox", "resend", "1")
    assert shell.json("outbox", "list")["counts"]["pending"] == 1


# --- the ledger ------------------------------------------------------


def test_a_message_set_aside_is_listed_and_read_again(shell: Shell) -> None:
    shell.receive(b"no mail at all", a_mail())
    replayed = shell.json("replay", "1", "2")
    assert shell.code == 1
    assert [(e["id"], e["state"], e["reason"]) for e in replayed] == [
        (1, "quarantined", "unparseable"),
        (2, "applied", None),
    ]
    assert [e["id"] for e in shell.json("quarantine", "list")] == [1]
    assert shell.json("quarantine", "list", "--reason", "empty") == []
    assert "Message illisible" in shell.on("quarantine", "list")
    assert [e["id"] for e in shell.json("replay", "--quarantined")] == [1]
    assert shell.json("replay", "--reason", "empty") == []


STATIONS_MAIL = a_mail().replace(b"sophie@client.example", b"sta@client.example")


def a_held_message(shell: Shell) -> None:
    """A station that writes out of the blue is held; a client's mail opens."""
    shell.on("station", "add", "Froid", "--email", "sta@client.example")
    shell.receive(STATIONS_MAIL, a_mail(number=2))
    shell.on("replay", "1", "2")
    assert [e["id"] for e in shell.json("quarantine", "list")] == [1]


def test_a_held_message_is_attached_by_an_agent(shell: Shell) -> None:
    a_held_message(shell)
    shell.on("agent", "add", "Marie", "marie@example.org")
    told = shell.on(
        *("quarantine", "attach", "1", "asfr26000001", "--as", "marie@example.org")
    )
    assert told == "Le message 1 est rattaché à ASFR26000001.\n"
    assert shell.json("quarantine", "list") == []


def test_a_held_message_becomes_a_request(shell: Shell) -> None:
    shell.receive(a_mail("OUI"))
    shell.on("replay", "1")
    told = shell.json("quarantine", "open", "1")
    assert told == {"id": 1, "done": "opened", "ref": "ASFR26000001"}


def test_a_held_message_is_discarded_once(shell: Shell) -> None:
    a_held_message(shell)
    assert shell.on("quarantine", "junk", "1") == "Le message 1 est écarté.\n"
    shell.on("quarantine", "junk", "1")
    assert (shell.code, shell.out) == (1, "")
    assert "n’attend plus" in shell.err


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        (("open", "1"), "ne vient pas d’un client"),
        (("attach", "1", "ASFR26000099"), "L’assistance ASFR26000099 n’existe pas"),
        (("junk", "7"), "Le message 7 n’existe pas"),
        (("junk", "1", "--as", "sophie@client.example"), "n’est pas l’adresse d’un"),
    ],
)
def test_a_decision_that_cannot_be_taken_says_why_and_changes_nothing(
    shell: Shell, typed: tuple[str, ...], told: str
) -> None:
    a_held_message(shell)
    shell.on("quarantine", *typed)
    assert (shell.code, shell.out) == (1, "")
    assert told in shell.err.replace("\u00a0", " ")
    assert [e["id"] for e in shell.json("quarantine", "list")] == [1]


def test_what_was_dealt_with_is_not_done_twice_by_a_slip(shell: Shell) -> None:
    shell.receive(a_mail())
    shell.on("replay", "1")
    assert shell.code == 0
    shell.on("replay", "1")
    assert (shell.code, shell.out) == (1, "")
    assert "--again" in shell.err


# --- explain ------------------------------------------------------


def explained(shell: Shell, mail: bytes) -> Any:
    Path("mail.eml").write_bytes(mail)
    return shell.json("explain", "mail.eml")


def test_without_configuration_a_mail_explains_itself(shell: Shell) -> None:
    text = "OUI merci\n\nLe lun. 23 nov. 2026 à 07:00, SAV a écrit :\n> Bonjour\n"
    Path("mail.eml").write_bytes(a_mail(text))
    told = shell.type("explain", "mail.eml")
    assert "Sophie Martin <sophie@client.example>" in told
    assert "  | OUI merci" in told
    assert "règle : ligne « X a écrit »" in told
    assert "Mot reconnu : oui" in told
    assert "non recherchée" in told
    shell.type("explain", "mail.eml", "--json")
    assert json.loads(shell.out)["looked_up"] is False


def test_a_first_mail_is_explained_as_a_new_request(shell: Shell) -> None:
    found = explained(shell, a_mail())
    assert (found["outcome"], found["proof"], found["person"]) == (
        "opens",
        "none",
        None,
    )
    assert found["alignment"] == "pass"
    assert found["fields"]["postcode"] == "69002"
    assert "nouvelle demande" in found["why"]


def after_a_first_mail(shell: Shell) -> str:
    """Open an assistance; return the address its requester answers to."""
    shell.receive(a_mail())
    shell.on("replay", "1")

    def address(uow: UnitOfWork) -> str:
        person = uow.people.by_address("sophie@client.example")
        assert person is not None
        it = uow.assistances.by_ref(AssistanceRef("ASFR26000001"))
        keyring = uow.settings.keyring()
        mailbox = "sav@example.org"
        return issue_address(keyring, mailbox, Purpose.REPLY, it.id, person.id)

    return shell.write(address)


def test_a_reply_is_explained_with_its_assistance_and_its_proof(shell: Shell) -> None:
    to = after_a_first_mail(shell)
    found = explained(shell, a_mail("ANNULER", to, number=2))
    assert found["assistance"] == "ASFR26000001"
    assert (found["matched_by"], found["proof"]) == ("address", "proven")
    assert (found["word"], found["outcome"]) == ("cancel", "asks")
    told = shell.on("explain", "mail.eml")
    assert "Assistance : ASFR26000001 (Demandée), par le jeton de l’adresse" in told
    assert "Question en retour" in told


def test_a_stranger_with_a_valid_token_is_explained_as_held(shell: Shell) -> None:
    to = after_a_first_mail(shell)
    mail = a_mail("OUI", to, number=3).replace(b"sophie@client", b"eve@other")
    found = explained(shell, mail)
    assert (found["outcome"], found["held"]) == ("held", "foreign_sender")
    assert found["proof"] == "held"


def test_explaining_changes_nothing(shell: Shell) -> None:
    to = after_a_first_mail(shell)
    file = shell.folder / "data" / "azbot.db"

    def state() -> list[str]:
        with sqlite3.connect(file) as database:
            return list(database.iterdump())

    before, files = state(), sorted((shell.folder / "data").rglob("*"))
    explained(shell, a_mail("ANNULER", to, number=2))
    explained(shell, a_mail(number=9))
    assert state() == before
    kept = {path.name for path in files if not path.name.startswith("azbot.db-")}
    now = (shell.folder / "data").rglob("*")
    assert {p.name for p in now if not p.name.startswith("azbot.db-")} == kept


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("headers", "text"),
    [
        ("Auto-Submitted: auto-replied\n", "Je suis absent."),
        ("", ""),
        ("", "\x1b[31mrouge\u202e\u2066"),
        ("", "STOP"),
        ("", "Système : Daikin\nNombre de thermostats : beaucoup"),
    ],
)
def test_any_mail_is_explained_in_words(
    shell: Shell, headers: str, text: str, language: str
) -> None:
    to = after_a_first_mail(shell)
    Path("mail.eml").write_bytes(a_mail(text, to, number=4, authenticated=headers))
    told = shell.on("explain", "mail.eml", "--lang", language)
    assert shell.code == 0
    assert "explain." not in told
    assert "\x1b" not in told
    assert "\u202e" not in told


def test_octets_that_are_no_mail_are_explained_too(shell: Shell) -> None:
    assert explained(shell, b"hello")["unparseable"] == "unparseable"
    told = shell.on("explain", "mail.eml")
    assert told.startswith("Message illisible : le fichier est vide")


# --- reports ------------------------------------------------------


@pytest.mark.parametrize("content", [b"hello", b"%PDF-1.4\n1 0 obj\n<<", b""])
def test_a_file_that_is_no_report_is_told_in_the_readers_words(
    shell: Shell, sealed: tuple[Sealed, bytes], content: bytes
) -> None:
    Path("other.pdf").write_bytes(content)
    Path("key.pem").write_bytes(public_pem(read_private_key(sealed[1])))
    told = shell.type("report", "verify", "other.pdf", "--key", "key.pem")
    assert shell.code == 1
    assert "n’est pas un PDF lisible" in told
    assert "Error" not in told
    assert shell.err == ""


@pytest.fixture(scope="module")
def sealed() -> tuple[Sealed, bytes]:
    """A report, and the private key it was sealed with."""
    return sealed_report(NOW)


def keep_seal(shell: Shell, sealed: tuple[Sealed, bytes]) -> None:
    report, pem = sealed

    def work(uow: UnitOfWork) -> None:
        for name, value in known_by(report, pem).items():
            uow.settings.put(name, value)

    shell.write(work)


def test_an_untouched_report_is_intact(
    shell: Shell, sealed: tuple[Sealed, bytes]
) -> None:
    keep_seal(shell, sealed)
    Path("r.pdf").write_bytes(sealed[0].pdf)
    assert "Ce rapport est intact : ASFR26000001" in shell.on(
        "report", "verify", "r.pdf"
    )
    assert shell.code == 0
    assert shell.json("report", "verify", "r.pdf")["is_valid"] is True


def test_an_altered_report_says_what_was_altered(
    shell: Shell, sealed: tuple[Sealed, bytes]
) -> None:
    keep_seal(shell, sealed)
    Path("r.pdf").write_bytes(sealed[0].pdf + b"\n% more\n")
    told = shell.on("report", "verify", "r.pdf")
    assert shell.code == 1
    assert "1 différence." in told
    assert "après le sceau" in told
    found = shell.json("report", "verify", "r.pdf")
    assert (found["is_valid"], found["altered"][0]["kind"]) == (False, "appended")


def test_a_report_without_its_seal_is_compared_with_the_stored_one(
    shell: Shell, sealed: tuple[Sealed, bytes]
) -> None:
    keep_seal(shell, sealed)
    file = sealed[0].seal.record["file"]
    assert isinstance(file, dict)
    Path("r.pdf").write_bytes(sealed[0].pdf[: file["bytes"]])
    found = shell.json("report", "verify", "r.pdf")
    assert found["reference"] == "ASFR26000001"
    assert {each["kind"] for each in found["altered"]} == {"seal_missing"}


def test_a_public_key_alone_verifies_a_report(
    shell: Shell, sealed: tuple[Sealed, bytes]
) -> None:
    keep_seal(shell, sealed)
    Path("r.pdf").write_bytes(sealed[0].pdf)
    Path("k.pem").write_text(shell.on("report", "key"))
    assert Path("k.pem").read_bytes().strip() == (
        public_pem(read_private_key(sealed[1])).strip()
    )
    shell.type("report", "verify", "r.pdf", "--key", "k.pem")
    assert shell.code == 0


# --- others ------------------------------------------------------


def test_the_workflow_is_printed_as_a_table_and_as_a_diagram(shell: Shell) -> None:
    assert shell.type("workflow").startswith("life ")
    assert "stateDiagram-v2" in shell.type("workflow", "--format", "mermaid")


def test_a_reader_that_stops_reading_is_no_error() -> None:
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "azbot", "workflow"]
    outcome = subprocess.run(
        command, check=False, stdout=write, stderr=subprocess.PIPE, timeout=30
    )
    os.close(write)
    assert (outcome.returncode, outcome.stderr) == (1, b"")


def test_completing_a_verb_loads_none_of_them() -> None:
    environ = {"COMP_WORDS": "azbot to", "COMP_CWORD": "1"}
    outcome = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "azbot"],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, **environ, "_AZBOT_COMPLETE": "bash_complete"},
    )
    assert outcome.stdout == "plain,token\n"
    assert "sqlalchemy" not in outcome.stderr


def test_bash_finishes_verbs_options_and_values(tmp_path: Path) -> None:
    launcher = tmp_path / "azbot"
    launcher.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m azbot "$@"\n')
    launcher.chmod(0o755)
    script = """
eval "$(azbot completion bash)"
finish() {
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
    $(complete -p azbot | sed 's/.* -F \\([^ ]*\\) .*/\\1/') azbot
    echo "${COMPREPLY[*]}"
}
finish azbot comp
finish azbot token ad
finish azbot init --on
finish azbot init --only dom
"""
    outcome = subprocess.run(
        ["bash", "-c", script],
        check=True,
        capture_output=True,
        text=True,
        env={
            **os.environ,
            "PATH": f"{tmp_path}:{os.environ['PATH']}",
            "PYTHONPATH": str(Path(__file__).parents[2]),
        },
    )
    assert outcome.stdout.split("\n")[:4] == ["completion", "add", "--only", "domain"]


@pytest.mark.parametrize(
    ("given", "line"),
    [
        (("zsh",), "#compdef azbot"),
        (("fish",), "complete --no-files --command azbot"),
        (("bash",), "complete -o nosort -F"),
        ((), "#compdef azbot"),
    ],
)
def test_each_shell_gets_its_own_script(
    shell: Shell, given: tuple[str, ...], line: str
) -> None:
    told = shell.type("completion", *given, environ={"SHELL": "/usr/bin/zsh"})
    assert shell.code == 0
    assert line in told
    assert "_AZBOT_COMPLETE" in told


def test_an_incident_is_found_by_its_code_and_listed_without(shell: Shell) -> None:
    async def keep() -> str:
        where = load(shell.config, SECTIONS, {}).store
        async with open_store(where.url, where.files) as store:
            failure = ValueError("what somebody wrote")
            return await report(store, "http.crashed", failure, NOW, route="/inbox")

    code = asyncio.run(keep())
    told = shell.on("log", code.lower().replace("-", ""))
    assert told.startswith(f"{code}  2026-11-23 09:00:00 CET")
    assert "http.crashed route=/inbox" in told
    assert "what somebody wrote" not in told
    assert shell.json("log")[0]["code"] == code
    assert shell.json("log", code)["failure"] == "ValueError"
    assert f"{code}  " in shell.on("log")
    assert "journalctl -u azbot -o cat --grep AAAA-AAAA" in shell.on("log", "AAAAAAAA")
    assert shell.code == 1
    shell.on("log", "bonjour")
    assert "K7Q2-M9XD" in shell.err


def test_what_is_changed_at_a_terminal_stands_in_the_log_of_changes(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("un mot de passe bien long 42\n"))
    shell.on("user", "add", "Marie Durand", "marie@example.org", "--role", "admin")
    shell.on("user", "add", "Paul Girard", "paul@example.org")
    shell.on("user", "invite", "paul@example.org")
    shell.on("user", "disable", "paul@example.org")
    shell.on("user", "enable", "paul@example.org")
    shell.on("user", "password", "paul@example.org", "--drop-second-factor")
    shell.on("station", "add", "Froid Rhône", "--email", "froid@sta.example")
    shell.on("agent", "add", "Zoé Petit", "zoe@example.org")
    made = shell.json("token", "add", "marie", "--role", "agent")
    shell.on("token", "revoke", str(made["id"]))

    lines = shell.read_log()
    assert [(line.what, line.subject) for line in reversed(lines)] == [
        ("agent.invited", "Marie Durand"),
        ("agent.invited", "Paul Girard"),
        ("agent.invited", "Paul Girard"),
        ("agent.disabled", "Paul Girard"),
        ("agent.enabled", "Paul Girard"),
        ("agent.password", "Paul Girard"),
        ("agent.second_factor", "Paul Girard"),
        ("station.added", "Froid Rhône"),
        ("agent.added", "Zoé Petit"),
        ("token.added", "marie"),
        ("token.revoked", "marie"),
    ]
    assert all(line.actor.startswith("ligne de commande (") for line in lines)
    assert made["token"] not in str(lines)


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_error_nobody_foresaw_is_a_code_and_places_without_values(
    language: str, capsys: pytest.CaptureFixture[str]
) -> None:
    password = "sesame"
    with pytest.raises(ValueError, match=password) as caught:
        int(password)
    complain_of_incident(caught.value, terminal_for(["--lang", language], {}))
    said = capsys.readouterr().err
    code = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}", said)
    assert code is not None
    assert read_code(code[0]) == code[0]
    assert re.search(r"ValueError\n    \S*unit/test_cli\.py:", said)
    assert password not in said
    assert "Traceback" not in said
