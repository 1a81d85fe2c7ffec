"""How well new text is told from quoted text, and how long hostile text takes.

    python3 dev.py bench replies --cases FILE [--json] [--show]

FILE is a JSON list of objects with ``id``, ``lang``, ``input`` and ``expected``.
A case is exact when output and expected agree after dropping zero-width and bidi
marks and collapsing white space; *under* when the expected text stands inside a
longer output; *over* when words of it are missing.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
import unicodedata
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from azbot.channels.email.quoting import separate

MARKS = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
EXACT, OVER, LATIN = 0.88, 0.03, 0.95
LONGEST_SECONDS = 0.5

HOSTILE: dict[str, Callable[[], str]] = {
    "On, 20 000 times": lambda: "On " * 20_000,
    "Le, then a écri 15 000 times": lambda: "Le " + "a écri " * 15_000,
    "100 000 newlines": lambda: "\n" * 100_000,
    "50 000 spaces, then x": lambda: " " * 50_000 + "x",
    "50 000 dashes": lambda: "-" * 50_000,
    "De : x, 20 000 lines": lambda: "De : x\n" * 20_000,
    "On 1, 20 000 lines": lambda: "On 1\n" * 20_000,
    "one line of 1 MB": lambda: "x" * 1_000_000,
    "one line of 1 MB of words": lambda: "Le 1 a écrit : " * 66_000,
    "1 MB of quoted lines": lambda: "> On 1 jan 2020 x <a@b.c> wrote:\n" * 30_000,
    "1 MB of attributions": lambda: "On 1 jan 2020 x <a@b.c> wrote:\n" * 32_000,
    "1 MB of nested quotes": lambda: (">" * 400 + " x\n") * 2_500,
    "1 MB of header names": lambda: "From: a@b.c\nDate: 1/1/2020 x\n" * 34_000,
    "40 000 marks on one letter": lambda: "a" + "\u0301\u0327" * 20_000,
}


def norm(text: str) -> str:
    return " ".join(MARKS.sub("", unicodedata.normalize("NFC", text)).split())


def verdict(output: str, expected: str) -> str:
    got, want = norm(output), norm(expected)
    return "exact" if got == want else "under" if want in got else "over"


def measure_cases(path: Path, *, show: bool) -> dict[str, object]:
    cases = json.loads(path.read_text("utf-8"))
    table: dict[str, Counter[str]] = {}
    misses = []
    for case in cases:
        text = case["input"].replace("\r\n", "\n")
        reply = separate(text, None)
        said = verdict(reply.text, case["expected"])
        table.setdefault(case["lang"], Counter())[said] += 1
        if said != "exact":
            misses.append(f"{said:6} {case['lang']} {case['id']} ({reply.rule})")
            if show:
                misses.append(reply.text)
    total: Counter[str] = sum(table.values(), Counter())
    latin = table.get("fr", Counter()) + table.get("es", Counter())
    return {
        "languages": {lang: dict(row) for lang, row in sorted(table.items())},
        "total": dict(total),
        "exact_share": total["exact"] / max(total.total(), 1),
        "over_share": total["over"] / max(total.total(), 1),
        "fr_es_share": latin["exact"] / max(latin.total(), 1),
        "misses": misses,
    }


def measure_hostile() -> dict[str, float]:
    seconds = {}
    for name, make in HOSTILE.items():
        text = make()
        began = time.process_time()
        separate(text, None, ("Répondez OUI ou NON.\nSystème :\n" * 200,))
        seconds[name] = round(time.process_time() - began, 4)
    return seconds


def is_reached(found: dict[str, object]) -> bool:
    numbers = [found.get(key) for key in ("exact_share", "over_share", "fr_es_share")]
    if all(isinstance(number, float) for number in numbers):
        exact, over, latin = (float(str(number)) for number in numbers)
        if exact < EXACT or over > OVER or latin < LATIN:
            return False
    hostile = found["hostile"]
    return isinstance(hostile, dict) and max(hostile.values()) < LONGEST_SECONDS


def print_table(found: dict[str, object]) -> None:
    languages = found.get("languages")
    if isinstance(languages, dict):
        print(f"{'lang':6}{'cases':>6}{'exact':>7}{'over':>6}{'under':>7}")
        rows = [*languages.items(), ("all", found["total"])]
        for lang, row in rows:
            counts = [sum(row.values()), *(row.get(k, 0) for k in ("exact", "over"))]
            print(f"{lang:6}{counts[0]:6}{counts[1]:7}{counts[2]:6}", end="")
            print(f"{row.get('under', 0):7}")
        print(f"exact {found['exact_share']:.1%}, bar {EXACT:.0%}")
        print(f"over-trim {found['over_share']:.1%}, bar {OVER:.0%}")
        print(f"French and Spanish {found['fr_es_share']:.1%}, bar {LATIN:.0%}")
        misses = found["misses"]
        print(*(misses if isinstance(misses, list) else ()), sep="\n")
    hostile = found["hostile"]
    if isinstance(hostile, dict):
        for name, seconds in hostile.items():
            print(f"{seconds:8.4f} s  {name}")
    print("reached" if is_reached(found) else "NOT REACHED")


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=Path, help="JSON file of cases")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--show", action="store_true", help="print the missed outputs")
    options = parser.parse_args(arguments)
    found: dict[str, object] = {}
    if options.cases is not None:
        found |= measure_cases(options.cases, show=options.show)
    found["hostile"] = measure_hostile()
    if options.json:
        print(json.dumps(found | {"reached": is_reached(found)}, ensure_ascii=False))
    else:
        print_table(found)
    return 0 if is_reached(found) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
