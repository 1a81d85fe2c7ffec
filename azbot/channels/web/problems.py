"""Every error of the web as Problem Details (RFC 9457), in the reader's language.

A problem is a code of the catalogue and its facts; the type is
``urn:azbot:problem:<code>`` and never changes, the sentences may. Workflow refusals
keep the code of their rule, so that mail and API say the same thing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from aiohttp import web

from azbot.channels.web.refusals import HIDDEN, status_of
from azbot.errors import (
    AzbotError,
    Conflict,
    NotFound,
    PermanentFailure,
    Refused,
    StoreUnreachable,
    TemporaryFailure,
)
from azbot.i18n import formats
from azbot.i18n.catalogue import Catalogue
from azbot.render.phrases import refusal_sentence

TYPE = "urn:azbot:problem:"
MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one value of a request.

    Attributes:
        place: JSON pointer in the body, ``/answers/phone``, or the name of a
            parameter, ``?limit``.
        code: stable reason; its sentence is ``web.field.<code>``, or ``key``.
        facts: the values its sentence needs.
        key: catalogue key of the sentence when another area owns it.
    """

    place: str
    code: str
    facts: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    key: str = ""


class HttpProblem(AzbotError):
    """A request that cannot be done, and the answer to it.

    Args:
        status: HTTP status, 400 to 599.
        code: stable name; words under ``web.problem.<code>``.
        facts: the values the sentence needs, also given to programs.
        errors: one per value that is wrong.
        headers: further headers of the answer.

    Attributes:
        incident: the code of an error nobody foresaw, empty for any other.
    """

    def __init__(
        self,
        status: int,
        code: str,
        facts: Mapping[str, object] | None = None,
        *,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{status} {code}")
        self.status = status
        self.code = code
        self.facts = dict(facts or {})
        self.errors = tuple(errors)
        self.headers = dict(headers or {})
        self.is_refusal = False
        self.incident = ""


class RuleRefused(HttpProblem):
    """A rule of the workflow said no; its words are ``refusal.<code>``."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(status_of(refused.code), refused.code, refused.facts)
        self.is_refusal = True


def invalid(*errors: FieldError) -> HttpProblem:
    """Return 422 with every value that is wrong at once."""
    return HttpProblem(422, "invalid", {"count": len(errors)}, errors=errors)


_STATUS_CODES = {
    400: "bad_request",
    401: "unauthenticated",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    408: "too_slow",
    411: "length_required",
    413: "too_large",
    415: "unsupported_media_type",
    417: "expectation_failed",
    429: "too_many_attempts",
    431: "headers_too_large",
    501: "not_implemented",
    503: "unavailable",
}
_KEPT_HEADERS = ("Allow", "Retry-After", "WWW-Authenticate")


def problem_of(error: BaseException) -> HttpProblem:
    """Return the answer to whatever was raised; unknown errors are a 500."""
    match error:
        case HttpProblem():
            return error
        case Refused(code=code) if code in HIDDEN:
            return HttpProblem(404, "not_found")
        case Refused():
            return RuleRefused(error)
        case NotFound():
            return HttpProblem(404, "not_found")
        case Conflict():
            return HttpProblem(409, "conflict")
        case StoreUnreachable():
            return _later("store_unreachable")
        case TemporaryFailure():
            return _later("unavailable")
        case PermanentFailure():
            return HttpProblem(502, "failed")
        case TimeoutError():
            return _later("timed_out")
        case web.HTTPException():
            return _from_aiohttp(error)
        case _:
            return HttpProblem(500, "internal")


def _later(code: str) -> HttpProblem:
    return HttpProblem(503, code, headers={"Retry-After": "5"})


def _from_aiohttp(error: web.HTTPException) -> HttpProblem:
    headers = {k: error.headers[k] for k in _KEPT_HEADERS if k in error.headers}
    facts: dict[str, object] = {}
    if isinstance(error, web.HTTPMethodNotAllowed):
        facts["allowed"] = sorted(error.allowed_methods)
    code = _STATUS_CODES.get(error.status, "bad_request")
    return HttpProblem(error.status, code, facts, headers=headers)


def as_document(
    problem: HttpProblem, words: Catalogue, request_id: str, instance: str
) -> dict[str, object]:
    """Return the Problem Details object.

    Args:
        problem: what is wrong.
        words: the reader's language.
        request_id: the code to quote to an administrator.
        instance: path of the request.
    """
    found: dict[str, object] = {
        "type": TYPE + problem.code,
        "title": _title(problem, words),
        "status": problem.status,
        "detail": _detail(problem, words),
        "instance": instance,
        "code": problem.code,
        "request_id": request_id,
    }
    if problem.incident:
        found["incident"] = problem.incident
    if problem.facts:
        found["facts"] = problem.facts
    if problem.errors:
        found["errors"] = [_error(each, words) for each in problem.errors]
    return found


def _title(problem: HttpProblem, words: Catalogue) -> str:
    if problem.is_refusal:
        return words.t("web.problem.refused.title")
    return words.t(f"web.problem.{problem.code}.title")


def _detail(problem: HttpProblem, words: Catalogue) -> str:
    if not problem.is_refusal:
        said = _said({"incident": problem.incident, **problem.facts}, words)
        return words.t(f"web.problem.{problem.code}.detail", **said)
    # The words of mails: every channel says the same thing.
    sentence = refusal_sentence(words, problem.code, problem.facts)
    unknown = sentence == f"refusal.{problem.code}"
    return words.t("web.problem.refused.detail") if unknown else sentence


def _error(error: FieldError, words: Catalogue) -> dict[str, object]:
    said = _said(error.facts, words)
    where = "parameter" if error.place.startswith("?") else "pointer"
    place = error.place.removeprefix("?") if where == "parameter" else error.place
    found: dict[str, object] = {
        where: place,
        "code": error.code,
        "detail": words.t(error.key or f"web.field.{error.code}", **said),
    }
    if error.facts:
        found["facts"] = dict(error.facts)
    return found


def _said(facts: Mapping[str, object], words: Catalogue) -> dict[str, object]:
    return {name: _plain(value, words) for name, value in facts.items()}


def _plain(value: object, words: Catalogue) -> object:
    if isinstance(value, list | tuple):
        return formats.listing([str(each) for each in value], words.language)
    return value
