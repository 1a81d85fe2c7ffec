"""Addresses of databases: two kinds, and clear words for every other."""

from __future__ import annotations

import pytest

from azbot.errors import ConfigError
from azbot.store.engine import address_of, file_of


@pytest.mark.parametrize(
    ("url", "is_postgresql"),
    [
        ("sqlite:///azbot.db", False),
        ("sqlite:////var/lib/azbot/azbot.db", False),
        ("sqlite+aiosqlite:///azbot.db", False),
        ("postgresql://azbot:secret@db/azbot", True),
        ("postgresql+psycopg://azbot@/azbot?host=/run/postgresql", True),
        ("postgresql+asyncpg://azbot@db/azbot", True),
    ],
)
def test_the_driver_is_ours_to_choose(url: str, is_postgresql: bool) -> None:
    address = address_of(url)
    assert address.is_postgresql == is_postgresql
    driver = "postgresql+psycopg" if is_postgresql else "sqlite"
    assert address.url.drivername == driver


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("", "store_url_unreadable"),
        ("azbot.db", "store_url_unreadable"),
        ("mysql://db/azbot", "store_url_unknown"),
        ("sqlite://", "store_url_in_memory"),
        ("sqlite:///:memory:", "store_url_in_memory"),
    ],
)
def test_other_addresses_are_refused_with_a_reason(url: str, code: str) -> None:
    with pytest.raises(ConfigError) as refused:
        address_of(url)
    (problem,) = refused.value.problems
    assert (problem.path, problem.code) == ("store.url", code)


def test_a_shown_address_hides_its_password() -> None:
    assert "secret" not in address_of("postgresql://azbot:secret@db/azbot").shown


def test_only_sqlite_lives_in_a_file() -> None:
    assert file_of(address_of("sqlite:///folder/azbot.db")).name == "azbot.db"
    with pytest.raises(ValueError, match="file"):
        file_of(address_of("postgresql://db/azbot"))
