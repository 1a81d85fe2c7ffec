"""Whatever happens between two octets, a file has each of them once."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from functools import cache
from pathlib import Path

from aiohttp import ClientError
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)
from typing_extensions import override

from azbot.channels.web.server import build_app
from azbot.messages import BlobId
from azbot.store import migrate, open_store
from azbot.store.blobs import blob_of
from azbot.testing.clock import FakeClock
from tests.uploading import Sender, code_of, film
from tests.webdesk import Decided, Web, deps_of, running

SIZE = 20_000
FILM = film(SIZE)
LENGTHS = st.one_of(st.integers(0, 6_000), st.sampled_from([1, 4095, 4096, SIZE]))


@cache
def migrated() -> Path:
    """A database with the schema and nothing else; copy it."""
    file = Path(tempfile.mkdtemp(prefix="az-uploads-")) / "migrated.db"
    migrate(f"sqlite:///{file}")
    return file


class Uploading(RuleBasedStateMachine):
    """One file, sent by somebody whose line, and whose server, come and go."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="az-upload-"))
        shutil.copy(migrated(), self.folder / "azbot.db")
        self.runner = asyncio.Runner()
        self.stack = AsyncExitStack()
        self.clock = FakeClock()
        self.web: Web
        self.sender: Sender
        self.path = ""
        self.offset = 0
        self.handle = ""

    @initialize()
    def begin(self) -> None:
        self.runner.run(self._start())
        self.path = self.runner.run(self.sender.begun(SIZE))

    async def _start(self) -> None:
        url = f"sqlite:///{self.folder / 'azbot.db'}"
        store = await self.stack.enter_async_context(
            open_store(url, self.folder / "blobs", synchronous="OFF", clock=self.clock)
        )
        if not self.path:
            running_web = running(store, self.clock)
            self.web = await self.stack.enter_async_context(running_web)
            self.sender = Sender(self.web, await self.web.sign_in())
            return
        decided = Decided()
        deps = deps_of(store, self.clock, decided)
        client = TestClient(TestServer(build_app(deps)))
        await self.stack.enter_async_context(client)
        self.web = Web(deps, client, self.clock, decided)
        self.sender = Sender(self.web, self.sender.headers)

    # --- what may happen ---------------------------------------------------------

    @precondition(lambda self: not self.handle)
    @rule(length=LENGTHS)
    def send_the_next_piece(self, length: int) -> None:
        piece = FILM[self.offset : self.offset + length]

        async def send() -> None:
            response = await self.sender.piece(self.path, self.offset, piece)
            assert response.status == 204
            assert response.headers["Upload-Offset"] == str(self.offset + len(piece))
            self.handle = response.headers.get("Upload-Handle", "")

        self.runner.run(send())
        self.offset += len(piece)

    @rule(offset=st.integers(0, SIZE), length=LENGTHS)
    def send_another_piece(self, offset: int, length: int) -> None:
        """A repeated, skipped or late one."""
        if offset == self.offset:
            return

        async def send() -> None:
            piece = FILM[offset : offset + length]
            response = await self.sender.piece(self.path, offset, piece)
            assert await code_of(response) == (409, "upload_offset")
            assert response.headers["Upload-Offset"] == str(self.offset)
            assert response.headers.get("Upload-Handle", "") == self.handle

        self.runner.run(send())

    @precondition(lambda self: not self.handle)
    @rule(length=LENGTHS)
    def cut_the_line_within_a_piece(self, length: int) -> None:
        part = FILM[self.offset : self.offset + length]

        async def cut() -> AsyncIterator[bytes]:
            yield part
            raise ConnectionResetError

        async def send() -> int:
            with suppress(ClientError, OSError):
                await self.sender.piece(self.path, self.offset, cut())
            return await self.sender.offset(self.path)

        come = self.runner.run(send())
        assert self.offset <= come <= self.offset + len(part)
        self.offset = come
        if come == SIZE:
            self.ask()

    @rule()
    def ask(self) -> None:
        async def head() -> None:
            response = await self.sender.call("HEAD", self.path)
            assert response.headers["Upload-Offset"] == str(self.offset)
            handle = response.headers.get("Upload-Handle", "")
            assert handle == self.handle or (handle and self.offset == SIZE)
            self.handle = handle

        self.runner.run(head())

    @rule()
    def restart_the_server(self) -> None:
        async def restart() -> None:
            await self.stack.aclose()
            self.stack = AsyncExitStack()
            await self._start()

        self.runner.run(restart())

    # --- what always holds -------------------------------------------------------

    @invariant()
    def every_octet_is_there_once(self) -> None:
        if not self.path:
            return
        name = self.path.rpartition("/")[2]
        partial = self.folder / "blobs" / "partial" / name
        if self.handle:
            assert not partial.exists()
            assert self.web.deps.store.blobs.read(self.blob) == FILM
        else:
            assert partial.read_bytes() == FILM[: self.offset]

    @property
    def blob(self) -> BlobId:
        """The name of the whole."""
        whole = self.folder / "whole"
        whole.write_bytes(FILM)
        return blob_of(whole)

    @override
    def teardown(self) -> None:
        if self.path and not self.handle:
            self.send_the_next_piece(SIZE)
            self.every_octet_is_there_once()
        self.runner.run(self.stack.aclose())
        self.runner.close()
        shutil.rmtree(self.folder)


TestUploading = Uploading.TestCase
TestUploading.settings = settings(max_examples=12, stateful_step_count=12)
