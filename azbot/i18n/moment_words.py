"""The words dates and hours are made of, as patterns over folded text.

Folded text has neither accents nor capitals (:mod:`azbot.forms.folding`). Every
repetition is bounded, so that no text takes more than linear time.
"""

from __future__ import annotations

import re

_WEEKDAY_NAMES = (
    ("lundi", "monday", "lunes"),
    ("mardi", "tuesday", "martes"),
    ("mercredi", "wednesday", "miercoles"),
    ("jeudi", "thursday", "jueves"),
    ("vendredi", "friday", "viernes"),
    ("samedi", "saturday", "sabado"),
    ("dimanche", "sunday", "domingo"),
)
# « mon », « mar » or « sun » mean other things too: read before a date only.
_WEEKDAY_SHORT = (
    ("lun", "mon"), ("mar", "tue", "tues"), ("mer", "wed", "mie"),
    ("jeu", "thu", "thur", "thurs", "jue"), ("ven", "fri", "vie"),
    ("sam", "sat", "sab"), ("dim", "sun", "dom"),
)  # fmt: skip
_MONTH_NAMES = (
    ("janvier", "january", "enero", "janv", "jan", "ene"),
    ("fevrier", "february", "febrero", "fevr", "fev", "feb"),
    ("mars", "march", "marzo", "mar"),
    ("avril", "april", "abril", "avr", "apr", "abr"),
    ("mai", "may", "mayo"),
    ("juin", "june", "junio", "jun"),
    ("juillet", "july", "julio", "juil", "jul"),
    ("aout", "august", "agosto", "aug", "ago"),
    ("septembre", "september", "septiembre", "setiembre", "sept", "sep"),
    ("octobre", "october", "octubre", "oct"),
    ("novembre", "november", "noviembre", "nov"),
    ("decembre", "december", "diciembre", "dec", "dic"),
)

WEEKDAYS = {
    name: number
    for names in (_WEEKDAY_NAMES, _WEEKDAY_SHORT)
    for number, words in enumerate(names)
    for name in words
}
"""0 is Monday."""

MONTHS = {name: n for n, names in enumerate(_MONTH_NAMES, 1) for name in names}


def _any(words: object) -> str:
    ordered = sorted({str(word) for word in words}, key=lambda word: (-len(word), word))  # type: ignore[attr-defined]
    return "|".join(re.escape(word) for word in ordered)


_FULL_DAY = _any(name for names in _WEEKDAY_NAMES for name in names)
_ANY_DAY = _any(WEEKDAYS)
_MONTH = _any(MONTHS)
_NUMBER = r"(?:0?[1-9]|[12][0-9]|3[01])"
_ORDINAL = r"(?:er|st|nd|rd|th|o)?"
_THE = r"(?:le |el |the |on the |on )?"
_NOT_AN_HOUR = (
    r"(?![0-9])(?! ?(?:h(?![a-z])|hs|hrs?|heures?|hours?|horas?|:[0-9]|am\b|pm\b"
    r"|[ap]\.m|/|\.[0-9]|-[0-9]|o'clock|%|,[0-9]|min|km))"
)
_NEXT = (
    r"de la semaine prochaine|la semaine prochaine|semaine prochaine|next week"
    r"|of next week|de la semana que viene|de la proxima semana|prochaine?|qui vient"
    r"|suivant|que viene|proximo|en huit"
)

