"""The results as JUnit XML: a suite for each check, a case for each property."""

from collections import Counter
from collections.abc import Iterable, Mapping
from xml.etree.ElementTree import Element, SubElement

from coterie.commands.answering import Answer, Report, Row
from coterie.commands.outputs.markup import legal, written
from coterie.commands.outputs.telling import Outcome, outcome, said, told
from coterie.commands.setting import given


def text(reports: Iterable[Report]) -> str:
    """Return the reports as one document.

    Shape: what is undetermined is an `<error>`, never a `<skipped>` that a dashboard would hide;
    what is refuted as expected passes, with its run in `<system-out>`.
    """
    root = Element("testsuites", name="coterie")
    counts: Counter[Outcome] = Counter()
    for report in reports:
        counts += _suite(root, report)
    _count(root, counts)
    return written(root)


def _suite(root: Element, report: Report) -> Counter[Outcome]:
    counts = Counter(outcome(report, row) for row in report.rows)
    suite = SubElement(root, "testsuite", name=legal(report.job.name), time=_seconds(report, 1))
    _count(suite, counts)
    _properties(suite, _facts(report))
    for row in report.rows:
        _case(suite, report, row)
    return counts


def _count(element: Element, counts: Counter[Outcome]) -> None:
    element.set("tests", str(counts.total()))
    element.set("failures", str(counts[Outcome.FAILED]))
    element.set("errors", str(counts[Outcome.UNDETERMINED] + counts[Outcome.ERROR]))
    element.set("skipped", "0")


def _seconds(report: Report, parts: int) -> str:
    """Return the time of an exploration; its properties share it, so each has an equal part."""
    return f"{report.exploration.seconds / parts if report.exploration else 0:.3f}"


def _facts(report: Report) -> dict[str, str]:
    found = report.exploration
    numbers = {"states": found.states, "transitions": found.transitions} if found else {}
    bounds = found.world.statement() if found else {}
    parameters = {"parameters": given(report.job.parameters)}
    return parameters | {name: str(number) for name, number in numbers.items()} | bounds


def _case(suite: Element, report: Report, row: Row) -> None:
    check, time = report.job.name, _seconds(report, len(report.rows))
    name = legal(row.claim.name)
    case = SubElement(suite, "testcase", classname=legal(check), name=name, time=time)
    facts = {"verdict": row.answer.value, "expected": row.expected.value}
    _properties(case, facts | {"kind": row.claim.kind.value})
    match outcome(report, row):
        case Outcome.PASSED if row.answer is Answer.REFUTED:
            SubElement(case, "system-out").text = legal(told(report, row))
        case Outcome.PASSED:
            pass
        case Outcome.FAILED:
            _fault(case, "failure", report, row)
        case Outcome.UNDETERMINED | Outcome.ERROR:
            _fault(case, "error", report, row)


def _fault(case: Element, tag: str, report: Report, row: Row) -> None:
    kind, message = row.answer.value.lower(), legal(said(report, row))
    SubElement(case, tag, type=kind, message=message).text = legal(told(report, row))


def _properties(element: Element, facts: Mapping[str, str]) -> None:
    properties = SubElement(element, "properties")
    for name, value in facts.items():
        SubElement(properties, "property", name=legal(name), value=legal(value))
