"""The intervention form on a phone: filled in without network, signed on glass."""
