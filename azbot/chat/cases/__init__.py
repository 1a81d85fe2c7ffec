"""The assistances of a client in a chat: their list, their cards, what cards ask."""

from azbot.chat.cases.room import AssistancesRoom

__all__ = ["AssistancesRoom"]
