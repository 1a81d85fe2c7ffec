"""What goes wrong when a test says so."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field

from azbot.testing.telegram.refusals import (
    ANOTHER_POLLER,
    Refusal,
    conflict,
    forbidden,
    too_many_requests,
    upgraded,
)
from azbot.testing.telegram.wire import Call

_CODES = {500: "Internal Server Error", 502: "Bad Gateway", 504: "Gateway Timeout"}


@dataclass(frozen=True, slots=True)
class Fault:
    """One way in which a call goes wrong.

    Attributes:
        refusal: what is answered; None: what would have been.
        is_executed: whether the call takes effect all the same, and at once.
        is_cut: the connection ends without an answer.
        until: it is not answered before this event.
        copies: how often a webhook is given the update.
        is_at_once: whether it is given all copies at the same time.
    """

    refusal: Refusal | None = None
    is_executed: bool = False
    is_cut: bool = False
    until: asyncio.Event | None = None
    copies: int = 1
    is_at_once: bool = False


def retry_after(seconds: int) -> Fault:
    """Answer 429."""
    return Fault(too_many_requests(seconds))


def blocked() -> Fault:
    """Answer 403, as if the person had blocked the bot."""
    return Fault(forbidden("bot was blocked by the user"))


def migrated(chat_id: int) -> Fault:
    """Answer that the group has another number."""
    return Fault(upgraded(chat_id))


def second_poller() -> Fault:
    """Answer 409."""
    return Fault(conflict(ANOTHER_POLLER))


def broken(code: int = 500, *, is_executed: bool = False) -> Fault:
    """Answer 5xx, having done what was asked or not."""
    return Fault(Refusal(code, _CODES[code]), is_executed)


def cut(*, is_executed: bool = False) -> Fault:
    """End the connection, having done what was asked or not."""
    return Fault(is_executed=is_executed, is_cut=True)


def hanging(until: asyncio.Event, *, is_executed: bool = False) -> Fault:
    """Answer as usual once an event is set; do what was asked then, or at once.

    A client that does not wait for it never learns whether it was done.
    """
    return Fault(is_executed=is_executed, until=until)


def delivered_twice(*, is_at_once: bool = False) -> Fault:
    """Give a webhook the update twice; for the method ``webhook``."""
    return Fault(copies=2, is_at_once=is_at_once)


@dataclass(slots=True)
class _Rule:
    fault: Fault
    method: str
    chat_id: int
    words: re.Pattern[str]
    times: int


@dataclass(slots=True)
class Faults:
    """The faults to come; the first that fits a call is taken."""

    _rules: list[_Rule] = field(default_factory=list)

    def add(
        self,
        fault: Fault,
        method: str = "",
        *,
        chat_id: int = 0,
        text: str = "",
        times: int = 1,
    ) -> None:
        """Let the next calls that fit go wrong.

        Args:
            fault: how.
            method: of which method, ``webhook`` for deliveries to one; any by
                default.
            chat_id: about which chat; any by default.
            text: a regular expression found in text or caption as sent.
            times: for how many calls.
        """
        pattern = re.compile(text)
        self._rules.append(_Rule(fault, method.lower(), chat_id, pattern, times))

    def clear(self) -> None:
        """Let everything go right from now on."""
        self._rules.clear()

    def take(self, call: Call) -> Fault | None:
        """Return the fault of a call, and count it."""
        for rule in self._rules:
            if (
                rule.method in {"", call.method.lower()}
                and rule.chat_id in {0, call.chat_id}
                and rule.words.search(call.words)
            ):
                rule.times -= 1
                if not rule.times:
                    self._rules.remove(rule)
                return rule.fault
        return None
