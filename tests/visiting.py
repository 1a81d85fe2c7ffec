"""A browser of a visitor: what it posts, what it gets, which cookies it keeps."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from aiohttp import ClientResponse

from azbot.store.records import Delivery
from tests.webdesk import BROWSER, Web


@dataclass
class Browser:
    """One browser, with the cookies it was given and kept."""

    web: Web
    cookies: dict[str, str] = field(default_factory=dict)

    @property
    def headers(self) -> dict[str, str]:
        """What it sends."""
        held = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return {**BROWSER, **({"Cookie": held} if held else {})}

    async def get(self, path: str) -> ClientResponse:
        """Open an address; redirections are not followed."""
        return self._kept(
            await self.web.client.get(path, headers=self.headers, allow_redirects=False)
        )

    async def post(self, path: str, **fields: str) -> ClientResponse:
        """Press a button; redirections are not followed."""
        return self._kept(
            await self.web.client.post(
                path, data=fields, headers=self.headers, allow_redirects=False
            )
        )

    async def ask(self, address: str, **fields: str) -> ClientResponse:
        """Ask for a code."""
        return await self.post("/portal/signin", address=address, **fields)

    async def enter(self, address: str, **fields: str) -> ClientResponse:
        """Come in with the code of the mail."""
        await self.ask(address, **fields)
        code = await newest_code(self.web, address)
        return await self.post("/portal/signin/code", code=code)

    def _kept(self, answer: ClientResponse) -> ClientResponse:
        for name, morsel in answer.cookies.items():
            if morsel["max-age"] == "0":
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = morsel.value
        return answer


async def letters(web: Web, kind: str) -> list[Delivery]:
    """Return every mail of a kind, oldest first."""
    found = await web.deps.store.views.outbox()
    return sorted((e for e in found if e.kind == kind), key=lambda each: each.id)


async def newest_code(web: Web, address: str) -> str:
    """Return the code last sent to an address, empty when the mail has none."""
    sent = [
        each for each in await letters(web, "access_code") if each.address == address
    ]
    return str(sent[-1].facts["code"])


async def words(answer: ClientResponse) -> str:
    """The words of a page, every space an ordinary one."""
    text = re.sub(r"<[^>]*>", " ", await answer.text())
    return " ".join(text.split())
