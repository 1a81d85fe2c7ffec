"""A desk's mailbox in memory, for tests: the one the embedded defaults run on."""

from __future__ import annotations

from azbot.channels.email.mailbox import Letter, LocalMailbox

__all__ = ["Letter", "LocalMailbox"]
