"""Pauses: how they grow, and against whom a try counts."""

from __future__ import annotations

from datetime import timedelta

import pytest

from azbot.channels.web.signin.forms import pause_words
from azbot.identity.throttling import PERSON, person_scope, place_scope


@pytest.mark.parametrize(
    ("count", "seconds"),
    [(0, 0), (4, 0), (5, 5), (6, 10), (7, 20), (10, 160), (11, 300), (9999, 300)],
)
def test_a_pause_doubles_up_to_five_minutes(count: int, seconds: int) -> None:
    assert PERSON.pause_after(count) == timedelta(seconds=seconds)


def test_a_scope_names_nobody() -> None:
    one, same, other = (
        person_scope("password", who)
        for who in ("Camille@sav.example", "camille@SAV.example", "bruno@sav.example")
    )
    assert one == same != other
    assert "camille" not in one.name.lower()
    assert len(one.name) <= 80


def test_of_ipv6_the_network_counts() -> None:
    one = place_scope("2001:db8:1:2::1")
    assert one == place_scope("2001:db8:1:2:ffff::9")
    assert one != place_scope("2001:db8:1:3::1")
    assert place_scope("192.0.2.1") != place_scope("192.0.2.2")
    longest = place_scope("2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff", "challenge")
    assert len(longest.name) <= 80


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "1 s"), (5, "5 s"), (99, "99 s"), (100, "2 min"), (300, "5 min")],
)
def test_the_time_left_is_told_in_words_and_never_too_short(
    seconds: float, words: str
) -> None:
    said = pause_words(timedelta(seconds=seconds), "fr")
    assert said.replace("\u00a0", " ") == words
