"""Who a chat account is: proven by a link, a telephone or an e-mail address."""
