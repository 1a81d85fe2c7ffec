"""Files go up, are named by an id, and come down as they were."""

from __future__ import annotations

from io import BytesIO

import pytest
from aiohttp import ClientSession
from PIL import Image
from telegram import Bot, InputMediaDocument, InputMediaPhoto
from telegram.error import BadRequest, NetworkError

from azbot.testing.telegram import FakeTelegram, Person
from azbot.testing.telegram.files import (
    LARGEST_DOWNLOAD,
    LARGEST_PHOTO,
    LARGEST_UPLOAD,
)


def a_photo(width: int = 320, height: int = 200) -> bytes:
    octets = BytesIO()
    Image.new("RGB", (width, height), "teal").save(octets, "JPEG")
    return octets.getvalue()


PHOTO = a_photo()
PDF = b"%PDF-1.7 bon de commande"


async def test_a_photo_comes_down_as_it_was(bot: Bot, sophie: Person) -> None:
    sophie.sends_photo(PHOTO, caption="La plaque")
    message = (await bot.get_updates())[-1].message
    assert message
    assert message.caption == "La plaque"
    small, large = message.photo
    assert (large.width, large.height, large.file_size) == (320, 200, len(PHOTO))
    assert small.width < large.width
    file = await bot.get_file(large.file_id)
    assert bytes(await file.download_as_bytearray()) == PHOTO


async def test_an_album_has_one_name(bot: Bot, sophie: Person) -> None:
    first = sophie.sends_album([PHOTO] * 3, caption="Le coffret")
    late = sophie.sends_album([PHOTO], album=first[0].wire["media_group_id"])
    other = sophie.sends_album([PHOTO] * 2)
    messages = [one.message for one in await bot.get_updates()][1:]
    names = [one.media_group_id for one in messages if one]
    assert names == [one.wire["media_group_id"] for one in (*first, *late, *other)]
    assert len(set(names)) == 2
    assert [one.caption for one in messages if one][:2] == ["Le coffret", None]


@pytest.mark.parametrize("name", ["plan.pdf", "../../x", "", "a" * 300])
async def test_a_document_keeps_the_name_it_was_given(
    bot: Bot, sophie: Person, name: str
) -> None:
    sophie.sends_document(PDF, name)
    message = (await bot.get_updates())[-1].message
    assert message
    assert message.document
    assert message.document.file_name == (name or None)
    file = await bot.get_file(message.document.file_id)
    assert bytes(await file.download_as_bytearray()) == PDF


async def test_more_than_20_megabytes_do_not_come_down(
    bot: Bot, sophie: Person
) -> None:
    fits = sophie.sends_document(PDF, "a.zip", claims=LARGEST_DOWNLOAD)
    large = sophie.sends_document(PDF, "b.zip", claims=LARGEST_DOWNLOAD + 1)
    await bot.get_file(fits.wire["document"]["file_id"])
    with pytest.raises(BadRequest, match="File is too big"):
        await bot.get_file(large.wire["document"]["file_id"])
    silent = sophie.sends_document(PDF, "c.zip", hides_size=True)
    assert "file_size" not in silent.wire["document"]


async def test_voice_video_place_and_card_arrive(bot: Bot, sophie: Person) -> None:
    sophie.sends_voice(b"OggS", seconds=7)
    sophie.sends_video(b"ftyp", caption="Le bruit")
    live = sophie.sends_location(45.76, 4.88, live=True)
    sophie.moves(live, 45.77, 4.88)
    sophie.sends_venue(45.76, 4.88, "Mairie", "Villeurbanne")
    sophie.shares_contact()
    sophie.shares_contact(own=False, phone="33600000000")
    sophie.sends({"dice": {"emoji": "🎲", "value": 6}})
    updates = await bot.get_updates()
    voice, video, place, moved, venue, own, other, dice = updates[1:]
    assert voice.message
    assert voice.message.voice
    assert voice.message.voice.mime_type == "audio/ogg"
    assert video.message
    assert video.message.video
    assert place.message
    assert place.message.location
    assert place.message.location.live_period
    assert moved.edited_message
    assert moved.edited_message.location
    assert moved.edited_message.location.latitude == 45.77
    assert venue.message
    assert venue.message.venue
    assert own.message
    assert own.message.contact
    assert own.message.contact.user_id == sophie.id
    assert other.message
    assert other.message.contact
    assert other.message.contact.user_id is None
    assert dice.message
    assert dice.message.dice


async def test_a_bot_sends_files_of_every_kind(bot: Bot, sophie: Person) -> None:
    await bot.send_photo(sophie.id, PHOTO, caption="<b>Avant</b>", parse_mode="HTML")
    await bot.send_document(sophie.id, PDF, filename="rapport.pdf")
    await bot.send_voice(sophie.id, b"OggS", duration=3)
    await bot.send_video(sophie.id, b"ftyp")
    kinds = [one.media for one in sophie.sees if one.is_from_bot]
    assert kinds == ["photo", "document", "voice", "video"]
    assert sophie.sees[1].html == "<b>Avant</b>"
    assert sophie.sees[2].wire["document"]["file_name"] == "rapport.pdf"
    assert [sophie.opens(one) for one in sophie.sees[1:3]] == [PHOTO, PDF]
    with pytest.raises(LookupError):
        sophie.opens(sophie.sees[0])


