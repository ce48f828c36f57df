"""What is recorded of one check: its verdicts, the code that they are about, and runs in numbers.

An entry is JSON that reads well in a difference of two versions: one line a run, and whatever may
change without meaning anything (the seconds) on lines of its own.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Protocol, TypeVar

from attrs import asdict, field, frozen
from attrs.validators import optional

from coterie.checks.certificate.run import Run
from coterie.checks.result import Limit, Verdict

T = TypeVar("T")
INDENT = "  "
LONGEST = 1000


class NoEntryError(ValueError):
    """Data that are no entry."""


class _Named(Protocol):
    name: str


def text(_: object, about: _Named, value: Any) -> None:
    """Check that a field is a text.

    Raises: NoEntryError.
    """
    if not isinstance(value, str):
        raise _wrong(about, value)


def count(_: object, about: _Named, value: Any) -> None:
    """Check that a field says how many.

    Raises: NoEntryError.
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise _wrong(about, value)


def amount(_: object, about: _Named, value: Any) -> None:
    """Check that a field says how much, as of time.

    Raises: NoEntryError.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _wrong(about, value)


def _flag(_: object, about: _Named, value: Any) -> None:
    if not isinstance(value, bool):
        raise _wrong(about, value)


def _texts(_: object, about: _Named, values: tuple[Any, ...]) -> None:
    for value in values:
        text(_, about, value)


def _wrong(about: _Named, value: Any) -> NoEntryError:
    return NoEntryError(f"its {about.name} is {value!r}")


def _run(data: Mapping[str, Any] | Run | None) -> Run | None:
    return data if data is None or isinstance(data, Run) else Run(**data)


@frozen
class Said:
    """What is recorded of a property.

    Attributes:
        property: its name.
        kind: when it must hold.
        verdict: what was found.
        expected: what should be found.
        steps: how many there are in the run that shows it; None where there is none.
        violations: how many states were found that violate it.
        vacuous: why it holds without saying anything, if so.
        run: the run that shows it.
    """

    property: str = field(validator=text)
    kind: str = field(validator=text)
    verdict: Verdict = field(converter=Verdict)
    expected: Verdict = field(converter=Verdict)
    steps: int | None = field(validator=optional(count))
    violations: int = field(default=0, validator=count)
    vacuous: str = field(default="", validator=text)
    run: Run | None = field(default=None, converter=_run)


@frozen
class Kill:
    """What is recorded of a property that a mutant is to violate.

    Attributes:
        property: its name.
        verdict: what was found: VIOLATED where it kills the mutant.
        steps: how many there are in the shortest counterexample; None where none can be shown.
        declared: how many there should be.
        run: the counterexample.
    """

    property: str = field(validator=text)
    verdict: Verdict = field(converter=Verdict)
    steps: int | None = field(validator=optional(count))
    declared: int | None = field(validator=optional(count))
    run: Run | None = field(default=None, converter=_run)

    def is_as_declared(self) -> bool:
        """Whether it kills the mutant in so many steps as it should."""
        return self.verdict is Verdict.VIOLATED and self.steps == self.declared


def _kills(data: Any) -> tuple[Kill, ...]:
    return tuple(each if isinstance(each, Kill) else _made(Kill, each) for each in data)


@frozen
class Killed:
    """What is recorded of a mutant, which is explored at size small whatever the check's size.

    Attributes:
        mutant: its name.
        parameters: where they differ from the check's at size small, in canonical words.
        states: how many there were when all was decided.
        seconds: how long that took.
        kills: the properties that it should violate.
    """

    mutant: str = field(validator=text)
    parameters: str = field(validator=text)
    states: int = field(validator=count)
    seconds: float = field(validator=amount)
    kills: tuple[Kill, ...] = field(converter=_kills)

    def __getitem__(self, name: str) -> Kill:
        """Return what is recorded of the property of that name.

        Raises: KeyError.
        """
        return _called(name, {each.property: each for each in self.kills})


def _said(data: Any) -> tuple[Said, ...]:
    return tuple(each if isinstance(each, Said) else _made(Said, each) for each in data)


def _killed(data: Any) -> tuple[Killed, ...] | None:
    if data is None:
        return None
    return tuple(each if isinstance(each, Killed) else _made(Killed, each) for each in data)


def _limits(data: Any) -> tuple[Limit, ...]:
    if isinstance(data, Mapping):
        return tuple(Limit(name, **each) for name, each in data.items())
    return tuple(data)


def _are_limits(_: object, about: _Named, values: tuple[Any, ...]) -> None:
    for value in values:
        if not isinstance(value, Limit):
            raise _wrong(about, value)
        amount(_, about, value.most)
        _flag(_, about, value.hit)


def _in_order(words: Any) -> tuple[str, ...]:
    if not isinstance(words, list | tuple):
        raise NoEntryError(f"{words!r} is no list")
    return tuple(words)


@frozen
class Entry:
    """What is recorded of a check at one size.

    Attributes:
        check: its name.
        size: `small` or `full`.
        parameters: what its world was made from, in canonical words, shortened.
        code: the hash of the code that it is about.
        coterie: the version that has explored it.
        states: distinct states.
        transitions: steps taken.
        depth: the greatest number of steps from a start to a state.
        complete: whether every reachable state was explored.
        stopped: why not, in words, where something came before the end.
        seconds: how long it took.
        limits: the limits that were set, each with whether it was hit.
        reductions: what made the search smaller than the world, in words.
        properties: what is recorded of each, in the check's order.
        mutants: what is recorded of each, by name; None where they were not explored.
    """

    check: str = field(validator=text)
    size: str = field(validator=text)
    parameters: str = field(validator=text)
    code: str = field(validator=text)
    coterie: str = field(validator=text)
    states: int = field(validator=count)
    transitions: int = field(validator=count)
    depth: int = field(validator=count)
    complete: bool = field(validator=_flag)
    stopped: str = field(validator=text)
    seconds: float = field(validator=amount)
    limits: tuple[Limit, ...] = field(converter=_limits, validator=_are_limits)
    reductions: tuple[str, ...] = field(converter=_in_order, validator=_texts)
    properties: tuple[Said, ...] = field(converter=_said)
    mutants: tuple[Killed, ...] | None = field(default=None, converter=_killed)

    def __getitem__(self, name: str) -> Said:
        """Return what is recorded of the property of that name.

        Raises: KeyError.
        """
        return _called(name, {each.property: each for each in self.properties})

    def mutant(self, name: str) -> Killed:
        """Return what is recorded of the mutant of that name.

        Raises: KeyError.
        """
        return _called(name, {each.mutant: each for each in self.mutants or ()})

    def as_data(self) -> dict[str, Any]:
        """Return the entry as JSON data, from which `entry` makes it again."""
        data = asdict(self, recurse=True, value_serializer=_plain)
        own = {each.name: {"most": each.most, "hit": each.hit} for each in self.limits}
        return {**data, "limits": own}


def entry(data: Mapping[str, Any]) -> Entry:
    """Return the entry that is written in `data`.

    Raises: NoEntryError where there is none.
    """
    return _made(Entry, data)


def _made(kind: type[T], data: Any) -> T:
    try:
        return kind(**data)
    except (TypeError, ValueError, AttributeError) as cause:
        raise NoEntryError(f"this is no {kind.__name__.lower()}: {cause}") from cause


def _called(name: str, among: Mapping[str, T]) -> T:
    return among[name]


def _plain(_: object, __: object, value: Any) -> Any:
    return value.value if isinstance(value, Verdict) else value


def shortened(words: str) -> str:
    """Return a text that is short enough for a line of a file, and still no other text's.

    What is too long ends in the SHA-256 of the whole.
    """
    if len(words) <= LONGEST:
        return words
    return f"{words[:LONGEST]}… {hashlib.sha256(words.encode()).hexdigest()}"


def laid_out(value: Any, indent: str = "") -> str:
    """Return JSON in which every record that holds no other records has one line."""
    if not _holds_records(value):
        return json.dumps(value, ensure_ascii=False)
    deeper = indent + INDENT
    if isinstance(value, Mapping):
        lines = [f"{json.dumps(key)}: {laid_out(each, deeper)}" for key, each in value.items()]
        ends = "{}"
    else:
        lines = [laid_out(each, deeper) for each in value]
        ends = "[]"
    inside = ",\n".join(f"{deeper}{each}" for each in lines)
    return f"{ends[0]}\n{inside}\n{indent}{ends[1]}"


def _holds_records(value: Any) -> bool:
    """Return whether there is a list of records in `value`, at any depth."""
    if isinstance(value, Mapping):
        return any(map(_holds_records, value.values()))
    if isinstance(value, list | tuple):
        return any(isinstance(each, Mapping) or _holds_records(each) for each in value)
    return False
