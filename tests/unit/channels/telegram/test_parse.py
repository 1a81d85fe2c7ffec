from __future__ import annotations

from typing import Any

import pytest

from azbot.channels.telegram.parse import parse
from azbot.channels.telegram.updates import content_of, id_of, raw_of
from azbot.clock import SystemClock
from azbot.messages import Inbound, Reason, Spot, Turn, TurnKind, Unparseable
from azbot.testing.clock import A_MONDAY_MORNING
from azbot.testing.telegram import TOKEN, FakeTelegram, Person

JPEG = bytes.fromhex("ffd8ffe0")


@pytest.fixture
def bot() -> FakeTelegram:
    made = FakeTelegram(TOKEN, SystemClock(), "http://127.0.0.1", {})
    made.updates.allowed = ("message", "edited_message", "callback_query")
    made.updates.allowed += ("my_chat_member", "message_reaction")
    return made


@pytest.fixture
def jo(bot: FakeTelegram) -> Person:
    return bot.user(501, "Jo", last_name="Martin", language_code="fr")


def read(update: dict[str, Any]) -> Inbound | Unparseable:
    number = id_of(update) or 1
    content = content_of(update)
    return parse(raw_of(update, number, content, "telegram:1", A_MONDAY_MORNING))


def last(bot: FakeTelegram) -> Inbound:
    found = read(bot.updates.waiting[-1])
    assert isinstance(found, Inbound), found
    return found


def turn_of(bot: FakeTelegram) -> Turn:
    turn = last(bot).turn
    assert turn is not None
    return turn


def test_words_have_a_name_an_author_and_a_place(bot: FakeTelegram, jo: Person) -> None:
    sent = jo.says("Bonjour\nà tous")

    inbound, turn = last(bot), turn_of(bot)
    assert inbound.message_id == f"telegram:501/{sent.id}"
    assert inbound.sender is not None
    assert (inbound.sender.email, inbound.sender.name) == ("telegram:501", "Jo Martin")
    assert inbound.text == "Bonjour\nà tous"
    assert inbound.sent_at is not None
    assert (turn.kind, turn.account, turn.chat) == (TurnKind.SAID, "501", "501")
    assert turn.is_private
    assert turn.language == "fr"


def test_a_reply_names_what_it_answers(bot: FakeTelegram, jo: Person) -> None:
    first = jo.says("un")
    jo.says("deux", reply_to=first)

    assert last(bot).references == (f"telegram:501/{first.id}",)


@pytest.mark.parametrize(
    ("said", "command", "text"),
    [
        ("/start abc_-9", "start", "abc_-9"),
        ("/Aide@azbot_bot", "aide", ""),
        ("/nouvelle panne\nau 3e", "nouvelle", "panne\nau 3e"),
        ("/dev/null", "", "/dev/null"),
        ("un /start", "", "un /start"),
    ],
)
def test_commands_are_told_from_words(
    bot: FakeTelegram, jo: Person, said: str, command: str, text: str
) -> None:
    jo.says(said)

    assert (turn_of(bot).command, last(bot).text) == (command, text)


def test_a_command_that_was_changed_or_passed_on_is_text(
    bot: FakeTelegram, jo: Person
) -> None:
    sent = jo.says("/aide")
    jo.edits(sent, "/stop")
    assert (turn_of(bot).command, last(bot).text) == ("", "/stop")

    origin = {"type": "hidden_user", "sender_user_name": "Ana", "date": 1}
    command = {"type": "bot_command", "offset": 0, "length": 5}
    jo.sends({"text": "/stop", "entities": [command], "forward_origin": origin})
    assert (turn_of(bot).command, last(bot).text) == ("", "/stop")
    assert turn_of(bot).forwarded_from == "Ana"


def test_an_edit_says_all_anew_under_the_same_name(
    bot: FakeTelegram, jo: Person
) -> None:
    sent = jo.says("trois")
    jo.edits(sent, "quatre")

    assert turn_of(bot).kind is TurnKind.EDITED
    assert (last(bot).message_id, last(bot).text) == (
        f"telegram:501/{sent.id}",
        "quatre",
    )


