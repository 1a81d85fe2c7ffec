"""What happens when an agent presses: dialogs, actions, and the way back."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from aiohttp import web

from azbot.channels.web.inbox.actions import BY_NAME, Action
from azbot.channels.web.inbox.asking import Ask
from azbot.channels.web.inbox.building import Given
from azbot.channels.web.inbox.doing import Dialog, dialog_of, refused_dialog
from azbot.channels.web.inbox.pages import AssistanceReader
from azbot.channels.web.posted import Posted
from azbot.channels.web.problems import HttpProblem
from azbot.channels.web.seams import WebDeps
from azbot.channels.web.staff import Staff
from azbot.errors import NotFound, Refused
from azbot.forms.kinds import Context
from azbot.store import UnitOfWork
from azbot.workflow.commands import Command
from azbot.workflow.model import Assistance, AssistanceRef


@dataclass(frozen=True, slots=True)
class Undo:
    """How a change is taken back: a form nobody has to fill."""

    url: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Pressed:
    """What became of a press.

    Attributes:
        words: told to the agent: « Mission proposée. »
        undo: None when there is no way back.
        seconds: how long the way back is open.
        dialog: set when it was refused: the same questions with what is wrong.
    """

    words: str = ""
    undo: Undo | None = None
    seconds: int = 8
    dialog: Dialog | None = None


class Presses:
    """Gives actions of agents to the desk."""

    def __init__(self, deps: WebDeps, reader: AssistanceReader) -> None:
        self._deps = deps
        self._reader = reader

    def action(self, request: web.Request) -> Action:
        """Return the action of an address.

        Raises:
            NotFound: there is none of this name.
        """
        name = request.match_info["action"]
        if name not in BY_NAME:
            raise NotFound("action", name)
        return BY_NAME[name]

    async def ask(
        self, ref: AssistanceRef, staff: Staff, given: Given | None = None
    ) -> Ask:
        """Return what the questions of an action are made from."""
        views = self._deps.store.views
        it = await views.by_ref(ref)
        proposals = await self._reader.proposals(it, staff)
        people = await views.agents()
        return Ask(
            it=it,
            words=staff.words,
            now=self._deps.clock.now(),
            zone=self._deps.settings.zone_name,
            missing=self._reader.missing(it, staff),
            lists=Context(
                country=it.answer("country"),
                zone=it.zone_name,
                catalogues=self._deps.desk.rules.lists,
            ),
            stations=[(str(p.id), p.company, p.why) for p in proposals],
            agents=[(str(each.id), each.name or each.address) for each in people],
            me=staff.person.id,
            given=given.values if given else {},
            chosen=given.lists if given else {},
        )

    async def dialog(self, action: Action, ask: Ask, staff: Staff) -> Dialog:
        """Return the dialog of an action, with what it would tell."""
        return await self._deps.store.write(
            lambda uow: dialog_of(uow, self._deps, staff, action, ask)
        )

    async def press(
        self, action: Action, ref: AssistanceRef, staff: Staff, given: Given
    ) -> Pressed:
        """Do an action, or hold it while it can be undone.

        Raises:
            NotFound: no such assistance.
            HttpProblem: 400, the form has no key.
        """
        key = given.text("once")
        if not key:
            raise HttpProblem(400, "key_malformed")
        before = await self._deps.store.views.by_ref(ref)
        try:
            commands = await self._deps.store.write(
                lambda uow: self._commands(uow, action, before, given, staff)
            )
            hold = await self._deps.holding.submit(
                staff.actor,
                staff.person.id,
                ref,
                commands[0],
                key=key,
                then=commands[1:],
            )
        except Refused as refused:
            ask = await self.ask(ref, staff, given)
            return Pressed(dialog=refused_dialog(action, ask, refused))
        words = staff.words.t(f"inbox.done.{action.name}")
        if hold is not None:
            held = staff.words.t("inbox.held", words=words)
            return Pressed(held, Undo(f"/inbox/holds/{hold.id}/undo", {}))
        return Pressed(words, _way_back(action, before))

    def _commands(
        self,
        uow: UnitOfWork,
        action: Action,
        it: Assistance,
        given: Given,
        staff: Staff,
    ) -> Sequence[Command]:
        mine = replace(given, values={**given.values, "me": str(staff.person.id)})
        return action.build(mine, it, uow)


def _way_back(action: Action, before: Assistance) -> Undo | None:
    """Return what takes a silent change back; None where nothing simple does."""
    base = f"/inbox/a/{before.ref}/do"
    once = secrets.token_urlsafe(12)
    match action.name:
        case "handled":
            return Undo(f"{base}/bring-back", {"once": once})
        case "snooze":
            return Undo(f"{base}/end-snooze", {"once": once})
        case "take" | "owner":
            owner = str(before.owner or "")
            return Undo(f"{base}/owner", {"once": once, "owner": owner})
        case "tags":
            tags = ", ".join(before.tags)
            return Undo(f"{base}/tags", {"once": once, "tags": tags})
        case _:
            return None


def given_of(form: Posted, zone: str) -> Given:
    """Return what a form posted: texts alone, files are not for here."""
    return Given(form.first(), form.values, zone)
