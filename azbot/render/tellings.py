"""Rows and lists of facts, in the words of one language."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from azbot.forms.assistance import ASSISTANCE
from azbot.i18n import formats
from azbot.render.fitting import elastic
from azbot.render.phrases import refusal_facts
from azbot.render.voice import Row, Voice
from azbot.workflow.model import RefusalReason

_RECAP = (
    "service", "address", "system", "system_count", "thermostat_count", "maker",
    "contact_name", "phone", "phone_2", "contact_email", "installer", "distributor",
    "own_number",
)  # fmt: skip

_ALERTS = frozenset(
    {
        "imap", "smtp", "telegram", "contested", "disk", "store", "outbox", "intake",
        "backup",
    }
)  # fmt: skip
_WHYS = (
    (re.compile(r"(?:imap|smtp) login"), "login"),
    (re.compile(r"(?:imap|smtp) tls"), "tls"),
    (re.compile(r"imap folder"), "folder"),
    (re.compile(r"(?:imap|smtp) timeout|imap lost|no answer"), "silence"),
    (re.compile(r"imap connect|no connection|smtp \w*(?:Connect|gaierror|OSE)"),
     "connection"),
    (re.compile(r"the token of the bot"), "token"),
    (re.compile(r"another program receives"), "contested"),
)  # fmt: skip
"""What a failure begins with, and the sentence for it; others are told as they are."""
_ROOM = re.compile(r"room (?P<free>[0-9]+) (?P<folder>.+)")

Facts = Mapping[str, object]


class Teller(Voice):
    """What templates call ``say``: a voice that knows the facts of notices."""

    def common(self, facts: Facts) -> dict[str, object]:
        """What nearly every template asks for, from the facts of its notice."""
        town = str(facts["town"])
        return {
            "given": facts,
            "site": self.place(facts),
            "service_name": self.service_name(str(facts["service"])),
            "in_town": self.in_town(town),
            "comma_town": elastic(", ", town),
            "sender": facts.get("from", ""),
            "visit_at": facts.get("planned_at") or facts.get("finished_at"),
        }

    def recap(self, answers: Facts, own_label: str = "") -> list[Row]:
        """Every known answer, one line each, the address on one line.

        Args:
            answers: of the request.
            own_label: catalogue key that names the client's own number when
                somebody else reads it.
        """
        rows = []
        for key in _RECAP:
            value = self.place(answers) if key == "address" else answers.get(key)
            if value in (None, ""):
                continue
            shown = value if key == "address" else self.shown(key, value)
            link = self.tel(str(value)) if key in ("phone", "phone_2") else ""
            own = own_label if key == "own_number" else ""
            rows.append((self.t(own) if own else self.label(key), str(shown), link))
        return rows

    def visit_rows(self, facts: Facts) -> list[Row]:
        """What a client must know of a visit."""
        t, phone = self.t, str(facts["station_phone"])
        return [
            (t("mail.row.mission"), self.service_name(str(facts["service"])), ""),
            (t("mail.row.station"), str(facts["station"]), ""),
            (t("mail.row.phone"), self.phone(phone), self.tel(phone)),
            (t("mail.row.site"), self.place(facts), ""),
            (t("mail.row.contact"), str(facts["contact_name"]), ""),
            (t("mail.row.prepare"), t("mail.prepare"), ""),
        ]

    def site_rows(self, facts: Facts) -> list[Row]:
        """What a station must know of a site."""
        t, phone = self.t, str(facts["phone"])
        return [
            (t("mail.row.mission"), self.service_name(str(facts["service"])), ""),
            (t("mail.row.site"), self.place(facts), ""),
            (t("mail.row.contact"), str(facts["contact_name"]), ""),
            (t("mail.row.phone"), self.phone(phone), self.tel(phone)),
            (t("mail.row.client_number"), str(facts["own_number"]), ""),
        ]

    def asked(self, keys: Sequence[str]) -> list[str]:
        """Return the fields a mail asks for, those left to a derivation apart."""
        fields = ASSISTANCE.fields
        derived = [
            k for k in keys if k in fields and "email" in fields[k].never_asked_by
        ]
        return [key for key in keys if key not in derived] or list(keys)

    def to_fill(self, missing: Sequence[str], unread: Sequence[Facts]) -> list[str]:
        """Return the fields asked for, with those whose value was not understood."""
        wrong = [str(value["field"]) for value in unread]
        return list(dict.fromkeys([*self.asked(missing), *wrong]))

    def writer(self, name: str, address: str, *, is_unverified: bool) -> str:
        """« Sophie Martin, s.martin@example.org (non vérifié) » for the desk."""
        parts = [part for part in dict.fromkeys((name, address)) if part]
        known = ", ".join(parts)
        return self.t("mail.unverified", who=known) if is_unverified else known

    def state(self, status: str, missing: int) -> str:
        """« Soumise, à compléter (2) », empty without a status."""
        if not status:
            return ""
        name = self.t(f"status.{status}")
        return self.t("mail.to_complete", status=name, n=missing) if missing else name

    def signatories(self, roles: Sequence[str]) -> list[str]:
        """« Installateur », for each role of a signature."""
        return [self.t(f"role.signatory.{role}") for role in roles]

    def day_list(self, moments: Sequence[datetime]) -> list[str]:
        """« mercredi 25 mars 2026 », for each visit."""
        return [self.day(moment) for moment in moments]

    def file_line(self, file: Facts) -> str:
        """« visite.mov (38 Mo). Le fichier est trop lourd. »."""
        size = file.get("size")
        name = str(file.get("name") or "?")
        known = f"{name} ({self.size(size)})" if isinstance(size, int) else name
        why = self.t(f"reason.file.{file.get('code') or 'unreadable'}")
        return self.t("mail.sentences", one=f"{known}.", other=why)

    def file_list(self, files: Sequence[Facts]) -> list[str]:
        """The files that were not taken, each with its reason."""
        return [self.file_line(file) for file in files]

    def value_labels(self, values: Sequence[Facts]) -> str:
        """The labels of values that were not understood, in a sentence."""
        return self.things([str(value["field"]) for value in values])

    def value_fields(self, values: Sequence[Facts]) -> list[str]:
        """The same labels, each to be completed."""
        return self.label_list([str(value["field"]) for value in values])

    def value_list(self, values: Sequence[Facts]) -> list[str]:
        """« Téléphone « 06 12 ». Il manque des chiffres. », for each value."""
        return [self._value_line(value) for value in values]

    def _value_line(self, value: Facts) -> str:
        facts = value.get("facts")
        why = self.t(
            f"error.{value.get('code')}",
            **(facts if isinstance(facts, Mapping) else {}),
        )
        quoted = self.t(
            "mail.quoted",
            label=self.label(str(value["field"])),
            value=str(value.get("value") or ""),
        )
        return self.t("mail.sentences", one=f"{quoted}.", other=why)

    def refusal(self, code: str, facts: Facts) -> str:
        """The sentence of a rule that refused."""
        return self.t(f"refusal.{code}", **refusal_facts(self, code, facts))

    def refusal_reasons(self) -> list[str]:
        """The reasons a station may give (R147)."""
        return [self.t(f"reason.refusal.{reason.value}") for reason in RefusalReason]

    def alert(self, what: str, since: datetime | None, now: datetime | None) -> str:
        """« la relève des e-mails échoue depuis 10 min »."""
        key = f"mail.alert.what.{self.alert_key(what)}"
        if since is None or now is None:
            return self.t(key, since="")
        elapsed = formats.ago(now - since, self.language)
        time = elapsed or self.moment_short(since)
        return self.t(key, since=" " + self.t("mail.alert.since", time=time))

    def alert_over(self, what: str) -> str:
        """« la relève des e-mails fonctionne de nouveau »."""
        return self.t(f"mail.alert.over.{self.alert_key(what)}")

    def alert_cause(self, cause: str, place: str = "") -> str:
        """« imap.example.org:993 : le serveur refuse le mot de passe (imap login) ».

        Args:
            cause: one line, as the failure tells itself.
            place: which server, possibly empty.
        """
        if found := _ROOM.fullmatch(cause):
            room = self.size(int(found["free"]))
            return self.t("mail.alert.why.room", room=room, folder=found["folder"])
        key = next((key for begin, key in _WHYS if begin.match(cause)), "")
        told = cause
        if key:
            why = self.t(f"mail.alert.why.{key}")
            told = self.t("mail.alert.why", why=why, detail=cause)
        return f"{place}{self.colon}{told}" if place and told else told

    def capital(self, words: str) -> str:
        """The words with a capital at their beginning."""
        return words[:1].upper() + words[1:]

    def alert_key(self, what: str) -> str:
        """The alert itself, or ``other`` for one without words."""
        return what if what in _ALERTS else "other"
