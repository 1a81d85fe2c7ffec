"""The one message of a guided request, at each of its questions. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from azbot.chat.request.asking import EMAIL, FILES, RECAP, Asking
from azbot.chat.request.hearing import matching
from azbot.chat.talk import press
from azbot.forms.assistance import ASSISTANCE
from azbot.forms.filling import NOTE
from azbot.forms.kinds import OTHER, Choice, Option
from azbot.i18n import formats
from azbot.i18n.answers import answer_words, label_of, option_name, problem_words
from azbot.i18n.catalogue import Catalogue
from azbot.screens import Button, Screen, Share, Style, plain, rows_of
from azbot.workflow.model import Assistance

ROOM = "request"
_PAGE = 8
_SYSTEMS = 5
_THERMOSTATS = 12
_ACROSS = 4
ME = "me"
"""Names whoever asks in a button."""

KEY = 8
"""Letters of the key of a draft that its buttons carry."""
_LONGEST_LABEL = 48
_QUOTED = 300

Rows = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True, slots=True)
class Known:
    """What earlier requests of the same person offer as an answer.

    Attributes:
        mark: names it in a button.
        texts: answers by field.
    """

    mark: str
    label: str
    texts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class View:
    """A request, and all that is drawn beside its answers.

    Attributes:
        told: what happened just now, sentence by sentence.
        known: what earlier requests offer for the question that is open.
        needs_proof: the desk will wait for the proof of the order (R140).
        open: assistances that stray words may be meant for.
    """

    asking: Asking
    words: Catalogue
    told: Sequence[str] = ()
    known: Sequence[Known] = ()
    needs_proof: bool = False
    open: Sequence[Assistance] = ()

    def button(
        self, label: str, action: str, *args: object, style: Style = Style.PLAIN
    ) -> Button:
        """Return a button of this state: it is over as soon as the state is."""
        draft = self.asking.draft
        made = press(label, ROOM, draft.key[:KEY], draft.revision, action, *args)
        return replace(made, style=style)

    def t(self, key: str, **facts: object) -> str:
        """Return words of this room."""
        return self.words.t(f"chat_request.{key}", **facts)


def mark(text: str) -> str:
    """Name something in a button, whatever it is called."""
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def screen(view: View) -> Screen:
    """Return the question that is open, or what stands in front of it."""
    aside, current = view.asking.progress.aside, view.asking.current
    if aside in _ASIDE:
        return _ASIDE[aside](view)
    if current == RECAP:
        return _recap(view)
    rows = _ROWS[current](view) if current in _ROWS else ()
    number, count = view.asking.place
    head = view.t("title", number=number, count=count)
    parts = (head, _so_far(view), _told(view), _question(view))
    return Screen(_text(parts), (*rows, *_ways(view)))


# --- the text ---------------------------------------------------------------------


def _text(parts: Sequence[str]) -> str:
    return "\n\n".join(part for part in parts if part)


def _so_far(view: View) -> str:
    """Return what is answered, in one paragraph."""
    found = [said for key in _SUMMARY if (said := answer(view, key))]
    files = view.asking.draft.files
    if files:
        found.append(view.t("files_count", count=len(files)))
    return plain(" · ".join(found))


def _told(view: View) -> str:
    return plain("\n".join(view.told))


_SUMMARY = ("service", "place", "system", "counts", "maker", "contact")


def answer(view: View, question: str) -> str:
    """Return what was answered to a question, in a few words; possibly empty."""
    asking = view.asking
    match question:
        case "place":
            of = _said(view, ("address", "postcode", "town"))
            return formats.address_line(of["address"], of["postcode"], of["town"])
        case "counts":
            return _counted(view)
        case "contact" if question not in asking.progress.passed:
            return ""
        case "contact":
            return ", ".join(filter(None, _said(view, _CONTACT).values()))
        case "you":
            who = (EMAIL, "installer", "distributor")
            return ", ".join(filter(None, _said(view, who).values()))
        case "files":
            return _listed(view)
        case _:
            return _said(view, (question,))[question]


_CONTACT = ("contact_name", "phone", "phone_2")


def _said(view: View, keys: Sequence[str]) -> dict[str, str]:
    """Return answers as they are shown; what cannot be taken, as it was said."""
    asking = view.asking
    found = {}
    for key in keys:
        value = asking.reading.values.get(key)
        if value is None:
            found[key] = asking.texts.get(key, "").removeprefix(OTHER)
        else:
            field = ASSISTANCE.fields[key]
            found[key] = answer_words(field, value, view.words, asking.context)
    return found


def _counted(view: View) -> str:
    values = view.asking.reading.values
    found = [
        view.t(f"count.{key}", count=count)
        for key in ("system_count", "thermostat_count")
        if isinstance(count := values.get(key), int)
    ]
    return ", ".join(found)


def _listed(view: View) -> str:
    files = view.asking.draft.files
    if not files:
        return ""
    count = view.t("files_count", count=len(files))
    proof = next((each.name for each in files if each.is_proof), "")
    return view.t("files_with_proof", files=count, name=proof) if proof else count


def _question(view: View) -> str:
    """Return the question, or what is left of it."""
    asking, current = view.asking, view.asking.current
    problem = asking.problem(current)
    name = plain(asking.texts.get("contact_name", ""))
    asked = view.t(f"ask.{_variant(view)}", name=name)
    if problem is None or view.told:
        return asked
    return _text((plain(problem_words(problem, view.words)), asked))


def _variant(view: View) -> str:
    """Name the question: what was answered of it in part is not asked again."""
    asking, current = view.asking, view.asking.current
    missing = asking.missing(current)
    match current:
        case "place" if "address" in missing and asking.texts.get("postcode"):
            return "place.address"
        case "place" if missing and "address" not in missing:
            return "place.postcode"
        case "place" if asking.texts.get("spot"):
            return "place.spot"
        case "counts" if missing == ("thermostat_count",):
            return "counts.thermostats"
        case "counts" if missing == ("system_count",):
            return "counts.systems"
        case "contact" if "contact_name" not in missing and "phone" in missing:
            return "contact.phone"
        case "contact" if "contact_name" in missing and asking.texts.get("phone"):
            return "contact.name"
        case "you" if EMAIL in missing and asking.texts.get("installer"):
            return "you.email"
        case "you" if EMAIL not in missing:
            return "you.company"
        case "files" if asking.draft.files:
            return "files.which" if _lacks_proof(view) else "files.more"
        case "files" if view.needs_proof:
            return "files.proof"
        case _:
            return current


# --- the buttons ------------------------------------------------------------------


def _pages(view: View, field: str, across: int) -> Rows:
    asking = view.asking
    found = options(view, field)
    last = max((len(found) - 1) // _PAGE, 0)
    page = min(asking.progress.page, last)
    shown = found[page * _PAGE : (page + 1) * _PAGE]
    chosen = asking.reading.values.get(field)
    buttons = [
        view.button(
            f"✓ {name}" if option.key == chosen else name, "set", mark(option.key)
        )
        for option in shown
        for name in (option_name(option, view.words),)
    ]
    rows = [*rows_of(buttons, across)]
    search = asking.progress.search
    if search:
        label = view.t("button.other", words=_short(search))
        rows.append((view.button(label, "set", mark(OTHER + search)),))
    turns = []
    if page > 0:
        turns.append(view.button(view.t("button.previous"), "page", page - 1))
    if page < last:
        turns.append(view.button(view.t("button.following"), "page", page + 1))
    return (*rows, tuple(turns)) if turns else tuple(rows)


def options(view: View, field: str) -> tuple[Option, ...]:
    """Return the lines of a list that are offered, those that are searched alone."""
    kind = ASSISTANCE.fields[field].kind
    assert isinstance(kind, Choice)  # noqa: S101 - the form says so
    found = tuple(o for o in kind.options(view.asking.context) if o.is_active)
    search = view.asking.progress.search
    return matching(search, found) if search else found


def _service(view: View) -> Rows:
    return _pages(view, "service", 1)


def _system(view: View) -> Rows:
    return _pages(view, "system", 1)


def _maker(view: View) -> Rows:
    return _pages(view, "maker", 2)


def _counts(view: View) -> Rows:
    if view.asking.is_half_counted:
        numbers = range(_THERMOSTATS + 1)
        labels = [view.t("button.none"), *map(str, numbers[1:])]
        # Nobody has none: it stands last, where a thumb does not meet it.
        first, *others = zip(numbers, labels, strict=True)
        pairs = [*others, first]
        across = _ACROSS
    else:
        pairs = [(number, str(number)) for number in range(1, _SYSTEMS + 1)]
        across = _SYSTEMS
    buttons = [view.button(label, "set", number) for number, label in pairs]
    return rows_of(buttons, across)


def _place(view: View) -> Rows:
    rows = [(view.button(each.label, "set", each.mark),) for each in view.known]
    if not view.asking.texts.get("spot"):
        rows.append((view.button(view.t("button.place"), "spot"),))
    return tuple(rows)


def _contact(view: View) -> Rows:
    rows = [(view.button(each.label, "set", each.mark),) for each in view.known]
    is_named = view.asking.texts.get("contact_name") and not view.asking.progress.is_me
    if "phone" in view.asking.missing("contact") and not is_named:
        rows.append((view.button(view.t("button.phone"), "phone"),))
    return tuple(rows)


def _offered_files(view: View) -> Rows:
    files = view.asking.draft.files
    if not files:
        return ((view.button(view.t("button.skip"), "done"),),)
    last = files[-1]
    label = view.t("button.no_proof" if last.is_proof else "button.proof")
    go_on = view.button(view.t("button.go_on"), "done", style=Style.PRIMARY)
    return ((view.button(label, "proof"),), (go_on,))


_ROWS = {
    "service": _service,
    "place": _place,
    "system": _system,
    "counts": _counts,
    "maker": _maker,
    "contact": _contact,
    FILES: _offered_files,
}


def _ways(view: View) -> Rows:
    """Return the ways out of a question: never a dead end (ux.md 10.1)."""
    asking = view.asking
    rows = [*_stray(view)]
    if asking.current != FILES and asking.is_done(asking.current):
        rows.append((view.button(view.t("button.keep"), "keep"),))
    turns = []
    if asking.progress.is_editing or asking.before:
        turns.append(view.button(view.words.t("chat.back"), "back"))
    turns.append(view.button(view.t("button.cancel"), "cancel"))
    return (
        *rows,
        tuple(turns),
        (view.button(view.words.t("chat.menu.support"), "support"),),
    )


def _stray(view: View) -> Rows:
    """Return whom words may be for that answered nothing."""
    if not view.asking.progress.stray:
        return ()
    if not view.open:
        return ((view.button(view.t("button.stray"), "stray"),),)
    here = view.button(view.t("button.stray_here"), "stray")
    there = [
        view.button(view.t("button.stray_to", reference=it.ref), "stray", it.id)
        for it in view.open
    ]
    return (*((each,) for each in there), (here,))


# --- beside the questions ---------------------------------------------------------


def _recap(view: View) -> Screen:
    """Return everything, to be sent."""
    asking = view.asking
    number, count = asking.place
    lines = [
        view.t("line", label=view.t(f"label.{key}"), said=plain(said))
        for key in _LINES
        if (said := _recap_line(view, key))
    ]
    proof = view.t("proof_later") if _lacks_proof(view) else ""
    head = view.t("recap", number=number, count=count)
    send = view.button(view.t("button.send"), "send", style=Style.PRIMARY)
    change = view.button(view.t("button.change"), "fields")
    cancel = view.button(view.t("button.cancel"), "cancel")
    return Screen(
        _text((head, "\n".join(lines), proof, _told(view))),
        (*_stray(view), (send,), (change, cancel)),
    )


_LINES = (*_SUMMARY, "you", FILES, NOTE)


def _recap_line(view: View, key: str) -> str:
    if key == "you" and view.asking.person is not None:
        person = view.asking.person
        company = answer(view, "you")
        return ", ".join(filter(None, (person.name, company, person.address)))
    if key == NOTE:
        return _quoted(view.asking.texts.get(NOTE, ""))
    return answer(view, key)


def _quoted(text: str) -> str:
    line = " · ".join(" ".join(each.split()) for each in text.splitlines() if each)
    return line if len(line) <= _QUOTED else f"{line[:_QUOTED].rstrip()}…"


def _lacks_proof(view: View) -> bool:
    return view.needs_proof and not any(f.is_proof for f in view.asking.draft.files)


def _fields(view: View) -> Screen:
    """Return what can be changed."""
    keys = [*(each.key for each in view.asking.questions), NOTE]
    buttons = [view.button(view.t(f"label.{key}"), "edit", key) for key in keys]
    back = view.button(view.words.t("chat.back"), "return")
    return Screen(view.t("ask.fields"), (*rows_of(buttons), (back,)))


def _note(view: View) -> Screen:
    parts = (view.t("ask.note"), _told(view))
    rows: list[tuple[Button, ...]] = [
        (view.button(view.words.t("chat.back"), "return"),),
    ]
    if view.asking.may_send and not view.asking.is_whole:
        rows.insert(0, (view.button(view.t("button.send_now"), "send"),))
    return Screen(_text(parts), tuple(rows))


def _may_cancel(view: View) -> Screen:
    """Ask whether everything said may go."""
    yes = view.button(view.t("button.erase"), "erase", style=Style.DANGER)
    no = view.button(view.t("button.continue"), "return")
    return Screen(view.t("ask.cancel"), ((no,), (yes,)))


def _may_restart(view: View) -> Screen:
    """Ask whether to go on with what was begun, or anew."""
    since = _so_far(view)
    on = view.button(view.t("button.continue"), "return", style=Style.PRIMARY)
    source = view.asking.progress.source
    from_it = view.t("button.restart_from", reference=source) if source else ""
    anew = view.button(from_it or view.t("button.restart"), "restart")
    return Screen(_text((view.t("ask.restart"), since)), ((on,), (anew,)))


_ASIDE: Mapping[str, Callable[[View], Screen]] = {
    NOTE: _note,
    "fields": _fields,
    "cancel": _may_cancel,
    "restart": _may_restart,
}


def share(view: View, what: Share) -> Screen:
    """Ask for a place or a number by a button under the keyboard."""
    shared = Button(view.t(f"button.{what.value}"), share=what)
    back = view.button(view.words.t("chat.back"), "return")
    return Screen(view.t(f"ask.share_{what.value}"), ((shared,), (back,)))


def left(view: View, until: datetime, zone: str) -> Screen:
    """Remind of a request that was left: what is said already, and the ways on.

    Args:
        view: the request.
        until: how long it is kept.
        zone: whose clocks say so.
    """
    day = formats.local(until, zone).date()
    kept = view.t("left.kept", date=formats.long_date(day, view.words.language))
    title = f"<b>{view.t('left.title')}</b>"
    on = view.button(view.t("button.continue"), "return", style=Style.PRIMARY)
    end = view.button(view.t("button.cancel"), "cancel")
    return Screen(_text((title, _so_far(view), kept)), ((on,), (end,)))


def cancelled(words: Catalogue) -> Screen:
    """Say that nothing was sent."""
    return Screen(words.t("chat_request.cancelled"), _anew(words))


def gone(words: Catalogue) -> Screen:
    """Say that there is nothing to go on with."""
    return Screen(words.t("chat_request.gone"), _anew(words))


def _anew(words: Catalogue) -> Rows:
    new = press(words.t("chat.menu.new"), ROOM, "open")
    return ((new, press(words.t("chat.back"), "menu", "open")),)


def sent(
    words: Catalogue,
    it: Assistance,
    answer_by: str,
    lacks: Sequence[str],
    mail: str,
    told: str = "",
    upload: str = "",
) -> Screen:
    """Say what follows: the reference, who acts now and by when, what is missing (C6).

    Args:
        words: the language to speak.
        it: as it was registered.
        answer_by: until when the desk answers.
        lacks: labels of what is missing.
        mail: where a confirmation goes, of somebody we do not know; else empty.
        told: what happened since, possibly empty.
        upload: address that takes the files that were too large here; mostly empty.
    """
    service = words.t(f"service.{it.service.value}") if it.service else ""
    place = formats.address_line(
        it.answer("address"), it.answer("postcode"), it.answer("town")
    )
    parts = [words.t("chat_request.sent", reference=it.ref)]
    if mail:
        # Whoever is known sees it on the card below.
        parts.append(plain(" · ".join(filter(None, (service, place)))))
        parts.append(words.t("chat_request.sent.answer", date=answer_by))
    if lacks:
        listed = formats.listing(list(lacks), words.language)
        way = "mail" if mail else "here"
        parts.append(words.t(f"chat_request.sent.missing_{way}", labels=plain(listed)))
    if told:
        parts.append(plain(told))
    first = press(words.t("chat.menu.cases"), "cases", "open")
    if mail:
        parts.append(words.t("chat_request.sent.mail", address=plain(mail)))
        first = press(words.t("chat.menu.link"), "link", "open")
    new = press(words.t("chat.menu.new"), ROOM, "open")
    rows: Rows = ((first, new),)
    if upload:
        parts.append(words.t("chat_request.sent.large"))
        rows = ((Button(words.t("chat_request.button.upload"), url=upload),), *rows)
    return Screen(_text(parts), rows)


def missing_labels(words: Catalogue, fields: Sequence[str]) -> list[str]:
    """Return the labels of what a request lacks, as they stand in a sentence."""
    labels = (label_of(ASSISTANCE, key, words) for key in fields)
    return [label[:1].lower() + label[1:] for label in labels]


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_LABEL else f"{text[:_LONGEST_LABEL]}…"
