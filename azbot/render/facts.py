"""Facts of a notice made ready for templates: complete, clean, in local time.

A notice carries JSON-like facts (:mod:`azbot.workflow.notices`). Templates run with
strict names, so every fact a template may ask for has a value here, empty when the
notice had none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

from azbot.workflow.decision import NoticeKind

_INVISIBLE = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\ufeff\ue000-\uf8ff]"
)
_LINE_ENDS = re.compile("\r\n?|[\u2028\u2029\x0b\x0c\x85]")
_NARROW = str.maketrans({"\u202f": "\u00a0", "\u2009": "\u00a0"})

_LONG = frozenset({"text", "comment", "remaining", "reason", "note", "cause"})
"""Facts that keep their lines; all others are one line."""

_INSTANTS = frozenset(
    {
        "at", "answer_by", "date_by", "decide_by", "closes_at", "planned_at",
        "finished_at", "proposed_at", "since", "until",
    }
)  # fmt: skip

_BASE: Mapping[str, object] = MappingProxyType(
    {
        "ref": "", "status": "", "service": "", "zone": "Europe/Paris", "at": "",
        "actor": MappingProxyType({"role": "", "name": ""}),
        "address": "", "postcode": "", "town": "", "country": "", "own_number": "",
        "contact_name": "", "phone": "", "installer": "", "distributor": "",
        "station": "", "station_phone": "", "station_email": "",
    }
)  # fmt: skip

_VISIT: Mapping[str, object] = MappingProxyType(
    {
        "number": 0, "rank": 1, "planned_at": "", "lasts": 0, "finished_at": "",
        "remaining": "", "note": "", "reason": "",
    }
)  # fmt: skip

_RECAP: Mapping[str, object] = MappingProxyType(
    {
        "answers": MappingProxyType({}), "missing": (), "needed": (), "answer_by": "",
        "is_confirmed": False, "is_new": True, "step": 0, "decide_by": "",
    }
)  # fmt: skip

_ORDER: Mapping[str, object] = MappingProxyType(
    {"answers": MappingProxyType({}), "documents": (), "answer_by": "", "step": 0}
)

N = NoticeKind

DEFAULTS: Mapping[NoticeKind, Mapping[str, object]] = MappingProxyType(
    {
        N.OPENED: _RECAP,
        N.INCOMPLETE: {**_RECAP, "unread": ()},
        N.RECEIVED: {**_RECAP, "what": "complement", "text": ""},
        N.COMPLEMENT: {"comment": "", "items": ()},
        N.COMPLEMENT_REMINDER: {
            "comment": "", "items": (), "decide_by": "", "step": 1,
        },
        N.ASSIGNED: {"date_by": ""},
        N.ACCEPTED: {"date_by": ""},
        N.PLANNED: _VISIT,
        N.MOVED: {**_VISIT, "before": ""},
        N.TOMORROW: _VISIT,
        N.FOLLOW_UP: _VISIT,
        N.FINISHED: {**_VISIT, "closes_at": "", "is_reminder": False},
        N.CONTINUED: {**_VISIT, "closes_at": ""},
        N.MESSAGE: {"text": "", "documents": (), "agent": "", "is_both": False},
        N.CLOSED: {"by": "", "visits": (), "days": 0},
        N.CANCELLED: {**_VISIT, "by": "", "reason": "", "answers": {}},
        N.VISIT_CANCELLED: _VISIT,
        N.REJECTED: {
            "what": "files", "files": (), "values": (), "kept": (), "limit": 0,
            "why": "", "refusal": "", "refusal_facts": {},
        },
        N.MISSION: _ORDER,
        N.MISSION_REMINDER: _ORDER,
        N.MISSION_ACCEPTED: {"date_by": ""},
        N.MISSION_REFUSED: {"reason": "", "comment": ""},
        N.MISSION_WITHDRAWN: {"reason": ""},
        N.MISSION_PLANNED: {**_VISIT, "before": "", "is_pending": False},
        N.MISSION_OTHER_DATE: {**_VISIT, "text": ""},
        N.FOLLOW_UP_DECIDED: {**_VISIT, "is_approved": True, "proposed_at": ""},
        N.TODAY: {**_ORDER, **_VISIT},
        N.DATE_WANTED: {"number": 0, "reason": ""},
        N.REPORT: {**_VISIT, "closes_at": "", "to": "", "name": "", "role": ""},
        N.SIGNATURE_WANTED: {
            **_VISIT, "to": "", "name": "", "role": "", "until": "", "form": "",
        },
        N.SIGNATURE_GIVEN: {**_VISIT, "name": "", "role": "", "awaited": ()},
        N.OTHER_DATE: {**_VISIT, "text": ""},
        N.CANCELLATION_ASKED: {"reason": ""},
        N.REQUALIFIED: {"before": "", "reason": ""},
        N.REOPENED: {"reason": ""},
        N.MERGED: {"into": "", "reason": ""},
        N.CONFIRM_WORD: {"word": "cancel", "planned_at": "", "reason": ""},
        N.REASON_WANTED: {"word": "refuse_closing"},
        N.PREFERENCE: {"wants_less": True},
        N.INVITATION: {"until": ""},
        N.PASSWORD_LOST: {"until": ""},
        N.ACCESS_CODE: {"code": "", "until": ""},
        N.ACCESS_LINK: {},
        N.ADDRESS_CHANGED: {"masked": ""},
        N.COLLEAGUE_INVITED: {},
        N.CHAT_LINKED: {"chat": "", "account": ""},
        N.DESK: {
            **_VISIT, "what": "message", "text": "", "documents": (), "answers": {},
            "comment": "", "message_id": "", "subject": "", "from": "", "raw": "",
            "completes": False, "missing": 0, "writer": "", "is_unverified": False,
        },
        N.ALERT: {
            "what": "other", "cause": "", "place": "", "since": "", "until": "",
            "command": "azbot doctor",
        },
    }
)  # fmt: skip
"""What a template of each kind may ask for besides the base facts."""

_MOVES = frozenset({N.MOVED, N.MISSION_PLANNED})
"""Kinds whose ``before`` is an instant; elsewhere it is a service."""


def ready(kind: NoticeKind, facts: Mapping[str, object]) -> dict[str, object]:
    """Return every fact a template of this kind may use.

    Args:
        kind: the notice.
        facts: as the notice carries them; instants in ISO 8601.

    Raises:
        ValueError: an instant cannot be read.
        KeyError: the site's zone does not exist.
    """
    whole = {**_BASE, **DEFAULTS[kind], **facts}
    zone = ZoneInfo(str(whole["zone"]))
    instants = _INSTANTS | {"before"} if kind in _MOVES else _INSTANTS
    for key, value in whole.items():
        if key in instants:
            whole[key] = _local(value, zone)
        elif isinstance(value, str):
            whole[key] = lines(value) if key in _LONG else line(value)
        elif value and not isinstance(value, int):
            whole[key] = _clean(value)
    visits = whole.get("visits")
    if visits and isinstance(visits, list | tuple):
        whole["visits"] = [_local(visit, zone) for visit in visits]
    return whole


def _local(value: object, zone: ZoneInfo) -> datetime | None:
    if isinstance(value, datetime):
        return value.astimezone(zone)
    text = str(value or "")
    return datetime.fromisoformat(text).astimezone(zone) if text else None


def _clean(value: object) -> object:
    if isinstance(value, str):
        return line(value)
    if isinstance(value, Mapping):
        return {str(key): _clean(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(one) for one in value]
    return value


def line(text: str) -> str:
    """Return the text as one line without control or direction characters."""
    if text.isprintable():
        return text.strip()
    bare = _INVISIBLE.sub("", _unified(text).replace("\n", " ").replace("\t", " "))
    return re.sub(" {2,}", " ", bare).strip()


def lines(text: str) -> str:
    """Return the text with LF line ends, no control or direction characters."""
    return _INVISIBLE.sub("", _unified(text).replace("\t", "    ")).strip()


def _unified(text: str) -> str:
    return _LINE_ENDS.sub("\n", text).translate(_NARROW)
