"""How long a test waits for what will certainly come."""

from __future__ import annotations

PATIENCE = 60.0
"""Seconds: a machine of tests does other things at the same time.

It says when to give a test up, never how fast something has to be: that is what the
benchmarks measure. What comes is seen at once; only a test that fails waits as long.
"""
