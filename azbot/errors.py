"""Every error azbot raises on purpose.

    AzbotError
    ├── ConfigError          the configuration is wrong: tell, stop
    ├── NotFound             no such thing: tell
    │   └── Archived         it has left everyday work: say so to whom it concerns
    ├── Conflict             somebody was faster: reload, try again
    ├── Refused              a rule said no: tell, in words
    ├── TemporaryFailure     the other side may recover: retry
    │   ├── Unanswered       it may have been done: retry where twice does no harm
    │   └── Contested        somebody else does the same: retry, tell at once
    ├── PermanentFailure     the other side said never: set aside, tell
    │   ├── Unreachable      somebody will not be written to: another way
    │   └── ChatMoved        it goes on under another name: there
    └── StoreUnreachable     the database does not answer: wait, retry
        └── FilesUnreachable   it does, but folder or bucket do not: the same

The class tells the caller what to do; the data are attributes. Foreign errors are
translated where they enter, with ``raise … from``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta


class AzbotError(Exception):
    """Something azbot expected could go wrong, did."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a configuration file.

    Attributes:
        path: dotted key, ``email.imap.port``; empty for the file itself.
        line: 1-based line in the file, None when the key is absent.
        code: what is wrong, a catalogue key such as ``unknown_key``.
        facts: the values its sentence needs; never a secret.
    """

    path: str
    line: int | None
    code: str
    facts: Mapping[str, str] = field(default_factory=dict)


class ConfigError(AzbotError):
    """The configuration cannot be used; carries every problem at once."""

    def __init__(self, file: str, problems: Sequence[Problem]) -> None:
        super().__init__(f"{file}: {len(problems)} problem(s)")
        self.file = file
        self.problems = tuple(problems)


class NotFound(AzbotError):
    """Nothing has this name or number.

    Args:
        kind: what was looked for, ``assistance``.
        key: the name or number that was given.
    """

    def __init__(self, kind: str, key: object) -> None:
        super().__init__(f"{kind} {key} not found")
        self.kind = kind
        self.key = key


class Archived(NotFound):
    """It is in the restricted archive: for everyday work it is not there.

    Whoever catches ``NotFound`` does right by it; only a door that leads to the
    archive, or tells of it, asks which of the two it is.
    """


class Conflict(AzbotError):
    """The thing changed since it was read; nothing was written."""


class Refused(AzbotError):
    """A rule refused a command; nothing was written.

    Args:
        code: the rule, a catalogue key such as ``missing_prerequisite``.
        facts: the values its sentence needs.
    """

    def __init__(self, code: str, facts: Mapping[str, object] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.facts = dict(facts or {})


class TemporaryFailure(AzbotError):
    """The service could not do it now.

    Args:
        reason: one line for the log and the agent, without secret or address.
        retry_after: how long the service asked to wait, when it said so.

    Attributes:
        arrived: names of the messages that arrived all the same, of several that
            belong together; whoever tries again goes on behind them.
    """

    def __init__(self, reason: str, retry_after: timedelta | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after = retry_after
        self.arrived: tuple[str, ...] = ()


class Unanswered(TemporaryFailure):
    """Nobody said whether it was done: the answer was lost, or came too late.

    Whoever can tell that the service never took it up (no connection, an answer that
    asks for a pause) raises ``TemporaryFailure`` instead.
    """


class Contested(TemporaryFailure):
    """Another program takes what is ours to take; only a person can end that."""


class PermanentFailure(AzbotError):
    """The service will never do it.

    Args:
        reason: one line for the agent, without secret.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Unreachable(PermanentFailure):
    """The person closed this way to them; nothing else will arrive there either."""


class ChatMoved(PermanentFailure):
    """A chat has another name now.

    Args:
        chat: its new name.
    """

    def __init__(self, chat: str) -> None:
        super().__init__("chat moved")
        self.chat = chat


class StoreUnreachable(AzbotError):
    """The database does not answer; nothing was written."""


class FilesUnreachable(StoreUnreachable):
    """Who keeps the files does not answer, or refuses; nothing was stored.

    Args:
        reason: what it said, in a word or some.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(f"files: {reason}")
        self.reason = reason


class TrialOver(StoreUnreachable):
    """The trial this process works in is over; nothing was written."""

    def __init__(self) -> None:
        super().__init__("the trial is over")
