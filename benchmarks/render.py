"""How long one mail takes to write, beside filling the same text with str.format.

Prints one JSON object: medians in milliseconds over all sample mails, templates
compiled before. Run it as ``python benchmarks/render.py [rounds]``.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from azbot.i18n.catalogue import catalogue
from azbot.render import Renderer
from azbot.resources import data_dir
from tests.mails.samples import BRAND, SAMPLES, links_for, reader_of


def median(work: Callable[[], object], rounds: int) -> float:
    """Return the median duration in milliseconds."""
    taken = []
    for _ in range(rounds):
        begun = time.perf_counter()
        work()
        taken.append((time.perf_counter() - begun) * 1000)
    return statistics.median(taken)


def main(rounds: int) -> None:
    renderer = Renderer(data_dir("templates"), BRAND, catalogue)
    each: dict[str, float] = {}
    bare: dict[str, float] = {}
    for one in SAMPLES:
        facts, links = one.all_facts, links_for(one)
        reader = reader_of(one, "fr")

        def write() -> object:
            return renderer.mail(one.kind, facts, reader, links)  # noqa: B023

        words = renderer.mail(one.kind, facts, reader, links)
        frame = words.html.replace("{", "{{").replace("}", "}}")
        whole = (words.subject, words.preheader, words.text, frame)
        bases = [part.replace("Villeurbanne", "{town}") for part in whole]

        def fill() -> object:
            return [part.format(town="Villeurbanne") for part in bases]  # noqa: B023

        each[one.name] = median(write, rounds)
        bare[one.name] = median(fill, rounds)
    middle = statistics.median(each.values())
    plain = statistics.median(bare.values())
    slowest = max(each, key=each.__getitem__)
    print(
        json.dumps(
            {
                "mails": len(each),
                "mail_ms": round(middle, 3),
                "slowest": slowest,
                "slowest_ms": round(each[slowest], 3),
                "format_ms": round(plain, 4),
                "ratio": round(middle / plain, 1),
            }
        )
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
