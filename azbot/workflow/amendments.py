"""Rules of messages that change after they came: edited, or joined by more. Pure.

In a chat what was written can be written anew, and what is sent together comes piece
by piece. Whose message it is needs no other proof than its name: within a chat only
its writer can speak of it, and the service vouches for that.
"""

from __future__ import annotations

from collections.abc import Sequence

from azbot.workflow import commands as c
from azbot.workflow import events as e
from azbot.workflow.conversation import Said, messages
from azbot.workflow.decision import Recorded, Refusal
from azbot.workflow.model import Assistance
from azbot.workflow.policy import permit
from azbot.workflow.requests import Talk, new_documents
from azbot.workflow.situation import Outcome, Situation, refuse


def named(history: Sequence[Recorded], message_id: str) -> Said | None:
    """Return the message of this name as it stands here; None: not, or no more."""
    return next((s for s in messages(history) if s.message_id == message_id), None)


def begun(history: Sequence[Recorded], album: str) -> Said | None:
    """Return the message that brought the first of what was sent together."""
    return next((s for s in messages(history) if s.album == album), None)


def edit(it: Assistance, said: Said, text: str, situation: Situation) -> Outcome:
    """Let a message of a chat say something else; the same again changes nothing.

    Refusals: those of writing a message; ``not_editable`` (it came another way).
    """
    if stop := permit(it, c.AddMessage(text), situation.actor) or _foreign(
        said, situation
    ):
        return stop
    if not text.strip() and not said.documents:
        return refuse("empty_message", "R123")
    if text == said.text:
        return ()
    return (e.MessageEdited(said.id, said.at, said.text, text, said.author),)


def join(
    it: Assistance,
    said: Said,
    documents: tuple[c.NewDocument, ...],
    text: str,
    situation: Situation,
) -> Outcome:
    """Add files, and their caption, to the message of what they were sent with.

    A file that is there already changes nothing.

    Refusals: as ``edit``; ``too_many_documents``.
    """
    if stop := permit(it, c.AddMessage(text), situation.actor) or _foreign(
        said, situation
    ):
        return stop
    here = {d.blob for n in said.documents if (d := it.document(n)) is not None}
    news = tuple(d for d in documents if d.blob not in here)
    talk = Talk(said.to, said.station)
    added = new_documents(it, news, situation, talk=talk)
    if isinstance(added, Refusal):
        return added
    caption = text.strip()
    if not added and (documents or not caption):
        return ()
    words = "\n".join(part for part in (said.text, caption) if part.strip())
    numbers = tuple(d.document.number for d in added)
    joined = e.FilesJoined(
        event=said.id,
        documents=numbers,
        together=(*said.documents, *numbers),
        text=words,
        author=said.author,
        album=said.album,
    )
    return (joined, *added)


def _foreign(said: Said, situation: Situation) -> Refusal | None:
    actor = situation.actor
    is_own = (said.channel, said.author) == (actor.channel, actor.role)
    return None if is_own else refuse("not_editable", "10.6")
