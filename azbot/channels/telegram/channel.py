"""The Telegram channel: a receiver, a reader and a postman behind one seam."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol
from urllib.parse import quote

from azbot.channels.telegram.albums import LARGEST_FILE
from azbot.channels.telegram.bot import Client
from azbot.channels.telegram.eras import Eras, same_bot
from azbot.channels.telegram.files import Fetcher
from azbot.channels.telegram.menus import Menus, show
from azbot.channels.telegram.names import NAME
from azbot.channels.telegram.parse import parse
from azbot.channels.telegram.polling import PollingReceiver
from azbot.channels.telegram.post import Postman
from azbot.channels.telegram.settings import TelegramSettings
from azbot.channels.telegram.webhook import Webhook, secret_of
from azbot.messages import Inbound, RawMessage, Reply, Unparseable
from azbot.ports import ChatLimits, Clock, Rate, Sink
from azbot.screens import Post, Posted

_OVERALL = Rate(timedelta(seconds=1) / 25, burst=5)
_PRIVATE = Rate(timedelta(seconds=1), burst=3)
_GROUP = Rate(timedelta(seconds=3))


class Receiver(Protocol):
    """Where updates come from."""

    @property
    def heard_at(self) -> datetime | None:
        """When Telegram last answered; None: not yet."""
        ...

    async def run(self, sink: Sink) -> None:
        """Receive until cancelled; see ``ports.Channel.run``."""
        ...


class TelegramChannel:
    """Telegram as the core sees it (``ports.Chat``).

    Args:
        client: the bot.
        receiver: gives updates to the sink.
        clock: where time comes from.
        menus: which commands are shown before anybody has said anything.

    Attributes:
        webhook: what the web hands deliveries to; None while updates are polled for.
    """

    def __init__(
        self,
        client: Client,
        receiver: Receiver,
        clock: Clock,
        menus: Menus | None = None,
    ) -> None:
        self._client = client
        self._receiver = receiver
        self._postman = Postman(client, clock)
        self._fetcher = Fetcher(client.bot)
        self._menus = menus or {}
        self.webhook = receiver if isinstance(receiver, Webhook) else None

    @property
    def name(self) -> str:
        """``telegram``."""
        return NAME

    @property
    def heard_at(self) -> datetime | None:
        """When Telegram last answered; see ``ports.Listens``."""
        return self._receiver.heard_at

    async def run(self, sink: Sink) -> None:
        """Receive until cancelled; any exception means: start me again.

        Raises:
            PermanentFailure: the token is refused, or is another bot's than before;
                starting again helps nobody.
        """
        await self._client.greet()
        await same_bot(sink, self._client.id)
        await show(self._client.bot, self._menus)
        await self._receiver.run(sink)

    def parse(self, raw: RawMessage) -> Inbound | Unparseable:
        """Say what the octets mean, whatever they are."""
        return parse(raw)

    async def fetch(self, inbound: Inbound) -> Inbound:
        """Return the message with its files; see ``ports.Channel.fetch``."""
        return await self._fetcher.fetch(inbound)

    def separate(self, inbound: Inbound, sent: Sequence[str]) -> Reply:  # noqa: ARG002
        """Return the whole text: what is quoted in a chat is not in it."""
        return Reply(inbound.text)

    @property
    def limits(self) -> ChatLimits:
        """At most 30 messages in any second, 50 MB a file (telegram.md §5)."""
        return ChatLimits(_OVERALL, LARGEST_FILE)

    def rate(self, chat: str) -> Rate:
        """Return how fast one chat may be written to; a group has a minus sign."""
        return _GROUP if chat.startswith("-") else _PRIVATE

    async def post(self, post: Post) -> Posted:
        """Do one act in a chat; see ``ports.Chat.post``."""
        return await self._postman.post(post)

    def link(self, payload: str) -> str:
        """Return the address that opens a talk; empty before the first contact."""
        if not self._client.name:
            return ""
        address = f"https://t.me/{quote(self._client.name)}"
        return f"{address}?start={quote(payload)}" if payload else address

    async def aclose(self) -> None:
        """Let go of connections; may be called twice."""
        try:
            await self._fetcher.aclose()
        finally:
            await self._client.aclose()


def factory(
    settings: TelegramSettings,
    clock: Clock,
    environ: Mapping[str, str],
    public_url: str = "",
    menus: Menus | None = None,
) -> TelegramChannel:
    """Build the channel; nothing is connected yet.

    Args:
        settings: with a token.
        clock: where time comes from.
        environ: the process environment, for ``token_env``.
        public_url: where the web is reached, for a webhook.
        menus: which commands are shown before anybody has said anything.

    Raises:
        ValueError: there is no token, or nowhere to bring updates to.
        LookupError: the token's variable is not set.
        OSError: the token's file cannot be read.
    """
    token = settings.secret(environ)
    if not token:
        raise ValueError("[telegram] has no token")
    if settings.receiver == "webhook" and not public_url:
        raise ValueError("a webhook needs web.public_url")
    client = Client(settings, token)
    eras = Eras(client.id, clock)
    if settings.receiver == "polling":
        receiver = PollingReceiver(client, eras, clock)
        return TelegramChannel(client, receiver, clock, menus)
    path = settings.webhook_path
    webhook = Webhook(
        client, eras, clock, f"{public_url.rstrip('/')}{path}", path, secret_of(token)
    )
    return TelegramChannel(client, webhook, clock, menus)
