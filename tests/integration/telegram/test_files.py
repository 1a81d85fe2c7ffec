"""Files are fetched within bounds, and never at the price of the token."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from io import BytesIO
from traceback import format_exception

import pytest
from PIL import Image

from azbot.channels.telegram.bot import Client
from azbot.channels.telegram.files import LARGEST, Fetcher
from azbot.channels.telegram.parse import parse
from azbot.channels.telegram.settings import TelegramSettings
from azbot.channels.telegram.updates import content_of, raw_of
from azbot.errors import TemporaryFailure
from azbot.messages import Inbound, RemoteFile
from azbot.testing.clock import A_MONDAY_MORNING
from azbot.testing.telegram import FakeTelegram, Person
from azbot.testing.telegram.faults import broken, cut, hanging, retry_after

PDF = b"%PDF-1.4\n%%EOF\n"


def jpeg() -> bytes:
    made = BytesIO()
    Image.new("RGB", (200, 100), "navy").save(made, "JPEG")
    return made.getvalue()


@pytest.fixture
async def fetcher(client: Client) -> AsyncIterator[Fetcher]:
    made = Fetcher(client.bot)
    yield made
    await made.aclose()


def last(bot: FakeTelegram) -> Inbound:
    update = bot.updates.waiting[-1]
    raw = raw_of(update, 1, content_of(update), "telegram:1", A_MONDAY_MORNING)
    inbound = parse(raw)
    assert isinstance(inbound, Inbound)
    return inbound


async def test_a_document_comes_with_its_name_and_what_it_is(
    fetcher: Fetcher, bot: FakeTelegram, jo: Person
) -> None:
    jo.sends_document(PDF, "plan.txt")
    [file] = (await fetcher.fetch(last(bot))).files

    assert (file.name, file.media_type, file.content) == (
        "plan.txt.pdf",
        "application/pdf",
        PDF,
    )


async def test_a_photo_is_named_by_its_message(
    fetcher: Fetcher, bot: FakeTelegram, jo: Person
) -> None:
    sent = jo.sends_photo(jpeg())
    [file] = (await fetcher.fetch(last(bot))).files

    assert file.name == f"photo-{sent.id}.jpg"
    assert file.content == jpeg()


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../x", "x.pdf"),
        ("..\\..\\windows\\x.pdf", "x.pdf"),
        ("\u202efdp.exe", "fdp.exe.pdf"),
        ("a\x00b\n.pdf", "ab.pdf"),
    ],
)
async def test_names_lead_nowhere(
    fetcher: Fetcher, bot: FakeTelegram, jo: Person, given: str, kept: str
) -> None:
    """Test 12."""
    jo.sends_document(PDF, given)
    [file] = (await fetcher.fetch(last(bot))).files

    assert file.name == kept


async def test_what_is_too_large_is_not_asked_for(
    fetcher: Fetcher, bot: FakeTelegram, jo: Person
) -> None:
    """Test 12: 21 MB."""
    jo.sends_document(PDF, "film.pdf", claims=21 * 1024 * 1024)
    found = await fetcher.fetch(last(bot))

    [rejected] = found.rejected_files
    assert (rejected.name, rejected.code) == ("film.pdf", "too_large")
    assert rejected.size == 21 * 1024 * 1024
    assert not bot.called("getFile")


async def test_of_a_file_without_a_size_the_service_says_that_it_is_too_large(
    fetcher: Fetcher, bot: FakeTelegram, jo: Person
) -> None:
    jo.sends_document(PDF, "film.pdf", claims=21 * 1024 * 1024, hides_size=True)
    found = await fetcher.fetch(last(bot))

    assert [one.code for one in found.rejected_files] == ["too_large"]


@pytest.mark.parametrize(("octets", "is_kept"), [(LARGEST, True), (LARGEST + 1, False)])
async def test_what_is_larger_than_was_said_is_let_go(
    fetcher: Fetcher, bot: FakeTelegram, jo: Person, octets: int, is_kept: bool
) -> None:
    content = PDF.ljust(octets, b" ")
    jo.sends_document(content, "film.pdf", claims=1_000)
    found = await fetcher.fetch(last(bot))

    assert bool(found.files) is is_kept
    assert bool(found.rejected_files) is not is_kept


async def test_a_file_that_is_gone_is_told_of(
    fetcher: Fetcher, bot: FakeTelegram, jo: Person
) -> None:
    jo.sends_document(PDF, "plan.pdf")
    inbound = last(bot)
    assert inbound.turn is not None
    gone = RemoteFile("document-99", "plan.pdf", "application/pdf", 15)
    files = (*inbound.turn.files, gone)
    turn = replace(inbound.turn, files=files)
    found = await fetcher.fetch(replace(inbound, turn=turn))

    assert [one.name for one in found.files] == ["plan.pdf"]
    assert [(one.name, one.code) for one in found.rejected_files] == [
        ("plan.pdf", "unreadable")
    ]


@pytest.mark.parametrize("fault", [broken(502), cut(), retry_after(3)])
async def test_a_service_that_fails_is_asked_again_later(
    fetcher: Fetcher, bot: FakeTelegram, jo: Person, fault: object
) -> None:
    jo.sends_document(PDF, "plan.pdf")
    bot.faults.add(fault, "getFile")  # type: ignore[arg-type]
    with pytest.raises(TemporaryFailure):
        await fetcher.fetch(last(bot))
    assert (await fetcher.fetch(last(bot))).files


async def test_a_download_that_fails_tells_no_address(
    bot: FakeTelegram, jo: Person, settings: TelegramSettings
) -> None:
    nowhere = {"file_base_url": "http://127.0.0.1:1"}
    client = Client(settings.model_copy(update=nowhere), bot.token)
    fetcher = Fetcher(client.bot)
    jo.sends_document(PDF, "plan.pdf")
    with pytest.raises(TemporaryFailure) as caught:
        await fetcher.fetch(last(bot))
    await fetcher.aclose()
    await client.aclose()

    assert bot.token not in "".join(format_exception(caught.value))


async def test_many_are_fetched_side_by_side_but_not_all(
    fetcher: Fetcher, bot: FakeTelegram, jo: Person
) -> None:
    gate = asyncio.Event()
    inbounds = []
    for number in range(12):
        jo.sends_document(PDF, f"{number}.pdf")
        inbounds.append(last(bot))
    bot.faults.add(hanging(gate), "getFile", times=12)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(fetcher.fetch(one)) for one in inbounds]
        await bot.until(lambda: len(bot.called("getFile")) == 8)
        gate.set()
        found = [await task for task in tasks]

    assert [one.files[0].name for one in found] == [f"{n}.pdf" for n in range(12)]


async def test_large_files_that_do_not_come_keep_no_small_one_waiting(
    fetcher: Fetcher, bot: FakeTelegram, jo: Person
) -> None:
    gate = asyncio.Event()
    large = []
    for number in range(5):
        jo.sends_document(PDF + b" " * 3_000_000, f"{number}.pdf")
        large.append(last(bot))
    jo.sends_document(PDF, "petit.pdf")
    bot.faults.add(hanging(gate), "getFile", times=4)
    async with asyncio.TaskGroup() as group:
        for one in large:
            group.create_task(fetcher.fetch(one))
        await bot.until(lambda: len(bot.called("getFile")) == 4)
        small = await fetcher.fetch(last(bot))
        gate.set()

    assert [file.name for file in small.files] == ["petit.pdf"]


async def test_a_message_without_files_is_as_it_was(
    fetcher: Fetcher, bot: FakeTelegram, jo: Person
) -> None:
    jo.says("un")

    assert await fetcher.fetch(last(bot)) == last(bot)
