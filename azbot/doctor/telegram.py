"""The bot: its token, who receives for it, and whether the service can be reached."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from azbot.channels.telegram.bot import Client
from azbot.channels.telegram.settings import TelegramSettings
from azbot.doctor.finding import Finding, Note, Repair, failure, ok, warning
from azbot.doctor.servers import lines, typed_in
from azbot.errors import PermanentFailure, TemporaryFailure

PAGE = "docs/admin/telegram.md"
SECTION = "telegram"

_PATIENCE = 4.0
_MANY = 100
"""Updates that wait when nobody has received for a while."""


class TelegramProbe:
    """Asks the service who the bot is and where its news go.

    Args:
        settings: ``[telegram]``.
        token: the bot's.
        public_url: where the web is reached, for a webhook.
        folder: where files beside the configuration go.
        is_received: whether an azbot receives for a bot, by its number; None: not
            known.
    """

    name = "telegram"

    def __init__(
        self,
        settings: TelegramSettings,
        token: str,
        public_url: str = "",
        folder: Path = Path("/etc/azbot"),
        is_received: Callable[[str], Awaitable[bool | None]] | None = None,
    ) -> None:
        self._settings = settings
        self._token = token
        self._is_received = is_received
        self._url = f"{public_url.rstrip('/')}{settings.webhook_path}"
        self._folder = folder

    async def check(self) -> Finding:
        """Look, within ten seconds."""
        client = Client(self._settings, self._token)
        try:
            async with asyncio.timeout(2 * _PATIENCE):
                return Finding(self.name, await self._notes(client))
        except PermanentFailure:
            return Finding(self.name, (failure("token", *self._token_repairs()),))
        except (TemporaryFailure, TimeoutError):
            return Finding(self.name, (self._unreached(),))
        finally:
            await client.aclose()

    async def _notes(self, client: Client) -> tuple[Note, ...]:
        await client.greet()
        info = await client.ask("getWebhookInfo", {}, _PATIENCE)
        bot = ok("bot", name=client.name)
        url = str(info.get("url") or "")
        if self._settings.receiver == "webhook":
            return (bot, self._pushed(url, str(info.get("last_error_message") or "")))
        if url:
            return (bot, self._conflict())
        pending = int(info.get("pending_update_count") or 0)
        if pending >= _MANY:
            start = Repair("start", {}, "systemctl start azbot", "shell", PAGE)
            return (bot, warning("updates_wait", start, count=str(pending)))
        if self._is_received is None:
            return (bot,)
        receives = await self._is_received(client.id)
        if receives is None:
            return (bot,)
        return (bot, ok("bot_polls" if receives else "bot_rests"))

    def _conflict(self) -> Note:
        """News go to an address while azbot asks for them: it would hear nothing."""

        async def mend() -> None:
            client = Client(self._settings, self._token)
            try:
                keep = {"drop_pending_updates": False}
                await client.ask("deleteWebhook", keep, _PATIENCE)
            finally:
                await client.aclose()

        paste = "azbot doctor --only telegram --fix"
        return failure(
            "webhook_conflict", Repair("webhook", {}, paste, "shell", PAGE, mend)
        )

    def _pushed(self, url: str, error: str) -> Note:
        if url != self._url:
            start = Repair("webhook_set", {}, "systemctl restart azbot", "shell", PAGE)
            return failure("webhook_elsewhere", start)
        if error:
            repair = Repair("webhook_reach", {}, "azbot doctor --only address")
            return warning("webhook_error", repair, words=error[:120])
        return ok("bot_pushed")

    def _token_repairs(self) -> tuple[Repair, ...]:
        file = self._settings.token_file or self._folder / "telegram.token"
        typed = Repair("token", {}, typed_in(file), "shell", PAGE)
        if self._settings.token_file is not None:
            return (typed,)
        key = lines(SECTION, token_file=str(file))
        return (typed, Repair("token_file", {}, key, "config", PAGE))

    def _unreached(self) -> Note:
        url = self._settings.api_base_url
        usual = TelegramSettings().api_base_url
        if url != usual:
            paste = lines(SECTION, api_base_url=usual)
            repair = Repair("api_url", {"url": url}, paste, "config", PAGE)
        else:
            repair = Repair("reach", {"url": url}, f"curl -sS -o /dev/null {url}")
        return failure("api_unreached", repair, url=url)
