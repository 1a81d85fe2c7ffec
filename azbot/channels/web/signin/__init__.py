"""The door of the desk: who comes in, how surely, and what each keeps of it."""
