"""When the time of a client is over: archive and purge count from the same day."""

from __future__ import annotations

from sqlalchemy import and_, bindparam, exists, literal_column, not_, or_, select

from azbot.store.records import PersonKind
from azbot.store.schema import UtcDateTime, assistances, chats, companions, people

BEFORE = bindparam("before", type_=UtcDateTime)

part = assistances.alias("part")
"""What somebody takes part in; under a name of its own, to stand in any question."""

TAKES_PART = or_(
    part.c.requester_id == people.c.id,
    part.c.contact_id == people.c.id,
    part.c.id.in_(
        select(companions.c.assistance_id)
        .where(companions.c.person_id == people.c.id)
        # Two questions further out: by itself it would be any companion's.
        .correlate(people)
    ),
)
_IS_OPEN = part.c.status.not_in(
    [literal_column("'closed'"), literal_column("'cancelled'")]
)
_STIRRED = exists(
    select(part.c.id).where(TAKES_PART, or_(_IS_OPEN, part.c.updated_at >= BEFORE))
)
_CHATTED = exists(
    select(chats.c.account).where(
        chats.c.person_id == people.c.id, chats.c.seen_at >= BEFORE
    )
)
HAS_LAPSED = and_(
    people.c.kind == PersonKind.CLIENT.value, not_(_STIRRED), not_(_CHATTED)
)
"""Of a client nothing stirred since ``before``: nothing they take part in is open,
nothing of it changed, and they wrote in no chat."""
