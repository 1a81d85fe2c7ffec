"""What is wrong with a form of the administration, in words."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from azbot.channels.web.problems import FieldError, HttpProblem
from azbot.choices import Unfit
from azbot.errors import ConfigError, Problem, Refused
from azbot.i18n.catalogue import Catalogue
from azbot.render.phrases import refusal_sentence

FAULTS = (HttpProblem, Unfit, ConfigError, Refused)
"""What a form may be refused with; anything else is nobody's mistake."""


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
