"""What a turn of a talk says, as the words of a message: places and cards included."""

from __future__ import annotations

import re

from azbot.i18n import formats
from azbot.i18n.catalogue import Catalogue
from azbot.i18n.ways import on_map
from azbot.messages import Inbound, Spot

_WITHOUT_PLUS = re.compile(r"[1-9][0-9]{9,14}")
"""How services write the numbers of accounts; with its plus it is E.164."""


def text_of(inbound: Inbound, words: Catalogue) -> str:
    """Return the words of a message, exactly as typed; what else it says below.

    A place that was shared is a link to a map, a card is a name and a number: they
    are of use to whoever reads the history, in any program.

    Args:
        inbound: what came.
        words: of the writer's language.
    """
    turn = inbound.turn
    parts = [inbound.text]
    if turn is not None and turn.spot is not None:
        parts += _place(turn.spot, words)
    if turn is not None and turn.phone:
        number = turn.phone
        plus = "+" if _WITHOUT_PLUS.fullmatch(number) else ""
        facts = {"name": turn.contact, "phone": formats.phone(plus + number)}
        parts.append(words.t("chat_relay.contact", **facts))
    return "\n".join(part for part in parts if part)


def _place(spot: Spot, words: Catalogue) -> tuple[str, str]:
    link = on_map(f"{spot.latitude:.6f}, {spot.longitude:.6f}")
    name = ", ".join(filter(None, (spot.title, spot.address)))
    if name:
        return words.t("chat_relay.place.named", name=name), link
    if spot.accuracy is None:
        return words.t("chat_relay.place"), link
    metres = formats.number(round(spot.accuracy), words.language)
    return words.t("chat_relay.place.near", metres=metres), link
