"""One question over HTTP, and when the pieces of its answer came."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic

from aiohttp import ClientError, ClientSession, ClientTimeout

_LARGEST = 64_000


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back.

    Attributes:
        headers: names in small letters.
        seconds: between the first octet of the body and its end.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float

    @property
    def told_at(self) -> datetime | None:
        """What time the server says it is, aware; None where it does not."""
        return read_date(self.headers.get("date", ""))


async def ask(url: str, *, method: str = "GET", patience: float = 4.0) -> Answer:
    """Ask a server; nothing is followed elsewhere.

    Raises:
        OSError: it cannot be reached, or is not believed.
    """
    try:
        async with (
            ClientSession(timeout=ClientTimeout(total=patience)) as client,
            # The library would keep the authorities it knew when it was imported.
            client.request(
                method, url, allow_redirects=False, ssl=ssl.create_default_context()
            ) as response,
        ):
            pieces, began = [], None
            async for piece in response.content.iter_any():
                began = began or monotonic()
                pieces.append(piece)
                if sum(map(len, pieces)) > _LARGEST:
                    break
            seconds = monotonic() - began if began else 0.0
            headers = {key.lower(): value for key, value in response.headers.items()}
            return Answer(response.status, headers, b"".join(pieces), seconds)
    except ClientError as error:
        raise ConnectionError(type(error).__name__) from error


def read_date(text: str) -> datetime | None:
    """Read a date as mails and HTTP write it; None where it is none."""
    try:
        found = parsedate_to_datetime(text)
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found
