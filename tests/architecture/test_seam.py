"""What channels of other packages build on changes on purpose only."""

from __future__ import annotations

from tests.architecture.seam import WRITTEN, page


def test_what_is_promised_to_other_packages_is_what_was_written_down() -> None:
    written = WRITTEN.read_text(encoding="utf-8")
    told = "read docs/decisions/0020-what-plug-ins-are-promised.md, then run: "
    assert page() == written, f"{told}python -m tests.architecture.seam"
    assert len(written.splitlines()) > 100
