"""Every refusal of azbot has a status, a problem type and facts in words."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import azbot
from azbot.channels.web.problems import as_document, problem_of
from azbot.channels.web.refusals import KNOWN_CODES, status_of
from azbot.errors import Refused
from azbot.i18n.catalogue import LANGUAGES, catalogue, strict_catalogue

ROOT = Path(azbot.__file__).parent


def _codes() -> Iterator[str]:
    # What the command line refuses never passes through HTTP.
    homes = [ROOT / name for name in ("workflow", "intake", "store")]
    files = [file for home in homes for file in home.rglob("*.py")]
    for name in ("refill", "alone", "trial"):
        files.remove(ROOT / "store" / f"{name}.py")
    for file in (*files, ROOT / "desk" / "desk.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
                continue
            if node.func.id in {"refuse", "Refusal", "Refused"} and node.args:
                first = node.args[0]
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    yield first.value


def test_no_refusal_is_without_a_chosen_status() -> None:
    found = set(_codes())
    assert len(found) > 30
    assert found <= KNOWN_CODES, found - KNOWN_CODES


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_refusal_has_words(language: str) -> None:
    keys = strict_catalogue(language).keys
    # A cursor belongs to the API alone, which has words of its own.
    codes = KNOWN_CODES - {"bad_cursor"}
    assert {f"refusal.{code}" for code in codes} <= keys


def test_statuses_tell_what_to_do() -> None:
    assert status_of("not_allowed") == 403
    assert status_of("not_yours") == 404
    assert status_of("reason_needed") == 422
    assert status_of("wrong_status") == 409


# Told as an error of its parameter; the others only an agent's mistake can cause.
_OTHERWISE = {"bad_cursor", "no_sender", "unreadable_message"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_refusal_has_its_sentence(language: str) -> None:
    keys = strict_catalogue(language).keys
    wanted = {f"refusal.{code}" for code in KNOWN_CODES - _OTHERWISE}
    assert wanted <= keys


def test_a_refusal_is_told_in_words_and_as_data() -> None:
    problem = problem_of(Refused("missing_prerequisite", {"items": ["order_proof"]}))
    told = as_document(problem, strict_catalogue("en"), "r-1", "/x")
    assert (told["status"], told["code"]) == (409, "missing_prerequisite")
    assert told["facts"] == {"items": ["order_proof"]}
    assert "order_proof" not in str(told["detail"])


def test_a_refusal_without_words_is_still_a_sentence() -> None:
    told = as_document(problem_of(Refused("brand_new")), catalogue("en"), "r-1", "/x")
    assert told["detail"] == "The present state of the assistance does not allow this."
