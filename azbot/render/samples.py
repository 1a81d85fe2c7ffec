"""One realistic notice for each mail azbot sends, as the workflow would tell it.

An administrator looks at words before they leave, and tests at every mail.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from azbot.render.values import Links, Reader, ReaderRole
from azbot.workflow.decision import NoticeKind as N

SITE: Mapping[str, Any] = {
    "ref": "ASFR26000184",
    "status": "underway",
    "service": "commissioning",
    "zone": "Europe/Paris",
    "at": "2026-03-23T08:10:00+00:00",
    "actor": {"role": "client", "name": "Sophie Martin"},
    "address": "18 rue des Charmettes",
    "postcode": "69100",
    "town": "Villeurbanne",
    "country": "FR",
    "own_number": "CM-4471",
    "contact_name": "Sophie Martin",
    "phone": "+33639981234",
    "installer": "Clim Martin SARL",
    "distributor": "",
}

STATION: Mapping[str, Any] = {
    "station": "Froid Rhône Services",
    "station_phone": "+33199001234",
    "station_email": "contact@froid-rhone.example",
    "station_id": 3,
}

ANSWERS: Mapping[str, Any] = {
    "service": "commissioning",
    "address": "18 rue des Charmettes",
    "postcode": "69100",
    "town": "Villeurbanne",
    "region": "Auvergne-Rhône-Alpes",
    "country": "FR",
    "system": "zoned_ducted",
    "system_count": 2,
    "thermostat_count": 6,
    "maker": "daikin",
    "contact_name": "Sophie Martin",
    "phone": "+33639981234",
    "contact_email": "sophie@clim-martin.example",
    "installer": "Clim Martin SARL",
    "own_number": "CM-4471",
}

VISIT: Mapping[str, Any] = {
    "number": 1,
    "rank": 1,
    "planned_at": "2026-03-25T12:00:00+00:00",
    "lasts": 5400,
    "sequence": 0,
    "finished_at": "",
}
SECOND = {**VISIT, "number": 2, "rank": 2, "planned_at": "2026-04-02T07:00:00+00:00"}
FINISHED = {**VISIT, "finished_at": "2026-03-25T14:20:00+00:00", "remaining": ""}

RECAP: Mapping[str, Any] = {
    "answers": ANSWERS,
    "missing": [],
    "needed": ["order_proof"],
    "answer_by": "2026-03-24T11:00:00+00:00",
    "is_confirmed": False,
    "is_new": True,
}
PARTIAL = {k: v for k, v in ANSWERS.items() if k not in ("system", "thermostat_count")}
MISSING = {
    **RECAP,
    "status": "submitted",
    "answers": PARTIAL,
    "missing": ["system", "thermostat_count"],
    "needed": ["system", "thermostat_count", "order_proof"],
}
ORDER = {
    "answers": ANSWERS,
    "documents": ["bon-de-commande.pdf", "local-technique.jpg"],
    "answer_by": "2026-03-25T11:00:00+00:00",
}
LEFT = "Remplacer le registre de la chambre 2.\nReprendre l’équilibrage du plénum."


@dataclass(frozen=True, slots=True)
class Sample:
    """One mail to look at.

    Attributes:
        name: of this variant of the mail.
        role: who reads.
        facts: on top of the site's and the station's.
        is_assigned: the facts name a station.
    """

    name: str
    kind: N
    facts: Mapping[str, Any]
    role: ReaderRole = "client"
    is_first_mail: bool = False
    is_assigned: bool = True

    @property
    def all_facts(self) -> Mapping[str, Any]:
        """The facts of the notice."""
        return {**SITE, **(STATION if self.is_assigned else {}), **self.facts}


def _one(
    kind: N, role: ReaderRole = "client", variant: Any = "", **facts: Any
) -> Sample:
    name = kind.value + (f"-{variant}" if variant else "")
    return Sample(name, kind, facts, role)


SAMPLES: tuple[Sample, ...] = (
    Sample(
        "opened",
        N.OPENED,
        {**RECAP, "status": "submitted"},
        "client",
        is_first_mail=True,
        is_assigned=False,
    ),
    Sample(
        "opened-completed",
        N.OPENED,
        {**RECAP, "is_new": False, "is_confirmed": True, "needed": []},
        is_assigned=False,
    ),
    Sample("incomplete", N.INCOMPLETE, MISSING, is_first_mail=True, is_assigned=False),
    Sample(
        "incomplete-unread",
        N.INCOMPLETE,
        {
            **MISSING,
            "is_new": False,
            "unread": [
                {
                    "field": "phone",
                    "value": "06 12",
                    "code": "phone_short",
                    "facts": {"expected": "10"},
                }
            ],
        },
        is_assigned=False,
    ),
    Sample(
        "incomplete-reminder",
        N.INCOMPLETE,
        {
            **MISSING,
            "is_new": False,
            "step": 1,
            "decide_by": "2026-04-03T08:00:00+00:00",
        },
        is_assigned=False,
    ),
    _one(N.RECEIVED, what="complement"),
    _one(N.RECEIVED, variant="confirmed", **{**RECAP, "what": "confirmed"}),
    _one(
        N.RECEIVED,
        variant="closing-refused",
        what="closing_refused",
        text="La chambre 2 ne chauffe toujours pas.",
    ),
    _one(
        N.COMPLEMENT,
        comment="Bonjour,\n\nPouvez-vous nous envoyer votre bon de commande\u00a0? "
        "Une photo lisible suffit.",
        items=["order_proof", "thermostat_count"],
    ),
    _one(
        N.COMPLEMENT_REMINDER,
        comment="Une photo lisible suffit.",
        items=["order_proof"],
        decide_by="2026-04-03T08:00:00+00:00",
        step=1,
    ),
    _one(N.ASSIGNED, date_by="2026-03-27T08:00:00+00:00"),
    _one(N.ACCEPTED, date_by="2026-03-27T08:00:00+00:00"),
    _one(
        N.PLANNED,
        **{**VISIT, "note": "Merci de libérer l’accès au local.", "remaining": ""},
    ),
    _one(N.PLANNED, "contact", "contact", **{**VISIT, "note": "", "remaining": ""}),
    _one(
        N.MOVED,
        **{
            **VISIT,
            "planned_at": "2026-03-26T08:00:00+00:00",
            "before": "2026-03-25T12:00:00+00:00",
            "reason": "Une pièce arrive jeudi matin.",
        },
    ),
    _one(N.TOMORROW, **VISIT),
    _one(N.FOLLOW_UP, **{**SECOND, "remaining": LEFT}),
    _one(N.FINISHED, **{**FINISHED, "closes_at": "2026-04-06T08:00:00+00:00"}),
    _one(
        N.FINISHED,
        variant="reminder",
        **{**FINISHED, "closes_at": "2026-04-06T08:00:00+00:00", "is_reminder": True},
    ),
    _one(N.CONTINUED, **{**FINISHED, "remaining": LEFT, "closes_at": ""}),
    _one(
        N.MESSAGE,
        text="Bonjour Madame Martin,\n\nVotre bon de commande est bien arrivé, "
        "merci. La station vous appelle demain matin.\n\nBonne journée,",
        documents=["notice-mise-en-service.pdf"],
        agent="Camille D.",
    ),
    _one(
        N.MESSAGE,
        "station",
        "station",
        text="Bonjour,\n\nLe portail s’ouvre avec le code 2580. Le client vous attend.",
        documents=["plan-acces.pdf"],
        agent="Camille D.",
    ),
    _one(
        N.CLOSED,
        by="client",
        visits=["2026-03-25T12:00:00+00:00", "2026-04-02T07:00:00+00:00"],
        days=30,
    ),
    _one(
        N.CLOSED,
        variant="silence",
        by="silence",
        visits=["2026-03-25T12:00:00+00:00"],
        days=30,
    ),
    _one(N.CLOSED, "station", "station", by="client", visits=[], days=30),
    _one(N.CANCELLED, reason="Le chantier est reporté.", by="client", answers=ANSWERS),
    _one(
        N.CANCELLED,
        "station",
        "station",
        reason="Le chantier est reporté.",
        by="agent",
        answers=ANSWERS,
        **VISIT,
    ),
    _one(
        N.CANCELLED,
        "contact",
        "contact",
        reason="Le chantier est reporté.",
        by="agent",
        answers=ANSWERS,
        **VISIT,
    ),
    _one(N.VISIT_CANCELLED, **{**VISIT, "reason": "Matériel non livré."}),
    _one(
        N.VISIT_CANCELLED,
        "station",
        "station",
        **{**VISIT, "reason": "Matériel absent."},
    ),
    _one(
        N.REJECTED,
        what="files",
        files=[
            {"name": "visite.mov", "size": 39_845_888, "code": "too_large"},
            {"name": "plan.dwg", "size": 1_887_437, "code": "kind_refused"},
        ],
        kept=["photo-1.jpg"],
        limit=26_214_400,
    ),
    _one(
        N.REJECTED,
        variant="values",
        what="values",
        values=[
            {
                "field": "phone",
                "value": "06 12",
                "code": "phone_short",
                "facts": {"expected": "10"},
            }
        ],
    ),
    _one(
        N.REJECTED,
        variant="refused",
        what="refused",
        refusal="wrong_status",
        refusal_facts={"status": "closed"},
    ),
    Sample(
        "rejected-unreadable",
        N.REJECTED,
        {
            **dict.fromkeys(SITE, ""),
            "zone": "Europe/Paris",
            "what": "unreadable",
            "why": "encrypted",
        },
        "unknown",
        is_assigned=False,
    ),
    _one(N.MISSION, "station", **ORDER),
    _one(N.MISSION_REMINDER, "station", **{**ORDER, "step": 1}),
    _one(N.MISSION_ACCEPTED, "station", date_by="2026-03-27T08:00:00+00:00"),
    _one(
        N.MISSION_REFUSED, "station", reason="unavailable", comment="Complet en mars."
    ),
    _one(N.MISSION_WITHDRAWN, "station", reason="Attribuée à une station plus proche."),
    _one(N.MISSION_PLANNED, "station", **VISIT),
    _one(
        N.MISSION_PLANNED,
        "station",
        "moved",
        **{
            **VISIT,
            "planned_at": "2026-03-26T08:00:00+00:00",
            "before": "2026-03-25T12:00:00+00:00",
            "reason": "Une pièce arrive jeudi matin.",
        },
    ),
    _one(N.MISSION_PLANNED, "station", "pending", **{**SECOND, "is_pending": True}),
    _one(
        N.MISSION_OTHER_DATE,
        "station",
        **{**VISIT, "text": "Plutôt jeudi ou vendredi matin."},
    ),
    _one(N.DATE_WANTED, "station", number=2, reason=LEFT),
    _one(
        N.FOLLOW_UP_DECIDED,
        "station",
        **{**SECOND, "is_approved": True, "proposed_at": SECOND["planned_at"]},
    ),
    _one(
        N.FOLLOW_UP_DECIDED,
        "station",
        "changed",
        **{**SECOND, "is_approved": True, "proposed_at": "2026-04-01T07:00:00+00:00"},
    ),
    _one(
        N.FOLLOW_UP_DECIDED,
        "station",
        "declined",
        **{
            **SECOND,
            "planned_at": "",
            "is_approved": False,
            "reason": "Le demandeur est absent ce jour-là.",
            "proposed_at": "2026-04-01T07:00:00+00:00",
        },
    ),
    _one(N.TODAY, "station", **{**ORDER, **VISIT}),
    Sample(
        "report",
        N.REPORT,
        {
            **FINISHED,
            "to": "k.bernard@promo.example",
            "name": "Karim Bernard",
            "role": "client",
        },
        "signatory",
    ),
    Sample(
        "signature_wanted",
        N.SIGNATURE_WANTED,
        {
            **VISIT,
            "to": "k.bernard@promo.example",
            "name": "Karim Bernard",
            "role": "client",
            "until": "2026-04-01T14:20:00+00:00",
            "form": "7c1f0be2" * 8,
        },
        "signatory",
    ),
    Sample(
        "signature_given",
        N.SIGNATURE_GIVEN,
        {**VISIT, "name": "Karim Bernard", "role": "client", "awaited": []},
        "station",
    ),
    Sample(
        "signature_given-awaited",
        N.SIGNATURE_GIVEN,
        {**VISIT, "name": "Karim Bernard", "role": "client", "awaited": ["station"]},
        "station",
    ),
    _one(N.OTHER_DATE, **{**VISIT, "text": "Plutôt jeudi ou vendredi matin."}),
    _one(N.CANCELLATION_ASKED, reason="Le chantier est reporté."),
    _one(
        N.REQUALIFIED,
        before="incident_warranty",
        service="incident",
        reason="La garantie a expiré en janvier 2026.",
    ),
    _one(N.REOPENED, reason="La panne est revenue le 3 avril."),
    _one(N.MERGED, into="ASFR26000180", reason=""),
    _one(N.CONFIRM_WORD, word="cancel", reason="Le chantier est reporté."),
    _one(
        N.CONFIRM_WORD,
        "station",
        "date",
        word="date",
        planned_at="2026-03-25T12:00:00+00:00",
    ),
    _one(N.REASON_WANTED, word="refuse_closing"),
    _one(N.REASON_WANTED, "station", "mission", word="refuse_mission"),
    _one(N.PREFERENCE, wants_less=True, to="sophie@clim-martin.example"),
    _one(N.PREFERENCE, variant="on", wants_less=False, to="sophie@clim-martin.example"),
    _one(
        N.INVITATION,
        "member",
        ref="",
        until="2026-03-30T08:10:00+00:00",
    ),
    _one(
        N.PASSWORD_LOST,
        "member",
        ref="",
        until="2026-03-23T09:10:00+00:00",
    ),
    _one(
        N.ACCESS_CODE,
        "visitor",
        ref="",
        code="482913",
        until="2026-03-23T08:20:00+00:00",
    ),
    _one(N.ACCESS_CODE, "visitor", "none", ref="", until="2026-03-23T08:20:00+00:00"),
    _one(N.ACCESS_LINK),
    _one(N.ADDRESS_CHANGED, "visitor", ref="", masked="s•••@clim-martin.example"),
    _one(N.COLLEAGUE_INVITED),
    _one(N.CHAT_LINKED, "visitor", ref="", chat="Telegram", account="Sophie Martin"),
    _one(N.CHAT_LINKED, "visitor", "nameless", ref="", chat="Telegram"),
    _one(
        N.DESK,
        "desk",
        what="message",
        text="Bonjour,\n\nLe thermostat du salon clignote depuis hier.",
        documents=["thermostat.jpg"],
        message_id="<1@client.example>",
        writer="sophie@clim-martin.example",
        is_unverified=True,
    ),
    _one(
        N.DESK,
        "desk",
        "refused",
        what="refused",
        reason="out_of_zone",
        comment="Trop loin de notre atelier.",
    ),
    _one(
        N.DESK,
        "desk",
        "delivery-failed",
        what="delivery_failed",
        address="sophie@clim-martin.example",
        reason="550 5.1.1 user unknown",
    ),
    Sample(
        "desk-held",
        N.DESK,
        {
            **dict.fromkeys(SITE, ""),
            "zone": "Europe/Paris",
            "actor": {"role": "", "name": ""},
            "what": "held",
            "reason": "foreign_sender",
            "from": "k.bernard@promo.example",
            "subject": "Re: Intervention terminée",
            "text": "OUI",
            "raw": 4711,
        },
        "desk",
        is_assigned=False,
    ),
    Sample(
        "alert",
        N.ALERT,
        {
            **dict.fromkeys(SITE, ""),
            "zone": "Europe/Paris",
            "at": "2026-03-23T08:10:00+00:00",
            "what": "imap",
            "since": "2026-03-23T08:00:00+00:00",
            "cause": "imap login AUTHENTICATIONFAILED",
            "place": "imap.example:993",
            "command": "azbot doctor --only imap",
        },
        "admin",
        is_assigned=False,
    ),
    Sample(
        "alert_disk",
        N.ALERT,
        {
            **dict.fromkeys(SITE, ""),
            "zone": "Europe/Paris",
            "at": "2026-03-23T08:10:00+00:00",
            "what": "disk",
            "cause": "room 412000000 /var/lib/azbot",
            "command": "df -h",
        },
        "admin",
        is_assigned=False,
    ),
    Sample(
        "alert_over",
        N.ALERT,
        {
            **dict.fromkeys(SITE, ""),
            "zone": "Europe/Paris",
            "at": "2026-03-23T08:40:00+00:00",
            "what": "imap",
            "since": "2026-03-23T08:00:00+00:00",
            "until": "2026-03-23T08:35:00+00:00",
            "cause": "imap login AUTHENTICATIONFAILED",
            "place": "imap.example:993",
            "command": "azbot doctor --only imap",
        },
        "admin",
        is_assigned=False,
    ),
)

_BY_NAME = {sample.name: sample for sample in SAMPLES}

NAMES: Mapping[str, str] = {
    "client": "Sophie Martin",
    "contact": "Paul Girard",
    "station": "Froid Rhône Services",
    "signatory": "Karim Bernard",
    "member": "Camille Durand",
    "visitor": "Sophie Martin",
}


def sample(name: str) -> Sample:
    """Return one sample."""
    return _BY_NAME[name]


def links_for(one: Sample) -> Links:
    """Return the links this mail would offer, pages and prepared answers."""
    page = "https://sav.example/a/eyJhIjoxODQsInAiOjQyfQ.7c1f0be2"
    answer = "mailto:support+184.42.7c1f@regulia.example?subject=ASFR26000184&body="
    asks = one.kind in (N.FINISHED, N.MISSION, N.MISSION_REMINDER, N.CONFIRM_WORD)
    is_member = one.role == "member"
    if is_member or one.role in ("visitor", "unknown", "admin"):
        page = ""
    is_offered = one.kind in (N.OPENED, N.MISSION)
    is_unlinked = one.name == "chat_linked"
    return Links(
        open=page,
        yes=f"{answer}OUI" if asks else "",
        no=f"{answer}NON" if asks else "",
        other_date=f"{answer}AUTRE%20DATE%20%3A%20",
        stop=f"{answer}STOP" if one.kind in (N.RECEIVED, N.TOMORROW) else "",
        upload=page,
        report=page and f"{page}/report",
        privacy="https://sav.example/privacy",
        choose="https://sav.example/signin/choose/Tq3rVx9m" if is_member else "",
        chat="https://t.me/regulia_bot?start=54-16-t9c3k0-ak7c1f" if is_offered else "",
        chat_name="Telegram",
        unlink="https://sav.example/portal/unlink/Tq3rVx9m" if is_unlinked else "",
    )


def reader_of(one: Sample, language: str) -> Reader:
    """Return who reads this mail."""
    return Reader(NAMES.get(one.role, ""), language, one.role, one.is_first_mail)
