"""One bot of the server as a test or a demo holds it: its people, and what fails."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

from azbot.ports import Clock
from azbot.testing.patience import PATIENCE
from azbot.testing.telegram import changing, profile, sending, uploading
from azbot.testing.telegram.account import Account
from azbot.testing.telegram.chats import Chat
from azbot.testing.telegram.faults import Fault, Faults
from azbot.testing.telegram.flood import Flood
from azbot.testing.telegram.people import Group, Person, membership
from azbot.testing.telegram.refusals import Refusal, Wire, conflict
from azbot.testing.telegram.webhook import Webhook
from azbot.testing.telegram.wire import Call

_METHODS: dict[str, Callable[[FakeTelegram, Call], Any]] = {
    "getupdates": lambda bot, call: bot.poll(call),
    "setwebhook": lambda bot, call: bot.webhook.set(call),
    "deletewebhook": lambda bot, call: bot.webhook.delete(call),
    "getwebhookinfo": lambda bot, _: bot.webhook.info(),
    **sending.METHODS,
    **uploading.METHODS,
    **changing.METHODS,
    **profile.METHODS,
}


class Cut(Exception):
    """The connection ends here, without an answer."""


class FakeTelegram(Account):
    """A bot, everybody who may write to it, and what is to go wrong.

    Args:
        token: ``<number>:<secret>``.
        clock: dates messages, forgets updates, counts for the flood limits.
        address: ``http://127.0.0.1:<port>``.
        bots: those of the server, by token; this one goes in.

    Attributes:
        address: as given; what a setting for another Bot API server takes.
        calls: everything that was asked, in order, refused or not.
        faults: what is to go wrong.
        flood: how fast it may write; None: as fast as it can.
        webhook: where updates go when they are not polled for.
    """

    def __init__(
        self, token: str, clock: Clock, address: str, bots: dict[str, FakeTelegram]
    ) -> None:
        super().__init__(token, clock)
        self.address = address
        self.calls: list[Call] = []
        self.faults = Faults()
        self.flood: Flood | None = None
        self.webhook: Webhook = Webhook(self.updates, self.faults, clock, self.changes)
        self._bots = bots
        bots[token] = self

    @property
    def base_url(self) -> str:
        """What python-telegram-bot takes under this name."""
        return f"{self.address}/bot"

    @property
    def base_file_url(self) -> str:
        """What python-telegram-bot takes under this name."""
        return f"{self.address}/file/bot"

    # --- who is there ---

    def beside(self, token: str) -> FakeTelegram:
        """Return another bot of the same server; the two share nothing."""
        return FakeTelegram(token, self.clock, self.address, self._bots)

    def user(
        self,
        number: int | None = None,
        first_name: str = "Sophie",
        *,
        last_name: str | None = None,
        username: str | None = None,
        language_code: str | None = None,
        phone: str = "33612345678",
    ) -> Person:
        """Return somebody new, who has not opened the bot yet.

        Args:
            number: their id; one that is free by default.
            first_name: anything a person may call themselves.
            last_name: same.
            username: without the at sign.
            language_code: of their phone, IETF.
            phone: as Telegram has it, without a plus.
        """
        number = number or 5_000_000_001 + len(self.chats)
        named = {
            "first_name": first_name,
            "last_name": last_name,
            "username": username,
        }
        names: Wire = {k: v for k, v in named.items() if v is not None}
        chat = Chat({"id": number, "type": "private"} | names, door="unstarted")
        self.chats[number] = chat
        wire: Wire = {"id": number, "is_bot": False} | names
        if language_code:
            wire["language_code"] = language_code
        return Person(self, chat, wire, phone)

    def group(self, by: Person, title: str = "Chantier") -> Group:
        """Return a new group to which somebody has added the bot."""
        number = -(4_000_000_001 + len(self.chats))
        chat = self.chats[number] = Chat(
            {"id": number, "type": "group", "title": title}
        )
        change = membership(self, chat, by.wire, "left", "member")
        self.updates.put("my_chat_member", change)
        by.sends({"new_chat_members": [self.me]}, where=(found := Group(self, chat)))
        return found

    async def until(
        self, predicate: Callable[[], Any], within: float = PATIENCE
    ) -> None:
        """Return once something is true; it is looked at after each change.

        Raises:
            TimeoutError: it was not within so many real seconds.
        """
        await self.changes.until(predicate, within)

    def called(self, method: str) -> list[Call]:
        """Return the calls of one method so far, in order."""
        return [each for each in self.calls if each.method.lower() == method.lower()]

    # --- what the server does ---

    async def answer(self, call: Call) -> Any:
        """Return the result of a call.

        Raises:
            Refusal: it was refused, by the rules or by a fault.
            Cut: it gets no answer.
        """
        self._note(call)
        fault = self.faults.take(call) or Fault()
        result = await self._perform(call) if fault.is_executed else None
        if fault.until:
            await fault.until.wait()
        if fault.refusal:
            raise fault.refusal
        if fault.is_cut:
            raise Cut
        return result if fault.is_executed else await self._perform(call)

    async def poll(self, call: Call) -> Sequence[Wire]:
        """Answer ``getUpdates``.

        Raises:
            Refusal: 409 when a webhook is set, or another poll came meanwhile.
        """
        if self.webhook.url:
            raise conflict(
                "can't use getUpdates method while webhook is active; use "
                "deleteWebhook to delete the webhook first"
            )
        return await self.updates.poll(call)

    def _note(self, call: Call) -> None:
        self.calls.append(call)
        press = self.presses.get(call.text("callback_query_id"))
        chat = press.chat if press else self.chats.get(call.chat_id)
        if chat:
            chat.history.append(call)
        self.changes.tell()

    async def _perform(self, call: Call) -> Any:
        method = _METHODS.get(call.method.lower())
        if method is None:
            raise Refusal(404, "Not Found: method not found")
        if self.flood:
            self.flood.pass_through(call, self.clock.now())
        result = method(self, call)
        return await result if inspect.isawaitable(result) else result
