"""What ``azbot init`` asks, how each answer is tried, and the file made of it.

``questions`` are the eight as values: ``proposals`` stand in brackets, ``reading``
makes answers of what is typed, a ``draft`` holds them. ``guessing`` asks the DNS about
a domain, ``trials`` look at an answer at once. ``dialogue`` speaks on a terminal,
``unattended`` is given a file; ``filing`` writes, ``founding`` makes the database and
its administrator.
"""
