"""What becomes of a message that waits for a person: three answers (ux.md 6.6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from azbot.desk import Desk
from azbot.errors import Conflict, Refused
from azbot.i18n.catalogue import LANGUAGES, catalogue
from azbot.intake.files import documents_of, made_fit
from azbot.intake.opening import draft_of, original_sender
from azbot.intake.turns import text_of
from azbot.intake.understand import fingerprint, survivor
from azbot.messages import (
    Address,
    Inbound,
    InboundFile,
    RawId,
    RawMessage,
    Reason,
    Reply,
    Trust,
    Turn,
    Unparseable,
)
from azbot.ports import Channel, Scanner, Unscanned
from azbot.store import Store, UnitOfWork
from azbot.store.records import Person, PersonKind, RawEntry, RawOutcome, RawState
from azbot.workflow.commands import AddMessage
from azbot.workflow.model import Actor, Assistance, AssistanceRef, Role


class Quarantine:
    """Agents' decisions about messages that were set aside."""

    def __init__(
        self,
        store: Store,
        desk: Desk,
        channels: Mapping[str, Channel],
        country: str,
        scanner: Scanner | None = None,
    ) -> None:
        self._scanner = scanner or Unscanned()
        self._store = store
        self._desk = desk
        self._channels = channels
        self._country = country

    async def attach(
        self, raw: RawId, ref: AssistanceRef, actor: Actor
    ) -> AssistanceRef:
        """Add the message to an assistance as its requester's words.

        The agent vouches for the sender: the message counts as known, and nothing
        in it acts.

        Raises:
            NotFound: no such message or assistance.
            Conflict: the message no longer waits.
            Refused: a rule said no; an unreadable message cannot be attached.
        """
        files = await self._files(raw)

        def work(uow: UnitOfWork) -> AssistanceRef:
            entry, inbound, reply = self._read(uow, raw)
            it = survivor(uow, self._desk.load(uow, ref))
            sent = uow.sent.texts(it.id, uow.people.get(it.requester).address)
            reply = self._channels[entry.channel].separate(inbound, sent)
            said = inbound.turn.forwarded_from if inbound.turn else ""
            message = AddMessage(
                text=reply.text,
                elided=reply.elided,
                documents=documents_of(uow, replace(inbound, files=files)),
                message_id=inbound.message_id,
                raw=raw,
                forwarded_from=said,
            )
            self._desk.apply(uow, it, message, _as_requester(it, inbound, actor))
            self._finish(uow, raw, inbound, it, _mark(inbound))
            return it.ref

        return await self._store.write(work)

    async def open(self, raw: RawId, actor: Actor) -> AssistanceRef:
        """Register a new request made of the message; errors as ``attach``."""
        files = await self._files(raw)

        def work(uow: UnitOfWork) -> AssistanceRef:
            _, inbound, reply = self._read(uow, raw)
            mark = _mark(inbound)
            inbound, person = _requester(uow, inbound)
            documents = documents_of(uow, replace(inbound, files=files))
            draft = draft_of(
                inbound,
                reply,
                person,
                documents,
                raw,
                self._country,
                lists=self._desk.rules.lists,
            )
            it = self._desk.register(uow, draft, actor).assistance
            self._finish(uow, raw, inbound, it, mark)
            return it.ref

        return await self._store.write(work)

    async def junk(self, raw: RawId, actor: Actor) -> None:
        """Set the message aside for good; it stays in the ledger.

        Raises:
            NotFound: no such message.
            Conflict: the message no longer waits.
        """

        def work(uow: UnitOfWork) -> None:
            entry = self._waiting(uow, raw)
            uow.raw.reset(raw)
            outcome = RawOutcome(
                RawState.IGNORED,
                Reason.NOT_A_REQUEST,
                f"{actor.name}",
                message_id=entry.outcome.message_id,
                sender=entry.outcome.sender,
                subject=entry.outcome.subject,
                fingerprint=entry.outcome.fingerprint,
            )
            uow.raw.finish(raw, outcome)

        await self._store.write(work)

    async def said(self, raw: RawId) -> str:
        """Return what the message says, without what it quotes.

        Raises:
            NotFound: no such message.
            Conflict: the message no longer waits.
            Refused: ``unreadable_message``, ``unreadable_channel``.
        """

        def work(uow: UnitOfWork) -> str:
            _, _, reply = self._read(uow, raw)
            return reply.text

        return await self._store.write(work)

    async def _files(self, raw: RawId) -> tuple[InboundFile, ...]:
        """Return the files of a message that may be kept, fit to show."""
        entry, inbound, _ = await self._store.write(lambda uow: self._read(uow, raw))
        inbound = await self._channels[entry.channel].fetch(inbound)
        return (await made_fit(inbound, self._scanner)).files

    def _waiting(self, uow: UnitOfWork, raw: RawId) -> RawEntry:
        entry = uow.raw.get(raw)
        if entry.outcome.state is not RawState.QUARANTINED:
            raise Conflict(f"message {raw} no longer waits")
        return entry

    def _read(self, uow: UnitOfWork, raw: RawId) -> tuple[RawEntry, Inbound, Reply]:
        entry = self._waiting(uow, raw)
        channel = self._channels.get(entry.channel)
        if channel is None:
            # It was taken out of the configuration, or its package is gone.
            raise Refused("unreadable_channel", {"channel": entry.channel})
        content = uow.raw.content(raw)
        message = RawMessage(
            entry.channel,
            entry.source,
            entry.position,
            content,
            entry.received_at,
            entry.size,
            entry.lane,
        )
        inbound = channel.parse(message)
        if isinstance(inbound, Unparseable):
            raise Refused("unreadable_message", {"reason": inbound.reason.value})
        if inbound.turn is not None:
            inbound = _as_letter(uow, inbound, inbound.turn)
        return entry, inbound, channel.separate(inbound, ())

    def _finish(
        self,
        uow: UnitOfWork,
        raw: RawId,
        inbound: Inbound,
        it: Assistance,
        mark: str | None,
    ) -> None:
        uow.raw.reset(raw)
        uow.raw.finish(
            raw,
            RawOutcome(
                RawState.APPLIED,
                assistance_id=it.id,
                fingerprint=mark,
                message_id=inbound.message_id,
                sender=inbound.sender.email if inbound.sender else "",
                subject=inbound.subject,
            ),
        )


