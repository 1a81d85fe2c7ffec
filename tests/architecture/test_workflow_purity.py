"""The workflow decides from values alone: it reads and changes nothing else."""

from __future__ import annotations

import ast
from dataclasses import is_dataclass
from pathlib import Path
from typing import get_args

import pytest

from azbot import workflow
from azbot.workflow.commands import Command
from azbot.workflow.decision import Decision, Notice, Recorded, Refusal, Timer
from azbot.workflow.events import Event
from azbot.workflow.model import Assistance, Document, Intervention, Mission, Signature

MODULES = sorted(Path(workflow.__file__ or "").parent.glob("*.py"))
OURS = ("azbot.workflow", "azbot.forms", "azbot.messages", "azbot.errors")
PURE = {
    "__future__", "bisect", "collections", "dataclasses", "datetime", "enum",
    "functools",
    "itertools", "math", "re", "typing", "typing_extensions", "zoneinfo",
}  # fmt: skip
IMPURE_CALLS = {"now", "utcnow", "today", "open", "print", "input", "eval", "exec"}


def trees() -> list[tuple[str, ast.Module]]:
    assert len(MODULES) > 15
    return [(p.name, ast.parse(p.read_text(encoding="utf-8"))) for p in MODULES]


def test_it_imports_values_and_pure_functions_only() -> None:
    for name, tree in trees():
        for node in ast.walk(tree):
            imported = (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else []
            )
            for module in imported:
                is_ours = module.startswith(OURS)
                assert is_ours or module.split(".")[0] in PURE, f"{name}: {module}"


def test_it_calls_nothing_that_reads_a_clock_or_a_file() -> None:
    for name, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                called = node.func
                word = (
                    called.attr
                    if isinstance(called, ast.Attribute)
                    else called.id
                    if isinstance(called, ast.Name)
                    else ""
                )
                assert word not in IMPURE_CALLS, f"{name}:{node.lineno}: {word}"


def test_it_awaits_nothing_and_keeps_no_global_state() -> None:
    for name, tree in trees():
        for node in ast.walk(tree):
            assert not isinstance(
                node, ast.Await | ast.AsyncFunctionDef | ast.Global | ast.Nonlocal
            ), f"{name}:{node.lineno}"


@pytest.mark.parametrize(
    "kind",
    [
        *get_args(Command),
        *get_args(Event),
        *(Assistance, Document, Intervention, Mission, Signature),
        *(Decision, Notice, Recorded, Refusal, Timer),
    ],
    ids=lambda kind: kind.__name__,
)
def test_values_are_frozen_and_slotted(kind: type) -> None:
    assert is_dataclass(kind)
    assert kind.__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert "__slots__" in vars(kind)
