"""Real servers for tests, private and on loopback only."""
