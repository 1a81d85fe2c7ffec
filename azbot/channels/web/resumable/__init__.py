"""Uploads that survive a cut: the server's side of tus 1.0.0 (docs/developers/uploads.md)."""
