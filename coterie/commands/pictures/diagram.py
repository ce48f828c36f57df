"""A run as a space-time diagram: a line a node, a row a step, arrows for messages.

The diagram is plain data, made from the run alone; `text`, `svg` and `html` draw it.
"""

from collections.abc import Iterator
from enum import Enum
from itertools import pairwise
from typing import Any

from attrs import frozen

from coterie.checks.component import (
    Crashed,
    Delivered,
    Duplicated,
    Fired,
    Forged,
    Happening,
    Invoked,
    Lost,
    Restarted,
)
from coterie.checks.nodes import Down, Running
from coterie.checks.result import Trace
from coterie.checks.world import Step, Values, World
from coterie.commands.pictures.causes import Causes
from coterie.commands.pictures.labels import brief, views
from coterie.commands.pictures.post import Arrow, Post
from coterie.commands.pictures.trail import Trail, effects, trail
from coterie.commands.words import happening, text
from coterie.model.machine import Deliver, Effect, Halt, Node, Return, Send


class Mark(Enum):
    """What happens to a node at a point of its line."""

    RECEIVE = "receives"
    TIMER = "acts by itself"
    CALL = "is called"
    CRASH = "crashes"
    HALT = "stops"
    RESTART = "restarts"


class Shape(Enum):
    """What a box says."""

    VIEW = "view"
    DELIVERY = "delivers"
    RESULT = "returns"


@frozen
class Line:
    """The line of a node.

    Attributes:
        node: its name.
        role: its role.
        is_byzantine: whether it may say anything at any time.
    """

    node: str
    role: str
    is_byzantine: bool = False


@frozen
class Point:
    """What happens to a node in a row.

    Attributes:
        node: the name of its line.
        mark: what kind of thing it is.
        label: what it is, in short; nothing for a message, which its arrow names.
    """

    node: str
    mark: Mark
    label: str = ""


@frozen
class Box:
    """What a node shows in a row: a new view, a delivery, a result.

    Attributes:
        node: the name of its line.
        shape: which of these.
        label: it, in short.
        whole: all of it.
    """

    node: str
    shape: Shape
    label: str
    whole: str


@frozen
class Row:
    """A step; row 0 is the start.

    Attributes:
        number: counted from 1, as in the trace.
        words: what happened.
        fault: whether a fault or the adversary had a part in it.
        points: where on the lines.
        boxes: what the nodes show after it.
        down: the nodes that are down after it.
        causes: the rows without which this one could not have happened as it did, the next ones
            alone: of the same node, of the sender, and of whom it is told that they are up or down.
    """

    number: int
    words: str
    fault: bool = False
    points: tuple[Point, ...] = ()
    boxes: tuple[Box, ...] = ()
    down: tuple[str, ...] = ()
    causes: tuple[int, ...] = ()

    @property
    def nodes(self) -> tuple[str, ...]:
        """The nodes to which something happens."""
        return tuple(dict.fromkeys(point.node for point in self.points))


@frozen
class Fold:
    """Rows that are drawn as one: they do not matter for what the run shows.

    Attributes:
        first: the number of the first.
        last: the number of the last.
    """

    first: int
    last: int

    def __len__(self) -> int:
        return self.last - self.first + 1

    @property
    def words(self) -> str:
        """What stands in their place."""
        return f"{len(self)} step{'' if len(self) == 1 else 's'} that do not matter here"


