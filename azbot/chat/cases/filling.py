"""What is missing, asked one by one with the kinds of the form (ux.md 7.2, R140)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from azbot.chat.cases.card import to
from azbot.chat.cases.filing import attach, open_files
from azbot.chat.cases.here import Here
from azbot.errors import Refused
from azbot.forms.assistance import ASSISTANCE
from azbot.forms.kinds import Choice, Context, Integer, Problem
from azbot.i18n.answers import option_name, problem_words
from azbot.render.tellings import Teller
from azbot.screens import Button, plain, rows_of
from azbot.workflow import commands as c
from azbot.workflow.model import Status

ASKS = "fill"
"""What is remembered while fields are asked."""

_NUMBER = re.compile(r"\d+")

_PAGE = 8
"""Lines of a list that are shown at once."""


def open_fill(here: Here) -> None:
    """Ask for the first thing that is missing."""
    if here.it.status is Status.WAITING and not _fields(here):
        open_files(here, *_wanted_files(here))
        return
    here.talk.acknowledge()
    _remember(here, {}, 0)
    _ask(here, is_below=True)


def take_answer(here: Here) -> None:
    """Take an answer in words, or a phone that was shared; keep photos besides."""
    inbound = here.talk.inbound
    if inbound.files or inbound.rejected_files:
        _ask(here, *attach(here, inbound.text.strip()))
        return
    phone = here.talk.turn.phone
    if phone and not phone.startswith(("+", "0")):
        phone = f"+{phone}"  # services leave the sign out
    _answer(here, _given(here), phone or here.talk.inbound.text)


def choose(here: Here, number: str, option: str) -> bool:
    """Take a press on a line of a list; False: it is not asked any more."""
    if not _is_asked(here, number):
        return False
    here.talk.acknowledge()
    _answer(here, _given(here), option)
    return True


def turn_page(here: Here, number: str, page: str) -> bool:
    """Show other lines of a list; False: it is not asked any more."""
    if not _is_asked(here, number):
        return False
    here.talk.acknowledge()
    is_number = page.isascii() and page.isdecimal()
    _remember(here, _given(here), int(page) if is_number else 0)
    _ask(here)
    return True


def _answer(here: Here, given: Mapping[str, str], said: str) -> None:
    key = _current(here)
    if key is None:
        _finish(here, given)
        return
    kind, context = ASSISTANCE.fields[key].kind, _context(here, given)
    outcome = kind.check(said, context)
    numbers = _NUMBER.findall(said) if isinstance(kind, Integer) else []
    if isinstance(outcome, Problem) and len(numbers) == 1:
        outcome = kind.check(numbers[0], context)  # « 5 thermostats »
    if isinstance(outcome, Problem):
        _ask(here, plain(problem_words(outcome, here.talk.words)))
        return
    given = {**given, key: str(outcome.value)}
    _remember(here, given, 0)
    if _current(here) is None:
        _finish(here, given)
    else:
        _ask(here)


def _finish(here: Here, given: Mapping[str, str]) -> None:
    """Give everything that was answered to the desk at once."""
    wants_files = here.view.next_step.wants_files and bool(here.it.asked_items)
    files = _wanted_files(here) if wants_files else ()
    refused = here.do(c.AmendRequest(given))
    if refused is not None:
        _again(here, given, refused)
    elif files:
        open_files(here, *files)
    else:
        here.end(here.t("portal.done.edit"))


def _again(here: Here, given: Mapping[str, str], refused: Refused) -> None:
    """Ask once more for what does not fit together; the rest is kept."""
    problems = refused.facts.get("problems")
    wrong = [key for key in given if isinstance(problems, Mapping) and key in problems]
    if not wrong or not isinstance(problems, Mapping):
        _keep(here, given, refused)
        return
    kept = {key: value for key, value in given.items() if key not in wrong}
    first = problems[wrong[0]]
    problem = Problem(first["code"], first["facts"])
    _remember(here, kept, 0)
    _ask(here, plain(problem_words(problem, here.talk.words)))


def _keep(here: Here, given: Mapping[str, str], refused: Refused) -> None:
    """Let the desk read answers that can be filled in no more: nothing is lost."""
    teller = Teller(here.talk.words, lambda: here.house.rules().lists)
    lines = [
        f"{teller.label(key)}{teller.colon}{teller.shown(key, value)}"
        for key, value in given.items()
    ]
    left = attach(here, "\n".join(lines), is_mixed=True) if lines else []
    kept = [here.t("chat_case.kept")] if lines and not left else left
    here.end(plain(here.why(refused)), *kept)


# --- what is asked ------------------------------------------------------------------


def _fields(here: Here) -> tuple[str, ...]:
    """Return the fields that are missing or asked, in the order of the form."""
    wanted = {*here.it.missing, *here.it.asked_items}
    return tuple(
        key
        for key, one in ASSISTANCE.fields.items()
        if key in wanted and here.talk.account.channel not in one.never_asked_by
    )


def _is_asked(here: Here, number: str) -> bool:
    """Whether a button belongs to the field that is asked now."""
    is_asked = here.asks == ASKS and _current(here) is not None
    return is_asked and number == str(len(_given(here)))


def _current(here: Here) -> str | None:
    given = _given(here)
    return next((key for key in _fields(here) if key not in given), None)


def _ask(here: Here, *wrong: str, is_below: bool | None = None) -> None:
    key, given = _current(here), _given(here)
    if key is None:
        return
    field, whole = ASSISTANCE.fields[key], len(_fields(here))
    count = here.t("chat_case.fill.count", n=len(given) + 1, count=whole)
    hint = plain(here.t(ASSISTANCE.hint(key))) if field.has_hint else ""
    comment = here.it.asked_comment if not given else ""
    here.ask(
        f"{count} · {here.t(ASSISTANCE.label(key))}",
        f"<blockquote>{plain(comment)}</blockquote>" if comment else "",
        *(wrong or (hint,)),
        rows=_options(here, field.kind) if isinstance(field.kind, Choice) else (),
        is_below=is_below,
    )


def _options(here: Here, kind: Choice) -> tuple[tuple[Button, ...], ...]:
    """Return the lines of a list, some at a time; others are typed."""
    given, memory = _given(here), here.talk.account.memory
    options = [one for one in kind.options(_context(here, given)) if one.is_active]
    page = int(str(memory.get("page", 0)))
    pages = -(-len(options) // _PAGE)
    at = page % max(pages, 1) * _PAGE
    mark = str(len(given))
    rows = rows_of(
        [
            to(here.view, option_name(one, here.talk.words), f"pick-{one.key}", mark)
            for one in options[at : at + _PAGE]
        ]
    )
    if pages < 2:
        return rows
    more = to(here.view, here.t("chat_case.fill.more"), f"page-{page + 1}", mark)
    return (*rows, (more,))


def _wanted_files(here: Here) -> tuple[str, ...]:
    """Return what documents were asked for, with the desk's own words."""
    asked = [key for key in here.it.asked_items if key not in ASSISTANCE.fields]
    comment = here.it.asked_comment
    quoted = [f"<blockquote>{plain(comment)}</blockquote>"] if comment else []
    return (*(f"• {plain(one)}" for one in here.view.voice.thing_list(asked)), *quoted)


def _context(here: Here, given: Mapping[str, str]) -> Context:
    country = given.get("country") or here.it.answer("country") or "FR"
    lists = here.house.rules().lists
    return Context(country=country, zone=here.it.zone_name, catalogues=lists)


# --- what is remembered -------------------------------------------------------------


def _given(here: Here) -> Mapping[str, str]:
    found = here.talk.account.memory.get("given")
    return found if isinstance(found, Mapping) else {}


def _remember(here: Here, given: Mapping[str, str], page: int) -> None:
    here.wait(ASKS, given=dict(given), page=page)
