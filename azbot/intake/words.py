"""The few words that act when somebody answers by mail or chat (ux.md 9.2). Pure.

Only a text that says one thing and nothing else acts. « OUI mais… » is a message:
a wrong closing is worse than a question too many (M6).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from azbot.forms.folding import fold

_LONGEST_YES = 80
"""Characters of a text that is nothing but a yes, politeness included."""


class Word(StrEnum):
    """What a short answer says."""

    YES = "yes"
    NO = "no"
    OTHER_DATE = "other_date"
    CANCEL = "cancel"
    STOP = "stop"
    RESUME = "resume"
    MIXED = "mixed"
    """Begins like a word that acts, and goes on: a message to be read."""


@dataclass(frozen=True, slots=True)
class Said:
    """A recognised answer.

    Attributes:
        rest: what follows the word: the reason of a no, the wish for a date.
    """

    word: Word
    rest: str = ""


def _phrases(text: str) -> tuple[str, ...]:
    """Split a list of phrases, longest first, so that « oui oui » beats « oui »."""
    found = [" ".join(line.split()) for line in text.split("|")]
    return tuple(sorted(found, key=len, reverse=True))


_YES = _phrases(
    "oui|ouais|ok|okay|o k|d accord|dacord|daccord|entendu|accepte|acceptee|j accepte|"
    "je confirme|confirme|confirmee|c est confirme|c est bon|c est ok|tout est ok|"
    "tout est bon|parfait|tres bien|bien recu|nous acceptons|nous confirmons|"
    "on accepte|vous pouvez cloturer|vous pouvez clore|cloturez|a cloturer|"
    "je valide|valide|bon pour accord|absolument|bien sur|tout a fait|c est parfait|"
    "probleme resolu|le probleme est resolu|tout fonctionne|ca fonctionne|"
    "ca marche|tout marche|yes|yep|yeah|agreed|i agree|i accept|accepted|i confirm|"
    "confirmed|all good|you can close|please close|go ahead|si|de acuerdo|vale|acepto|"
    "confirmo|aceptado|aceptada|correcto|pueden cerrar|puede cerrar"
)
_NO = _phrases(
    "non|no|nan|je refuse|nous refusons|on refuse|refuse|refusee|refus|pas d accord|"
    "nope|i refuse|we refuse|refused|rechazo|rechazado|rechazada|me niego"
)
_POLITE = _phrases(
    "bonjour|bonsoir|hello|hi|hola|buenos dias|buenas tardes|salut|madame|monsieur|"
    "madame monsieur|merci|merci beaucoup|merci bien|merci a vous|merci d avance|"
    "grand merci|mille mercis|thanks|thank you|many thanks|gracias|muchas gracias|"
    "pour moi|pour nous|de mon cote|svp|s il vous plait|please|por favor|"
    "cordialement|bien cordialement|tres cordialement|bien a vous|sinceres salutations|"
    "salutations|cdlt|cdt|bonne journee|bonne soiree|bon week end|a bientot|regards|"
    "best regards|kind regards|saludos|un saludo|for me|for us|para mi|et|and|y|"
    "la fecha|la visita|la mision|avec plaisir|la mission|cette mission|l intervention|"
    "la cloture|la demande|"
    "l assistance|le rendez vous|la date|the mission|the date|tres|pas de probleme|"
    "pas de souci|no problem|sin problema|volontiers"
)
_OTHER_DATE = _phrases(
    "autre date|une autre date|changer de date|changer la date|changement de date|"
    "reporter|report|other date|another date|change the date|reschedule|otra fecha|"
    "cambiar la fecha|cambio de fecha"
)
_CANCEL = _phrases(
    "annuler|annulez|annulation|j annule|nous annulons|je souhaite annuler|"
    "annuler la demande|annuler ma demande|cancel|please cancel|cancelar|anular|"
    "cancelacion"
)
_STOP = _phrases("stop|arret|arreter|desabonner|me desabonner|unsubscribe|parar|baja")
_RESUME = _phrases("reprendre|reprise|resume|reanudar")

_NOT_WORDS = re.compile(r"[^0-9a-z]+")
_YES_AFTER_NO = (
    "ok",
    "oui",
    "c est bon",
    "tout est bon",
    "cloturez",
    "vous pouvez cloturer",
    "yes",
    "you can close",
    "pueden cerrar",
)
"""« Non, c'est bon, clôturez » says both: a person reads it."""
_NEVER_A_NAME = frozenset(
    _phrases(
        "mais|sauf|cependant|toutefois|but|however|except|pero|salvo|ne|pas|non|plus|"
        "jamais|rien|sans|aucun|no|not|never|nunca|nada|sin|presque|peu|mal|si"
    )
)
"""Words that turn a yes around, even for a writer who bears one as a name."""


