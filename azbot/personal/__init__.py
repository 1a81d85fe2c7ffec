"""What a person may ask for: everything about them, and its end (GDPR 15, 17, 20)."""
