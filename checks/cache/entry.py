"""A verdict with its evidence as JSON, and back.

What is kept of a trace are the numbers of its steps: the world takes them again, so what comes out
of the cache is a run of the present model, and it must show again what it showed.
"""

from collections.abc import Mapping
from typing import Any

import attrs

from coterie.checks.certificate.run import NoRunError, Run, numbered, replayed
from coterie.checks.certificate.witness import shows
from coterie.checks.result import Exploration, Finding, Trace, Verdict
from coterie.checks.world import World
from coterie.spec.property import Kind, Property

SCALARS = (bool, int, float, str, type(None))


class NotKeptError(Exception):
    """An exploration that is not to be kept, or an entry that is not to be believed."""


def as_data(found: Exploration) -> dict[str, Any]:
    """Return an exploration as JSON data.

    Raises: NotKeptError where a verdict is open, or something cannot be written.
    """
    if found.stopped or any(each.verdict is Verdict.UNDETERMINED for each in found.findings):
        raise NotKeptError(found.stopped or "a verdict is open")
    if any(limit.hit for limit in found.limits):
        raise NotKeptError("a limit was hit")
    findings = [_finding_as_data(found.world, finding) for finding in found.findings]
    return {**_plain_fields(found, "world", "findings", "limits"), "findings": findings}


def _finding_as_data(world: World, finding: Finding) -> dict[str, Any]:
    try:
        run = None if finding.trace is None else numbered(world, finding.trace).as_data()
    except NoRunError as cause:
        raise NotKeptError(f"{finding.claim.name}: {cause}") from cause
    own = _plain_fields(finding, "claim", "verdict", "trace")
    said = {"property": finding.claim.name, "verdict": finding.verdict.value, "run": run}
    return {**said, "more": own}


def _plain_fields(record: Any, *others: str) -> dict[str, Any]:
    """Return the fields of `record` that are plain, which all but the `others` must be."""
    names = [a.name for a in attrs.fields(type(record)) if a.name not in others]
    return {name: _plain(name, getattr(record, name)) for name in names}


def _plain(name: str, value: Any) -> Any:
    match value:
        case tuple():
            return [_plain(name, each) for each in value]
        case Mapping():
            return {str(key): _plain(name, each) for key, each in value.items()}
        case _ if type(value) in SCALARS:
            return value
    raise NotKeptError(f"{name} is {value!r}, which cannot be kept")


def _as_it_was(value: Any) -> Any:
    return tuple(map(_as_it_was, value)) if isinstance(value, list) else value


def exploration(world: World, claims: tuple[Property, ...], data: Mapping[str, Any]) -> Exploration:
    """Return the exploration of `world` that `as_data` has written.

    Raises: NotKeptError where the data are not of these claims, or a run shows nothing.
    """
    try:
        kept = {finding["property"]: finding for finding in data["findings"]}
        findings = tuple(_finding(world, claim, kept[claim.name]) for claim in claims)
        rest = {name: _as_it_was(each) for name, each in data.items() if name != "findings"}
        return Exploration(world=world, findings=findings, **rest)
    except (KeyError, TypeError, ValueError, AttributeError) as cause:
        raise NotKeptError(f"it cannot be read: {cause}") from cause


def _finding(world: World, claim: Property, data: Mapping[str, Any]) -> Finding:
    verdict = Verdict(data["verdict"])
    trace = None if data["run"] is None else replayed(world, Run(**data["run"]))
    if trace is not None and not _plausible(world, claim, verdict, trace):
        raise NotKeptError(f"its run does not show that {claim.name} {verdict.value}")
    silent = Verdict.VIOLATED if claim.kind is Kind.REACHABLE else Verdict.HOLDS
    if trace is None and verdict is not silent:
        raise NotKeptError(f"it says without a run that {claim.name} {verdict.value}")
    return Finding(claim, verdict, trace, **data["more"])


def _plausible(world: World, claim: Property, verdict: Verdict, trace: Trace) -> bool:
    """Return whether the run shows it, as far as that can be told without searching."""
    if claim.kind is Kind.RECOVERABLE:
        return verdict is Verdict.VIOLATED
    return shows(world, claim, verdict, trace)