def test_each_tap_has_a_name_of_its_own(bot: FakeTelegram, jo: Person) -> None:
    card = jo.says("la carte")
    jo.forges("menu.aide", card)
    first, tap = last(bot), turn_of(bot).tap
    jo.forges("menu.aide", card)

    assert tap is not None
    assert (tap.data, tap.message_id) == ("menu.aide", f"telegram:501/{card.id}")
    assert turn_of(bot).kind is TurnKind.TAPPED
    assert first.message_id != last(bot).message_id


def test_a_tap_on_a_message_that_is_gone_is_a_tap(
    bot: FakeTelegram, jo: Person
) -> None:
    card = jo.says("la carte")
    jo.deletes(card)
    jo.forges("menu.aide", card)

    tap = turn_of(bot).tap
    assert tap is not None
    assert tap.message_id == f"telegram:501/{card.id}"


def test_blocking_and_coming_back_are_turns(bot: FakeTelegram, jo: Person) -> None:
    jo.says("un")
    jo.blocks()
    assert turn_of(bot).kind is TurnKind.BLOCKED
    jo.unblocks()
    assert turn_of(bot).kind is TurnKind.RETURNED


def test_of_a_photo_the_largest_is_taken(bot: FakeTelegram, jo: Person) -> None:
    small = {"file_id": "s", "file_unique_id": "a", "width": 90, "height": 60}
    large = {"file_id": "l", "file_unique_id": "b", "width": 1280, "height": 960}
    jo.sends({"photo": [large | {"file_size": 9}, small]}, caption="la plaque")

    [file] = turn_of(bot).files
    assert (file.id, file.kind, file.size) == ("l", "photo", 9)
    assert file.media_type == "image/jpeg"
    assert last(bot).text == "la plaque"


@pytest.mark.parametrize(
    "kind", ["document", "video", "video_note", "voice", "audio", "animation"]
)
def test_files_are_named_by_their_kind(
    bot: FakeTelegram, jo: Person, kind: str
) -> None:
    file = {"file_id": "x", "file_unique_id": "y", "duration": 1, "length": 2}
    file |= {"width": 2, "height": 2}
    more = {"document": file} if kind == "animation" else {}
    jo.sends({kind: file, **more})

    [found] = turn_of(bot).files
    assert (found.id, found.kind, found.size) == ("x", kind, None)
    assert found.seconds == 1


def test_an_album_is_told_by_its_name(bot: FakeTelegram, jo: Person) -> None:
    photo = [{"file_id": "s", "file_unique_id": "a", "width": 9, "height": 6}]
    jo.sends({"photo": photo, "media_group_id": "13"})

    assert turn_of(bot).album == "13"


def test_a_place_is_where_it_was_first(bot: FakeTelegram, jo: Person) -> None:
    sent = jo.sends_location(45.5, 4.25, live=True)
    assert turn_of(bot).spot == Spot(45.5, 4.25, is_live=True)

    jo.moves(sent, 46.0, 5.0)
    assert (turn_of(bot).kind, turn_of(bot).what) == (TurnKind.OTHER, "moved")
    assert turn_of(bot).spot is None


def test_a_known_place_has_its_address(bot: FakeTelegram, jo: Person) -> None:
    jo.sends_venue(45.5, 4.25, "Gare", "1 place X")

    assert turn_of(bot).spot == Spot(45.5, 4.25, title="Gare", address="1 place X")


@pytest.mark.parametrize(
    ("card", "is_own"),
    [
        ({"own": True}, True),
        ({"own": False}, False),
        ({"own": False, "user_id": 9}, False),
    ],
)
def test_only_ones_own_card_is_ones_own_phone(
    bot: FakeTelegram, jo: Person, card: dict[str, Any], is_own: bool
) -> None:
    jo.shares_contact(**card)

    assert turn_of(bot).phone == "33612345678"
    assert turn_of(bot).is_own_phone is is_own


