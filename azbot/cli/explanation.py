"""What is told about one mail: as JSON values, and as lines for a person. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum

from azbot.forms.assistance import ASSISTANCE as REQUEST
from azbot.forms.kinds import NO_LISTS, Lists
from azbot.i18n.catalogue import Catalogue
from azbot.i18n.formats import size
from azbot.intake.opening import draft_of
from azbot.intake.understand import Understanding, screen
from azbot.intake.words import Said, recognise
from azbot.messages import Automatic, Inbound, RawId, Reason, Reply
from azbot.store.records import PersonKind
from azbot.workflow import commands as c
from azbot.workflow.commands import Command

_WIDEST = 2000


@dataclass(frozen=True, slots=True)
class Explanation:
    """One mail and everything made of it.

    Attributes:
        understood: None when there was no store to look in.
        logos: of each file, whether it is left out.
        answers: fields of a new request, by key; empty when it opens none.
        said: the word that was recognised.
    """

    inbound: Inbound
    reply: Reply
    understood: Understanding | None
    logos: tuple[bool, ...]
    answers: Mapping[str, object]
    said: Said | None

    @property
    def hold(self) -> Reason | None:
        """Why a person must look first, None when azbot goes on by itself."""
        verdict = self.understood.match.hold if self.understood else None
        return screen(self.inbound) or verdict

    @property
    def outcome(self) -> str:
        """What would happen: a key below ``explain.outcome``."""
        automatic = self.inbound.automatic
        if screen(self.inbound) is not None:
            return "held"
        if automatic in (Automatic.BOUNCE, Automatic.DELAYED):
            return "bounce"
        if automatic is not None:
            return "automatic"
        if self.understood is None:
            return "unknown"
        if self.hold is not None:
            return "held"
        if self.understood.assistance is None:
            return "opens"
        meaning = self.understood.meaning
        if meaning is None:
            return "held"
        if meaning.asks:
            return "asks"
        return "acts" if meaning.commands or meaning.preference else "message"


def without_store(inbound: Inbound, reply: Reply) -> Explanation:
    """Explain what the mail itself says: nobody knows whom it is from."""
    logos = tuple(file.inline and len(file.content) < 10_240 for file in inbound.files)
    answers = _answers(inbound, reply, None, "FR")
    return Explanation(inbound, reply, None, logos, answers, recognise(reply.text))


def with_store(
    found: Understanding,
    logos: tuple[bool, ...],
    country: str,
    lists: Lists = NO_LISTS,
) -> Explanation:
    """Explain what azbot would do."""
    is_new = found.assistance is None
    inbound, reply = found.inbound, found.reply
    answers = _answers(inbound, reply, found, country, lists) if is_new else {}
    said = found.meaning.said if found.meaning else recognise(found.reply.text)
    return Explanation(found.inbound, found.reply, found, logos, answers, said)


def _answers(
    inbound: Inbound,
    reply: Reply,
    found: Understanding | None,
    country: str,
    lists: Lists = NO_LISTS,
) -> Mapping[str, object]:
    person = found.person if found else None
    is_client = person is None or person.kind is PersonKind.CLIENT
    if inbound.sender is None or inbound.automatic is not None or not is_client:
        return {}
    draft = draft_of(inbound, reply, person, (), RawId(0), country, lists=lists)
    known = {"first_name", "last_name", "email"}
    return {key: value for key, value in draft.answers.items() if key not in known}


# --- as JSON --------------------------------------------------------------------------


def facts(it: Explanation, words: Catalogue) -> dict[str, object]:
    """Return everything as JSON values; sentences are in the language of ``words``."""
    inbound, sender = it.inbound, it.inbound.sender
    told: dict[str, object] = {
        "outcome": it.outcome,
        "held": it.hold.value if it.hold else None,
        "message_id": inbound.message_id,
        "subject": inbound.subject,
        "sent_at": inbound.sent_at,
        "sender": {"email": sender.email, "name": sender.name} if sender else None,
        "alignment": inbound.alignment.value,
        "automatic": inbound.automatic.value if inbound.automatic else None,
        **_match_facts(it, words),
        "text": it.reply.text,
        "rule": it.reply.rule,
        "elided": list(it.reply.elided),
        "files": [
            {
                "name": file.name,
                "media_type": file.media_type,
                "size": len(file.content),
                "verdict": "logo" if is_logo else "kept",
            }
            for file, is_logo in zip(inbound.files, it.logos, strict=True)
        ],
        "refused_files": [
            {"name": file.name, "size": file.size, "code": file.code}
            for file in inbound.rejected_files
        ],
        "word": it.said.word.value if it.said else None,
        "fields": {key: _plain(value) for key, value in it.answers.items()},
        **_meaning_facts(it),
    }
    if inbound.bounce is not None:
        told["bounce"] = _plain(inbound.bounce)
    return told


def _match_facts(it: Explanation, words: Catalogue) -> dict[str, object]:
    found = it.understood
    if found is None:
        return {"looked_up": False}
    verdict, person = found.match, found.person
    return {
        "looked_up": True,
        "person": {"id": person.id, "kind": person.kind.value} if person else None,
        "proof": verdict.trust.name.lower(),
        "assistance": found.assistance.ref if found.assistance else None,
        "matched_by": verdict.how,
        "why": words.t(verdict.why) if verdict.why else "",
    }


def _meaning_facts(it: Explanation) -> dict[str, object]:
    meaning = it.understood.meaning if it.understood else None
    if meaning is None:
        return {"commands": [], "asks": [], "unread": {}}
    return {
        "commands": [
            {"command": type(each).__name__, **_values(each)}
            for each in meaning.commands
        ],
        "asks": [each.kind.value for each in meaning.asks],
        "unread": {
            key: {"value": value, "code": code}
            for key, (value, code, _) in meaning.unread.items()
        },
        "is_message": meaning.is_message,
        "is_mixed": meaning.is_mixed,
    }


def _values(value: object) -> dict[str, object]:
    if not is_dataclass(value):
        return {}
    return {each.name: _plain(getattr(value, each.name)) for each in fields(value)}


def _plain(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value) and not isinstance(value, type):
        return _values(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, tuple | list | frozenset | set):
        return [_plain(each) for each in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return str(value)


# --- for a person ---------------------------------------------------------------------


def lines(it: Explanation, words: Catalogue) -> Iterator[str]:
    """Yield the lines a person reads."""
    yield from _who(it, words)
    yield from _about(it, words)
    yield ""
    yield words.t("explain.text")
    yield from _quoted(it.reply.text)
    yield from _elided(it, words)
    yield from _files(it, words)
    yield ""
    yield from _wanted(it, words)
    outcome = words.t(f"explain.outcome.{it.outcome}")
    yield f"{words.t('explain.outcome')} {outcome}"


def _who(it: Explanation, words: Catalogue) -> Iterator[str]:
    sender = it.inbound.sender
    shown = f"{sender.name} <{sender.email}>".strip() if sender else "–"
    yield f"{words.t('explain.sender')} {_one_line(shown)}"
    alignment = words.t(f"explain.alignment.{it.inbound.alignment.value}")
    yield f"{words.t('explain.authentication')} {alignment}"
    if it.understood is not None:
        person = it.understood.person
        kind = person.kind.value if person else "stranger"
        trust = it.understood.match.trust.name.lower()
        yield f"{words.t('explain.person')} {words.t(f'explain.kind.{kind}')}"
        yield f"{words.t('explain.proof')} {words.t(f'explain.trust.{trust}')}"
    if it.inbound.automatic is not None:
        robot = words.t(f"explain.automatic.{it.inbound.automatic.value}")
        yield f"{words.t('explain.automatic')} {robot}"


def _about(it: Explanation, words: Catalogue) -> Iterator[str]:
    yield f"{words.t('explain.subject')} {_one_line(it.inbound.subject) or '–'}"
    found = it.understood
    if found is None:
        yield words.t("explain.not_looked_up")
        return
    if found.assistance is not None:
        status = words.t(f"status.{found.assistance.status.value}")
        how = words.t(f"explain.how.{found.match.how}")
        shown = f"{found.assistance.ref} ({status}), {how}"
        yield f"{words.t('explain.assistance')} {shown}"
    if found.match.why:
        yield f"{words.t('explain.why')} {words.t(found.match.why)}"
    if it.hold is not None:
        yield f"{words.t('explain.held')} {words.t(f'reason.{it.hold.value}')}"


def _elided(it: Explanation, words: Catalogue) -> Iterator[str]:
    if not it.reply.elided:
        return
    key = f"explain.rule.{it.reply.rule.partition(':')[0]}"
    rule = words.t(key) if key in words else it.reply.rule
    yield ""
    yield words.t("explain.elided", count=len(it.reply.elided), rule=rule)
    for part in it.reply.elided:
        yield from _quoted(part, most=6)


def _files(it: Explanation, words: Catalogue) -> Iterator[str]:
    inbound = it.inbound
    if not inbound.files and not inbound.rejected_files:
        return
    yield ""
    yield words.t("explain.files")
    for file, is_logo in zip(inbound.files, it.logos, strict=True):
        verdict = words.t("explain.file.logo" if is_logo else "explain.file.kept")
        octets = size(len(file.content), words.language)
        name = _one_line(file.name)
        yield f"  {name} ({file.media_type}, {octets}) – {verdict}"
    for refused in inbound.rejected_files:
        why = words.t(f"reason.file.{refused.code}")
        octets = size(refused.size, words.language)
        yield f"  {_one_line(refused.name)} ({octets}) – {why}"


def _wanted(it: Explanation, words: Catalogue) -> Iterator[str]:
    """Yield the recognised word, commands, questions and fields."""
    if it.said is not None:
        told = words.t(f"explain.word.{it.said.word.value}")
        yield f"{words.t('explain.word')} {told}"
    meaning = it.understood.meaning if it.understood else None
    for command in meaning.commands if meaning else ():
        yield f"{words.t('explain.command')} {_command(command, words)}"
        if isinstance(command, c.AmendRequest):
            yield from _fields(command.answers, words)
    for ask in meaning.asks if meaning else ():
        yield f"{words.t('explain.asks')} {words.t(f'explain.ask.{ask.kind.value}')}"
    for key, (value, _, _) in meaning.unread.items() if meaning else ():
        given = words.t("explain.unread", label=_label(key, words), value=value)
        yield f"  {_one_line(given)}"
    if it.answers:
        yield words.t("explain.fields")
        yield from _fields(it.answers, words)


def _command(command: Command, words: Catalogue) -> str:
    name = type(command).__name__
    key = f"explain.command.{name}"
    told = words.t(key) if key in words else name
    values = [str(v) for v in _values(command).values() if isinstance(v, str) and v]
    return _one_line(f"{told} {' · '.join(values)}")


def _fields(answers: Mapping[str, object], words: Catalogue) -> Iterator[str]:
    for key, value in answers.items():
        shown = value if isinstance(value, str) else _plain(value)
        yield f"  {_label(key, words)} = {_one_line(str(shown))}"


def _label(key: str, words: Catalogue) -> str:
    known = f"form.assistance.{key}.label"
    return words.t(known) if key in REQUEST.fields and known in words else key


def _quoted(text: str, most: int = 40) -> Iterator[str]:
    found = text[:_WIDEST].splitlines() or ["–"]
    for line in found[:most]:
        yield f"  | {_one_line(line)}"
    if len(found) > most or len(text) > _WIDEST:
        yield "  | (…)"


def _one_line(text: str) -> str:
    """Return what a stranger wrote without anything that moves the cursor."""
    return "".join(char if char.isprintable() else " " for char in text).rstrip()
