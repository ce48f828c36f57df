"""The rules of the house: no test may be skipped, and what takes long is not a quick one."""

from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

HERE = Path(__file__).parent

# How long an example takes says something of the machine, and nothing of what is tested.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")


def _measured(name: str) -> frozenset[str]:
    lines = HERE / name
    return frozenset(lines.read_text(encoding="utf-8").splitlines() if lines.exists() else ())


SLOW, LONG = _measured("slow.txt"), _measured("long.txt")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what took about a second (`slow.txt`) or half a minute (`long.txt`) when measured."""
    for item in items:
        if item.nodeid in SLOW | LONG:
            item.add_marker(pytest.mark.slow)
        if item.nodeid in LONG:
            item.add_marker(pytest.mark.long)


def _not_skipped(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Turn a skip into a failure that says so; an expected failure is none."""
    if report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{reason}: no test may be skipped; install what it needs"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    _not_skipped(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _not_skipped(report)
    return report
