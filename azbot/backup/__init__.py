"""Everything an installation remembers in one file, and back from it."""
