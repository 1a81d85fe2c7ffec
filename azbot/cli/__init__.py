"""The command line: thin verbs over the parts of azbot.

``azbot --help`` loads nothing but words; each verb loads what it needs when it is
called. Exit codes: 0 all is well, 1 refused or failed, 2 wrong usage or
configuration.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence

import click

from azbot.cli.complaints import (
    FAILED,
    complain,
    complain_of_incident,
    complain_of_system,
    complain_of_usage,
)
from azbot.cli.grammar import ROOT
from azbot.cli.terminal import Terminal, terminal_for
from azbot.errors import AzbotError


def main(
    arguments: Sequence[str] | None = None, environ: Mapping[str, str] = os.environ
) -> int:
    """Run one command; return its exit code.

    Args:
        arguments: without the program's name; the process's own by default.
        environ: the process environment.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    terminal = terminal_for(given, environ)
    try:
        return _run(given, terminal)
    except BrokenPipeError:
        # Whoever read our output had enough (`azbot … | head`).
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123
        return FAILED


def _run(given: list[str], terminal: Terminal) -> int:
    try:
        outcome = ROOT.main(
            given, prog_name="azbot", standalone_mode=False, obj=terminal
        )
        sys.stdout.flush()
        return outcome if isinstance(outcome, int) else 0
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.UsageError as error:
        return complain_of_usage(error, terminal)
    except (click.Abort, KeyboardInterrupt):
        terminal.warn(terminal.say("cli.interrupted"))
        return FAILED
    except AzbotError as error:
        return complain(error, terminal)
    except BrokenPipeError:
        raise
    except OSError as error:
        return complain_of_system(error, terminal)
    except Exception as error:  # noqa: BLE001 - the top of the command line
        complain_of_incident(error, terminal)
        return FAILED
