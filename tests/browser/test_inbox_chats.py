"""What chats bring, in the inbox in Chromium: albums, voices, where answers leave."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from azbot.messages import PersonId
from azbot.store import UnitOfWork
from azbot.store.chats import ChatAccount
from azbot.tokens import Purpose, issue_link
from azbot.workflow import commands as c
from azbot.workflow.model import Actor, AssistanceRef
from tests.browser.axe import violations_everywhere
from tests.browser.inboxdesk import InboxDesk

pytestmark = pytest.mark.browser


def chatting(desk: InboxDesk, ref: AssistanceRef) -> Actor:
    """Whoever asked for it, speaking in a chat that is theirs."""
    actor = replace(desk.client_of(ref), channel="telegram")
    assert actor.person is not None
    desk.write(lambda uow: link(uow, actor.person or PersonId(0), desk))
    return actor


def link(uow: UnitOfWork, person: PersonId, desk: InboxDesk) -> None:
    now = desk.app.clock.now()
    account = ChatAccount("telegram", "501", "501", now, now, person=person)
    uow.chats.save(replace(account, linked_at=now))


def png(shade: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), (80 * shade, 90, 160)).save(out, "PNG")
    return out.getvalue()


def file(desk: InboxDesk, name: str, kind: str, content: bytes) -> c.NewDocument:
    blob = desk.write(lambda uow: uow.blobs.put(content))
    return c.NewDocument(name, kind, len(content), blob)


def test_what_a_chat_brought_is_read_heard_and_answered_there(
    desk: InboxDesk, page: Page
) -> None:
    ref = desk.refs["new"]
    sophie = chatting(desk, ref)
    photos = [file(desk, f"p{n}.png", "image/png", png(n)) for n in range(3)]
    voice = file(desk, "voix.ogg", "audio/ogg", b"OggS" + b"\x00" * 200)
    album = c.AddMessage("Les pièces", documents=tuple(photos), album="telegram:501/a")
    desk.do(ref, album, c.AddMessage("", documents=(voice,)), by=sophie)
    desk.signed_in(page, "camille")
    page.goto(f"{desk.address}/inbox/a/{ref}")
    timeline = page.locator("[data-timeline]")
    expect(timeline.locator(".album img")).to_have_count(3)
    expect(timeline.locator("audio")).to_have_count(1)
    to = page.locator("[data-part=recipients]")
    expect(to).to_contain_text("Répondra par Telegram à Sophie Martin")
    expect(page.get_by_label("Envoyer par e-mail")).to_be_visible()
    assert violations_everywhere(page) == []

    # She goes on by mail: the open page says so without being loaded again.
    by_mail = replace(sophie, channel="email")
    desk.do(ref, c.AddMessage("Je continue par e-mail."), by=by_mail)
    expect(to).not_to_contain_text("Telegram")
    expect(page.get_by_label("Envoyer par e-mail")).to_be_hidden()


def test_a_place_that_was_shared_opens_a_map_on_every_page(
    desk: InboxDesk, page: Page
) -> None:
    ref = desk.refs["planned"]
    place = "https://www.openstreetmap.org/?mlat=45.764000&mlon=4.835700"
    said = c.AddMessage(f"Position partagée, à 12 m près\n{place}")
    desk.do(ref, said, by=chatting(desk, ref))
    it = desk.write(lambda uow: uow.assistances.by_ref(ref))
    until = desk.app.clock.now() + timedelta(days=1)
    keys = desk.app.door.keyring
    token = issue_link(keys, Purpose.LINK, it.id, it.requester, until)
    page.goto(f"{desk.address}/a/{token}")
    page.goto(f"{desk.address}/portal/{ref}/messages")
    link = page.locator(".bubble a", has_text="openstreetmap")
    expect(link).to_have_attribute("href", place)
    assert violations_everywhere(page) == []


@pytest.mark.parametrize("width", [390, 320])
def test_the_buttons_above_a_conversation_are_whole_on_a_phone(
    desk: InboxDesk, page: Page, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    desk.signed_in(page, "camille")
    page.goto(f"{desk.address}/inbox/a/{desk.refs['new']}")
    expect(page.get_by_text("Demander un complément").first).to_be_visible()
    cut = page.locator(".act > .btn").evaluate_all(
        "all => all.filter(e => e.scrollWidth > e.clientWidth).map(e => e.innerText)"
    )
    assert cut == []
