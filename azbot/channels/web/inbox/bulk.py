"""One action for several assistances: first what would happen, then it happens.

Never a free message to several people at once (ux.md 6.4): what leaves are the notices
that the same action sends for one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from azbot.channels.web.form import Pick, Question
from azbot.channels.web.inbox import building
from azbot.channels.web.inbox.building import Build, Given
from azbot.channels.web.inbox.doing import notice_label
from azbot.channels.web.once import once, press_of
from azbot.channels.web.seams import WebDeps
from azbot.channels.web.staff import Staff
from azbot.errors import NotFound, Refused
from azbot.i18n.catalogue import Catalogue
from azbot.messages import PersonId
from azbot.render.phrases import refusal_sentence
from azbot.store import UnitOfWork
from azbot.workflow import commands as c
from azbot.workflow.commands import Command
from azbot.workflow.decision import Decision
from azbot.workflow.model import (
    Assistance,
    AssistanceRef,
    MissionStatus,
    Status,
)

Refs = Sequence[AssistanceRef]

LIMIT = 500
"""Assistances of one press."""

_TOGETHER = 25
"""In one unit of work: others write between two of them."""

_MORNING = 8


def _tag(given: Given, it: Assistance, _: UnitOfWork) -> tuple[Command, ...]:
    new = [tag.strip() for tag in given.text("tags").split(",")]
    return (c.SetTags((*it.tags, *(tag for tag in new if tag))),)


def _remind(_: Given, it: Assistance, __: UnitOfWork) -> tuple[Command, ...]:
    """Whoever is awaited: the client, the station, the client's OUI."""
    mission = it.mission
    if it.status is Status.DONE:
        return (c.AskClosingAgain(),)
    if mission is not None and mission.status is MissionStatus.PROPOSED:
        return (c.RemindStation(),)
    if it.status is Status.WAITING or (it.status is Status.SUBMITTED and it.missing):
        return (c.RemindClient(),)
    raise Refused("nobody_to_remind")


def _close(_: Given, it: Assistance, __: UnitOfWork) -> tuple[Command, ...]:
    if it.status is not Status.DONE:
        raise Refused("not_done")
    return (c.CloseAssistance(),)


_BUILD: Mapping[str, Build] = {
    "take": building.take,
    "handled": building.simple(c.MarkHandled),
    "give": building.owner,
    "snooze": building.snooze,
    "tag": _tag,
    "remind": _remind,
    "close": _close,
}
EXPORT = "export"
ACTIONS = (*_BUILD, EXPORT)
"""What can be done with several, in the order of the menu (ux.md 6.4)."""

_OWN_REFUSALS = frozenset({"nobody_to_remind", "not_done"})


