"""Files and words for an assistance: « Ajouter un document », until « Terminé »."""

from __future__ import annotations

from azbot.chat.cases.card import to
from azbot.chat.cases.here import Here
from azbot.intake.files import documents_of
from azbot.render.tellings import Teller
from azbot.screens import Button, plain
from azbot.workflow import commands as c

ASKS = "file"
"""What is remembered while files are waited for."""


def attach(here: Here, text: str, *, is_mixed: bool = False) -> list[str]:
    """Add what was said and sent; return what could not be added, ready to show.

    Args:
        here: the turn.
        text: the words that go with it, possibly empty.
        is_mixed: they were meant to decide something and did not: the desk reads it.
    """
    talk = here.talk
    documents = documents_of(talk.uow, talk.inbound)
    if not (text or documents):
        return unfit(here)
    message = c.AddMessage(
        text,
        documents=documents,
        message_id=talk.inbound.message_id,
        raw=talk.raw,
        is_mixed=is_mixed,
    )
    refused = here.do(message)
    return [*([plain(here.why(refused))] if refused else []), *unfit(here)]


def unfit(here: Here) -> list[str]:
    """Return why files of this turn were not taken, and how to send them otherwise."""
    talk, teller = here.talk, Teller(here.talk.words)
    lines = [
        plain(teller.file_line({"name": f.name, "size": f.size, "code": f.code}))
        for f in talk.inbound.rejected_files
    ]
    link = here.house.link(talk.uow, here.it.id, here.person.id, talk.now)
    if lines and link:
        lines.append(f'<a href="{link}">{here.t("mail.rejected.upload")}</a>')
    return lines


def open_files(here: Here, *wanted: str) -> None:
    """Wait for files, and for words about them.

    Args:
        here: the turn.
        wanted: what was asked for, ready to show.
    """
    here.talk.acknowledge()
    here.wait(ASKS, count=0, album="")
    asked = here.t("chat_case.file.ask")
    here.ask(asked, *wanted, rows=((_done(here),),), is_below=True)


def take_files(here: Here) -> None:
    """Take files as they come; the question follows them down once an album."""
    talk, memory = here.talk, here.talk.account.memory
    lines = attach(here, talk.inbound.text.strip())
    count = int(str(memory.get("count", 0))) + len(talk.inbound.files)
    album = talk.turn.album
    is_same = bool(album) and album == memory.get("album")
    here.wait(ASKS, count=count, album=album)
    said = here.t("chat_case.file.got", count=count) if count else ""
    title = said or here.t("chat_case.file.ask")
    more = here.t("chat_case.file.more") if said else ""
    rows = ((_done(here),),)
    here.ask(title, *lines, more, rows=rows, is_below=not is_same)


def close_files(here: Here) -> None:
    """Wait no more, and say how many came."""
    memory = here.talk.account.memory
    count = int(str(memory.get("count", 0))) if memory.get("asks") == ASKS else 0
    here.talk.acknowledge()
    here.end(*([here.t("chat_case.file.added", count=count)] if count else []))


def _done(here: Here) -> Button:
    return to(here.view, here.t("chat_case.done"), "done")
