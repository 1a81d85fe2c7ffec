"""Files and words for an assistance: « Ajouter un document », until « Terminé »."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from azbot.chat.cases.card import to
from azbot.chat.cases.here import Here
from azbot.chat.relay.filing import file
from azbot.chat.relay.routing import album_name
from azbot.errors import Refused
from azbot.intake.interpret import Meaning
from azbot.render.tellings import Teller
from azbot.screens import Button, plain
from azbot.tokens import upload_link
from azbot.workflow.commands import NewDocument

ASKS = "file"
"""What is remembered while files are waited for."""

_AT_ONCE = timedelta(seconds=3)
"""Files that follow each other so closely were chosen together: the receipt stays."""

_SERIES = timedelta(minutes=10)
"""After so long a pause files begin another message to the desk."""


def attach(
    here: Here, text: str, *, is_mixed: bool = False, series: str = ""
) -> list[str]:
    """Add what was said and sent; return what could not be added, ready to show.

    Things sent together make one message.

    Args:
        here: the turn.
        text: the words that go with it, possibly empty.
        is_mixed: they were meant to decide something and did not: the desk reads it.
        series: see ``relay.filing.file``.
    """
    meaning = Meaning(is_message=bool(text), is_mixed=is_mixed)
    try:
        filed = file(here.talk, here.it, meaning, text, series)
    except Refused as refused:
        return [plain(here.why(refused))]
    here.it = filed.it
    return unfit(here, filed.left)


def unfit(here: Here, left: Sequence[NewDocument] = ()) -> list[str]:
    """Return why files of this turn were not taken, and how to send them otherwise.

    Args:
        here: the turn.
        left: files for which there is no room.
    """
    talk = here.talk
    files = [
        *((f.name, f.size, f.code) for f in talk.inbound.rejected_files),
        *((d.name, d.size, "too_many") for d in left),
    ]
    rows = [{"name": name, "size": size, "code": code} for name, size, code in files]
    lines = [plain(line) for line in Teller(talk.words).file_list(rows)]
    link = upload_link(here.link)
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
    """Take files as they come: one message to the desk, and one receipt.

    The receipt follows files down, once for all that were chosen together.
    """
    talk, memory = here.talk, here.talk.account.memory
    has_files = bool(talk.inbound.files)
    since = _since(here)
    series = str(memory.get("series") or "") if since < _SERIES else ""
    if has_files and not series:
        series = album_name(talk) or f"{talk.inbound.message_id}/series"
    text = talk.inbound.text.strip()
    lines = attach(here, text, series=series if has_files else "")
    count = int(str(memory.get("count", 0))) + len(talk.inbound.files)
    album = talk.turn.album
    is_album = bool(album) and album == memory.get("album")
    is_same = has_files and (is_album or since <= _AT_ONCE)
    at = talk.now.isoformat() if has_files else memory.get("at", "")
    here.wait(ASKS, count=count, album=album, series=series, at=at)
    said = here.t("chat_case.file.got", count=count) if count else ""
    title = said or here.t("chat_case.file.ask")
    more = here.t("chat_case.file.more") if said else ""
    rows = ((_done(here),),)
    here.ask(title, *lines, more, rows=rows, is_below=not is_same)


def _since(here: Here) -> timedelta:
    """Return how long ago the last file came."""
    at = str(here.talk.account.memory.get("at") or "")
    return here.talk.now - datetime.fromisoformat(at) if at else timedelta.max


def close_files(here: Here) -> None:
    """Wait no more, and say how many came."""
    count = int(str(here.talk.account.memory.get("count", 0)))
    here.talk.acknowledge()
    here.end(*([here.t("chat_case.file.added", count=count)] if count else []))


def _done(here: Here) -> Button:
    return to(here.view, here.t("chat_case.done"), "done")
