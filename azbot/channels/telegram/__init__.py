"""Telegram: its settings are read; the channel itself is not served yet."""
