"""Consistency as properties of a world that has an observer of its history.

World(..., observers={"history": HISTORY})
properties = (linearizable("history", REGISTER), reachable(...))
"""

from collections.abc import Callable, Sequence

from coterie.spec.history.conditions import is_linearizable, is_regular, is_safe, is_sequential
from coterie.spec.history.objects import SequentialObject
from coterie.spec.history.observer import operations
from coterie.spec.history.operation import Operation
from coterie.spec.property import Kind, Property, View

Mutants = str | tuple[str, ...]
Condition = Callable[[Sequence[Operation], SequentialObject], bool]


def linearizable(observer: str, of: SequentialObject, *, broken_by: Mutants = ()) -> Property:
    """Claim that every history is linearizable: each operation takes effect at one instant.

    Attributes:
        observer: the name of the world's observer, which is `HISTORY`.
        of: the object that the operations are to look like.
    """
    text = f"""Users of the {of} cannot tell it from one that runs each operation at an instant.

    In symbols: some order of the operations, in which whatever was answered before another call
    comes first, gives the results when the {of} runs them one at a time.
    Operations without an answer may be in it or not.
    Why: it is the strongest condition of its kind, and may be relied on object by object.
    Source: Herlihy and Wing, Linearizability, TOPLAS 1990.
    """
    return _claim("linearizable", is_linearizable, observer, of, text, broken_by)


def sequential(observer: str, of: SequentialObject, *, broken_by: Mutants = ()) -> Property:
    """Claim that every history is sequentially consistent: some order keeps each node's own.

    Attributes:
        observer: the name of the world's observer, which is `HISTORY`.
        of: the object that the operations are to look like.
    """
    text = f"""Users of the {of} who know only what it answers see one order of all operations.

    In symbols: some order of the operations, in which those of each node are in the order of its
    calls, gives the results when the {of} runs them one at a time.
    Operations without an answer may be in it or not.
    Why: it is enough where users talk to one another through the object alone.
    Source: Lamport, How to Make a Multiprocessor Computer That Correctly Executes, 1979.
    """
    return _claim("sequential", is_sequential, observer, of, text, broken_by)


def regular(observer: str, of: SequentialObject, *, broken_by: Mutants = ()) -> Property:
    """Claim that the register is regular: a read returns the last value, or one being written.

    Attributes:
        observer: the name of the world's observer, which is `HISTORY`.
        of: the register (its reads and writes are all that may be called).
    """
    text = f"""A read of the {of} returns the last value written before it, or one being written.

    In symbols: a read returns the value of a write w that was not called after the read was
    answered, where no other write lies wholly between w and the read.
    With several writers, reads need not agree on the order of overlapping writes.
    Why: many quorum protocols give no more when a reader does not write back what it has read.
    Source: Lamport, On Interprocess Communication, 1986; with several writers, the condition MWR1
    of Shao, Welch, Pierce and Lee, SIAM J. Comput. 2011.
    """
    return _claim("regular", is_regular, observer, of, text, broken_by)


def safe(observer: str, of: SequentialObject, *, broken_by: Mutants = ()) -> Property:
    """Claim that the register is safe: a read that overlaps no write returns the last value.

    Attributes:
        observer: the name of the world's observer, which is `HISTORY`.
        of: the register (its reads and writes are all that may be called).
    """
    text = f"""A read of the {of} that overlaps no write returns the last value written before it.

    In symbols: a read that overlaps no write returns the value of a write before it, where no other
    write lies wholly between the two.
    A read that overlaps a write may return anything.
    Why: less would be no register at all.
    Source: Lamport, On Interprocess Communication, 1986.
    """
    return _claim("safe", is_safe, observer, of, text, broken_by)


def _claim(
    name: str,
    condition: Condition,
    observer: str,
    of: SequentialObject,
    text: str,
    broken_by: Mutants,
) -> Property:
    def claim(world: View) -> bool:
        return condition(operations(world.observed(observer)), of)

    claim.__name__, claim.__doc__ = name, text
    mutants = (broken_by,) if isinstance(broken_by, str) else broken_by
    return Property(name, Kind.ALWAYS, claim, mutants)