def _mark(inbound: Inbound) -> str | None:
    """Return the fingerprint of a letter; of a talk each turn has its own number."""
    return fingerprint(inbound) if inbound.turn is None else None


def _as_letter(uow: UnitOfWork, inbound: Inbound, turn: Turn) -> Inbound:
    """Return what was said in a chat under the address of whose account it is."""
    account = uow.chats.get(inbound.channel, turn.account)
    words = catalogue(account.language if account else LANGUAGES[0])
    sender = inbound.sender
    if account is not None and account.person is not None:
        person = uow.people.get(account.person)
        sender = Address(person.address, person.name or account.name)
    return replace(inbound, sender=sender, text=text_of(inbound, words))


def _as_requester(it: Assistance, inbound: Inbound, agent: Actor) -> Actor:
    """The words are the writer's, on the agent's word."""
    name = inbound.sender.name or inbound.sender.email if inbound.sender else agent.name
    return Actor(Role.CLIENT, it.requester, name, Trust.KNOWN, inbound.channel)


def _requester(uow: UnitOfWork, inbound: Inbound) -> tuple[Inbound, Person | None]:
    """Return the message and whose request it is.

    What a colleague of the desk forwarded is the request of whoever wrote to them;
    the agent who opens it has read the name.

    Raises:
        Refused: nobody can be the requester.
    """
    if inbound.sender is None or "@" not in inbound.sender.email:
        raise Refused("no_sender")
    person = uow.people.by_address(inbound.sender.email)
    if person is None or person.kind is PersonKind.CLIENT:
        return inbound, person
    original = original_sender(inbound)
    if original is None:
        raise Refused("not_a_client", {"role": person.kind.value})
    theirs = replace(inbound, sender=original)
    person = uow.people.by_address(original.email)
    if person is not None and person.kind is not PersonKind.CLIENT:
        raise Refused("not_a_client", {"role": person.kind.value})
    return theirs, person
