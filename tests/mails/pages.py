"""The mails as files, from the samples: ``docs/developers/mails.md``, snapshots.

``python -m tests.mails.pages`` writes them again after a mail changed on purpose; the
difference then shows in review what people will read.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from azbot.workflow.decision import NoticeKind
from tests.mails.samples import LANGUAGES, SAMPLES, Sample, a_renderer, write

ROOT = Path(__file__).resolve().parents[2]
SNAPSHOTS = Path("tests", "snapshots", "mail")
_RENDERER = a_renderer()

_HEAD = """# Mails

Everything azbot tells people by mail, one line per notice, as written for the sample
assistance of the tests. Each mail exists in French, English and Spanish, as plain text
and as HTML. This page is written from the code by `python -m tests.mails.pages`; a
test keeps the two equal. The whole mails are in `tests/snapshots/mail/`.

The words are in `azbot/i18n/<language>/mail.po`, the layout in
`templates/mail/<notice>/`: `subject.txt.j2` gives subject and preheader, `body.j2`
says once what both parts say. A folder may hold a `body.txt.j2` or a `body.html.j2`
of its own. The frame around all mails is `templates/mail/_frame/`.

What a template may ask for: the facts of its notice (`azbot/workflow/notices.py`,
`azbot/render/facts.py`), instants already on the clocks of the site; `site`,
`service_name`, `in_town`, `visit_at`; `reader`, `links` and `brand`
(`azbot/render/values.py`); `t`, the words of a catalogue key; `say`, the dates,
numbers and names of its language (`azbot/render/voice.py`,
`azbot/render/tellings.py`); and `ui`, the blocks of `_frame/blocks.*.j2`.

| Mail | Reader | Subject | Preheader |
|---|---|---|---|
"""


def _row(one: Sample) -> str:
    words = write(one, "fr", _RENDERER)
    cells = (f"`{one.name}`", one.role, words.subject, words.preheader)
    return "| " + " | ".join(cell.replace("|", "/") for cell in cells) + " |\n"


def page() -> str:
    """Return ``docs/developers/mails.md``."""
    order = list(NoticeKind)
    ranked = sorted(SAMPLES, key=lambda one: order.index(one.kind))
    return _HEAD + "".join(map(_row, ranked))


def snapshots() -> Iterator[tuple[Path, str]]:
    """Yield path and content of each snapshot.

    Plain text for each mail in each language, the whole HTML in French: that of the
    other languages has the same elements around the words of their plain text.
    """
    for one in SAMPLES:
        for language in LANGUAGES:
            words = write(one, language, _RENDERER)
            whole = f"{words.subject}\n{words.preheader}\n\n{words.text}"
            yield SNAPSHOTS / language / f"{one.name}.txt", whole
            if language == "fr":
                yield SNAPSHOTS / "html" / f"{one.name}.html", words.html


def rewrite() -> None:
    """Write the page and the snapshots; remove what no mail gives any more."""
    for left in (ROOT / SNAPSHOTS).rglob("*.*"):
        left.unlink()
    files = {Path("docs", "developers", "mails.md"): page(), **dict(snapshots())}
    for name, content in files.items():
        target = ROOT / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content, encoding="utf-8", newline="\n")
    sys.stdout.write(f"{len(files)} files\n")


if __name__ == "__main__":
    rewrite()
