"""Outgoing messages, the dead letters among them."""

from __future__ import annotations

from datetime import datetime

from azbot.channels.web.api.lists import PageQuery
from azbot.channels.web.api.operations import (
    DESK,
    Answer,
    Call,
    Operation,
    Work,
)
from azbot.channels.web.api.shapes import (
    Shape,
)
from azbot.channels.web.problems import HttpProblem
from azbot.store import (
    Delivery,
    DeliveryId,
    DeliveryState,
    UnitOfWork,
)


class DeliveriesQuery(PageQuery):
    """Which deliveries.

    Attributes:
        state: ``dead`` for what was given up.
        limit: lines on a page.
        before: only what is older than this number.
    """

    state: DeliveryState | None = None


class DeliveryOut(Shape):
    """One outgoing message.

    Attributes:
        kind: the notice it tells.
        error: what the last attempt said.
    """

    id: int
    kind: str
    address: str
    channel: str
    state: DeliveryState
    due_at: datetime
    attempts: int
    error: str
    message_id: str
    sent_at: datetime | None
    language: str


class DeliveriesOut(Shape):
    """Outgoing messages, newest first."""

    items: list[DeliveryOut]


async def list_deliveries(call: Call) -> Answer:
    """Return outgoing messages."""
    query: DeliveriesQuery = call.query
    rows = await call.deps.store.views.outbox(
        query.state, before=query.before, limit=query.limit
    )
    return Answer(DeliveriesOut(items=[delivery_out(row) for row in rows]))


async def list_deliveries_of(call: Call) -> Answer:
    """Return what left, or waits to, for one assistance."""
    it = await call.deps.store.views.by_ref(call.ref)
    rows = await call.deps.store.views.deliveries(it.id)
    return Answer(DeliveriesOut(items=[delivery_out(row) for row in rows]))


def delivery_out(row: Delivery) -> DeliveryOut:
    """Return one outgoing message, without its words."""
    return DeliveryOut(
        id=row.id,
        kind=row.kind,
        address=row.address,
        channel=row.channel,
        state=row.state,
        due_at=row.due_at,
        attempts=row.attempts,
        error=row.error,
        message_id=row.message_id,
        sent_at=row.sent_at,
        language=row.language,
    )


async def resend(call: Call) -> Work:
    """Let a dead letter leave again, under the same Message-ID."""
    number = DeliveryId(call.number("number"))

    def work(uow: UnitOfWork) -> Answer:
        state = uow.outbox.get(number).state
        if state is not DeliveryState.DEAD:
            raise HttpProblem(409, "delivery_not_dead", {"state": state.value})
        uow.outbox.resend(number, call.now)
        uow.ring("outbox")
        return Answer(delivery_out(uow.outbox.get(number)))

    return work


DELIVERY_OPERATIONS = (
    Operation(
        "listDeliveries", "GET", "/deliveries",
        "List outgoing messages; the dead letters with state=dead.", "Desk",
        reads=list_deliveries, query=DeliveriesQuery, answer=DeliveriesOut,
        roles=DESK,
    ),
    Operation(
        "listDeliveriesOf", "GET", "/assistances/{ref}/deliveries",
        "List what left for one assistance.", "Desk",
        reads=list_deliveries_of, answer=DeliveriesOut, roles=DESK, problems=(404,),
    ),
    Operation(
        "resendDelivery", "POST", "/deliveries/{number}/resend",
        "Send a dead letter again.", "Desk",
        writes=resend, answer=DeliveryOut, roles=DESK, problems=(404, 409),
    ),
)  # fmt: skip
