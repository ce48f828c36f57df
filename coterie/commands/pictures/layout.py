"""Where things stand in a drawn diagram: columns for nodes, rows for steps, in pixels."""

from collections import Counter
from functools import cached_property

from attrs import frozen

from coterie.commands.pictures.diagram import Diagram, Fold, Row
from coterie.commands.pictures.post import Arrow, Fate

HEAD = 40
GUTTER = 46
ROW, FOLDED, BELOW, BOX = 34, 26, 12, 22
LETTER = 6.3
ENDING = 30
START = 14


@frozen
class Place:
    """A row, or the rows of a fold, as they are drawn.

    Attributes:
        number: the row, or the first of the fold.
        top: where it begins.
        height: how high it is.
    """

    number: int
    top: int
    height: int

    @property
    def line(self) -> int:
        """The height on which its points lie."""
        return self.top + min(self.height, ROW if self.number else START) // 2


@frozen(eq=False)
class Layout:
    """A diagram with a place for everything.

    Attributes:
        diagram: the diagram.
    """

    diagram: Diagram

    @property
    def column(self) -> int:
        """How far a line is from the next; narrower where there are many."""
        return 136 if len(self.diagram.lines) <= 4 else 118

    @property
    def width(self) -> int:
        """How wide everything is."""
        return GUTTER + self.column * max(1, len(self.diagram.lines)) + self.column * 2 // 5

    @property
    def height(self) -> int:
        """How high the rows are together."""
        last = self.places[-1]
        return last.top + last.height + (ENDING if self.diagram.loop is not None else 8)

    @cached_property
    def columns(self) -> dict[str, int]:
        """Where the line of each node is."""
        first = GUTTER + self.column * 2 // 5
        lines = self.diagram.lines
        return {line.node: first + place * self.column for place, line in enumerate(lines)}

    @property
    def letters(self) -> int:
        """How many letters fit beside a point."""
        return int((self.column - 16) / LETTER)

    @cached_property
    def below(self) -> dict[int, tuple[tuple[str, str], ...]]:
        """Who has sent something in a row that is still under way, and what, with how often."""
        found: dict[int, Counter[tuple[str, str]]] = {}
        for arrow in self.diagram.arrows:
            if arrow.fate is Fate.IN_FLIGHT:
                found.setdefault(arrow.sent, Counter())[arrow.sender, arrow.label] += 1
        return {row: tuple(map(_counted, each.items())) for row, each in found.items()}

    @cached_property
    def arriving(self) -> dict[int, Arrow]:
        """The arrow that ends in a row with a receipt."""
        return {a.ended: a for a in self.diagram.arrows if a.ended is not None and a.fate.arrives}

    @cached_property
    def sending_right(self) -> frozenset[int]:
        """The rows from which an arrow leaves to the right."""
        columns, arrows = self.columns, self.diagram.arrows
        ended = (a for a in arrows if a.ended is not None)
        return frozenset(a.sent for a in ended if columns[a.sender] <= columns[a.receiver])

    def comes_from_the_right(self, row: int) -> bool:
        """Return whether the message that the row receives comes from the right."""
        arrow = self.arriving.get(row)
        return arrow is not None and self.columns[arrow.sender] >= self.columns[arrow.receiver]

    def height_of(self, row: Row) -> int:
        """Return how high a row is."""
        boxes: dict[str, int] = {}
        for box in row.boxes:
            boxes[box.node] = boxes.get(box.node, 0) + 1
        label = BELOW if self.comes_from_the_right(row.number) else 0
        under = BELOW * self.lines_below(row.number) + BOX * max(boxes.values(), default=0)
        return (ROW if row.number else START) + label + under

    def lines_below(self, row: int) -> int:
        """Return how many lines of text stand under the row's points."""
        return len(self.below.get(row, ()))

    @cached_property
    def places(self) -> tuple[Place, ...]:
        """The rows and folds, from the top."""
        found: list[Place] = []
        top = 0
        for row in self.diagram.rows:
            fold = self.diagram.fold_of(row.number)
            if fold and fold.first != row.number:
                continue
            height = FOLDED if fold else self.height_of(row)
            found.append(Place(row.number, top, height))
            top += height
        return tuple(found)

    @cached_property
    def _of_row(self) -> dict[int, Place]:
        return {place.number: place for place in self.places}

    def place_of(self, row: int) -> Place:
        """Return where a row is drawn: itself, or what it is folded into."""
        fold: Fold | None = self.diagram.fold_of(row)
        return self._of_row[fold.first if fold else row]


def _counted(item: tuple[tuple[str, str], int]) -> tuple[str, str]:
    (sender, words), count = item
    return sender, f"{words} ×{count}" if count > 1 else words
