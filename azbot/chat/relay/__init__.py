"""Free words and files of a chat: where they belong, and how they get there (10.6)."""

from azbot.chat.relay.room import RelayRoom

__all__ = ["RelayRoom"]
