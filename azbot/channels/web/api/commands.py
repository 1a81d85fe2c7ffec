"""Every command of the workflow as ``POST …/commands/<command>``: one rule for all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel

from azbot.channels.web import uploads
from azbot.channels.web.api.answers import context_of, normalised
from azbot.channels.web.api.bodies import SHAPES, CommandShape, UploadIn
from azbot.channels.web.api.complaints import pointer
from azbot.channels.web.api.operations import Answer, Call, Operation, Work, etag
from azbot.channels.web.api.shapes import (
    CommandOut,
)
from azbot.channels.web.api.showing import command_out
from azbot.channels.web.problems import FieldError, invalid
from azbot.errors import NotFound
from azbot.forms.assistance import ASSISTANCE
from azbot.forms.intervention import INTERVENTION
from azbot.forms.kinds import Context
from azbot.messages import PersonId
from azbot.store import PersonKind, UnitOfWork
from azbot.workflow import commands as c
from azbot.workflow.commands import Command, NewDocument
from azbot.workflow.conversation import note_documents
from azbot.workflow.decision import Decision
from azbot.workflow.model import (
    Assistance,
    DocumentKind,
    Intervention,
    Station,
    StationId,
    Stroke,
)


def build(
    shape: CommandShape, body: BaseModel, call: Call, uow: UnitOfWork, it: Assistance
) -> Command:
    """Return the command a body means, everything it names looked up.

    Raises:
        HttpProblem: 422, a name or an answer in it cannot be taken.
    """
    given = {name: getattr(body, name) for name in body.model_fields_set}
    for name, value in given.items():
        if value is not None:
            given[name] = _meant(name, value, call, uow)
    if shape.kind is c.ChooseOwner:
        given["name"] = _agent_name(uow, given["owner"])
    if shape.kind is c.SaveInterventionForm:
        given["answers"] = _visit_answers(it, given, call)
    elif "answers" in given:
        context = _context(it, call)
        given["answers"] = normalised(ASSISTANCE, given["answers"], it.answers, context)
    return shape.kind(**given)


def _meant(name: str, value: Any, call: Call, uow: UnitOfWork) -> Any:
    match name, value:
        case "station", int():
            return _station(uow, value)
        case "contact", int():
            return _person(uow, value)
        case "documents", tuple():
            return documents_of(value, call)
        case "strokes", tuple():
            return tuple(Stroke(stroke.points) for stroke in value)
        case _, datetime():
            return value.astimezone(UTC)
        case _:
            return value


def _context(it: Assistance, call: Call) -> Context:
    deps = call.deps
    return context_of(it, deps.settings.country, call.now, deps.desk.rules.lists)


def _visit_answers(
    it: Assistance, given: dict[str, Any], call: Call
) -> dict[str, object]:
    number = given.get("number")
    visit: Intervention | None = it.visit if number is None else it.intervention(number)
    present = visit.answers if visit else {}
    context = _context(it, call)
    return normalised(INTERVENTION, given["answers"], present, context)


def _station(uow: UnitOfWork, number: int) -> Station:
    try:
        entry = uow.stations.get(StationId(number))
    except NotFound as error:
        raise invalid(FieldError("/station", "unknown_station")) from error
    if not entry.is_active:
        raise invalid(FieldError("/station", "station_inactive"))
    return entry.station


def _person(uow: UnitOfWork, number: int) -> PersonId:
    try:
        return uow.people.get(PersonId(number)).id
    except NotFound as error:
        raise invalid(FieldError("/contact", "unknown_person")) from error


def _agent_name(uow: UnitOfWork, number: int | None) -> str:
    if number is None:
        return ""
    try:
        person = uow.people.get(PersonId(number))
    except NotFound as error:
        raise invalid(FieldError("/owner", "unknown_person")) from error
    if person.kind is not PersonKind.AGENT or not person.is_active:
        raise invalid(FieldError("/owner", "not_an_agent"))
    return person.name or person.address


def documents_of(given: Sequence[UploadIn], call: Call) -> tuple[NewDocument, ...]:
    """Return the stored files that handles stand for.

    Raises:
        HttpProblem: 422, a handle that is forged, expired or another's, or the
            kind ``report``, which only azbot makes.
    """
    wrong, found = [], []
    for place, each in enumerate(given):
        upload = uploads.read(
            call.deps.keyring, each.upload, call.caller.scope, call.now
        )
        if upload is None:
            where = pointer(("documents", place, "upload"))
            wrong.append(FieldError(where, "unknown_upload"))
        elif each.kind is DocumentKind.REPORT:
            where = pointer(("documents", place, "kind"))
            wrong.append(FieldError(where, "read_only"))
        else:
            found.append(
                uploads.as_document(upload, each.kind, each.intervention, each.point)
            )
    if wrong:
        raise invalid(*wrong)
    return tuple(found)


def answer_of(
    decision: Decision, call: Call, uow: UnitOfWork, status: int = 200
) -> Answer:
    """Return what a decision did, and how to go on from it."""
    content = told(decision, call, uow)
    headers = {"ETag": etag(decision.assistance)}
    if status == 201:
        headers["Location"] = content.assistance.url
    return Answer(content, status, headers)


def told(decision: Decision, call: Call, uow: UnitOfWork) -> CommandOut:
    """Return what a decision did, its lines with the numbers the store gave them."""
    it = decision.assistance
    history = uow.events.of(it.id)
    fresh = history[len(history) - len(decision.history) :]
    stored = Decision(it, tuple(fresh), decision.notices, decision.timers)
    return command_out(stored, call.reader, note_documents(history))


def perform(call: Call, uow: UnitOfWork, it: Assistance, command: Command) -> Decision:
    """Give a command to the desk; errors as ``Desk.handle``."""
    result = "refused"
    try:
        decision = call.deps.desk.apply(uow, it, command, call.caller.actor)
        result = "done" if decision.history else "unchanged"
        return decision
    finally:
        name = type(command).__name__
        call.deps.metrics.count("commands", command=name, result=result)


def _operation(shape: CommandShape) -> Operation:
    async def write(call: Call) -> Work:
        def work(uow: UnitOfWork) -> Answer:
            it = call.load(uow)
            command = build(shape, call.body, call, uow, it)
            return answer_of(perform(call, uow, it, command), call, uow)

        return work

    return Operation(
        id=shape.kind.__name__[0].lower() + shape.kind.__name__[1:],
        method="POST",
        path=f"/assistances/{{ref}}/commands/{shape.name}",
        summary=shape.summary,
        tag="Commands",
        writes=write,
        body=shape.body,
        answer=CommandOut,
        roles=shape.roles,
        has_version=True,
        problems=(404, 409, 412),
    )


COMMAND_OPERATIONS = tuple(_operation(shape) for shape in SHAPES.values())


async def add_files(
    call: Call, kind: DocumentKind | None, intervention: int | None, point: int | None
) -> Work:
    """Store the body of a request and attach it, as a message without words."""
    # Looked up first: nobody fills the disk for an assistance that is not theirs.
    call.require(await call.deps.store.views.by_ref(call.ref))
    upload = await uploads.receive(call.request, call.deps)
    document = uploads.as_document(upload, kind, intervention, point)

    def work(uow: UnitOfWork) -> Answer:
        it = call.load(uow)
        command = c.AddMessage("", documents=(document,))
        return answer_of(perform(call, uow, it, command), call, uow, 201)

    return work
