"""One press of a button is one change, however often the browser sends it (X19)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping

from azbot.channels.web.problems import HttpProblem
from azbot.channels.web.seams import WebDeps
from azbot.errors import Conflict
from azbot.store import UnitOfWork

KEY = re.compile(r"[A-Za-z0-9_-]{8,64}")
"""What names one press of a button."""

Told = Mapping[str, object]
"""What is answered to the same press again: JSON-like."""


def press_of(key: str, *order: object) -> str:
    """Return a name for one press of one order.

    A browser may send a form again with other answers and the key it was made with:
    that is another press.

    Args:
        key: made with the form.
        order: everything that was answered.

    Raises:
        HttpProblem: 400, the key is no key.
    """
    if not KEY.fullmatch(key):
        raise HttpProblem(400, "key_malformed")
    return hashlib.sha256(repr((key, order)).encode()).hexdigest()[:48]


async def once(
    deps: WebDeps, scope: str, key: str, work: Callable[[UnitOfWork], Told]
) -> Told:
    """Do the work of a form in one unit of work, and the same form once.

    Args:
        deps: the store and the clock.
        scope: whose key it is: ``web:7``, ``visitor:12``.
        key: made with the form: 8 to 64 of ``A-Za-z0-9_-``.
        work: returns what is told; its exceptions reach the caller as they are, and
            then nothing is remembered.

    Raises:
        HttpProblem: 400, the key is no key.
    """
    if not KEY.fullmatch(key):
        raise HttpProblem(400, "key_malformed")
    now = deps.clock.now()

    def remembering(uow: UnitOfWork) -> Told:
        known = uow.idempotency.find(scope, key)
        if known is not None:
            return known
        told = work(uow)
        uow.idempotency.remember(scope, key, told, now)
        return told

    try:
        return await deps.store.write(remembering)
    except Conflict:
        # The same press, answered by another process a moment before.
        known = await deps.store.write(lambda uow: uow.idempotency.find(scope, key))
        if known is None:
            raise
        return known
