"""The results for machines: one JSON object."""

import json
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from coterie.checks.result import Exploration
from coterie.commands import trace, words
from coterie.commands.running import Answer, Report, Row, exit_code


def own_version() -> str:
    """Return the version of coterie that is installed."""
    try:
        return version("coterie")
    except PackageNotFoundError:
        return "0 (not installed)"


def text(reports: list[Report]) -> str:
    """Return the reports as one document."""
    return json.dumps(as_data(reports), indent=2, ensure_ascii=False) + "\n"


def as_data(reports: list[Report]) -> dict[str, Any]:
    """Return the reports as one object; `results` has one entry a property."""
    results = [_result(report, row) for report in reports for row in report.rows]
    return {"coterie": own_version(), "exit_code": exit_code(reports), "results": results}


def _result(report: Report, row: Row) -> dict[str, Any]:
    found, finding = report.exploration, row.finding
    run = finding.trace if finding else None
    verdict = "error" if row.answer is Answer.ERROR else "undetermined"
    return {
        "check": report.job.name,
        "property": row.claim.name,
        "kind": row.claim.kind.value,
        "statement": row.claim.statement,
        "parameters": {name: _plain(value) for name, value in report.job.parameters.items()},
        "bounds": found.world.statement() if found else {},
        "verdict": finding.verdict.value if finding else verdict,
        "expected": row.expected.value,
        "as_expected": row.answer in (Answer.HOLDS, Answer.REFUTED),
        **_numbers(found),
        "stopped": report.stopped,
        "error": report.error,
        "trace": trace.as_data(found.world, run) if found and run is not None else None,
    }


def _numbers(found: Exploration | None) -> dict[str, Any]:
    return {
        "states": found.states if found else 0,
        "transitions": found.transitions if found else 0,
        "depth": found.depth if found else 0,
        "complete": found.complete if found else False,
        "seconds": round(found.seconds, 6) if found else 0.0,
        "python_calls": found.python_calls if found else 0,
    }


def _plain(value: Any) -> Any:
    return value if isinstance(value, bool | int | float | str | None) else words.text(value)
