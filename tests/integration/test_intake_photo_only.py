"""Answers that bring a file and no word: what they quote is read for nothing."""

from __future__ import annotations

import io
import random
from collections.abc import Callable

import pytest
from PIL import Image

from azbot.workflow import commands as c
from tests.maildesk import Mail, MailDesk


def photo() -> bytes:
    """A picture of noise: it does not compress, as photos do not."""
    noise = random.Random(1).randbytes(200 * 200 * 3)
    out = io.BytesIO()
    Image.frombytes("RGB", (200, 200), noise).save(out, "JPEG")
    return out.getvalue()


PHOTO = ("vanne.jpg", "image/jpeg", photo())
Layout = Callable[[Mail], str]


def as_gmail(mail: Mail) -> str:
    """An empty answer: an attribution, then our mail behind ``>``."""
    quoted = "\n".join(f"> {line}".rstrip() for line in mail.lines.splitlines())
    head = f"Le lun. 2 mars 2026 à 10:00, {mail.message['From']} a\nécrit :"
    return f"\n{head}\n\n{quoted}\n"


def as_outlook(mail: Mail) -> str:
    """An empty answer: a block of headers, then our mail as it was."""
    sender, subject = mail.message["From"], mail.subject
    return (
        f"\n________________________________\nDe : {sender}\n"
        f"Envoyé : lundi 2 mars 2026 10:00\nÀ : Sophie Martin\nObjet : {subject}\n\n"
        f"{mail.lines}"
    )


def as_phone(mail: Mail) -> str:
    """An empty answer of a telephone, that signs for its owner."""
    return f"\n\nEnvoyé de mon iPhone\n{as_gmail(mail)}"


@pytest.mark.parametrize("layout", [as_gmail, as_outlook, as_phone])
async def test_a_photo_above_our_own_mail_changes_no_field_and_is_filed(
    desk: MailDesk, layout: Layout
) -> None:
    recap = await desk.submitted()
    desk.client.answer(recap, "Téléphone : 01 99 00 44 55")
    await desk.settle()
    before = await desk.it()
    told = desk.client.kinds
    assert before.answer("phone") == "+33199004455"

    desk.client.answer(recap, layout(recap), PHOTO, quotes=False)
    await desk.settle()

    after = await desk.it()
    assert after.answers == before.answers
    assert after.is_confirmed == before.is_confirmed
    assert [document.name for document in after.documents] == ["vanne.jpg"]
    assert desk.client.kinds == told
    (message,) = await desk.messages()
    assert message.text == ""
    assert "Ce que nous avons compris" not in desk.readers.last.text


@pytest.mark.parametrize("layout", [as_gmail, as_outlook])
async def test_our_own_mail_sent_back_is_kept_and_read_for_nothing(
    desk: MailDesk, layout: Layout
) -> None:
    recap = await desk.submitted()
    desk.client.answer(recap, "Téléphone : 01 99 00 44 55")
    await desk.settle()
    before = await desk.it()

    desk.client.answer(recap, layout(recap), quotes=False)
    await desk.settle()

    assert (await desk.it()).answers == before.answers
    (message,) = await desk.messages()
    assert recap.lines.split("\n")[0] in message.text


async def test_a_yes_in_what_is_quoted_closes_nothing(desk: MailDesk) -> None:
    recap = await desk.submitted()
    await desk.act(c.AddMessage("Répondez :\nOUI\nou NON."))
    asked = desk.client.last

    desk.client.answer(recap, "> OUI\n", PHOTO, quotes=False)
    await desk.settle()

    assert asked.kind == "message"
    assert not (await desk.it()).is_confirmed
