"""The page that sets our pictures beside the illustrations of the manual."""

from __future__ import annotations

from pathlib import Path

from tests.browser.manualpage import ILLUSTRATIONS, PICTURES, page

ROOT = Path(__file__).parents[2]


def test_the_page_of_the_manual_names_every_illustration_and_each_has_its_picture() -> (
    None
):
    written = (ROOT / "docs" / "users" / "manual.md").read_text(encoding="utf-8")
    assert written == page(), "run: python3 dev.py shots"
    assert len(ILLUSTRATIONS) == 28
    names = sorted(path.name for path in (ROOT / PICTURES).glob("*.png"))
    assert names == [one.file(n) for n, one in enumerate(ILLUSTRATIONS, 1)]
