"""Any text made printable with the letters the report's font has.

The font lacks arrows, boxes and ticks, every Asian and right-to-left script, and
emojis. What it lacks is replaced in sight, never dropped in silence; the sealed data
attached to the PDF keep the words as they were typed.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Container

REPLACEMENT = "\ufffd"

SPELLED = {
    "\u202f": "\u00a0",
    "\u2009": "\u00a0",
    "\u2011": "-",
    "\u2192": "->",
    "\u2190": "<-",
    "\u2194": "<->",
    "\u21d2": "=>",
    "\u2610": "[ ]",
    "\u2611": "[x]",
    "\u2612": "[x]",
    "\u2713": "[x]",
    "\u2714": "[x]",
    "\u2717": "[-]",
    "\u2718": "[-]",
    "\u25cf": "•",
    "\u2103": "°C",
    "\u2109": "°F",
    "\ufeff": "",
    "\t": " ",
    "\r\n": "\n",
}
"""Signs people type that the font lacks, and what is printed for them."""


def printable(text: str, known: Container[int]) -> str:
    """Return ``text`` with only code points of ``known`` and line ends.

    Args:
        text: anything, lone surrogates and controls included.
        known: code points the font can draw.

    Returns:
        NFC text. A letter the font lacks loses its accent when that helps, else
        becomes U+FFFD; invisible controls, among them those that reverse the
        direction of text, disappear.
    """
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return "".join(_letter(char, known) for char in text)


def _letter(char: str, known: Container[int]) -> str:
    if char == "\n" or (ord(char) in known and unicodedata.category(char) != "Cf"):
        return char
    if char in SPELLED:
        return SPELLED[char]
    if char in "\u2028\u2029\v\f\u0085":
        return "\n"
    category = unicodedata.category(char)
    if category in {"Cc", "Cf", "Mn", "Me"} or 0xFE00 <= ord(char) <= 0xFE0F:
        return ""
    plain = unicodedata.normalize("NFKD", char)
    kept = "".join(part for part in plain if ord(part) in known)
    return kept if kept and plain != char else REPLACEMENT
