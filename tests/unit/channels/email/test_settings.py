from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from azbot.channels.email.settings import EmailSettings, ImapSettings, SmtpSettings


def test_defaults_are_those_of_a_provider() -> None:
    imap, smtp = ImapSettings(host="imap.x.fr"), SmtpSettings(host="smtp.x.fr")

    assert (imap.port, imap.security, imap.folder, imap.after) == (
        993,
        "tls",
        "INBOX",
        "leave",
    )
    assert (smtp.port, smtp.security) == (587, "starttls")


@pytest.mark.parametrize(
    "address",
    ["support", "@x.fr", "a@", "a b@x.fr", "a@x.fr, b@x.fr", "a@b@x.fr", "é@x.fr"],
)
def test_a_mailbox_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(ValidationError):
        EmailSettings(address=address)


def test_a_key_nobody_knows_is_refused() -> None:
    with pytest.raises(ValidationError):
        EmailSettings.model_validate({"address": "a@x.fr", "adress": "b@x.fr"})


@pytest.mark.parametrize(
    "change",
    [
        {"security": "ssl"},
        {"port": 0},
        {"port": 65_536},
        {"idle_minutes": 10},
        {"batch_messages": 101},
        {"after": "delete"},
        {"password": "secret", "password_env": "NAME"},
    ],
)
def test_what_no_mailbox_could_mean_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as caught:
        ImapSettings.model_validate({"host": "x"} | change)

    assert "secret" not in str(caught.value)


def test_a_password_comes_from_one_of_three_places(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("from file\n", encoding="utf-8")

    plain = ImapSettings.model_validate({"host": "x", "password": "plain"})
    assert plain.secret({}) == "plain"
    assert "plain" not in repr(plain)
    assert ImapSettings(host="x", password_env="P").secret({"P": "env"}) == "env"
    assert ImapSettings(host="x", password_file=file).secret({}) == "from file"
    assert ImapSettings(host="x").secret({}) == ""


def test_a_missing_password_is_named_by_its_place(tmp_path: Path) -> None:
    with pytest.raises(LookupError, match="MAIL_PASSWORD"):
        SmtpSettings(host="x", password_env="MAIL_PASSWORD").secret({})
    with pytest.raises(FileNotFoundError):
        SmtpSettings(host="x", password_file=tmp_path / "none").secret({})


def test_a_receiver_known_by_name_needs_its_name() -> None:
    with pytest.raises(ValidationError, match="authserv_id"):
        EmailSettings(address="a@x.fr", receiver="authserv-id")


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("a@Example.FR", "example.fr"),
        ("a@sav.a-rather-long-name-of-a-company.fr", "ong-name-of-a-company.fr"),
        ("a@mail.support.a-company-name.example", "a-company-name.example"),
    ],
)
def test_ids_end_in_a_host_that_fits(address: str, host: str) -> None:
    result = EmailSettings(address=address).id_host

    assert len(result) <= 28
    assert result.endswith(host)


def test_the_loop_mark_does_not_name_the_desk() -> None:
    mark = EmailSettings(address="support@example.fr").loop_mark

    assert mark == EmailSettings(address="SUPPORT@example.fr").loop_mark
    assert "support" not in mark
    assert mark != EmailSettings(address="sav@example.fr").loop_mark
