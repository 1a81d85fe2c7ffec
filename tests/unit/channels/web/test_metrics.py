"""Numbers for Prometheus."""

from __future__ import annotations

import pytest
from prometheus_client.parser import text_string_to_metric_families

from azbot.channels.web.metrics import Metrics
from azbot.ports import Meter, Unmeasured


def _values(metrics: Metrics) -> dict[str, float]:
    text, _ = metrics.expose()
    return {
        sample.name + str(sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text.decode())
        for sample in family.samples
    }


def test_what_is_counted_can_be_read() -> None:
    metrics = Metrics()
    metrics.count("deliveries", kind="planned", result="sent")
    metrics.count("deliveries", 2, kind="planned", result="sent")
    metrics.count("mails_received", channel="email")
    metrics.observe("handling_seconds", 0.2)
    metrics.set_level("intake_waiting", 4)
    values = _values(metrics)
    assert values["azbot_deliveries_total['planned', 'sent']"] == 3
    assert values["azbot_mails_received_total['email']"] == 1
    assert values["azbot_handling_seconds_count[]"] == 1
    assert values["azbot_intake_waiting[]"] == 4


def test_a_loop_that_vanished_is_told_no_more() -> None:
    metrics = Metrics()
    metrics.set_levels("loop_up", "loop", {"a": 1, "b": 0})
    metrics.set_levels("loop_up", "loop", {"b": 1})
    assert "azbot_loop_up['a']" not in _values(metrics)


def test_two_processes_in_one_do_not_mix() -> None:
    first, second = Metrics(), Metrics()
    first.observe("handling_seconds", 1)
    assert _values(second)["azbot_handling_seconds_count[]"] == 0


def test_a_misspelt_name_is_an_error_at_once() -> None:
    with pytest.raises(KeyError):
        Metrics().count("delivries", kind="planned", result="sent")
    with pytest.raises(ValueError, match="label"):
        Metrics().count("deliveries", kind="planned")


def test_workers_may_count_where_nobody_reads() -> None:
    meter: Meter = Unmeasured()
    meter.count("mails_received", channel="email")
    meter.observe("handling_seconds", 0.2)
    meter = Metrics()
    meter.count("mails_received", channel="email")
