"""The results for machines: one JSON object."""

import json
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from coterie.checks.result import Exploration
from coterie.commands import trace
from coterie.commands.errors import UsageMistake
from coterie.commands.running import Answer, Report, Row, exit_code
from coterie.commands.words import text


def own_version() -> str:
    """Return the version of coterie that is installed."""
    try:
        return version("coterie")
    except PackageNotFoundError:
        return "0 (not installed)"


def writable(file: str) -> None:
    """Raise UsageMistake where `file` could not be written: before the work, not after it."""
    path = Path(file)
    if file != "-" and (path.is_dir() or not path.resolve().parent.is_dir()):
        raise UsageMistake(
            f"--json {file} cannot be written", "Give a file in a folder that exists."
        )


def write(reports: list[Report], file: str) -> None:
    """Write the reports to `file`, `-` being the standard output."""
    written = json.dumps(as_data(reports), indent=2, ensure_ascii=False) + "\n"
    if file == "-":
        sys.stdout.write(written)
        return
    try:
        Path(file).write_text(written, encoding="utf-8")
    except OSError as error:
        raise UsageMistake(f"--json {file} cannot be written: {error.strerror}", "") from error


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
    return value if isinstance(value, bool | int | float | str | None) else text(value)
