"""The patterns of :mod:`azbot.forms.free_text`.

Those over folded text are in lower case without accents; those for names need the
capitals and read the text as written. Every repetition is bounded.
"""

from __future__ import annotations

import re

EMAIL = re.compile(
    r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}(?![\w@])"
)

PHONE = re.compile(
    r"(?<![\w+.,/-])(?:(?:\+|00)[1-9][0-9]{0,2}|0[1-9])"
    r"(?:[ .\-/\u00a0\u202f]{0,2}(?:\(0\))?[ .\-\u00a0\u202f]?[0-9]){7,12}(?![\w])"
)
"""Numbers with a prefix or ten digits after a zero; the validator decides."""

POSTCODE = re.compile(
    r"(?<![\w/.,+-])(?:f-?|fr-)?(?P<code>[0-9]{2} ?[0-9]{3})(?![0-9/])[ ,]{1,3}"
    r"(?:- )?(?=[a-z])(?!thermostats?|systemes?|euros?|kw)"
)

NOT_A_POSTCODE = re.compile(
    r"(?:commande|cde|cmd|bc|ref(?:erence)?|dossier|devis|affaire|order|pedido)\.?"
    r"[ :]{0,3}(?:n ?[\u00b0o]|numero|number)?[ .:]{0,3}\Z"
)
"""Before five digits: the number of an order."""

_CAPITAL = r"[A-Z\u00c0-\u00de]"
_LETTERS = r"[\w'\u2019-]{0,30}"
# No hyphen inside a word of a town: it already parts the words, and two ways to
# read one character multiply.
_TOWN_WORD = rf"{_CAPITAL}[\w'\u2019]{{0,30}}"
_TOWN_NAME = (
    rf"{_TOWN_WORD}(?:[ -](?:(?:sur|sous|en|le|la|les|de|du|des|aux?|l\u00e8s)[ -])"
    rf"{{0,2}}(?:[ld]['\u2019])?{_TOWN_WORD}){{0,4}}"
)
POSTCODE_IN_BRACKETS = re.compile(
    rf"(?<!\w)(?P<town>{_TOWN_NAME}) ?\((?P<code>[0-9]{{2}} ?[0-9]{{3}})\)"
)
TOWN_AFTER_AT = re.compile(
    rf"(?<!\w)(?:\u00e0|\u00c0|in|en) (?P<town>{_TOWN_NAME})(?![\w(])"
)
TOWN_LINKS = frozenset(
    """
    saint sainte saints st ste le la les l sur sous en de du des d aux au a lez
    cedex s/ el los las del
    """.split()  # noqa: SIM905 - eighty quotation marks hide the words
)
"""Words a town's name goes on after, or begins with."""

TOWN_SMALL_WORDS = TOWN_LINKS - {"saint", "sainte", "saints", "st", "ste", "cedex"}
"""Written small inside a name."""

TOWN_STOPS = frozenset(
    """
    bonjour bonsoir merci cordialement tel telephone mail email contact france
    monsieur madame m mr mme mlle janvier fevrier mars avril mai juin juillet aout
    septembre octobre novembre decembre lundi mardi mercredi jeudi vendredi samedi
    dimanche monday tuesday wednesday thursday friday saturday sunday january
    february march april may june july august september october november december
    nous vous je il elle nos votre vos notre un une pour avec
    """.split()  # noqa: SIM905 - eighty quotation marks hide the words
)
"""Capitals that begin no town and no name."""

_STREET_KIND = (
    r"rue|avenue|av\.?|ave|boulevard|bd|blvd|chemin|chem\.?|route|rte|place|pl\."
    r"|allees?"
    r"|impasse|imp\.?|quai|cours|square|passage|voie|sentier|lotissement|residence"
    r"|hameau|rond-point|montee|faubourg|fg|esplanade|ruelle|traverse|venelle|clos"
    r"|mail|promenade|villa|cite|parvis|chaussee|cote|levee|zone artisanale"
    r"|zone industrielle|zac|za|zi|parc d'activites?|lieu[ -]dit"
)
_ENGLISH_KIND = r"street|road|avenue|lane|drive|square|close|court|way|st|rd"
_SPANISH_KIND = r"calle|c/|avda\.?|avenida|plaza|paseo|carretera|ronda|camino|pol\."
_DETAIL = (
    r"(?:, ?(?:bat\.?|batiment|etage|appt?\.?|appartement|escalier|esc\.?|hall|porte"
    r"|lot|residence|villa|[0-9]{1,2}(?:er|e|eme) etage|rdc|rez-de-chaussee)"
    r"[^,;\n]{0,40}){0,3}"
)
STREET = re.compile(
    r"(?<![\w/-])(?:"
    rf"[0-9]{{1,4}}(?: ?(?:bis|ter|quater|[a-d])(?![a-z]))?(?: ?[-/a] ?[0-9]{{1,4}})?"
    rf",? {{1,2}}(?:{_STREET_KIND}) [^,;\n:?!]{{2,80}}{_DETAIL}"
    r"|(?:rue|avenue|boulevard|chemin|route|allee|impasse|quai|zone artisanale"
    r"|zone industrielle|zac|za|zi|lieu[ -]dit) "
    r"(?:de |du |des |de la |de l'|d'|la |le |les |l')?[^,;\n:?!. ]{2,40}"
    rf"(?: [^,;\n:?!. ]{{1,30}}){{0,5}}{_DETAIL}"
    rf"|[0-9]{{1,4}} (?:[a-z']{{2,20}} ){{1,3}}(?:{_ENGLISH_KIND})(?![a-z])"
    rf"|(?:{_SPANISH_KIND}) [^,;\n:?!]{{2,60}}"
    r"(?:, ?(?:n\.? ?o? ?)?[0-9]{1,4}(?![0-9]))?"
    r")"
)

