"""What a form of the administration sent, and what is wrong with it in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from aiohttp import web
from multidict import MultiDict

from azbot.channels.web.problems import FieldError, HttpProblem
from azbot.choices import Unfit
from azbot.errors import ConfigError, Problem, Refused
from azbot.i18n.catalogue import Catalogue
from azbot.render.phrases import refusal_sentence

_FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})
LONGEST = 20_000

FAULTS = (HttpProblem, Unfit, ConfigError, Refused)
"""What a form may be refused with; anything else is nobody's mistake."""


@dataclass(frozen=True, slots=True)
class Upload:
    """One file of a form."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Form:
    """What was posted.

    Attributes:
        values: the fields, each with all its values.
        files: those that were chosen.
    """

    values: Mapping[str, Sequence[str]]
    files: Mapping[str, Upload]

    def __contains__(self, name: object) -> bool:
        return name in self.values

    def text(self, name: str) -> str:
        """Return a field without spaces around, empty when it is not there."""
        return (self.values.get(name) or ("",))[0].strip()

    def all(self, name: str) -> list[str]:
        """Return every value of a field."""
        return list(self.values.get(name, ()))

    def number(self, name: str) -> int:
        """Return a whole number, 0 for anything else."""
        text = self.text(name)
        is_number = text.isascii() and text.isdigit() and len(text) < 16
        return int(text) if is_number else 0


async def read_form(request: web.Request, longest: int = LONGEST) -> Form:
    """Return the fields and files of a form.

    Args:
        request: the one that carries it.
        longest: characters of its longest field.

    Raises:
        HttpProblem: 415, it is none; 413, a field is larger than any of ours.
    """
    if request.content_type not in _FORMS:
        raise HttpProblem(415, "unsupported_media_type")
    sent = await request.post()
    values: MultiDict[str] = MultiDict()
    files: dict[str, Upload] = {}
    for name, value in sent.items():
        if isinstance(value, str):
            if len(value) > longest:
                raise HttpProblem(413, "too_large")
            values.add(name, value.replace("\x00", "").replace("\r\n", "\n"))
        elif isinstance(value, web.FileField) and value.filename:
            files[name] = Upload(value.filename, value.file.read())
    return Form({name: values.getall(name) for name in values}, files)


Wrong = Mapping[str, str]
"""Field → what is wrong with it; ``""`` for the form as a whole."""
NOTHING: Wrong = MappingProxyType({})


def wrong_of(fault: Exception, words: Catalogue) -> Wrong:
    """Return what is wrong, in words, by field.

    Args:
        fault: one of ``FAULTS``.
        words: the reader's language.

    Raises:
        Exception: the fault itself, when a form cannot mend it.
    """
    match fault:
        case HttpProblem(errors=errors) if errors:
            return {_name(each.place): _sentence(each, words) for each in errors}
        case HttpProblem(status=409, code=code, facts=facts):
            return {"": words.t(f"web.problem.{code}.detail", **facts)}
        case ConfigError(problems=problems) | Unfit(problems=problems):
            found: dict[str, str] = {}
            for problem in problems:
                path = problem.path.removeprefix("workflow.").removeprefix("brand.")
                found.setdefault(path.partition(".")[0], problem_words(problem, words))
            return found
        case Refused(code=code, facts=facts):
            own = f"admin.error.{code}"
            if own in words:
                return {"": words.t(own, **facts)}
            return {"": refusal_sentence(words, code, facts)}
        case _:
            raise fault


def problem_words(problem: Problem, words: Catalogue) -> str:
    """Return one problem in a sentence; the file's own where they say the same."""
    key = f"admin.error.{problem.code}"
    known = key if key in words else f"config.{problem.code}"
    return words.t(known, **problem.facts)


def _name(place: str) -> str:
    return place.lstrip("/?").partition("/")[0]


def _sentence(error: FieldError, words: Catalogue) -> str:
    own = f"admin.error.{_name(error.place)}.{error.code}"
    key = error.key or (own if own in words else f"web.field.{error.code}")
    return words.t(key, **error.facts)
