"""The other ends of our own channels, for the contract suites of ``azbot.testing``."""

from __future__ import annotations

from dataclasses import dataclass, field

from azbot.channels.email.channel import EmailChannel, local_factory
from azbot.channels.email.channel import factory as email_factory
from azbot.channels.email.settings import EmailSettings, ImapSettings, SmtpSettings
from azbot.channels.telegram.channel import TelegramChannel
from azbot.channels.telegram.channel import factory as telegram_factory
from azbot.channels.telegram.settings import TelegramSettings
from azbot.clock import SystemClock
from azbot.errors import PermanentFailure, TemporaryFailure
from azbot.testing.chat import LocalChat, LocalPerson
from azbot.testing.contracts.ends import DESK, JO, PAUSE, Seen
from azbot.testing.mailbox import LocalMailbox
from azbot.testing.telegram import FakeTelegram, Person
from azbot.testing.telegram.faults import blocked, broken, retry_after
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpSink

# --- letters ----------------------------------------------------------------------


def a_letter(text: str) -> bytes:
    head = f"From: Jo <{JO}>\r\nTo: {DESK}\r\nSubject: bonjour\r\n"
    name = f"Message-ID: <{len(text)}.{text[:2]}@client.example>\r\n"
    return f"{head}{name}\r\n{text}\r\n".encode()


@dataclass
class RealServers:
    """Dovecot and aiosmtpd."""

    dovecot: Dovecot
    sink: SmtpSink
    user: str

    def __post_init__(self) -> None:
        self.channel = self.restarted()

    def restarted(self) -> EmailChannel:
        imap = ImapSettings(
            host=self.dovecot.host,
            port=self.dovecot.port,
            security="none",
            user=self.user,
            password_env="IMAP_PASSWORD",
        )
        smtp = SmtpSettings(host=self.sink.host, port=self.sink.port, security="none")
        settings = EmailSettings(address=DESK, imap=imap, smtp=smtp)
        environ = {"IMAP_PASSWORD": self.dovecot.password}
        return email_factory(settings, SystemClock(), environ)

    def write(self, text: str) -> None:
        self.dovecot.deliver(a_letter(text), self.user)

    def received(self, recipient: str) -> list[bytes]:
        return [mail.content for mail in self.sink.to(recipient)]

    def refuse(self, recipient: str, *, forever: bool) -> None:
        self.sink.answer(recipient, "550 5.1.1 no" if forever else "451 4.7.1 later")


@dataclass
class InProcess:
    """A mailbox in memory."""

    mailbox: LocalMailbox

    def __post_init__(self) -> None:
        self.channel = self.restarted()

    def restarted(self) -> EmailChannel:
        return local_factory(EmailSettings(address=DESK), self.mailbox)

    def write(self, text: str) -> None:
        self.mailbox.deliver(a_letter(text), JO)

    def received(self, recipient: str) -> list[bytes]:
        return [letter.content for letter in self.mailbox.sent_to(recipient)]

    def refuse(self, recipient: str, *, forever: bool) -> None:
        failure = PermanentFailure("550") if forever else TemporaryFailure("451")
        self.mailbox.refuse(recipient, failure)


# --- talks ------------------------------------------------------------------------


@dataclass
class BotApi:
    """A Bot API server."""

    bot: FakeTelegram
    jo: Person = field(init=False)

    def __post_init__(self) -> None:
        self.jo = self.bot.user(501, "Jo")
        self.jo.chat.door = "open"
        self.channel = self.restarted()

    def restarted(self) -> TelegramChannel:
        settings = TelegramSettings(
            token_env="BOT_TOKEN", api_base_url=self.bot.address
        )
        return telegram_factory(settings, SystemClock(), {"BOT_TOKEN": self.bot.token})

    def write(self, text: str) -> None:
        self.jo.says(text)

    @property
    def chat(self) -> str:
        return str(self.jo.id)

    def sees(self) -> list[Seen]:
        return [
            Seen(
                self._name(one.id),
                one.text,
                one.labels,
                self._name(one.reply_to) if one.reply_to else "",
            )
            for one in self.jo.sees
            if one.is_from_bot
        ]

    def press(self, label: str) -> None:
        self.jo.presses(label)

    def answers(self) -> list[str]:
        return [press.answer.text for press in self.jo.presses_made if press.answer]

    def remove(self, name: str) -> None:
        [message] = (one for one in self.jo.sees if self._name(one.id) == name)
        self.jo.deletes(message)

    def block(self) -> None:
        self.bot.faults.add(blocked(), times=9)

    def be_busy(self) -> None:
        self.bot.faults.add(retry_after(PAUSE.seconds))

    def be_broken(self) -> None:
        self.bot.faults.add(broken(502))

    def _name(self, number: int) -> str:
        return f"telegram:{self.chat}/{number}"


@dataclass
class ChatInProcess:
    """A chat in memory."""

    channel: LocalChat
    jo: LocalPerson = field(init=False)

    def __post_init__(self) -> None:
        self.jo = self.channel.person("501", "Jo")

    def restarted(self) -> LocalChat:
        return self.channel

    def write(self, text: str) -> None:
        self.jo.says(text)

    @property
    def chat(self) -> str:
        return self.jo.account

    def sees(self) -> list[Seen]:
        return [Seen(b.id, b.text, b.labels, b.reply_to) for b in self.jo.sees]

    def press(self, label: str) -> None:
        self.jo.presses(label)

    def answers(self) -> list[str]:
        return [answer.text for answer in self.jo.answers]

    def remove(self, name: str) -> None:
        self.jo.sees[:] = [b for b in self.jo.sees if b.id != name]

    def block(self) -> None:
        self.jo.blocks()

    def be_busy(self) -> None:
        self.channel.failures.append(TemporaryFailure("busy", PAUSE))

    def be_broken(self) -> None:
        self.channel.failures.append(TemporaryFailure("broken"))
