"""Which deliveries may leave now, and in which order: the claims of the outbox.

Letters to one recipient leave one after the other; so do acts in one chat, where
nothing overtakes what was put before it. Answers to presses never wait.
"""

from __future__ import annotations

from sqlalchemy import bindparam, case, func, literal_column, or_, select

from azbot.store.leases import Leases
from azbot.store.schema import UtcDateTime
from azbot.store.schema import chat_paces as paces
from azbot.store.schema import outbox as table

PENDING = table.c.state == literal_column("'pending'")
_DUE = (
    PENDING
    & (table.c.channel == bindparam("of_channel"))
    & (table.c.due_at <= bindparam("now", type_=UtcDateTime))
)
LETTERS_DUE = Leases(
    table,
    _DUE,
    (table.c.due_at, table.c.id),
    tuple(table.c),
    lane=(table.c.channel, table.c.address),
)
_waiting = table.alias("waiting")
_stands = or_(
    _waiting.c.due_at <= bindparam("now", type_=UtcDateTime), _waiting.c.stops_lane
)
_held = _waiting.c.lease_until > bindparam("now", type_=UtcDateTime)
# Of each chat nobody has in hand, what was put first, unless it waits for a later
# hour; what is tried again does, and everything behind it too.
_HEADS = (
    select(func.min(case((_stands, _waiting.c.id))))
    .where(
        _waiting.c.channel == bindparam("of_channel"),
        _waiting.c.state == literal_column("'pending'"),
        _waiting.c.priority > literal_column("0"),
    )
    .group_by(_waiting.c.address)
    .having(func.max(case((_held, 1), else_=0)) == literal_column("0"))
)
_MAY_BE_WRITTEN_TO = ~(
    select(paces.c.chat)
    .where(
        paces.c.channel == table.c.channel,
        paces.c.chat == table.c.address,
        paces.c.free_at > bindparam("now", type_=UtcDateTime),
    )
    .exists()
)
ACTS_DUE = Leases(
    table,
    _DUE & table.c.id.in_(_HEADS) & _MAY_BE_WRITTEN_TO,
    (table.c.priority, table.c.due_at, table.c.id),
    tuple(table.c),
)
ANSWERS_DUE = Leases(
    table,
    _DUE & (table.c.priority == literal_column("0")),
    (table.c.id,),
    tuple(table.c),
)
