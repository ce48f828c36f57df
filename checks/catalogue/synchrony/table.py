"""The shared state table, over channels that keep every push, and over such that overwrite.

Remote writes arrive in order, and a reader polls: it may see any of the rows that were written, but
never one after a later one. `Fifo` is that to the letter. Over `Latest` a push that still waits is
overwritten by the next, and the messages of both travel together.

What is reached over `Latest` is reached over `Fifo` too, by readers that read all that waits before
anybody else acts; the tests hold that against plain searches. So a violation over `Latest` is one.
Not so the other way round: over `Latest` nobody reads the older of two rows that wait together, and
nobody says anything in between. For a rule that is monotone there is nothing to lose, since two
rows read one after the other lead to the state that they lead to together; but what the reader has
told others in between is hidden. `coalesced` has a table that only `Fifo` reaches, and a claim that
fails only there.
"""

from functools import partial
from typing import Any

from attrs import evolve, frozen

from coterie.checks.catalogue.synchrony.worlds import ROWS, group, members
from coterie.checks.check import Check, Mutant
from coterie.checks.mutation.named import changed
from coterie.checks.network import Bag, Fifo, Network
from coterie.checks.world import World
from coterie.model.machine import Node, Outcome, Send
from coterie.model.synchrony import member
from coterie.model.synchrony.member import Member, State
from coterie.model.synchrony.membership import Membership
from coterie.model.synchrony.multicast import Multicast
from coterie.model.synchrony.state import Inside, Item, with_row, writing
from coterie.model.synchrony.table import Push
from coterie.model.synchrony.view import first_view
from coterie.spec.synchrony import table as spec

KEEPING = Fifo()


def world(
    size: int,
    told: tuple[int, ...],
    crashes: int = 0,
    network: Network = KEEPING,
    **fields: Any,
) -> World:
    """Return a group whose rows travel so, with these `fields` of its members."""
    return group(size, told, crashes=crashes, network=network, rules={"member": fields})


class Meddling(Membership):
    """Mutant: whoever reads a row writes it over that of the next member, too."""

    def read(self, inside: Inside, rank: int, push: Push) -> Inside:
        """Return `inside` with the row in two places."""
        return with_row(super().read(inside, rank, push), (rank + 1) % len(inside.rows), push.row)


@frozen
class Forwarding(Member):
    """Mutant: whoever reads a row passes it on, and believes what is passed on."""

    def _pushed(self, state: Inside, sender: Node, push: Push) -> Outcome[State]:
        outcome = super()._pushed(state, push.writer, push)
        others = [node for node in state.view.members if node not in (self.name, push.writer)]
        sends = [Send(node, push) for node in others if push.writer == sender]
        return evolve(outcome, effects=(*outcome.effects, *sends))


def forwarding(size: int, told: tuple[int, ...], crashes: int) -> World:
    """Return the mutant's world."""
    view = first_view(*members(size))
    made = world(size, told, crashes)
    return evolve(made, machines={node: Forwarding(node, view) for node in made.machines})


class Discounting(Multicast):
    """Mutant: a count is of the messages that are held, not of all that have come."""

    def delivered(self, inside: Inside) -> tuple[Inside, tuple[Item, ...]]:
        """Return `inside` with what is delivered no longer counted."""
        after, items = super().delivered(inside)
        return writing(after, received=tuple(map(len, after.held))), items


CHECK = Check(
    name="synchrony.table.queued",
    about="Rows of a shared table over channels that keep every push, with a crash.",
    world=world,
    properties=(
        spec.a_copy_never_says_more,
        spec.the_least_known_is_there,
        spec.rows_only_grow,
        spec.copies_only_grow,
        spec.what_is_known_stays_known,
        spec.rows_come_from_their_owners,
        spec.copies_catch_up,
        spec.a_copy_is_behind,
    ),
    small={"size": 3, "told": (1, 0, 0), "crashes": 1},
    full={"told": (0, 1, 1)},
    states=632,
    mutants={
        "shrinking": Mutant(
            partial(world, multicast=Discounting()),
            {
                "a_copy_never_says_more": 5,
                "rows_only_grow": 4,
                "copies_only_grow": 6,
            },
        ),
        "meddling": Mutant(
            partial(world, membership=Meddling()),
            {"a_copy_never_says_more": 2, "the_least_known_is_there": 2},
        ),
        "forwarding": Mutant(
            forwarding,
            {"rows_come_from_their_owners": 2, "copies_only_grow": 7},
            {"told": (2, 0, 0), "crashes": 0},
        ),
        "unordered": Mutant(
            partial(world, network=Bag()),
            {"copies_only_grow": 4, "what_is_known_stays_known": 6},
            {"size": 2, "told": (2, 0), "crashes": 0},
        ),
        "silent": Mutant(
            changed(world, member._pushes, "if was is now or was == now → if True"),  # noqa: SLF001
            {"copies_catch_up": 1, "a_copy_is_behind": None},
            {"crashes": 0},
        ),
    },
)

COALESCED = Check(
    name="synchrony.table.coalesced",
    about="Rows of a shared table that overwrite one another on their way, and what that hides.",
    world=partial(world, network=ROWS),
    properties=(
        spec.no_news_is_stale,
        spec.news_overtakes,
        spec.a_copy_never_says_more,
        spec.copies_only_grow,
        spec.what_is_known_stays_known,
        spec.copies_catch_up,
    ),
    small={"size": 3, "told": (2, 0, 0)},
    full={"told": (3, 0, 0)},
    states=1_408,
    mutants={
        "one_by_one": Mutant(partial(world, network=Fifo()), {"no_news_is_stale": 8}),
        "silent": Mutant(
            changed(world, member._pushes, "if was is now or was == now → if True"),  # noqa: SLF001
            {"news_overtakes": None},
        ),
    },
)
