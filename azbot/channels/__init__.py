"""The ways in and out; none knows another."""
