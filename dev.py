#!/usr/bin/env python3
"""Everything a developer types: ``python3 dev.py VERB``.

Needs Python 3.11 and pip, nothing else: no ensurepip, make, git or compiler. The
first verb makes ``.venv`` from the hashed lock files; later ones find it ready.

    setup   make .venv with every dependency, for work on azbot
    demo    install what running needs, then start `azbot demo` (arguments pass on)
    check   formatting, lint, types, import contracts, tests
    test    install everything, run the whole suite (arguments pass to pytest)
    fix     format, and repair what the linter can repair
    bench   run one of benchmarks/: bench NAME [arguments]
    snap    rewrite the snapshots of the tests named (arguments pass to pytest)
    shots   take the pictures of the README and of the manual anew
    bare    run the two commands on a bare Debian made for it: bare [demo] [test]
    lock    resolve the dependencies anew (-U for the newest, -P NAME for one)
    sizes   print the sizes of functions and files beside those of admired code
"""

from __future__ import annotations

import ast
import contextlib
import hashlib
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, NoReturn

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
STAMP = VENV / "azbot-stamp"
UV_LOCK = "requirements-uv.lock"
BUILD_LOCK = "requirements-build.lock"
RUN_LOCK = "requirements.lock"
DEV_LOCK = "requirements-dev.lock"
BUILD_REQUIREMENTS = "hatchling>=1.33,<2\neditables\nsetuptools\n"
UV_VERSION = "0.13.9"
# Pure Python published as source alone; everything else must come as a wheel.
SOURCE_ONLY = ("dkimpy",)


class Tool(NamedTuple):
    """A program that tests drive and pip cannot install."""

    what_for: str
    files: tuple[str, ...]  # any of them proves that it is there
    packages: tuple[str, ...]  # what Debian and Ubuntu call it


# Only what present tests use; PostgreSQL comes as a wheel.
TOOLS = (
    Tool("IMAP tests", ("/usr/sbin/dovecot", "dovecot"), ("dovecot-core",)),
    Tool("IMAP tests", ("/usr/lib/dovecot/imap",), ("dovecot-imapd",)),
    Tool("virus scan tests", ("/usr/sbin/clamd", "clamd"), ("clamav-daemon",)),
    Tool(
        "browser tests",
        ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"),
        ("chromium-headless-shell",),
    ),
    Tool(
        "browser tests",
        (
            "/usr/lib/x86_64-linux-gnu/libatomic.so.1",
            "/usr/lib/aarch64-linux-gnu/libatomic.so.1",
        ),
        ("libatomic1",),
    ),
)


def main(arguments: Sequence[str]) -> int:
    """Run the verb; return its exit code."""
    if not arguments or arguments[0] in {"-h", "--help", "help"}:
        print(__doc__)
        return 0 if arguments else 2
    verb = VERBS.get(arguments[0])
    if verb is None:
        stop(f"no verb {arguments[0]!r}; there are: {', '.join(VERBS)}")
    os.chdir(ROOT)
    keep_bytecode()
    return verb(list(arguments[1:]))


# --- verbs -------------------------------------------------------------------


def setup(_: list[str]) -> int:
    """Make the environment for work on azbot."""
    install(DEV_LOCK)
    return 0


def demo(arguments: list[str]) -> int:
    """Start the demonstration."""
    install(RUN_LOCK)
    say("azbot demo")
    return run([python(), "-m", "azbot", "demo", *arguments])


def test(arguments: list[str]) -> int:
    """Run the suite, with whatever real servers can be had."""
    began = time.monotonic()
    install(DEV_LOCK)
    find_tools()
    code = pytest(arguments)
    say(f"test: {time.monotonic() - began:.1f} s in all, installing included")
    return code


def check(arguments: list[str]) -> int:
    """Look at everything; go on after a failure, so that all is seen at once."""
    install(DEV_LOCK)
    find_tools()
    steps: tuple[tuple[str, Callable[[], int]], ...] = (
        ("formatting", lambda: tool("ruff", "format", "--check", ".")),
        ("lint", lambda: tool("ruff", "check", ".")),
        ("types", lambda: tool("mypy")),
        ("import contracts", lambda: tool("lint-imports")),
        ("tests", lambda: pytest(arguments)),
    )
    failed = []
    for name, step in steps:
        say(name)
        if step():
            failed.append(name)
    say(f"check: failed: {', '.join(failed)}" if failed else "check: all is well")
    return 1 if failed else 0


