"""Uploads that survive a cut: tus 1.0.0, the server (docs/developers/uploads.md)."""
