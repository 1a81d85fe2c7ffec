"""What people do in a chat, on any service with buttons (ux.md 10).

``Handler`` takes one turn inside one unit of work: it finds the account and the room
that understands the turn; what the room wants shown becomes rows of the outbox, which
``Courier`` brings to the service. Nothing here knows Telegram.
"""
