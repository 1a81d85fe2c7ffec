"""All that changes an assistance: commands in, committed facts out.

``Desk`` applies one command in one unit of work, and tells who must know: by mail
(``mailing``), in chats (``spoken``). Around it stand what waits a moment before it is
done (``holding``), what concerns two assistances (``relocation``), a request filled in
piece by piece (``requesting``) and what falls due (``timers``).
"""

from azbot.desk.desk import Desk, Draft
from azbot.desk.mailing import DeskSettings, group_key

__all__ = ["Desk", "DeskSettings", "Draft", "group_key"]
