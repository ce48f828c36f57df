"""The results as SARIF 2.1.0: what code scanning and editors show beside the source."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from coterie.checks.result import Trace
from coterie.checks.world import Step, Values, World
from coterie.commands.answering import Answer, Report, Row, exit_code
from coterie.commands.changes import changes
from coterie.commands.outputs.json import own_version
from coterie.commands.outputs.places import Place, of_property, of_step, to_blame
from coterie.commands.outputs.telling import Outcome, outcome, said, told
from coterie.commands.words import happening

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_LEVELS = {Outcome.FAILED: "error", Outcome.ERROR: "error", Outcome.UNDETERMINED: "warning"}
Data = dict[str, Any]


def text(reports: Sequence[Report]) -> str:
    """Return the reports as one log with one run."""
    return json.dumps(as_data(reports), indent=2) + "\n"


def as_data(reports: Sequence[Report]) -> Data:
    """Return the log as plain data.

    Shape: a rule for each property, named `check.property`; a result for each that does not simply
    hold: an error, a warning where it is undetermined, a note where it is refuted as expected.
    """
    asked = [(report, row) for report in reports for row in report.rows]
    rules = {_rule_id(report, row): _rule(report, row) for report, row in asked}
    driver = {"name": "coterie", "version": own_version(), "rules": list(rules.values())}
    numbers = {name: number for number, name in enumerate(rules)}
    results = [
        _result(report, row, numbers[_rule_id(report, row)])
        for report, row in asked
        if row.answer is not Answer.HOLDS
    ]
    invocation = _invocation(list(reports))
    run = {"tool": {"driver": driver}, "invocations": [invocation], "results": results}
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run | {"columnKind": "utf16CodeUnits"}]}


def _rule_id(report: Report, row: Row) -> str:
    return f"{report.job.name}.{row.claim.name}"


def _rule(report: Report, row: Row) -> Data:
    return {
        "id": _rule_id(report, row),
        "shortDescription": _message(row.claim.statement),
        "fullDescription": _message(row.claim.documentation),
        "defaultConfiguration": {"level": "error"},
        "properties": {"kind": row.claim.kind.value, "expected": row.expected.value},
    }


def _invocation(reports: list[Report]) -> Data:
    """Return whether the work was done, and what kept it from being done."""
    hindered = [each for each in reports if each.error or each.stopped]
    notes = [
        {"level": "error" if each.error else "warning", "message": _message(_hindrance(each))}
        for each in hindered
    ]
    return {
        "executionSuccessful": not hindered,
        "exitCode": exit_code(reports),
        "toolExecutionNotifications": notes,
    }


def _hindrance(report: Report) -> str:
    return f"{report.job.name}: {report.error or f'not explored to the end: {report.stopped}'}"


def _result(report: Report, row: Row, index: int) -> Data:
    blamed, declared = to_blame(report, row), of_property(row.claim)
    result: Data = {
        "ruleId": _rule_id(report, row),
        "ruleIndex": index,
        "level": _LEVELS.get(outcome(report, row), "note"),
        "message": _message(f"{said(report, row)}\n{told(report, row)}"),
        "locations": [_location(blamed)] if blamed else [],
        "relatedLocations": [_location(declared, "the property")] if declared else [],
        "partialFingerprints": {"property/v1": _rule_id(report, row)},
        "properties": {"verdict": row.answer.value},
    }
    run = row.finding.trace if row.finding else None
    if report.exploration and run is not None:
        result["codeFlows"] = [_flow(report.exploration.world, run)]
    return result


def _message(words: str) -> Data:
    """Return a message; a brace is doubled, for a single one would begin a placeholder."""
    return {"text": words.replace("{", "{{").replace("}", "}}")}


def _location(place: Place | None, words: str = "") -> Data:
    location: Data = {"message": _message(words)} if words else {}
    if place is None:
        return location
    relative = not Path(place.file).is_absolute()
    uri = quote(place.file) if relative else Path(place.file).as_uri()
    artifact = {"uri": uri, "uriBaseId": "%SRCROOT%"} if relative else {"uri": uri}
    physical = {"artifactLocation": artifact, "region": {"startLine": place.line}}
    return location | {"physicalLocation": physical}


def _flow(world: World, run: Trace) -> Data:
    """Return the run: one thread whose locations are its steps, with what each of them changed."""
    start: Data = {"location": _location(None, "start"), "executionOrder": 0}
    steps = zip(run.states[:-1], run.steps, strict=True)
    locations = [_step(world, before, step, n) for n, (before, step) in enumerate(steps, 1)]
    flow: Data = {"threadFlows": [{"locations": [start, *locations]}]}
    if run.loop is not None:
        flow["message"] = _message(f"What follows step {run.loop} is repeated without end.")
    return flow


def _step(world: World, before: Values, step: Step, number: int) -> Data:
    words = "; ".join(map(happening, step.happenings)) + ("  [fault]" if step.fault else "")
    changed = {
        f"{each.where} {each.field}".strip(): _message(each.new or "absent")
        for each in changes(world, before, step.values)
    }
    location = _location(of_step(world, step), words)
    return {"location": location, "executionOrder": number, "state": changed}
