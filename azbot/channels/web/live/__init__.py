"""What open pages of the desk are told while they stay open (docs/developers/live.md).

``marks`` says what a page has been told already, ``hub`` reads what happened once for
everybody, ``streams`` holds what one browser has still to read, ``colleagues`` knows
who is there, ``routes`` speaks HTTP.
"""