@dataclass(frozen=True, slots=True)
class Skipped:
    """Some that an action leaves alone, and why."""

    why: str
    refs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an action does, or did.

    Attributes:
        letters: what leaves, by kind: « Rappel », 4.
    """

    done: tuple[str, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    letters: tuple[tuple[str, int], ...] = ()

    @property
    def left_alone(self) -> int:
        """How many nothing happens to."""
        return sum(len(each.refs) for each in self.skipped)


@dataclass(frozen=True, slots=True)
class Order:
    """One action for several.

    Attributes:
        refs: at most ``LIMIT``.
        given: the answers to the questions of the action.
    """

    action: str
    refs: tuple[AssistanceRef, ...]
    given: Given


def questions_of(
    action: str,
    agents: Mapping[PersonId, str],
    me: PersonId,
    tomorrow: str,
    words: Catalogue,
) -> tuple[Question, ...]:
    """Return what must be answered first.

    Args:
        action: one of ``ACTIONS``.
        agents: names by number.
        me: who asks.
        tomorrow: the next day of the desk, ISO.
        words: the agent's language.
    """
    match action:
        case "give":
            picks = tuple(
                Pick(str(key), name, key == me) for key, name in agents.items()
            )
            nobody = Pick("", words.t("list.owner.nobody"))
            label = words.t("list.field.suivi")
            return (Question("owner", label, "radio", picks=(*picks, nobody)),)
        case "snooze":
            label = words.t("list.bulk.until")
            value = f"{tomorrow}T{_MORNING:02d}:00"
            return (Question("until", label, "moment", value, is_required=True),)
        case "tag":
            label, hint = words.t("list.bulk.tags"), words.t("list.hint.etiquette")
            return (Question("tags", label, hint=hint, is_required=True),)
        case _:
            return ()


@dataclass(frozen=True, slots=True)
class _One:
    """What becomes of one assistance.

    Attributes:
        why: why nothing does; empty when something does.
    """

    ref: str
    why: str = ""
    letters: tuple[str, ...] = ()


class Bulk:
    """Foresees and does an order."""

    def __init__(self, deps: WebDeps) -> None:
        self._deps = deps

    async def foresee(self, order: Order, staff: Staff) -> Outcome:
        """Return what an order would do; nothing is written."""
        found: list[_One] = []
        for refs in _chunks(order.refs):
            work = partial(self._foreseen, order=order, refs=refs, staff=staff)
            found += await self._deps.store.write(work)
        return _outcome(found)

    async def do(self, order: Order, staff: Staff, key: str) -> Outcome:
        """Do an order, some at once; return what was done.

        Args:
            order: what for which.
            staff: who wants it.
            key: made with the form: the same press does it once (X19).

        Raises:
            HttpProblem: 400, the key is no key.
        """
        found: list[_One] = []
        answers = sorted(order.given.values.items())
        press = press_of(key, order.action, order.refs, answers)
        for number, refs in enumerate(_chunks(order.refs)):
            work = partial(self._done, order=order, refs=refs, staff=staff)
            told: Any = await once(self._deps, staff.scope, f"{press}-{number}", work)
            found += [_One(ref, why) for ref, why in told["found"]]
        return _outcome(found)

    def _foreseen(
        self, uow: UnitOfWork, *, order: Order, refs: Refs, staff: Staff
    ) -> list[_One]:
        desk, letters = self._deps.desk, list[str]()

        def act(it: Assistance, command: Command) -> Decision:
            decision = desk.foresee(it, command, staff.actor)
            letters.extend(
                notice_label(notice.kind, staff.words)
                for notice, _ in desk.letters(uow, decision)
                if not notice.to.is_inside
            )
            return decision

        found = []
        for ref in refs:
            letters.clear()
            why = _each(uow, order, ref, staff.words, act)
            found.append(_One(ref, why, () if why else tuple(letters)))
        return found

    def _done(
        self, uow: UnitOfWork, *, order: Order, refs: Refs, staff: Staff
    ) -> dict[str, object]:
        def act(it: Assistance, command: Command) -> Decision:
            return self._deps.desk.apply(uow, it, command, staff.actor)

        return {"found": [[r, _each(uow, order, r, staff.words, act)] for r in refs]}


def _each(
    uow: UnitOfWork,
    order: Order,
    ref: AssistanceRef,
    words: Catalogue,
    act: Callable[[Assistance, Command], Decision],
) -> str:
    """Do one of an order; return why nothing was done, empty when something was.

    A rule says no before anything of this one is written, so the others stand.
    """
    is_news = False
    try:
        it = uow.assistances.by_ref(ref)
        for command in _BUILD[order.action](order.given, it, uow):
            decision = act(it, command)
            is_news |= bool(decision.history)
            it = decision.assistance
    except NotFound:
        return words.t("list.bulk.gone")
    except Refused as no:
        if no.code in _OWN_REFUSALS:
            return words.t(f"list.bulk.{no.code}")
        return refusal_sentence(words, no.code, no.facts)
    return "" if is_news else words.t("list.bulk.already")


def _outcome(found: Sequence[_One]) -> Outcome:
    reasons: dict[str, list[str]] = {}
    for one in found:
        if one.why:
            reasons.setdefault(one.why, []).append(one.ref)
    letters = Counter(letter for one in found for letter in one.letters)
    return Outcome(
        done=tuple(one.ref for one in found if not one.why),
        skipped=tuple(Skipped(why, tuple(refs)) for why, refs in reasons.items()),
        letters=tuple(letters.most_common()),
    )


def _chunks(refs: Refs) -> Iterator[Refs]:
    for start in range(0, len(refs), _TOGETHER):
        yield refs[start : start + _TOGETHER]
