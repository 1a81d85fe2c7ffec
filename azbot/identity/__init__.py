"""Who somebody is: addresses proved by codes, chat accounts, how fast one may try."""
