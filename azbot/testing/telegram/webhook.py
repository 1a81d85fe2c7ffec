"""Updates brought to the bot: each chat in order, until they are taken."""

from __future__ import annotations

import asyncio
import re
from collections import deque
from typing import Any
from urllib.parse import urlsplit

from aiohttp import ClientError, ClientSession, ClientTimeout

from azbot.ports import Clock
from azbot.testing.telegram.chats import Changes
from azbot.testing.telegram.faults import Fault, Faults
from azbot.testing.telegram.refusals import Wire, bad_request
from azbot.testing.telegram.updates import Updates
from azbot.testing.telegram.wire import Call

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - its name

_SECRET = re.compile(r"[A-Za-z0-9_-]{0,256}")
_PATIENCE = ClientTimeout(total=60)
_FIRST_PAUSE, _LONGEST_PAUSE = 0.01, 0.2
"""Real seconds between attempts: much less than Telegram's, which are minutes."""


class Webhook:
    """Where the updates of one bot go while an address is set.

    Args:
        updates: what it takes them from; one leaves only once it was taken.
        faults: asked for each delivery under the method ``webhook``.
        clock: dates the last error.
        changes: told after each attempt.

    Attributes:
        url: empty while updates are polled for.
        attempts: the status of each delivery, 0 for none, with its update id.
    """

    def __init__(
        self, updates: Updates, faults: Faults, clock: Clock, changes: Changes
    ) -> None:
        self.url = ""
        self.attempts: list[tuple[int, int]] = []
        self._updates = updates
        self._faults = faults
        self._clock = clock
        self._changes = changes
        self._secret = ""
        self._connections = 40
        self._error: Wire = {}
        self._lanes: dict[int, deque[Wire]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._http: ClientSession | None = None
        self._room = asyncio.Semaphore(self._connections)

    async def set(self, call: Call) -> bool:
        """Answer ``setWebhook``; without an address, it is taken away.

        Plain HTTP is taken on this machine, as a Bot API server of one's own does.

        Raises:
            Refusal: the address or the secret is not good.
        """
        url, secret = call.text("url"), call.text("secret_token")
        if not url:
            return await self.delete(call)
        parts = urlsplit(url)
        if parts.scheme != "https" and parts.hostname != "127.0.0.1":
            words = "An HTTPS URL must be provided for webhook"
            raise bad_request(f"bad webhook: {words}")
        if not _SECRET.fullmatch(secret):
            raise bad_request("secret token contains unallowed characters")
        self._updates.allow(call)
        await self.aclose()
        self._updates.interrupt("terminated by setWebhook request")
        if call.flag("drop_pending_updates"):
            self._updates.forget(len(self._updates.waiting))
        self.url, self._secret = url, secret
        self._connections = min(max(call.number("max_connections", 40), 1), 100)
        self._room = asyncio.Semaphore(self._connections)
        self._error = {}
        self._http = ClientSession(timeout=_PATIENCE)
        self._updates.on_put = self._carry
        for update in self._updates.waiting:
            self._carry(update)
        return True

    async def delete(self, call: Call) -> bool:
        """Answer ``deleteWebhook``."""
        if call.flag("drop_pending_updates"):
            self._updates.forget(len(self._updates.waiting))
        await self.aclose()
        return True

    def info(self) -> Wire:
        """Answer ``getWebhookInfo``."""
        known: Wire = {
            "url": self.url,
            "has_custom_certificate": False,
            "pending_update_count": len(self._updates.waiting),
        }
        if self.url:
            known |= {"max_connections": self._connections, **self._error}
        if self._updates.allowed:
            known["allowed_updates"] = list(self._updates.allowed)
        return known

    async def aclose(self) -> None:
        """Bring nothing any more; what was not taken stays."""
        self.url = ""
        self._updates.on_put = None
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._lanes.clear()
        if self._http:
            await self._http.close()

    def _carry(self, update: Wire) -> None:
        chat = _chat_of(update)
        if chat in self._lanes:
            self._lanes[chat].append(update)
            return
        lane = self._lanes[chat] = deque([update])
        task = asyncio.create_task(self._walk(chat, lane))  # noqa: TID251 - ends in aclose
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _walk(self, chat: int, lane: deque[Wire]) -> None:
        pause = _FIRST_PAUSE
        while lane:
            if await self._bring(chat, lane[0]):
                self._updates.acknowledge(lane.popleft())
                pause = _FIRST_PAUSE
            else:
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
            self._changes.tell()
        del self._lanes[chat]

    async def _bring(self, chat: int, update: Wire) -> bool:
        """Return whether Telegram knows that it was taken."""
        message = update.get("message")
        words = message.get("text", "") if isinstance(message, dict) else ""
        call = Call("webhook", {"chat_id": chat, "text": words})
        fault = self._faults.take(call) or Fault()
        if fault.until:
            await fault.until.wait()
        is_lost = fault.is_cut or fault.refusal
        if is_lost and not fault.is_executed:
            return False
        if fault.is_at_once:
            posts = [self._post(update) for _ in range(fault.copies)]
            taken = await asyncio.gather(*posts)
        else:
            taken = [await self._post(update) for _ in range(fault.copies)]
        return all(taken) and not is_lost

    async def _post(self, update: Wire) -> bool:
        headers = {SECRET_HEADER: self._secret} if self._secret else {}
        status, words = 0, "Connection failed"
        async with self._room:
            try:
                async with self._client.post(
                    self.url, json=update, headers=headers
                ) as response:
                    status = response.status
                    words = f"{status} {response.reason}"
            except (ClientError, TimeoutError):
                pass
        self.attempts.append((update["update_id"], status))
        if 200 <= status < 300:
            return True
        self._error = {
            "last_error_date": int(self._clock.now().timestamp()),
            "last_error_message": f"Wrong response from the webhook: {words}",
        }
        return False

    @property
    def _client(self) -> ClientSession:
        if self._http is None:
            raise RuntimeError("no address was set")
        return self._http


def _chat_of(update: Wire) -> int:
    """Return which chat an update is about, 0 for none; it may have any shape."""
    for content in update.values():
        if isinstance(content, dict):
            chat: Any = content.get("message", content).get("chat")
            number = chat.get("id") if isinstance(chat, dict) else 0
            return number if isinstance(number, int) else 0
    return 0
