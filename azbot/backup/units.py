"""What makes systemd back up every night; ``contrib/`` has it with the usual paths."""

from __future__ import annotations

import getpass
import shlex
import sys
from pathlib import Path

_SERVICE = """\
# /etc/systemd/system/azbot-backup.service
[Unit]
Description=azbot: backup

[Service]
Type=oneshot
User={user}
EnvironmentFile=-/etc/azbot/secrets
ExecStart={command}
Nice=10
IOSchedulingClass=idle
UMask=0077
NoNewPrivileges=yes
PrivateTmp=yes
ProtectHome=read-only
ProtectSystem=full
"""
_TIMER = """\
# /etc/systemd/system/azbot-backup.timer
[Unit]
Description=azbot: backup every night

[Timer]
OnCalendar=*-*-* 02:30
RandomizedDelaySec=15min
Persistent=true

[Install]
WantedBy=timers.target
"""


def service_unit(
    program: Path,
    config: Path,
    target: Path,
    keep: int,
    user: str,
    *,
    with_files: bool = True,
) -> str:
    """Return the unit that makes one backup.

    Args:
        program: the azbot to run.
        config: its configuration.
        target: where archives go.
        keep: how many stay, 0 for all.
        user: the account that runs ``azbot run``.
        with_files: see ``making.back_up``.
    """
    words = [str(program), "backup", str(target), "--config", str(config)]
    if keep:
        words += ["--keep", str(keep)]
    if not with_files:
        words.append("--without-files")
    # systemd reads specifiers and variables where a shell would not.
    command = shlex.join(words).replace("%", "%%").replace("$", "$$")
    return _SERVICE.format(command=command, user=user)


def timer_unit() -> str:
    """Return the unit that says when."""
    return _TIMER


def this_program() -> Path:
    """Return the azbot that is running."""
    beside = Path(sys.executable).with_name("azbot")
    return beside if beside.exists() else Path(sys.argv[0]).absolute()


def this_user() -> str:
    """Return the account that runs it."""
    return getpass.getuser()
