"""The pages of stations, made for a phone on a building site (ux.md 8)."""
