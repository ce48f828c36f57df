"""A trace, step by step, showing only what changed."""

from collections.abc import Iterable, Iterator
from itertools import groupby, pairwise
from typing import Any

from attrs import evolve

from coterie.checks.component import Delivered, Invoked, Lost
from coterie.checks.lasso import breaks, starved
from coterie.checks.result import Finding, Trace, Verdict
from coterie.checks.view import WorldView
from coterie.checks.world import Step, Values, World
from coterie.commands.changes import Change, changes
from coterie.commands.page import Line, line, wrapped
from coterie.commands.words import happening, place, text
from coterie.model.machine import Node
from coterie.spec.property import Kind
from coterie.spec.refinement import Refinement

STARVED = 3
_EMPTY: tuple[Any, ...] = (None, (), frozenset(), {})
_END = {
    Kind.ALWAYS: "here it is false",
    Kind.STEP_ALWAYS: "this last step makes it false",
    Kind.AT_REST: "nothing but faults can happen here, and it is false",
    Kind.RECOVERABLE: "from here no path without faults reaches a state that makes it true",
    Kind.REACHABLE: "here it is true",
    Kind.REFINES: "here the abstract machine cannot follow",
    Kind.EVENTUALLY: "so it never comes true",
    Kind.LEADS_TO: "so what is owed never comes",
    Kind.EVENTUALLY_ALWAYS: "so it is false again and again",
}


def shown(world: World, finding: Finding, width: int, *, brief: bool = False) -> list[Line]:
    """Return the trace of `finding` in lines; only its happenings when `brief`."""
    if finding.trace is None:
        return [line(f"    {_without_a_trace(finding)}", "italic")]
    lines = run(world, finding.trace, width, brief=brief)
    for conclusion in conclusions(world, finding):
        lines += wrapped(f"{conclusion}.", width, first="    => ", later=" " * 7, style="italic")
    return lines


def run(world: World, trace: Trace, width: int, *, brief: bool = False) -> list[Line]:
    """Return a run in lines, whatever it shows; only its happenings when `brief`."""
    lines = [] if brief else _start(world, trace.start, width)
    for number, step in enumerate(trace.steps, start=1):
        if trace.loop == number - 1:
            lines.append(line("    for ever, again and again:"))
        lines += _step(number, "; ".join(map(happening, step.happenings)), width, fault=step.fault)
        if not brief:
            for change in news(world, trace.states[number - 1], step):
                lines += wrapped(str(change), width, first=" " * 11, later=" " * 13, style="dim")
    if trace.loop == len(trace.steps):
        lines.append(line("    for ever: nothing more happens"))
    return lines


def conclusions(world: World, finding: Finding) -> list[str]:
    """Return what the end of a finding's run shows, and what else there is to say of it.

    A run that decides nothing shows nothing.
    """
    if finding.verdict is Verdict.UNDETERMINED:
        return []
    return [_ending(world, finding), *further(world, finding)]


def news(world: World, before: Values, step: Step) -> list[Change]:
    """Return what a step changed, but for what its own words say."""
    return list(_unsaid(step, changes(world, before, step.values)))


def _start(world: World, start: Values, width: int) -> list[Line]:
    """Return what the world begins with; what is alike is said once."""
    values = {place(world, key): text(start[slot]) for key, slot in _present(world, start)}
    lines = [line("    start")]
    for value, names in groupby(values, key=lambda name: values[name]):
        words = f"{', '.join(names)}: {value}"
        lines += wrapped(words, width, first=" " * 11, later=" " * 13, style="dim")
    return lines


def _present(world: World, values: Values) -> list[tuple[Any, int]]:
    return [
        (key, slot)
        for key, slot in world.slots.items()
        if (isinstance(key, Node) and key in world.machines) or values[slot] not in _EMPTY
    ]


def _step(number: int, words: str, width: int, *, fault: bool) -> list[Line]:
    first = f"{number:>7}  "
    if fault:
        return wrapped(f"{words}  [fault]", width, first=first, style="yellow")
    return wrapped(words, width, first=first, style="bold")


def _unsaid(step: Step, found: Iterable[Change]) -> Iterator[Change]:
    """Yield the changes, but for the message that left its channel, which the step has named."""
    said = {text(each.message) for each in step.happenings if isinstance(each, Delivered | Lost)}
    said |= {text(each.operation) for each in step.happenings if isinstance(each, Invoked)}
    for change in found:
        left = tuple(each for each in change.lost if each not in said)
        if change.gained or left or not change.lost:
            yield evolve(change, lost=left)


