"""Full text over everything of an assistance, accents and case folded."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlalchemy import bindparam, text

from azbot.forms.folding import fold
from azbot.store.schema import search_texts as table
from azbot.store.sql import Sql
from azbot.workflow.model import AssistanceId

SHIFT = 20
"""A text's number is ``assistance id << SHIFT | place in the history``: the index
alone then tells which assistance it found, and newest first is its own order."""

_WORD = re.compile(r"\w+", re.UNICODE)
_LONGEST = 100_000

_PUT = text(
    "INSERT INTO search_texts (id, assistance_id, event_id, is_internal, folded)"
    " VALUES (:id, :assistance_id, :event_id, :is_internal, :folded)"
    " ON CONFLICT (id) DO UPDATE SET folded = excluded.folded"
).bindparams(bindparam("is_internal", type_=table.c.is_internal.type))


class Search:
    """The search index, inside one unit of work."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    def index(
        self,
        assistance: AssistanceId,
        event: tuple[int, int] | None,
        words: str,
        *,
        is_internal: bool = False,
    ) -> None:
        """Make words findable; the same place again replaces them.

        The store calls it itself for states and for the words of events.

        Args:
            assistance: whose words they are.
            event: number and place in the history of the event that says them;
                None for the assistance itself.
            words: any text; beyond 100,000 characters is not searched.
            is_internal: found by the desk alone.
        """
        event_id, seq = event or (0, 0)
        row = {
            "id": (assistance << SHIFT) + seq,
            "assistance_id": assistance,
            "event_id": event_id,
            "is_internal": is_internal,
            "folded": searchable(words),
        }
        self._sql.run(_PUT, row)


def searchable(words: str) -> str:
    """Return the folded words alone, one space between two.

    What is left has the same words for FTS5 and for PostgreSQL's parser, which
    otherwise keeps addresses, numbers with signs and paths in one piece.
    """
    return " ".join(_WORD.findall(fold(words[:_LONGEST]).replace("_", " ")))


def query_words(words: str) -> Sequence[str]:
    """Return the folded words of what somebody typed, at most twelve."""
    return searchable(words[:500]).split()[:12]


def fts5_query(words: str) -> str:
    """Return the FTS5 expression for all the words, each as a beginning."""
    return " AND ".join(f'"{word}"*' for word in query_words(words))


def ts_query(words: str) -> str:
    """Return the ``to_tsquery`` text for all the words, each as a beginning."""
    return " & ".join(f"'{word}':*" for word in query_words(words))
