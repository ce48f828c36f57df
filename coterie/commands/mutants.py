"""What became of mutants, in words: tables of functions and properties, and each survivor."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from attrs import frozen

from coterie.checks.mutation.campaign import Site
from coterie.checks.mutation.classify import LAW_OF_RECORDS, MODEL_ERROR, Fate, Result
from coterie.checks.mutation.matrix import Entry, Matrix
from coterie.checks.mutation.reasons import Reasons, reason
from coterie.checks.result import Trace
from coterie.checks.world import Step, Values, World
from coterie.commands.changes import changes
from coterie.commands.page import BLANK, Line, line, wrapped
from coterie.commands.words import happening

OPEN = (Fate.SURVIVED, Fate.UNCOMPARED, Fate.TIMED_OUT)
STYLES = {
    Fate.KILLED: "green",
    Fate.EQUIVALENT: "dim",
    Fate.UNCOVERED: "dim",
    Fate.SURVIVED: "bold red",
    Fate.UNCOMPARED: "bold yellow",
    Fate.TIMED_OUT: "bold yellow",
}
_CELL = 4
_NAME = 30
_COLUMNS = {
    "all": "all its mutants",
    "err": "killed, for the model itself goes wrong",
    "rec": "killed, for its records no longer say what becomes of its memory",
    "eq": "equivalent: the very same reachable graphs",
    "nc": "not covered: the changed statement never runs",
    "why": "survived, for a reason that the specification gives",
    "?": "survived without a reason, or not known",
}


def table(matrix: Matrix, reasons: Reasons, width: int) -> list[Line]:
    """Return the kill matrix: for each module a row a function, and a column a property.

    A mutant is counted once, under the first property that it violates.
    """
    modules: dict[str, list[Entry]] = {}
    for entry in matrix:
        modules.setdefault(entry.module, []).append(entry)
    lines: list[Line] = []
    for module, entries in modules.items():
        lines += [line(module, "bold"), *_module(entries, reasons, width), BLANK]
    if lines:
        lines += [
            piece
            for name, meaning in _COLUMNS.items()
            for piece in wrapped(f"{name:>{_CELL}}  {meaning}", width, later=" " * (_CELL + 2))
        ]
    return lines


def _module(entries: Sequence[Entry], reasons: Reasons, width: int) -> Iterator[Line]:
    cells = {entry.function: _cells(entry, reasons) for entry in entries}
    killers = sorted({name for each in cells.values() for name in each} - set(_COLUMNS))
    numbers = {name: f"[{1 + place}]" for place, name in enumerate(killers)}
    per_block = max(1, (width - 2 - _NAME) // _CELL - len(_COLUMNS))
    for first in range(0, max(1, len(killers)), per_block):
        block = killers[first : first + per_block]
        columns = ["all", *block, *list(_COLUMNS)[1:]]
        heads = "".join(f"{numbers.get(name, name):>{_CELL}}" for name in columns)
        yield line(f"{'':{_NAME + 2}}{heads}", "dim")
        for function, counts in cells.items():
            yield from _row(function, [counts[name] for name in columns])
    for name, number in numbers.items():
        yield line(f"  {number:>4} {name}")


def _row(function: str, counts: Sequence[int]) -> Iterator[Line]:
    if len(function) > _NAME:
        yield line(f"  {function}")
        function = ""
    numbers = "".join(f"{count or '·':>{_CELL}}" for count in counts)
    style = "bold red" if counts[-1] else ""
    yield ((f"  {function:<{_NAME}}", style), (numbers, style))


def _cells(entry: Entry, reasons: Reasons) -> Counter[str]:
    """Return how many mutants of a function go under each column."""
    cells: Counter[str] = Counter()
    for change, result in entry.results.items():
        cells["all"] += 1
        cells[_column(f"{entry.name}: {change}", result, reasons)] += 1
    return cells


def _column(mutant: str, result: Result, reasons: Reasons) -> str:
    match result.fate:
        case Fate.KILLED:
            ours = {MODEL_ERROR: "err", LAW_OF_RECORDS: "rec"}
            return ours.get(result.killers[0], result.killers[0])
        case Fate.EQUIVALENT:
            return "eq"
        case Fate.UNCOVERED:
            return "nc"
    return "why" if reason(mutant, reasons) else "?"


def counted(mutants: int) -> str:
    """Return how many mutants there are, in words."""
    return f"{mutants:,} mutant{'' if mutants == 1 else 's'}"


@frozen
class Tally:
    """How many mutants met which fate.

    Attributes:
        fates: the number of each.
        explained: how many of those that survived, or are not known, have a reason.
        unexplained: how many survived without one.
        unknown: how many of the others are not known, and have none.
    """

    fates: Counter[Fate]
    explained: int
    unexplained: int
    unknown: int

    @property
    def exit_code(self) -> int:
        """1 where a mutant has survived without a reason, else 3 where one is not known, or 0."""
        return 1 if self.unexplained else 3 if self.unknown else 0

    def summary(self) -> str:
        """Return the numbers in one sentence."""
        counts = [f"{self.fates[fate]:,} {fate.value}" for fate in Fate if self.fates[fate]]
        total = sum(self.fates.values())
        explained = f"; {self.explained} explained" if self.explained else ""
        return f"{counted(total)}: {', '.join(counts) or 'nothing to judge'}{explained}"


def tally(fates: Iterable[tuple[str, Result]], reasons: Reasons) -> Tally:
    """Return how many of these mutants, each by its name, met which fate."""
    known = list(fates)
    opened = [(name, result.fate) for name, result in known if result.fate in OPEN]
    without = [fate for name, fate in opened if not reason(name, reasons)]
    return Tally(
        Counter(result.fate for _, result in known),
        explained=len(opened) - len(without),
        unexplained=without.count(Fate.SURVIVED),
        unknown=len(without) - without.count(Fate.SURVIVED),
    )


def named(matrix: Matrix) -> list[tuple[str, Result]]:
    """Return every mutant of the matrix by its name, with its fate."""
    return [
        (f"{entry.name}: {change}", result)
        for entry in matrix
        for change, result in entry.results.items()
    ]


def told(site: Site, result: Result, why: str, world: World | None, width: int) -> list[Line]:
    """Return what there is to say of one mutant: a line; of one that survives, all."""
    fate = STYLES[result.fate]
    where = f"{site.function.name}:{site.change.line}"
    first = ((f"  {result.fate.value:<12}", fate), (f" {where}", ""))
    lines = [first, *wrapped(site.change.text, width, first=" " * 15)]
    if result.fate is Fate.KILLED:
        return [*lines, *wrapped(_by(result), width, first=" " * 15, style="dim")]
    if why:
        return [*lines, *wrapped(f"explained: {why}", width, first=" " * 15, style="dim")]
    if world is not None:
        lines += survivor(result, world, width)
    return lines


def _by(result: Result) -> str:
    steps = f" in {result.steps} steps" if result.steps is not None else ""
    return f"by {', '.join(result.killers)}{steps} ({result.check})"


def survivor(result: Result, world: World, width: int) -> Iterator[Line]:
    """Yield the shortest run that tells a survivor from the original."""
    difference = result.difference
    if difference is None:
        return
    indent = " " * 15
    trace = difference.trace
    if trace is None:
        yield from wrapped(f"in {result.check} it starts otherwise", width, first=indent)
        trace = Trace(())
    else:
        after = "after:" if trace.steps else "at the very start:"
        yield from wrapped(f"told apart in {result.check} {after}", width, first=indent)
    for number, step in enumerate(trace.steps, start=1):
        yield from wrapped(_said(step), width, first=f"{indent}{number:>3}  ")
    if difference.error:
        yield from wrapped(f"then the mutant fails: {difference.error}", width, first=indent)
    before = trace.states[-1]
    for who, steps in (("the original", difference.lost), ("the mutant", difference.gained)):
        for step in steps[:1]:
            more = f" (and {len(steps) - 1} more such steps)" if len(steps) > 1 else ""
            words = f"then only {who}: {_said(step)}{more}"
            yield from wrapped(words, width, first=indent, later=f"{indent}  ")
            yield from _changed(world, before, step, width)


def _said(step: Step) -> str:
    return "; ".join(map(happening, step.happenings)) or "it starts"


def _changed(world: World, before: Values, step: Step, width: int) -> Iterator[Line]:
    for change in changes(world, before, step.values) if before else ():
        yield from wrapped(str(change), width, first=" " * 19, later=" " * 21, style="dim")