DATE = re.compile(
    r"(?<![\w/.-])(?:"
    r"(?P<iso>(?P<iy>20[0-9]{2})-(?P<im>0[1-9]|1[0-2])-(?P<id>0[1-9]|[12][0-9]|3[01]))"
    rf"|(?P<digits>(?:(?P<nw>{_ANY_DAY})\.?,? )?{_THE}(?P<nd>{_NUMBER})"
    r"(?P<ns>[/.-])(?P<nm>0?[1-9]|1[0-2])(?![0-9])"
    r"(?:(?P=ns)(?P<ny>20[0-9]{2}|[0-9]{2})(?![0-9]))?(?![/.-][0-9]))"
    rf"|(?P<words>(?:(?P<ww>{_ANY_DAY})\.?,? )?{_THE}(?P<wd>{_NUMBER}){_ORDINAL} ?"
    rf"(?:de |of )?(?P<wm>{_MONTH})(?![a-z])\.?"
    r"(?:,? (?:de |del )?(?P<wy>20[0-9]{2})(?![0-9]))?)"
    rf"|(?P<english>(?:(?P<ew>{_ANY_DAY})\.?,? )?(?P<em>{_MONTH})\.? (?:the )?"
    rf"(?P<ed>{_NUMBER})(?:st|nd|rd|th)?{_NOT_AN_HOUR}"
    r"(?:,? (?P<ey>20[0-9]{2})(?![0-9]))?)"
    rf"|(?P<numbered>{_THE}(?P<dw>{_FULL_DAY}),? {_THE}(?P<dd>{_NUMBER}){_ORDINAL}"
    rf"{_NOT_AN_HOUR})"
    r"|(?P<weekday>"
    rf"(?:(?P<kq>ce|this|this coming|next|el proximo|proximo|este) )?{_THE}"
    rf"(?P<kw>{_FULL_DAY})(?:,? (?P<kn>{_NEXT}))?)"
    r"|(?P<relative>(?P<rw>apres[ -]demain|(?:the )?day after tomorrow|pasado manana"
    r"|demain|tomorrow|(?<!la )manana|aujourd'?hui|today|hoy|ce jour"
    r"|ce(?= (?:matin|soir|midi))|cet(?= apres)|this(?= (?:morning|afternoon|evening))"
    r"|esta(?= (?:manana|tarde)))"
    r"|(?:dans|in|dentro de) (?P<xn>[0-9]{1,2}|une?|an?|una) "
    r"(?P<xu>jours?|semaines?|days?|weeks?|dias?|semanas?))"
    rf"|(?P<lone>(?:le|el dia|el|on the|the) (?P<ld>{_NUMBER}){_ORDINAL}{_NOT_AN_HOUR})"
    r")(?![a-su-z0-9_]|t(?![0-9]{2}:))"
)
"""A day, in one of eight ways; the name of the way is the match's last group.

Dates in digits are in day-first order.
"""

_PARTS = {
    "debut de matinee": (8, "part_of_day"),
    "fin de matinee": (11, "part_of_day"),
    "debut d apres midi": (14, "part_of_day"),
    "debut apres midi": (14, "part_of_day"),
    "fin d apres midi": (16, "part_of_day"),
    "fin apres midi": (16, "part_of_day"),
    "premiere heure": (8, "part_of_day"),
    "first thing": (8, "part_of_day"),
    "primera hora": (8, "part_of_day"),
    "early morning": (8, "part_of_day"),
    "late morning": (11, "part_of_day"),
    "early afternoon": (14, "part_of_day"),
    "late afternoon": (16, "part_of_day"),
    "matinee": (9, "part_of_day"),
    "matin": (9, "part_of_day"),
    "morning": (9, "part_of_day"),
    "por la manana": (9, "part_of_day"),
    "de la manana": (9, "part_of_day"),
    "manana": (9, "part_of_day"),
    "apres midi": (14, "part_of_day"),
    "aprem": (14, "part_of_day"),
    "afternoon": (14, "part_of_day"),
    "por la tarde": (16, "part_of_day"),
    "tarde": (16, "part_of_day"),
    "soir": (18, "part_of_day"),
    "soiree": (18, "part_of_day"),
    "evening": (18, "part_of_day"),
    "journee": (9, "no_hour"),
    "all day": (9, "no_hour"),
}
PARTS_OF_DAY = _PARTS
"""Part of the day, hyphens and apostrophes as spaces → (hour guessed, reason)."""

