from __future__ import annotations

import pytest

from azbot.channels.email.threads import likely_parents, split_ids


@pytest.mark.parametrize(
    ("value", "ids"),
    [
        ("<a@x> <b@x>", ("<a@x>", "<b@x>")),
        ("<a@x>,<b@x>, <c@x>", ("<a@x>", "<b@x>", "<c@x>")),
        ("\r\n <a@x>", ("<a@x>",)),
        ("<a@x><b@x>", ("<a@x>", "<b@x>")),
        ("a@x b@x", ("<a@x>", "<b@x>")),
        ("Your message of Monday <a@x>", ("<a@x>",)),
        ("", ()),
        ("<>", ()),
        ("<" * 50_000, ()),
    ],
)
def test_ids_are_split_however_they_were_joined(
    value: str, ids: tuple[str, ...]
) -> None:
    assert split_ids(value) == ids


def test_only_the_nearest_twenty_ancestors_count() -> None:
    value = " ".join(f"<{number}@x>" for number in range(50))

    assert split_ids(value) == tuple(f"<{number}@x>" for number in range(30, 50))


def test_the_message_answered_comes_first_then_the_newest() -> None:
    assert likely_parents("<c@x>", "<a@x> <b@x> <c@x>") == ("<c@x>", "<b@x>", "<a@x>")