def fix(_: list[str]) -> int:
    """Let ruff repair and format."""
    install(DEV_LOCK)
    return tool("ruff", "check", "--fix", ".") | tool("ruff", "format", ".")


def bench(arguments: list[str]) -> int:
    """Run one benchmark."""
    names = sorted(path.stem for path in (ROOT / "benchmarks").glob("[!_]*.py"))
    if not arguments or arguments[0] not in names:
        stop(f"bench NAME [arguments]; there are: {', '.join(names) or 'none'}")
    install(DEV_LOCK)
    find_tools()
    return run([python(), "-m", f"benchmarks.{arguments[0]}", *arguments[1:]])


def snap(arguments: list[str]) -> int:
    """Rewrite snapshots; read the difference before you commit it."""
    install(DEV_LOCK)
    return pytest(["--snapshot-update", *arguments])


def shots(_: list[str]) -> int:
    """Take the pictures of README and manual; look at them before you commit them."""
    install(DEV_LOCK)
    find_tools()
    return run([python(), "-m", "tests.browser.shots"])


def bare(arguments: list[str]) -> int:
    """Make a bare Debian, and time the two commands of the README on it."""
    return run([sys.executable, str(ROOT / "tests" / "bare_machine.py"), *arguments])


def lock(arguments: list[str]) -> int:
    """Resolve dependencies into the four lock files.

    The development lock comes first and constrains the runtime lock: one version
    of each package, whatever is installed.
    """
    uv = find_uv()
    common = [
        *("--universal", "--generate-hashes", "--no-emit-index-url", "--quiet"),
        *("--no-config", "--python-version", "3.11"),
        *("--custom-compile-command", "python3 dev.py lock", *arguments),
    ]
    project = ["pyproject.toml"]
    compilations: tuple[tuple[str, list[str], str | None], ...] = (
        (DEV_LOCK, [*project, "--all-extras", "--group", "dev"], None),
        (RUN_LOCK, [*project, "-c", DEV_LOCK], None),
        (BUILD_LOCK, ["-"], BUILD_REQUIREMENTS),
        (UV_LOCK, ["-"], f"uv=={UV_VERSION}\n"),
    )
    for target, sources, text in compilations:
        say(f"lock: {target}")
        command = [uv, "pip", "compile", *sources, *common, "-o", target]
        if code := run(command, environment=plain_registry(), text=text):
            return code
    return 0


def sizes(_: list[str]) -> int:
    """Print a mirror, not a law."""
    functions, files = measure(sorted((ROOT / "azbot").rglob("*.py")))
    if not functions:
        stop("sizes: nothing to measure below azbot/")
    print(f"{'':22}{'function':>30}{'file':>18}")
    print(f"{'lines':22}{'median':>8}{'p90':>6}{'max':>6}{'>50':>10}", end="")
    print(f"{'median':>10}{'max':>8}")
    print(size_row("azbot", functions, files))
    for row in ADMIRED:
        print(row)
    longest = sorted(functions, reverse=True)[:5]
    print("longest:", "; ".join(f"{name} {size}" for size, name in longest))
    return 0


VERBS: dict[str, Callable[[list[str]], int]] = {
    "setup": setup,
    "demo": demo,
    "check": check,
    "test": test,
    "fix": fix,
    "bench": bench,
    "snap": snap,
    "shots": shots,
    "bare": bare,
    "lock": lock,
    "sizes": sizes,
}


# --- environment -------------------------------------------------------------


def install(requirements: str) -> None:
    """Make ``.venv`` hold exactly what the lock says; do nothing when it does.

    An environment made for development also serves to run: its lock contains
    every pin of the other one.
    """
    wanted = fingerprint(requirements)
    good_enough = {wanted, fingerprint(DEV_LOCK)}
    if python_works() and read(STAMP) in good_enough:
        return
    say(f"installing from {requirements} into .venv (once)")
    began = time.monotonic()
    uv = find_uv()
    settings = {"UV_PYTHON_DOWNLOADS": "never"}
    if not python_works():
        make = [uv, "venv", "--quiet", "--clear", "--python", sys.executable]
        must(run([*make, str(VENV)], environment=settings))
    STAMP.unlink(missing_ok=True)
    pip = [uv, "pip"]
    target = ["--quiet", "--python", str(VENV)]
    hashed = ["--require-hashes", "--build-constraints", BUILD_LOCK]
    wheels = ["--only-binary", ":all:"]
    for name in SOURCE_ONLY:
        wheels += ["--no-binary", name]
    sync = [*pip, "sync", *target, *hashed, *wheels, requirements]
    must(run(sync, environment=settings))
    # After sync, which removes azbot: it is not in the lock. An editable install
    # and hashes exclude each other, hence two commands.
    build = ["--no-deps", "--build-constraints", BUILD_LOCK, "--editable", "."]
    must(run([*pip, "install", *target, *build], environment=settings))
    STAMP.write_text(wanted, encoding="ascii")
    say(f"installed in {time.monotonic() - began:.1f} s")


