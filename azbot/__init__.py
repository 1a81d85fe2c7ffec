"""azbot: a self-hosted desk for technical assistances."""

__version__ = "0.1.0"
