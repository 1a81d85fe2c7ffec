from __future__ import annotations

import pytest

from azbot.forms.distances import MIDDLES, kilometres, nearest
from azbot.forms.places import DEPARTMENTS


def test_every_department_has_its_middle() -> None:
    assert set(MIDDLES) == set(DEPARTMENTS)


@pytest.mark.parametrize(
    ("one", "other", "about"),
    [
        ("69", "38", 100),
        ("69", "75", 380),
        ("59", "66", 870),
        ("29", "67", 860),
        ("06", "2B", 240),
        ("75", "974", 9_370),
        ("987", "988", 4_700),
    ],
)
def test_distances_are_those_of_the_map(one: str, other: str, about: int) -> None:
    km = kilometres(one, other)
    assert km is not None
    assert abs(km - about) <= max(25, about * 0.05)
    assert km == kilometres(other, one)


def test_a_department_lies_at_no_distance_from_itself() -> None:
    assert {kilometres(code, code) for code in MIDDLES} == {0}


def test_an_unknown_department_is_at_no_known_distance() -> None:
    assert kilometres("69", "20") is None
    assert nearest("69", ("20", "")) is None
    assert nearest("20", ("69",)) is None


def test_the_nearest_department_counts() -> None:
    assert nearest("69", ("59", "38", "13")) == kilometres("69", "38")
