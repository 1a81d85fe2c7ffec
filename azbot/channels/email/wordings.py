"""The words by which mail programs introduce what they quote, as tables.

One line per language; adding a language is adding lines. Words are written as
``quoting.fold`` leaves them: lower case, plain spaces, straight apostrophes. Rules
are never tied to a detected language: French people use English clients.
"""

# ruff: noqa: RUF001 - words of many scripts stand here side by side
from __future__ import annotations

REPLY_LINES = (
    "répondez au-dessus de cette ligne",
    "merci de répondre au-dessus de cette ligne",
    "reply above this line",
    "please type your reply above this line",
    "responda por encima de esta línea",
    "escriba su respuesta por encima de esta línea",
)
"""Every "reply above this line" azbot ever wrote. Lines are added, never removed:
old mails are answered for years."""

WRITING_VERBS = {
    "fr": ("a écrit", "a ecrit", "écrivait", "nous a écrit", "a répondu"),
    "en": ("wrote", "writes", "schreef/wrote"),
    "es": ("escribió", "escribio", "ha escrito"),
    "ca": ("ha escrit", "va escriure"),
    "pt": ("escreveu",),
    "it": ("ha scritto", "scrisse"),
    "de": ("schrieb", "hat geschrieben"),
    "nl": ("schreef", "heeft geschreven"),
    "da no": ("skrev",),
    "sv": ("skrev",),
    "fi": ("kirjoitti",),
    "pl": ("napisał", "napisała", "napisał(a)", "napisal", "pisze"),
    "cs": ("napsal", "napsala", "napsal(a)"),
    "ru": ("написал", "написала", "написал(а)", "пишет"),
    "uk": ("написав", "написала", "написав(ла)", "пише"),
    "ro": ("a scris",),
    "tr": ("şunu yazdı", "yazdı"),
    "zh": ("写道", "寫道"),
    "ko": ("작성", "님이 작성"),
    "ja": ("のメッセージ", "のメール", "書きました"),
}
"""What ends (or, in German and Scandinavian, divides) a line of attribution."""

DIVIDING_VERBS = ("schrieb", "schreef", "skrev")
"""Verbs that stand before the name: ``Am 25.06.2015 um 10:55 schrieb Test:``."""

STARTERS = (
    *("le", "on", "el", "am", "op", "il", "em", "den", "in data", "in", "dnia"),
    *("w dniu", "dne", "a", "vào", "v", "pada", "på"),
)
"""How a line of attribution begins, besides a date or a weekday."""

