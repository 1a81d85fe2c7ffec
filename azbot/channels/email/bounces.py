"""Delivery reports: which address failed, for how long, of which mail (email.md §5.3).

Who failed is best told by the token of the return path, which stands in
``Inbound.recipients`` and is read by whoever knows the key. Here is what the report
itself says: RFC 3464 fields, then the headers it encloses, then heuristics.
"""

from __future__ import annotations

import email
import re
from email import policy

from azbot.channels.email.automatic import is_daemon
from azbot.channels.email.headers import Headers, one_line, read_headers
from azbot.channels.email.mime import Part
from azbot.messages import Address, Bounce

_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
_REPLY_CODE = re.compile(r"(?<!\d)(?:SMTP[^\n]{0,40}?\b)?(5[0-5]\d|4[25]\d)[ -]")
_ADDRESS = re.compile(r"[^\s<>\"';:,()\[\]]{1,64}@[A-Za-z0-9.-]{1,255}")
_MESSAGE_ID = re.compile(
    r"^Message-ID:\s{0,5}(<[^\s<>]{3,900}>)", re.IGNORECASE | re.MULTILINE
)
_SUBJECT = re.compile(
    r"undeliver|delivery (?:status|failure|has failed|problem|report)|returned mail"
    r"|mail delivery (?:failed|system|subsystem)|failure notice|non remis"
    r"|échec de (?:la )?(?:remise|distribution)"
    r"|n.a pas (?:pu être|été) (?:remis|distribué)"
    r"|message non distribué|no se (?:pudo|ha podido) entregar|no entregado"
    r"|delivery delayed|warning: could not send|remise (?:différée|retardée)"
    r"|unzustellbar|mancata consegna",
    re.IGNORECASE,
)
_DELAY = re.compile(
    r"delayed|still being retried|will (?:be|keep) (?:retry|try)"
    r"|warning: could not send"
    r"|différée|retardée|nouvelles? tentatives?|will continue to try",
    re.IGNORECASE,
)
_LONGEST_DIAGNOSTIC = 300
_DELIVERY_TYPES = ("message/delivery-status", "message/global-delivery-status")
_ENCLOSED_TYPES = (
    "message/rfc822",
    "text/rfc822-headers",
    "message/rfc822-headers",
    "message/global",
    "message/global-headers",
    "message/partial",
)


def read_bounce(
    root: Part, sender: Address | None, subject: str, content: bytes
) -> Bounce | None:
    """Say what a delivery report says; None when the message is not one.

    Args:
        root: the message.
        sender: its From.
        subject: decoded.
        content: its octets, for the heuristics that come last.

    Source: RFC 3464, RFC 3463; email.md §5.3.
    """
    report = _structured(root)
    if report is not None:
        return report
    if not _looks_returned(root, sender, subject):
        return None
    return _heuristic(root, subject, content)


def _looks_returned(root: Part, sender: Address | None, subject: str) -> bool:
    headers = root.headers
    if "x-failed-recipients" in headers:
        return True
    if root.media_type == "multipart/report":
        kind = root.parameters.get("report-type", "").lower()
        return kind in ("", "delivery-status")
    returned = headers.raw("return-path").strip() == "<>"
    if is_daemon(sender):
        return returned or bool(_SUBJECT.search(subject)) or _has_enclosed(root)
    return returned and bool(_SUBJECT.search(subject))


def _has_enclosed(root: Part) -> bool:
    return any(part.media_type in _ENCLOSED_TYPES for part in root.walk())


def _structured(root: Part) -> Bounce | None:
    """Read the machine part; of several recipients the worst off is told."""
    for part in root.walk():
        if part.media_type not in _DELIVERY_TYPES:
            continue
        groups = _field_groups(part.content())
        found = [group for group in groups if "action" in group or "status" in group]
        if found:
            worst = min(found, key=_severity)
            return _from_fields(worst, _original_id(root))
    return None


def _field_groups(content: bytes) -> list[Headers]:
    blocks = re.split(rb"\r?\n[ \t]*\r?\n", content[:200_000].strip())[:200]
    read = (read_headers(block.strip(b"\r\n")) for block in blocks)
    return [group for group in read if group is not None and group.fields]


_ACTIONS = ("failed", "delayed", "relayed", "expanded", "delivered")


def _severity(group: Headers) -> int:
    action = group.raw("action").partition(";")[0].strip().lower()
    return _ACTIONS.index(action) if action in _ACTIONS else len(_ACTIONS)


