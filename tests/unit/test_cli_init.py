"""``azbot init`` inside the process: files of answers, and lines typed beforehand."""

from __future__ import annotations

import os
import pty
import re
import stat
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from azbot.app import SECTIONS
from azbot.channels.email.settings import EmailSettings
from azbot.cli import main
from azbot.cli.setup.draft import Draft
from azbot.cli.setup.filing import composed
from azbot.config import load
from azbot.config.writing import flat
from azbot.i18n.catalogue import strict_catalogue
from tests.servers.dovecot import Dovecot
from tests.servers.places import free_port
from tests.servers.smtp import SmtpSink

WORDS = strict_catalogue("en")
WRITTEN = {
    "service.organisation": "Froid Rhône",
    "service.admin": "marie@example.org",
    "email.name": "SAV",
    "email.address": "desk@froid.localhost",
    "email.imap.host": "127.0.0.1",
    "email.imap.password": "secret",
    "email.smtp.host": "127.0.0.1",
    "workflow.zone": "Europe/Paris",
    "workflow.country": "FR",
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the file goes; none is there."""
    return tmp_path / "site" / "azbot.toml"


@pytest.fixture
def old(file: Path) -> Path:
    """A file that was written before, with a remark in it."""
    file.parent.mkdir()
    file.write_text(composed(file, Draft(answers=WRITTEN)) + "\n# ours\n", "utf-8")
    file.chmod(0o600)
    return file


Init = Callable[..., tuple[int, str, str]]


@pytest.fixture
def init(file: Path, capsys: pytest.CaptureFixture[str]) -> Init:
    """Run it in English; return its exit code, its answer, and what it says apart."""

    def run(
        *arguments: str, environ: dict[str, str] | None = None
    ) -> tuple[int, str, str]:
        given = ("init", "--config", str(file), "--lang", "en", *arguments)
        code = main(given, environ or {})
        out, err = capsys.readouterr()
        assert "Traceback" not in err, err
        # Sentences as they are, not as they are wrapped.
        return code, re.sub(r"\n {6,}", " ", out), err

    return run


@pytest.fixture
def types(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Type lines at a terminal before they are asked for."""
    ours, theirs = pty.openpty()

    def lines(*texts: str) -> None:
        os.write(ours, "".join(f"{text}\n" for text in texts).encode())

    with os.fdopen(theirs, "r", encoding="utf-8") as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        yield lines
    os.close(ours)


def mode_of(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


def answers_in(folder: Path, text: str) -> str:
    file = folder / "answers.toml"
    file.write_text(text, "utf-8")
    return str(file)


# --- changing what is there -----------------------------------------------------------


def test_one_answer_is_changed_and_the_file_before_it_is_kept(
    old: Path, init: Init, types: Callable[..., None]
) -> None:
    before = old.read_text("utf-8")
    types("9", "1", "", "Support Froid", "")
    code, out, _ = init()
    assert code == 0
    assert WORDS.t("setup.wrong.number", count=8) in out
    after = old.read_text("utf-8")
    assert after == before.replace('name = "SAV"', 'name = "Support Froid"')
    bak = old.with_name("azbot.toml.bak")
    assert bak.read_text("utf-8") == before
    assert (mode_of(old), mode_of(bak)) == (0o600, 0o600)
    assert "secret" not in out


def test_one_question_alone_is_asked(
    old: Path, init: Init, types: Callable[..., None]
) -> None:
    types("Nowhere/City", "Madrid", "")
    code, out, _ = init("--only", "zone")
    assert code == 0
    assert WORDS.t("config.unknown_zone", value="Nowhere/City") in out
    workflow = load(old, SECTIONS, {}).workflow
    assert (workflow.zone, workflow.country) == ("Europe/Madrid", "ES")
    assert not workflow.french_holidays


def test_nothing_changed_is_nothing_written(
    old: Path, init: Init, types: Callable[..., None]
) -> None:
    before = old.stat()
    types("")
    assert init()[0] == 0
    after = old.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert not old.with_name("azbot.toml.bak").exists()


def test_a_broken_file_is_left_alone_unless_another_is_wanted(
    old: Path, init: Init, types: Callable[..., None]
) -> None:
    old.write_text("[web]\nprot = 80\n")
    types("")
    code, _, err = init()
    assert (code, old.read_text()) == (1, "[web]\nprot = 80\n")
    assert f"{old}:2 web.prot" in err


def test_the_desks_own_mailbox_is_no_administrator(
    old: Path, init: Init, types: Callable[..., None]
) -> None:
    types("Marie", "DESK@froid.localhost", "marie@example.org")
    code, out, _ = init("--only", "administrator")
    assert code == 0
    assert WORDS.t("setup.wrong.own_mailbox") in out
    assert "http://localhost:8080/" in out


def test_answers_that_are_the_defaults_need_no_line(
    old: Path, init: Init, types: Callable[..., None]
) -> None:
    before = old.read_text("utf-8")
    types("", "", "")
    code, out, _ = init("--only", "addresses")
    assert code == 0, out
    assert old.read_text("utf-8") == before


# --- a file of answers ----------------------------------------------------------------

ANSWERS = """
[administrator]
name = "Marie Durand"
email = "marie@example.org"
[email]
address = "desk@froid.localhost"
[email.imap]
host = "127.0.0.1"
port = {imap}
user = "{account}"
password_env = "MAIL"
[email.smtp]
host = "127.0.0.1"
port = {smtp}
user = ""
[web]
public_url = ""
"""


@pytest.fixture
def answers(tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink) -> str:
    account = dovecot.new_account()
    ports = {"imap": dovecot.port, "smtp": smtp_sink.port}
    return answers_in(tmp_path, ANSWERS.format(account=account, **ports))


def test_answers_from_a_file_need_nobody(
    file: Path, init: Init, answers: str, dovecot: Dovecot
) -> None:
    environ = {"MAIL": dovecot.password, "TZ": "Europe/Madrid"}
    code, out, err = init("--answers", answers, environ=environ)
    assert code == 0, err
    # The link, and nothing else, for a script.
    assert re.fullmatch(r"http://localhost:8080/\S+\n", out)
    assert mode_of(file) == 0o600
    found = flat(tomllib.loads(file.read_text("utf-8")))
    assert found["email.imap.password_env"] == "MAIL"
    assert found["email.imap.security"] == "none"
    assert (found["workflow.zone"], found["workflow.country"]) == (
        "Europe/Madrid",
        "ES",
    )
    assert found["service.language"] == "en"
    assert f'"{dovecot.password}"' not in file.read_text("utf-8")
    assert (file.parent / "data" / "azbot.db").exists()

    # Said twice is said once: whatever installs machines may repeat itself.
    before = file.stat().st_ino
    code, again, _ = init("--answers", answers, environ=environ)
    assert (code, file.stat().st_ino) == (0, before)
    assert again != out


def test_what_was_kept_in_spite_of_a_failure_is_marked_before_it_is_written(
    old: Path, init: Init, types: Callable[..., None]
) -> None:
    types("5", f"127.0.0.1:{free_port()}", "none", "-", "no", "k", "")
    code, out, _ = init()
    assert code == 0, out
    assert out.count(WORDS.t("setup.review.failed")) == 1


def test_what_fails_when_it_is_tried_is_not_written(
    file: Path, init: Init, answers: str, dovecot: Dovecot
) -> None:
    code, out, err = init("--answers", answers, environ={"MAIL": "not this one"})
    assert (code, out) == (1, "")
    assert WORDS.t("doctor.found.login", server=f"127.0.0.1:{dovecot.port}")[2:] in err
    assert "not this one" not in err
    assert not file.parent.exists()

    code, out, err = init("--answers", answers, "--keep", environ={"MAIL": "wrong"})
    assert code == 0, err
    assert file.exists()


def test_a_file_that_is_there_is_replaced_only_on_wish(
    old: Path, init: Init, tmp_path: Path
) -> None:
    before = old.read_text("utf-8")
    answers = answers_in(tmp_path, '[email]\nname = "Other"\n')
    arguments = ("--answers", answers, "--keep")
    code, _, err = init(*arguments)
    assert (code, old.read_text("utf-8")) == (1, before)
    assert "--replace" in err
    code, _, err = init(*arguments, "--replace")
    assert code == 0, err
    assert 'name = "Other"' in old.read_text("utf-8")
    assert old.with_name("azbot.toml.bak").read_text("utf-8") == before


def test_one_answer_in_a_file_changes_an_installation_without_asking_for_the_rest(
    old: Path, init: Init, tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink
) -> None:
    text = old.read_text("utf-8")
    for section, port in (("imap", dovecot.port), ("smtp", smtp_sink.port)):
        head, _, rest = text.partition(f"[email.{section}]\n")
        keys = f'port = {port}\nsecurity = "none"\n'
        text = f"{head}[email.{section}]\n{keys}{rest}"
    text = text.replace('#user = ""', f'user = "{dovecot.new_account()}"', 1)
    old.write_text(text, "utf-8")
    answers = answers_in(tmp_path, '[email]\nname = "Other"\n')
    code, out, err = init("--answers", answers, "--replace")
    assert (code, out) == (0, ""), err
    assert old.read_text("utf-8") == text.replace('name = "SAV"', 'name = "Other"')


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[web]\nprot = 80\n", "web.prot: Unknown key"),
        ("[web]\nport = 0.5\n", "web.port: “0.5” is not a whole number"),
        ("[web\n", "answers.toml"),
        ('domain = "froid.localhost"\n', WORDS.t("setup.ask.person")),
    ],
)
def test_answers_that_cannot_be_meant_are_told(
    file: Path, init: Init, tmp_path: Path, text: str, told: str
) -> None:
    code, out, err = init("--answers", answers_in(tmp_path, text))
    assert code in {1, 2}
    assert told in err
    assert (out, file.exists()) == ("", False)


