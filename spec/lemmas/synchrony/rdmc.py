"""No schedule of a multicast in blocks is shorter than the binomial pipeline.

In a step a node sends at most one block to one node. So the root needs a step for each block before
the last of them has left it; and from then on the nodes that have that one at most double. How many
blocks a node may receive in a step does not matter.

Source: Ganesan and Seshadri, On Cooperative Content Distribution and the Price of Barter, ICDCS
2005; Behrens, Jha, Birman, Tremel: RDMC: A Reliable RDMA Multicast for Large Objects, DSN 2018.
"""

from collections.abc import Iterable
from itertools import combinations, product
from typing import Any

from attrs import evolve, frozen

from coterie.model.synchrony.rdmc.schedule import ROOT, doublings, fewest_steps
from coterie.spec.lemmas.given import Given, Guard, all_of
from coterie.spec.lemmas.induction import Action, Claim, induction
from coterie.spec.lemmas.lemma import Goal, lemma
from coterie.spec.lemmas.symbols import Said, implies, no

SIZES = (*product((2, 3, 4), (1, 2, 3)), *product((5, 6), (1, 2)))
"""For how many nodes and blocks all schedules are looked at."""


@lemma()
def holders_at_most_double(given: Given) -> Goal:
    """In one step, the nodes that have a block become at most twice as many.

    In symbols: |after| <= 2 |before|.
    Why: each that is new has been sent the block by one that had it, and that one sends only once.
    Source: Ganesan and Seshadri 2005.
    """
    nodes = given.natural("nodes")
    _, before, senders, after = given.sets("all", nodes, "before", "senders", "after", called="n")
    return Goal(
        needs={
            "nobody sends what it lacks": (senders - before).size == 0,
            "a sender sends one block to one node": (after - before).size <= senders.size,
        },
        claim=after.size <= 2 * before.size,
    )


@frozen
class Sending:
    """How far a message has come, after some steps.

    Attributes:
        steps: how many steps are done.
        emitted: how many different blocks the root has sent.
        holders: how many nodes have the block that leaves the root last, when all others have.
        bound: 2 to the power of the steps after the one less than there are blocks; 1 up to then.
    """

    steps: Any
    emitted: Any
    holders: Any
    bound: Any


@frozen
class Message:
    """A message of any size.

    Attributes:
        blocks: how many blocks it has.
    """

    blocks: Any

    def the_root_sends_a_block_a_step(self, sending: Sending) -> Said:
        """Return whether no more blocks have left the root than there were steps."""
        truth: Said = sending.emitted <= sending.steps
        return truth

    def the_root_alone_has_the_last_block(self, sending: Sending) -> Said:
        """Return whether until the last block has left the root, nobody else has it."""
        return implies(sending.emitted < self.blocks, sending.holders <= 1)

    def the_holders_are_within_the_bound(self, sending: Sending) -> Said:
        """Return whether the last block is with no more nodes than the bound says."""
        truth: Said = sending.holders <= sending.bound
        return truth

    @property
    def invariant(self) -> tuple[Claim[Sending], ...]:
        """The conjuncts."""
        return (
            self.the_root_sends_a_block_a_step,
            self.the_root_alone_has_the_last_block,
            self.the_holders_are_within_the_bound,
        )

    def actions(self, given: Given, before: Sending) -> list[Action[Sending]]:
        """Return what a step may be: with a block that has not left the root before, or without."""
        holders, bound = given.natural("holders after"), given.natural("bound after")
        after = Sending(before.steps + 1, before.emitted, holders, bound)
        is_early = after.steps < self.blocks

        def needs(emitted: Any) -> dict[str, Said]:
            return {
                "holders at most double": holders <= 2 * before.holders,
                "who else has a block has it from the root": implies(
                    emitted < self.blocks, holders <= before.holders
                ),
                "the bound doubles from the step on that is the last block's at best": implies(
                    is_early, bound == 1
                )
                & implies(no(is_early), bound == 2 * before.bound),
            }

        new = before.emitted + 1
        return [
            Action("another block", needs(new), evolve(after, emitted=new)),
            Action("no other block", needs(before.emitted), after),
        ]


@lemma()
def the_last_block_takes_its_time(given: Given) -> list[Goal]:
    """No multicast takes fewer than blocks - 1 + log2 nodes steps, whatever blocks and nodes are.

    In symbols: if all have all blocks after t steps, then nodes <= 2^(t - (blocks - 1)); the bound
    is that power, step by step.
    Why: by induction. The last block leaves the root in step number `blocks` or later; before, the
    root alone has it, and from then on `holders_at_most_double`.
    Source: Ganesan and Seshadri 2005; Behrens, Jha, Birman, Tremel 2018.
    """
    nodes, message = given.natural("nodes"), Message(given.natural("blocks"))
    names = ("steps", "emitted", "holders", "bound")
    state = Sending(*(given.natural(name) for name in names))
    start = Sending(steps=0, emitted=0, holders=1, bound=1)

    def all_nodes_are_within_the_bound(sending: Sending) -> Said:
        return implies(sending.holders == nodes, nodes <= sending.bound)

    return induction(
        {},
        start,
        state,
        message.invariant,
        message.actions(given, state),
        [all_nodes_are_within_the_bound],
    )


def any_of(said: Iterable[Said]) -> Said:
    """Return whether one of these is true."""
    together: Said = False
    for each in said:
        together = together | each
    return together


def _arrival(given: Given, node: int, block: int) -> Any:
    """Return the step after which a node has a block: 0 at the root."""
    return given.natural(f"step of block {block} at node {node}") if node != ROOT else 0


def _source(given: Given, node: int, block: int) -> Any:
    """Return who sends a block to a node."""
    return given.natural(f"sender of block {block} to node {node}")


def _is_no_shorter(given: Given, nodes: int, blocks: int, steps: int) -> Goal:
    """Return the goal that so many nodes and blocks need that many steps.

    Nobody receives a block twice: what is sent to who has it can as well not be sent.
    """
    others, each_block = range(ROOT + 1, nodes), range(blocks)
    transfers = [
        (_source(given, node, block), _arrival(given, node, block))
        for node in others
        for block in each_block
    ]
    had = all_of(
        any_of(
            (_source(given, node, block) == sender)
            & (_arrival(given, sender, block) < _arrival(given, node, block))
            for sender in range(nodes)
        )
        for node in others
        for block in each_block
    )
    once = all_of(
        no((one[0] == other[0]) & (one[1] == other[1])) for one, other in combinations(transfers, 2)
    )
    return Goal(
        any_of(step >= steps for _, step in transfers),
        {
            "nobody sends what it lacks": had,
            "a node sends one block to one node in a step": once,
        },
        f"{nodes} nodes, {blocks} blocks",
    )


@lemma(broken_by={"a step more": {"fewest_steps": lambda n, k: k + doublings(n)}})
def no_schedule_is_shorter(given: Given, fewest_steps: Guard = fewest_steps) -> list[Goal]:
    """Of all the schedules for few nodes and blocks, none is shorter than the binomial pipeline.

    In symbols: whatever the steps and senders of blocks, some block arrives in step
    blocks - 1 + log2 nodes, or later.
    Why: it is what `the_last_block_takes_its_time` says of all numbers, looked at without an
    argument: every schedule is tried. That some schedule takes no more steps is why to ask for
    one more is refuted.
    Source: Ganesan and Seshadri 2005; Behrens, Jha, Birman, Tremel 2018.
    """
    return [_is_no_shorter(given, n, k, fewest_steps(n, k)) for n, k in SIZES]
