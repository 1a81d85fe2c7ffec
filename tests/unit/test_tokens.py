from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from azbot.tokens import (
    Forged,
    Keyring,
    Purpose,
    SigningToken,
    Token,
    issue_address,
    issue_link,
    issue_message_id,
    issue_signing,
    issue_uid,
    read_address,
    read_link,
    read_message_id,
    read_signing,
    read_thread_root,
    thread_root,
)

OLD = ("k1", bytes(range(32)))
NEW = ("k2", bytes(range(1, 33)))
RING = Keyring((NEW, OLD))
BOX = "support@example.fr"
NOW = datetime(2026, 3, 25, 12, tzinfo=UTC)


def test_an_address_says_its_thread_and_person() -> None:
    address = issue_address(RING, BOX, Purpose.REPLY, 26184, 77)

    assert address.startswith("support+k7c.25.k2")
    assert address == address.lower()
    assert read_address(RING, BOX, address) == Token(
        Purpose.REPLY, 26184, 77, key_id="k2"
    )


def test_an_address_reads_back_in_capitals() -> None:
    address = issue_address(RING, BOX, Purpose.REPLY, 26184, 77)

    assert isinstance(read_address(RING, BOX, address.upper()), Token)


def test_a_bounce_token_is_no_reply_token() -> None:
    address = issue_address(RING, BOX, Purpose.BOUNCE, 1, 2)

    token = read_address(RING, BOX, address)
    assert isinstance(token, Token)
    assert token.purpose is Purpose.BOUNCE
    assert read_address(RING, BOX, address, (Purpose.REPLY,)) == Forged("mac")


def test_a_token_for_another_person_is_forged() -> None:
    address = issue_address(RING, BOX, Purpose.REPLY, 1, 2)

    assert read_address(RING, BOX, address.replace("+1.2.", "+1.3.")) == Forged("mac")


def test_an_old_key_reads_until_it_is_retired() -> None:
    address = issue_address(Keyring((OLD,)), BOX, Purpose.REPLY, 1, 2)

    assert isinstance(read_address(RING, BOX, address), Token)
    assert read_address(Keyring((NEW,)), BOX, address) == Forged("key")


def test_the_signature_of_one_key_does_not_pass_under_the_name_of_another() -> None:
    address = issue_address(RING, BOX, Purpose.REPLY, 1, 2)

    assert read_address(RING, BOX, address.replace(".k2", ".k1")) == Forged("mac")


@pytest.mark.parametrize(
    "address",
    [
        "support@example.fr",
        "support+newsletter@example.fr",
        "support+1.2.k2abcdefghijklmnop@example.com",
        "other+1.2.k2abcdefghijklmnop@example.fr",
        "support+1.2.k2abcdefghijklmno\u017f@example.fr",
        "",
    ],
)
def test_an_address_without_a_token_is_none(address: str) -> None:
    assert read_address(RING, BOX, address) is None


def test_a_shortened_token_is_forged() -> None:
    address = issue_address(RING, BOX, Purpose.REPLY, 1, 2)

    assert read_address(RING, BOX, address.replace("@", "")[:-12] + "@example.fr") in (
        None,
        Forged("mac"),
    )
    assert read_address(RING, BOX, "support+1.2.k2abc@example.fr") == Forged("mac")


def test_a_mailbox_too_long_for_tokens_is_refused() -> None:
    fits, too_long = "s" * 41, "s" * 42
    issue_address(RING, f"{fits}@example.fr", Purpose.REPLY, 1, 2)

    with pytest.raises(ValueError, match="64"):
        issue_address(RING, f"{too_long}@example.fr", Purpose.REPLY, 1, 2)


def test_a_message_id_names_assistance_event_and_person() -> None:
    name = issue_message_id(RING, "example.fr", 26184, 901, 77)

    assert name.startswith("<az.k7c.p1.25.k2")
    assert len(name) < 70
    expected = Token(Purpose.MESSAGE, 26184, 77, event=901, key_id="k2")
    assert read_message_id(RING, name) == expected
    assert read_message_id(RING, name.strip("<>").upper(), "EXAMPLE.FR") == expected
    assert read_message_id(RING, name, "example.com") is None


def test_a_message_id_for_another_event_is_forged() -> None:
    name = issue_message_id(RING, "example.fr", 1, 2, 3)

    assert read_message_id(RING, name.replace("az.1.2.", "az.1.4.")) == Forged("mac")


