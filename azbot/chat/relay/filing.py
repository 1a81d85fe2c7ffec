"""What a turn says becomes part of an assistance: words, files, decisions.

The same words do the same as in a mail: « OUI » under the closing question closes, and
what decides nothing is a message (ux.md 9.2).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from azbot.chat.relay.routing import album_name, remember
from azbot.chat.talk import Talk
from azbot.desk.relocation import forget
from azbot.errors import Refused
from azbot.intake.files import documents_of, names_of, room_for
from azbot.intake.interpret import Meaning, Question, interpret
from azbot.intake.turns import text_of
from azbot.intake.understand import SILENT, question_of
from azbot.messages import Reply
from azbot.workflow import amendments
from azbot.workflow import commands as c
from azbot.workflow.conversation import Said
from azbot.workflow.decision import NoticeKind, Refusal
from azbot.workflow.model import Assistance
from azbot.workflow.situation import Situation

_NOTICES = frozenset(NoticeKind) - SILENT
_MESSAGE = Meaning(is_message=True)


@dataclass(frozen=True, slots=True)
class Filed:
    """What became of a turn.

    Attributes:
        it: the assistance afterwards.
        meaning: what was understood; its commands were done unless one was refused.
        refused: why a command was not done; the words are a message then.
        has_message: words or files were put before the desk.
        is_more: they joined what was sent with them.
        left: files for which there is no room.
    """

    it: Assistance
    meaning: Meaning = _MESSAGE
    refused: Refused | None = None
    has_message: bool = False
    is_more: bool = False
    left: tuple[c.NewDocument, ...] = ()


def file(
    talk: Talk,
    it: Assistance,
    meaning: Meaning,
    text: str | None = None,
    series: str = "",
) -> Filed:
    """Let a turn have its effect on an assistance.

    Args:
        talk: the turn.
        it: where it belongs.
        meaning: see ``understood``.
        text: the words to keep; None: those of the turn.
        series: names what is sent one after the other and belongs together; empty:
            only what the service itself sent together does.

    Raises:
        Refused: nothing of it can be kept.
    """
    refused = None
    for command in meaning.commands:
        try:
            it = talk.desk.apply(talk.uow, it, command, talk.actor).assistance
        except Refused as why:
            refused = why
            break
    documents = documents_of(talk.uow, talk.inbound)
    room = room_for(it, talk.desk.rules)
    kept, left = documents[:room], documents[room:]
    remember(talk, it.id)
    done = Filed(it, meaning, refused, left=left)
    if not (refused or meaning.is_message or kept):
        return done
    text = text_of(talk.inbound, talk.words) if text is None else text
    together = series or album_name(talk)
    begun = _begun(talk, it, together)
    if begun is not None:
        return replace(
            done,
            it=_join(talk, it, begun, kept, text),
            has_message=True,
            is_more=True,
        )
    message = c.AddMessage(
        text or names_of(talk.inbound, left),
        documents=kept,
        message_id=talk.inbound.message_id,
        raw=talk.raw,
        is_mixed=bool(refused) or meaning.is_mixed,
        album=together,
        forwarded_from=talk.turn.forwarded_from,
    )
    it = talk.desk.apply(talk.uow, it, message, talk.actor).assistance
    return replace(done, it=it, has_message=True)


def understood(talk: Talk, it: Assistance) -> Meaning:
    """Say what the words of a turn want.

    Words that came from somebody else, or under a picture, decide nothing.
    """
    turn, inbound = talk.turn, talk.inbound
    files = inbound.files or inbound.rejected_files
    if files or turn.forwarded_from or turn.spot or turn.phone:
        return _MESSAGE
    return interpret(
        it,
        talk.actor,
        Reply(inbound.text),
        _asked(talk, it),
        talk.now,
        talk.desk.rules.lists,
    )


def edit(talk: Talk, it: Assistance, said: Said) -> Refused | None:
    """Let a message say what its writer changed it to; return why a rule says no."""
    situation = Situation(talk.actor, talk.now, talk.desk.rules)
    text = text_of(talk.inbound, talk.words)
    outcome = amendments.edit(it, said, text, situation)
    if isinstance(outcome, Refusal):
        return Refused(outcome.code, outcome.facts)
    forget(talk.uow, it.id, talk.uow.events.of(it.id), said.id)
    it = talk.desk.record(talk.uow, it, outcome, talk.actor).assistance
    documents = documents_of(talk.uow, talk.inbound)
    if documents:
        _join(talk, it, said, documents[: room_for(it, talk.desk.rules)], "")
    return None


def _join(
    talk: Talk,
    it: Assistance,
    said: Said,
    documents: tuple[c.NewDocument, ...],
    text: str,
) -> Assistance:
    situation = Situation(talk.actor, talk.now, talk.desk.rules)
    outcome = amendments.join(it, said, documents, text, situation)
    if isinstance(outcome, Refusal):
        raise Refused(outcome.code, outcome.facts)
    return talk.desk.record(talk.uow, it, outcome, talk.actor).assistance


def _begun(talk: Talk, it: Assistance, name: str) -> Said | None:
    return amendments.begun(talk.uow.events.of(it.id), name) if name else None


def _asked(talk: Talk, it: Assistance) -> Question | None:
    """Return what the message replied to asked, else the newest they were sent.

    Under words of an agent « oui » answers the agent; under a card, whatever is asked
    is meant.
    """
    account, sent = talk.account, talk.uow.sent
    where = (it.id, account.channel, account.chat, _NOTICES)
    for name in talk.inbound.references:
        asked = sent.told_in(*where, name)
        return question_of(it, asked) if asked else None
    newest = sent.told_in(*where)
    return question_of(it, newest) if newest else None
