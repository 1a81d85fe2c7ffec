"""A kit for tests of azbot and of its channels; production never imports it."""
