"""What the desk looks after besides assistances, and what azbot says of itself."""

from __future__ import annotations

from dataclasses import fields as fields_of
from dataclasses import is_dataclass
from datetime import datetime
from enum import Enum
from typing import Annotated, Any, Literal

from aiohttp import web
from pydantic import Field as Constraint
from pydantic import JsonValue, StringConstraints

from azbot.channels.web.api.assistances import Query
from azbot.channels.web.api.bodies import SHAPES, Body
from azbot.channels.web.api.operations import (
    DESK,
    Answer,
    Call,
    Operation,
    Work,
)
from azbot.channels.web.api.shapes import Shape
from azbot.channels.web.downloads import disposition
from azbot.channels.web.health import HealthOut, health_of
from azbot.channels.web.problems import FieldError, HttpProblem, invalid
from azbot.errors import NotFound
from azbot.forms.assistance import ASSISTANCE
from azbot.forms.form import Field, Form
from azbot.forms.intervention import INTERVENTION
from azbot.i18n.catalogue import Catalogue
from azbot.messages import RawId
from azbot.store import (
    Delivery,
    DeliveryId,
    DeliveryState,
    RawEntry,
    RawState,
    UnitOfWork,
)
from azbot.workflow.lives import LIVES
from azbot.workflow.model import AssistanceRef, Role
from azbot.workflow.policy import PERMISSIONS

Ref = Annotated[str, StringConstraints(pattern=r"^AS[A-Z]{2}[0-9]{8}$")]


class PageQuery(Query):
    """A page of what is newest.

    Attributes:
        limit: lines on a page.
        before: only what is older than this number.
    """

    limit: Annotated[int, Constraint(ge=1, le=200)] = 50
    before: Annotated[int, Constraint(ge=1, le=2**53)] | None = None


# --- what came in and waits for a person -----------------------------------------


class HeldOut(Shape):
    """A message that waits for a person.

    Attributes:
        reason: why it was set aside; ``reason_words`` says it.
        assistance: number inside azbot of the one it probably belongs to.
        url: where its octets are downloaded.
    """

    id: int
    channel: str
    received_at: datetime
    size: int
    sender: str
    subject: str
    message_id: str
    reason: str
    reason_words: str
    detail: str
    assistance: str | None
    url: str


class QuarantineOut(Shape):
    """Messages that wait, newest first."""

    items: list[HeldOut]


async def list_held(call: Call) -> Answer:
    """Return what waits."""
    query: PageQuery = call.query
    before = RawId(query.before) if query.before is not None else None
    entries = await call.deps.store.views.ledger(
        RawState.QUARANTINED, before=before, limit=query.limit
    )
    return Answer(QuarantineOut(items=[await _held_out(e, call) for e in entries]))


async def read_held(call: Call) -> Answer:
    """Return one message that waits."""
    return Answer(await _held_out(await _held(call), call))


async def _held(call: Call) -> RawEntry:
    number = RawId(call.number("number"))
    entry = await call.deps.store.views.raw(number)
    if entry.outcome.state is not RawState.QUARANTINED:
        raise NotFound("raw message", number)
    return entry


async def _held_out(entry: RawEntry, call: Call) -> HeldOut:
    outcome = entry.outcome
    reason = outcome.reason.value if outcome.reason else ""
    ref = None
    if outcome.assistance_id is not None:
        ref = (await call.deps.store.views.assistance(outcome.assistance_id)).ref
    return HeldOut(
        id=entry.id,
        channel=entry.channel,
        received_at=entry.received_at,
        size=entry.size,
        sender=outcome.sender,
        subject=outcome.subject,
        message_id=outcome.message_id,
        reason=reason,
        reason_words=call.words.t(f"web.held.{reason}") if reason else "",
        detail=outcome.detail,
        assistance=ref,
        url=f"/api/v1/quarantine/{entry.id}/content",
    )


async def read_held_content(call: Call) -> web.StreamResponse:
    """Return the octets as they came, for a mail program to open."""
    entry = await _held(call)
    content = await call.deps.store.views.raw_content(entry.id)
    return web.Response(
        body=content,
        content_type="message/rfc822",
        headers={
            "Content-Disposition": disposition(f"message-{entry.id}.eml"),
            "Content-Security-Policy": "default-src 'none'; sandbox",
        },
    )


class DecisionIn(Body):
    """What becomes of a message.

    Attributes:
        action: ``attach`` it to an assistance, ``open`` a new one, or ``junk``.
        ref: of the assistance, for ``attach`` alone.
    """

    action: Literal["attach", "open", "junk"]
    ref: Ref | None = None


class DecidedOut(Shape):
    """What became of it.

    Attributes:
        ref: the assistance it is part of now; null for junk.
    """

    action: str
    ref: str | None


