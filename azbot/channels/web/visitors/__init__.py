"""Who comes without a password: by the link of a mail, or by a code sent to them."""
