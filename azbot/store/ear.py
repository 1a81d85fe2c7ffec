"""Hears what other processes commit on the same PostgreSQL (LISTEN/NOTIFY).

PostgreSQL delivers a notice when the transaction that sent it commits, and drops it
when that rolls back: exactly what a bell needs. The text is who rang and for what.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

from azbot.store.bell import TOPICS

_CHANNEL = "azbot"
_NOTIFY = text("SELECT pg_notify(:channel, :words)")
_PATIENCE = 5.0
_STOP = "stop"


class Ear:
    """One thread that listens, and what tells the others.

    Args:
        engine: keeps one of its connections busy.
        ring: called with the topics another process rang for, from the thread.
    """

    def __init__(self, engine: Engine, ring: Callable[[set[str]], None]) -> None:
        self._engine = engine
        self._ring = ring
        self._name = secrets.token_hex(6)
        self._closing = threading.Event()
        self._thread = threading.Thread(
            target=self._listen, name="azbot-ear", daemon=True
        )
        self._thread.start()

    def announce(self, connection: Connection, topics: set[str]) -> None:
        """Tell every other process, once this transaction commits."""
        if topics:
            words = f"{self._name} {' '.join(sorted(topics))}"
            connection.execute(_NOTIFY, {"channel": _CHANNEL, "words": words})

    def close(self) -> None:
        """Stop listening. Blocking, at most a few seconds; may be called twice."""
        self._closing.set()
        if self._thread.is_alive():
            # The database may be away: the thread then notices at its next look.
            with suppress(SQLAlchemyError), self._engine.begin() as connection:
                self.announce(connection, {_STOP})
        self._thread.join()

    def _listen(self) -> None:
        while not self._closing.is_set():
            try:
                with self._engine.connect() as connection:
                    connection.execution_options(isolation_level="AUTOCOMMIT")
                    connection.exec_driver_sql(f"LISTEN {_CHANNEL}")
                    # What was said while nobody listened: let everybody look.
                    self._ring(set(TOPICS))
                    self._hear(connection.connection.driver_connection)
                    # Not back into the pool, where it would go on listening.
                    connection.invalidate()
            except (SQLAlchemyError, self._engine.dialect.loaded_dbapi.Error):
                self._closing.wait(_PATIENCE)

    def _hear(self, driver: Any) -> None:
        while not self._closing.is_set():
            for notice in driver.notifies(timeout=_PATIENCE):
                who, _, topics = notice.payload.partition(" ")
                if who != self._name:
                    self._ring(set(topics.split()) - {_STOP})
                elif topics == _STOP:
                    return
