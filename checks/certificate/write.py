"""Writing a certificate: what an exploration has found, and the states it rests on."""

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TextIO

from coterie.checks.certificate.encoding import encoded
from coterie.checks.certificate.format import Header, Said, Subject
from coterie.checks.certificate.ranking import ranked
from coterie.checks.certificate.run import numbered
from coterie.checks.result import Exploration, Finding, Verdict
from coterie.checks.world import Values, World
from coterie.spec.property import Kind


def write(
    out: TextIO,
    subject: Subject,
    found: Exploration,
    states: Sequence[Values] | None,
    progress: Callable[[int], None] = lambda _: None,
) -> None:
    """Write one certificate.

    Attributes:
        states: every reachable state, in any order; None where the exploration is not complete.
        progress: called with how many states are ranked, where a `recoverable` claim needs it.
    Raises: EncodingError where a value cannot be written; NoRunError where a trace is no run.
    """
    for line in _lines(subject, found, states, progress):
        out.write(json.dumps(line, separators=(",", ":"), allow_nan=False))
        out.write("\n")


def _lines(
    subject: Subject,
    found: Exploration,
    states: Sequence[Values] | None,
    progress: Callable[[int], None],
) -> Iterator[Any]:
    world = found.world
    count = None if states is None else len(states)
    claims = tuple(_said(world, finding) for finding in found.findings)
    yield Header(subject, tuple(map(str, world.slots)), count, claims).as_data()
    if states is not None:
        yield from _tables(world, states)
        recoverable = [
            each.claim
            for each in found.findings
            if (each.claim.kind, each.verdict) == (Kind.RECOVERABLE, Verdict.HOLDS)
        ]
        for name, ranks in ranked(world, recoverable, states, progress).items():
            for place, each in enumerate(ranks):
                yield {"ranks": name, "of": place, "values": each}
    yield {"end": subject.check}


def _said(world: World, finding: Finding) -> Said:
    claim, trace = finding.claim, finding.trace
    run = None if trace is None else numbered(world, trace)
    return Said(claim.name, claim.kind.value, finding.verdict, run)


def _tables(world: World, states: Sequence[Values]) -> Iterator[Any]:
    """Yield each slot's values, then each state as their places."""
    places: list[dict[Any, int]] = [{} for _ in world.slots]
    for values in states:
        for known, value in zip(places, values, strict=True):
            known.setdefault(value, len(known))
    for key, known in zip(world.slots, places, strict=True):
        yield {"slot": str(key), "values": [encoded(value) for value in known]}
    for values in states:
        yield [known[value] for known, value in zip(places, values, strict=True)]
