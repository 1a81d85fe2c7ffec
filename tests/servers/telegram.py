"""Clients of a Bot API server: the real library, and plain HTTP."""

from __future__ import annotations

from typing import Any

from aiohttp import ClientSession
from telegram import Bot
from telegram.request import HTTPXRequest

from azbot.testing.telegram import FakeTelegram


def library(server: FakeTelegram) -> Bot:
    """Return the library for one bot of the server, to be entered."""
    # Certificates are read for nothing on plain HTTP, and slowly.
    quick = {"verify": False}
    return Bot(
        server.token,
        base_url=server.base_url,
        base_file_url=server.base_file_url,
        request=HTTPXRequest(httpx_kwargs=quick),
        get_updates_request=HTTPXRequest(httpx_kwargs=quick),
    )


async def asked(server: FakeTelegram, method: str, **body: Any) -> Any:
    """Return the envelope a method is answered with, asked in JSON."""
    async with (
        ClientSession() as http,
        http.post(f"{server.base_url}{server.token}/{method}", json=body) as response,
    ):
        return await response.json()