_NUMBERS_IN_WORDS = {
    "un": 1, "une": 1, "one": 1, "uno": 1, "una": 1, "deux": 2, "two": 2, "dos": 2,
    "trois": 3, "three": 3, "tres": 3, "quatre": 4, "four": 4, "cuatro": 4,
    "cinq": 5, "five": 5, "cinco": 5, "six": 6, "seis": 6, "sept": 7, "seven": 7,
    "siete": 7, "huit": 8, "eight": 8, "ocho": 8, "neuf": 9, "nine": 9, "nueve": 9,
    "dix": 10, "ten": 10, "diez": 10, "onze": 11, "eleven": 11, "once": 11,
    "douze": 12, "twelve": 12, "doce": 12, "quinze": 15, "fifteen": 15, "vingt": 20,
    "twenty": 20, "veinte": 20,
}  # fmt: skip
COUNT_WORDS = _NUMBERS_IN_WORDS
"""Small numbers in words."""

_COUNT = r"[0-9]{1,3}|" + "|".join(sorted(_NUMBERS_IN_WORDS, key=len, reverse=True))


def _counted(noun: str) -> re.Pattern[str]:
    return re.compile(
        rf"(?<![\w.,/:-])(?P<before>{_COUNT})(?: ?x)? "
        rf"(?:[a-z]{{3,12}} )?{noun}(?![a-z])"
        rf"|(?<!\w){noun} ?(?:x|\(|:|=) ?(?P<after>[0-9]{{1,3}})(?![0-9])"
    )


SYSTEM_COUNT = _counted(r"(?:systemes?|systems?|sistemas?)")
THERMOSTAT_COUNT = _counted(r"(?:thermostats?|termostatos?|thermostas?)")

_NUMBER_SIGN = r"(?:n ?[\u00b0o]|no|number|numero|num|#|nro\.?)?"
OWN_NUMBER = re.compile(
    r"(?<!\w)(?:bon de commande|commande|bc|cde|cmd|dossier|affaire|chantier|devis"
    r"|v/ref|n/ref|ref(?:erence)?|order|purchase order|po|pedido|referencia"
    r"|expediente)\.?"
    rf" {{0,2}}(?:client |chantier )?{_NUMBER_SIGN}[ .:]{{0,4}}"
    r"(?P<number>[a-z0-9][a-z0-9/._-]{2,30})(?![\w@])"
)
OWN_WORDS = re.compile(
    r"(?<!\w)(?:v/|n/|votre |notre )?ref(?:erence)?\.? (?:du |de )?chantier"
    r"[ :]{1,3}(?P<words>[a-z0-9][^\n,;.:]{1,50})"
)

_CIVILITIES = (
    r"(?:M\.|Mr\.?|Mme|Mlle|Monsieur|Madame|Mrs\.?|Ms\.?|Miss"
    r"|Sr\.?|Sra\.?|D\.|Do\u00f1a)"
)
CIVILITY = re.compile(_CIVILITIES)
_NAME = rf"(?:{_CIVILITIES} )?{_CAPITAL}{_LETTERS}(?: {_CAPITAL}{_LETTERS}){{0,3}}"
CONTACT = re.compile(
    r"(?<!\w)(?:[Dd]emander|[Cc]ontacter|[Cc]ontact(?:e|o)?(?: sur place| chantier"
    r"| on site| en (?:la )?obra)?|[Ii]nterlocuteur|[Vv]oir avec|[Aa]ppeler|[Jj]oindre"
    r"|[Pp]r\u00e9venir|[Aa]sk for|[Cc]all|[Pp]reguntar por|[Ll]lamar a|[Ss]ur place)"
    rf" ?:? {{0,2}}(?:est |is |es |: )?(?P<name>{_NAME})"
)
CONTACT_BY_PHONE = re.compile(
    rf"(?<!\w)(?P<name>{_CIVILITIES} {_CAPITAL}{_LETTERS}(?: {_CAPITAL}{_LETTERS})?)"
    r"(?=[ ,:(]{1,3}(?:au |t\u00e9l\.? ?:? ?|at )?(?:\+|0)[0-9])"
)

_FORM = r"SARL|SAS|SASU|EURL|SCOP|SNC|SA|S\.L\.U?\.?|SLU?|Ltd"
_COMPANY_WORD = r"[A-Z0-9\u00c0-\u00de&][\w&'\u2019.-]{0,30}"
COMPANY = re.compile(
    rf"(?<!\w)(?P<before>{_COMPANY_WORD}(?: {_COMPANY_WORD}){{0,4}} (?:{_FORM}))(?!\w)"
    rf"|(?<!\w)(?P<after>(?:{_FORM}|Ets|\u00c9ts|\u00c9tablissements"
    rf"|Soci\u00e9t\u00e9|Entreprise) "
    rf"{_COMPANY_WORD}(?: {_COMPANY_WORD}){{0,4}})"
)

PROBLEM = re.compile(
    r"(?<!\w)(?:en panne|panne|ne (?:fonctionne|marche|chauffe|refroidit|repond"
    r"|demarre|s'allume|communique)(?:nt)? (?:pas|plus)|en defaut|code erreur"
    r"|message d'erreur|dysfonctionnement|defectueu[xs]e?|hors service|depannage|sav"
    r"|does(?:n't| not) work|not working|not heating|broken|breakdown|faulty"
    r"|no funciona|no calienta|no enfria|averia|averiado)(?!\w)"
)
WARRANTY = re.compile(r"(?<!\w)(?:garantie|warranty|guarantee|garantia)(?!\w)")
