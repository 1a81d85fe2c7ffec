"""A request, question by question (ux.md 10.4).

``Asking`` is a draft as it stands: what was answered, and which question is next.
``hearing`` reads an answer out of words, ``drawing`` makes the one message there is,
``RequestRoom`` puts them between a turn and the draft, which the pages of the portal
open as well.
"""
