"""What the two-phase lookup promises: no forged value, and nothing that is gone again."""

from collections.abc import Callable

from attrs import evolve, frozen
from immutables import Map

from coterie.model.call import Call
from coterie.model.diffusion.lookup import Looking, Lookup
from coterie.model.diffusion.lookup_quorums import is_witnessed
from coterie.model.gossip.store.edge import Measure
from coterie.model.gossip.store.reads import Absent, Found
from coterie.model.gossip.store.server import Stored
from coterie.model.machine import Deliver, Invoke, Node, Return
from coterie.spec.history.claims import linearizable
from coterie.spec.history.objects import REGISTER
from coterie.spec.history.observer import Recorded, recorded
from coterie.spec.observer import Observer, Seen
from coterie.spec.property import View, always, each, reachable, step_always

SURVIVORS = {
    "Without an end to the numbers of attempts there is no end to the states; what a number tells"
    " apart is the same.": (
        "diffusion.lookup.Client._asked: if self.numbers is not None → if False",
        "diffusion.lookup.Client._asked: self.numbers is not None → self.numbers is None",
    ),
}
Item = tuple[int, int]
NOBODY: Map[int, frozenset[Node]] = Map()


@frozen(cache_hash=True)
class Debt:
    """What a read that is under way owes, by what had happened when it began.

    Attributes:
        date: what it looks up.
        found: whether an earlier read had returned a value of that date.
        stored: whether f + 1 correct servers had one.
    """

    date: int
    found: bool
    stored: bool


NO_DEBTS: Map[Node, Debt] = Map()


@frozen(cache_hash=True)
class Ledger:
    """What has been measured, stored and read: a ghost.

    Attributes:
        f: how many servers may be Byzantine.
        measured: the dates and values that the device has measured.
        holders: the correct servers that have stored a value of each date.
        returned: the dates and values that reads have returned.
        debts: for each client the debt of its read.
        forgotten: whether a read has found nothing though an earlier one had returned a value.
        overlooked: whether one has found nothing though f + 1 correct servers had a value.
        missed: whether some read has found nothing.
    """

    f: int
    measured: frozenset[Item] = frozenset()
    holders: Map[int, frozenset[Node]] = NOBODY
    returned: frozenset[Item] = frozenset()
    debts: Map[Node, Debt] = NO_DEBTS
    forgotten: bool = False
    overlooked: bool = False
    missed: bool = False


def _entered(ledger: Ledger, node: Node, seen: Seen) -> Ledger:
    match seen:
        case Invoke(Measure(date, value)):
            return evolve(ledger, measured=ledger.measured | {(date, value)})
        case Deliver(Stored(date)):
            holders = ledger.holders.get(date, frozenset()) | {node}
            return evolve(ledger, holders=ledger.holders.set(date, holders))
        case Invoke(Lookup(date)):
            return evolve(ledger, debts=ledger.debts.set(node, _debt(ledger, date)))
        case Return(Found() | Absent() as result):
            paid = evolve(ledger, debts=ledger.debts.delete(node))
            return _returned(paid, ledger.debts[node], result)
    return ledger


def _debt(ledger: Ledger, date: int) -> Debt:
    found = any(date == returned for returned, _ in ledger.returned)
    holders = len(ledger.holders.get(date, frozenset()))
    return Debt(date, found, stored=is_witnessed(holders, ledger.f))


def _returned(ledger: Ledger, debt: Debt, result: Found | Absent) -> Ledger:
    if isinstance(result, Found):
        return evolve(ledger, returned=ledger.returned | {(debt.date, result.value)})
    return evolve(
        ledger,
        forgotten=ledger.forgotten or debt.found,
        overlooked=ledger.overlooked or debt.stored,
        missed=True,
    )


def ledger(f: int) -> Observer:
    """Return the observer that keeps the `Ledger`, where f servers may be Byzantine."""
    return Observer(Ledger(f), _entered)


def _told(history: Recorded, node: Node, seen: Seen) -> Recorded:
    """Tell the history of a register for each date.

    A write is never answered: no server tells the device that it has stored what was sent.
    """
    match seen:
        case Invoke(Measure(date, value)):
            return recorded(history, node, Invoke(Call("write", value, date)))
        case Invoke(Lookup(date)):
            return recorded(history, node, Invoke(Call("read", key=date)))
        case Return(Found(value)):
            return recorded(history, node, Return(value))
        case Return(Absent()):
            return recorded(history, node, Return(None))
    return history


HISTORY = Observer(Map(), _told)
"""The history of the device's writes and the clients' reads."""

ATOMIC = linearizable("history", REGISTER, broken_by=("half", "gullible", "outvoted", "three_f"))
"""The lookup cannot be told from an atomic register for each date, which is written once."""


def is_busy(state: Looking) -> bool:
    """Return whether a read is under way."""
    return state.date is not None


def _asked(of: Callable[[Ledger], bool], world: View) -> bool:
    seen = world.observed("ledger")
    assert isinstance(seen, Ledger)
    return of(seen)


@always(broken_by=("gullible", "chatter", "trusting"))
def no_forgery(world: View) -> bool:
    """A read returns no value that the device has not measured for that date.

    In symbols: returned(d, v) implies measured(d, v).
    Why: of f + 1 servers that say the same one is correct, and it has what the device sent.
    Source: Shadmon and Srivastav, Replicated and Consistent Distributed Data Storage, section V-B.
    """
    return _asked(lambda seen: seen.returned <= seen.measured, world)


@always(broken_by=("half", "gullible", "outvoted", "three_f"))
def no_value_is_forgotten(world: View) -> bool:
    """Once a read has returned the value of a date, no read that begins later finds none.

    In symbols: return(r) = v and return(r) before call(s) implies return(s) ≠ none.
    Why: 2f + 1 servers vouched for the value, of which f + 1 are correct and keep it; so at most 2f
    can say later that there is none.
    Source: section V-B: "then the client knows they received the correct lookup".
    """
    return _asked(lambda seen: not seen.forgotten, world)


@always(broken_by=("half", "gullible", "late_answers"))
def no_value_is_overlooked(world: View) -> bool:
    """A read that begins when f + 1 correct servers have the value of a date does not find none.

    In symbols: |{p correct : d in table(p)}| ≥ f + 1 at call(r) implies return(r) ≠ none.
    Why: at most 2f servers are left to say that there is none, and 2f + 1 must.
    Source: section V-B.
    """
    return _asked(lambda seen: not seen.overlooked, world)


@step_always(broken_by="interrupted", each=each("client"))
def no_read_is_interrupted(before: View, after: View, client: Node) -> bool:
    """While a read of a client is under way, its user calls no other.

    In symbols: reading(c) implies calls(c)' = calls(c).
    Why: a client that began another read would never return from the first.
    Source: our own.
    """
    return not before.see(client, is_busy) or before.left(client) == after.left(client)


@reachable(broken_by="never_enough")
def a_value_is_returned(world: View) -> bool:
    """A read can return a value.

    Why: nothing is forgotten, and nothing is forged, where no read ever returns.
    Source: the witness to `no_forgery`.
    """
    return _asked(lambda seen: bool(seen.returned), world)


@reachable(broken_by="never_enough")
def none_before_a_value(world: View) -> bool:
    """A read can find none, and a later one a value.

    Why: until the device's data arrive, "none" is the truth, and must not be withheld.
    Source: the witness to `no_value_is_forgotten`.
    """
    return _asked(lambda seen: seen.missed and bool(seen.returned), world)
