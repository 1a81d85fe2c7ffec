"""What belongs where: links, merging two that are one, moving what was misfiled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from pydantic import Field as Constraint
from pydantic import StringConstraints

from azbot.channels.web.api.bodies import Body, Text
from azbot.channels.web.api.commands import told
from azbot.channels.web.api.operations import DESK, Answer, Call, Operation, Work, etag
from azbot.channels.web.api.shapes import RelocationOut
from azbot.desk import relocation
from azbot.desk.relocation import Relocated
from azbot.store import UnitOfWork
from azbot.workflow.model import Assistance, AssistanceRef

Ref = Annotated[
    str,
    StringConstraints(pattern=r"^AS[A-Z]{2}[0-9]{8}$"),
    Constraint(examples=["ASFR26000184"]),
]


class LinkIn(Body):
    """Which other one has to do with it.

    Attributes:
        ref: reference of the other one.
    """

    ref: Ref


class MergeIn(Body):
    """Where it goes on.

    Attributes:
        into: reference of the one that goes on; open.
        reason: the client reads it.
        is_confirmed: the two have different requesters, and that is meant.
    """

    into: Ref
    reason: Text = ""
    is_confirmed: bool = False


class MoveIn(Body):
    """Where a message belongs.

    Attributes:
        to: reference of the assistance; left out: a new one is made of the message.
    """

    to: Ref | None = None


async def link(call: Call) -> Work:
    """Link two."""
    return _pair(call, call.body.ref, relocation.link)


async def unlink(call: Call) -> Work:
    """Take a link back."""
    other = call.request.match_info["other"]
    return _pair(call, other, relocation.unlink)


async def merge(call: Call) -> Work:
    """Let one go on inside another."""
    body: MergeIn = call.body

    def work(uow: UnitOfWork) -> Answer:
        source, target = _loaded(call, uow, body.into)
        done = relocation.merge(
            call.deps.desk,
            uow,
            source,
            target,
            call.caller.actor,
            reason=body.reason,
            is_confirmed=body.is_confirmed,
        )
        return _answer(done, call, uow)

    return work


async def move(call: Call) -> Work:
    """Put a misfiled message where it belongs."""
    event, to = call.number("event"), call.body.to

    def work(uow: UnitOfWork) -> Answer:
        desk, actor = call.deps.desk, call.caller.actor
        if to is None:
            source = call.load(uow)
            done = relocation.split(desk, uow, source, event, actor)
        else:
            source, target = _loaded(call, uow, to)
            done = relocation.move(desk, uow, source, target, event, actor)
        return _answer(done, call, uow)

    return work


_Operate = Callable[..., Relocated]


def _pair(call: Call, other: str, operate: _Operate) -> Work:
    def work(uow: UnitOfWork) -> Answer:
        pair = _loaded(call, uow, other)
        return _answer(
            operate(call.deps.desk, uow, *pair, call.caller.actor), call, uow
        )

    return work


def _loaded(call: Call, uow: UnitOfWork, other: str) -> tuple[Assistance, Assistance]:
    source, target = relocation.both(
        call.deps.desk, uow, call.ref, AssistanceRef(other)
    )
    call.require(source)
    return source, target


def _answer(done: Relocated, call: Call, uow: UnitOfWork) -> Answer:
    content = RelocationOut(
        source=told(done.source, call, uow), target=told(done.target, call, uow)
    )
    return Answer(content, headers={"ETag": etag(done.source.assistance)})


RELOCATION_OPERATIONS = (
    Operation(
        "linkAssistance", "POST", "/assistances/{ref}/links",
        "Link two assistances that have to do with each other.", "Relocations",
        writes=link, body=LinkIn, answer=RelocationOut, roles=DESK,
        has_version=True, problems=(404, 409, 412),
    ),
    Operation(
        "unlinkAssistance", "DELETE", "/assistances/{ref}/links/{other}",
        "Take a link back.", "Relocations",
        writes=unlink, answer=RelocationOut, roles=DESK,
        has_version=True, problems=(404, 409, 412),
    ),
    Operation(
        "mergeAssistance", "POST", "/assistances/{ref}/merge",
        "Let one go on inside another, with its words and files.", "Relocations",
        writes=merge, body=MergeIn, answer=RelocationOut, roles=DESK,
        has_version=True, problems=(404, 409, 412),
    ),
    Operation(
        "moveMessage", "POST", "/assistances/{ref}/messages/{event}/move",
        "Put a misfiled message where it belongs, or make a request of it.",
        "Relocations",
        writes=move, body=MoveIn, answer=RelocationOut, roles=DESK,
        has_version=True, problems=(404, 409, 412),
    ),
)  # fmt: skip
