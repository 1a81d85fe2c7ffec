"""What somebody gives while they are asked: words, files, a place, a contact. Pure.

Each function returns the request as it stands then, and sentences that say what
became of what was given.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from azbot.chat.request.asking import EMAIL, FILES, QUESTIONS, RECAP, Asking
from azbot.chat.request.hearing import Heard, hear, hear_phone, hear_place
from azbot.desk.requesting import with_files
from azbot.forms.filling import NOTE, cleaned
from azbot.forms.folding import clean_line
from azbot.forms.reading import LabelIndex
from azbot.i18n.answers import problem_words
from azbot.i18n.catalogue import Catalogue
from azbot.messages import RejectedFile, Spot
from azbot.store.request_drafts import RequestFile

MOST_FILES = 10
"""Of a request that is asked for in a talk; more can follow later."""
_QUALITY = "photo"
_QUESTION_OF = {field: each.key for each in QUESTIONS for field in each.fields}
_PERSON = ("contact_name", "phone", "phone_2", "contact_email")
_REFUSED = frozenset({"too_large", "kind_refused", "unreadable", "virus", "unchecked"})
_LONGEST_NAME = 60
_MOST_LARGE = 5


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of what was given.

    Attributes:
        told: sentences, in order.
    """

    asking: Asking
    told: tuple[str, ...] = ()


# --- words ------------------------------------------------------------------------


def take_words(
    asking: Asking, text: str, message: str, labels: LabelIndex, words: Catalogue
) -> Taken:
    """Take words as the answer, as more than it, or keep them until it is clear.

    Args:
        asking: the request so far.
        text: what was said.
        message: its name, so that an edit of it is understood.
        labels: of the form.
        words: the language to speak.
    """
    question = asking.current
    if asking.progress.aside == NOTE or question in (FILES, RECAP):
        taken = take_note(asking, text, message, words)
        return replace(taken, asking=_back(taken.asking))
    asking = _back(asking)
    heard = hear(question, text, asking, labels)
    if heard.options:
        search = clean_line(text)
        progress = replace(asking.progress, search=search, page=0)
        return Taken(asking.moved(progress))
    others = _free(asking, heard.also)
    if not heard.answers and not others:
        is_known = heard.also and heard.also.items() <= _as_read(asking).items()
        if is_known:
            return Taken(asking)
        if heard.is_story:
            return take_note(asking, text, message, words)
        return _stray(asking, text, heard, words)
    taken = _answer(asking, question, heard, others, words)
    if {"contact_name", "phone"} <= others.keys():
        # Nobody asked for it: whoever said it learns where it went.
        kept = words.t("chat_request.contact_kept", name=others["contact_name"])
        taken = replace(taken, told=(kept, *taken.told))
    if heard.is_answer:
        progress = taken.asking.progress.after(message, question)
        taken = replace(taken, asking=taken.asking.moved(progress))
    if heard.is_more:
        noted = take_note(taken.asking, text, message, words, is_told=False)
        taken = Taken(noted.asking, (*taken.told, *noted.told))
    return taken


def take_free(
    asking: Asking, found: Mapping[str, str], text: str, message: str, words: Catalogue
) -> Taken:
    """Take the message a request begins with: what it answers, and its words."""
    asking = _with_others(asking, _free(asking, found))
    return (
        take_note(asking, text, message, words, is_told=False)
        if text
        else Taken(asking)
    )


def take_edit(
    asking: Asking, text: str, message: str, labels: LabelIndex, words: Catalogue
) -> Taken | None:
    """Take a message that was changed; None when it was no answer here."""
    said = asking.progress.said.get(message)
    if said is None:
        return None
    if said.words:
        note = asking.texts.get(NOTE, "").replace(said.words, cleaned(text), 1)
        progress = asking.progress.after(message, said.question, cleaned(text))
        return Taken(asking.answered({NOTE: note}).moved(progress))
    heard = hear(said.question, text, asking, labels)
    if not heard.is_answer:
        return _stray(asking, text, heard, words)
    at = asking.progress
    taken = _answer(asking, said.question, heard, {}, words)
    # Whoever corrects an earlier answer goes on where they are.
    is_whole = not taken.asking.missing(said.question)
    progress = replace(at, stray="") if is_whole else at.showing(said.question)
    return replace(taken, asking=taken.asking.moved(progress))


