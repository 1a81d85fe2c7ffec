from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from azbot.tokens import (
    Forged,
    Keyring,
    Purpose,
    Token,
    issue_address,
    issue_link,
    read_address,
    read_link,
    read_message_id,
    read_thread_root,
)

BOX = "support@example.fr"
NOW = datetime(2026, 3, 25, tzinfo=UTC)
RING = Keyring((("a", b"1" * 32), ("b2", b"2" * 32)))
numbers = st.integers(0, 36**6)
address_purposes = st.sampled_from([Purpose.REPLY, Purpose.BOUNCE, Purpose.UNSUB])


@given(address_purposes, numbers, numbers, st.randoms())
def test_an_issued_address_reads_back_in_any_letter_case(
    purpose: Purpose, assistance: int, person: int, random: object
) -> None:
    address = issue_address(RING, BOX, purpose, assistance, person)
    mixed = "".join(
        char.upper() if index % 3 else char for index, char in enumerate(address)
    )

    assert len(address.partition("@")[0]) <= 64
    assert read_address(RING, BOX, mixed) == Token(
        purpose, assistance, person, key_id="a"
    )


@given(address_purposes, numbers, numbers, st.data())
def test_one_changed_character_makes_a_token_worthless(
    purpose: Purpose, assistance: int, person: int, data: st.DataObject
) -> None:
    address = issue_address(RING, BOX, purpose, assistance, person)
    place = data.draw(st.integers(len("support+"), address.index("@") - 1))
    other = data.draw(st.sampled_from("0123456789abcdefghijklmnopqrstuvwxyz."))
    changed = address[:place] + other + address[place + 1 :]
    if changed != address:
        assert not isinstance(read_address(RING, BOX, changed), Token)


@given(numbers, numbers, address_purposes)
def test_no_kind_of_token_passes_for_another(
    assistance: int, person: int, purpose: Purpose
) -> None:
    link = issue_link(RING, Purpose.LINK, assistance, person)
    address = issue_address(RING, BOX, purpose, assistance, person)

    assert isinstance(read_link(RING, Purpose.UNSUB, link, NOW), Forged)
    others = tuple(p for p in Purpose if p is not purpose)
    assert read_address(RING, BOX, address, others) == Forged("mac")


@given(st.text())
def test_any_text_is_read_without_an_error(text: str) -> None:
    for host in ("", "@example.fr"):
        assert not isinstance(read_address(RING, BOX, f"support+{text}{host}"), Token)
        assert not isinstance(read_message_id(RING, f"<az.{text}{host}>"), Token)
        read_thread_root(f"<az.{text}{host}>")
    assert not isinstance(read_link(RING, Purpose.LINK, text, NOW), Token)
