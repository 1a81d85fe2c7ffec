"""A bare Debian, from ``git clone`` to the demonstration and to the suite, timed.

``dev.py bare [demo] [test]``, as root, with debootstrap. A new root folder holds what
Debian calls minimal, and Python, pip and git; nothing of the machine around it is seen
but the network settings: the mirror, pip's configuration, certificates and names. The
two commands of the README run in it as they are written there.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[1]
SUITE = "bookworm"
PACKAGES = ("python3", "python3-pip", "git", "ca-certificates")
_LENT = (
    "etc/resolv.conf",
    "etc/hosts",
    "etc/pip.conf",
    "etc/apt/sources.list",
    "etc/apt/sources.list.d",
    "etc/apt/apt.conf.d",
    "etc/ssl/certs/ca-certificates.crt",
)
"""Where a machine says how it reaches the network; never a program."""

_ENVIRONMENT = ("PIP_", "UV_", "SSL_", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")
_INSIDE = """
set -e
mount -t proc proc /proc
mount -t tmpfs shm /dev/shm
mount -t devpts devpts /dev/pts
ip link set lo up 2>/dev/null || true
cd /root
"""
_MIRROR = re.compile(r"^(?:URIs:|deb(?: \[.*?\])?)\s*(\S+debian/?)\s", re.MULTILINE)
_PAGE_WITHIN = 30


def main(wanted: Sequence[str]) -> int:
    """Make the machine and run what was asked for, both when nothing was."""
    if os.geteuid() != 0 or not shutil.which("debootstrap"):
        tell("needs root and debootstrap (apt-get install -y debootstrap)")
        return 2
    code = 0
    with bare_debian() as root:
        took("git clone", timed(root, "git clone -q /source azbot"))
        if not wanted or "demo" in wanted:
            code |= demonstrated(root)
        if not wanted or "test" in wanted:
            code |= tested(root)
    return code


@contextmanager
def bare_debian() -> Iterator[Path]:
    """Make the root folder of a new machine; it is gone afterwards."""
    root = Path(tempfile.mkdtemp(prefix="azbot-bare-"))
    try:
        began = time.monotonic()
        include = f"--include={','.join(PACKAGES)}"
        packages = SOURCE / ".dev" / "debian"
        packages.mkdir(parents=True, exist_ok=True)
        kept = ["--variant=minbase", include, f"--cache-dir={packages}"]
        must(["debootstrap", *kept, SUITE, str(root), mirror()])
        # Its accounts that are not root's walk through it.
        root.chmod(0o755)
        lend(root)
        must(["git", "clone", "-q", "--bare", str(SOURCE), str(root / "source")])
        took("debootstrap", time.monotonic() - began)
        yield root
    finally:
        shutil.rmtree(root, ignore_errors=True)


def must(command: Sequence[str]) -> None:
    """Run a command; end with what it said when it failed."""
    said = subprocess.PIPE
    done = subprocess.run(
        command, check=False, stdout=said, stderr=subprocess.STDOUT, text=True
    )
    if done.returncode:
        tell(done.stdout[-2000:])
        raise SystemExit(f"bare: failed: {command[0]}")


def mirror() -> str:
    """Return the mirror this machine takes Debian from.

    Raises:
        SystemExit: it takes it from nowhere.
    """
    for place in (Path("/etc/apt/sources.list"), *Path("/etc/apt").glob("*.d/*")):
        if place.is_file() and place.suffix in {".list", ".sources"}:
            text = re.sub(r"^#.*", "", place.read_text(), flags=re.MULTILINE)
            found = _MIRROR.search(text)
            if found:
                return found[1]
    raise SystemExit("bare: no mirror of Debian in /etc/apt")


def lend(root: Path) -> None:
    """Let the new machine reach the network the way this one does."""
    for name in _LENT:
        ours, theirs = Path("/") / name, root / name
        if ours.is_dir():
            shutil.copytree(ours, theirs, dirs_exist_ok=True)
        elif ours.exists():
            theirs.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ours, theirs)


def inside(root: Path, script: str) -> subprocess.Popen[str]:
    """Begin a script on the machine: its own processes and mounts, our network."""
    mine = {
        name: value
        for name, value in os.environ.items()
        if name.upper().startswith(_ENVIRONMENT)
    }
    path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    mine |= {"PATH": path, "HOME": "/root", "LANG": "C.UTF-8"}
    # As on a machine, the root folder is where something is mounted.
    enter = 'mount --bind "$0" "$0" && exec chroot "$0" /bin/sh -c "$1"'
    shell = ["/bin/sh", "-c", enter, str(root), _INSIDE + script]
    return subprocess.Popen(
        ["unshare", "--mount", "--pid", "--fork", "--kill-child", *shell],
        env=mine,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def timed(root: Path, script: str) -> float:
    """Run a script to its end; return its seconds.

    Raises:
        SystemExit: it failed.
    """
    began = time.monotonic()
    with inside(root, script) as process:
        output, _ = process.communicate()
    if process.returncode:
        tell(output)
        raise SystemExit(f"bare: failed: {script}")
    return time.monotonic() - began


def demonstrated(root: Path) -> int:
    """Start the demonstration, and read its page from the new machine itself."""
    began = time.monotonic()
    script = "cd azbot && exec python3 dev.py demo --no-open --port 18765"
    with inside(root, script) as process:
        assert process.stdout is not None
        shown: list[str] = []
        try:
            for line in process.stdout:
                shown.append(line)
                found = re.search(r"http://\S+:18765\S*", line)
                if found:
                    # The network is shared, so that the page is asked for from here.
                    with urllib.request.urlopen(found[0], timeout=_PAGE_WITHIN) as page:
                        page.read()
                    took("to the demonstration's page", time.monotonic() - began)
                    return 0
        finally:
            process.kill()
    tell("the demonstration gave no page:\n" + "".join(shown))
    return 1


def tested(root: Path) -> int:
    """Run the whole suite, told as it goes."""
    began = time.monotonic()
    with inside(root, "cd azbot && CI=true exec python3 dev.py test -q") as process:
        assert process.stdout is not None
        for line in process.stdout:
            sys.stdout.write(line)
            sys.stdout.flush()
    took(f"to a suite that ended with {process.returncode}", time.monotonic() - began)
    return process.returncode


def took(what: str, seconds: float) -> None:
    """Print one figure."""
    tell(f"{what}: {seconds:.1f} s")


def tell(words: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"bare: {words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
