"""No sentence of the web is missing in any language."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from aiohttp import web

import azbot.channels.web
from azbot.channels.web.api.complaints import FIELD_CODES
from azbot.channels.web.problems import problem_of
from azbot.i18n.catalogue import LANGUAGES, placeholders, strict_catalogue
from azbot.messages import Reason
from azbot.resources import data_dir
from azbot.workflow.model import DocumentKind

FOLDER = Path(azbot.channels.web.__file__).parent
_CALLS = {"HttpProblem": 1, "_later": 0, "_unauthenticated": 0}


def _problem_codes() -> set[str]:
    found = {problem_of(ValueError()).code, "refused"}
    found.add(problem_of(web.HTTPMethodNotAllowed("PUT", ["GET"])).code)
    for kind in (
        web.HTTPNotFound,
        web.HTTPUnsupportedMediaType,
        web.HTTPForbidden,
        web.HTTPUnauthorized,
        web.HTTPRequestTimeout,
        web.HTTPLengthRequired,
        web.HTTPExpectationFailed,
        web.HTTPTooManyRequests,
        web.HTTPRequestHeaderFieldsTooLarge,
        web.HTTPNotImplemented,
        web.HTTPServiceUnavailable,
        web.HTTPNotAcceptable,
        web.HTTPBadRequest,
        web.HTTPGone,
    ):
        found.add(problem_of(kind()).code)
    found.add(problem_of(web.HTTPRequestEntityTooLarge(1, 2)).code)
    for file in FOLDER.rglob("*.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                place = _CALLS.get(node.func.id)
                if place is not None and len(node.args) > place:
                    argument = node.args[place]
                    if isinstance(argument, ast.Constant):
                        found.add(str(argument.value))
    return found


def _field_codes() -> set[str]:
    found = set(FIELD_CODES)
    for file in FOLDER.rglob("*.py"):
        for each in re.findall(r'FieldError\(\s*[^,()]+(?:\([^)]*\)\)?)?, "([a-z_]+)"',
                               file.read_text(encoding="utf-8")):  # fmt: skip
            found.add(each)
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_problem_has_a_title_and_a_sentence(language: str) -> None:
    keys = strict_catalogue(language).keys
    codes = _problem_codes()
    assert len(codes) > 30
    for code in codes:
        assert {f"web.problem.{code}.title", f"web.problem.{code}.detail"} <= keys, code


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_field_error_has_its_sentence(language: str) -> None:
    keys = strict_catalogue(language).keys
    codes = _field_codes()
    assert {"unknown_upload", "station_inactive", "bad_cursor"} <= codes
    assert {f"web.field.{code}" for code in codes} <= keys


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_key_of_the_templates_and_lists_exists(language: str) -> None:
    keys = strict_catalogue(language).keys
    wanted = {f"web.held.{reason.value}" for reason in Reason}
    wanted |= {f"web.document.{kind.value}" for kind in DocumentKind}
    for file in (data_dir("templates") / "web").rglob("*.j2"):
        text = file.read_text(encoding="utf-8")
        wanted |= set(re.findall(r"""["'](web\.[a-z_.]+[a-z])["']""", text))
    for file in FOLDER.rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        wanted |= set(re.findall(r'"(web\.[a-z_]+(?:\.[a-z_]+)+)"', text))
    assert wanted <= keys, wanted - keys


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_translation_asks_for_the_same_facts(language: str) -> None:
    french, other = strict_catalogue("fr"), strict_catalogue(language)
    own = [key for key in french.keys if key.startswith("web.")]
    assert len(own) > 200
    for key in own:
        assert placeholders(other.forms(key)[0]) == placeholders(french.forms(key)[0])
