"""Words, dates and numbers in French, English and Spanish."""