WEEKDAYS = (
    *("lun", "mar", "mer", "jeu", "ven", "sam", "dim"),
    *("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    *("mon", "tue", "wed", "thu", "fri", "sat", "sun"),
    *("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
    *("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
    *("mié", "jue", "vie", "sáb", "dom"),
    *("mo", "di", "mi", "do", "fr", "sa", "so"),
    *("man", "tir", "ons", "tor", "fre", "lør", "søn", "lör", "sön", "tis", "mån"),
    *("ma", "ti", "ke", "to", "pe", "la", "su"),
    *(
        "gio",
        "gioved",
        "lunedì",
        "martedì",
        "mercoledì",
        "giovedì",
        "venerdì",
        "sabato",
    ),
    *("seg", "ter", "qua", "qui", "sex"),
    *("пн", "вт", "ср", "чт", "пт", "сб", "вс", "нд"),
    *("pon", "wt", "śr", "czw", "pt", "sob", "niedz"),
)
"""Weekdays as clients shorten them."""

MONTHS = (
    *("janv", "févr", "fevr", "mars", "avr", "mai", "juin", "juil", "août", "aout"),
    *("sept", "oct", "nov", "déc", "dec", "janvier", "février", "avril", "juillet"),
    *("septembre", "octobre", "novembre", "décembre"),
    *("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep"),
    *("january", "february", "march", "april", "june", "july", "august"),
    *("september", "october", "november", "december"),
    *("enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto"),
    *("septiembre", "octubre", "noviembre", "diciembre", "ene", "abr", "ago", "dic"),
    *("januar", "februar", "märz", "juni", "juli", "oktober", "dezember", "okt", "dez"),
    *("gennaio", "febbraio", "aprile", "maggio", "giugno", "luglio", "settembre"),
    *("ottobre", "dicembre", "genn", "gen", "mag", "giu", "lug", "set", "ott"),
    *("janeiro", "fevereiro", "março", "maio", "junho", "julho", "setembro"),
    *("outubro", "novembro", "dezembro", "fev", "out"),
    *("januari", "februari", "maart", "mei", "augustus", "mrt"),
    *("stycznia", "lutego", "marca", "kwietnia", "maja", "czerwca", "lipca"),
    *("sierpnia", "września", "października", "listopada", "grudnia"),
    *("янв", "февр", "мар", "апр", "мая", "июн", "июл", "авг", "сент", "окт", "нояб"),
    *("дек", "січня", "лютого", "березня", "квітня", "травня", "червня", "липня"),
    *("серпня", "вересня", "жовтня", "листопада", "грудня"),
    *("tammikuuta", "helmikuuta", "maaliskuuta", "huhtikuuta", "toukokuuta"),
    *("kesäkuuta", "heinäkuuta", "elokuuta", "syyskuuta", "lokakuuta"),
    *("marraskuuta", "joulukuuta", "gener", "febrer", "març", "maig", "juny", "juliol"),
    *("setembre", "desembre"),
)
"""Months, whole and shortened."""

HEADER_NAMES = {
    "from": (
        *("from", "de", "von", "van", "da", "od", "fra", "från", "lähettäjä"),
        *(
            "от",
            "від",
            "发件人",
            "寄件者",
            "差出人",
            "보낸 사람",
            "expéditeur",
            "remitente",
        ),
    ),
    "date": (
        *("sent", "date", "envoyé", "envoyé le", "envoye", "date d'envoi"),
        *("message du", "enviado", "enviado el", "fecha", "enviada em", "enviado em"),
        *("data", "data:", "gesendet", "datum", "inviato", "verzonden", "wysłano"),
        *("dato", "sendt", "skickat", "datum", "lähetetty", "päivämäärä", "дата"),
        *(
            "отправлено",
            "надіслано",
            "发送时间",
            "日期",
            "寄件日期",
            "送信日時",
            "日付",
        ),
        *("보낸 날짜", "날짜", "enviat", "data enviament"),
    ),
    "to": (
        *("to", "à", "a", "para", "an", "aan", "til", "till", "do", "vastaanottaja"),
        *("кому", "收件人", "收件者", "宛先", "받는 사람", "per a", "destinataire"),
    ),
    "subject": (
        *("subject", "objet", "sujet", "asunto", "assunto", "betreff", "oggetto"),
        *("onderwerp", "temat", "emne", "ämne", "aihe", "тема", "主题", "主旨", "件名"),
        *("제목", "assumpte"),
    ),
    "other": (
        *("cc", "copie à", "copie", "cci", "bcc", "kopie", "kopia", "reply-to"),
        *("répondre à", "importance", "priorité", "pièces jointes", "attachments"),
        *("抄送", "copia", "con copia", "responder a", "antwort an"),
    ),
}
"""Names in a block of quoted header fields, by what they name."""

ORIGINAL = (
    *("original message", "message d'origine", "message original", "message initial"),
    *("courriel original", "courriel initial", "courriel d'origine", "mail original"),
    *("mail d'origine", "e-mail d'origine", "message transmis", "mensaje original"),
    *("mensagem original", "ursprüngliche nachricht", "originalnachricht"),
    *("original-nachricht", "oorspronkelijk bericht", "origineel bericht"),
    *("messaggio originale", "wiadomość oryginalna", "oryginalna wiadomość"),
    *("oprindelig besked", "oprindelig meddelelse", "opprinnelig melding"),
    *("opprinnelig beskjed", "ursprungligt meddelande", "originalmeddelande"),
    *("alkuperäinen viesti", "исходное сообщение", "пересылаемое сообщение"),
    *("вихідне повідомлення", "原始邮件", "原始郵件", "元のメッセージ", "원본 메시지"),
    *("missatge original", "reply message", "mensaje de origen", "correo original"),
)
"""What stands between dashes before a quoted message."""

FORWARDED = (
    *("forwarded message", "begin forwarded message", "message transféré"),
    *("début du message transféré", "début du message réexpédié", "courriel transféré"),
    *(
        "message réexpédié",
        "mail transféré",
        "mensaje reenviado",
        "mensaje transferido",
    ),
    *(
        "inicio del mensaje reenviado",
        "weitergeleitete nachricht",
        "messaggio inoltrato",
    ),
    *("anfang der weitergeleiteten nachricht", "doorgestuurd bericht"),
    *("mensagem encaminhada", "forwarded by", "wiadomość przekazana dalej"),
    *("пересылаемое сообщение", "missatge reenviat", "videresendt meddelelse"),
)
"""What stands between dashes before a forwarded message."""

FORWARD_PREFIXES = ("fwd", "fw", "tr", "rv", "wg", "i", "enc", "vl", "pd")
"""Beginnings of the subject of a forwarded mail."""

REPLY_PREFIXES = ("re", "ré", "rép", "rep", "aw", "sv", "antw", "odp", "ref", "r", "vs")
"""Beginnings of the subject of a reply."""

MOBILE_LINES = (
    r"sent (?:from|via|using|with|by) (?:my |the |an? )?{device}",
    r"get outlook for (?:ios|android|mac|windows)",
    r"download outlook for .{{1,20}}",
    r"envoyé (?:de|depuis|[àa] partir de|via|avec|par) (?:mon |l[ea] |l')?{device}",
    r"envoyé d'un {device}",
    r"télécharger outlook pour .{{1,20}}",
    r"obtenez outlook pour .{{1,20}}",
    r"provenance : courrier.{{0,40}}",
    r"(?:de|expédié de) mon {device}",
    r"enviado (?:desde|con|por|a través de) (?:mi |el |la |un )?{device}",
    r"obtener outlook para .{{1,20}}",
    r"descargar outlook para .{{1,20}}",
    r"enviat (?:des del|des de|amb) (?:meu |mi )?{device}",
    r"gesendet (?:von|mit|aus|über) (?:meinem |meiner |der )?{device}",
    r"von meinem {device} gesendet",
    r"inviato (?:da|dal|con) (?:mio |il )?{device}",
    r"enviado (?:do|a partir do|pelo) (?:meu )?{device}",
    r"verzonden (?:vanaf|met|via) (?:mijn )?{device}",
    r"sendt fra (?:min )?{device}",
    r"skickat från (?:min )?{device}",
    r"lähetetty {device}",
    r"wysłane? z {device}",
    r"отправлено (?:с|из) {device}",
    r"从我的 ?{device}发送",
    r"发自我的 ?{device}",
    r"iphoneから送信",
)
"""Lines that telephones and programs add; ``{device}`` is a short name."""

NEWS_FOOTERS = (
    *("mailing list", "liste de diffusion", "lista de correo", "unsubscribe"),
    *("se désabonner", "désinscription", "you received this message because"),
    *("vous recevez ce message", "to unsubscribe from this group"),
)
"""Words near a ruler that make it the footer of a list."""
