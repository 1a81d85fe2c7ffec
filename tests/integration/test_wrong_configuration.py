"""What is wrong at a start is told with file, line, value and repair (ux.md D11)."""

from __future__ import annotations

import logging
import socket
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import structlog

from azbot.cli import main
from azbot.i18n.catalogue import LANGUAGES

MAIL = """\
[email]
address = "sav@example.org"
[email.imap]
host = "127.0.0.1"
password = "x"
{more}
[email.smtp]
host = "127.0.0.1"
"""
BOT = '[telegram]\ntoken = "123456789:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"\n'


@dataclass(frozen=True)
class Wrong:
    """One wrong file.

    Attributes:
        text: the whole of it, ``{folder}`` being its folder.
        where: line and key as they are told: ``2 web.port``.
        value: what the person wrote.
        repair: a piece of what is to be done, in French.
        code: 2 for what a person has to change, 1 for what may pass by itself.
    """

    text: str
    where: str
    value: str = ""
    repair: str = ""
    code: int = 2


def imap(more: str, where: str, value: str, repair: str) -> Wrong:
    return Wrong(MAIL.replace("{more}", more), f"6 email.imap.{where}", value, repair)


def flow(line: str, value: str, repair: str) -> Wrong:
    key = line.partition(" ")[0]
    return Wrong(f"[workflow]\n{line}\n", f"2 workflow.{key}", value, repair)


WRITTEN = {
    # What is no TOML.
    "bracket": Wrong("[web\nport = 1\n", "1", "", "ajoutez celui qui manque"),
    "bare word": Wrong("[service]\nlanguage = fr\n", "2", "", "guillemets droits"),
    "key twice": Wrong("[web]\nport = 1\nport = 2\n", "3", "", "une seule des deux"),
    "section twice": Wrong("[web]\nport = 1\n[web]\n", "3", "", "sous un seul titre"),
    "not UTF-8": Wrong('[web]\nhost = "\udcff"\n', "2", "", "enregistrez-le"),
    # Of another kind.
    "text for a number": Wrong(
        '[web]\nport = "8080"\n', "2 web.port", "« 8080 »", "sans guillemets"
    ),
    "number with its unit": flow('answer_hours = "24h"', "« 24h »", "écrivez 24,"),
    "days in words": flow('closing_days = "10 jours"', "« 10 jours »", "écrivez 10,"),
    "hour in words": flow('opens = "8h"', "« 8h »", "08:00"),
    "hour as a number": flow("opens = 8", "« 8 »", "08:00"),
    "French date": flow('closed_on = ["24/12/2026"]', "« 24/12/2026 »", "2026-12-24"),
    "yes in words": flow('french_holidays = "oui"', "« oui »", "true ou false"),
    "one for several": Wrong(
        '[web]\ntrusted_proxies = "127.0.0.1"\n',
        "2 web.trusted_proxies", "« 127.0.0.1 »", "entre crochets",
    ),
    "value for a section": Wrong("web = 3\n", "1 web", "", "entre crochets"),
    # Out of bounds, or no such choice.
    "large port": Wrong("[web]\nport = 70000\n", "2 web.port", "« 70000 »", "65535"),
    "negative delay": flow("answer_hours = -1", "« -1 »", "plus de 0"),
    "ninth day": flow("working_days = [1, 9]", "« 9 »", "7 au plus"),
    "no day": flow("working_days = []", "", "au moins une valeur"),
    "unknown zone": flow('zone = "Europe/Pari"', "« Europe/Pari »", "Europe/Paris"),
    "country in full": flow('country = "France"', "« France »", "exemple FR"),
    "reminders backwards": flow("station_reminder_hours = [48, 24]", "", "rangez-les"),
    "unknown service": flow('proof_required = ["essai"]', "« essai »", "marking"),
    "closing before opening": Wrong(
        '[workflow]\nopens = "18:00"\ncloses = "08:00"\n',
        "3 workflow.closes", "« 08:00 »", "plus tardive",
    ),
    "archive too short": Wrong(
        "[retention]\nyears = 6\narchive_years = 5\n",
        "3 retention.archive_years", "« 5 »", "au moins 6 ans",
    ),
    "unknown language": Wrong(
        '[service]\nlanguage = "de"\n', "2 service.language", "« de »", "fr, en, es"
    ),
    "colour by name": Wrong(
        '[service]\ncolour = "bleu"\n', "2 service.colour", "« bleu »", "#0b5c86"
    ),
    "no address": Wrong(
        '[service]\nadmin = "moi"\n', "2 service.admin", "« moi »", "sav@exemple.fr"
    ),
    "no scheme": Wrong(
        '[web]\npublic_url = "sav.example.org"\n',
        "2 web.public_url", "« sav.example.org »", "https://",
    ),
    "no network": Wrong(
        '[web]\ntrusted_proxies = ["10.0.0.0/33"]\n',
        "2 web.trusted_proxies", "« 10.0.0.0/33 »", "10.0.0.0/8",
    ),
    "clamd without port": Wrong(
        '[web]\nclamd = "127.0.0.1"\n', "2 web.clamd", "« 127.0.0.1 »", ":3310"
    ),
    "SSL by another name": imap('security = "ssl"', "security", "« ssl »", "starttls"),
    # Nobody knows the key.
    "key mistyped": Wrong("[web]\nprot = 1\n", "2 web.prot", "", "écrivez « port »"),
    "key invented": Wrong("[web]\nblorg = 1\n", "2 web.blorg", "", "retirez-la"),
    "key elsewhere": Wrong(
        "[service]\nport = 1\n", "2 service.port", "", "sa place est web.port"
    ),
    "key without section": Wrong("port = 1\n", "1 port", "", "web.port"),
    "section mistyped": Wrong("[wbe]\nport = 1\n", "1 wbe", "", "écrivez [web]"),
    "key missing": Wrong('[email]\nname = "x"\n', "1 email.address", "", "ajoutez-la"),
    # Secrets and certificates.
    "variable unset": Wrong(
        '[store]\nurl_env = "AZBOT_NOPE"\n',
        "2 store.url_env", "AZBOT_NOPE", "définissez-la",
    ),
    "secret file missing": Wrong(
        MAIL.replace('password = "x"\n{more}', 'password_file = "/nowhere/x"'),
        "5 email.imap.password_file", "/nowhere/x", "créez-le",
    ),
    "secret twice": imap(
        'password_file = "azbot.toml"', "password_file", "", "une seule"
    ),
    "certificates missing": imap(
        'ca_file = "/nowhere/ca.pem"', "ca_file", "/nowhere/ca.pem", "son chemin"
    ),
    "no certificates": imap(
        'ca_file = "azbot.toml"', "ca_file", "azbot.toml", "BEGIN CERTIFICATE"
    ),
    # Where things are kept.
    "unknown database": Wrong(
        '[store]\nurl = "mysql://x/y"\n', "2 store.url", "", "sqlite:/// ou postgresql"
    ),
    "database in memory": Wrong(
        '[store]\nurl = "sqlite://"\n', "2 store.url", "", "donnez un fichier"
    ),
    "database is a folder": Wrong(
        '[store]\nurl = "sqlite:///{folder}"\n', "2 store.url", "{folder}", "un fichier"
    ),
    "database where nothing can be": Wrong(
        '[store]\nurl = "sqlite:////proc/azbot/azbot.db"\n',
        "2 store.url", "/proc/azbot/azbot.db", "lecture seule",
    ),
    "files below a file": Wrong(
        '[store]\nfiles = "azbot.toml/files"\n',
        "2 store.files", "azbot.toml/files", "un autre chemin",
    ),
    "files where nothing can be": Wrong(
        '[store]\nfiles = "/proc/azbot"\n',
        "2 store.files", "/proc/azbot", "lecture seule",
    ),
    "database of another program": Wrong(
        '[store]\nurl = "sqlite:///foreign.db"\n', "2 store.url", "foreign.db", "vide"
    ),
    "database of a later azbot": Wrong(
        '[store]\nurl = "sqlite:///newer.db"\n', "2 store.url", "newer.db", "à jour"
    ),
    "database away": Wrong(
        '[store]\nurl = "postgresql://azbot:geheim@127.0.0.1:1/azbot"\n',
        "2 store.url", "127.0.0.1:1/azbot", "qu’elle tourne", code=1,
    ),
    # Where it listens.
    "address of another machine": Wrong(
        '[web]\nhost = "203.0.113.1"\nport = 0\n',
        "2 web.host", "203.0.113.1", "127.0.0.1",
    ),
    "webhook without HTTPS": Wrong(
        f'{BOT}receiver = "webhook"\n', "3 telegram.receiver", "webhook", "polling"
    ),
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path, migrated_file: Path) -> Iterator[Path]:
    """A folder with two databases that are not ours to use; logs as they were."""
    with sqlite3.connect(tmp_path / "foreign.db") as foreign:
        foreign.execute("CREATE TABLE theirs (a)")
    foreign.close()
    (tmp_path / "newer.db").write_bytes(migrated_file.read_bytes())
    with sqlite3.connect(tmp_path / "newer.db") as newer:
        newer.execute("UPDATE alembic_version SET version_num = '9999'")
    newer.close()
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield tmp_path
    root.handlers, root.level = handlers, level
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


