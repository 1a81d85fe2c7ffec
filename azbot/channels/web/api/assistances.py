"""One assistance: opening it, and reading its whole state."""

from __future__ import annotations

from typing import Literal

from pydantic import Field as Constraint

from azbot.channels.web.api.answers import context_of, normalised
from azbot.channels.web.api.bodies import (
    AnswersIn,
    Body,
    Line,
    Text,
    Uploads,
)
from azbot.channels.web.api.commands import (
    answer_of,
    documents_of,
)
from azbot.channels.web.api.operations import (
    DESK,
    Answer,
    Call,
    Operation,
    Work,
    etag,
)
from azbot.channels.web.api.shapes import (
    AssistanceOut,
    CommandOut,
)
from azbot.channels.web.api.showing import (
    assistance_out,
)
from azbot.channels.web.problems import FieldError, invalid
from azbot.desk import Draft
from azbot.forms.assistance import ASSISTANCE
from azbot.forms.kinds import Email, Phone, Problem
from azbot.store import UnitOfWork
from azbot.workflow.conversation import note_documents
from azbot.workflow.decision import Recorded
from azbot.workflow.model import Assistance


class RequesterIn(Body):
    """Who asks; a known address keeps its person.

    Attributes:
        email: where all mails go.
        phone: as people write it.
        language: of the mails.
    """

    email: Line
    name: Line = ""
    company: Line = ""
    phone: Line = ""
    language: Literal["fr", "en", "es"] = "fr"


class OpenIn(Body):
    """A new request, complete or not (R9, R140).

    Attributes:
        answers: what is known; the missing ones are asked for.
        text: the client's own words, when there are any.
        is_confirmed: the client has checked the answers.
    """

    requester: RequesterIn
    answers: AnswersIn = Constraint(default_factory=dict)
    text: Text = ""
    documents: Uploads = ()
    is_confirmed: bool = False


async def open_assistance(call: Call) -> Work:
    """Register a request in the name of a client, who gets the first mail."""
    body: OpenIn = call.body
    country = call.deps.settings.country
    context = context_of(None, country, call.now, call.deps.desk.rules.lists)
    email = _checked(Email().check(body.requester.email, context), "email")
    phone = body.requester.phone and _checked(
        Phone().check(body.requester.phone, context), "phone"
    )
    given = {"country": country, "email": email, **body.answers}
    answers = normalised(ASSISTANCE, given, {}, context)
    draft = Draft(
        answers={key: value for key, value in answers.items() if value is not None},
        email=email,
        name=body.requester.name,
        company=body.requester.company,
        phone=phone,
        language=body.requester.language,
        country=country,
        text=body.text,
        documents=documents_of(body.documents, call),
        is_confirmed=body.is_confirmed,
    )

    def work(uow: UnitOfWork) -> Answer:
        decision = call.deps.desk.register(uow, draft, call.caller.actor)
        return answer_of(decision, call, uow, 201)

    return work


def _checked(outcome: object, name: str) -> str:
    if isinstance(outcome, Problem):
        place, key = f"/requester/{name}", f"error.{outcome.code}"
        raise invalid(FieldError(place, outcome.code, outcome.facts, key=key))
    return str(getattr(outcome, "value", ""))


async def read_assistance(call: Call) -> Answer:
    """Return the whole state."""
    it = await found(call)
    history = await history_of(call, it)
    content = assistance_out(it, call.reader, note_documents(history))
    return Answer(content, headers={"ETag": etag(it)})


async def found(call: Call) -> Assistance:
    """Return the assistance of the path, when the caller may know of it."""
    it = await call.deps.store.views.by_ref(call.ref)
    call.require(it)
    return it


async def history_of(call: Call, it: Assistance) -> tuple[Recorded, ...]:
    """Return its whole history, what is internal included."""
    return await call.deps.store.views.timeline(it.id, is_internal=True)


ASSISTANCE_OPERATIONS = (
    Operation(
        "openAssistance", "POST", "/assistances",
        "Register a request in the name of a client.", "Assistances",
        writes=open_assistance, body=OpenIn, answer=CommandOut, roles=DESK,
        status=201, problems=(409,),
    ),
    Operation(
        "getAssistance", "GET", "/assistances/{ref}",
        "Read the whole state of one assistance.", "Assistances",
        reads=read_assistance, answer=AssistanceOut, has_version=True,
        problems=(404,),
    ),
)  # fmt: skip
