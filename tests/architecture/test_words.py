"""One word for one thing, and no drawer for odds and ends."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from tests.architecture.sources import modules, name_of, tree

# The domain says assistance; a request is an HTTP request.
FOREIGN = {"ticket", "tickets", "case", "cases"}
DRAWERS = {"utils", "util", "common", "base", "manager", "managers", "misc", "helpers"}

# Homes of the broad except: what keeps loops alive, the border around one item of a
# worker, the top of the command line, the border to code of other packages, and the
# thread that writes, which hands every failure to the caller who waits for it.
HOMES = {
    "azbot/health/supervise.py",
    "azbot/cli/__init__.py",
    "azbot/delivery/dispatch.py",
    "azbot/chat/courier.py",
    "azbot/doctor/examination.py",
    "azbot/desk/timers.py",
    "azbot/desk/holding.py",
    "azbot/plugins.py",
    "azbot/intake/worker.py",
    "azbot/store/writer.py",
    "azbot/channels/web/server.py",  # a request is an item, too
}


def words(identifier: str) -> set[str]:
    """Take an identifier apart: ``HTTPCase_of`` gives http, case, of."""
    parts = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", identifier)
    return {part.lower() for part in parts}


def names_given(module: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield line and name of each class and function."""
    for node in ast.walk(module):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.lineno, node.name


def is_broad(handler: ast.ExceptHandler) -> bool:
    """Tell whether it catches everything and keeps it: `raise` gives it back."""
    last = handler.body[-1]
    if isinstance(last, ast.Raise) and last.exc is None:
        return False
    caught = handler.type
    each = caught.elts if isinstance(caught, ast.Tuple) else [caught]
    broad = {"Exception", "BaseException"}
    return any(
        one is None or (isinstance(one, ast.Name) and one.id in broad) for one in each
    )


@pytest.mark.parametrize(
    ("identifier", "parts"),
    [
        ("OpenTicket", {"open", "ticket"}),
        ("case_of", {"case", "of"}),
        ("HTTPCase", {"http", "case"}),
        ("casefold", {"casefold"}),
    ],
)
def test_identifiers_are_read_word_by_word(identifier: str, parts: set[str]) -> None:
    assert words(identifier) == parts


def test_an_assistance_is_never_called_a_ticket_or_a_case() -> None:
    found = [
        f"{name_of(path)}:{line} {name}"
        for path in modules()
        for line, name in names_given(tree(path))
        if words(name) & FOREIGN
    ]
    found += [name_of(path) for path in modules() if words(path.stem) & FOREIGN]
    assert found == []


def test_no_module_is_a_drawer() -> None:
    found = [
        name_of(path)
        for path in modules()
        if DRAWERS & {path.stem, *(part.name for part in path.parents)}
    ]
    assert found == []


def test_broad_excepts_stay_in_their_homes() -> None:
    handlers = [
        (name_of(path), node.lineno)
        for path in modules()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ExceptHandler) and is_broad(node)
    ]
    assert handlers, "the supervisor has one; is this test looking in the right place?"
    assert [where for where in handlers if where[0] not in HOMES] == []


@pytest.mark.parametrize(
    ("clause", "broad"),
    [
        ("except Exception: pass", True),
        ("except: pass", True),
        ("except (OSError, BaseException) as e: pass", True),
        ("except OSError: pass", False),
        ("except BaseException:\n    clean()\n    raise", False),
        ("except Exception as e:\n    raise ValueError from e", True),
    ],
)
def test_a_broad_except_is_recognised(clause: str, broad: bool) -> None:
    (statement,) = ast.parse(f"try: pass\n{clause}").body
    assert isinstance(statement, ast.Try)
    assert is_broad(statement.handlers[0]) is broad