def recognise(text: str, names: Iterable[str] = ()) -> Said | None:
    """Return what a short answer says, None when it is an ordinary message.

    Args:
        text: the new text only, quotations and signature already apart.
        names: how the writer signs (name, company): such words say nothing.
    """
    lines = [line.strip() for line in text.strip().splitlines() if line.strip()]
    if not lines:
        return None
    signed = _signed(names)
    body = _skip_greeting(lines)
    if not body:
        return None
    first = _plain(body[0])
    whole = first if len(body) == 1 else _plain(" ".join(body))
    for word, phrases in ((Word.STOP, _STOP), (Word.RESUME, _RESUME)):
        found = _begins(whole, phrases)
        if found and not _without(whole[len(found) :].strip(), signed):
            return Said(word)
    if "?" in text and _begins(first, _YES):
        return Said(Word.MIXED)
    if found := _begins(first, _YES):
        is_spanish = "s\u00ed" in unicodedata.normalize("NFC", body[0]).lower()
        if found == "si" and not is_spanish and _without(whole[2:].strip(), signed):
            return None  # French « si … » opens a condition
        return _yes(found, whole, signed, len(" ".join(body)))
    if found := _begins(first, _NO):
        return _no(found, body)
    for word, phrases in ((Word.OTHER_DATE, _OTHER_DATE), (Word.CANCEL, _CANCEL)):
        if found := _begins(first, phrases):
            return Said(word, _rest(found, body))
    return None


def without_courtesy(text: str, names: Iterable[str] = ()) -> str:
    """Return the words that say something: no greeting, thanks or own name."""
    return _without(_plain(text), _signed(names))


def words_of(text: str) -> tuple[str, ...]:
    """Return the words of a text, accents and case removed."""
    return tuple(_plain(text).split())


def _yes(found: str, whole: str, signed: frozenset[str], length: int) -> Said:
    left = _without(whole[len(found) :].strip(), signed)
    if not left and length <= _LONGEST_YES + sum(len(s) + 1 for s in signed):
        return Said(Word.YES)
    return Said(Word.MIXED)


def _no(found: str, body: list[str]) -> Said:
    rest = _rest(found, body)
    plain = _plain(rest)
    if any(f" {yes} " in f" {plain} " for yes in _YES_AFTER_NO):
        return Said(Word.MIXED)
    return Said(Word.NO, "" if not _without(plain, frozenset()) else rest)


def _plain(text: str) -> str:
    return _NOT_WORDS.sub(" ", fold(text)).strip()


def _begins(plain: str, phrases: tuple[str, ...]) -> str:
    """Return the phrase ``plain`` begins with, whole words only."""
    if not plain.startswith(phrases):
        return ""  # nearly always: one look instead of a hundred
    return next((p for p in phrases if plain == p or plain.startswith(p + " ")), "")


def _signed(names: Iterable[str]) -> frozenset[str]:
    words = frozenset(w for name in names for w in _plain(name).split() if len(w) > 1)
    return words - _NEVER_A_NAME


def _without(plain: str, signed: frozenset[str]) -> str:
    """Drop yeses, politeness and the writer's own name; return what is left."""
    left = plain
    while left:
        phrase = _begins(left, _YES) or _begins(left, _POLITE)
        if not phrase:
            head, _, tail = left.partition(" ")
            is_initial = len(head) == 1 and tail.partition(" ")[0] in signed
            if head not in signed and not is_initial:
                return left
            left = tail
            continue
        left = left[len(phrase) :].strip()
    return ""


def _skip_greeting(lines: list[str]) -> list[str]:
    """Drop leading lines that only greet: the first line that says something counts."""
    for at, line in enumerate(lines):
        plain = _plain(line)
        greeting = _begins(plain, _POLITE)
        answer = _begins(plain, _YES) or _begins(plain, _NO)
        if len(answer) >= len(greeting):
            return lines[at:]
        rest = plain[len(greeting) :].strip()
        if rest and (_begins(rest, _YES) or _begins(rest, _NO)):
            return [_rest(greeting, [line]), *lines[at + 1 :]]
        if len(rest.split()) > 3:
            return lines[at:]
    return []


def _rest(found: str, body: list[str]) -> str:
    """Return the writer's own words after the phrase, accents and lines kept."""
    words = found.split()
    first = body[0]
    for word in words:
        at = re.search(_loose(word), first, re.IGNORECASE)
        first = first[at.end() :] if at else first
    first = first.lstrip(" \t,;:.!-–—’'\u00a0\u202f")
    return "\n".join([first, *body[1:]]).strip()


def _loose(word: str) -> str:
    """Match a folded word in the original: any letter may carry an accent."""
    return "".join(
        f"{re.escape(ch)}[\u0300-\u036f]*"
        if ch not in _ACCENTED
        else f"[{_ACCENTED[ch]}]"
        for ch in word
    )


_ACCENTED = {
    "a": "aàâä",
    "c": "cç",
    "e": "eéèêë",
    "i": "iíîï",
    "o": "oóôö",
    "u": "uúùûü",
    "n": "nñ",
}
