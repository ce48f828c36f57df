"""A world: what a model is put in.

Machines, a network, faults, an adversary, a workload and observers become components, one a slot.
A state of the world is the tuple of their values; `initial` and `successors` are the definition of
what every explorer computes.
"""

from collections.abc import Collection, Iterator, Mapping
from functools import cached_property
from typing import Any

from attrs import Factory, evolve, field, frozen

from coterie.checks.adversary import Adversary, ByzantineComponent
from coterie.checks.budgets import Budget, ObserverComponent, Workload
from coterie.checks.component import (
    ACT,
    Channel,
    Component,
    Happening,
    Key,
    Reaction,
    Refund,
    Spend,
)
from coterie.checks.errors import ModelError
from coterie.checks.fairness import Fairness
from coterie.checks.faults import Faults
from coterie.checks.network import Bag, ChannelComponent, Network
from coterie.checks.nodes import NodeComponent
from coterie.checks.signatures import SIGNATURES, IssuedSignatures, signatures_in
from coterie.model.machine import Machine, Node
from coterie.spec.observer import Observer

OWN_NAMES = {"crashes", "restarts", "down", "losses", "duplications", "suspicions", SIGNATURES}

Values = tuple[Any, ...]


@frozen
class Step:
    """One step of the world.

    Attributes:
        happenings: what happened, first the cause.
        fault: whether a fault or the adversary had a part in it.
        values: the world's state after it.
    """

    happenings: tuple[Happening, ...]
    fault: bool
    values: Values


