"""The pages of clients: one assistance, all of theirs, a new one (ux.md 7)."""
