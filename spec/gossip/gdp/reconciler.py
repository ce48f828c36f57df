"""What an exchange promises for every shape of log and every pair of replicas."""

from coterie.model.gossip.gdp.log import Log, children_held
from coterie.model.gossip.gdp.reconciler import Pair
from coterie.model.machine import Node
from coterie.spec.property import View, reachable, recoverable, step_always

REPLICAS = Node("replicas")
REACHED = "gossip.gdp.algorithm.Algorithm.reached"
REQUESTS = "gossip.gdp.algorithm.Algorithm.requests"
OFFERED = "gossip.gdp.algorithm.Algorithm.offered"
SURVIVORS = {
    "What no walk down reaches is sent with the component of a begin or an end: by other messages,"
    " and in the end the logs are the same.": (
        f"{REACHED}: theirs.ends - mine.ends → mine.ends - theirs.ends",
        f"{REACHED}: NONE.union(*(self.walk(name, begins, children) for name in bottoms)) → NONE",
        f"{REACHED}: up.union(down, *(self._up(…",
    ),
    "Every record of a piece lies below one of its ends, so that to ask for the ends is enough.": (
        f"{REQUESTS}: names_of(theirs.begins) | theirs.ends → theirs.ends",
    ),
    "Every record of a piece lies above one of its ends, so that their components are enough.": (
        (
            f"{OFFERED}: names_of(mine.begins - theirs.begins) | mine.ends - theirs.ends"
            " → mine.ends - theirs.ends"
        ),
    ),
    "To send what the other holds already costs messages, and changes no log.": (
        f"{OFFERED}: (names_of(mine.begins - theirs.begin…",
        f"{OFFERED}: reached - names_of(theirs.begins) → reached",
    ),
    "The published walk is refuted as it is, and one that stops at once is refuted alike.": (
        "gossip.gdp.algorithm.look_first: if start in stop → if True",
    ),
    "To ask for what is held already costs messages, and changes no log.": (
        f"{REQUESTS}: names - set(held(log, names)) → names",
    ),
    "Which parents of a begin are held tells as much as which are missing: of the same record, the"
    " one is what the other leaves.": (
        "gossip.gdp.log.with_missing: parent not in log.entries → parent in log.entries",
    ),
}


def _held(log: Log) -> set[str]:
    return set(log.entries)


@step_always(broken_by=("descendants_only", "two_parents_by_name", "no_climbing"))
def one_exchange_suffices(before: View, after: View) -> bool:
    """An exchange that changes anything leaves both replicas with all that either held.

    In symbols: (one, other)' != (one, other) implies one' = other' = one + other. Together with
    `exchanges_converge`, after which no unequal logs stay as they are: one exchange is enough.
    Why: whatever one replica lacks of a piece that both have a part of lies beside a begin or an
    end of its own, where a walk finds it; any other piece has a begin or an end that it does not
    know and so asks for, or is sent.
    Source: Numamoto, Replication for the Global Data Plane, 2019; one-exchange convergence.
    """
    was: Pair = before[REPLICAS]
    now: Pair = after[REPLICAS]
    union = _held(was.one) | _held(was.other)
    return _held(now.one) == union == _held(now.other)


@recoverable(broken_by=("look_first", "two_parents_by_name"))
def exchanges_converge(world: View) -> bool:
    """From every pair of logs some exchanges lead to equal ones.

    In symbols: AG EF (one = other).
    Why: a pair of logs that exchanges leave as it is while they differ diverges for ever.
    Source: the published algorithm on A = {0, 2}, B = {0, 1, 2} of the chain 0, 1, 2: both ends of
    A's pieces are known to B, and so nothing is asked for; A never gets 1. It fails so on 4 of
    the 1 088 pairs with 3 records, and on 176 of the 18 944 with 4.
    """
    pair: Pair = world[REPLICAS]
    return pair.one == pair.other


def _has_hole(log: Log) -> bool:
    return any(log.entries[name].parents for name in log.begins)


def _has_branch(log: Log) -> bool:
    return any(len(children_held(log, name)) > 1 for name in log.entries)


@reachable(broken_by="two_records")
def a_branch_meets_a_hole(world: View) -> bool:
    """Among the pairs are some where one log has a branch and the other, different, has a hole.

    Why: over logs that are all prefixes of one chain any exchange would do.
    Source: holes and branches are what the log is made for: its writer may write at any time, from
    anywhere, Numamoto 2019.
    """
    pair: Pair = world[REPLICAS]
    return pair.one != pair.other and _has_branch(pair.one) and _has_hole(pair.other)
