"""How far a talk about a draft has come. Pure; it travels as JSON with the draft."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import NamedTuple

_MOST_SAID = 20


class Said(NamedTuple):
    """What an earlier message of theirs did.

    Attributes:
        question: what it answered.
        words: as they were kept, when it was free words.
    """

    question: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """What a draft does not say of the talk about it.

    Attributes:
        at: the question that is shown; empty: the first one that is open.
        aside: what stands in front of it for a moment; empty: nothing.
        passed: questions somebody answered or passed over here.
        page: which page of a long list, from 0.
        search: what the list is searched for.
        is_editing: they came from the recap, and go back to it.
        is_stranger: it was begun before we knew who they are.
        is_me: the contact on site is whoever asks.
        said: what their messages answered, by name, so that an edit is one.
        album: the files that came together last.
        hinted: the message or album below which the hint about quality stands.
        has_keyboard: a button under the keyboard offers to share something.
        large: names of files that were too large for the service: they are sent by the
            page, once there is one.
        source: reference of the earlier request a new one would begin from, when
            somebody is asked whether what they began may go; mostly empty.
        stray: words that answered nothing, kept until somebody says whom they are for.
    """

    at: str = ""
    aside: str = ""
    passed: tuple[str, ...] = ()
    page: int = 0
    search: str = ""
    is_editing: bool = False
    is_stranger: bool = False
    is_me: bool = False
    said: Mapping[str, Said] = field(default_factory=dict)
    album: str = ""
    hinted: str = ""
    large: tuple[str, ...] = ()
    source: str = ""
    stray: str = ""
    has_keyboard: bool = False

    def with_passed(self, *questions: str) -> Progress:
        """Return it with questions done, the next open one shown."""
        passed = dict.fromkeys((*self.passed, *questions))
        return replace(self.showing(""), passed=tuple(passed), stray="")

    def showing(self, question: str, *, is_editing: bool = False) -> Progress:
        """Return it with a question shown."""
        return replace(
            self, at=question, aside="", page=0, search="", is_editing=is_editing
        )

    def after(self, message: str, question: str, words: str = "") -> Progress:
        """Return it with what a message did; the oldest ones are forgotten.

        An answer that has another in its place is none any more.
        """
        others = self.without(question).said
        kept = {**others, message: Said(question, words)}
        return replace(self, said=dict(list(kept.items())[-_MOST_SAID:]))

    def without(self, question: str) -> Progress:
        """Return it with no message as the answer to a question."""
        kept = {
            message: said
            for message, said in self.said.items()
            if said.words or said.question != question
        }
        return replace(self, said=kept)

    def to_memory(self) -> dict[str, object]:
        """Return it in JSON-like values, without what says nothing."""
        return {name: value for name, value in asdict(self).items() if value}


def progress_of(memory: Mapping[str, object]) -> Progress:
    """Return what was remembered; what another release remembered otherwise is not."""
    fresh, found = Progress(), dict[str, object]()
    for name, value in memory.items():
        match name, value:
            case (("passed" | "large"), list()):
                found[name] = tuple(map(str, value))
            case "said", Mapping():
                found[name] = {
                    str(message): Said(*map(str, said[:2]))
                    for message, said in value.items()
                    if isinstance(said, list) and said
                }
            case _ if type(value) is type(getattr(fresh, name, None)):
                found[name] = value
    return replace(fresh, **found)  # type: ignore[arg-type]