@frozen
class Diagram:
    """A run as a picture.

    Attributes:
        lines: the nodes, in the world's order, the Byzantine ones last.
        rows: the start, then the steps.
        arrows: the messages, in the order in which they end; what never ends stands last.
        loop: the number of the row after which the run goes round for ever: the rows after it are
            repeated; none are left where the run stops. None for a run that is told to its end.
        folds: the rows that are drawn as one, first to last.
    """

    lines: tuple[Line, ...]
    rows: tuple[Row, ...]
    arrows: tuple[Arrow, ...]
    loop: int | None = None
    folds: tuple[Fold, ...] = ()

    @property
    def steps(self) -> int:
        """How many steps the run has."""
        return len(self.rows) - 1

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of messages, by name."""
        return tuple(sorted({arrow.kind for arrow in self.arrows}))

    def fold_of(self, row: int) -> Fold | None:
        """Return what the row is folded into, if it is."""
        return next((fold for fold in self.folds if fold.first <= row <= fold.last), None)


def diagram(world: World, trace: Trace) -> Diagram:
    """Return the picture of a run.

    Raises: ModelError where the run is none of the world's.
    """
    post, causes = Post(world), Causes(world)
    post.start(trace.start)
    rows = [Row(0, "start", boxes=_first_views(world, trace.start), down=_down(world, trace.start))]
    for number, (step, (before, after)) in enumerate(
        zip(trace.steps, pairwise(trace.states), strict=True), start=1
    ):
        found = trail(world, before, step)
        asked = _asked(world, found, step)
        _follow(post, number, found, step, asked)
        words = "; ".join(map(happening, step.happenings))
        rows.append(
            Row(
                number,
                words,
                step.fault,
                tuple(_points(step, asked)),
                (*_views(world, before, after), *_boxes(asked)),
                _down(world, after),
                causes.of(number, found, post.arrows),
            )
        )
    return Diagram(_lines(world), tuple(rows), post.every(), trace.loop)


def _lines(world: World) -> tuple[Line, ...]:
    liars = world.adversary.nodes if world.adversary else ()
    every = [*((node, False) for node in world.machines), *((node, True) for node in liars)]
    return tuple(Line(str(node), node.role, lies) for node, lies in every)


Asked = tuple[tuple[Node, tuple[Effect, ...]], ...]


def _asked(world: World, found: Trail, step: Step) -> Asked:
    """Return what each node asked for in the step; one that dies midway gets nothing of it."""
    died = {each.node for each in step.happenings if isinstance(each, Crashed)}
    asked = ((touch.key, effects(world, touch)) for touch in found)
    return tuple(
        (node, wants)
        for node, wants in asked
        if isinstance(node, Node) and wants and node not in died
    )


def _follow(post: Post, row: int, found: Trail, step: Step, asked: Asked) -> None:
    """Let the post know what the step has sent, taken in and let out."""
    for each in step.happenings:
        if isinstance(each, Forged):
            post.forged(row, each.sender, each.receiver, each.message)
    for touch in found:
        post.touched(row, touch)
    adversary = post.world.adversary
    for node, wants in asked:
        for effect in wants:
            if isinstance(effect, Send) and adversary and effect.to in adversary.nodes:
                post.sent_to_nobody(row, node, effect.to, effect.message)


def _points(step: Step, asked: Asked) -> Iterator[Point]:
    for each in step.happenings:
        yield from _point(each)
    for node, wants in asked:
        if Halt() in wants:
            yield Point(str(node), Mark.HALT)


def _point(what: Happening) -> Iterator[Point]:
    match what:
        case Delivered(receiver=node) | Duplicated(receiver=node) | Forged(receiver=node):
            yield Point(str(node), Mark.RECEIVE)
        case Fired(node, event):
            yield Point(str(node), Mark.TIMER, brief(event))
        case Invoked(node, operation):
            yield Point(str(node), Mark.CALL, brief(operation))
        case Crashed(node):
            yield Point(str(node), Mark.CRASH)
        case Restarted(node):
            yield Point(str(node), Mark.RESTART)
        case Lost():
            return


def _first_views(world: World, start: Values) -> tuple[Box, ...]:
    return tuple(_views(world, (None,) * len(start), start))


def _views(world: World, before: Values, after: Values) -> Iterator[Box]:
    """Yield the views that are new: of one that went on, or has just started."""
    for node in world.machines:
        slot = world.slots[node]
        if before[slot] is after[slot] or not isinstance(after[slot], Running):
            continue
        old = {path: whole for path, _, whole in _views_of(before[slot])}
        for path, words, whole in _views_of(after[slot]):
            if old.get(path) != whole:
                yield Box(str(node), Shape.VIEW, words, whole)


def _views_of(value: Any) -> Iterator[tuple[str, str, str]]:
    return views(value.state) if isinstance(value, Running) else iter(())


def _boxes(asked: Asked) -> Iterator[Box]:
    for node, wants in asked:
        for effect in wants:
            match effect:
                case Deliver(item):
                    yield Box(str(node), Shape.DELIVERY, brief(item), text(item))
                case Return(result):
                    yield Box(str(node), Shape.RESULT, brief(result), text(result))


def _down(world: World, values: Values) -> tuple[str, ...]:
    nodes = world.machines
    return tuple(str(node) for node in nodes if isinstance(values[world.slots[node]], Down))
