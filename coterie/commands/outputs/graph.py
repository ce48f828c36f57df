"""The states that a small world can reach as a graph: DOT for Graphviz, GraphML for the rest."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element, SubElement

from attrs import frozen

from coterie.checks.world import Values, World
from coterie.commands.outputs.markup import legal, written
from coterie.commands.words import happening, place, text

LONGEST = 60
_NAMESPACE = "http://graphml.graphdrawing.org/xmlns"
_DATA = {
    "node": {"label": "string", "initial": "boolean"},
    "edge": {"label": "string", "fault": "boolean"},
}


class TooManyStatesError(Exception):
    """There are more states than a graph may show."""


@frozen
class Edge:
    """A step between two states.

    Attributes:
        source: the number of the state before it.
        target: the number of the state after it.
        label: what happened.
        fault: whether a fault or the adversary had a part in it.
    """

    source: int
    target: int
    label: str
    fault: bool


@frozen
class Graph:
    """What a world can reach.

    Attributes:
        world: the world.
        states: its states, breadth first.
        initial: how many of them, the first ones, are starting states.
        edges: the steps that change something.
    """

    world: World
    states: tuple[Values, ...]
    initial: int
    edges: tuple[Edge, ...]

    def labels(self) -> list[str]:
        """Return for each state the components that differ among the states, a line each."""
        keys = [
            (place(self.world, key), slot)
            for key, slot in self.world.slots.items()
            if len({values[slot] for values in self.states}) > 1
        ]
        return [_lines(values, keys) for values in self.states]


def _lines(values: Values, keys: list[tuple[str, int]]) -> str:
    return "\n".join(_short(f"{name}: {text(values[slot])}") for name, slot in keys)


def _short(words: str) -> str:
    return words if len(words) <= LONGEST else f"{words[: LONGEST - 1]}…"


def graph(world: World, max_states: int) -> Graph:
    """Return the graph of `world`.

    Raises: TooManyStatesError where it has more than `max_states` states.
    """
    numbers = {values: number for number, values in enumerate(dict.fromkeys(world.initial()))}
    initial, states, edges = len(numbers), list(numbers), []
    for values in states:
        if len(numbers) > max_states:
            raise TooManyStatesError
        for step in world.successors(values):
            if step.values not in numbers:
                numbers[step.values] = len(states)
                states.append(step.values)
            if step.values != values:
                words = "; ".join(map(happening, step.happenings))
                edges.append(Edge(numbers[values], numbers[step.values], words, step.fault))
    return Graph(world, tuple(states), initial, tuple(edges))


def dot(of: Graph, name: str) -> str:
    """Return the graph in DOT: starting states have a bold frame, faults are dashed."""
    return "".join(f"{line}\n" for line in _dot(of, name))


def _dot(of: Graph, name: str) -> Iterator[str]:
    yield f"digraph {_quoted(name)} {{"
    yield '  node [shape=box, fontname="monospace"];'
    for number, label in enumerate(of.labels()):
        marked = ", style=bold, penwidth=3" if number < of.initial else ""
        yield f"  s{number} [label={_quoted(label)}{marked}];"
    for edge in of.edges:
        dashed = ", style=dashed, color=red" if edge.fault else ""
        yield f"  s{edge.source} -> s{edge.target} [label={_quoted(edge.label)}{dashed}];"
    yield "}"


def _quoted(words: str) -> str:
    plain = legal(words).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{plain}"'


def graphml(of: Graph, name: str) -> str:
    """Return the graph in GraphML, with `label`, `initial` and `fault` as its data."""
    root = Element("graphml", xmlns=_NAMESPACE)
    for kind, data in _DATA.items():
        for key, form in data.items():
            fields = {"id": f"{kind}_{key}", "for": kind, "attr.name": key, "attr.type": form}
            SubElement(root, "key", fields)
    inside = SubElement(root, "graph", id=legal(name), edgedefault="directed")
    for number, label in enumerate(of.labels()):
        node = SubElement(inside, "node", id=f"s{number}")
        _data(node, "node", label=label, initial=number < of.initial)
    for edge in of.edges:
        ends = {"source": f"s{edge.source}", "target": f"s{edge.target}"}
        _data(SubElement(inside, "edge", ends), "edge", label=edge.label, fault=edge.fault)
    return written(root)


def _data(element: Element, kind: str, *, label: str, **truths: bool) -> None:
    SubElement(element, "data", key=f"{kind}_label").text = legal(label)
    for name, truth in truths.items():
        SubElement(element, "data", key=f"{kind}_{name}").text = "true" if truth else "false"
