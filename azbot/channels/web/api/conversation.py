"""History, messages and internal notes of one assistance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field as Constraint

from azbot.channels.web.api.assistances import found, history_of
from azbot.channels.web.api.bodies import (
    SHAPES,
)
from azbot.channels.web.api.commands import (
    answer_of,
    build,
    perform,
)
from azbot.channels.web.api.lists import Query
from azbot.channels.web.api.operations import (
    DESK,
    Answer,
    Call,
    Operation,
    Work,
)
from azbot.channels.web.api.shapes import (
    CommandOut,
    MessageOut,
    MessagesOut,
    NoteOut,
    NotesOut,
    TimelineOut,
)
from azbot.channels.web.api.showing import (
    event_out,
    visible,
    writer_out,
)
from azbot.store import UnitOfWork
from azbot.workflow.conversation import messages, note_documents, notes
from azbot.workflow.decision import Recorded


class TimelineQuery(Query):
    """Order and page of a history (R69).

    Attributes:
        sort: ``at`` for oldest first, ``-at`` for newest first.
        limit: lines on a page.
        cursor: ``next`` of the page before.
    """

    sort: Literal["at", "-at"] = "-at"
    limit: Annotated[int, Constraint(ge=1, le=500)] = 100
    cursor: Annotated[int, Constraint(ge=1, le=2**53)] | None = None


async def read_timeline(call: Call) -> Answer:
    """Return one page of the history in sentences."""
    query: TimelineQuery = call.query
    it = await found(call)
    history = await history_of(call, it)
    lines = visible(history, call.reader, note_documents(history))
    page, following = _page(lines, query)
    items = [event_out(line, it, call.reader) for line in page]
    return Answer(TimelineOut(items=items, next=following))


def _page(
    lines: Sequence[Recorded], query: TimelineQuery
) -> tuple[Sequence[Recorded], str | None]:
    is_descending = query.sort == "-at"
    ordered = list(reversed(lines)) if is_descending else list(lines)
    if query.cursor is not None:
        start = query.cursor
        ordered = [
            line
            for line in ordered
            if (line.id < start if is_descending else line.id > start)
        ]
    page = ordered[: query.limit]
    return page, str(page[-1].id) if len(ordered) > len(page) else None


async def read_messages(call: Call) -> Answer:
    """Return the conversation; notes are elsewhere."""
    it = await found(call)
    history = await history_of(call, it)
    items = [
        MessageOut(
            id=said.id,
            at=said.at,
            author=writer_out(said, call.reader),
            text=said.text,
            elided=[] if call.is_station else list(said.elided),
            documents=list(said.documents),
            is_automatic=said.is_automatic,
            is_mixed=said.is_mixed,
            origin=None if call.is_station else said.origin,
            to=said.to,
        )
        for said in messages(visible(history, call.reader, note_documents(history)))
    ]
    return Answer(MessagesOut(items=items))


async def read_notes(call: Call) -> Answer:
    """Return the internal notes."""
    it = await found(call)
    items = [
        NoteOut(
            id=said.id,
            at=said.at,
            author=writer_out(said, call.reader),
            text=said.text,
            documents=list(said.documents),
        )
        for said in notes(await history_of(call, it))
    ]
    return Answer(NotesOut(items=items))


def _say(command: str) -> Operation:
    """The short door of a command: ``/messages`` is ``/commands/add-message``."""
    shape = SHAPES[command]

    async def write(call: Call) -> Work:
        def work(uow: UnitOfWork) -> Answer:
            it = call.load(uow)
            said = build(shape, call.body, call, uow, it)
            return answer_of(perform(call, uow, it, said), call, uow, 201)

        return work

    noun = "Message" if command == "add-message" else "Note"
    return Operation(
        id=f"post{noun}",
        method="POST",
        path=f"/assistances/{{ref}}/{noun.lower()}s",
        summary=shape.summary,
        tag="Conversation",
        writes=write,
        body=shape.body,
        answer=CommandOut,
        roles=shape.roles,
        status=201,
        has_version=True,
        problems=(404, 409, 412),
    )


CONVERSATION_OPERATIONS = (
    Operation(
        "getTimeline", "GET", "/assistances/{ref}/timeline",
        "Read the history in sentences and as data.", "Conversation",
        reads=read_timeline, query=TimelineQuery, answer=TimelineOut, problems=(404,),
    ),
    Operation(
        "getMessages", "GET", "/assistances/{ref}/messages",
        "Read the conversation.", "Conversation",
        reads=read_messages, answer=MessagesOut, problems=(404,),
    ),
    _say("add-message"),
    Operation(
        "getNotes", "GET", "/assistances/{ref}/notes",
        "Read the internal notes.", "Conversation",
        reads=read_notes, answer=NotesOut, roles=DESK, problems=(404,),
    ),
    _say("add-note"),
)  # fmt: skip
