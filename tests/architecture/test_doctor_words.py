"""Whatever the doctor may find has words, and a page that is there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from azbot.doctor import providers
from azbot.doctor.examination import PROBES
from azbot.doctor.finding import Level
from azbot.i18n.catalogue import words_of
from tests.architecture.sources import PACKAGE, ROOT, tree

SOURCES = sorted((PACKAGE / "doctor").glob("*.py"))
SAYING = {"ok": "found", "warning": "found", "failure": "found", "skipped": "found"}
SAYING |= {"Repair": "repair"}


def said() -> Iterator[tuple[str, str]]:
    """Yield (kind, code) of every note and repair that is written out."""
    for path in SOURCES:
        for node in ast.walk(tree(path)):
            match node:
                case ast.Call(func=ast.Name(id=name), args=[first, *_]) if (
                    name in SAYING
                ):
                    for code in ast.walk(first):
                        if isinstance(code, ast.Constant) and code.value:
                            yield SAYING[name], str(code.value)


def test_every_note_and_repair_has_words() -> None:
    codes = [(kind, code) for kind, code in said() if not code.endswith("_")]
    assert len(codes) > 100
    missing = [
        f"doctor.{kind}.{code}"
        for kind, code in codes
        if f"doctor.{kind}.{code}" not in words_of("fr")
    ]
    assert missing == []


@pytest.mark.parametrize(
    ("beginning", "endings"),
    [
        ("doctor.level.", tuple(Level)),
        ("doctor.probe.", PROBES),
        ("doctor.repair.login_", [p.name for p in providers.PROVIDERS]),
        ("doctor.repair.dkim_", [p.name for p in providers.PROVIDERS]),
        ("doctor.repair.sub_addresses_", [p.name for p in providers.PROVIDERS]),
        ("doctor.found.bucket_may_not_", ["write", "read", "list", "delete"]),
        ("doctor.found.server_", ["tls", "starttls", "none"]),
        (
            "doctor.found.certificate_",
            ["expired", "early", "self_signed", "untrusted", "other_name"],
        ),
        (
            "doctor.found.address_",
            [
                *("name", "refused", "timeout", "unreachable", "lost"),
                *("self_signed", "untrusted", "other_name", "tls", "not_tls"),
            ],
        ),
    ],
)
def test_what_is_put_together_has_words(beginning: str, endings: list[str]) -> None:
    assert [e for e in endings if f"{beginning}{e}" not in words_of("fr")] == []


def test_every_page_that_is_shown_is_there() -> None:
    found = {
        page
        for path in SOURCES
        for page in re.findall(r'"(docs/[\w./-]+\.md)', path.read_text("utf-8"))
    }
    assert len(found) > 5
    assert [page for page in sorted(found) if not (ROOT / page).is_file()] == []
