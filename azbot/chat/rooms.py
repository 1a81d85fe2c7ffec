"""Everything that can be talked about in a chat, in the order it is asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from azbot.chat.cases import AssistancesRoom
from azbot.chat.house import House
from azbot.chat.linking.room import LinkRoom
from azbot.chat.menu import MenuRoom
from azbot.chat.missions.room import MissionsRoom
from azbot.chat.relay import RelayRoom
from azbot.chat.request.room import RequestRoom
from azbot.chat.room import Entrance, Room


@dataclass(frozen=True, slots=True)
class Rooms:
    """The rooms of one desk.

    Attributes:
        each: in the order they are asked.
        entrance: the one everybody comes in by.
    """

    each: Sequence[Room]
    entrance: Entrance


def rooms_of(house: House) -> Rooms:
    """Build every room; free words that none of them asked for are relayed."""
    link = LinkRoom(house)
    menu = MenuRoom(house, link)
    asking: list[Room] = [
        AssistancesRoom(house),
        MissionsRoom(house),
        link,
        RequestRoom(house),
    ]
    relay = RelayRoom(house, [*asking, menu])
    return Rooms([*asking, relay, menu], menu)
