"""What a request may carry: models that validate, and that the document shows.

Bodies of commands are made from the frozen dataclasses of ``workflow.commands``: a
new command or a new field appears here by itself, and a field of a type nobody has
mapped is an error at import, not a hole.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, fields
from datetime import UTC, datetime, timedelta
from enum import Enum
from types import MappingProxyType, NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    JsonValue,
    StringConstraints,
    create_model,
)
from pydantic import Field as Constraint
from pydantic_core import PydanticCustomError

from azbot.workflow import commands as c
from azbot.workflow.commands import COMMANDS, Command
from azbot.workflow.model import Answers, DocumentKind, Role, Station, Stroke
from azbot.workflow.policy import PERMISSIONS

API_ROLES = frozenset({Role.AGENT, Role.ADMIN, Role.STATION})
"""Who may hold a token."""

_LARGEST = 2**31 - 1
# Told by mails, timers and workers, never by a person through the API.
_INNER = frozenset({"message_id", "raw", "elided", "is_mixed", "is_automatic"})
# Read from the store by what else is said.
_LOOKED_UP: Mapping[type, frozenset[str]] = {c.ChooseOwner: frozenset({"name"})}


def _without_nul(text: str) -> str:
    if "\x00" in text:
        raise PydanticCustomError("nul_character", "NUL is no character of a text")
    return text


Text = Annotated[
    str, StringConstraints(max_length=20_000), AfterValidator(_without_nul)
]
Line = Annotated[
    str,
    StringConstraints(max_length=300, pattern=r"^[^\r\n\x00]*$"),
]
Number = Annotated[int, Constraint(ge=1, le=_LARGEST)]
# Near the ends of the calendar a change of zone leaves it.
Instant = Annotated[
    AwareDatetime,
    Constraint(
        ge=datetime(2000, 1, 1, tzinfo=UTC), le=datetime(2200, 1, 1, tzinfo=UTC)
    ),
]
Duration = Annotated[
    timedelta, Constraint(gt=timedelta(), le=timedelta(hours=24), examples=["PT2H"])
]
AnswersIn = Annotated[
    dict[Annotated[str, StringConstraints(max_length=40)], JsonValue],
    Constraint(
        max_length=200,
        description=(
            "Answers by field key, as people write them; null takes one back."
            " GET /api/v1/forms/… lists the fields."
        ),
        examples=[{"town": "Villeurbanne", "phone": "06 39 98 12 34"}],
    ),
]


class Body(BaseModel):
    """A JSON object: unknown names are errors, numbers are not made of texts."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class UploadIn(Body):
    """A file sent before to ``POST /api/v1/uploads``.

    Attributes:
        upload: the ``id`` that answer gave.
        kind: what it is for; left out, the rules decide.
        intervention: the visit it belongs to; left out for the request.
        point: checklist point it shows, 1 to 9.
    """

    upload: Annotated[str, StringConstraints(max_length=2_000)]
    kind: DocumentKind | None = None
    intervention: Number | None = None
    point: Annotated[int, Constraint(ge=1, le=9)] | None = None


Point = tuple[
    Annotated[int, Constraint(ge=-100_000, le=100_000)],
    Annotated[int, Constraint(ge=-100_000, le=100_000)],
]


class StrokeIn(Body):
    """One line of a drawn signature.

    Attributes:
        points: x and y in thousandths of the pad's height, origin top left.
    """

    points: Annotated[tuple[Point, ...], Constraint(max_length=5_000)]


Uploads = Annotated[tuple[UploadIn, ...], Constraint(max_length=30)]
Strokes = Annotated[tuple[StrokeIn, ...], Constraint(max_length=500)]
Lines = Annotated[tuple[Line, ...], Constraint(max_length=50)]

