"""The services azbot is connected to: mailbox, Telegram, channels of other packages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from pydantic import BaseModel

from azbot.channels.email.channel import factory as email_channel
from azbot.channels.email.settings import EmailSettings
from azbot.channels.telegram.settings import TelegramSettings
from azbot.channels.web.settings import OWN_PLACES
from azbot.chat.menu import menus_of_strangers
from azbot.config import Settings
from azbot.errors import ConfigError, Problem
from azbot.identity.linking import ChatDoor
from azbot.plugins import build, close, link_of
from azbot.ports import Channel, Chat, Clock, Letterbox, Listens, Sink

if TYPE_CHECKING:
    from azbot.channels.telegram.channel import TelegramChannel
    from azbot.channels.web.seams import Hook

SECTIONS: Mapping[str, type[BaseModel]] = {
    "email": EmailSettings,
    "telegram": TelegramSettings,
}
"""The section of each channel in the configuration file."""


@dataclass(frozen=True, slots=True)
class Connected:
    """The services azbot is connected to.

    Attributes:
        channels: of letters, by name; the web is none: it is asked, it sends nothing.
        chats: of talks, by name.
        hooks: where services bring messages to the web.
        labels: what people call the services of other packages, by name.
        absent: channels of other packages that cannot be had, and why.
    """

    channels: Mapping[str, Letterbox]
    chats: Mapping[str, Chat] = field(default_factory=dict)
    hooks: Sequence[Hook] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    absent: Mapping[str, Problem] = field(default_factory=dict)

    @property
    def each(self) -> Mapping[str, Channel]:
        """Every one of them, by name."""
        return {**self.channels, **self.chats}

    @property
    def door(self) -> ChatDoor | None:
        """The chat that mails and pages lead to: the first one, None: there is none.

        A service that has not told our name yet gives no address: nothing is offered.
        """
        for name, chat in self.chats.items():
            if name in self.labels:
                return ChatDoor(name, link_of(name, chat), self.labels[name])
            return ChatDoor(name, chat.link)
        return None

    def heard(self) -> dict[str, datetime]:
        """Return when each service last answered, where its channel knows it."""
        listening = (it for it in self.each.values() if isinstance(it, Listens))
        known = ((it.name, it.heard_at) for it in listening)
        return {name: at for name, at in known if at is not None}

    async def aclose(self) -> None:
        """Let go of all of them, the last one first."""
        async with AsyncExitStack() as stack:
            for channel in self.channels.values():
                stack.push_async_callback(channel.aclose)
            for name, chat in self.chats.items():
                of_others = partial(close, name, chat)
                leave = of_others if name in self.labels else chat.aclose
                stack.push_async_callback(leave)


def connect(
    settings: Settings,
    clock: Clock,
    environ: Mapping[str, str],
    sink: Sink,
    channels: Mapping[str, Letterbox] | None = None,
    chats: Mapping[str, Chat] | None = None,
) -> Connected:
    """Build the channels of the configured services; nothing is said to them yet.

    Args:
        settings: from ``config.load``.
        clock: for all of them.
        environ: for secrets named by variable.
        sink: takes what a service brings to the web.
        channels: in place of the configured ones.
        chats: likewise.

    Raises:
        ConfigError: a webhook is wanted where Telegram cannot bring anything, or a
            page is.
    """
    if channels is None:
        channels = _letterboxes(settings, clock, environ)
    if chats is not None:
        return Connected(channels, chats)
    plugged, labels, absent = _plugged(settings, clock, environ)
    own: dict[str, Chat] = {}
    hooks: Sequence[Hook] = ()
    if telegram := _telegram(settings, clock, environ):
        own = {telegram.name: telegram}
        hooks = _hooks(telegram, sink)
    return Connected(channels, {**own, **plugged}, hooks, labels, absent)


def servers_of(settings: Settings) -> dict[str, str]:
    """Return which servers an alert may be about, ``host:port`` by name."""
    email = settings.channels.get("email")
    if not isinstance(email, EmailSettings):
        return {}
    servers = {"imap": email.imap, "smtp": email.smtp}
    return {name: f"{one.host}:{one.port}" for name, one in servers.items() if one}


def _letterboxes(
    settings: Settings, clock: Clock, environ: Mapping[str, str]
) -> dict[str, Letterbox]:
    email = settings.channels.get("email")
    if not isinstance(email, EmailSettings) or not (email.imap and email.smtp):
        return {}
    channel = email_channel(email, clock, environ)
    return {channel.name: channel}


def _plugged(
    settings: Settings, clock: Clock, environ: Mapping[str, str]
) -> tuple[dict[str, Chat], dict[str, str], dict[str, Problem]]:
    """Return the channels of other packages, their labels, and which are absent."""
    chats, labels, absent = {}, {}, dict(settings.absent)
    for name, section in settings.plugins.items():
        built = build(name, section, clock, environ)
        if isinstance(built, Problem):
            absent[name] = built
        else:
            chats[name], labels[name] = built
    return chats, labels, absent


def _telegram(
    settings: Settings, clock: Clock, environ: Mapping[str, str]
) -> TelegramChannel | None:
    telegram = settings.channels.get("telegram")
    if not isinstance(telegram, TelegramSettings) or not telegram.secret(environ):
        return None
    # The library takes a second: only who has a bot pays it.
    from azbot.channels.telegram.channel import factory  # noqa: PLC0415

    public_url = settings.web.public_url.rstrip("/")
    if telegram.receiver == "webhook":
        _check_webhook(settings, telegram.webhook_path)
    return factory(telegram, clock, environ, public_url, menus_of_strangers())


def _check_webhook(settings: Settings, path: str) -> None:
    """Refuse a webhook that nothing could be brought to.

    Raises:
        ConfigError: without https; at an address that is a page's.
    """
    problems = []
    if not settings.web.public_url.startswith("https://"):
        problems.append(Problem("telegram.receiver", None, "webhook_needs_https"))
    if path.split("/")[1] in OWN_PLACES:
        facts = {"given": path}
        problems.append(
            Problem("telegram.webhook_path", None, "webhook_path_taken", facts)
        )
    if problems:
        raise ConfigError(str(settings.file), tuple(problems))


def _hooks(telegram: TelegramChannel, sink: Sink) -> Sequence[Hook]:
    """Return where the web hands over what Telegram brings, if it brings anything."""
    webhook = telegram.webhook
    if webhook is None:
        return ()
    from azbot.channels.web.seams import Hook  # noqa: PLC0415

    return (Hook(webhook.path, partial(webhook.receive, sink=sink)),)
