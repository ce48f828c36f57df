"""Wrong guards of the register, for its mutants."""

from coterie.model.diffusion.register.messages import Update


def at_2b_and_1(count: int, b: int) -> bool:
    """Mutant: 2b + 1 replicas are enough."""
    return count >= 2 * b + 1


def at_b(count: int, b: int) -> bool:
    """Mutant: b replicas are enough, all of which may be Byzantine."""
    return count >= b


def at_4b_and_1(count: int, b: int) -> bool:
    """Mutant: every replica of a node is needed."""
    return count >= 4 * b + 1


def never(count: int, b: int) -> bool:
    """Mutant: no number is enough."""
    return count > 5 * b


def the_largest(b: int) -> int:
    """Mutant: build on the largest of 3b + 1 timestamps."""
    return 3 * b


def by_timestamp_alone(one: Update, other: Update) -> bool:
    """Mutant: of two updates with the same timestamp neither is newer."""
    return one.timestamp > other.timestamp