def test_without_a_terminal_answers_are_needed(
    file: Path, init: Init, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Path(os.devnull).open() as nobody:
        monkeypatch.setattr("sys.stdin", nobody)
        code, _, err = init()
    assert code == 1
    assert "--answers" in err


def test_a_folder_that_cannot_be_written_to_is_told_before_anything_is_asked(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = main(("init", "--config", "/dev/null/azbot.toml", "--lang", "en"), {})
    assert code == 1
    assert "/dev/null" in capsys.readouterr().err


def test_a_repair_of_the_doctor_is_applied_with_one_key(
    old: Path, init: Init, types: Callable[..., None], smtp_sink: SmtpSink
) -> None:
    # The mailbox answers to the name of its account too: a loop that waits.
    account = "me@froid.localhost"
    text = old.read_text("utf-8").replace('#user = ""', f'user = "{account}"', 1)
    old.write_text(text, "utf-8")
    types(f"{smtp_sink.host}:{smtp_sink.port}", "none", "-", "no", "")
    code, out, _ = init("--only", "smtp")
    assert code == 0, out
    assert WORDS.t("setup.do.apply") in out
    email = load(old, SECTIONS, {}).channels["email"]
    assert isinstance(email, EmailSettings)
    assert email.own_addresses == (account,)


def test_what_failed_is_tried_again_or_kept(
    old: Path, init: Init, types: Callable[..., None]
) -> None:
    port = free_port()
    types(f"127.0.0.1:{port}", "none", "-", "no", "x", "r", "k")
    code, out, _ = init("--only", "smtp")
    assert code == 0, out
    refused = WORDS.t("doctor.found.refused", server=f"127.0.0.1:{port}")
    assert out.count(refused) == 2
    assert WORDS.t("setup.wrong.choice") in out
    assert f"port = {port}\n" in old.read_text("utf-8")
