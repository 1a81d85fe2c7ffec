"""The table of all operations: routes and document are made from it."""

from __future__ import annotations

from azbot.channels.web.api.assistances import ASSISTANCE_OPERATIONS
from azbot.channels.web.api.commands import COMMAND_OPERATIONS
from azbot.channels.web.api.directory import DIRECTORY_OPERATIONS
from azbot.channels.web.api.documents import DOCUMENT_OPERATIONS
from azbot.channels.web.api.machine import MACHINE_OPERATIONS
from azbot.channels.web.api.operations import Operation

OPERATIONS: tuple[Operation, ...] = (
    *ASSISTANCE_OPERATIONS,
    *COMMAND_OPERATIONS,
    *DOCUMENT_OPERATIONS,
    *DIRECTORY_OPERATIONS,
    *MACHINE_OPERATIONS,
)
"""Fixed paths stand before those with variables where both could match."""
