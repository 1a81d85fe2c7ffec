"""Who really wrote: one believable From, and what our own receiver found (§6).

Only the header of our own receiver is believed. Senders can write
``Authentication-Results`` too, so "the first" or "any pass" would believe them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from azbot.channels.email.headers import (
    Headers,
    Mailbox,
    plain,
    read_addresses,
    read_parameters,
)
from azbot.messages import Address, Alignment, Reason

Dns = Callable[..., bytes]
"""``dns(name, timeout=…)`` → the TXT record, as dkimpy asks for it."""

SINGLETONS = (
    "from",
    "sender",
    "reply-to",
    "to",
    "cc",
    "date",
    "subject",
    "message-id",
    "in-reply-to",
    "references",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
)
"""Fields that may stand once (RFC 5322 §3.6); doubled, a signature may still verify."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who writes, as claimed.

    Attributes:
        sender: the address of From, None when there is none.
        suspicion: why it cannot be believed, None when it can.
    """

    sender: Address | None
    suspicion: Reason | None = None


def read_sender(headers: Headers) -> Identity:
    """Read From: exactly one mailbox in exactly one field, or a suspicion.

    A group, a CR inside, a name that shows another address, and look-alike letters
    of several scripts are disguises.
    """
    fields = headers.all("from")
    boxes = [box for value in fields[:5] for box in read_addresses(plain(value), 20)]
    if not boxes:
        return Identity(None, Reason.NO_SENDER)
    sender = boxes[0].address
    if len(fields) > 1 or len(boxes) > 1:
        return Identity(sender, Reason.SEVERAL_SENDERS)
    if _is_disguised(boxes[0], fields[0]):
        return Identity(sender, Reason.DISGUISED_SENDER)
    return Identity(sender)


_SHOWN_ADDRESS = re.compile(r"[^\s<>\"'(),;:]{1,64}@[^\s<>\"'(),;:]{1,255}")


def _is_disguised(box: Mailbox, value: bytes) -> bool:
    if box.in_group or b"\r" in value or b"\x00" in value:
        return True
    address = box.address
    shown = unicodedata.normalize("NFKC", address.name)
    for other in _SHOWN_ADDRESS.findall(shown):
        if (
            other.strip(".").casefold() != address.key
            and "." in other.rpartition("@")[2]
        ):
            return True
    return any(mixes_scripts(label) for label in re.split(r"[@.]", address.email))


_LOOKALIKES = frozenset({"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE"})


def mixes_scripts(label: str) -> bool:
    """Whether one label holds letters of several look-alike scripts (homograph)."""
    if label.isascii():
        return False
    scripts = {
        unicodedata.name(character, "").partition(" ")[0]
        for character in label[:255]
        if character.isalpha()
    }
    return len(scripts & _LOOKALIKES) > 1


def has_doubled_field(headers: Headers) -> bool:
    """Whether a field that may stand once stands twice."""
    names = [name for name, _ in headers.fields if name in SINGLETONS]
    return len(names) != len(set(names))


# --- Authentication-Results -------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Result:
    """One method's result.

    Attributes:
        method: ``dmarc``, ``dkim``, ``spf``…
        value: ``pass``, ``fail``, ``none``…
        properties: ``header.d`` → domain.
    """

    method: str
    value: str
    properties: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verdict:
    """One Authentication-Results field.

    Attributes:
        server: the authserv-id; empty in Microsoft's form.
        results: in order.
    """

    server: str
    results: tuple[Result, ...]


_METHOD = re.compile(
    r"([a-z][a-z0-9-]{0,30})(?:/\d+)?\s*=\s*([a-z]{1,20})", re.IGNORECASE
)
_PROPERTY = re.compile(
    r"([a-z]{1,20}(?:\.[a-z0-9_-]{1,40})?)\s*=\s*(?:\"([^\"]{0,320})\"|([^\s;\"]{1,320}))",
    re.IGNORECASE,
)


def read_verdict(value: str) -> Verdict:
    """Read one field, RFC 8601's form or Microsoft's; comments are not results.

    Microsoft 365 writes no authserv-id (the value starts with ``spf=``) and stray
    domains between results.
    """
    pieces = _pieces(value[:8_000])
    first = pieces[0].strip()
    server = ""
    if first and "=" not in first:
        server = first.split()[0].strip('"').rstrip(".").lower()
        pieces = pieces[1:]
    results = []
    for piece in pieces:
        found = _METHOD.match(piece.strip())
        if found is None:
            continue
        rest = piece.strip()[found.end() :]
        properties = {
            match[1].lower(): (match[2] or match[3] or "").lower()
            for match in _PROPERTY.finditer(rest)
        }
        results.append(Result(found[1].lower(), found[2].lower(), properties))
    return Verdict(server, tuple(results))


def _pieces(value: str) -> list[str]:
    """Split at ``;`` and drop nested comments, outside quoted strings, in one pass."""
    pieces: list[list[str]] = [[]]
    depth, is_quoted, is_escaped = 0, False, False
    for character in value:
        if is_escaped:
            is_escaped = False
        elif character == "\\":
            is_escaped = True
        elif character == '"' and not depth:
            is_quoted = not is_quoted
        elif not is_quoted and character == "(":
            depth += 1
        elif not is_quoted and character == ")" and depth:
            depth -= 1
            continue
        if depth:
            continue
        if character == ";" and not is_quoted:
            pieces.append([])
        else:
            pieces[-1].append(character)
    return ["".join(piece) for piece in pieces]


GMAIL = "mx.google.com"


def find_verdicts(headers: Headers, receiver: str, authserv_id: str) -> list[Verdict]:
    """Return what our own receiver wrote, and nothing a sender could have written.

    Args:
        headers: of the message.
        receiver: ``authserv-id`` (fields with our id above the last ``Received``
            of our own), ``m365`` (the topmost field, if it has no id), ``gmail``
            (the topmost, if it is Gmail's) or ``none``.
        authserv_id: the id, for the first form.
    """
    verdicts = list(_positions(headers))
    if receiver == "authserv-id" and authserv_id:
        wanted = authserv_id.lower().rstrip(".")
        border = _border(headers, wanted)
        return [v for at, v in verdicts if at < border and v.server == wanted]
    if not verdicts:
        return []
    top = verdicts[0][1]
    if receiver == "m365":
        return [top] if not top.server and top.results else []
    if receiver == "gmail":
        return [top] if top.server == GMAIL else []
    return []


def _positions(headers: Headers) -> Iterator[tuple[int, Verdict]]:
    count = 0
    for at, (name, value) in enumerate(headers.fields):
        if name == "authentication-results":
            yield at, read_verdict(plain(value))
            count += 1
        if count == 20:
            return


_BY = re.compile(r"(?:^|\s)by\s+([A-Za-z0-9._-]{1,255})")


def _border(headers: Headers, authserv_id: str) -> int:
    """Return where our own servers' fields end: at their last ``Received``.

    Walking down, ``Received`` fields are ours while they were written ``by`` our
    id's host or one of its domain. The last of them was written when the message
    came in: above it nobody else wrote.
    """
    border = 0
    for at, (name, value) in enumerate(headers.fields):
        if name != "received":
            continue
        found = _BY.search(plain(value))
        if found is None or not _is_same_site(found[1].lower(), authserv_id):
            break
        border = at
    else:
        return border or (0 if "received" in headers else len(headers.fields))
    return border


def _is_same_site(host: str, authserv_id: str) -> bool:
    if host == authserv_id or host in ("localhost", "127.0.0.1"):
        return True
    site = ".".join(authserv_id.split(".")[-2:])
    return host == site or host.endswith("." + site)


def align(
    headers: Headers, sender: Address | None, receiver: str, authserv_id: str
) -> Alignment:
    """Say whether our receiver vouches for the domain of From.

    ``dmarc=pass`` for that domain, or a DKIM or SPF pass aligned with it. A
    signature with ``l=`` counts as a fail, a doubled field likewise.

    Returns:
        UNKNOWN when our receiver said nothing, or only "none".
    """
    if sender is None:
        return Alignment.UNKNOWN
    verdicts = find_verdicts(headers, receiver, authserv_id)
    if not verdicts:
        return Alignment.UNKNOWN
    if has_doubled_field(headers):
        return Alignment.FAIL
    results = [result for verdict in verdicts for result in verdict.results]
    return _judge(results, headers, sender.email.rpartition("@")[2].lower())


def _judge(results: Sequence[Result], headers: Headers, domain: str) -> Alignment:
    dmarc = [r.value for r in results if r.method == "dmarc" and _is_about(r, domain)]
    if "fail" in dmarc:
        return Alignment.FAIL
    partial = has_partial_signature(headers, domain)
    dkim = [r for r in results if r.method == "dkim" and _signs(r, domain)]
    spf = [r for r in results if r.method == "spf" and _mails_from(r, domain)]
    if any(r.value == "pass" for r in spf):
        return Alignment.PASS
    if partial:
        return Alignment.FAIL
    if "pass" in dmarc or any(r.value == "pass" for r in dkim):
        return Alignment.PASS
    said = {r.value for r in (*dkim, *spf)} | set(dmarc)
    return Alignment.FAIL if said & {"fail", "softfail", "permerror"} else _UNKNOWN


_UNKNOWN = Alignment.UNKNOWN


def _is_about(result: Result, domain: str) -> bool:
    return result.properties.get("header.from", "") == domain


def _signs(result: Result, domain: str) -> bool:
    signer = (
        result.properties.get("header.d")
        or result.properties.get("header.i", "").rpartition("@")[2]
    )
    return is_aligned(signer, domain)


def _mails_from(result: Result, domain: str) -> bool:
    mail_from = result.properties.get("smtp.mailfrom", "")
    return is_aligned(mail_from.rpartition("@")[2], domain)


def is_aligned(one: str, domain: str) -> bool:
    """Whether a proven domain speaks for the domain of From (relaxed).

    Equal, or one below the other with two labels at least. Stricter than RFC 7489
    §3.1.1, which needs the list of public suffixes; DMARC's own result covers the
    rest.
    """
    one = one.strip(".").lower()
    if not one or one.count(".") < 1 or domain.count(".") < 1:
        return False
    return one == domain or domain.endswith("." + one) or one.endswith("." + domain)


def has_partial_signature(headers: Headers, domain: str) -> bool:
    """Whether a DKIM signature of the domain covers only a part of the body (l=)."""
    for value in headers.all("dkim-signature")[:20]:
        _, tags = read_parameters(";" + plain(value).replace(" ", ""))
        if "l" in tags and is_aligned(tags.get("d", ""), domain):
            return True
    return False


def verify_dkim(
    content: bytes, headers: Headers, sender: Address | None, dns: Dns
) -> Alignment:
    """Check DKIM ourselves, where no receiver does; blocking: use a thread.

    Args:
        content: the message's octets, unchanged.
        headers: its fields.
        sender: From.
        dns: asked for key records, with a time limit of its own.
    """
    import dkim  # noqa: PLC0415 - off by default

    if sender is None or has_doubled_field(headers):
        return Alignment.UNKNOWN
    domain = sender.email.rpartition("@")[2].lower()
    if has_partial_signature(headers, domain):
        return Alignment.FAIL
    checked = False
    for index, value in enumerate(headers.all("dkim-signature")[:5]):
        _, tags = read_parameters(";" + plain(value).replace(" ", ""))
        if not is_aligned(tags.get("d", ""), domain):
            continue
        try:
            checker = dkim.DKIM(content, timeout=5)
            if checker.verify(idx=index, dnsfunc=dns):
                return Alignment.PASS
        except dkim.ValidationError:
            pass
        except (dkim.DKIMException, OSError, ValueError, LookupError, TypeError):
            continue
        checked = True
    return Alignment.FAIL if checked else Alignment.UNKNOWN
