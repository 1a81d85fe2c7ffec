"""A client that sends files in pieces, as the pages do."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field

from aiohttp import ClientResponse

from tests.webdesk import Web

MP4 = b"\x00\x00\x00\x18ftypisom\x00\x00\x00\x00isommp42"
PIECE_TYPE = "application/offset+octet-stream"


def film(size: int) -> bytes:
    """A file that passes as a film, every octet of which can be told from its place."""
    body = b"".join(n.to_bytes(4, "big") for n in range(size // 4 + 1))
    return (MP4 + body)[:size]


def metadata(**values: str) -> str:
    return ",".join(
        f"{key} {base64.b64encode(value.encode()).decode()}"
        for key, value in values.items()
    )


@dataclass
class Sender:
    """Somebody who sends files.

    Attributes:
        headers: of their browser.
        ref: the assistance whose link they hold; empty for a session.
    """

    web: Web
    headers: Mapping[str, str]
    ref: str = ""
    said: dict[str, str] = field(default_factory=dict)

    async def call(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str] | None = None,
        data: object = None,
    ) -> ClientResponse:
        """Speak tus."""
        said = {"Tus-Resumable": "1.0.0", "Accept": "*/*"}
        all_headers = {**self.headers, **said, **(headers or {})}
        return await self.web.client.request(
            method, path, headers=all_headers, data=data
        )

    async def create(self, size: int, name: str = "film.mp4") -> ClientResponse:
        """Begin a file."""
        values = {"filename": name} | ({"ref": self.ref} if self.ref else {})
        said = {"Upload-Length": str(size), "Upload-Metadata": metadata(**values)}
        return await self.call("POST", "/uploads", said)

    async def begun(self, size: int, name: str = "film.mp4") -> str:
        """Begin a file and return its address."""
        response = await self.create(size, name)
        assert response.status == 201, await response.text()
        return response.headers["Location"]

    async def piece(
        self, path: str, offset: int, content: object, **headers: str
    ) -> ClientResponse:
        """Send one piece."""
        said = {"Upload-Offset": str(offset), "Content-Type": PIECE_TYPE, **headers}
        return await self.call("PATCH", path, said, content)

    async def offset(self, path: str) -> int:
        """Ask how much has come."""
        response = await self.call("HEAD", path)
        assert response.status == 200
        return int(response.headers["Upload-Offset"])

    async def sent(self, content: bytes, name: str = "film.mp4") -> ClientResponse:
        """Send a whole file in one piece; return the answer to it."""
        return await self.piece(await self.begun(len(content), name), 0, content)


async def code_of(response: ClientResponse) -> tuple[int, str]:
    """Return status and code of a problem."""
    said = await response.json(content_type="application/problem+json")
    return response.status, said["code"]
