from __future__ import annotations

from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from azbot.channels.telegram.channel import factory
from azbot.channels.telegram.settings import TelegramSettings
from azbot.testing.clock import FakeClock


def test_files_are_beside_the_calls_unless_they_are_elsewhere() -> None:
    own = TelegramSettings(api_base_url="http://127.0.0.1:8081/")
    other = TelegramSettings(file_base_url="https://files.example/x/")

    assert own.api_url == "http://127.0.0.1:8081/bot"
    assert own.file_url == "http://127.0.0.1:8081/file/bot"
    assert other.api_url == "https://api.telegram.org/bot"
    assert other.file_url == "https://files.example/x/bot"


def test_the_token_is_where_it_was_said_to_be(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("1:file\n", encoding="utf-8")

    assert TelegramSettings(token=SecretStr("1:here")).secret({}) == "1:here"
    assert TelegramSettings(token_env="T").secret({"T": " 1:env\n"}) == "1:env"
    assert TelegramSettings(token_file=file).secret({}) == "1:file"
    assert TelegramSettings().secret({}) == ""
    with pytest.raises(LookupError):
        TelegramSettings(token_env="T").secret({})


def test_the_token_is_never_shown() -> None:
    assert "1:here" not in repr(TelegramSettings(token=SecretStr("1:here")))


@pytest.mark.parametrize("path", ["telegram", "/", "/a b", "/a/", "/a?b", "/{x}"])
def test_a_path_is_one_that_a_web_can_serve(path: str) -> None:
    with pytest.raises(ValidationError):
        TelegramSettings(webhook_path=path)


def test_what_cannot_work_is_said_before_anything_is_connected() -> None:
    webhook = TelegramSettings(token=SecretStr("1:x"), receiver="webhook")
    with pytest.raises(ValueError, match="no token"):
        factory(TelegramSettings(), FakeClock(), {})
    with pytest.raises(ValueError, match="public_url"):
        factory(webhook, FakeClock(), {})


def test_the_entry_point_gives_the_factory() -> None:
    name = "azbot.channels.telegram:factory"

    assert EntryPoint("telegram", name, "azbot.channels").load() is factory
