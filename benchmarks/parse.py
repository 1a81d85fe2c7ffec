"""How many mails a second are understood, and by which reader of MIME.

    python3 dev.py bench parse [--seconds 1.0] [--json]

Three ordinary mails: text alone, text and HTML, text and HTML with two files. Each
reader reads the same octets: ``lean`` is ours, ``stdlib_tree`` is our tree made by the
stdlib; ``compat32`` and ``policy_default`` are the stdlib decoding all leaves;
``parse`` is the whole way to an ``Inbound``. Compare figures of one run only.
"""

from __future__ import annotations

import argparse
import email
import json
import random
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage

from azbot.channels.email.mime import Limits, Part, read_lean, read_stdlib
from azbot.channels.email.parse import ParseSettings, parse
from azbot.messages import RawMessage

SETTINGS = ParseSettings(receiver="m365")
PARAGRAPH = "Le groupe extérieur affiche une erreur depuis lundi matin, à Évry.\n"
QUOTED = "\nLe lun. 2 mars 2026 à 10:22, Support <support@desk.example> a écrit :\n"
TRACE = (
    "from mx{0}.client.example by mail{0}.desk.example; Mon, 2 Mar 2026 10:22:31 +0100"
)


def make_mails() -> list[bytes]:
    mails = []
    for kind in range(3):
        mail = EmailMessage(policy=policy.SMTP)
        for hop in range(4):
            mail["Received"] = TRACE.format(hop)
        mail["From"] = "Élodie Martin <elodie@client.example>"
        mail["To"] = "Support <support+az1.k7@desk.example>"
        mail["Subject"] = "Re: Intervention à Villeurbanne, deuxième visite"
        mail["Date"] = "Mon, 2 Mar 2026 10:40:59 +0100"
        mail["Message-ID"] = f"<{kind}@client.example>"
        mail["References"] = "<az.root@desk.example> <az.e2.1@desk.example>"
        plain = PARAGRAPH * 8 + QUOTED + ("> " + PARAGRAPH) * 10
        mail.set_content(plain, cte="quoted-printable")
        if kind:
            body = (
                f"<div>{PARAGRAPH * 8}</div><div class='gmail_quote'>{PARAGRAPH * 10}"
            )
            mail.add_alternative(f"<html><body>{body}</div></body></html>", "html")
        if kind == 2:
            for number in range(2):
                content = b"\xff\xd8\xff" + random.Random(number).randbytes(40_000)
                name = f"Photo {number}.jpg"
                mail.add_attachment(
                    content, maintype="image", subtype="jpeg", filename=name
                )
        mails.append(mail.as_bytes())
    return mails


def leaves(part: Part) -> int:
    return sum(len(one.content()) for one in part.walk() if not one.parts)


def stdlib_leaves(content: bytes, chosen: policy.Policy) -> int:
    message = email.message_from_bytes(content, policy=chosen)
    return sum(
        len(part.get_payload(decode=True) or b"")
        for part in message.walk()
        if not part.is_multipart()
    )


def whole(content: bytes) -> int:
    at = datetime(2026, 3, 2, tzinfo=UTC)
    parse(RawMessage("email", "s", 1, content, at, len(content)), SETTINGS)
    return 1


READERS: dict[str, Callable[[bytes], int]] = {
    "lean": lambda content: leaves(read_lean(content, Limits())),
    "stdlib_tree": lambda content: leaves(read_stdlib(content, Limits())),
    "compat32": lambda content: stdlib_leaves(content, policy.compat32),
    "policy_default": lambda content: stdlib_leaves(content, policy.default),
    "parse": whole,
}


def rate(reader: Callable[[bytes], int], mails: list[bytes], seconds: float) -> float:
    count, began = 0, time.process_time()
    while (spent := time.process_time() - began) < seconds:
        for content in mails:
            reader(content)
        count += len(mails)
    return count / spent


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=1.0, help="per reader")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(arguments)
    mails = make_mails()
    rates = {name: rate(one, mails, options.seconds) for name, one in READERS.items()}
    base = rates["compat32"]
    found = {
        "mails_per_second": {name: round(value) for name, value in rates.items()},
        "ratio_to_compat32": {n: round(v / base, 2) for n, v in rates.items()},
    }
    if options.json:
        print(json.dumps(found))
        return 0
    for name, value in rates.items():
        print(f"{name:16}{value:8.0f} mails/s{value / base:8.2f} x compat32")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
