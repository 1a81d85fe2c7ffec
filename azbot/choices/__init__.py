"""What an administrator chose while azbot runs: delays, lists, brand, words of mails.

The configuration file is the default; a choice wins until it is taken back. Choices
are rows of the store's named values, one row each, so that two administrators can
change two things at once. ``InForce`` serves the present ``Choices`` to everybody
who decides, writes or draws, in every process (decision 11).
"""

from azbot.choices.change import choose, revert
from azbot.choices.force import InForce
from azbot.choices.values import PREFIX, Choices, FromFile, Logo, read
from azbot.choices.words import Unfit

__all__ = [
    "PREFIX",
    "Choices",
    "FromFile",
    "InForce",
    "Logo",
    "Unfit",
    "choose",
    "read",
    "revert",
]