_TYPES: Mapping[Any, Any] = MappingProxyType(
    {
        str: Text,
        bool: bool,
        int: Number,
        datetime: Instant,
        timedelta: Duration,
        Answers: AnswersIn,
        tuple[str, ...]: Lines,
        tuple[c.NewDocument, ...]: Uploads,
        tuple[Stroke, ...]: Strokes,
        # The number of a known station: its data come from the store.
        Station: Number,
    }
)
_SPECIAL: Mapping[str, Any] = MappingProxyType(
    {
        "aspect": Annotated[int, Constraint(ge=100, le=20_000)],
        "name": Line,
        "company": Line,
        "email": Line,
        "fingerprint": Line,
    }
)


@dataclass(frozen=True, slots=True)
class CommandShape:
    """One command as the API takes it.

    Attributes:
        name: ``assign-station``, the last part of its path.
        kind: the command of the workflow.
        body: its fields, validated.
        roles: who may send it; the workflow's permissions, for tokens.
        summary: first line of its documentation.
    """

    name: str
    kind: type[Command]
    body: type[BaseModel]
    roles: frozenset[Role]
    summary: str


def kebab(name: str) -> str:
    """Return ``assign-station`` for ``AssignStation``."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()


def body_type(annotation: Any) -> Any:
    """Return the validated type of one field of a command.

    Raises:
        TypeError: no type was chosen for it yet.
    """
    if get_origin(annotation) in (Union, UnionType):
        parts = [part for part in get_args(annotation) if part is not NoneType]
        if len(parts) != 1:
            raise TypeError(f"{annotation} has no type in the API")
        return body_type(parts[0]) | None
    if annotation in _TYPES:
        return _TYPES[annotation]
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return annotation
    bare = getattr(annotation, "__supertype__", None)
    if bare is not None:
        return body_type(bare)
    raise TypeError(f"{annotation} has no type in the API")


def command_body(kind: type[Command]) -> type[BaseModel]:
    """Return the model of a command's fields, without those only azbot may say.

    Raises:
        TypeError: a field has a type the API does not know.
    """
    hints = get_type_hints(kind)
    _, told = described(inspect.getdoc(kind) or "")
    found: dict[str, Any] = {}
    for each in fields(kind):
        if each.name in _INNER | _LOOKED_UP.get(kind, frozenset()):
            continue
        annotation = _SPECIAL.get(each.name) or body_type(hints[each.name])
        found[each.name] = (
            Annotated[annotation, Constraint(description=told.get(each.name))],
            _default(each),
        )
    return create_model(
        kind.__name__, __base__=Body, __doc__=inspect.getdoc(kind), **found
    )


def described(docstring: str) -> tuple[str, dict[str, str]]:
    """Return a docstring without its ``Attributes:``, and what that says, by name."""
    text, _, section = docstring.partition("Attributes:\n")
    found: dict[str, str] = {}
    names: list[str] = []
    for line in section.splitlines():
        started = re.match(r" {4}([a-z_0-9, ]+): (.*)", line)
        if started:
            names = [name.strip() for name in started[1].split(",")]
            found |= dict.fromkeys(names, started[2])
        elif line.startswith("        ") and names:
            found |= {name: f"{found[name]} {line.strip()}" for name in names}
        elif line.strip():
            break
    return text.strip(), found


def _default(field: Field[Any]) -> Any:
    if field.default is not MISSING:
        return field.default
    if field.default_factory is not MISSING:
        return Constraint(default_factory=field.default_factory)
    return ...


def _shapes() -> dict[str, CommandShape]:
    found = {}
    for kind in COMMANDS.values():
        roles = API_ROLES & PERMISSIONS.get(kind, {}).keys()
        if not roles or kind is c.OpenAssistance:
            continue
        name = kebab(kind.__name__)
        summary = (inspect.getdoc(kind) or name).splitlines()[0]
        found[name] = CommandShape(
            name, kind, command_body(kind), frozenset(roles), summary
        )
    return found


SHAPES: Mapping[str, CommandShape] = MappingProxyType(_shapes())
"""Every command a token may send, by the last part of its path."""
