"""Reads of a serving store: of one date, of a range in pages, of the latest; and by a majority."""

from functools import partial

from attrs import evolve

from coterie.checks.catalogue.diffusion.lookup import CHATTER, GULLIBLE, HALF, NEVER
from coterie.checks.catalogue.diffusion.lookup_worlds import DEVICE, asking
from coterie.checks.catalogue.gossip.store.service.recovery import ONE_EACH, shelf_with
from coterie.checks.catalogue.gossip.store.service.worlds import TINY, serving
from coterie.checks.check import Check, Mutant
from coterie.checks.mutation.named import changed
from coterie.checks.world import World
from coterie.model.diffusion.lookup import REPAIRED, Client
from coterie.model.gossip.store.service import answers
from coterie.model.gossip.store.service.index import Row
from coterie.model.gossip.store.service.queries import Between, Inquirer, Latest, ValueAt
from coterie.model.gossip.store.service.serving import StoreServer
from coterie.model.machine import Node
from coterie.spec.diffusion import lookup as by_many
from coterie.spec.gossip import store_queries as spec

ROWS = (Row(1, 10, 0), Row(2, 20, 1), Row(4, 40, 2))


def asked(servers: int, client: Inquirer = Inquirer()) -> World:  # noqa: B008  it is frozen
    """Return servers that start again with some rows, and a client that asks for them."""
    nodes = [Node("server", index) for index in range(servers)]
    world = serving(
        TINY,
        servers,
        (),
        network=ONE_EACH,
        losses="any",
        queries=(Between(1, 4, 2), Between(4, 5, 2), Latest(), ValueAt(3), ValueAt(2)),
        starts={node: shelf_with(*ROWS) for node in nodes},
    )
    return evolve(world, machines={**world.machines, Node("client"): client})


READS = Check(
    name="gossip.store.service.queries",
    about="A server answers for one date, for a range, and for the latest, what its table has.",
    world=asked,
    properties=(spec.answers_tell_the_table, spec.no_query_is_forgotten, spec.a_page_goes_on),
    small={"servers": 2},
    full={"servers": 3},
    states=15_143,
    mutants={
        "pretends": Mutant(
            changed(
                asked,
                StoreServer._reply,  # noqa: SLF001
                "if state.recovering → if False",
            ),
            {"answers_tell_the_table": 2},
        ),
        "cut_short": Mutant(
            changed(
                asked,
                answers._page,  # noqa: SLF001
                "if len(rows) > most → if False",
            ),
            {"answers_tell_the_table": 5},
        ),
        "interrupted": Mutant(
            changed(
                asked,
                Inquirer.step,
                "case Invoke(Inquire(server, what)) if state.asked is None"
                " → case Invoke(Inquire(server, what))",
            ),
            {"no_query_is_forgotten": 2},
        ),
        "mute": Mutant(
            changed(
                asked,
                StoreServer._received,  # noqa: SLF001
                "without Send(sender, self._reply(state, number, what))",
            ),
            {"a_page_goes_on": None},
        ),
    },
)


def looked_up(client: Client, f: int, reads: int) -> World:
    """Return serving servers among Byzantine ones, and a client that asks all of them."""
    world = asking(client, f, reads=reads)
    believed = frozenset({DEVICE, *(node for node in world.machines if node.role == "client")})
    server = evolve(TINY, sources=believed)
    servers = {node: server for node in world.machines if node.role == "server"}
    return evolve(world, machines={**world.machines, **servers})


LOOKUP = Check(
    name="gossip.store.service.lookup",
    about="A client that asks all of 3f + 1 serving servers, f of them Byzantine, reads the truth.",
    world=partial(looked_up, REPAIRED),
    properties=(
        by_many.ATOMIC,
        by_many.no_forgery,
        by_many.no_value_is_forgotten,
        by_many.no_value_is_overlooked,
        by_many.a_value_is_returned,
        by_many.none_before_a_value,
    ),
    small={"f": 1, "reads": 2},
    full={"f": 2},
    states=15_863,
    mutants={
        "half": Mutant(
            partial(looked_up, HALF),
            {"linearizable": 13, "no_value_is_forgotten": 13, "no_value_is_overlooked": 7},
        ),
        "gullible": Mutant(partial(looked_up, GULLIBLE), {"no_forgery": 2}),
        "chatter": Mutant(partial(looked_up, CHATTER), {"linearizable": 21, "no_forgery": 21}),
        "never_enough": Mutant(
            partial(looked_up, NEVER), {"a_value_is_returned": None, "none_before_a_value": None}
        ),
    },
)
