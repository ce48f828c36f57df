"""The results for machines: one JSON object."""

import json
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from types import MappingProxyType
from typing import Any

from coterie.checks.evidence.entry import Entry
from coterie.checks.result import Exploration, Finding
from coterie.commands import trace, words
from coterie.commands.answering import Answer, Report, Row, exit_code
from coterie.commands.evidence.numbers import entry_of
from coterie.commands.outputs.telling import Outcome, outcome

NOTHING: Mapping[str, Any] = MappingProxyType({})


def own_version() -> str:
    """Return the version of coterie that is installed."""
    try:
        return version("coterie")
    except PackageNotFoundError:
        return "0 (not installed)"


def text(reports: list[Report], more: Mapping[str, Any] = NOTHING) -> str:
    """Return the reports as one document.

    Attributes:
        more: what stands beside the results; it goes before what is there already.
    """
    return json.dumps({**as_data(reports), **more}, indent=2, ensure_ascii=False) + "\n"


def as_data(reports: list[Report]) -> dict[str, Any]:
    """Return the reports as one object.

    `results` has one entry a property; `checks` has one a check, as in a file of evidence. It is
    not `whole` where an interrupt came before the end.
    """
    entries = [entry_of(report, own_version()) for report in reports]
    return {
        "coterie": own_version(),
        "exit_code": exit_code(reports),
        "whole": not any(report.interrupted for report in reports),
        "results": [
            _result(report, row, entry)
            for report, entry in zip(reports, entries, strict=True)
            for row in report.rows
        ],
        "checks": [entry.as_data() for entry in entries if entry],
    }


def _result(report: Report, row: Row, entry: Entry | None) -> dict[str, Any]:
    found, finding = report.exploration, row.finding
    numbers = entry[row.claim.name].run if entry else None
    run = finding.trace if finding else None
    verdict = "error" if row.answer is Answer.ERROR else "undetermined"
    return {
        "check": report.job.name,
        "size": report.job.size,
        "code": report.job.code,
        "property": row.claim.name,
        "kind": row.claim.kind.value,
        "statement": row.claim.statement,
        "parameters": {name: _plain(value) for name, value in report.job.parameters.items()},
        "bounds": found.world.statement() if found else {},
        "verdict": finding.verdict.value if finding else verdict,
        "expected": row.expected.value,
        "as_expected": outcome(report, row) is Outcome.PASSED,
        **_numbers(found),
        "remedies": _remedies(finding),
        "stopped": report.stopped,
        "error": report.error,
        "trace": trace.as_data(found.world, run) if found and run is not None else None,
        "run": numbers.as_data() if numbers else None,
    }


def _remedies(finding: Finding | None) -> list[list[str]] | None:
    if finding is None or finding.remedies is None:
        return None
    return [[str(each) for each in assumptions] for assumptions in finding.remedies]


def _numbers(found: Exploration | None) -> dict[str, Any]:
    return {
        "states": found.states if found else 0,
        "transitions": found.transitions if found else 0,
        "depth": found.depth if found else 0,
        "complete": found.complete if found else False,
        "seconds": round(found.seconds, 6) if found else 0.0,
        "python_calls": found.python_calls if found else 0,
        "limits": [
            {"name": limit.name, "most": limit.most, "hit": limit.hit}
            for limit in (found.limits if found else ())
        ],
        "reductions": list(found.reductions) if found else [],
        "memo": dict(found.memo) if found else {},
    }


def _plain(value: Any) -> Any:
    return value if isinstance(value, bool | int | float | str | None) else words.text(value)