def test_what_is_passed_on_is_neither_phone_nor_place(
    bot: FakeTelegram, jo: Person
) -> None:
    origin = {"type": "user", "sender_user": jo.wire, "date": 1}
    card = {"phone_number": "336", "first_name": "Jo", "user_id": 501}
    jo.sends({"contact": card, "forward_origin": origin})
    assert (turn_of(bot).phone, turn_of(bot).is_own_phone) == ("", False)
    assert last(bot).text == "Jo 336"

    place = {"latitude": 45.5, "longitude": 4.25}
    jo.sends({"location": place, "forward_origin": origin})
    assert turn_of(bot).spot is None
    assert last(bot).text == "45.5, 4.25"


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ({"dice": {"emoji": "🎲", "value": 3}}, "dice"),
        ({"pinned_message": {"message_id": 1, "date": 0, "chat": {"id": 501,
          "type": "private"}}}, "service"),
        ({"something_new": {"a": 1}}, "unknown"),
    ],
)  # fmt: skip
def test_what_nobody_can_use_says_what_it_is(
    bot: FakeTelegram, jo: Person, content: dict[str, Any], what: str
) -> None:
    jo.sends(content)

    assert (turn_of(bot).kind, turn_of(bot).what) == (TurnKind.OTHER, what)


def test_a_reaction_is_no_word(bot: FakeTelegram, jo: Person) -> None:
    jo.reacts(jo.says("un"), "👍")

    assert (turn_of(bot).kind, turn_of(bot).what) == (TurnKind.OTHER, "reaction")


def test_in_a_group_others_read_along(bot: FakeTelegram, jo: Person) -> None:
    group = bot.group(jo)
    jo.says("/start", where=group)

    assert not turn_of(bot).is_private
    assert turn_of(bot).chat == str(group.chat.id)


def test_a_group_says_where_it_goes_on(bot: FakeTelegram, jo: Person) -> None:
    group = bot.group(jo)
    new = group.migrates()

    told = [read(update) for update in bot.updates.waiting]
    moved = [i.turn.moved_to for i in told if isinstance(i, Inbound) and i.turn]
    assert str(new.chat.id) in moved


def test_names_are_what_they_look_like(bot: FakeTelegram) -> None:
    odd = bot.user(9, "</b><a href='x'>\u202egpj\u0000\n", last_name="👨‍👩‍👧")
    odd.says("x")

    sender = last(bot).sender
    assert sender is not None
    assert sender.name == "</b><a href='x'> gpj 👨‍👩‍👧"
    assert turn_of(bot).language == ""


def test_addresses_behind_words_are_shown(bot: FakeTelegram, jo: Person) -> None:
    url = "https://a.example/x"
    link = {"type": "text_link", "offset": 3, "length": 3, "url": url}
    jo.sends({"text": "😀 ici.", "entities": [link]})

    assert last(bot).text == f"😀 ici ({url})."


def test_marks_and_emojis_stay_as_they_were_written(
    bot: FakeTelegram, jo: Person
) -> None:
    said = "<b>*_[]()~ &amp; 👨‍👩‍👧🇫🇷"
    jo.says(said)

    assert last(bot).text == said


def test_another_bot_is_nobody(bot: FakeTelegram, jo: Person) -> None:
    jo.wire["is_bot"] = True
    jo.says("bonjour")

    assert turn_of(bot).account == ""


def test_poison_is_set_aside_in_the_lane_of_its_chat(bot: FakeTelegram) -> None:
    update = bot.updates.poison(501)
    raw = raw_of(update, update["update_id"], content_of(update), "x", A_MONDAY_MORNING)

    found = parse(raw)
    assert isinstance(found, Unparseable)
    assert found.reason is Reason.UNPARSEABLE
    assert raw.lane == "501"


def test_what_we_never_asked_for_is_nobodys() -> None:
    chat = {"id": -100, "type": "channel", "title": "x"}
    post = {"message_id": 1, "date": 1, "chat": chat, "text": "x"}
    found = read({"update_id": 4, "channel_post": post})

    assert isinstance(found, Inbound)
    assert found.turn is not None
    assert (found.turn.account, found.turn.what) == ("", "unasked")
