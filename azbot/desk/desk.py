"""Steps 6 and 7 of the walk: load, decide, and write everything, or nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from azbot.desk import spoken
from azbot.desk.mailing import (
    DeskSettings,
    people_of,
    people_seen,
    routed,
    rows_of,
    with_writer,
)
from azbot.errors import Conflict, Refused
from azbot.messages import PersonId, Trust
from azbot.ports import Clock
from azbot.store import Store, UnitOfWork
from azbot.store.records import (
    Direction,
    NewPerson,
    Person,
    PersonKind,
)
from azbot.workflow import commands as c
from azbot.workflow import events as e
from azbot.workflow.commands import Command
from azbot.workflow.deadlines import Rules
from azbot.workflow.decide import conclude, decide
from azbot.workflow.decision import Decision, Notice, Recorded, Refusal
from azbot.workflow.events import Event
from azbot.workflow.model import (
    Actor,
    Answers,
    Assistance,
    AssistanceId,
    AssistanceRef,
)
from azbot.workflow.routing import Reachable
from azbot.workflow.situation import Situation

_BETWEEN_ACKNOWLEDGEMENTS = timedelta(hours=1)
"""To an address nobody has proved to own: it may be a victim's (email.md §5.2)."""

_MOST_WAITING = 12
"""Acknowledgements that may wait for each other; intake holds what comes faster."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A request to register, before the store gives it a name.

    Attributes:
        email: of the requester; a known address keeps its person.
        name, company, phone: kept when the person is new.
        other fields: see ``commands.OpenAssistance``.
    """

    answers: Answers
    email: str
    name: str = ""
    company: str = ""
    phone: str = ""
    language: str = "fr"
    country: str = "FR"
    text: str = ""
    elided: tuple[str, ...] = ()
    documents: tuple[c.NewDocument, ...] = ()
    message_id: str = ""
    raw: int | None = None
    is_confirmed: bool = False