@frozen(eq=False)
class World:
    """Nodes with their machines, and everything around them.

    Attributes:
        machines: the correct nodes, each with its machine.
        network: the kind of channel between them.
        faults: the budgets of crashes, restarts, losses, duplications and false suspicions.
        adversary: the Byzantine nodes.
        workload: for each node the operations that its user calls, in this order.
        observers: ghost variables by name.
        starts: the starting worlds, each giving the durable memory that nodes boot from; a node
            that it does not name boots for the first time.
        links: the pairs (sender, receiver) that have a channel; None for all pairs of two nodes.
        fairness: what a schedule owes the world; without any, a run may stop at any time.
        closing: the roles whose messages the network drops once they are about what is over (see
            `Machine.closed`), or their receiver is down for good; only a full channel that blocks
            can tell.
        symmetric: the roles whose correct nodes are interchangeable with one another, and whose
            Byzantine nodes are; states that differ only in who is who are then explored once.
    """

    machines: Mapping[Node, Machine[Any, Any]]
    network: Network = Factory(Bag)
    faults: Faults = Factory(Faults)
    adversary: Adversary | None = None
    workload: Mapping[Node, tuple[Any, ...]] = Factory(dict)
    observers: Mapping[str, Observer] = Factory(dict)
    starts: Collection[Mapping[Node, Any]] = field(default=({},))
    links: Collection[tuple[Node, Node]] | None = None
    fairness: tuple[Fairness, ...] = ()
    closing: tuple[str, ...] = ()
    symmetric: tuple[str, ...] = ()

    def __attrs_post_init__(self) -> None:
        """Refuse what would be ignored without a word.

        Raises: ModelError.
        """
        strangers = {node for start in self.starts for node in start} - set(self.machines)
        wrong: dict[str, Collection[Any]] = {
            "both a machine and Byzantine": set(self._liars) & set(self.machines),
            "named by a start or a workload, but no node of this world": strangers
            | (set(self.workload) - set(self.machines)),
            "said to crash, but no role of this world": set(self.faults.crashing) - self.roles,
            "said to act fairly, but no role of this world": {
                role for each in self.fairness for role in each.roles
            }
            - self.roles,
            "said to drop what is over, but no role of this world": set(self.closing) - self.roles,
            "said to be symmetric, but no role of this world": set(self.symmetric) - self.roles,
            "an observer's name, but the world's own too": set(self.observers) & OWN_NAMES,
        }
        for problem, names in wrong.items():
            for name in names:
                raise ModelError(f"{name} is {problem}")

    @cached_property
    def roles(self) -> frozenset[str]:
        """The roles of all nodes, the Byzantine ones included."""
        return frozenset(node.role for node in (*self.machines, *self._liars))

    @cached_property
    def components(self) -> dict[Key, Component]:
        """Every component by its key, in the order of the slots."""
        nodes: dict[Key, Component] = {node: self._node(node) for node in self.machines}
        channels: dict[Key, Component] = {
            Channel(*link): self._channel(Channel(*link)) for link in self._between
        }
        byzantine: dict[Key, Component] = {node: self._byzantine(node) for node in self._liars}
        work: dict[Key, Component] = {("workload", node): Workload(node) for node in self.workload}
        ghosts: dict[Key, Component] = {
            name: ObserverComponent(each) for name, each in self.observers.items()
        }
        budgets: dict[Key, Component] = {name: Budget() for name in self._budgets}
        issued: dict[Key, Component] = {SIGNATURES: IssuedSignatures()} if self._liars else {}
        return {**nodes, **channels, **byzantine, **work, **ghosts, **budgets, **issued}

    @cached_property
    def slots(self) -> dict[Key, int]:
        """The slot of each key."""
        return {key: slot for slot, key in enumerate(self.components)}

    @cached_property
    def _parts(self) -> tuple[Component, ...]:
        return tuple(self.components.values())

    @cached_property
    def _liars(self) -> tuple[Node, ...]:
        return self.adversary.nodes if self.adversary else ()

    @cached_property
    def _links(self) -> tuple[tuple[Node, Node], ...]:
        if self.links is not None:
            return tuple(self.links)
        return tuple((a, b) for a in self.machines for b in self.machines if a != b)

    @cached_property
    def _between(self) -> tuple[tuple[Node, Node], ...]:
        """The links between two correct nodes, each of which has a channel."""
        return tuple((a, b) for a, b in self._links if a in self.machines and b in self.machines)

    @cached_property
    def _budgets(self) -> dict[str, int]:
        faults = self.faults
        crashes = {"crashes": faults.crashes, "restarts": faults.restarts_most}
        down = {"down": faults.down} if faults.crashes and faults.down is not None else {}
        others = {name: getattr(faults, name) for name in ("losses", "duplications", "suspicions")}
        bounded = {name: amount for name, amount in others.items() if amount and amount != "any"}
        return {**(crashes if faults.crashes else {}), **down, **bounded}

    def _crashing(self, node: Node) -> bool:
        roles = self.faults.crashing
        return self.faults.crashes > 0 and (not roles or node.role in roles)

    def _node(self, node: Node) -> NodeComponent:
        down = ("down",) if "down" in self._budgets else ()
        refunds = tuple((name, Refund()) for name in down)
        return NodeComponent(
            node,
            self.machines[node],
            crashes=("crashes", *down) if self._crashing(node) else None,
            halts=down,
            restarts=(("restarts", Spend()), *refunds) if self.faults.restarts_most else None,
            suspicions=self._paying("suspicions"),
            others=frozenset(self.machines) - {node},
            targets=frozenset(to for sender, to in self._links if sender == node)
            - frozenset(self._liars),
            silent=frozenset(self._liars),
            observers=tuple(self.observers),
            signing=bool(self._liars),
            closing=tuple(Channel(*link) for link in self._between if link[1] == node)
            if node.role in self.closing
            else (),
        )

    def _channel(self, channel: Channel) -> ChannelComponent:
        return ChannelComponent(
            channel,
            self.network,
            losses=self._paying("losses"),
            duplications=self._paying("duplications"),
            crashing=(channel.sender, channel.receiver),
            topics=self.machines[channel.receiver].topics
            if channel.receiver.role in self.closing
            else None,
        )

    def _paying(self, kind: str) -> tuple[str, ...] | None:
        amount = getattr(self.faults, kind)
        return (() if amount == "any" else (kind,)) if amount else None

    def _byzantine(self, node: Node) -> ByzantineComponent:
        assert self.adversary is not None
        roles = self.adversary.towards
        victims = tuple(n for n in self.machines if not roles or n.role in roles)
        return ByzantineComponent(node, self.adversary, victims, tuple(self.machines))

    def initial(self) -> Iterator[Values]:
        """Yield the starting states; the nodes' first effects have left, in the nodes' order.

        Raises: ModelError where there is none, of which anything would hold.
        """
        found = False
        for start in self.starts:
            boots = {
                slot: component.boot(start.get(component.node))
                for slot, component in enumerate(self._parts)
                if isinstance(component, NodeComponent)
            }
            values = tuple(
                boots[slot].value if slot in boots else self._idle(key, start)
                for key, slot in self.slots.items()
            )
            stimuli = tuple(one for boot in boots.values() for one in boot.stimuli)
            for step in self._run(values, stimuli, Step((), fault=False, values=())):
                found = True
                yield step.values
        if not found:
            raise ModelError(
                "the world has no starting state: either `starts` is empty, or what the nodes send"
                " at boot does not fit into their channels"
            )

    def _idle(self, key: Key, start: Mapping[Node, Any]) -> Any:
        match key:
            case Channel():
                return ()
            case ("workload", Node() as node):
                return tuple(self.workload[node])
            case str() if key in self.observers:
                return self.observers[key].initial
            case str() if key in self._budgets:
                return self._budgets[key]
            case str() if key == SIGNATURES:
                return signatures_in(tuple(start.values()), *self.machines)
        return None

    def successors(self, values: Values) -> Iterator[Step]:
        """Yield every step from this state, in an order that is always the same."""
        nothing = Step((), fault=False, values=())
        for key in self.components:
            yield from self._run(values, ((key, ACT),), nothing)

    def _run(
        self, values: Values, agenda: tuple[tuple[Key, Any], ...], so_far: Step
    ) -> Iterator[Step]:
        """Yield the ways to handle every stimulus of `agenda`, first to last, depth first."""
        branches = [(values, agenda, so_far)]
        while branches:
            values, agenda, so_far = branches.pop()
            if not agenda:
                yield evolve(so_far, values=values)
                continue
            (key, stimulus), later = agenda[0], agenda[1:]
            slot = self.slots[key]
            for reaction in reversed(tuple(self._parts[slot].react(values[slot], stimulus))):
                after = (*values[:slot], reaction.value, *values[slot + 1 :])
                branches.append((after, (*reaction.stimuli, *later), _with(so_far, reaction)))

    def statement(self) -> dict[str, str]:
        """Return the bounds that every verdict is about, in words."""
        lines = {
            "nodes": ", ".join(map(str, self.machines)),
            "network": str(self.network),
            "faults": str(self.faults),
        }
        if self.adversary:
            kinds = sorted({type(message).__name__ for message in self.adversary.repertoire})
            liars = ", ".join(map(str, self._liars))
            said = f"{len(self.adversary.repertoire)} messages ({', '.join(kinds)})"
            lines["Byzantine"] = f"{liars}, each may say any of {said}"
        if self.closing:
            lines["dropped"] = f"messages to {', '.join(self.closing)} about what is over"
        if self.workload:
            work = (f"{node}: {len(calls)}" for node, calls in self.workload.items())
            lines["workload"] = f"operations at {', '.join(work)}"
        if self.fairness:
            lines["fairness"] = "; ".join(map(str, self.fairness))
        if len(self.starts) > 1:
            lines["starting worlds"] = f"{len(self.starts):,}"
        return lines


def _with(so_far: Step, reaction: Reaction) -> Step:
    if not reaction.happenings and not reaction.fault:
        return so_far
    happenings = (*so_far.happenings, *reaction.happenings)
    return Step(happenings, so_far.fault or reaction.fault, ())