def keep_bytecode() -> None:
    """Let the processes we start keep what they compile, in a place of its own.

    Containers forbid bytecode beside the sources; without any, each of the processes
    that the tests start compiles for two seconds before it does anything.
    """
    if os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):
        os.environ.setdefault("PYTHONPYCACHEPREFIX", str(ROOT / ".dev" / "pycache"))


def fingerprint(requirements: str) -> str:
    """Name the environment that the files at hand describe."""
    digest = hashlib.sha256()
    for name in (requirements, BUILD_LOCK, "pyproject.toml", "hatch_build.py"):
        digest.update(name.encode() + b"\0" + (ROOT / name).read_bytes())
    digest.update(repr((sys.version_info[:3], str(ROOT))).encode())
    return digest.hexdigest()


def find_uv() -> str:
    """Return the path of our own uv, fetched by pip against its hash once."""
    folder = ROOT / ".dev" / f"uv-{UV_VERSION}"
    name = "uv.exe" if os.name == "nt" else "uv"
    for place in (folder / "bin" / name, folder / "Scripts" / name):
        if place.exists():
            return str(place)
    if not (ROOT / UV_LOCK).exists():
        stop(f"{UV_LOCK} is missing: take it from the repository")
    if run([sys.executable, "-m", "pip", "--version"], quiet=True):
        stop("pip is missing: on Debian, apt-get install -y python3-pip")
    say(f"fetching uv {UV_VERSION} into .dev/ (once)")
    folder.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as fresh:
        flags = ["--quiet", "--disable-pip-version-check", "--root-user-action=ignore"]
        hashed = ["--require-hashes", "--only-binary", ":all:", "-r", UV_LOCK]
        pip = [sys.executable, "-m", "pip", "install", *flags, *hashed]
        must(run([*pip, "--target", str(Path(fresh) / "uv")]))
        # Renamed in one step: an interrupted fetch leaves nothing half-made.
        shutil.rmtree(folder, ignore_errors=True)
        (Path(fresh) / "uv").rename(folder)
    return find_uv()


def plain_registry() -> dict[str, str]:
    """Hide mirrors and extra places: their hashes must not enter the lock."""
    hidden = [
        name
        for name in os.environ
        if name.startswith("UV_") and ("INDEX" in name or "FIND_LINKS" in name)
    ]
    return dict.fromkeys(hidden, "")


def python() -> str:
    """Return the interpreter of the environment."""
    if os.name == "nt":
        return str(VENV / "Scripts" / "python.exe")
    return str(VENV / "bin" / "python")


def python_works() -> bool:
    """Tell whether the environment is there and its interpreter still runs."""
    return Path(python()).exists() and not run([python(), "-c", ""], quiet=True)


def tool(name: str, *arguments: str) -> int:
    """Run a program of the environment."""
    return run([str(Path(python()).parent / name), *arguments])


def pytest(arguments: Sequence[str]) -> int:
    """Run the tests with three workers, unless the arguments say otherwise.

    A third fills what the others wait for, on two cores. A file stays with one
    worker, which makes what its tests share once; as they are collected, those that
    take longest come first.
    """
    own = [word for word in arguments if word.startswith(("-n", "--numprocesses"))]
    by_file = ["--dist", "loadfile", "--no-loadscope-reorder"]
    workers = [] if own else ["-n", "3", *by_file]
    say("pytest " + " ".join([*workers, *arguments]))
    return run([python(), "-m", "pytest", *workers, *arguments])


# --- programs that pip cannot install -----------------------------------------


