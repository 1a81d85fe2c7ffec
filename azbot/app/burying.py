"""Frees what dead processes of this machine held, instead of waiting for it."""

from __future__ import annotations

import os

from azbot.store import UnitOfWork


def bury(worker: str, uow: UnitOfWork) -> None:
    """Free what processes of this machine held that are no more.

    Args:
        worker: the name of this process, ``host:pid:…``; whoever had its number
            before is dead, too.
        uow: the unit of work.
    """
    host, own, _ = worker.rsplit(":", 2)
    for name in uow.holders.names():
        where, pid, _ = name.rsplit(":", 2)
        if where == host and (pid == own or not _is_alive(int(pid))):
            uow.holders.forget(name)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
