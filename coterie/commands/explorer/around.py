"""The neighbours of a state as a small graph: where one was, where one is, where one may go."""

from collections.abc import Iterator

from attrs import frozen

from coterie.checks.world import Values
from coterie.commands.explorer.path import Path
from coterie.commands.explorer.walker import Walk, Walker, words
from coterie.commands.pictures.labels import cut
from coterie.commands.pictures.svg import said

SHOWN_MOST = 16
BOX, GAP, HEIGHT = 46, 12, 58
BEFORE, HERE, AFTER, WIDTH = 12, 180, 350, 860
NARROW = 120
LETTERS = 58
_ARC = 26


@frozen
class Neighbour:
    """A state that is one step away.

    Attributes:
        path: a path that leads there.
        words: what happens in each step that leads there, by the numbers of the steps.
        is_fault: whether only faults and the adversary lead there.
        further: how many states it leads to in its turn.
        leads_back: whether one of them is the state from which one comes.
        leads_to: which of the other neighbours, by their places.
    """

    path: Path
    words: dict[int, str]
    is_fault: bool
    further: int
    leads_back: bool
    leads_to: tuple[int, ...]

    @property
    def label(self) -> str:
        """The first of the steps that lead there."""
        number, first = next(iter(self.words.items()))
        return f"{number}: {first}"

    @property
    def more(self) -> str:
        """What else there is to say."""
        others = len(self.words) - 1
        parts = [f"{others} more step{'s' * (others > 1)} to it"] if others else []
        parts.append(f"leads to {self.further} state{'s' * (self.further != 1)}")
        return "; ".join(parts) + (", also back" if self.leads_back else "")


@frozen
class Around:
    """A state and its neighbours.

    Attributes:
        walk: where the state is.
        before: what led to it; None where it is a start.
        after: the states that are one step away, as many as are shown.
        hidden: how many are not shown.
        idle: how many steps change nothing.
    """

    walk: Walk
    before: str | None
    after: tuple[Neighbour, ...]
    hidden: int
    idle: int


def around(walker: Walker, walk: Walk) -> Around:
    """Return the neighbours of the state where `walk` stands."""
    here, leading = walk.here, _leading(walker, walk.here)
    idle = len(leading.pop(here, ()))
    shown = dict([*leading.items()][:SHOWN_MOST])
    steps, at = walk.past.steps, walk.path.at
    return Around(
        walk,
        f"{at}: {words(steps[-1])}" if steps else None,
        tuple(_neighbour(walker, walk, values, shown) for values in shown),
        len(leading) - len(shown),
        idle,
    )


def _leading(walker: Walker, values: Values) -> dict[Values, list[int]]:
    """Return the states that are one step away, each with the numbers of the steps there."""
    found: dict[Values, list[int]] = {}
    for number, step in enumerate(walker.steps(values)):
        found.setdefault(step.values, []).append(number)
    return found


def _neighbour(
    walker: Walker, walk: Walk, there: Values, shown: dict[Values, list[int]]
) -> Neighbour:
    steps = walker.steps(walk.here)
    numbers, further = shown[there], set(_leading(walker, there)) - {there}
    return Neighbour(
        walk.path.then(numbers[0]),
        {number: words(steps[number]) for number in numbers},
        all(steps[number].fault for number in numbers),
        len(further),
        walk.here in further,
        tuple(place for place, other in enumerate(shown) if other in further),
    )


def drawn(found: Around, page: str) -> str:
    """Return the graph as SVG, for a page with the explorer's styles; each state is a link.

    Attributes:
        page: the address of the page that shows the neighbours of a path.
    """
    height = max(len(found.after), 1) * HEIGHT + GAP
    middle = height / 2
    return "".join(
        (
            _opening(height),
            *_edges(found, middle),
            *_before(found, page, middle),
            _box(HERE, middle, NARROW, "here", f"after step {found.walk.path.at}", "is-here"),
            *_after(found, page),
            "</svg>",
        )
    )


def _opening(height: float) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="around" role="group"'
        f' aria-label="Neighbours" width="{WIDTH}" height="{height}"'
        f' viewBox="0 0 {WIDTH} {height}">'
    )


def _edges(found: Around, middle: float) -> Iterator[str]:
    left = HERE + NARROW
    if found.before is not None:
        yield _edge(f"M{BEFORE + NARROW} {middle:g}H{HERE - 7}", HERE, middle, "")
    for place, neighbour in enumerate(found.after):
        y, bend = _line(place), (left + AFTER) / 2
        kind = " fault" if neighbour.is_fault else ""
        path = f"M{left} {middle:g}C{bend:g} {middle:g} {bend:g} {y:g} {AFTER - 7} {y:g}"
        yield _edge(path, AFTER, y, kind)
        for other in neighbour.leads_to:
            yield _arc(y, _line(other))


def _edge(path: str, x: float, y: float, kind: str) -> str:
    tip = f'<path class="tip{kind}" d="M{x - 1} {y:g}l-9 -4v8Z"/>'
    return f'<path class="edge{kind}" d="{path}"/>{tip}'


def _arc(start: float, end: float) -> str:
    """Return a step from one neighbour to another, drawn beside them."""
    x, out = WIDTH - 60, WIDTH - 60 + _ARC + abs(end - start) / 20
    path = f"M{x} {start + 6:g}C{out:g} {start + 6:g} {out:g} {end - 6:g} {x + 7} {end - 6:g}"
    return (
        f'<path class="edge aside" d="{path}"/><path class="tip" d="M{x + 1} {end - 6:g}l9 -4v8Z"/>'
    )


def _before(found: Around, page: str, middle: float) -> Iterator[str]:
    if found.before is not None:
        at = found.walk.path.at - 1
        box = _box(BEFORE, middle, NARROW, "before", f"after step {at}", "")
        yield _link(page, found.walk.path.to(at), f"Go back before {found.before}", box)


def _after(found: Around, page: str) -> Iterator[str]:
    wide = WIDTH - 60 - AFTER
    for place, each in enumerate(found.after):
        kind = "fault" if each.is_fault else ""
        box = _box(AFTER, _line(place), wide, cut(each.label, LETTERS), each.more, kind)
        told = "\n".join(f"{number}: {step}" for number, step in each.words.items())
        yield _link(page, each.path, told, box)


def _link(page: str, path: Path, told: str, box: str) -> str:
    return f'<a href="{said(f"{page}?{path.address}")}"><title>{said(told)}</title>{box}</a>'


def _box(x: float, middle: float, wide: float, first: str, second: str, kind: str) -> str:
    return (
        f'<g class="state {kind}"><rect x="{x:g}" y="{middle - BOX / 2:g}" width="{wide:g}"'
        f' height="{BOX}" rx="8"/><text x="{x + 12:g}" y="{middle - 4:g}">{said(first)}</text>'
        f'<text class="soft" x="{x + 12:g}" y="{middle + 14:g}">{said(second)}</text></g>'
    )


def _line(place: int) -> float:
    return GAP / 2 + HEIGHT * place + HEIGHT / 2
