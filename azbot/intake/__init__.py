"""Steps 2 to 7 for what channels receive: accept, match, interpret, hand to the desk."""
