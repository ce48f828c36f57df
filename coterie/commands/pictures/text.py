"""A diagram in the terminal: a column a node, a line a step, arrows in the line of the receipt."""

from collections import Counter
from collections.abc import Iterator
from functools import cached_property

from attrs import frozen

from coterie.commands.page import Line, line, wrapped
from coterie.commands.pictures.diagram import Box, Diagram, Mark, Row, Shape
from coterie.commands.pictures.labels import fitting
from coterie.commands.pictures.post import Arrow, Fate

_GUTTER = 7
_CAPTION = 30
_WIDEST, _NARROWEST = 13, 5
_MARKS = {
    Mark.RECEIVE: "●",
    Mark.TIMER: "○",
    Mark.CALL: "◆",
    Mark.CRASH: "↯",
    Mark.HALT: "■",
    Mark.RESTART: "◎",
}
_SHAPES = {Shape.VIEW: "", Shape.DELIVERY: "▲ ", Shape.RESULT: "↩ "}
OTHERS = "others"


def drawn(diagram: Diagram, width: int) -> list[Line]:
    """Return the diagram in lines of at most `width`, where that is at least 24."""
    return list(_Drawing(diagram, max(24, width)).lines())


@frozen(eq=False)
class _Drawing:
    """A diagram that is being drawn.

    Attributes:
        diagram: the diagram.
        width: how wide it may be.
    """

    diagram: Diagram
    width: int

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names above the columns; the last is for all nodes that have none of their own."""
        every = tuple(node.node for node in self.diagram.lines)
        room = (self.width - _GUTTER) // _NARROWEST
        if len(every) <= room:
            return every
        happens = Counter(node for row in self.diagram.rows for node in row.nodes)
        busiest = sorted(every, key=lambda node: -happens[node])[: room - 1]
        return (*(node for node in every if node in busiest), OTHERS)

    @cached_property
    def column(self) -> int:
        """How wide a column is; captions stand beside the columns where there is room for both."""
        count = max(1, len(self.names))
        beside = (self.width - _GUTTER - _CAPTION) // count
        if beside >= _NARROWEST:
            return min(_WIDEST, beside)
        return max(_NARROWEST, min(_WIDEST, (self.width - _GUTTER) // count))

    @property
    def grid(self) -> int:
        """How wide the columns are together."""
        return self.column * len(self.names)

    @property
    def room(self) -> int:
        """How wide captions are beside the columns; 0 where they stand below."""
        left = self.width - _GUTTER - self.grid - 2
        return left if left >= _CAPTION - 6 else 0

    def at(self, node: str) -> int:
        """Return where the line of a node is."""
        name = node if node in self.names else OTHERS
        return self.names.index(name) * self.column + self.column // 2

    def lines(self) -> Iterator[Line]:
        """Yield the names, the rows, and what is still under way."""
        yield from self._narrowness()
        yield from self._heads()
        for row in self.diagram.rows:
            fold = self.diagram.fold_of(row.number)
            if fold and fold.first == row.number:
                yield from self._captioned("⋯", row, self._ground(row), fold.words, "dim")
            elif not fold:
                if row.number and self.diagram.loop == row.number - 1:
                    yield line("  ╭─ for ever, again and again:", "yellow")
                yield from self._row(row)
        if self.diagram.loop == self.diagram.steps:
            yield line("  ∞  for ever: nothing more happens", "yellow")
        elif self.diagram.loop is not None:
            yield line(f"  ╰─ and on with {self.diagram.loop + 1}", "yellow")
        yield from self._under_way()

    def _narrowness(self) -> Iterator[Line]:
        """Say which nodes have no column of their own."""
        if self.names and self.names[-1] == OTHERS:
            hidden = [each.node for each in self.diagram.lines if each.node not in self.names]
            words = f"There is no room for a column each: {', '.join(hidden)} share the last one."
            yield from wrapped(words, self.width, first="  ", style="dim")

    def _heads(self) -> Iterator[Line]:
        """Yield the names, each over its line, in as many lines as they need."""
        rows: list[str] = []
        for name in self.names:
            start = max(0, self.at(name) - len(name) // 2)
            for place, row in enumerate([*rows, ""]):
                if not row or len(row) < start:
                    rows[place:] = [row.ljust(start) + name, *rows[place + 1 :]]
                    break
        for row in rows:
            yield line(" " * _GUTTER + row, "bold")

    def _row(self, row: Row) -> Iterator[Line]:
        ended = [arrow for arrow in self.diagram.arrows if arrow.ended == row.number]
        if not row.number:
            if row.boxes or self._at_start:
                yield from self._captioned("", row, self._ground(row), self._start, "dim")
        else:
            grid = self._ground(row)
            for arrow in _visible(ended):
                self._shoot(grid, arrow)
            for point in row.points:
                grid[self.at(point.node)] = _MARKS[point.mark]
            style = "yellow" if row.fault else ""
            yield from self._captioned(str(row.number), row, grid, self._words(row, ended), style)
        for box in row.boxes:
            yield self._boxed(row, box)

    @cached_property
    def _at_start(self) -> int:
        return sum(arrow.sent == 0 for arrow in self.diagram.arrows)

    @property
    def _start(self) -> str:
        count = self._at_start
        return f"{count} message{'s are' if count > 1 else ' is'} under way" if count else ""

    def _ground(self, row: Row) -> list[str]:
        """Return a line of the columns: a bar each, broken while the node is down."""
        grid = [" "] * self.grid
        for node in reversed(self.diagram.lines):
            grid[self.at(node.node)] = "╎" if node.node in row.down else "│"
        return grid

    def _shoot(self, grid: list[str], arrow: Arrow) -> None:
        """Draw an arrow into the line, over the bars of the others."""
        start, end = self.at(arrow.sender), self.at(arrow.receiver)
        step = 1 if end > start else -1
        if start == end:
            grid[start + 1 : start + 3] = "─╮" if arrow.fate.is_crossed_out else "◀╮"
            return
        crossed = arrow.fate.is_crossed_out
        stop = start + step * max(2, (end - start) * step // 2) if crossed else end - step
        for place in range(start + step, stop, step):
            grid[place] = "┼" if grid[place] in "│╎┼" else "─"
        grid[start] = "├" if step > 0 else "┤"
        grid[stop] = "✗" if crossed else ("▶" if step > 0 else "◀")

    def _words(self, row: Row, ended: list[Arrow]) -> str:
        """Return what stands beside a row."""
        acts = (point for point in row.points if point.mark is not Mark.RECEIVE)
        words = (fitting(point.label or point.mark.value, self._letters) for point in acts)
        told = (_told(row, arrow, self._letters) for arrow in ended)
        return "; ".join([*filter(None, told), *words])

    @property
    def _letters(self) -> int:
        """How long a label may be, so that the line has room for where it comes from."""
        return max(12, (self.room or self.width - _GUTTER) - len(" (sent in 99)"))

    def _boxed(self, row: Row, box: Box) -> Line:
        room = self.width - _GUTTER
        grid = self._ground(row) + [" "] * max(0, room - self.grid)
        most = min(room, max(2 * self.column, 32))
        words = f"[{fitting(_SHAPES[box.shape] + box.label, most - 2)}]"
        bar, half = self.at(box.node), len(words) // 2
        start = max(0, min(bar if half > self.column // 2 else bar - half, room - len(words)))
        left, right = "".join(grid[:start]), "".join(grid[start + len(words) :])
        style = "green" if box.shape is Shape.VIEW else "cyan"
        edge = self._edge(row.number)
        return ((edge.ljust(_GUTTER) + left, ""), (words, style), (right, ""))

    def _edge(self, number: int) -> str:
        loop = self.diagram.loop
        return "  │" if loop is not None and loop < number <= self.diagram.steps else ""

    def _captioned(
        self, number: str, row: Row, grid: list[str], words: str, style: str
    ) -> Iterator[Line]:
        """Yield a line of the columns with words beside it, or below where there is no room."""
        edge = self._edge(row.number)
        head = f"{edge}{number:>{_GUTTER - 2 - len(edge)}}  "
        drawing = "".join(grid)
        if not self.room:
            yield ((head, "dim"), (drawing, style))
            if words:
                yield from wrapped(words, self.width, first=" " * _GUTTER, style=style)
            return
        first, *rest = wrapped(words, max(20, self.room), style=style) or [line("")]
        yield ((head, "dim"), (drawing, style), ("  ", ""), *first)
        bars = "".join(self._ground(row))
        for more in rest:
            yield ((edge.ljust(_GUTTER), "dim"), (bars, ""), ("  ", ""), *more)

    def _under_way(self) -> Iterator[Line]:
        """Yield what has not arrived at the end."""
        receivers: dict[tuple[str, str], list[str]] = {}
        for arrow in self.diagram.arrows:
            if arrow.fate is Fate.IN_FLIGHT:
                receivers.setdefault((arrow.sender, arrow.label), []).append(arrow.receiver)
        for (sender, label), to in receivers.items():
            counted = (f"{node} ×{n}" if n > 1 else node for node, n in Counter(to).items())
            words = (
                f"under way at the end: {fitting(label, 40)} from {sender} to {', '.join(counted)}"
            )
            yield from wrapped(words, self.width, first=" " * _GUTTER, style="dim")


def _visible(ended: list[Arrow]) -> list[Arrow]:
    """Return the arrows that have room in one line: what arrives, or else what is given up."""
    arriving = [arrow for arrow in ended if arrow.fate.arrives]
    return arriving or [arrow for arrow in ended if arrow.fate.is_crossed_out]


def _told(row: Row, arrow: Arrow, letters: int) -> str:
    """Return what a row says of an arrow that ends in it; nothing of what nobody hears."""
    if arrow.fate is Fate.UNHEARD:
        return ""
    sent = f" (sent in {arrow.sent})" if arrow.sent else " (sent at the start)"
    since = sent if arrow.sent != row.number else ""
    fate = "" if arrow.fate is Fate.DELIVERED else f" {arrow.fate.value}"
    because = f": {arrow.because}" if arrow.because else ""
    return f"{fitting(arrow.label, letters)}{since}{fate}{because}"
