"""``azbot init`` as people use it: a terminal, a mailbox, somebody who mistypes."""

from __future__ import annotations

import re
import socket
import stat
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from azbot.app import SECTIONS
from azbot.channels.email.settings import EmailSettings
from azbot.config import Settings, load
from azbot.i18n.catalogue import LANGUAGES, strict_catalogue
from azbot.store.alone import alone
from tests.servers.dovecot import Dovecot
from tests.servers.postman import Postman, postman
from tests.typing_terminal import Typist, typing

DOMAIN = "froid.localhost"
CTRL_C = "\x03"
FIRST = f"""\
From: Sophie Martin <sophie@client.example>
To: desk@{DOMAIN}
Subject: Mise en service
Message-ID: <first@client.example>
Date: Mon, 23 Nov 2026 08:00:00 +0000
Content-Type: text/plain; charset=utf-8

Bonjour, une mise en service au 12 rue des Lilas, 69002 Lyon.
"""


class Somebody:
    """Answers the questions, in one language, at one terminal.

    Args:
        typist: the terminal.
        language: of what is shown.
    """

    def __init__(self, typist: Typist, language: str) -> None:
        self.typist = typist
        self.words = strict_catalogue(language)
        self.colon = " : " if language == "fr" else ": "

    def is_asked(self, code: str) -> None:
        self.typist.sees(self.say(f"setup.ask.{code}"))
        self.typist.sees(self.colon)

    def answers(self, *pairs: tuple[str, str]) -> None:
        for code, text in pairs:
            self.is_asked(code)
            self.typist.types(text)

    def sees(self, key: str, **facts: object) -> None:
        # Its first letter may be a capital here.
        self.typist.sees(self.say(key, **facts)[1:])

    def say(self, key: str, **facts: object) -> str:
        return self.words.t(key, **facts).replace("\u00a0", " ")

    def names(self) -> None:
        self.answers(
            ("organisation", "Froid Rhône"),
            ("name", ""),
            ("domain", DOMAIN),
            ("address", f"desk@{DOMAIN}"),
            ("own_addresses", ""),
            ("public_url", "-"),
        )


@pytest.fixture
def post(dovecot: Dovecot) -> Iterator[Postman]:
    """A server that brings what is sent to a mailbox."""
    with postman(dovecot, dovecot.new_account()) as server:
        yield server


def settings_of(folder: Path) -> Settings:
    return load(folder / "azbot.toml", SECTIONS, {})


def mail_of(settings: Settings) -> EmailSettings:
    email = settings.channels["email"]
    assert isinstance(email, EmailSettings)
    return email