def _from_fields(group: Headers, original_id: str) -> Bounce | None:
    action = group.raw("action").partition(" ")[0].strip(" ;").lower()
    if action in ("delivered", "relayed", "expanded"):
        return None
    diagnostic = group.text("diagnostic-code").partition(";")[2].strip()
    status = _status_in(group.raw("status")) or _status_in(diagnostic)
    recipient = group.raw("original-recipient") or group.raw("final-recipient")
    recipient = recipient.rpartition(";")[2].strip().strip("<>")
    return Bounce(
        recipient=recipient[:320] if "@" in recipient else "",
        status=status,
        is_permanent=_is_permanent(status, action),
        diagnostic=one_line(diagnostic)[:_LONGEST_DIAGNOSTIC],
        original_id=original_id,
    )


def _is_permanent(status: str, action: str) -> bool:
    """A delay, a full mailbox and a refusal of our reputation are not a dead address.

    Source: RFC 3463 (4.x.x persistent transient, x.2.2 full, x.7.x policy).
    """
    if action == "delayed" or status.startswith("4."):
        return False
    if status.startswith("2."):
        return False
    return status != "5.2.2" and not status.startswith("5.7.")


def is_delayed(bounce: Bounce, subject: str, root: Part) -> bool:
    """Whether the server still tries, as opposed to having given up softly."""
    for part in root.walk():
        if part.media_type in _DELIVERY_TYPES:
            groups = _field_groups(part.content())
            actions = {group.raw("action").strip(" ;").lower() for group in groups}
            return "delayed" in actions and "failed" not in actions
    return not bounce.is_permanent and bool(
        _DELAY.search(subject) or _DELAY.search(bounce.diagnostic)
    )


def _status_in(text: str) -> str:
    found = _STATUS.search(text[:2_000])
    return ".".join(found.groups()) if found else ""


def _original_id(root: Part) -> str:
    """Find the Message-ID of our mail in what the report encloses."""
    for part in root.walk():
        if part.media_type in _ENCLOSED_TYPES:
            text = part.content()[:100_000].decode("utf-8", "replace")
            unfolded = re.sub(r"\r?\n(?=[ \t])", "", text)
            if found := _MESSAGE_ID.search(unfolded):
                return found[1]
    return ""


def _heuristic(root: Part, subject: str, content: bytes) -> Bounce:
    text = _first_text(root)
    original_id = _original_id(root)
    if not original_id and (found := _MESSAGE_ID.search(text)):
        original_id = found[1]
    permanent, recipient = _by_library(content)
    named = root.headers.raw("x-failed-recipients").partition(",")[0].strip()
    if not (named or recipient):
        own = {box.casefold() for box in _ADDRESS.findall(root.headers.raw("to"))}
        others = [a for a in _ADDRESS.findall(text[:4_000]) if a.casefold() not in own]
        recipient = others[0].rstrip(".") if others else ""
    line = _diagnostic_line(text)
    status = _status_in(line) or _status_in(text)
    is_soft = bool(_DELAY.search(subject) or _DELAY.search(text[:2_000]))
    hard = _is_permanent(status, "") if status else not is_soft
    return Bounce(
        recipient=(named or recipient)[:320],
        status=status,
        is_permanent=hard and not is_soft and permanent is not False,
        diagnostic=line[:_LONGEST_DIAGNOSTIC],
        original_id=original_id,
    )


def _first_text(root: Part) -> str:
    for part in root.walk():
        if part.media_type == "text/plain":
            return part.content()[:20_000].decode("utf-8", "replace")
    return ""


def _diagnostic_line(text: str) -> str:
    for line in text.splitlines()[:200]:
        if _STATUS.search(line[:1_000]) or _REPLY_CODE.search(line[:1_000]):
            return one_line(line)
    return ""


def _by_library(content: bytes) -> tuple[bool | None, str]:
    """Ask flufl.bounce: (permanent or not known, address)."""
    from flufl.bounce import all_failures  # noqa: PLC0415 - rare

    try:
        message = email.message_from_bytes(content[:200_000], policy=policy.default)
        temporary, permanent = all_failures(message)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None, ""
    for known, addresses in ((True, permanent), (False, temporary)):
        if addresses:
            return known, min(addresses).decode("utf-8", "replace")
    return None, ""
