"""The web: one corridor (errors, headers, limits, health) and its rooms.

``server.build_app`` makes the application from ``seams.WebDeps``; ``api`` is the
room of programs, ``verify``, ``status`` and ``privacy`` are pages for people. Nothing
here decides anything: commands go to the desk, lists come from the read side.
"""
