"""A handle proves which file it is, whose, and until when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from azbot.channels.web.uploads import Upload, issue, read
from azbot.messages import BlobId
from azbot.tokens import Keyring, Purpose, issue_link

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
DAY = timedelta(days=1)
RING = Keyring((("2", b"b" * 32), ("1", b"a" * 32)))
UPLOAD = Upload(BlobId("a" * 64), "plan d’étage.pdf", "application/pdf", 9)


def test_a_handle_gives_back_its_file() -> None:
    handle = issue(RING, UPLOAD, "api:1", NOW + DAY)
    assert read(RING, handle, "api:1", NOW) == UPLOAD
    assert handle.isascii()


def test_a_handle_is_worth_nothing_to_others_later_or_under_another_key() -> None:
    handle = issue(RING, UPLOAD, "api:1", NOW + DAY)
    assert read(RING, handle, "api:2", NOW) is None
    assert read(RING, handle, "api:1", NOW + DAY) is None
    assert read(Keyring((("2", b"x" * 32),)), handle, "api:1", NOW) is None


def test_an_older_key_still_verifies() -> None:
    old = Keyring((("1", b"a" * 32),))
    handle = issue(old, UPLOAD, "api:1", NOW + DAY)
    assert read(RING, handle, "api:1", NOW) == UPLOAD


def test_a_link_is_no_handle() -> None:
    link = issue_link(RING, Purpose.LINK, 1, 1, NOW + DAY)
    assert read(RING, link, "api:1", NOW) is None


@given(st.text())
def test_any_text_is_read_without_harm(text: str) -> None:
    assert read(RING, text, "api:1", NOW) is None


@given(st.integers(0, 400), st.characters(codec="ascii"))
def test_one_changed_character_is_enough(place: int, other: str) -> None:
    handle = issue(RING, UPLOAD, "api:1", NOW + DAY)
    place %= len(handle)
    forged = handle[:place] + other + handle[place + 1 :]
    found = read(RING, forged, "api:1", NOW)
    assert found is None or found == UPLOAD
