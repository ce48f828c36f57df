"""The rules of the house: no test may be skipped, and what takes long is not a quick one."""

from collections.abc import Generator
from pathlib import Path

import pytest

MEASURED = Path(__file__).parent / "slow.txt"
SLOW = frozenset(MEASURED.read_text(encoding="utf-8").splitlines() if MEASURED.exists() else ())


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as slow what took about a second or longer when it was measured last (`slow.txt`)."""
    for item in items:
        if item.nodeid in SLOW:
            item.add_marker(pytest.mark.slow)


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
