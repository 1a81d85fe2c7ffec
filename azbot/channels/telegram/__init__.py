"""Telegram: updates in, acts out."""

from __future__ import annotations

from importlib import import_module


def __getattr__(name: str) -> object:
    """Give ``factory``, the entry point of this channel.

    Loaded when it is asked for: the library takes a second.
    """
    if name == "factory":
        return import_module("azbot.channels.telegram.channel").factory
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
