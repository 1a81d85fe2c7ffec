"""Every refusal of azbot has a status, a problem type and facts in words."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import azbot
from azbot.channels.web.refusals import KNOWN_CODES, in_words, status_of
from azbot.i18n.catalogue import catalogue

ROOT = Path(azbot.__file__).parent


def _codes() -> Iterator[str]:
    # What the command line refuses never passes through HTTP.
    homes = [ROOT / name for name in ("workflow", "intake", "store")]
    files = [file for home in homes for file in home.rglob("*.py")]
    for file in (*files, ROOT / "desk.py"):
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


def test_statuses_tell_what_to_do() -> None:
    assert status_of("not_allowed") == 403
    assert status_of("not_yours") == 404
    assert status_of("reason_needed") == 422
    assert status_of("wrong_status") == 409


def test_facts_become_words_of_the_reader() -> None:
    facts = {
        "status": "submitted",
        "items": ["order_proof", "address"],
        "roles": ["client"],
        "date": "2026-03-25T12:00:00+00:00",
        "number": 2,
        "names": ["Anne", "Luc"],
    }
    said = in_words(facts, catalogue("en"))
    assert said["status"] != "submitted"
    assert said["items"] == "Proof of order and Address"
    assert said["date"] == "Wednesday 25\u00a0March 2026 at 13:00"
    assert said["number"] == 2
    assert said["names"] == "Anne and Luc"
