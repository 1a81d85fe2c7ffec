"""No words without a use: what nobody says is nothing to translate."""

from __future__ import annotations

import ast
import re
from functools import cache

import pytest

from azbot.i18n.catalogue import words_of
from tests.architecture.sources import PACKAGE, ROOT, modules, tree

AREAS = (
    *("account", "admin", "composer", "demo", "doctor", "inbox", "list", "ranking"),
    *(
        "portal",
        "refusal",
        "request",
        "signin",
        "signing",
        "station",
        "stats",
        "upload",
        "visit",
        "visitor",
        "web",
    ),
)
"""Those of pages, whose keys are made from names that stand in azbot."""

_PIECE = r"([\w.\-]+)"
_QUOTED = re.compile(r"""["']([\w.\-]+)["']""")
_JOINED = re.compile(
    r"""["']([a-z]+\.[\w.\-]*)["']\s*~(?:[^~%}]+~\s*["']([\w.\-]+)["'])?"""
)


def pages() -> str:
    """Return every template and script as one text."""
    found = [
        path.read_text(encoding="utf-8")
        for folder, ending in ((ROOT / "templates", "j2"), (PACKAGE, "js"))
        for path in sorted(folder.rglob(f"*.{ending}"))
    ]
    assert len(found) > 150
    return "\n".join(found)


@cache
def said() -> frozenset[str]:
    """Return every literal, and the names of fields, functions and classes."""
    found = set(_QUOTED.findall(pages()))
    for path in modules():
        for node in ast.walk(tree(path)):
            match node:
                case ast.Constant(value=str(text)):
                    found.update(re.findall(r"[\w.\-]+", text))
                case (
                    ast.AnnAssign(target=ast.Name(id=name)) | ast.keyword(arg=str(name))
                ):
                    found.add(name)
                case ast.ClassDef(name=name):
                    found.add(re.sub(r"(?<=.)(?=[A-Z])", "_", name).lower())
    # The words of mails have names of their own where an administrator changes them.
    mails = (key for key in words_of("fr") if key.startswith("mail."))
    return frozenset(found | {key.rpartition(".")[2] for key in mails})


@cache
def made() -> tuple[re.Pattern[str], ...]:
    """Return the shape of every text that is put together: ``inbox.do.{name}``."""
    shapes = {
        re.escape(head) + _PIECE + re.escape(tail or "")
        for head, tail in _JOINED.findall(pages())
    }
    for node in (node for path in modules() for node in ast.walk(tree(path))):
        if not isinstance(node, ast.JoinedStr):
            continue
        parts = [
            str(p.value) if isinstance(p, ast.Constant) else "" for p in node.values
        ]
        if re.fullmatch(r"[\w.\-]{3,}", "".join(parts)):
            shapes.add("".join(re.escape(part) if part else _PIECE for part in parts))
    return tuple(re.compile(shape) for shape in sorted(shapes))


def is_said(key: str, depth: int = 2) -> bool:
    """Whether something in azbot is this text, or makes it of texts that are there."""
    if key in said():
        return True
    found = (shape.fullmatch(key) for shape in made()) if depth else ()
    return any(
        all(is_said(piece, depth - 1) for piece in match.groups())
        for match in found
        if match
    )


@pytest.mark.parametrize("area", AREAS)
def test_every_word_of_a_page_is_said_somewhere(area: str) -> None:
    keys = [key for key in sorted(words_of("fr")) if key.startswith(f"{area}.")]
    assert len(keys) > 10
    assert [key for key in keys if not is_said(key)] == []