def told(
    folder: Path, text: str, language: str, capture: pytest.CaptureFixture[str]
) -> tuple[int, str]:
    """Start azbot with a file; return the exit code and the lines about it."""
    file = folder / "azbot.toml"
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    code = main(["run", "--config", str(file), "--lang", language], {})
    said = capture.readouterr().err.replace("\u00a0", " ")
    assert "Traceback" not in said
    # Warnings are told before, and are no errors.
    lines = [line for line in said.splitlines() if f"{file}:" in line]
    return code, "\n".join(lines[-2:])


@pytest.mark.parametrize("name", WRITTEN)
def test_it_names_file_line_value_and_repair(
    name: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = WRITTEN[name]
    text = wrong.text.replace("{folder}", str(folder))
    code, french = told(folder, text, "fr", capsys)

    assert code == wrong.code
    assert f"{folder}/azbot.toml:{wrong.where} : " in french
    assert wrong.value.replace("{folder}", str(folder)) in french
    assert wrong.repair in french
    assert "geheim" not in french


@pytest.mark.parametrize("language", [each for each in LANGUAGES if each != "fr"])
def test_every_file_is_explained_in_the_other_languages_too(
    language: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # What is found while the file is read: the rest has its words beside the French.
    read = list(WRITTEN)[: list(WRITTEN).index("database is a folder")]
    for name in read:
        wrong = WRITTEN[name]
        _, said = told(folder, wrong.text, language, capsys)
        _, french = told(folder, wrong.text, "fr", capsys)
        assert f"azbot.toml:{wrong.where}: " in said, name
        assert said != french, name
        assert "config." not in said.replace("config.example", ""), name


def test_a_port_that_is_taken_is_a_mistake_of_the_file(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, said = told(folder, f"[web]\nport = {port}\n", "fr", capsys)
    assert code == 2
    assert f"azbot.toml:2 web.port : Le port {port} est déjà pris" in said


def test_fifty_wrong_files_are_tried() -> None:
    assert len(WRITTEN) >= 50