def _answer(
    asking: Asking,
    question: str,
    heard: Heard,
    others: Mapping[str, str],
    words: Catalogue,
) -> Taken:
    texts = {key: cleaned(text) for key, text in heard.answers.items()}
    if question == "contact":
        texts = _person(asking, texts)
    if EMAIL in texts:
        texts.setdefault("contact_email", asking.texts.get("contact_email", ""))
        texts["contact_email"] = texts["contact_email"] or texts[EMAIL]
    asking = _with_others(asking.answered(texts), others)
    return passing(asking, question, words, heard)


def passing(
    asking: Asking, question: str, words: Catalogue, heard: Heard | None = None
) -> Taken:
    """Go on when a question is answered whole; else say what lacks."""
    progress = asking.progress
    if not asking.missing(question):
        return Taken(asking.moved(progress.with_passed(question)))
    progress = progress.showing(question, is_editing=progress.is_editing)
    problem = heard.problem if heard and not heard.also else None
    problem = problem or asking.problem(question)
    told = (problem_words(problem, words),) if problem else ()
    return Taken(asking.moved(replace(progress, stray="")), told)


def _person(asking: Asking, texts: Mapping[str, str]) -> dict[str, str]:
    """Return a contact without what belonged to another one."""
    is_part = "contact" not in asking.progress.passed and asking.missing("contact")
    kept = {} if is_part else dict.fromkeys(("contact_name", "phone", "phone_2"), "")
    return {**kept, **texts}


def _free(asking: Asking, also: Mapping[str, str]) -> dict[str, str]:
    """Return what was volunteered and nobody has answered yet."""
    found = {}
    for key, text in also.items():
        question = _QUESTION_OF.get(key, "")
        is_open = (
            question not in asking.progress.passed
            if question == "contact"
            else key not in asking.texts
        )
        if is_open or (key == "contact_email" and _is_own(asking)):
            found[key] = text
    return found


def _as_read(asking: Asking) -> dict[str, str]:
    """Return every answer in its normal form, as free text is read."""
    return {key: str(value) for key, value in asking.reading.values.items()}


def _is_own(asking: Asking) -> bool:
    """Whether the address of the contact is still that of whoever asks."""
    person = asking.person
    return person is not None and asking.texts.get("contact_email") == person.address


def _with_others(asking: Asking, others: Mapping[str, str]) -> Asking:
    if not others:
        return asking
    texts = dict(others)
    if {"contact_name", "phone"} & texts.keys():
        texts = {"contact_name": "", "phone": "", "phone_2": "", **texts}
    asking = asking.answered(texts)
    is_named = "contact_name" in others and not asking.missing("contact")
    if not is_named:
        return asking
    passed = (*asking.progress.passed, "contact")
    return asking.moved(replace(asking.progress, passed=passed))


def take_note(
    asking: Asking, text: str, message: str, words: Catalogue, *, is_told: bool = True
) -> Taken:
    """Keep words for the desk, below those that are there."""
    kept = cleaned(text)
    told = (words.t("chat_request.noted"),) if is_told else ()
    if not asking.has_room_for(kept):
        told = (words.t("chat_request.note_full"),)
    progress = replace(asking.progress.after(message, NOTE, kept), stray="")
    return Taken(asking.noted(kept).moved(progress), told)


def _stray(asking: Asking, text: str, heard: Heard, words: Catalogue) -> Taken:
    """Keep words that answer nothing until somebody says whom they are for."""
    problem = heard.problem
    if problem is not None and problem.code != "unknown_choice":
        return Taken(asking, (problem_words(problem, words),))
    stray = f"{asking.progress.stray}\n{cleaned(text)}".strip()
    told = words.t("chat_request.not_understood")
    return Taken(asking.moved(replace(asking.progress, stray=stray)), (told,))


def take_stray(asking: Asking, words: Catalogue) -> Taken:
    """Keep for the desk the words that answered nothing."""
    stray = asking.progress.stray
    asking = asking.noted(stray) if stray else asking
    told = (words.t("chat_request.noted"),)
    return Taken(asking.moved(replace(asking.progress, stray="")), told)


def passed_on(text: str, origin: str, words: Catalogue) -> str:
    """Return somebody else's words with their name."""
    return words.t("chat_request.forwarded", name=clean_line(origin), text=text)


def _back(asking: Asking) -> Asking:
    return asking.moved(replace(asking.progress, aside=""))


# --- files ------------------------------------------------------------------------


