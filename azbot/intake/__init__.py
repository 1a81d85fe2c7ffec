"""Steps 3 to 7 for what channels received: match, interpret, hand to the desk."""
