"""All that leaves: letters and the files they name, sent once, tried again, given up.

Chats have their own way out: ``chat.courier``.
"""
