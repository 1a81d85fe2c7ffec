"""A mail server that brings what it is sent to a mailbox of Dovecot."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator

from aiosmtpd.smtp import Envelope
from typing_extensions import override

from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpSink


class Postman(SmtpSink):
    """Delivers everything to one account.

    Attributes:
        user: of the account.
        folder: where letters are put.
        drops_tokens: rewrites addresses to the account's own, as some services do.
        holds: keeps letters back until ``release``.
        verdict: what is written above each letter, ``Authentication-Results: …``.
    """

    def __init__(self, dovecot: Dovecot, user: str) -> None:
        super().__init__()
        self.user = user
        self.folder = "INBOX"
        self.drops_tokens = False
        self.holds = False
        self.verdict = b""
        self._held: list[bytes] = []
        self._dovecot = dovecot

    @override
    def _keep(self, envelope: Envelope, recipients: list[str]) -> None:
        super()._keep(envelope, recipients)
        content = envelope.content
        assert isinstance(content, bytes)
        if self.drops_tokens:
            content = re.sub(rb"\+[0-9a-f]+@", b"@", content)
        if self.holds:
            self._held.append(self.verdict + content)
            return
        self._dovecot.deliver(self.verdict + content, self.user, self.folder)

    def release(self) -> None:
        """Bring what was kept back."""
        self.holds = False
        for content in self._held:
            self._dovecot.deliver(content, self.user, self.folder)


@contextlib.contextmanager
def postman(dovecot: Dovecot, user: str) -> Iterator[Postman]:
    """Run one while inside."""
    post = Postman(dovecot, user)
    post.start()
    try:
        yield post
    finally:
        post.stop()
