"""What every test has: a clock, real servers, no other machine, no settings of ours.

A test that needs a server takes its fixture: ``dovecot``, ``smtp_sink``,
``postgres_url``. Where the server cannot be had the test is skipped, and says so;
under ``CI=true`` a skip is a failure.
"""

from __future__ import annotations

import os
import time
from collections.abc import Generator
from pathlib import Path

import hypothesis
import pytest
import structlog

from azbot.testing.clock import FakeClock

IS_CI = os.environ.get("CI", "").lower() == "true"

pytest_plugins = [
    "tests.loopback",
    "tests.servers.certificate",
    "tests.servers.clamd",
    "tests.servers.dovecot",
    "tests.servers.postgres",
    "tests.servers.s3",
    "tests.servers.smtp",
]
# The stores of the contract suite.
if Path(__file__).with_name("stores.py").exists():
    pytest_plugins.append("tests.stores")


def pytest_configure() -> None:
    """Give all tests the same surroundings, whoever runs them."""
    clean_environment()
    # The machine is shared: how long one example takes says nothing. Under CI the
    # examples are the same each time; elsewhere new ones are tried.
    hypothesis.settings.register_profile(
        "azbot",
        deadline=None,
        derandomize=IS_CI,
        print_blob=True,
        suppress_health_check=[hypothesis.HealthCheck.too_slow],
    )
    hypothesis.settings.load_profile("azbot")


def clean_environment() -> None:
    """Remove what would change an outcome from one machine to the next."""
    for name in list(os.environ):
        if name.startswith(("AZBOT_", "AWS_", "PG", "LC_")) or name.lower().endswith(
            "_proxy"
        ):
            del os.environ[name]
    # A zone where nobody who reads this lives: local time by mistake is seen.
    surroundings = {"TZ": "Asia/Kathmandu", "LANG": "C.UTF-8", "COLUMNS": "80"}
    os.environ.update(surroundings, NO_COLOR="1")
    time.tzset()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skipped test into a failed one under CI."""
    report = yield
    if IS_CI and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, which CI does not allow: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Turn a skipped module into a failed one under CI."""
    report = yield
    if IS_CI and report.skipped:
        report.outcome = "failed"
        report.longrepr = f"skipped, which CI does not allow: {report.longrepr}"
    return report


@pytest.fixture(autouse=True)
def quiet_logs() -> None:
    """Log nowhere: drawing a traceback takes longer than most tests.

    ``structlog.testing.capture_logs`` works as usual.
    """
    structlog.configure(
        processors=[structlog.processors.KeyValueRenderer()],
        logger_factory=structlog.ReturnLoggerFactory(),
        cache_logger_on_first_use=False,
    )


@pytest.fixture
def clock() -> FakeClock:
    """A clock that the test advances; it starts on a Monday at 8:00 UTC."""
    return FakeClock()
