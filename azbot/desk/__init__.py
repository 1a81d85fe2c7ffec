"""All that changes an assistance: commands in, committed facts out.

``Desk`` applies one command in one unit of work. Around it stand what waits a moment
before it is done (``holding``), what concerns two assistances (``relocation``), a
request filled in piece by piece (``requesting``), what falls due (``timers``), and
what chats are told of it all (``spoken``).
"""

from azbot.desk.desk import Desk, DeskSettings, Draft, group_key

__all__ = ["Desk", "DeskSettings", "Draft", "group_key"]
