"""What an expression may use, with what it is now, and examples that can be evaluated here."""

from collections.abc import Iterator
from typing import Any

import attrs
from attrs import frozen

from coterie.checks.nodes import Running
from coterie.checks.view import WorldView
from coterie.checks.world import Values
from coterie.commands.explorer.expression import (
    BadExpressionError,
    compiled,
    evaluated,
    nodes_by_name,
)
from coterie.commands.explorer.session import Session
from coterie.commands.words import text
from coterie.model.machine import Node
from coterie.spec.property import Kind, View

METHODS = ("nodes", "__getitem__", "up", "memory", "in_flight", "observed", "left")
EXAMPLES_MOST = 5


@frozen
class Name:
    """Something that an expression may use.

    Attributes:
        name: how it is written.
        words: what it is.
        now: its value in the state where one stands; empty where it has none.
    """

    name: str
    words: str
    now: str = ""


@frozen
class Known:
    """All of it.

    Attributes:
        world: what `world` can be asked.
        nodes: the nodes.
        observers: what watches the nodes.
        properties: the properties, each of which has `holds(world)`.
        others: further names that the model and its properties use.
    """

    world: tuple[Name, ...]
    nodes: tuple[Name, ...]
    observers: tuple[Name, ...]
    properties: tuple[Name, ...]
    others: tuple[str, ...]


def known(session: Session, values: Values) -> Known:
    """Return what an expression may use, as it is in a state."""
    world, view = session.world, WorldView(session.world, values)
    properties = {claim.name: claim for claim in session.check.properties}
    nodes = nodes_by_name(world)
    return Known(
        tuple(Name(_called(name), _about(name)) for name in METHODS),
        tuple(
            Name(f"world[{name}]", node.role, text(values[world.slots[node]]))
            for name, node in nodes.items()
        ),
        tuple(
            Name(f"world.observed({name!r})", "an observer", text(view.observed(name)))
            for name in world.observers
        ),
        tuple(Name(name, claim.statement) for name, claim in properties.items()),
        tuple(sorted({*session.names} - {*properties} - {*nodes})),
    )


def _called(name: str) -> str:
    written = {
        "nodes": "world.nodes(role)",
        "__getitem__": "world[node]",
        "up": "world.up(node)",
        "memory": "world.memory(node)",
        "in_flight": "world.in_flight(sender, receiver)",
        "observed": "world.observed(name)",
        "left": "world.left(what)",
    }
    return written[name]


def _about(name: str) -> str:
    words = (getattr(View, name).__doc__ or "").split("\n\n")[0]
    return " ".join(words.split()) or "The state of a node, which must be up."


def examples(session: Session, values: Values) -> list[str]:
    """Return expressions that can be evaluated in this state, made from what is in it."""
    view = WorldView(session.world, values)
    found = []
    for source in dict.fromkeys(_candidates(session, values)):
        try:
            evaluated(compiled(source), session.names, view, text)
        except BadExpressionError:
            continue
        found.append(source)
    return found[:EXAMPLES_MOST]


def _candidates(session: Session, values: Values) -> Iterator[str]:
    """Yield expressions, some of which may not work: a value need not be written as it is shown."""
    world, nodes = session.world, nodes_by_name(session.world)
    for role in dict.fromkeys(node.role for node in nodes.values()):
        name, node = next((n, node) for n, node in nodes.items() if node.role == role)
        yield from _of_node(session, name, values[world.slots[node]])
    pairs = [(a, b) for a in nodes for b in nodes if _has_channel(session, nodes[a], nodes[b])]
    yield from (f"world.in_flight({a}, {b})" for a, b in pairs[:1])
    judged = [claim for claim in session.check.properties if claim.kind is Kind.ALWAYS]
    yield from (f"not {claim.name}.holds(world)" for claim in judged[:1])
    if world.faults.crashes:
        yield from (f"not world.up({name})" for name in [*nodes][:1])


def _of_node(session: Session, name: str, value: Any) -> Iterator[str]:
    """Yield that a node is in another state than now; the first field that can be written."""
    if not isinstance(value, Running):
        return
    state = value.state
    if not attrs.has(type(state)):
        if _is_written(session, state):
            yield f"world[{name}] != {text(state)}"
        return
    for each in (field.name for field in attrs.fields(type(state))):
        if _is_written(session, getattr(state, each)):
            yield f"world[{name}].{each} != {text(getattr(state, each))}"
            return


def _is_written(session: Session, value: Any) -> bool:
    """Return whether `value` is what Python makes of the text that shows it."""
    try:
        view = WorldView(session.world, ())
        return evaluated(compiled(text(value)), session.names, view, lambda it: bool(it == value))
    except BadExpressionError:
        return False


def _has_channel(session: Session, sender: Node, receiver: Node) -> bool:
    return sender != receiver and any(
        (getattr(key, "sender", None), getattr(key, "receiver", None)) == (sender, receiver)
        for key in session.world.slots
    )