async def decide_held(call: Call) -> Work:
    """Do what the agent decided."""
    body: DecisionIn = call.body
    if (body.action == "attach") != (body.ref is not None):
        code = "required" if body.ref is None else "unknown_field"
        raise invalid(FieldError("/ref", code))
    held = (await _held(call)).id
    quarantine, actor = call.deps.quarantine, call.caller.actor
    if quarantine is None:
        raise HttpProblem(503, "unavailable")
    ref: AssistanceRef | None = None
    match body.action:
        case "attach" if body.ref is not None:
            ref = await quarantine.attach(held, AssistanceRef(body.ref), actor)
        case "open":
            ref = await quarantine.open(held, actor)
        case _:
            await quarantine.junk(held, actor)
    content = DecidedOut(action=body.action, ref=ref)

    def work(_: UnitOfWork) -> Answer:
        return Answer(content)

    return work


# --- what must leave ---------------------------------------------------------------


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


# --- what azbot says of itself -------------------------------------------------------


class MeOut(Shape):
    """Whom the token speaks for."""

    token: str
    role: Role
    name: str
    person: int | None
    station: int | None
    commands: list[str]


async def read_me(call: Call) -> Answer:
    """Return whom the token speaks for, and which commands it may send."""
    actor = call.caller.actor
    may = [name for name, shape in SHAPES.items() if actor.role in shape.roles]
    return Answer(
        MeOut(
            token=call.caller.name,
            role=actor.role,
            name=actor.name,
            person=actor.person,
            station=actor.station,
            commands=may,
        )
    )


async def read_health(call: Call) -> Answer:
    """Return how the flow goes, errors included."""
    return Answer(await health_of(call.deps, with_errors=True))


class StatusOut(Shape):
    """One status of a life."""

    status: str
    label: str
    is_end: bool


class StepOut(Shape):
    """One step of a life: who may cause it, who is told."""

    source: str | None
    target: str
    event: str
    roles: list[Role]
    tells: list[str]


class LifeOut(Shape):
    """The life of an assistance, a mission or an intervention."""

    name: str
    statuses: list[StatusOut]
    steps: list[StepOut]


class AllowedOut(Shape):
    """A command and the proof each role needs for it, 0 to 4."""

    command: str
    path: str
    roles: dict[str, int]


class WorkflowOut(Shape):
    """The workflow as it is defined."""

    lives: list[LifeOut]
    commands: list[AllowedOut]


async def read_workflow(call: Call) -> Answer:
    """Return the three lives and who may send which command."""
    return Answer(
        WorkflowOut(
            lives=[_life(life, call.words) for life in LIVES],
            commands=[
                AllowedOut(
                    command=shape.kind.__name__,
                    path=f"/api/v1/assistances/{{ref}}/commands/{name}",
                    roles={
                        role.value: int(trust)
                        for role, trust in PERMISSIONS[shape.kind].items()
                    },
                )
                for name, shape in SHAPES.items()
            ],
        )
    )


def _life(life: Any, words: Catalogue) -> LifeOut:
    return LifeOut(
        name=life.name,
        statuses=[
            StatusOut(
                status=status.value,
                label=words.t(life.labels[status]),
                is_end=status in life.ends,
            )
            for status in life.statuses
        ],
        steps=[
            StepOut(
                source=step.source.value if step.source else None,
                target=step.target.value,
                event=step.event.__name__,
                roles=sorted(step.roles),
                tells=[kind.value for kind in step.tells],
            )
            for step in life.steps
        ],
    )


# --- forms ------------------------------------------------------------------------


class OptionOut(Shape):
    """One answer of a list."""

    key: str
    label: str


class PartOut(Shape):
    """One field of a repeatable block."""

    key: str
    label: str
    kind: str
    limits: dict[str, JsonValue]
    options: list[OptionOut]


class FieldOut(Shape):
    """One question.

    Attributes:
        kind: its validator: ``text``, ``phone``, ``choice``…
        limits: what the validator allows.
        mandatory, shown: conditions over other answers, as data.
        takes_other: words outside the options are taken, as ``other:…``.
        is_automatic: written by azbot, never asked.
    """

    key: str
    kind: str
    label: str
    hint: str
    mandatory: dict[str, JsonValue]
    shown: dict[str, JsonValue]
    limits: dict[str, JsonValue]
    options: list[OptionOut]
    takes_other: bool
    parts: list[PartOut]
    inputmode: str
    autocomplete: str
    is_automatic: bool


class SectionOut(Shape):
    """Questions under one title."""

    key: str
    title: str
    fields: list[FieldOut]


