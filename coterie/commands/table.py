"""The table of answers: one row a property, in columns that are known before the first row."""

from collections.abc import Callable, Iterable, Iterator

from attrs import evolve, frozen

from coterie.checks.result import Exploration, Progress
from coterie.commands.answering import Answer
from coterie.commands.page import Line, line, plain, wrapped

STYLES = {
    Answer.HOLDS: "green",
    Answer.REFUTED: "green",
    Answer.VIOLATED: "bold red",
    Answer.NOT_REFUTED: "bold red",
    Answer.UNDETERMINED: "bold yellow",
    Answer.BOUNDED: "yellow",
    Answer.ERROR: "bold red",
}
_INDENT = 2


@frozen
class Column:
    """A column of numbers.

    Attributes:
        head: the two lines of its heading.
        width: in characters.
        text: the number that it shows.
    """

    head: tuple[str, str]
    width: int
    text: Callable[[Progress], str]


def short(number: float) -> str:
    """Return `number` with three digits and a unit, where it has more than four."""
    for unit, size in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if number >= 10_000 and number >= 0.9995 * size:
            scaled = number / size
            return f"{scaled:.{2 if scaled < 9.995 else 1 if scaled < 99.95 else 0}f}{unit}"
    return f"{number:,.0f}"


def _whole(number: float) -> str:
    return f"{number:,.0f}"


def _seconds(numbers: Progress) -> str:
    return f"{numbers.seconds:,.2f}" if numbers.seconds < 1000 else f"{numbers.seconds:,.0f}"


def _rate(numbers: Progress) -> float:
    return numbers.states / numbers.seconds if numbers.seconds > 0 else 0


WIDE = (
    Column(("distinct", "states"), 12, lambda it: _whole(it.states)),
    Column(("", "transitions"), 13, lambda it: _whole(it.transitions)),
    Column(("", "depth"), 5, lambda it: _whole(it.depth)),
    Column(("", "seconds"), 8, _seconds),
    Column(("", "states/s"), 10, lambda it: _whole(_rate(it))),
    Column(("Python", "calls"), 10, lambda it: _whole(it.python_calls)),
)
NARROW = (
    Column(("", "states"), 6, lambda it: short(it.states)),
    Column(("transi-", "tions"), 7, lambda it: short(it.transitions)),
    Column(("", "depth"), 5, lambda it: short(it.depth)),
    Column(("", "seconds"), 7, _seconds),
    Column(("states", "/s"), 6, lambda it: short(_rate(it))),
    Column(("Python", "calls"), 6, lambda it: short(it.python_calls)),
)

_KEPT = (0, 3, 2, 1, 4, 5)  # the narrow columns, those that stay longest first
_FEW = 3  # numbers, beside which a name is not worth its room
_SHORTEST = 12  # characters of a name, before it has a line of its own


@frozen
class Table:
    """A layout: which columns, and how wide.

    Attributes:
        columns: the columns of numbers.
        gap: what stands between two of them.
        name: the width of the properties' names.
        verdict: the width of the answers.
    """

    columns: tuple[Column, ...]
    gap: str
    name: int
    verdict: int

    @property
    def width(self) -> int:
        """How wide a row may be."""
        gaps = len(self.gap) * (len(self.columns) + 1)
        return _INDENT + self.name + self.verdict + gaps + sum(it.width for it in self.columns)

    def header(self) -> list[Line]:
        """Return the names of the columns."""
        above, name = ([], "property") if self.name else ([line("  property", "bold")], "")
        heads = (self._head("", "", 0), self._head(name, "verdict", 1))
        return [*above, *(each for each in heads if plain(each))]

    def _head(self, name: str, verdict: str, half: int) -> Line:
        heads = [each.head[half].rjust(each.width) for each in self.columns]
        return line(self._joined(name, verdict, *heads).rstrip(), "bold")

    def _joined(self, name: str, verdict: str, *cells: str) -> str:
        first = (" " * _INDENT + name.ljust(self.name), verdict.ljust(self.verdict))
        return self.gap.join((*first, *cells))

    def row(self, name: str, verdict: str, style: str, numbers: Progress | None) -> list[Line]:
        """Return a row: what is too long has a line of its own."""
        above = self._above(name) if len(name) > self.name else []
        shown = "" if above else name
        now, rest = verdict, ""
        if len(verdict) > self.verdict:
            now, rest = (f"{verdict.partition(', ')[0]},", verdict.partition(", ")[2])
        cells = [each.text(numbers).rjust(each.width) for each in self.columns] if numbers else []
        lead = " " * _INDENT + shown.ljust(self.name) + self.gap
        tail = "".join(self.gap + cell for cell in cells)
        below = [((" " * len(lead), ""), (rest, style))] if rest else []
        return [*above, ((lead, ""), (now.ljust(self.verdict), style), (tail, "")), *below]

    def _above(self, name: str) -> list[Line]:
        """Return lines for a name that is longer than its column."""
        lead = " " * _INDENT
        return wrapped(name, self.width, first=lead) if self.name == 0 else [line(lead + name)]


def table(names: Iterable[str], width: int | None) -> Table:
    """Return the layout for properties of these names; whole numbers where there is room for them.

    With no `width`, as in a file, there is room for anything. Where there is little, columns are
    left out, and in the end every name has a line of its own.
    """
    longest = max(map(len, ("property", *names)))
    wide = Table(WIDE, "  ", longest, len(Answer.REFUTED.value))
    if width is None or wide.width <= width:
        return wide
    for layout in _narrow():
        if len(layout.columns) > _FEW and layout.width + _SHORTEST <= width:
            return evolve(layout, name=max(_SHORTEST, min(longest, width - layout.width)))
    *_, last = _narrow()
    return next((each for each in _narrow() if each.width <= width), last)


def _narrow() -> Iterator[Table]:
    """Yield the narrow layouts, without a column for names; the widest first."""
    for count in range(len(NARROW), 0, -1):
        some = tuple(NARROW[place] for place in sorted(_KEPT[:count]))
        columns = NARROW if len(some) == len(NARROW) else some
        yield Table(columns, " ", 0, len(Answer.UNDETERMINED.value))


def numbers_of(exploration: Exploration) -> Progress:
    """Return the numbers that the rows of an exploration show."""
    return Progress(
        states=exploration.states,
        transitions=exploration.transitions,
        depth=exploration.depth,
        seconds=exploration.seconds,
        python_calls=exploration.python_calls,
    )
