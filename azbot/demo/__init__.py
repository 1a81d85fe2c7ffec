"""The demonstration: the real azbot in a temporary folder, on a mailbox in memory.

Only ``azbot.cli`` imports this package; nothing in production asks whether it is
being shown.
"""
