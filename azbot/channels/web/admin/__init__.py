"""The room of administrators: what they may change while azbot runs (ux.md D10)."""
