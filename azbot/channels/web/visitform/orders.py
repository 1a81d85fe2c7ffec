"""What a phone sends: each with an id of its own, to be sent again for ever (X19)."""

from __future__ import annotations

from typing import Annotated, Literal, TypeVar

from aiohttp import web
from pydantic import Field as Constraint
from pydantic import StringConstraints, ValidationError

from azbot.channels.web.api.bodies import AnswersIn, Body, Line, Point, Text
from azbot.channels.web.api.complaints import complaints_of
from azbot.channels.web.problems import HttpProblem, invalid

Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{8,64}$")]
"""Made by the phone when something was done there."""

Track = Annotated[tuple[Point, ...], Constraint(max_length=5_000)]


class Order(Body):
    """Something that was done on the phone."""

    id: Id


class AnswersOrder(Order):
    """Answers as they were given; null takes one back."""

    changes: AnswersIn


class SignatureOrder(Order):
    """One signature, or the reason why there is none.

    Attributes:
        seen: every answer that stood on the phone when it was given (R138).
        strokes: points in thousandths of the pad's height, origin top left.
        reason: of a waiver (R136).
    """

    method: Literal["drawn", "typed", "waived"]
    seen: AnswersIn
    name: Line = ""
    company: Line = ""
    email: Line = ""
    wants_report: bool = False
    strokes: Annotated[tuple[Track, ...], Constraint(max_length=500)] = ()
    aspect: Annotated[int, Constraint(ge=100, le=20_000)] = 2_000
    reason: Text = ""


Some = TypeVar("Some", bound=Order)


async def read_order(request: web.Request, kind: type[Some]) -> Some:
    """Return what the phone sent.

    Raises:
        HttpProblem: 415 no JSON, 400 broken JSON, 422 with every value that is wrong.
    """
    if request.content_type != "application/json":
        raise HttpProblem(
            415, "unsupported_media_type", {"expected": "application/json"}
        )
    try:
        return kind.model_validate_json(await request.read())
    except ValidationError as error:
        complaints = complaints_of(error)
        if complaints and complaints[0].code == "not_json":
            raise HttpProblem(400, "not_json", complaints[0].facts) from error
        raise invalid(*complaints) from error
