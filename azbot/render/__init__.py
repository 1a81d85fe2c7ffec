"""Everything azbot writes to people, in words: mails from notices.

>>> from azbot.render import Brand, Links, Reader, Renderer
"""

from azbot.render.mail import CannotWrite, Renderer
from azbot.render.values import Brand, Links, Reader, ReaderRole, Words

__all__ = [
    "Brand",
    "CannotWrite",
    "Links",
    "Reader",
    "ReaderRole",
    "Renderer",
    "Words",
]