class Desk:
    """Turns commands into committed facts."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        settings: DeskSettings,
        rules: Callable[[], Rules],
    ) -> None:
        self._store = store
        self._clock = clock
        self._settings = settings
        self._rules = rules

    @property
    def rules(self) -> Rules:
        """The rules in force; an administrator may change them while azbot runs."""
        return self._rules()

    @property
    def alerted(self) -> str:
        """Where alerts go (E24); empty: nowhere."""
        return self._settings.admin

    async def handle(
        self,
        key: AssistanceRef | AssistanceId,
        command: Command,
        actor: Actor,
        *,
        expected_version: int | None = None,
    ) -> Decision:
        """Apply one command to one assistance, in one unit of work.

        Args:
            key: public reference or internal number.
            command: what is wanted.
            actor: who wants it.
            expected_version: refuse when the assistance has moved on.

        Raises:
            NotFound: no such assistance.
            Refused: a rule said no.
            Conflict: the version is another one.
        """

        def work(uow: UnitOfWork) -> Decision:
            it = self.load(uow, key)
            if expected_version not in (None, it.version):
                raise Conflict(f"{it.ref} is at version {it.version}")
            return self.apply(uow, it, command, actor)

        return await self._store.write(work)

    async def open(self, draft: Draft, actor: Actor) -> Decision:
        """Register a request (R9).

        Raises:
            Refused: a rule said no; no reference is used up.
        """
        return await self._store.write(lambda uow: self.register(uow, draft, actor))

    def load(self, uow: UnitOfWork, key: AssistanceRef | AssistanceId) -> Assistance:
        """Return the assistance of a reference or number.

        Raises:
            NotFound: there is none.
        """
        if isinstance(key, str):
            return uow.assistances.by_ref(AssistanceRef(key))
        return uow.assistances.get(key)

    def register(self, uow: UnitOfWork, draft: Draft, actor: Actor) -> Decision:
        """Register a request inside a unit of work; see ``open``."""
        now = self._clock.now()
        requester = self._person(uow, draft)
        known = {"country": draft.country, "email": draft.email}
        key, ref = uow.assistances.new_identity(draft.country, now.year)
        command = c.OpenAssistance(
            id=key,
            ref=ref,
            requester=requester.id,
            answers={**known, **draft.answers},
            language=draft.language,
            text=draft.text,
            elided=draft.elided,
            documents=draft.documents,
            contact=self._contact(uow, draft.answers, requester),
            message_id=draft.message_id,
            raw=draft.raw,
            is_confirmed=draft.is_confirmed,
        )
        decision = self._decide(None, command, actor, now)
        stored = uow.assistances.add(decision.assistance)
        told_at = self._acknowledge_at(uow, requester, actor, now)
        return self._write(uow, None, decision, stored, now, told_at)

    def apply(
        self,
        uow: UnitOfWork,
        it: Assistance,
        command: Command,
        actor: Actor,
        reword: Callable[[tuple[Notice, ...]], tuple[Notice, ...]] | None = None,
    ) -> Decision:
        """Apply one command inside a unit of work; see ``handle``.

        Args:
            uow: the unit of work.
            it: the present state.
            command: what is wanted.
            actor: who wants it.
            reword: changes what is told, for whoever knows what else is told of
                the same occasion; None: as the workflow says.
        """
        now = self._clock.now()
        if isinstance(command, c.AmendRequest) and command.contact is None:
            requester = uow.people.get(it.requester)
            answers = {**it.answers, **command.answers}
            contact = self._contact(uow, answers, requester)
            command = c.AmendRequest(command.answers, contact)
        decision = self._decide(it, command, actor, now)
        if not decision.history:
            return decision
        if reword is not None:
            decision = replace(decision, notices=reword(decision.notices))
        return self._write(
            uow, it, decision, uow.assistances.save(decision.assistance), now
        )

    def foresee(self, it: Assistance, command: Command, actor: Actor) -> Decision:
        """Return what a command would do now; nothing is written.

        The contact on site of amended answers is not looked up: that would add
        people to the store.

        Raises:
            Refused: a rule says no.
        """
        return self._decide(it, command, actor, self._clock.now())

    def letters(
        self, uow: UnitOfWork, decision: Decision
    ) -> tuple[tuple[Notice, Reachable], ...]:
        """Return each notice of a decision with one of its readers, in order."""
        people = people_of(uow, self._settings, decision.assistance, decision.notices)
        return routed(decision.notices, people)

    async def readers(self, decision: Decision) -> tuple[tuple[Notice, Reachable], ...]:
        """Return the same as ``letters`` from the read side, for a page to show."""
        it, notices = decision.assistance, decision.notices
        people = await people_seen(self._store.views, self._settings, it, notices)
        return routed(notices, people)

    def record(
        self,
        uow: UnitOfWork,
        it: Assistance,
        events: tuple[Event, ...],
        actor: Actor,
    ) -> Decision:
        """Write what a rule over several assistances decided of this one.

        Args:
            uow: the unit of work all of them are written in.
            it: the present state.
            events: what happens; nothing is written when there is none.
            actor: who caused it.
        """
        now = self._clock.now()
        decision = conclude(it, events, Situation(actor, now, self._rules()))
        if not decision.history:
            return decision
        return self._write(
            uow, it, decision, uow.assistances.save(decision.assistance), now
        )

    def tell(
        self,
        uow: UnitOfWork,
        notices: Sequence[Notice],
        it: Assistance | None,
        key: str,
    ) -> None:
        """Put notices that follow from no event into the outbox.

        Args:
            uow: the unit of work they belong to.
            notices: what must be said.
            it: the assistance they are about, None when about none.
            key: names the occasion; the same occasion tells once.
        """
        now = self._clock.now()
        people = people_of(uow, self._settings, it, notices)
        rows = rows_of(people, notices, it, key, None, now)
        if self._settings.spoken:
            letters = routed(notices, people)
            heard = spoken.told_of(letters, self._settings.spoken)
            rows += spoken.notices(uow, heard, it, key, None, now)
        uow.outbox.put(rows)

    def _acknowledge_at(
        self, uow: UnitOfWork, requester: Person, actor: Actor, now: datetime
    ) -> datetime:
        """Return when the requester may be told: a stranger hears once an hour.

        So does whoever a stranger names: an address that was typed proves nothing,
        and must not become a way to fill a mailbox.
        """
        if requester.is_verified and actor.trust is not Trust.NONE:
            return now
        since = now - 2 * _BETWEEN_ACKNOWLEDGEMENTS * _MOST_WAITING
        last = uow.rates.acknowledged_at(requester.id, since)
        return max(now, last + _BETWEEN_ACKNOWLEDGEMENTS) if last else now

    def _decide(
        self, it: Assistance | None, command: Command, actor: Actor, now: datetime
    ) -> Decision:
        outcome = decide(it, command, actor, now, self._rules())
        if isinstance(outcome, Refusal):
            raise Refused(outcome.code, outcome.facts)
        return outcome

    def _write(
        self,
        uow: UnitOfWork,
        before: Assistance | None,
        decision: Decision,
        stored: Assistance,
        now: datetime,
        told_at: datetime | None = None,
    ) -> Decision:
        written = replace(decision, assistance=stored)
        ids = uow.events.append(stored.id, decision.history)
        for line in decision.history:
            _remember(uow, stored.id, line)
        uow.timers.replace(stored.id, decision.timers)
        key = f"{stored.id}:{ids[0]}"
        actor = decision.history[0].actor
        told = with_writer(uow, decision.notices, stored, actor)
        people = people_of(uow, self._settings, stored, told)
        rows = rows_of(people, told, stored, key, ids[0], now, told_at)
        if self._settings.spoken:
            letters = routed(told, people)
            heard = spoken.told_of(letters, self._settings.spoken)
            heard, rows = spoken.once(uow, heard, rows, stored)
            news = spoken.notices(uow, heard, stored, key, ids[0], now, actor)
            rows = spoken.mailed(uow, heard, rows)
            rules = self._rules()
            drawn = spoken.cards(uow, before, written, news, key, now, rules)
            rows += [*drawn, *news]
        uow.outbox.put(rows)
        return written

    def _person(self, uow: UnitOfWork, draft: Draft) -> Person:
        known = uow.people.by_address(draft.email)
        if known is not None:
            return known
        return uow.people.add(
            NewPerson(
                kind=PersonKind.CLIENT,
                addresses=(draft.email,),
                name=draft.name,
                company=draft.company,
                phones=(draft.phone,) if draft.phone else (),
                language=draft.language,
            )
        )

    def _contact(
        self, uow: UnitOfWork, answers: Answers, requester: Person
    ) -> PersonId | None:
        """Return the contact on site when it is somebody else (R153)."""
        address = answers.get("contact_email")
        if not isinstance(address, str) or "@" not in address:
            return None
        known = uow.people.by_address(address)
        if known is not None:
            is_client = known.kind is PersonKind.CLIENT
            return known.id if is_client and known.id != requester.id else None
        name = answers.get("contact_name")
        return uow.people.add(
            NewPerson(
                kind=PersonKind.CLIENT,
                addresses=(address,),
                name=name if isinstance(name, str) else "",
                company=requester.company,
                language=requester.language,
            )
        ).id


def _remember(uow: UnitOfWork, key: AssistanceId, line: Recorded) -> None:
    """Keep the name of the mail an event came from: replies will refer to it."""
    match line.event:
        case e.AssistanceOpened(message_id=name) | e.MessageAdded(message_id=name):
            uow.threads.remember(name, key, line.actor.person, Direction.IN)
        case _:
            pass
