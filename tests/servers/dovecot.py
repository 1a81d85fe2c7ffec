"""A private Dovecot, the IMAP server that most mailboxes meet.

Plain and STARTTLS on one port, TLS on another. Any account name with the password
``secret`` has a mailbox of its own, so each test takes a new name and never sees
another's mail.
"""

from __future__ import annotations

import contextlib
import grp
import imaplib
import itertools
import os
import re
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.certificate import Certificate
from tests.servers.places import (
    LOOPBACK,
    account,
    free_port,
    is_root,
    short_folder,
    wait_until,
)

PASSWORD = "secret"
PACKAGES = "dovecot-core dovecot-imapd"
FOLDERS = ("Processed", "Quarantine", "Sent", "Junk")

CONFIGURATION = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap
listen = {host}

ssl = yes
ssl_cert = <{certificate}
ssl_key = <{key}
disable_plaintext_auth = no
auth_mechanisms = plain login

# One account for every process; for that, chroots are dropped below.
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
mail_uid = {user}
mail_gid = {group}
first_valid_uid = 1

mail_location = maildir:{folder}/mail/%u
mail_fsync = never

passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/mail/%u
}}
namespace inbox {{
  inbox = yes
{mailboxes}
}}

# A refused login delays itself and later ones by seconds.
auth_failure_delay = 0
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
service stats {{
  chroot =
}}
protocol imap {{
  # All tests come from one address; ten would be too few.
  mail_max_userip_connections = 100
}}
"""

MAILBOX = """  mailbox {name} {{
    auto = create
  }}"""


class Dovecot:
    """A running server.

    Args:
        folder: where everything of it lies.
        certificate: what it presents.

    Attributes:
        host: 127.0.0.1.
        port: plain, with STARTTLS.
        tls_port: TLS from the first octet.
    """

    host = LOOPBACK
    password = PASSWORD

    def __init__(self, folder: Path, certificate: Certificate) -> None:
        self.folder = folder
        self.port = 0
        self.tls_port = 0
        self._certificate = certificate
        self._account = account("mail")
        self._process: subprocess.Popen[bytes] | None = None
        self._numbers = itertools.count(1)
        self._mails = itertools.count(1)
        for name in ("run", "state", "mail"):
            (folder / name).mkdir()
        self._give(folder / "mail")

    # --- life ---

    def start(self) -> None:
        """Start, on the ports of the last time if there was one."""
        for _ in range(5):
            self.port = self.port or free_port()
            self.tls_port = self.tls_port or free_port()
            self._configure()
            self._process = subprocess.Popen(
                ["dovecot", "-F", "-c", str(self._file)], env=server_environment()
            )
            try:
                wait_until(self._answers, f"Dovecot did not answer, see {self._log},")
            except ChildProcessError:
                # A stranger took a port meanwhile.
                self.port = self.tls_port = 0
                continue
            return
        raise ChildProcessError(self._log.read_text(encoding="utf-8")[-2000:])

    def stop(self) -> None:
        """Stop politely: every connection gets its BYE."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Let the server and all connections vanish at once, without a BYE."""
        children = [pid for _, pid in self._processes()] if self._process else []
        self._end(signal.SIGKILL)
        for pid in children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        # A child that is still dying holds the ports, and takes connections to drop.
        wait_until(self._refuses, "Dovecot went on taking connections")

    def revive(self) -> None:
        """Start again, if a test has stopped or killed it."""
        if self._process is None or self._process.poll() is not None:
            self.start()

    def new_account(self) -> str:
        """Return an account name that no test has used."""
        return f"desk{next(self._numbers)}"

    # --- what happens to mailboxes ---

    def deliver(self, mail: bytes, user: str, folder: str = "INBOX") -> Path:
        """Put a mail into a mailbox, whole at once; return its file."""
        place = self._maildir(user, folder)
        name = f"{next(self._mails):06}.{os.getpid()}.test"
        draft = place / "tmp" / name
        draft.write_bytes(mail)
        self._give(draft)
        return draft.rename(place / "new" / name)

    def mails(self, user: str, folder: str = "INBOX") -> list[bytes]:
        """Return the mails of a folder, oldest delivery first."""
        place = self._maildir(user, folder)
        files = [file for name in ("new", "cur") for file in (place / name).iterdir()]
        return [file.read_bytes() for file in sorted(files, key=lambda f: f.name)]

    def folders(self, user: str) -> dict[str, int]:
        """Return how many mails each folder of an account holds."""
        home = self.folder / "mail" / user
        names = ["INBOX"]
        names += [each.name[1:] for each in home.glob(".*") if (each / "cur").is_dir()]
        return {name: len(self.mails(user, name)) for name in sorted(names)}

    def flags(self, user: str, folder: str = "INBOX") -> list[str]:
        """Return the flags of each mail as Maildir letters, ``S`` for seen."""
        place = self._maildir(user, folder)
        files = sorted(
            (file for name in ("new", "cur") for file in (place / name).iterdir()),
            key=lambda file: file.name,
        )
        return [file.name.partition(":2,")[2] for file in files]

    def kick(self, user: str) -> None:
        """Cut every connection of an account."""
        self._doveadm("kick", user)

    def new_uidvalidity(self, user: str) -> None:
        """Forget all UIDs of an account, as after a restored backup.

        The server is killed and started: it would keep the old ones in memory.
        """
        self.kill()
        home = self._maildir(user, "INBOX")
        listing = home / "dovecot-uidlist"
        # Left alone, Dovecot takes the time in seconds: the same one again, when a
        # test is quick.
        head = listing.read_text().partition("\n")[0] if listing.exists() else ""
        found = re.search(r" V(\d+) ", head)
        validity = int(found[1]) + 1 if found else 1
        for pattern in ("dovecot-uidlist*", "dovecot-uidvalidity*", "dovecot.index*"):
            for file in home.rglob(pattern):
                file.unlink(missing_ok=True)
        listing.write_text(f"3 V{validity} N1 G{validity:032x}\n")
        self._give(listing)
        self.start()

    @contextlib.contextmanager
    def frozen(self) -> Iterator[None]:
        """Keep all connections open while nothing on them answers."""
        pids = [pid for name, pid in self._processes() if name == "imap"]
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in pids:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)

    # --- inside ---

    @property
    def _file(self) -> Path:
        return self.folder / "dovecot.conf"

    @property
    def _log(self) -> Path:
        return self.folder / "log"

    def _configure(self) -> None:
        text = CONFIGURATION.format(
            folder=self.folder,
            host=self.host,
            port=self.port,
            tls_port=self.tls_port,
            certificate=self._certificate.file,
            key=self._certificate.key,
            user=self._account.pw_name,
            group=grp.getgrgid(self._account.pw_gid).gr_name,
            password=PASSWORD,
            mailboxes="\n".join(MAILBOX.format(name=name) for name in FOLDERS),
        )
        self._file.write_text(text, encoding="utf-8")

    def _answers(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise ChildProcessError("Dovecot left")
        with contextlib.suppress(OSError, imaplib.IMAP4.error):
            with imaplib.IMAP4(self.host, self.port, timeout=5) as client:
                client.login("probe", PASSWORD)
            return True
        return False

    def _refuses(self) -> bool:
        for port in (self.port, self.tls_port):
            try:
                socket.create_connection((self.host, port), timeout=5).close()
            except ConnectionRefusedError:
                continue
            except OSError:
                return False
            return False
        return True

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.send_signal(how)
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def _doveadm(self, *words: str) -> None:
        subprocess.run(
            ["doveadm", "-c", str(self._file), *words],
            check=True,
            capture_output=True,
            env=server_environment(),
        )

    def _processes(self) -> Iterator[tuple[str, int]]:
        """Yield name and id of each child of the master."""
        assert self._process is not None
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                before, _, after = stat.read_text().rpartition(")")
                pid, _, name = before.partition(" (")
                if int(after.split()[1]) == self._process.pid:
                    yield name, int(pid)

    def _maildir(self, user: str, folder: str) -> Path:
        home = self.folder / "mail" / user
        place = home if folder == "INBOX" else home / f".{folder}"
        for each in (home, place, *(place / name for name in ("tmp", "new", "cur"))):
            if not each.exists():
                each.mkdir()
                self._give(each)
        return place

    def _give(self, path: Path) -> None:
        if is_root():
            os.chown(path, self._account.pw_uid, self._account.pw_gid)


@pytest.fixture(scope="session")
def dovecot_server(certificate: Certificate) -> Iterator[Dovecot]:
    """One Dovecot for each process that runs tests."""
    if reason := missing():
        pytest.skip(reason)
    with short_folder("az-imap-") as folder:
        server = Dovecot(folder, certificate)
        try:
            server.start()
            yield server
        finally:
            server.kill()


@pytest.fixture
def dovecot(dovecot_server: Dovecot) -> Dovecot:
    """A Dovecot that runs, whatever an earlier test did to it."""
    dovecot_server.revive()
    return dovecot_server


def missing() -> str:
    """Return why no Dovecot can be had, empty when it can."""
    there = shutil.which("dovecot", path=server_environment()["PATH"])
    if there is None or not Path("/usr/lib/dovecot/imap").exists():
        return f"no Dovecot: apt-get install -y --no-install-recommends {PACKAGES}"
    version = subprocess.run(
        [there, "--version"], check=True, capture_output=True, text=True
    ).stdout
    if not version.startswith("2.3."):
        return f"needs Dovecot 2.3, found {version.strip()}"
    return ""


def server_environment() -> dict[str, str]:
    """Return the environment with the places where Debian keeps servers."""
    path = os.environ.get("PATH", "")
    return {**os.environ, "PATH": f"{path}:/usr/sbin:/sbin"}
