"""Two telephones with Telegram, one of the client and one of the technician.

They are people of the stand-in for the Bot API; the channel that serves them is the
real one, over HTTP on this machine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from azbot.demo.stage import Stage
from azbot.identity import linking
from azbot.messages import PersonId
from azbot.store import UnitOfWork
from azbot.testing.telegram import FakeTelegram, Message, Person

CLIENT, STATION = "client", "station"
WHO = (CLIENT, STATION)

_TECHNICIAN = "Karim Benali"


@dataclass(frozen=True, slots=True)
class _Kept:
    """What a chat showed at one instant."""

    messages: Mapping[int, Message]
    keyboard: Mapping[str, object]
    pinned: Sequence[int]


class Phones:
    """Both telephones.

    Args:
        bot: the service they speak with.
    """

    def __init__(self, bot: FakeTelegram) -> None:
        self.bot = bot
        self.each: Mapping[str, Person] = {
            CLIENT: bot.user(
                first_name="Sophie",
                last_name="Martin",
                language_code="fr",
                phone="33639981234",
            ),
            STATION: bot.user(
                first_name="Karim",
                last_name="Benali",
                language_code="fr",
                phone="33639981877",
            ),
        }
        self._kept: dict[str, _Kept] = {}

    async def link(self, stage: Stage) -> None:
        """Let both begin the chat with a token of their own, and say yes.

        Raises:
            LookupError: nobody asked them whether it is them.
        """
        await stage.app.store.write(lambda uow: _name(uow, stage.cast.technician))
        them = {CLIENT: stage.cast.client, STATION: stage.cast.technician}
        for who, person in them.items():
            token = await stage.app.store.write(
                lambda uow, person=person: linking.offer(  # type: ignore[misc]
                    uow, person, stage.clock.now()
                )
            )
            phone = self.each[who]
            phone.start(token)
            await stage.rest()
            question = phone.last
            phone.presses(question.buttons[0][0].data, message=question)
            await stage.rest()

    def keep(self) -> None:
        """Remember what both show."""
        for who, phone in self.each.items():
            chat = phone.chat
            self._kept[who] = _Kept(
                dict(chat.messages), dict(chat.keyboard), list(chat.pinned)
            )

    def bring_back(self) -> None:
        """Show what was shown when ``keep`` was called last."""
        for who, kept in self._kept.items():
            chat = self.each[who].chat
            chat.messages = dict(kept.messages)
            chat.keyboard = dict(kept.keyboard)
            chat.pinned = list(kept.pinned)
            chat.action = chat.draft = ""


def _name(uow: UnitOfWork, technician: PersonId) -> None:
    uow.people.update(replace(uow.people.get(technician), name=_TECHNICIAN))