async def test_a_file_is_sent_again_by_its_id(
    server: FakeTelegram, bot: Bot, sophie: Person
) -> None:
    sent = await bot.send_document(sophie.id, PDF, filename="rapport.pdf")
    assert sent.document
    again = await bot.send_document(sophie.id, sent.document.file_id)
    assert again.document == sent.document
    with pytest.raises(BadRequest, match="Wrong file identifier"):
        await bot.send_photo(sophie.id, sent.document.file_id)
    with pytest.raises(BadRequest, match="Failed to get http url content"):
        await bot.send_photo(sophie.id, "https://sav.example/x.jpg")
    other = server.beside("77:other")
    assert sent.document.file_id not in other.files._fields


async def test_an_album_is_shown_as_one(bot: Bot, sophie: Person) -> None:
    media = [InputMediaPhoto(PHOTO, caption="Coffret"), InputMediaPhoto(PHOTO)]
    sent = await bot.send_media_group(sophie.id, media)
    assert len({one.media_group_id for one in sent}) == 1
    assert [one.caption for one in sent] == ["Coffret", None]
    assert len(sophie.sees) == 3


@pytest.mark.parametrize(
    ("count", "words"), [(1, "too few messages"), (11, "too many messages")]
)
async def test_an_album_has_2_to_10_items(
    bot: Bot, sophie: Person, count: int, words: str
) -> None:
    with pytest.raises(BadRequest, match=f"(?i){words}"):
        await bot.send_media_group(sophie.id, [InputMediaPhoto(PHOTO)] * count)
    assert len(sophie.sees) == 1
    await bot.send_media_group(sophie.id, [InputMediaPhoto(PHOTO)] * 10)


async def test_an_album_is_of_one_sort(bot: Bot, sophie: Person) -> None:
    media: list[InputMediaPhoto | InputMediaDocument] = [
        InputMediaPhoto(PHOTO),
        InputMediaDocument(PDF),
    ]
    with pytest.raises(BadRequest, match="Can't use the media"):
        await bot.send_media_group(sophie.id, media)


async def test_an_album_is_shown_whole_or_not_at_all(bot: Bot, sophie: Person) -> None:
    media = [InputMediaPhoto(PHOTO), InputMediaPhoto(b"no photo")]
    with pytest.raises(BadRequest, match=r"(?i)image_process_failed"):
        await bot.send_media_group(sophie.id, media)
    assert len(sophie.sees) == 1


async def test_a_caption_has_1024_characters(bot: Bot, sophie: Person) -> None:
    with pytest.raises(BadRequest, match="Message caption is too long"):
        await bot.send_photo(sophie.id, PHOTO, caption="é" * 1025)
    sent = await bot.send_photo(sophie.id, PHOTO, caption="é" * 1024)
    await bot.edit_message_caption(sophie.id, sent.message_id, caption="Après")
    assert sophie.last.text == "Après"
    with pytest.raises(BadRequest, match="no text in the message to edit"):
        await bot.edit_message_text("Après", sophie.id, sent.message_id)


async def test_a_photo_is_a_photo_of_10_megabytes(bot: Bot, sophie: Person) -> None:
    padded = PHOTO + bytes(LARGEST_PHOTO - len(PHOTO))
    await bot.send_photo(sophie.id, padded)
    with pytest.raises(BadRequest, match="too big for a photo"):
        await bot.send_photo(sophie.id, padded + b"0")
    with pytest.raises(BadRequest, match=r"(?i)image_process_failed"):
        await bot.send_photo(sophie.id, PDF)
    with pytest.raises(BadRequest, match=r"(?i)photo_invalid_dimensions"):
        await bot.send_photo(sophie.id, a_photo(2100, 100))
    with pytest.raises(BadRequest, match="File must be non-empty"):
        await bot.send_document(sophie.id, b"")


async def test_no_more_than_50_megabytes_go_up(bot: Bot, sophie: Person) -> None:
    with pytest.raises(NetworkError, match="Request Entity Too Large"):
        await bot.send_document(sophie.id, bytes(LARGEST_UPLOAD + 1))
    await bot.send_document(sophie.id, bytes(LARGEST_UPLOAD))


async def test_only_what_is_there_comes_down(
    server: FakeTelegram, bot: Bot, sophie: Person
) -> None:
    with pytest.raises(BadRequest, match="Invalid file_id"):
        await bot.get_file("x")
    async with ClientSession() as http:
        for address in (
            f"{server.base_file_url}{server.token}/photos/none.jpg",
            f"{server.base_file_url}1:other/photos/none.jpg",
        ):
            async with http.get(address) as response:
                assert response.status in {401, 404}
