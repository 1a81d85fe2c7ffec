"""The demonstration: the real azbot in a temporary folder, between stand-ins.

Only ``azbot.cli`` imports this package; nothing in production asks whether it is
being shown.
"""
