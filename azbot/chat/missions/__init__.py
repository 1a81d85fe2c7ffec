"""What a station does in a chat: answer, plan, be on site, photograph (ux.md 8)."""
