"""A run in a file: what happened, in words, so that it can be run again when the model has changed.

The words of a step decide which of the possible steps is meant; its place among them only decides
between steps of the same words. So a schedule outlives every change of the model that leaves what
happens in it possible; and where it does not, the step is named that no longer applies.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import Any

from attrs import asdict, field, frozen

from coterie.checks.canonical import canonical
from coterie.checks.component import Happening
from coterie.checks.result import Trace
from coterie.checks.simulation.steps import Steps
from coterie.checks.world import Step, Values

FORMAT = 1
Words = Callable[[Happening], str]
Texts = tuple[str, ...]


class ScheduleError(Exception):
    """The text is no schedule: what is wrong with it, in a sentence."""


@frozen
class Choice:
    """One choice of a run.

    Attributes:
        said: what happened, in words; of a start, a digest of its state.
        place: its place among what was possible, from 0.
    """

    said: Texts
    place: int = 0


@frozen
class Source:
    """What makes the world in which a schedule runs, as one types it.

    Attributes:
        check: the check's name; empty where the world was not a check's.
        file: the Python file that defines the check; empty where it is of the catalogue.
        size: the size of its parameters.
        settings: the parameters that differ from those of that size.
    """

    check: str = ""
    file: str = ""
    size: str = "small"
    settings: Mapping[str, str] = field(factory=dict)


@frozen
class Schedule:
    """A run, and the property that it decides.

    Attributes:
        source: where to run it.
        claim: the property's name.
        start: which of the starting states.
        steps: the choices, first to last.
        found: how it was found, for people.
    """

    source: Source
    claim: str
    start: Choice
    steps: tuple[Choice, ...] = ()
    found: str = ""

    def to_text(self) -> str:
        """Return the schedule as JSON."""
        return json.dumps({"schedule": FORMAT, **asdict(self)}, indent=2, ensure_ascii=False) + "\n"


@frozen
class Replayed:
    """A schedule run again.

    Attributes:
        trace: the run, as far as the schedule applies.
        missing: the choice that does not apply after it; None where all did.
        possible: the steps that were possible instead.
    """

    trace: Trace
    missing: Choice | None = None
    possible: tuple[Step, ...] = ()


def recorded(
    steps: Steps, trace: Trace, source: Source, claim: str, words: Words, found: str = ""
) -> Schedule:
    """Return the schedule of `trace`, a run of the steps' world, each happening in `words`."""
    choices = [
        Choice(_said(step, words), steps.of(before).index(step))
        for before, step in zip(trace.states, trace.steps, strict=False)
    ]
    start = Choice(_digest(trace.start), steps.starts.index(trace.start))
    return Schedule(source, claim, start, tuple(choices), found)


def replayed(steps: Steps, schedule: Schedule, words: Words) -> Replayed:
    """Return what becomes of `schedule` in the steps' world as it is now.

    Raises: ScheduleError where the world has several starts, and not that of the schedule.
    """
    starts = [_digest(values) for values in steps.starts]
    place = _chosen(schedule.start, starts) if len(starts) > 1 else 0
    if place is None:
        raise ScheduleError("the world no longer has the starting state of the schedule")
    trace = Trace(steps.starts[place])
    for choice in schedule.steps:
        possible = steps.of(trace.states[-1])
        place = _chosen(choice, [_said(step, words) for step in possible])
        if place is None:
            return Replayed(trace, choice, possible)
        trace = Trace(trace.start, (*trace.steps, possible[place]))
    return Replayed(trace)


def _chosen(choice: Choice, said: Sequence[Texts]) -> int | None:
    """Return the place at which `choice` is said, its own where that is one of several."""
    places = [place for place, each in enumerate(said) if each == choice.said]
    return choice.place if choice.place in places else next(iter(places), None)


def _said(step: Step, words: Words) -> Texts:
    return tuple(map(words, step.happenings))


def _digest(values: Values) -> Texts:
    """Return what tells a state from others; nothing where it cannot be written down."""
    try:
        written = canonical(values)
    except TypeError:
        return ()
    return (f"sha256 {sha256(written.encode(errors='backslashreplace')).hexdigest()}",)


def from_text(text: str) -> Schedule:
    """Return the schedule that `to_text` has written.

    Raises: ScheduleError where it is none.
    """
    try:
        data = json.loads(text)
    except ValueError as cause:
        raise ScheduleError(f"it is not JSON: {cause}") from cause
    if not isinstance(data, dict) or data.get("schedule") != FORMAT:
        raise ScheduleError(f'it has not `"schedule": {FORMAT}`')
    source = _get(data, "source", dict)
    settings = _get(source, "settings", dict)
    return Schedule(
        Source(
            _get(source, "check", str),
            _get(source, "file", str),
            _get(source, "size", str),
            {name: _get(settings, name, str) for name in settings},
        ),
        _get(data, "claim", str),
        _choice(_get(data, "start", dict)),
        tuple(map(_choice, _get(data, "steps", list))),
        _get(data, "found", str),
    )


def _choice(data: Any) -> Choice:
    said = _get(data, "said", list)
    if not all(isinstance(each, str) for each in said):
        raise ScheduleError("`said` is not a list of texts")
    return Choice(tuple(said), _get(data, "place", int))


def _get(data: Any, name: str, kind: type) -> Any:
    if not isinstance(data, dict) or type(data.get(name)) is not kind:
        raise ScheduleError(f"it has no {name!r} that is a {kind.__name__}")
    return data[name]
