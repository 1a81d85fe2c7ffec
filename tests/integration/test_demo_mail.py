"""What is typed in the sandbox is a mail like any other (D3)."""

from __future__ import annotations

import asyncio

from azbot.channels.email.channel import factory
from azbot.channels.email.correspondent import open_letter
from azbot.channels.email.settings import EmailSettings, ImapSettings, SmtpSettings
from azbot.clock import SystemClock
from azbot.demo.stage import DESK, staged
from azbot.demo.story import ORDER
from azbot.messages import Inbound, RawMessage, Unparseable
from azbot.testing.sink import RecordingSink
from tests.servers.dovecot import Dovecot

_TYPED = (
    "Bonjour,\r\n\r\nSystème : multizone gainable — « chambre 2 »\r\n"
    "Nombre de systèmes : 1\r\n\r\nUne très longue ligne " + "de mots accentués é " * 60
)


async def _typed() -> list[tuple[RawMessage, Inbound | Unparseable]]:
    """Write, answer with a file and be away in the sandbox; give what azbot reads."""
    async with staged() as stage:
        client, now = stage.client, stage.clock.now()
        client.write(DESK, "Panne à Lyon, « zone 2 »", "Hors garantie.", now)
        await stage.work()
        asked = open_letter(stage.mailbox.sent_to(client.address)[-1])
        order = ("bon de commande n° 4512.pdf", "application/pdf", ORDER)
        client.answer(_TYPED, now, files=(order,), letter=asked)
        client.is_away("Absence :", "En congé.", now, asked)
        fed = RecordingSink()
        await stage.mailbox.hand_over(fed)
        channel = stage.app.connected.channels["email"]
        return [(raw, channel.parse(raw)) for raw in fed.messages]


async def test_a_typed_mail_is_understood_like_one_that_imap_brings(
    dovecot: Dovecot,
) -> None:
    typed = await _typed()
    user = dovecot.new_account()
    for raw, _ in typed:
        dovecot.deliver(raw.content, user)
    settings = EmailSettings(
        address=DESK,
        imap=ImapSettings(
            host=dovecot.host,
            port=dovecot.port,
            security="none",
            user=user,
            password_env="IMAP",
        ),
        smtp=SmtpSettings(host=dovecot.host, security="none"),
    )
    channel = factory(settings, SystemClock(), {"IMAP": dovecot.password})
    sink = RecordingSink()
    async with asyncio.TaskGroup() as group:
        receiving = group.create_task(channel.run(sink))
        brought = await sink.wait_for(len(typed))
        receiving.cancel()
    assert len(typed) == 3
    for (one, understood), other in zip(typed, brought, strict=True):
        assert other.content == one.content
        assert b"\n" not in one.content.replace(b"\r\n", b"")
        assert isinstance(understood, Inbound)
        assert channel.parse(other) == understood
    await channel.aclose()
    answer = typed[1][1]
    assert isinstance(answer, Inbound)
    assert "« chambre 2 »" in answer.text
    assert [(file.name, file.content) for file in answer.files] == [
        ("bon de commande n° 4512.pdf", ORDER)
    ]