def take_files(
    asking: Asking,
    new: Iterable[RequestFile],
    rejected: Sequence[RejectedFile],
    group: str,
    words: Catalogue,
    *,
    needs_proof: bool,
    most: int,
    is_compressed: bool,
) -> Taken:
    """Keep files that came, whatever the question is.

    Args:
        asking: the request so far.
        new: stored already.
        rejected: what could not be had or kept.
        group: names the files that came together.
        words: the language to speak.
        needs_proof: the desk will wait for the proof of the order.
        most: files a request may have.
        is_compressed: the service made a photo smaller.
    """
    before = asking.draft.files
    files = with_files(before, new)
    kept, over = files[:most], files[most:]
    told: list[str] = []
    has_proof = any(each.is_proof for each in kept)
    if needs_proof and not has_proof:
        kept, name = _with_proof(kept, before)
        told += [words.t("chat_request.proof_noted", name=name)] if name else []
    if len(kept) > len(before) or not (over or rejected):
        told.insert(0, words.t("chat_request.files_kept", count=len(kept)))
    if over:
        names = ", ".join(_name(each.name, words) for each in over)
        told.append(words.t("chat_request.files_over", names=names, most=most))
    told += [_why(each, words) for each in rejected]
    progress = replace(asking.progress, album=group)
    if is_compressed and progress.hinted in ("", group):
        told.append(words.t("chat_request.quality"))
        progress = replace(progress, hinted=group)
    large = dict.fromkeys(
        (*progress.large, *(each.name for each in rejected if each.code == "too_large"))
    )
    progress = replace(progress, large=tuple(large)[:_MOST_LARGE])
    return Taken(asking.with_files(kept).moved(progress), tuple(told))


def _with_proof(
    files: tuple[RequestFile, ...], before: tuple[RequestFile, ...]
) -> tuple[tuple[RequestFile, ...], str]:
    """Take the first PDF that comes as the order; whoever sent it may say no."""
    known = {each.blob for each in before}
    first = next(
        (
            each
            for each in files
            if each.media_type == "application/pdf" and each.blob not in known
        ),
        None,
    )
    if first is None:
        return files, ""
    marked = tuple(replace(each, is_proof=each is first) for each in files)
    return marked, first.name


def toggle_proof(asking: Asking) -> Asking:
    """Let the file that came last be the proof of the order, or not be it."""
    *others, last = asking.draft.files
    return asking.with_files((*others, replace(last, is_proof=not last.is_proof)))


def _why(file: RejectedFile, words: Catalogue) -> str:
    code = file.code if file.code in _REFUSED else "unreadable"
    return words.t(f"chat_request.refused.{code}", name=_name(file.name, words))


def _name(name: str, words: Catalogue) -> str:
    shown = clean_line(name)[:_LONGEST_NAME]
    return shown or words.t("chat_request.unnamed")


# --- a place, a contact -----------------------------------------------------------


def take_spot(asking: Asking, spot: Spot, words: Catalogue) -> Taken:
    """Keep a place; one with an address answers the question (ux.md 10.4)."""
    texts = dict(hear_place(spot.address, asking)) if spot.address else {}
    if texts and spot.title:
        title = clean_line(spot.title)
        street = texts.get("address", "")
        texts["address"] = title if not street else f"{title}, {street}"
    texts["spot"] = f"{spot.latitude:.6f}, {spot.longitude:.6f}"
    asking = asking.answered(texts)
    if asking.current != "place":
        return Taken(asking, (words.t("chat_request.spot_kept"),))
    taken = passing(asking, "place", words)
    return replace(taken, told=(words.t("chat_request.spot_kept"),))


def take_contact(
    asking: Asking, name: str, phone: str, words: Catalogue, *, is_own: bool
) -> Taken:
    """Take a card, anybody's, as the contact on site."""
    number = hear_phone(phone, str(asking.context.country or asking.country))
    if number is None:
        return Taken(asking, (words.t("error.phone_invalid"),))
    texts = {"contact_name": clean_line(name)[:120], "phone": number, "phone_2": ""}
    progress = replace(asking.progress, is_me=is_own)
    asking = asking.answered(texts).moved(progress)
    if asking.current == "contact":
        return passing(asking, "contact", words)
    passed = asking.progress.passed
    if "contact" not in passed and not asking.missing("contact"):
        asking = asking.moved(replace(progress, passed=(*passed, "contact")))
    told = words.t("chat_request.contact_kept", name=texts["contact_name"])
    return Taken(asking, (told,))
