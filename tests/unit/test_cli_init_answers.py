"""What is typed at a question, and the answers it becomes."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path

import pytest

from azbot.app import SECTIONS
from azbot.cli.setup.draft import Draft, Guess, Place
from azbot.cli.setup.filing import composed, filed, put
from azbot.cli.setup.questions import QUESTIONS, Line
from azbot.cli.setup.reading import Around, NotMeant, country_of
from azbot.cli.setup.surroundings import machine_zone
from azbot.config import Settings, load
from azbot.config.writing import Value
from azbot.errors import ConfigError
from azbot.i18n.catalogue import LANGUAGES, strict_catalogue

GIVEN: Mapping[str, Value] = {
    "domain": "example.org",
    "email.address": "sav@example.org",
    "email.imap.host": "imap.example.org",
    "email.smtp.host": "smtp.example.org",
}


@pytest.fixture
def around(tmp_path: Path) -> Around:
    return Around(strict_catalogue("fr"), {"SET": "x"}, tmp_path)


def line(question: str, code: str) -> Line:
    lines = next(each.lines for each in QUESTIONS if each.name == question)
    return next(each for each in lines if each.code == code)


@pytest.mark.parametrize(
    ("question", "code", "typed", "answers"),
    [
        ("domain", "domain", "Example.ORG.", {"domain": "example.org"}),
        ("domain", "domain", "sav@example.org", {"domain": "example.org"}),
        ("domain", "domain", "élan.fr", {"domain": "xn--lan-9la.fr"}),
        ("addresses", "own_addresses", "-", {"email.own_addresses": []}),
        (
            "addresses",
            "own_addresses",
            "a@example.org;b@example.org",
            {"email.own_addresses": ["a@example.org", "b@example.org"]},
        ),
        (
            "addresses",
            "public_url",
            "sav.example.org/",
            {
                "web.public_url": "https://sav.example.org",
                "web.trusted_proxies": ["127.0.0.1"],
            },
        ),
        (
            "addresses",
            "public_url",
            "http://localhost:8080",
            {"web.public_url": "http://localhost:8080"},
        ),
        (
            "imap",
            "server",
            "imaps://mail.example.org/",
            {
                "email.imap.host": "mail.example.org",
                "email.imap.port": 993,
                "email.imap.security": "tls",
            },
        ),
        (
            "smtp",
            "server",
            "[::1]:25",
            {
                "email.smtp.host": "::1",
                "email.smtp.port": 25,
                "email.smtp.security": "none",
            },
        ),
        (
            "smtp",
            "server",
            "mail.example.org:465",
            {
                "email.smtp.host": "mail.example.org",
                "email.smtp.port": 465,
                "email.smtp.security": "tls",
            },
        ),
        ("smtp", "security", "SSL/TLS", {"email.smtp.security": "tls"}),
        ("smtp", "security", "StartTLS", {"email.smtp.security": "starttls"}),
        ("smtp", "user", "-", {"email.smtp.user": ""}),
        (
            "telegram",
            "token",
            "-",
            {
                "telegram.token": None,
                "telegram.token_env": None,
                "telegram.token_file": None,
            },
        ),
        (
            "zone",
            "zone",
            "new york",
            {"workflow.zone": "America/New_York", "workflow.country": "US"},
        ),
        (
            "zone",
            "country",
            "es",
            {"workflow.country": "ES", "workflow.french_holidays": False},
        ),
        (
            "imap",
            "elsewhere",
            "$SET",
            {
                "email.imap.password": None,
                "email.imap.password_env": "SET",
                "email.imap.password_file": None,
            },
        ),
    ],
)
def test_what_is_typed_becomes_answers(
    around: Around, question: str, code: str, typed: str, answers: dict[str, Value]
) -> None:
    found = line(question, code).parse(typed, Draft(answers=GIVEN), around)
    assert found == answers
    # The file would take them.
    assert Draft(answers=GIVEN).having(found).problems(set(found)) == ()


@pytest.mark.parametrize(
    ("question", "code", "typed", "wrong"),
    [
        ("domain", "domain", "localhost", "domain"),
        ("domain", "domain", "a b.example", "domain"),
        ("domain", "domain", "-a.example", "domain"),
        ("domain", "domain", f"{'a' * 64}.example", "domain"),
        ("imap", "server", "mail.example.org:imap", "server"),
        ("imap", "server", "a b", "server"),
        ("imap", "elsewhere", "UNSET", "variable"),
        ("imap", "elsewhere", "./nothing", "file"),
        ("smtp", "round_trip", "perhaps", "yes_or_no"),
        ("telegram", "token", "12345", "token"),
        ("administrator", "email", "SAV@example.org", "own_mailbox"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    around: Around, question: str, code: str, typed: str, wrong: str
) -> None:
    with pytest.raises(NotMeant) as caught:
        line(question, code).parse(typed, Draft(answers=GIVEN), around)
    assert caught.value.code == wrong
    for language in LANGUAGES:
        assert strict_catalogue(language).t(
            f"setup.wrong.{wrong}", **caught.value.facts
        )


@pytest.mark.parametrize(
    ("question", "code", "typed", "problem"),
    [
        ("zone", "zone", "Mars/Olympus", "unknown_zone"),
        ("zone", "country", "France", "not_a_country"),
        ("addresses", "public_url", "ftp://example.org", "not_a_url"),
        ("addresses", "address", "sav", "not_an_address"),
        ("imap", "server", "mail.example.org:99999", "too_large"),
        ("smtp", "security", "loud", "not_a_choice"),
        ("administrator", "email", "marie", "not_an_address"),
        ("name", "name", "two\nlines", "bad_form"),
    ],
)
def test_what_the_file_would_not_take_is_refused_in_the_words_of_the_file(
    around: Around, question: str, code: str, typed: str, problem: str
) -> None:
    answers = line(question, code).parse(typed, Draft(answers=GIVEN), around)
    draft = Draft(answers=GIVEN).having(answers)
    assert problem in {each.code for each in draft.problems(set(answers))}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_question_has_its_words(language: str) -> None:
    words = strict_catalogue(language)
    for question in QUESTIONS:
        assert words.t(f"setup.title.{question.name}")
        assert words.t(f"setup.help.{question.name}")
        assert [words.t(f"setup.ask.{each.code}") for each in question.lines]


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_choice_after_a_failure_has_a_letter_of_its_own(language: str) -> None:
    words = strict_catalogue(language)
    ways = [words.t(f"setup.do.{way}") for way in ("apply", "again", "keep", "change")]
    assert len({way[0] for way in ways}) == 4


def test_one_password_serves_both_servers_of_one_account(around: Around) -> None:
    same = {"email.imap.user": "sav@example.org", "email.smtp.user": "sav@example.org"}
    draft = Draft(answers={**GIVEN, **same, "email.imap.password_env": "SET"})
    answers = line("smtp", "smtp_password").parse("", draft, around)
    assert answers == {
        "email.smtp.password": None,
        "email.smtp.password_env": "SET",
        "email.smtp.password_file": None,
    }
    # Another account has another password.
    other = draft.having({"email.smtp.user": "relay"})
    assert line("smtp", "smtp_password").parse("", other, around) == {}


def test_what_is_written_already_is_proposed(around: Around) -> None:
    guess = Guess("gmail", Place("imap.gmail.com", 993, "tls"), None)
    draft = Draft(filed={"email.imap.host": "mail.example.org"}, guess=guess)
    server = line("imap", "server")
    assert server.default(draft, around) == "mail.example.org:993"
    assert server.default(Draft(guess=guess), around) == "imap.gmail.com:993"


@pytest.mark.parametrize(
    ("zone", "country"),
    [("Europe/Paris", "FR"), ("Europe/Madrid", "ES"), ("UTC", ""), ("Nowhere", "")],
)
def test_the_country_follows_from_the_zone(zone: str, country: str) -> None:
    assert country_of(zone) == country


def test_the_zone_of_the_machine_is_that_of_its_clock(tmp_path: Path) -> None:
    link, name = tmp_path / "localtime", tmp_path / "timezone"
    assert machine_zone({}, link, name) == "Europe/Paris"
    link.symlink_to("/usr/share/zoneinfo/Etc/UTC")
    name.write_text("America/Lima\n")
    assert machine_zone({}, link, name) == "America/Lima"
    link.unlink()
    link.symlink_to("/usr/share/zoneinfo/Europe/Madrid")
    assert machine_zone({}, link, name) == "Europe/Madrid"
    assert machine_zone({"TZ": ":Asia/Kathmandu"}, link, name) == "Asia/Kathmandu"
    assert machine_zone({"TZ": "UTC"}, link, name) == "Europe/Madrid"


def read(file: Path) -> Settings:
    return load(file, SECTIONS, {})


# --- the file ------------------------------------------------------------------------


def test_a_file_below_etc_keeps_its_data_where_the_system_does() -> None:
    text = composed(Path("/etc/azbot-of-no-one/azbot.toml"), Draft(answers=GIVEN))
    assert 'url = "sqlite:////var/lib/azbot/azbot.db"' in text
    assert 'files = "/var/lib/azbot/files"' in text


def test_a_file_azbot_would_refuse_leaves_the_old_one_in_place(tmp_path: Path) -> None:
    file = tmp_path / "azbot.toml"
    file.write_text("# old\n")
    with pytest.raises(ConfigError):
        put(file, "[web]\nport = 0.5\n", read)
    assert file.read_text() == "# old\n"
    assert [each.name for each in tmp_path.iterdir()] == ["azbot.toml"]


def test_a_disk_that_is_full_leaves_the_old_one_in_place(tmp_path: Path) -> None:
    file = tmp_path / "azbot.toml"
    file.write_text("# old\n")
    tmp_path.joinpath("azbot.toml.bak").mkdir()  # where the old one cannot be kept
    text = composed(tmp_path / "new.toml", Draft(answers=GIVEN))
    with pytest.raises(OSError, match=r"azbot\.toml\.bak"):
        put(file, text, read)
    assert file.read_text() == "# old\n"
    assert {each.name for each in tmp_path.iterdir()} == {
        "azbot.toml",
        "azbot.toml.bak",
    }


def test_nobody_else_reads_the_file_whatever_the_umask(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "azbot.toml"
    before = os.umask(0)
    try:
        put(file, composed(file, Draft(answers=GIVEN)), read)
        put(file, composed(file, Draft(answers=GIVEN)) + "\n", read)
    finally:
        os.umask(before)
    modes = {
        each.name: stat.S_IMODE(each.stat().st_mode) for each in file.parent.iterdir()
    }
    assert modes == {"azbot.toml": 0o600, "azbot.toml.bak": 0o600}
    assert filed(file)["email.address"] == "sav@example.org"
