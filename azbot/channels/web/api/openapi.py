"""The OpenAPI 3.1 document, made from the table and the models that validate."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, JsonValue
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from azbot.channels.web.api.bodies import described
from azbot.channels.web.api.operations import PREFIX, Operation
from azbot.channels.web.api.table import OPERATIONS
from azbot.channels.web.problems import MEDIA_TYPE

Json = dict[str, Any]
_REF = "#/components/schemas/{model}"
_TAGS = {
    "Assistances": "The list, one assistance, a new one.",
    "Commands": (
        "Every command of the workflow, one rule for all: POST its fields to"
        " /assistances/{ref}/commands/{command}."
    ),
    "Conversation": "History, messages and internal notes.",
    "Documents": "Files up and down, technical reports.",
    "Directory": "Stations and people.",
    "Desk": "Messages that wait for a person, outgoing messages.",
    "Service": "What azbot says of itself.",
}
_ABOUT = """\
The desk of technical assistances, for programs.

* **Tokens**: `Authorization: Bearer …`, made by `azbot token add NAME --role agent`.
* **Errors** are Problem Details (RFC 9457) with a stable `code`; the sentences follow
  `Accept-Language` (fr, en, es).
* **Writes** may carry an `Idempotency-Key`: the same key and body again gives the
  same answer and changes nothing, the same key with another body is refused.
* **Versions**: an assistance comes with an `ETag`; send it back as `If-Match` to
  write only if nobody was faster.