def mode_of(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


@pytest.mark.parametrize("language", LANGUAGES)
def test_eight_answers_end_in_an_azbot_that_answers_mail(
    tmp_path: Path, dovecot: Dovecot, post: Postman, language: str
) -> None:
    """D7, what of it a program can try: from nothing to a first real case."""
    # One of the three has a service that drops the tokens of replies.
    post.drops_tokens = language == "es"
    config = ("--config", "azbot.toml", "--lang", language)
    (tmp_path / "mail-password").write_text("not this one\n")
    with typing(tmp_path, "init", *config) as typist:
        somebody = Somebody(typist, language)
        somebody.names()
        somebody.answers(
            ("server", f"{dovecot.host}:{dovecot.port}"),
            ("security", ""),
            ("user", post.user),
            ("imap_password", ""),
            # In a file, then, as people say it who keep secrets apart.
            ("elsewhere", "NO_SUCH_VARIABLE"),
            ("elsewhere", "mail-password"),
        )
        # Told in their language, with a way on; Enter changes the answers.
        somebody.sees("doctor.found.login", server=f"{dovecot.host}:{dovecot.port}")
        somebody.sees("setup.do.keep")
        typist.sees("[")
        typist.types("")
        somebody.answers(
            ("server", ""),
            ("security", ""),
            ("user", ""),
            ("imap_password", dovecot.password),
        )
        somebody.answers(
            ("server", f"{post.host}:{post.port}"),
            ("security", ""),
            ("user", "-"),
            ("round_trip", ""),
        )
        if post.drops_tokens:
            somebody.sees("doctor.found.token_lost")
            somebody.sees("setup.do.apply")
            typist.sees("[")
            typist.types("")
            # Tried once more, without a token that could be lost.
            typist.sees("nviado, de vuelta")
        else:
            somebody.sees("doctor.found.token_kept")
        somebody.answers(("token", ""), ("zone", "Madrid"), ("country", ""))
        somebody.answers(("person", "Marie Durand"), ("email", "marie@example.org"))
        somebody.sees("setup.review.title")
        somebody.sees("setup.review.write", file="azbot.toml", count=8)
        assert not (tmp_path / "azbot.toml").exists()
        typist.types("")
        somebody.sees("setup.written", file="azbot.toml")
        somebody.sees("setup.trial.ask")
        typist.sees("[")
        # An empty line is a trial: what leaves by mistake cannot be taken back.
        typist.types("" if language == "es" else "n")
        if language == "es":
            somebody.sees("setup.tried", command="azbot trial off --config azbot.toml")
        somebody.sees("setup.next.run")
        assert typist.ends() == 0
        shown = typist.shown
    assert dovecot.password not in shown
    assert dovecot.mails(post.user) == []  # the letter was removed
    assert {each.name for each in tmp_path.iterdir()} == {
        *("azbot.toml", "data", "mail-password")
    }
    assert mode_of(tmp_path / "azbot.toml") == 0o600

    settings = settings_of(tmp_path)
    email = mail_of(settings)
    assert settings.service.language == language
    assert settings.service.organisation == "Froid Rhône"
    assert settings.service.admin == "marie@example.org"
    assert (settings.workflow.zone, settings.workflow.country) == (
        "Europe/Madrid",
        "ES",
    )
    assert not settings.workflow.french_holidays
    assert email.imap is not None
    assert email.imap.user == post.user
    assert email.imap.secret({}) == dovecot.password
    assert email.imap.password_file is None
    assert email.address == f"desk@{DOMAIN}"
    assert email.reply_mode == ("references" if post.drops_tokens else "plus")
    with alone(settings.store.url, settings.store.files) as uow:
        assert (uow.trial.begun_at() is not None) == (language == "es")
    if language == "fr":
        answers_mail(tmp_path, *config, link=shown, post=post, dovecot=dovecot)


def answers_mail(
    folder: Path, *config: str, link: str, post: Postman, dovecot: Dovecot
) -> None:
    """Start azbot with the file that was written: the link opens, mail is answered."""
    found = re.search(r"http://localhost:8080(/\S+)", link)
    assert found is not None, link
    with typing(folder, "run", *config, AZBOT_WEB__PORT="0") as typist:
        shown = typist.until(r"127\.0\.0\.1:\d+\D")
        port = re.search(r"http://127\.0\.0\.1:(\d+)", shown)
        assert port is not None
        with urllib.request.urlopen(f"http://127.0.0.1:{port[1]}{found[1]}") as page:
            assert 'type="password"' in page.read().decode()
        before = len(post.received)
        dovecot.deliver(FIRST.encode(), post.user)
        post.wait_here_for(before + 1)
        assert post.to("sophie@client.example")
        typist.types(CTRL_C, end="")
        assert typist.ends() == 0


def test_whoever_leaves_leaves_nothing_behind(tmp_path: Path) -> None:
    with typing(tmp_path, "init", "--config", "azbot.toml") as typist:
        somebody = Somebody(typist, "fr")
        somebody.answers(("organisation", "Froid Rhône"))
        somebody.is_asked("name")
        typist.types(CTRL_C, end="")
        somebody.sees("setup.left")
        assert typist.ends() == 1
    assert list(tmp_path.iterdir()) == []


def test_wrong_answers_are_told_and_leaving_while_a_server_is_silent_leaves_nothing(
    tmp_path: Path,
) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        typing(tmp_path, "init", "--config", "azbot.toml") as typist,
    ):
        somebody = Somebody(typist, "fr")
        somebody.answers(("organisation", "x" * 81))
        somebody.sees("config.too_long", value=f"{'x' * 40}…", max_length=80)
        somebody.answers(("organisation", "?"))
        somebody.sees("setup.help.name")
        somebody.answers(("organisation", "Froid Rhône"), ("name", ""))
        somebody.answers(("domain", "froid"))
        somebody.sees("setup.wrong.domain", value="froid")
        # Back to the question before, whose answer is what is proposed now.
        somebody.answers(("domain", "<"), ("organisation", ""), ("name", "SAV"))
        somebody.answers(("domain", DOMAIN), ("address", "nobody"))
        somebody.sees("config.not_an_address", value="nobody")
        somebody.answers(("address", ""), ("own_addresses", "a@b.example, c"))
        somebody.sees("config.not_an_address", value="c")
        somebody.answers(("own_addresses", "a@b.example"), ("public_url", "ftp://a"))
        somebody.sees("config.not_a_url", value="ftp://a")
        somebody.answers(("public_url", "-"), ("server", "two words"))
        somebody.sees("setup.wrong.server", value="two words")
        place = f"127.0.0.1:{silent.getsockname()[1]}"
        somebody.answers(("server", place), ("security", "loud"))
        somebody.sees(
            "config.not_a_choice", value="loud", expected="tls, starttls, none"
        )
        somebody.answers(
            ("security", ""), ("user", "desk"), ("imap_password", "secret")
        )
        connection, _ = silent.accept()
        with connection:
            typist.types(CTRL_C, end="")
            somebody.sees("setup.left")
            assert typist.ends() == 1
    assert list(tmp_path.iterdir()) == []