def test_the_longest_host_leaves_room_for_large_numbers() -> None:
    one_key = Keyring((("a", bytes(32)),))
    name = issue_message_id(one_key, "h" * 28, 36**5 - 1, 36**6 - 1, 36**4 - 1)

    assert len(name) == 69
    with pytest.raises(ValueError, match="too long"):
        issue_message_id(one_key, "h" * 29, 36**5 - 1, 36**6 - 1, 36**4 - 1)


def test_a_thread_root_is_no_message_id() -> None:
    root = thread_root(26184, "example.fr")

    assert root == "<az.k7c@example.fr>"
    assert read_thread_root(root.upper(), "example.fr") == 26184
    assert read_thread_root(root, "example.com") is None
    assert read_message_id(RING, root) is None
    assert read_thread_root("<az.-1@example.fr>") is None


def test_a_calendar_event_keeps_its_name_when_a_key_is_added() -> None:
    before = issue_uid(Keyring((OLD,)), "example.fr", 5, 6, 7)

    assert issue_uid(RING, "example.fr", 5, 6, 7) == before


def test_a_link_dies_at_its_end() -> None:
    end = NOW + timedelta(hours=1)
    link = issue_link(RING, Purpose.LINK, 5, 7, end)

    expected = Token(Purpose.LINK, 5, 7, expires_at=end, key_id="k2")
    before = end - timedelta(seconds=1)
    assert read_link(RING, Purpose.LINK, link, before) == expected
    assert read_link(RING, Purpose.LINK, link, end) == Forged("expired")


def test_a_link_without_end_lives_on_for_its_purpose_alone() -> None:
    link = issue_link(RING, Purpose.UNSUB, 0, 7)

    assert read_link(RING, Purpose.UNSUB, link, NOW) == Token(
        Purpose.UNSUB, 0, 7, key_id="k2"
    )
    assert read_link(RING, Purpose.LINK, link, NOW) == Forged("mac")
    assert read_link(RING, Purpose.UNSUB, "nothing", NOW) is None


def test_the_end_of_a_link_cannot_be_moved() -> None:
    numbers = issue_link(RING, Purpose.LINK, 5, 7, NOW).split(".")
    numbers[2] = "zzzzzz"

    assert read_link(RING, Purpose.LINK, ".".join(numbers), NOW) == Forged("mac")


def test_a_link_with_a_naive_end_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        issue_link(RING, Purpose.LINK, 5, 7, NOW.replace(tzinfo=None))


@pytest.mark.parametrize(
    "keys",
    [
        (),
        (("k1", bytes(31)),),
        (("K1", bytes(32)),),
        (("", bytes(32)),),
        (("k1", bytes(32)), ("k1", bytes(32))),
    ],
)
def test_a_bad_keyring_is_refused(keys: tuple[tuple[str, bytes], ...]) -> None:
    with pytest.raises(ValueError, match="key"):
        Keyring(keys)


def test_a_keyring_does_not_show_its_keys() -> None:
    assert "\\x" not in repr(RING)


def test_a_negative_number_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        issue_address(RING, BOX, Purpose.REPLY, -1, 2)


def test_the_link_to_a_signature_is_bound_to_everything_it_says() -> None:
    until = NOW + timedelta(days=7)
    text = issue_signing(RING, 184, 2, "client", "7c1f0be2" * 8, until)
    whole = SigningToken(184, 2, "client", "7c1f0be27c1f0be27c1f", until)

    assert read_signing(RING, text.upper(), NOW) == whole
    assert read_signing(RING, text, until) == Forged("expired")
    others = (
        ("client", "station"),
        ("7c1f0be2", "7c1f0be3"),
        (".2.", ".3."),
    )
    for said, changed in others:
        forged = text.replace(said, changed, 1)
        assert read_signing(RING, forged, NOW) == Forged("mac")
    assert not isinstance(read_signing(RING, text[:-1], NOW), SigningToken)
    assert read_signing(RING, text[1:-9], NOW) is None
    assert read_link(RING, Purpose.LINK, text, NOW) is None
    with pytest.raises(ValueError, match="aware"):
        issue_signing(RING, 184, 2, "client", "0" * 64, NOW.replace(tzinfo=None))