class FormOut(Shape):
    """A form definition, in the language asked for."""

    key: str
    version: int
    sections: list[SectionOut]


async def read_request_form(call: Call) -> Answer:
    """Return the form of a request."""
    return Answer(form_out(ASSISTANCE, call.words))


async def read_intervention_form(call: Call) -> Answer:
    """Return the form of a visit."""
    return Answer(form_out(INTERVENTION, call.words))


def form_out(form: Form, words: Catalogue) -> FormOut:
    """Return a form as data, every label in words."""
    return FormOut(
        key=form.key,
        version=form.version,
        sections=[
            SectionOut(
                key=section.key,
                title=words.t(f"form.{form.key}.section.{section.key}"),
                fields=[_field(form, field, words) for field in section.fields],
            )
            for section in form.sections
        ],
    )


def _field(form: Form, field: Field, words: Catalogue) -> FieldOut:
    hint = words.t(f"form.{form.key}.{field.key}.hint") if field.has_hint else ""
    return FieldOut(
        key=field.key,
        kind=field.kind.name,
        label=words.t(form.label(field.key)),
        hint=hint,
        mandatory=_rule(field.mandatory),
        shown=_rule(field.shown),
        limits=_limits(field.kind),
        options=_options(field.kind, words),
        takes_other=bool(getattr(field.kind, "has_other", False)),
        parts=[
            PartOut(
                key=part.key,
                label=words.t(form.label(f"{field.key}.{part.key}")),
                kind=part.kind.name,
                limits=_limits(part.kind),
                options=_options(part.kind, words),
            )
            for part in getattr(field.kind, "parts", ())
        ],
        inputmode=field.inputmode,
        autocomplete=field.autocomplete,
        is_automatic=field.is_automatic,
    )


def _rule(rule: Any) -> dict[str, JsonValue]:
    """Return a condition as data: its name and what it looks at."""
    found: dict[str, JsonValue] = {"rule": type(rule).__name__.lower()}
    for each in fields_of(rule):
        found[each.name] = _operand(getattr(rule, each.name))
    return found


def _operand(value: Any) -> JsonValue:
    if isinstance(value, tuple):
        return [_operand(each) for each in value]
    return _rule(value) if is_dataclass(value) else value


def _limits(kind: Any) -> dict[str, JsonValue]:
    """Return the plain settings of a validator: lengths and bounds."""
    found: dict[str, JsonValue] = {}
    for each in fields_of(kind) if is_dataclass(kind) else ():
        value = getattr(kind, each.name)
        if isinstance(value, bool | int | str) and not isinstance(value, Enum):
            found[each.name] = value
    return found


def _options(kind: Any, words: Catalogue) -> list[OptionOut]:
    return [
        OptionOut(
            key=option.key,
            label=words.t(option.label) if option.label else option.name,
        )
        for option in getattr(kind, "starter", ())
    ]


MACHINE_OPERATIONS = (
    Operation(
        "listQuarantine", "GET", "/quarantine", "List messages that wait for a person.",
        "Desk",
        reads=list_held, query=PageQuery, answer=QuarantineOut, roles=DESK,
    ),
    Operation(
        "getQuarantined", "GET", "/quarantine/{number}", "Read one of them.", "Desk",
        reads=read_held, answer=HeldOut, roles=DESK, problems=(404,),
    ),
    Operation(
        "getQuarantinedContent", "GET", "/quarantine/{number}/content",
        "Download one of them as it came.", "Desk",
        reads=read_held_content, roles=DESK, media_type="message/rfc822",
        problems=(404,),
    ),
    Operation(
        "decideQuarantined", "POST", "/quarantine/{number}/decision",
        "Attach it, open a request of it, or set it aside for good.", "Desk",
        writes=decide_held, body=DecisionIn, answer=DecidedOut, roles=DESK,
        problems=(404, 409),
    ),
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
    Operation(
        "getMe", "GET", "/me", "Read whom the token speaks for.", "Service",
        reads=read_me, answer=MeOut,
    ),
    Operation(
        "getHealth", "GET", "/health", "Read how the flow goes.", "Service",
        reads=read_health, answer=HealthOut, roles=DESK,
    ),
    Operation(
        "getWorkflow", "GET", "/workflow",
        "Read the three lives and who may send which command.", "Service",
        reads=read_workflow, answer=WorkflowOut,
    ),
    Operation(
        "getRequestForm", "GET", "/forms/request", "Read the form of a request.",
        "Service",
        reads=read_request_form, answer=FormOut,
    ),
    Operation(
        "getInterventionForm", "GET", "/forms/intervention",
        "Read the form of a visit.", "Service",
        reads=read_intervention_form, answer=FormOut,
    ),
)  # fmt: skip