def _without_a_trace(finding: Finding) -> str:
    if finding.claim.kind is Kind.REACHABLE:
        return "=> no reachable state makes it true, so there is no run to show."
    return "=> there is no run to show."


def _ending(world: World, finding: Finding) -> str:
    assert finding.trace is not None
    ending = _END[finding.claim.kind]
    if finding.verdict is Verdict.VIOLATED and (culprits := _culprits(world, finding)):
        return f"{ending} of {culprits}"
    return ending


def _culprits(world: World, finding: Finding) -> str:
    """Return the tuples of nodes for which the claim is false at the end, if it is of any."""
    assert finding.trace is not None
    claim, states = finding.claim, finding.trace.states
    if claim.kind in {Kind.RECOVERABLE, Kind.REFINES}:
        return ""
    if claim.kind.is_temporal:
        found = claim.instances(WorldView(world, ()))
        owed = [nodes for nodes in found if nodes and breaks(claim, world, finding.trace, nodes)]
        return " and of ".join(", ".join(map(str, nodes)) for nodes in owed)
    last = states[-2 if claim.kind is Kind.STEP_ALWAYS else -1 :]
    views = [WorldView(world, values) for values in last]
    tuples = [nodes for nodes in claim.instances(views[0]) if nodes]
    wrong = [nodes for nodes in tuples if not claim.claim(*views, *nodes)]
    return " and of ".join(", ".join(map(str, nodes)) for nodes in wrong)


def further(world: World, finding: Finding) -> Iterator[str]:
    """Yield what else there is to say of a counterexample."""
    assert finding.trace is not None
    if finding.verdict is not Verdict.VIOLATED:
        return
    claim = finding.claim.claim
    if isinstance(claim, Refinement):
        yield from _not_followed(world, finding.trace, claim)
    elif finding.trace.loop is not None:
        waiting = [happening(each) for each in starved(world, finding.trace)]
        if waiting:
            more = f", and {len(waiting) - STARVED:,} more" if len(waiting) > STARVED else ""
            yield f"starved, though it could happen: {'; '.join(waiting[:STARVED])}{more}"
        yield from _remedies(finding)


def _remedies(finding: Finding) -> Iterator[str]:
    """Yield the smallest sets of fairness that would make the claim true, if asked for."""
    if finding.remedies is None:
        return
    if not finding.remedies:
        yield "no fairness of deliveries, options, operations and restarts makes it true"
    for assumptions in finding.remedies:
        yield f"it is true under {' and '.join(map(str, assumptions))}"


def _not_followed(world: World, trace: Trace, claim: Refinement) -> Iterator[str]:
    """Yield the abstract step that is missing, and those that there are."""
    views = [WorldView(world, values) for values in trace.states]
    if not trace.steps:
        yield f"it begins as {text(claim.mapping(views[-1]))}"
        yield f"it should begin as {text(claim.machine(views[-1]).start(None).state)}"
        return
    before, after = (claim.mapping(view) for view in views[-2:])
    allowed = claim.reached(claim.machine(views[-1]), before) - {before}
    yield f"the abstract state goes from {text(before)} to {text(after)}"
    yield f"it could go to {', or to '.join(sorted(map(text, allowed))) or 'nothing else'}"


def as_data(world: World, trace: Trace) -> dict[str, Any]:
    """Return `trace` for machines to read."""
    start = {
        place(world, key): text(trace.start[slot]) for key, slot in _present(world, trace.start)
    }
    steps = [
        {
            "happenings": [happening(each) for each in step.happenings],
            "fault": step.fault,
            "changes": _changes_as_data(world, before, after),
        }
        for step, (before, after) in zip(trace.steps, pairwise(trace.states), strict=True)
    ]
    loop = {} if trace.loop is None else {"loop": trace.loop}
    return {"start": start, "steps": steps, **loop}


def _changes_as_data(world: World, before: Values, after: Values) -> dict[str, Any]:
    data: dict[str, list[dict[str, str | None]]] = {}
    for change in changes(world, before, after):
        entry = {"field": change.field, "old": change.old, "new": change.new}
        data.setdefault(change.where, []).append(entry)
    return data
