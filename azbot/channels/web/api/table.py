"""The table of all operations: routes and document are made from it."""

from __future__ import annotations

from azbot.channels.web.api.assistances import ASSISTANCE_OPERATIONS
from azbot.channels.web.api.commands import COMMAND_OPERATIONS
from azbot.channels.web.api.conversation import CONVERSATION_OPERATIONS
from azbot.channels.web.api.deliveries import DELIVERY_OPERATIONS
from azbot.channels.web.api.directory import DIRECTORY_OPERATIONS
from azbot.channels.web.api.documents import DOCUMENT_OPERATIONS
from azbot.channels.web.api.forms import FORM_OPERATIONS
from azbot.channels.web.api.lists import LIST_OPERATIONS
from azbot.channels.web.api.operations import Operation
from azbot.channels.web.api.quarantine import QUARANTINE_OPERATIONS
from azbot.channels.web.api.relocations import RELOCATION_OPERATIONS
from azbot.channels.web.api.service import SERVICE_OPERATIONS

OPERATIONS: tuple[Operation, ...] = (
    *LIST_OPERATIONS,
    *ASSISTANCE_OPERATIONS,
    *CONVERSATION_OPERATIONS,
    *COMMAND_OPERATIONS,
    *RELOCATION_OPERATIONS,
    *DOCUMENT_OPERATIONS,
    *DIRECTORY_OPERATIONS,
    *QUARANTINE_OPERATIONS,
    *DELIVERY_OPERATIONS,
    *SERVICE_OPERATIONS,
    *FORM_OPERATIONS,
)
"""Fixed paths stand before those with variables where both could match."""
