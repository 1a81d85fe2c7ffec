"""How long the sandbox lets somebody wait.

``dev.py bench demo``. ``azbot demo`` as a user starts it: until its address is printed
(the page is there then), until its twelve lives are there and everything can be played,
until « Recommencer » has begun anew (ux.md D1, D4), and for the whole story without any
pause (D2 leaves a minute, pauses included). ``cpu_s`` is what the start cost: where
nothing else runs, it takes little longer.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import ProxyHandler, Request, build_opener

from benchmarks import _rig

_COMMAND = ("demo", "--no-open", "--port", "0", "--lang", "fr", "--pace", "0")
_SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}
_WITHIN = 120
_open = build_opener(ProxyHandler({})).open


def post(address: str) -> None:
    """Press a button of the page."""
    _open(Request(address, data=b"", headers=_SAME_ORIGIN), timeout=_WITHIN).read()


def until_over(address: str) -> None:
    """Look at the page until every step is behind."""
    with _open(f"{address}/demo/live", timeout=_WITHIN) as stream:
        for line in stream:
            if line.startswith(b'data: {"name":"guide"'):
                html = json.loads(line[6:])["html"]
                if html.count('class="done"') == 5:
                    return


def cpu_seconds(process: int) -> float:
    """Return what a process has used (proc(5), fields 14 and 15 of stat)."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def main() -> None:
    began = time.perf_counter()
    command = [sys.executable, "-m", "azbot", *_COMMAND]
    figures: dict[str, object] = {"bench": "demo"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        if process.stdout is None:
            raise SystemExit("nothing is heard of it")
        try:
            address = process.stdout.readline().strip()
            figures["page_s"] = _since(began)
            process.stdout.readline()
            process.stdout.readline()
            figures["ready_s"] = _since(began)
            figures["cpu_s"] = cpu_seconds(process.pid)
            began = time.perf_counter()
            post(f"{address}/demo/play")
            until_over(address)
            figures["story_s"] = _since(began)
            began = time.perf_counter()
            post(f"{address}/demo/restart")
            figures["restart_s"] = _since(began)
        finally:
            process.terminate()
    _rig.emit(figures)


def _since(began: float) -> float:
    return round(time.perf_counter() - began, 2)


if __name__ == "__main__":
    main()