def find_tools() -> None:
    """Install missing programs where that is ours to do, else say what is missing."""
    missing = [each for each in TOOLS if not any(map(present, each.files))]
    if not missing:
        return
    packages = [name for each in missing for name in each.packages]
    line = "apt-get install -y --no-install-recommends " + " ".join(packages)
    if may_install():
        say(f"as root on Debian, installing what tests drive: {' '.join(packages)}")
        quiet = {"DEBIAN_FRONTEND": "noninteractive"}
        apt = ["apt-get", "-qq", "-o", "Dpkg::Use-Pty=0"]
        options = ["install", "-y", "--no-install-recommends"]
        if run([*apt, "update"], environment=quiet) == 0:
            code = run([*apt, *options, *packages], environment=quiet, quiet=True)
            if code == 0:
                return
        say("apt-get failed; going on without")
    purposes = ", ".join(sorted({each.what_for for each in missing}))
    print("=" * 78)
    print(f"MISSING: {' '.join(packages)}. Skipped for that reason: {purposes}.")
    print(f"This line installs them:\n\n    sudo {line}\n")
    print("=" * 78, flush=True)


def present(file: str) -> bool:
    """Tell whether a program is there, by path or by name."""
    return Path(file).exists() or bool(shutil.which(file))


def may_install() -> bool:
    """Tell whether apt-get is there and we are root."""
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    return is_root and Path("/etc/debian_version").exists() and present("apt-get")


# --- sizes ---------------------------------------------------------------------

ADMIRED = (
    "starlette                     5    27   149      2.4 %       142     876",
    "apscheduler                   7    31   169      4.6 %       130    1240",
    "procrastinate                 8    32   126      3.8 %       115    1042",
    "httpx                         9    34   133      3.1 %       248    2019",
    "svcs                         10    30    95      1.5 %       273    1199",
)


def measure(paths: Sequence[Path]) -> tuple[list[tuple[int, str]], list[int]]:
    """Return (lines, name) of each function, and the lines of each file."""
    functions: list[tuple[int, str]] = []
    files: list[int] = []
    for path in paths:
        if "migrations" in path.parts:
            continue
        text = path.read_text(encoding="utf-8")
        files.append(len(text.splitlines()))
        functions += [
            (size, f"{path.stem}.{name}") for name, size in functions_of(text)
        ]
    return functions, files


def functions_of(text: str) -> Iterator[tuple[str, int]]:
    """Yield (name, lines) of each function; docstrings do not count."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if ast.get_docstring(node, clean=False) is not None:
                first = node.body[0]
                lines -= (first.end_lineno or first.lineno) - first.lineno + 1
            yield node.name, lines


def size_row(name: str, functions: list[tuple[int, str]], files: list[int]) -> str:
    """Return one line of the table."""
    lines = sorted(size for size, _ in functions)
    p90 = lines[int(len(lines) * 0.9)]
    share = 100 * sum(size > 50 for size in lines) / len(lines)
    return (
        f"{name:22}{statistics.median(lines):8.0f}{p90:6}{lines[-1]:6}{share:8.1f} %"
        f"{statistics.median(files):10.0f}{max(files):8}"
    )


# --- plumbing --------------------------------------------------------------------


def run(
    command: Sequence[str],
    *,
    environment: Mapping[str, str] | None = None,
    quiet: bool = False,
    text: str | None = None,
) -> int:
    """Run a command from the root; return its exit code.

    An empty value in ``environment`` removes the variable.
    """
    sys.stdout.flush()
    values = {**os.environ, **(environment or {})}
    kept = {name: value for name, value in values.items() if value != ""}
    sink = subprocess.DEVNULL if quiet else None
    with contextlib.suppress(KeyboardInterrupt):
        return subprocess.run(
            list(command),
            check=False,
            cwd=ROOT,
            env=kept,
            input=text,
            text=True,
            stdout=sink,
            stderr=sink,
        ).returncode
    return 130


def must(code: int) -> None:
    """Leave when a step has failed; it has said why."""
    if code:
        raise SystemExit(code)


def read(path: Path) -> str:
    """Return the text of a file, empty when there is none."""
    return path.read_text(encoding="ascii") if path.exists() else ""


def say(text: str) -> None:
    """Print one line about what happens."""
    print(f"dev.py: {text}", flush=True)


def stop(text: str) -> NoReturn:
    """Leave with a message."""
    print(f"dev.py: {text}", file=sys.stderr)
    raise SystemExit(2)


if __name__ == "__main__":
    if sys.version_info < (3, 11):  # noqa: UP036 (older ones must be told so)
        stop(f"needs Python 3.11 or newer, this is {sys.version.split()[0]}")
    sys.exit(main(sys.argv[1:]))
