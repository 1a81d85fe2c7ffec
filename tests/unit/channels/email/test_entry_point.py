from __future__ import annotations

from importlib.metadata import EntryPoint

import pytest

from azbot.channels import email
from azbot.channels.email.channel import factory


def test_the_entry_point_is_the_factory() -> None:
    point = EntryPoint("email", "azbot.channels.email:factory", "azbot.channels")

    assert point.load() is factory


def test_nothing_else_appears_by_magic() -> None:
    with pytest.raises(AttributeError, match="nothing"):
        _ = email.nothing
