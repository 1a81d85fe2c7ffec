"""What ``azbot init`` asks, how each answer is tried, and the file that is made of it.

``draft`` holds the answers, ``questions`` the eight questions as values, ``trials``
what is looked at after each, ``dialogue`` speaks on a terminal, ``unattended`` works
from a file of answers, ``filing`` writes.
"""
