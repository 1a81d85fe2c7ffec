"""The composition root: everything is built here from Settings, and nowhere else.

``opened`` opens the store and connects to the services (``connecting``), ``assemble``
builds what stands on them, ``App.run`` runs the loops: one TaskGroup, every loop under
the supervisor, so that a channel that is down is started again while the others go on.
"""

from azbot.app.assembling import assemble
from azbot.app.connecting import SECTIONS, Connected
from azbot.app.opening import opened
from azbot.app.running import App

__all__ = ["SECTIONS", "App", "Connected", "assemble", "opened"]