_PART = "|".join(
    re.escape(words).replace(r"\ ", "[ '-]")
    for words in sorted(_PARTS, key=len, reverse=True)
)
_ABOUT = (
    r"vers|environ|aux alentours de|a partir de|des|apres|avant|about|around|after"
    r"|before|from|hacia las?|sobre las?|a partir de las?|despues de las?"
    r"|antes de las?"
)
_HALF_WORDS = (
    r"du matin|de l'apres[ -]midi|du soir|de la manana|de la tarde|de la noche"
    r"|in the morning|in the afternoon|in the evening"
)
_HOUR = r"(?:2[0-3]|[01]?[0-9])"
_HOURS = (
    r"(?P<hours>(?:(?P<about>" + _ABOUT + r") )?(?:"
    r"(?:(?:le|dans la|dans l'|en|au|a la|a l'|in the|por la|au cours de la|de|d'|l'"
    r"|a|cet?|this|esta|at) ?){0,2}(?P<part>" + _PART + r")(?![a-z0-9])"
    r"|(?:(?:entre|between|de|from|a las|a la|a|at|las|la|sur les|pour|@) ?){0,2}(?:"
    r"(?P<hour12>1[0-2]|0?[1-9])(?:[:.](?P<minute12>[0-5][0-9]))? ?"
    r"(?P<half>am|pm|a\.m\.?|p\.m\.?)(?![a-z])"
    rf"|(?P<hour>{_HOUR})(?: ?(?:heures?|hours?|horas?|hrs?|hs?)(?![a-z])"
    r"(?: ?(?P<minute>[0-5][0-9])(?![0-9]))?"
    r"| ?:(?P<colon>[0-5][0-9])(?:h(?![a-z]))?|o'clock)"
    r"|(?P<named>midi|minuit|noon|midnight|mediodia|medianoche)(?![a-z])"
    r"|(?P<dotted>[01][0-9]|2[0-3])\.(?P<dotted_minute>[0-5][0-9])(?![0-9.])"
    rf"|(?<=[a@] )(?P<bare>{_HOUR})(?![0-9/:.h])|(?<=(?:at|as) )(?P<bare2>{_HOUR})"
    r"(?![0-9/:.h])"
    r")(?: (?P<fraction>et demie?|et quart|y media|y cuarto))?"
    r"(?:,? (?P<half_words>" + _HALF_WORDS + r"))?"
    r"(?: ?(?P<until>-|a|et|to|and|y|until|jusqu'a)(?: las?)? ?"
    r"[0-2]?[0-9](?: ?(?:heures?|hours?|horas?|hs?|:)(?![a-z]) ?(?:[0-5][0-9])?)?"
    r"(?: ?[ap]m)?(?![a-z0-9/]))?"
    r"))"
)
HOURS_AFTER = re.compile(r"(?:t|[ ,;:()\u2013-]{0,3})" + _HOURS + r"(?![a-z0-9_])")
"""Hours right after a day."""

HOURS_BEFORE = re.compile(
    r"(?<![\w/.:])" + _HOURS + r"[ ,]{0,2}(?:le|el|on|du|de|of|the|,)? ?\Z"
)
"""Hours right before a day."""

_FILLERS = (
    r"je (?:vous )?propose|nous (?:vous )?proposons|proposition|on propose|rdv"
    r"|rendez-vous|date|disponible|dispo|possible|plutot|ok pour|ok|d'accord pour"
    r"|d'accord|pour|le|la|ce sera|ca sera|intervention|visite|passage|prevu|prevue"
    r"|programmee?|i (?:suggest|propose)|we (?:suggest|propose)|available|rather|on"
    r"|the|for|visit|appointment|propongo|proponemos|cita|el|mejor|para|fecha|bonjour"
    r"|hello|hola|buenos dias|je peux|nous pouvons|on peut|passer|venir|alors|donc"
)
FILLER_BEFORE = re.compile(rf"\s{{0,5}}(?:(?:{_FILLERS})[\s,:.;-]{{1,4}}){{0,6}}")
"""What may stand before the date of a short answer."""

FILLER_AFTER = re.compile(
    r"[\s,.;!?)-]{0,5}(?:(?:svp|s'il vous plait|stp|merci|merci d'avance|si possible"
    r"|cordialement|thanks|thank you|please|if possible|gracias|por favor|si es posible"
    r"|sur place|ok|ca vous va|bien a vous|un saludo)[\s,.;!?-]{0,5}){0,4}"
)
"""What may stand after it."""


def is_morning(words: str) -> bool:
    """Say whether « du matin » and the like are meant, not the afternoon."""
    return "matin" in words or "manana" in words or "morning" in words
