"""What azbot remembers: state, history, messages in and out, people, files.

``migrate(url)`` once, then ``open_store(url, folder)``; write through
``Store.write(work)``, read through ``Store.views``.
"""

from azbot.store.migrate import migrate
from azbot.store.records import (
    ApiToken,
    ClaimedRaw,
    Delivery,
    DeliveryId,
    DeliveryState,
    Direction,
    NewDelivery,
    NewPerson,
    Person,
    PersonKind,
    Prepared,
    RawEntry,
    RawOutcome,
    RawState,
    StationEntry,
    ThreadHit,
    TokenId,
)
from azbot.store.store import Store, check, open_by, open_store
from azbot.store.unit_of_work import UnitOfWork

__all__ = [
    "ApiToken",
    "ClaimedRaw",
    "Delivery",
    "DeliveryId",
    "DeliveryState",
    "Direction",
    "NewDelivery",
    "NewPerson",
    "Person",
    "PersonKind",
    "Prepared",
    "RawEntry",
    "RawOutcome",
    "RawState",
    "StationEntry",
    "Store",
    "ThreadHit",
    "TokenId",
    "UnitOfWork",
    "check",
    "migrate",
    "open_by",
    "open_store",
]