* Instants are UTC, RFC 3339; durations ISO 8601.
"""
_USUAL = {
    400: "The request cannot be read.",
    401: "No token, or a wrong one.",
    403: "This role may not.",
    404: "Nothing has this name, or it is not yours.",
    409: "The present state does not allow it.",
    412: "The version is another one.",
    413: "The body is too large.",
    415: "The body is of a kind that is not taken.",
    422: "Values that cannot be taken, each named.",
    429: "Too many wrong tokens.",
    503: "The database does not answer; try again.",
}


class ProblemError(BaseModel):
    """One value that cannot be taken."""

    model_config = ConfigDict(extra="forbid")

    pointer: str | None = None
    parameter: str | None = None
    code: str
    detail: str
    facts: dict[str, JsonValue] | None = None


class Problem(BaseModel):
    """Problem Details (RFC 9457).

    Attributes:
        type: ``urn:azbot:problem:`` and the code.
        code: stable; the key of the sentence.
        detail: in the language asked for.
        request_id: to quote to an administrator.
        facts: the values of the sentence, as data.
        errors: one per value that cannot be taken.
    """

    model_config = ConfigDict(extra="forbid")

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    request_id: str
    facts: dict[str, JsonValue] | None = None
    errors: list[ProblemError] | None = None


def document(version: str, server: str = "", name: str = "azbot") -> Json:
    """Return the OpenAPI document as JSON values.

    Args:
        version: of azbot.
        server: public address of the service; empty for "where this was read".
        name: of the desk, the title.
    """
    schemas, names = _schemas()
    paths: Json = {}
    for operation in OPERATIONS:
        path = paths.setdefault(PREFIX + operation.path, {})
        path[operation.method.lower()] = _operation(operation, names)
    return {
        "openapi": "3.1.0",
        "info": {"title": name, "version": version, "description": _ABOUT},
        "servers": [{"url": server or "/"}],
        "tags": [{"name": n, "description": text} for n, text in _TAGS.items()],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "parameters": _shared_parameters(),
            "responses": {
                f"Problem{status}": _problem(text) for status, text in _USUAL.items()
            },
            "schemas": schemas,
        },
    }


def _schemas() -> tuple[Json, dict[tuple[type[BaseModel], str], str]]:
    wanted: dict[tuple[type[BaseModel], JsonSchemaMode], None] = {}
    for each in OPERATIONS:
        if each.body is not None:
            wanted[each.body, "validation"] = None
        if each.answer is not None:
            wanted[each.answer, "serialization"] = None
    wanted[Problem, "serialization"] = None
    found, definitions = models_json_schema(list(wanted), ref_template=_REF)
    schemas = definitions.get("$defs", {})
    for schema in schemas.values():
        _describe(schema)
    names = {key: ref["$ref"] for key, ref in found.items()}
    return schemas, names  # type: ignore[return-value]


def _describe(schema: Json) -> None:
    """Move what a docstring says of its attributes to the properties."""
    text, told = described(schema.get("description", ""))
    if text:
        schema["description"] = text
    for name, of in schema.get("properties", {}).items():
        of.pop("title", None)
        if name in told and "$ref" not in of:
            of.setdefault("description", told[name])


def _operation(
    operation: Operation, names: dict[tuple[type[BaseModel], str], str]
) -> Json:
    found: Json = {
        "operationId": operation.id,
        "summary": operation.summary,
        "tags": [operation.tag],
        "parameters": _parameters(operation),
        "responses": _responses(operation, names),
        "x-roles": sorted(role.value for role in operation.roles),
    }
    if operation.body is not None:
        needed = any(f.is_required() for f in operation.body.model_fields.values())
        ref = names[operation.body, "validation"]
        found["requestBody"] = {
            "required": needed,
            "content": {"application/json": {"schema": {"$ref": ref}}},
        }
    elif operation.upload:
        found["requestBody"] = _upload_body()
    return found


def _upload_body() -> Json:
    part = {
        "type": "object",
        "required": ["file"],
        "properties": {"file": {"type": "string", "format": "binary"}},
    }
    return {
        "required": True,
        "content": {
            "multipart/form-data": {"schema": part},
            "application/octet-stream": {"schema": {}},
        },
    }


def _parameters(operation: Operation) -> list[Json]:
    found: list[Json] = [_path_parameter(name) for name in operation.parameters]
    if operation.query is not None:
        found += _query_parameters(operation.query)
    shared = ["Language"]
    if operation.writes is not None:
        shared.append("Key")
        if operation.has_version:
            shared.append("Version")
    return found + [{"$ref": f"#/components/parameters/{name}"} for name in shared]


def _path_parameter(name: str) -> Json:
    schema: Json = {"type": "integer", "minimum": 1, "maximum": 999_999_999}
    if name == "ref":
        schema = {"type": "string", "pattern": "^AS[A-Z]{2}[0-9]{8}$"}
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _query_parameters(query: type[BaseModel]) -> list[Json]:
    schema = query.model_json_schema(ref_template=_REF)
    shared = schema.get("$defs", {})
    _, told = described(schema.get("description", ""))
    found = []
    for name, given in schema["properties"].items():
        of = _inlined(given, shared)
        of.pop("title", None)
        parameter: Json = {"name": name, "in": "query", "schema": of}
        if name in told:
            parameter["description"] = told[name]
        if of.get("type") == "array":
            parameter |= {"style": "form", "explode": False}
        found.append(parameter)
    return found


def _inlined(schema: Any, shared: Json) -> Any:
    """Return a schema with its references written out; absent is not null."""
    if isinstance(schema, list):
        return [_inlined(each, shared) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _inlined(shared[schema["$ref"].rpartition("/")[2]], shared)
    found = {key: _inlined(each, shared) for key, each in schema.items()}
    kept = [each for each in found.get("anyOf", []) if each != {"type": "null"}]
    if len(kept) == 1:
        del found["anyOf"]
        found.pop("default", None)
        found |= kept[0]
    return found


def _responses(
    operation: Operation, names: dict[tuple[type[BaseModel], str], str]
) -> Json:
    success: Json = {"description": "Done."}
    if operation.answer is not None:
        ref = names[operation.answer, "serialization"]
        success["content"] = {"application/json": {"schema": {"$ref": ref}}}
    elif operation.media_type != "application/json":
        types = [operation.media_type]
        if operation.media_type == "application/octet-stream":
            types = ["image/*", "video/*", "application/pdf", operation.media_type]
        success["content"] = {each: {"schema": {}} for each in types}
    if operation.has_version:
        text = {"type": "string"}
        success["headers"] = {"ETag": {"schema": text, "description": "The version."}}
    usual = {401, 403, 422, 429, 503} | set(operation.problems)
    if operation.writes is not None:
        usual |= {400, 409, 413, 415}
    return {str(operation.status): success} | {
        str(status): {"$ref": f"#/components/responses/Problem{status}"}
        for status in sorted(usual)
    }


def _problem(text: str) -> Json:
    ref = _REF.format(model="Problem")
    return {"description": text, "content": {MEDIA_TYPE: {"schema": {"$ref": ref}}}}


def _shared_parameters() -> Json:
    key: Json = {"type": "string", "minLength": 1, "maxLength": 255,
                 "pattern": "^[!-~]+$"}  # fmt: skip
    return {
        "Language": _header("Accept-Language", {"type": "string"}, "fr, en or es."),
        "Key": _header("Idempotency-Key", key, "The same key does it once."),
        "Version": _header(
            "If-Match", {"type": "string"}, "The ETag this is based on."
        ),
    }


def _header(name: str, schema: Json, text: str) -> Json:
    place: Literal["header"] = "header"
    return {"name": name, "in": place, "schema": schema, "description": text}
