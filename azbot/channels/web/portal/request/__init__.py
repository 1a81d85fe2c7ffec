"""A new request in four steps, kept field by field until it is sent (ux.md 7.3)."""
