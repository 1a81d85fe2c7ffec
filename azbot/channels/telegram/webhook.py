"""Lets Telegram bring the updates: stored, then thanked for; nothing else happens here.

Whoever knows the secret may bring updates, so it is compared in constant time and
stands in no log. It is made from the token: nothing has to be chosen or kept.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from datetime import datetime, timedelta

import structlog
from aiohttp import web

from azbot.channels.telegram.bot import Client
from azbot.channels.telegram.eras import Eras
from azbot.channels.telegram.updates import ALLOWED, id_of, raw_of
from azbot.errors import StoreUnreachable, TemporaryFailure
from azbot.ports import Clock, Sink

_LOG = structlog.get_logger(__name__)

HEADER = "X-Telegram-Bot-Api-Secret-Token"
LARGEST = 1_000_000
"""Octets of an update; the longest text has some 20,000."""

_STORE_SECONDS = 20
_CALL_SECONDS = 20.0
_LOOK_AFTER = timedelta(minutes=1)
_FAILS_SINCE = timedelta(minutes=5)


def secret_of(token: str) -> str:
    """Return what Telegram shows with each update; says nothing of the token."""
    return hmac.new(token.encode(), b"azbot webhook", hashlib.sha256).hexdigest()


class Webhook:
    """Receives what Telegram brings.

    Args:
        client: the bot.
        eras: names what comes.
        clock: dates what comes.
        address: where Telegram finds us, ``https://sav.example/telegram``.
        path: the same below the beginning of the web.
        secret: what it has to show.

    Attributes:
        heard_at: when Telegram last said that it finds us; None: not yet.
    """

    def __init__(
        self,
        client: Client,
        eras: Eras,
        clock: Clock,
        address: str,
        path: str,
        secret: str,
    ) -> None:
        self._client = client
        self._eras = eras
        self._clock = clock
        self._address = address
        self._secret = secret
        self.path = path
        self.heard_at: datetime | None = None

    async def run(self, sink: Sink) -> None:
        """Tell Telegram where we are, and watch that it finds us, until cancelled.

        Raises:
            TemporaryFailure: it does not answer, or cannot bring what it has.
        """
        self.heard_at = None
        await self._eras.remember(sink)
        asked = {
            "url": self._address,
            "secret_token": self._secret,
            "allowed_updates": list(ALLOWED),
            "drop_pending_updates": False,
        }
        await self._client.ask("setWebhook", asked, _CALL_SECONDS)
        _LOG.info("telegram.webhook_set")
        self.heard_at = self._clock.now()
        while True:
            await self._clock.sleep_until(self._clock.now() + _LOOK_AFTER)
            await self._look()

    async def _look(self) -> None:
        info = await self._client.ask("getWebhookInfo", {}, _CALL_SECONDS)
        if info.get("url") != self._address:
            raise TemporaryFailure("somebody took the webhook away")
        failed_at = int(info.get("last_error_date", 0))
        age = self._clock.now().timestamp() - failed_at
        if info.get("pending_update_count") and age < _FAILS_SINCE.total_seconds():
            raise TemporaryFailure("Telegram cannot bring what it has")
        self.heard_at = self._clock.now()

    async def receive(self, request: web.Request, sink: Sink) -> web.Response:
        """Answer one delivery: 200 only once it is stored.

        Anything else makes Telegram keep the update and bring it again.
        """
        given = request.headers.get(HEADER, "")
        if not hmac.compare_digest(given.encode(), self._secret.encode()):
            return web.Response(status=401)
        if request.content_type != "application/json":
            return web.Response(status=415)
        content = await _read(request)
        if content is None:
            return web.Response(status=413)
        try:
            update = json.loads(content)
        except (ValueError, RecursionError):
            return web.Response(status=400)
        number = id_of(update)
        if number is None:
            return web.Response(status=400)
        try:
            async with asyncio.timeout(_STORE_SECONDS):
                source = await self._eras.source(sink)
                now = self._clock.now()
                await sink.accept([raw_of(update, number, content, source, now)])
        except (StoreUnreachable, TimeoutError):
            _LOG.warning("telegram.not_stored")
            return web.Response(status=503)
        return web.Response()


async def _read(request: web.Request) -> bytes | None:
    """Return the body, None when it is larger than an update can be."""
    content = bytearray()
    async for chunk in request.content.iter_chunked(65_536):
        content += chunk
        if len(content) > LARGEST:
            return None
    return bytes(content)
