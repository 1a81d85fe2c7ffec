"""What may happen to an assistance: pure values and pure functions.

``decide`` is the door: (assistance, command, actor, now, rules) → Decision | Refusal.
Nothing here reads a clock, a file or the network.
"""
