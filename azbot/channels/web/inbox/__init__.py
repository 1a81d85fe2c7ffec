"""The room of agents: queues, list, one assistance, and what can be done with it."""
