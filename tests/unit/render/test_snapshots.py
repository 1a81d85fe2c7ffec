"""Every mail as it leaves, word for word (M1).

After a change made on purpose: ``python -m tests.mails.pages``.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.mails.pages import ROOT, SNAPSHOTS, snapshots
from tests.mails.samples import LANGUAGES, SAMPLES, Sample, a_renderer, write

RENDERER = a_renderer()
WRITTEN = dict(snapshots())


@pytest.mark.parametrize("name", WRITTEN, ids=lambda name: "/".join(name.parts[-2:]))
def test_a_mail_is_word_for_word_the_one_that_was_reviewed(name: Path) -> None:
    assert WRITTEN[name] == (ROOT / name).read_text(encoding="utf-8")


def test_every_snapshot_belongs_to_a_mail() -> None:
    kept = {path.relative_to(ROOT) for path in (ROOT / SNAPSHOTS).rglob("*.*")}
    assert kept == set(WRITTEN)
    assert len(kept) >= 4 * len(SAMPLES)


@pytest.mark.parametrize("language", LANGUAGES[1:])
@pytest.mark.parametrize("one", SAMPLES, ids=lambda one: str(one.name))
def test_every_language_has_the_same_layout(one: Sample, language: str) -> None:
    french, other = (write(one, lang, RENDERER).html for lang in ("fr", language))
    assert skeleton(other) == skeleton(french)


def skeleton(html: str) -> list[str]:
    """Return the elements of a document, without words and widths of buttons."""
    bare = re.sub(r'(?:lang|aria-label)="[^"]*"|width:\d+px', "", html)
    return re.findall(r"<[^>]*>", bare)
