"""What readers and writers of the register may rely on."""

from collections.abc import Iterable

from coterie.model.diffusion.register.client import ERROR
from coterie.model.machine import Node
from coterie.spec.history.conditions import is_linearizable, is_regular, is_safe
from coterie.spec.history.objects import REGISTER
from coterie.spec.history.observer import operations
from coterie.spec.history.operation import Operation
from coterie.spec.property import View, always, at_rest, reachable


def _history(world: View) -> tuple[Operation, ...]:
    return operations(world.observed("history"))


def _without_errors(history: Iterable[Operation]) -> tuple[Operation, ...]:
    """Return the history without the reads that have told nothing."""
    return tuple(each for each in history if each.result != ERROR)


@always(broken_by=("few_acks", "few_answers", "too_many_liars"))
def a_quiet_read_is_right(world: View) -> bool:
    """A read that overlaps no write returns the value written last, and never an error.

    In symbols: the history is one of a safe register; a read may fail only beside a write.
    Why: the 3b + 1 replicas that have acknowledged the write and the 3b + 1 that answer the read
    have 2b + 1 in common, of which b + 1 are correct; what is older is outdated beside them, and
    what b others invent has too few supporters.
    Source: Malkhi and Sella 2001, section 1: safe read/write variable emulation; and section 4's
    note on the error return value.
    """
    return is_safe(_history(world), REGISTER)


@always(broken_by=("few_acks", "few_answers", "few_supporters", "nothing_outdated"))
def a_read_is_regular_or_fails(world: View) -> bool:
    """A read that does not fail returns the value written last before it, or one being written.

    In symbols: without the reads that fail, the history is one of a regular register.
    Why: b + 1 newer answers outdate whatever is older than the last write, and b + 1 supporters
    include a correct one, so nothing is returned that no client wrote.
    Source: our own; the paper promises a safe register, which may return anything beside a write.
    """
    return is_regular(_without_errors(_history(world)), REGISTER)


@always(broken_by="no_write_back")
def reads_are_atomic_or_fail(world: View) -> bool:
    """Users cannot tell reads and writes, but for the reads that fail, from ones at an instant.

    In symbols: without the reads that fail, the history is linearizable.
    Why: a reader that returns a value has seen to it that 3b + 1 replicas store it or a newer one,
    so no later read can return an older one. Published readers do not: one may return the value
    that is being written, and a later one the value before it.
    Source: our own repair, after Attiya, Bar-Noy and Dolev, Sharing Memory Robustly in
    Message-Passing Systems, 1995, whose readers write back.
    """
    return is_linearizable(_without_errors(_history(world)), REGISTER)


@at_rest(broken_by=("demanding", "small_node"))
def every_operation_ends(world: View) -> bool:
    """When nothing is left to happen, every read and write has returned, though b stay silent.

    In symbols: at rest, each client that is up does nothing and has nothing left to do.
    Why: 4b + 1 replicas less b silent ones are the 3b + 1 that a client waits for.
    Source: Malkhi and Sella 2001, section 4: the liveness of the protocols.
    """
    return all(
        not world.up(client) or (world[client].doing is None and not world.left(client))
        for client in world.nodes("client")
    )


def _ended(world: View, client: Node, f: str) -> list[Operation]:
    return [
        each
        for each in _history(world)
        if each.process == client and each.call.f == f and each.is_known
    ]


@reachable(broken_by="nothing_supported")
def a_read_returns_what_was_written(world: View) -> bool:
    """A read can return a value that a client wrote.

    Why: a register that always holds its first value, or always fails, would be regular too.
    Source: the witness to `a_read_is_regular_or_fails`.
    """
    return any(
        each.result not in {None, ERROR}
        for client in world.nodes("client")
        for each in _ended(world, client, "read")
    )


@reachable(broken_by="few_supporters")
def a_read_fails(world: View) -> bool:
    """A read beside a write can fail.

    Why: that is the price: half the replicas may have the new value, and half the old one.
    Source: Malkhi and Sella 2001, section 4: the note on the error return value.
    """
    return any(each.result == ERROR for each in _history(world))
