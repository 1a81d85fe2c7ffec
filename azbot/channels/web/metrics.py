"""Numbers for Prometheus; in a registry of their own, so that two apps do not mix.

Other parts count by name through ``count`` and ``observe``; the names are all here,
and a wrong one is an error at once. No label ever holds a person, an address or a
reference.
"""

from __future__ import annotations

from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

_COUNTERS = {
    "mails_received": ("Messages taken up for the first time, by channel.",
                       ("channel",)),
    "mails_handled": ("Messages with an outcome, and why they were set aside.",
                      ("state", "reason")),
    "deliveries": ("Attempts to send, by kind of notice: sent, retry, dead.",
                   ("kind", "result")),
    "commands": ("Commands by API, by name and result: done, unchanged, refused.",
                 ("command", "result")),
    "timers": ("Timers that fell due, by kind: fired, dropped, failed.",
               ("kind", "result")),
    "holds": ("Commands that could be undone, by name: done, undone, failed, crashed.",
              ("command", "result")),
    "http_problems": ("Requests answered with a problem, by code.", ("code",)),
}  # fmt: skip
_HISTOGRAMS = {
    "http_request_seconds": (
        "Time to answer a request, by route.",
        ("method", "route", "status"),
        (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
    ),
    "handling_seconds": (
        "From the receipt of a message to its outcome.",
        (),
        (0.1, 0.5, 1, 2, 5, 10, 30, 60, 300),
    ),
    "delivery_seconds": (
        "From the instant a delivery is due to its receipt.",
        ("channel",),
        (0.1, 0.5, 1, 2, 5, 10, 30, 60, 300, 3600),
    ),
}
_GAUGES = {
    "outbox_rows": ("Rows of the outbox, by state.", ("state",)),
    "outbox_oldest_seconds": ("How late the oldest pending delivery is.", ()),
    "intake_waiting": ("Received messages without an outcome.", ()),
    "intake_oldest_seconds": ("Age of the oldest message without an outcome.", ()),
    "quarantine_waiting": ("Messages that wait for a person.", ()),
    "last_mail_age_seconds": ("Since the last message was received.", ()),
    "service_heard_seconds": (
        "Since a service last answered, by channel.",
        ("channel",),
    ),
    "disk_free_bytes": ("Room left where data are kept, by folder.", ("folder",)),
    "backup_age_seconds": ("Since the last good backup.", ()),
    "ailments": ("1 for each thing that needs somebody, by what it is.", ("what",)),
    "assistances": ("Assistances, by status.", ("status",)),
    "loop_up": ("1 while a loop runs, 0 while it waits after a failure.", ("loop",)),
    "loop_restarts": ("How often a loop was started again.", ("loop",)),
    "live_streams": ("Browsers that are told what happens.", ()),
    "store_up": ("1 when the database answered just now.", ()),
}


class Metrics:
    """Counters, durations and levels of one process: the ``Meter`` of the workers.

    Args:
        registry: where they are kept; a fresh one by default.
    """

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self.registry = registry or CollectorRegistry(auto_describe=True)
        self._counters = {
            name: Counter(f"azbot_{name}", text, labels, registry=self.registry)
            for name, (text, labels) in _COUNTERS.items()
        }
        self._histograms = {
            name: Histogram(
                f"azbot_{name}", text, labels, buckets=buckets, registry=self.registry
            )
            for name, (text, labels, buckets) in _HISTOGRAMS.items()
        }
        self._gauges = {
            name: Gauge(f"azbot_{name}", text, labels, registry=self.registry)
            for name, (text, labels) in _GAUGES.items()
        }

    def count(self, name: str, by: float = 1, **labels: str) -> None:
        """Add to a counter: ``count("deliveries", kind="planned", result="sent")``.

        Raises:
            KeyError: no counter has this name.
            ValueError: its labels are others.
        """
        counter = self._counters[name]
        (counter.labels(**labels) if labels else counter).inc(by)

    def observe(self, name: str, seconds: float, **labels: str) -> None:
        """Add one duration; errors as ``count``."""
        histogram = self._histograms[name]
        (histogram.labels(**labels) if labels else histogram).observe(seconds)

    def set_level(self, name: str, value: float, **labels: str) -> None:
        """Say how much there is now; errors as ``count``."""
        gauge = self._gauges[name]
        (gauge.labels(**labels) if labels else gauge).set(value)

    def set_levels(self, name: str, label: str, values: Mapping[str, float]) -> None:
        """Replace all levels of a gauge with one label; vanished ones go."""
        gauge = self._gauges[name]
        gauge.clear()
        for key, value in values.items():
            gauge.labels(**{label: key}).set(value)

    def expose(self) -> tuple[bytes, str]:
        """Return the text Prometheus reads, and its media type."""
        return generate_latest(self.registry), CONTENT_TYPE_LATEST
