"""What a screen becomes in a chat, and how it gets there when Telegram minds."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest
from PIL import Image

from azbot.channels.telegram.bot import Client
from azbot.channels.telegram.post import Postman
from azbot.clock import SystemClock
from azbot.errors import (
    ChatMoved,
    PermanentFailure,
    TemporaryFailure,
    Unanswered,
    Unreachable,
)
from azbot.screens import (
    Acknowledge,
    Act,
    Button,
    Clear,
    Menu,
    Post,
    PostFile,
    Redraw,
    Say,
    Screen,
    Share,
    Style,
    plain,
)
from azbot.testing.clock import FakeClock
from azbot.testing.telegram import FakeTelegram, Person
from azbot.testing.telegram.changing import DELETABLE_FOR
from azbot.testing.telegram.faults import (
    Fault,
    blocked,
    broken,
    cut,
    migrated,
    retry_after,
)
from azbot.testing.telegram.refusals import bad_request

YES = Button("Oui", "menu.oui", style=Style.PRIMARY)
ROWS = ((YES,), (Button("Ouvrir", url="https://sav.example/a"),))
PHONE = Button("Partager mon numéro", share=Share.PHONE)
PLACE = Button("Partager ma position", share=Share.PLACE)


@pytest.fixture
def postman(client: Client) -> Postman:
    return Postman(client, SystemClock())


async def done(
    postman: Postman, act: Act, on: int = 0, files: tuple[PostFile, ...] = ()
) -> list[int]:
    name = f"telegram:501/{on}" if on else ""
    posted = await postman.post(Post("501", act, name, files=files))
    return [int(one.rpartition("/")[2]) for one in posted.message_ids]


def refused(words: str) -> Fault:
    return Fault(bad_request(words))


def jpeg(width: int = 200, height: int = 100) -> bytes:
    made = BytesIO()
    Image.new("RGB", (width, height), "navy").save(made, "JPEG")
    return made.getvalue()


def a_photo(number: int = 1) -> PostFile:
    return PostFile(f"{number}.jpg", "image/jpeg", jpeg())


def a_document(number: int = 1) -> PostFile:
    return PostFile(f"{number}.pdf", "application/pdf", b"%PDF-1.4")


async def test_buttons_have_style_data_and_page(postman: Postman, jo: Person) -> None:
    await done(postman, Say(Screen("Alors", ROWS)))

    (first,), (second,) = jo.last.buttons
    assert (first.data, first.wire["style"]) == ("menu.oui", "primary")
    assert second.url == "https://sav.example/a"


async def test_a_long_text_is_several_messages_and_the_last_has_the_buttons(
    postman: Postman, jo: Person
) -> None:
    """Test 9: 5,000 characters; one ring, and what it refers to stands above."""
    first = jo.says("la question")
    text = "\n".join(
        f"<b>ligne {number}</b> de vingt caractères" for number in range(150)
    )
    numbers = await postman.post(
        Post("501", Say(Screen(text, ROWS)), reply_to=f"telegram:501/{first.id}")
    )

    one, two = jo.sees[-2:]
    assert one.text.startswith("ligne 0 ")
    assert two.text.endswith("ligne 149 de vingt caractères")
    assert (one.labels, two.labels) == ((), ("Oui", "Ouvrir"))
    assert (one.reply_to, two.reply_to) == (first.id, 0)
    assert numbers.message_ids == (f"telegram:501/{one.id}", f"telegram:501/{two.id}")
    calls = [call.flag("disable_notification") for call in jo.history]
    assert calls == [False, True]


async def test_four_thousand_emojis_are_two_messages(
    postman: Postman, jo: Person
) -> None:
    """Test 9."""
    await done(postman, Say(Screen("😀" * 4096)))

    assert [len(message.text) for message in jo.sees] == [2048, 2048]


async def test_a_text_without_end_is_a_file(postman: Postman, jo: Person) -> None:
    text = "<b>Rapport</b>\n" + "une ligne &amp; une autre\n" * 1_000
    await done(postman, Say(Screen(text, ROWS)))

    [message] = jo.sees
    assert message.media == "document"
    assert message.wire["document"]["file_name"] == "message.txt"
    assert message.text.startswith("Rapport")
    assert message.labels == ("Oui", "Ouvrir")


async def test_a_text_of_several_parts_is_ended_once_begun(
    postman: Postman, bot: FakeTelegram, jo: Person
) -> None:
    """Telegram asks for a pause in the middle: nothing is said twice."""
    text = "a" * 4096 + "\n" + "b" * 100
    bot.faults.add(retry_after(1), "sendMessage", text="^b")
    await done(postman, Say(Screen(text)))

    assert [message.text[0] for message in jo.sees] == ["a", "b"]


async def test_what_is_tried_again_goes_on_behind_the_part_that_arrived(
    postman: Postman, bot: FakeTelegram, jo: Person, clock: FakeClock
) -> None:
    """Telegram.md §2.3: a text of two parts, and a service that breaks in between."""
    long = Say(Screen("a" * 4096 + "\n" + "b" * 100))
    bot.faults.add(retry_after(60), "sendMessage", text="^b")
    with pytest.raises(TemporaryFailure) as caught:
        await postman.post(Post("501", long))
    [first] = jo.sees
    assert caught.value.arrived == (f"telegram:501/{first.id}",)
    again = await postman.post(Post("501", long, arrived=caught.value.arrived))

    assert [message.text[0] for message in jo.sees] == ["a", "b"]
    assert again.message_ids == tuple(f"telegram:501/{m.id}" for m in jo.sees)


async def test_one_file_has_text_and_buttons_below_it(
    postman: Postman, jo: Person
) -> None:
    await done(postman, Say(Screen("<b>Plan</b>", ROWS)), files=(a_document(),))

    [message] = jo.sees
    assert (message.media, message.text) == ("document", "Plan")
    assert message.labels == ("Oui", "Ouvrir")


async def test_photos_are_an_album_and_the_text_with_buttons_follows(
    postman: Postman, jo: Person
) -> None:
    files = tuple(a_photo(number) for number in range(3))
    numbers = await done(postman, Say(Screen("Trois", ROWS)), files=files)

    assert [message.media for message in jo.sees] == ["photo"] * 3 + [""]
    assert len({message.wire.get("media_group_id") for message in jo.sees[:3]}) == 1
    assert numbers == [message.id for message in jo.sees]


async def test_an_album_without_buttons_has_its_text_below_it(
    postman: Postman, jo: Person
) -> None:
    await done(postman, Say(Screen("Deux")), files=(a_photo(1), a_photo(2)))

    assert [message.text for message in jo.sees] == ["Deux", ""]


async def test_albums_have_ten_at_most_and_one_kind_each(
    postman: Postman, bot: FakeTelegram, jo: Person
) -> None:
    photos = tuple(a_photo(number) for number in range(11))
    files = (*photos, a_document(1), a_document(2))
    await done(postman, Say(Screen("")), files=files)

    methods = [call.method for call in jo.history]
    assert methods == ["sendMediaGroup", "sendPhoto", "sendMediaGroup"]
    assert [message.media for message in jo.sees] == ["photo"] * 11 + ["document"] * 2


async def test_a_long_text_with_a_file_stands_above_none_of_it(
    postman: Postman, jo: Person
) -> None:
    await done(postman, Say(Screen("mot " * 400, ROWS)), files=(a_photo(),))

    photo, text = jo.sees
    assert (photo.media, photo.text) == ("photo", "")
    assert text.labels == ("Oui", "Ouvrir")


async def test_a_photo_that_cannot_be_shown_goes_as_a_document(
    postman: Postman, jo: Person
) -> None:
    slim = PostFile("x.jpg", "image/jpeg", jpeg(2_100, 100))
    await done(postman, Say(Screen("Long")), files=(slim,))

    assert [message.media for message in jo.sees] == ["document"]


async def test_a_file_that_was_sent_before_does_not_travel_again(
    postman: Postman, bot: FakeTelegram, jo: Person
) -> None:
    await done(postman, Say(Screen("un")), files=(a_document(),))
    known = jo.last.wire["document"]["file_id"]
    again = PostFile("1.pdf", "application/pdf", b"", known)
    await done(postman, Say(Screen("deux")), files=(again,))

    assert not bot.calls[-1].uploads
    assert jo.last.media == "document"


async def test_a_file_larger_than_telegram_takes_is_refused_for_ever(
    postman: Postman, jo: Person
) -> None:
    giant = PostFile("x.bin", "application/octet-stream", bytes(50_000_001))
    with pytest.raises(PermanentFailure):
        await done(postman, Say(Screen("un")), files=(giant,))


# --- what Telegram minds ----------------------------------------------------------


async def test_marks_that_telegram_cannot_read_are_left_out(
    postman: Postman, bot: FakeTelegram, jo: Person
) -> None:
    bot.faults.add(refused('can\'t parse entities: unsupported start tag "x"'))
    await done(postman, Say(Screen("<b>a &lt; b</b>", ROWS)))

    assert jo.last.text == "a < b"
    assert jo.last.labels == ("Oui", "Ouvrir")


async def test_stray_signs_are_text(postman: Postman, jo: Person) -> None:
    await done(postman, Say(Screen("a < b & <Sophie> </b>")))

    assert jo.last.text == "a < b & <Sophie>"


async def test_a_page_that_telegram_does_not_open_is_a_line(
    postman: Postman, jo: Person, bot: FakeTelegram
) -> None:
    rows = ((YES, Button("Ouvrir", url="https://desk/a?b=1&c=2")),)
    bot.faults.add(refused("inline keyboard button URL 'https://desk/a' is invalid"))
    await done(postman, Say(Screen("Alors", rows)))

    assert jo.last.text == "Alors\nOuvrir : https://desk/a?b=1&c=2"
    assert jo.last.labels == ("Oui",)


async def test_a_message_it_refers_to_may_be_gone(postman: Postman, jo: Person) -> None:
    gone = jo.says("un")
    jo.deletes(gone)
    post = Post("501", Say(Screen("deux")), reply_to=f"telegram:501/{gone.id}")
    await postman.post(post)

    assert jo.last.text == "deux"


async def test_a_message_of_another_chat_is_not_referred_to(
    postman: Postman, jo: Person
) -> None:
    await postman.post(Post("501", Say(Screen("un")), reply_to="telegram:9/1"))

    assert jo.last.reply_to == 0


@pytest.mark.parametrize(
    ("fault", "failure"),
    [
        (blocked(), Unreachable),
        (refused("chat not found"), Unreachable),
        (refused("PEER_ID_INVALID"), Unreachable),
        (migrated(-1007), ChatMoved),
        (refused("message is too long"), PermanentFailure),
        (broken(502), Unanswered),
        (cut(), Unanswered),
        (retry_after(7), TemporaryFailure),
    ],
)
async def test_each_refusal_says_what_to_do(
    postman: Postman,
    bot: FakeTelegram,
    jo: Person,
    fault: Fault,
    failure: type[Exception],
) -> None:
    bot.faults.add(fault)
    with pytest.raises(failure) as caught:
        await done(postman, Say(Screen("un")))

    assert type(caught.value) is failure
    assert bot.token not in str(caught.value)


async def test_a_moved_chat_says_where(
    postman: Postman, bot: FakeTelegram, jo: Person
) -> None:
    bot.faults.add(migrated(-1007))
    with pytest.raises(ChatMoved) as caught:
        await done(postman, Say(Screen("un")))

    assert caught.value.chat == "-1007"


async def test_a_refused_token_keeps_what_was_to_be_said(
    client: Client, bot: FakeTelegram, settings: object
) -> None:
    other = Client(settings, "110201543:wrong")  # type: ignore[arg-type]
    with pytest.raises(TemporaryFailure) as caught:
        await Postman(other, SystemClock()).post(Post("501", Say(Screen("un"))))
    await other.aclose()

    assert caught.value.retry_after is not None
    assert "wrong" not in str(caught.value)


async def test_an_answer_quotes_nothing_of_ours(
    postman: Postman, bot: FakeTelegram, jo: Person
) -> None:
    bot.faults.add(refused("field 'https://sav.example/l/secret' is \"wrong\""))
    with pytest.raises(PermanentFailure) as caught:
        await done(postman, Say(Screen("un")))

    assert caught.value.reason == "Field … is …"


# --- in place ---------------------------------------------------------------------


async def test_a_text_that_has_grown_too_long_is_put_below(
    postman: Postman, jo: Person
) -> None:
    [old] = await done(postman, Redraw("card.1", Screen("court")))
    numbers = await done(postman, Redraw("card.1", Screen("mot " * 1_500)), on=old)

    assert [message.id for message in jo.sees] == numbers
    assert len(numbers) == 2


async def test_a_message_with_another_keyboard_is_replaced(
    postman: Postman, jo: Person
) -> None:
    [old] = await done(postman, Redraw("prompt", Screen("Numéro ?", ((PHONE,),))))
    assert [[b.label for b in row] for row in jo.keyboard] == [["Partager mon numéro"]]
    [new] = await done(postman, Redraw("prompt", Screen("Merci", ROWS)), on=old)

    assert [message.id for message in jo.sees] == [new]


async def test_a_message_too_old_to_be_taken_away_loses_its_buttons(
    postman: Postman, bot: FakeTelegram, jo: Person, clock: FakeClock
) -> None:
    [old] = await done(postman, Redraw("prompt", Screen("Vieux", ROWS)))
    await clock.advance(DELETABLE_FOR + timedelta(hours=1))
    await done(postman, Clear("prompt"), on=old)

    assert [(message.text, message.labels) for message in jo.sees] == [("Vieux", ())]


async def test_an_old_message_that_stays_does_not_fail_the_new_one(
    postman: Postman, bot: FakeTelegram, jo: Person
) -> None:
    [old] = await done(postman, Redraw("prompt", Screen("un", ROWS)))
    bot.faults.add(refused("something new"), "deleteMessage")
    await done(postman, Redraw("prompt", Screen("deux"), is_below=True), on=old)

    assert [message.text for message in jo.sees] == ["un", "deux"]


# --- keyboards --------------------------------------------------------------------


async def test_buttons_and_a_keyboard_need_two_messages(
    postman: Postman, jo: Person
) -> None:
    screen = Screen("Où ?", ((PLACE,), (Button("Retour", "menu.back"),)))
    [number] = await done(postman, Redraw("prompt", screen))

    short, question = jo.sees
    assert short.text == "↓ Partager ma position"
    assert (question.id, question.labels) == (number, ("Retour",))
    [[place]] = jo.keyboard
    assert place.wire["request_location"]


async def test_a_keyboard_goes_and_what_brought_it_too(
    postman: Postman, jo: Person
) -> None:
    screen = Screen("Où ?", ((PLACE,), (Button("Retour", "menu.back"),)))
    [number] = await done(postman, Redraw("prompt", screen))
    thanks = Screen("Merci", ROWS, drops_keyboard=True)
    [again] = await done(postman, Redraw("prompt", thanks), on=number)

    assert again == number
    assert not jo.keyboard
    assert [message.text for message in jo.sees] == ["Merci"]


async def test_a_plain_message_takes_the_keyboard_away_itself(
    postman: Postman, jo: Person
) -> None:
    await done(postman, Say(Screen("Numéro ?", ((PHONE,),))))
    await done(postman, Say(Screen("Merci", drops_keyboard=True)))

    assert not jo.keyboard
    assert [message.text for message in jo.sees] == ["Numéro ?", "Merci"]


# --- the rest ---------------------------------------------------------------------


async def test_a_long_answer_to_a_press_is_shortened(
    postman: Postman, jo: Person
) -> None:
    await done(postman, Say(Screen("Alors", ROWS)))
    press = jo.presses("Oui")
    await done(
        postman, Acknowledge(press.id, "Bien « reçu » & noté " * 20, is_alert=True)
    )

    answer = await press.answered()
    assert len(answer.text) <= 200
    assert answer.text.startswith("Bien « reçu » & noté")
    assert answer.text.endswith("…")
    assert answer.is_alert


async def test_commands_belong_to_one_chat(
    postman: Postman, bot: FakeTelegram, jo: Person
) -> None:
    await done(postman, Menu((("aide", "Aide"), ("Éteint", "non"), ("stop", "Stop"))))

    call = bot.called("setMyCommands")[-1]
    assert call.json("scope", dict) == {"type": "chat", "chat_id": 501}
    assert [one["command"] for one in call.json("commands", list)] == ["aide", "stop"]
    await done(postman, Menu(()))
    assert bot.called("deleteMyCommands")


async def test_a_chat_that_is_no_number_is_nobodys(postman: Postman) -> None:
    with pytest.raises(PermanentFailure):
        await postman.post(Post("@azbot", Say(Screen(plain("un")))))


async def test_an_empty_screen_says_nothing_and_tells(postman: Postman) -> None:
    with pytest.raises(PermanentFailure):
        await done(postman, Say(Screen(" ")))
