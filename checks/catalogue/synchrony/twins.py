"""What breaks several stories: a group with a part left out or turned, each by one rule."""

from collections.abc import Iterable, Mapping
from typing import Any

from coterie.model.synchrony.membership import Membership
from coterie.model.synchrony.state import Inside, leader, rank_of
from coterie.model.synchrony.table import Counts, Row

Rules = Mapping[str, Mapping[str, Any]]


def at_once(echoing: int, asked: int) -> bool:
    """Mutant: whoever has a trim delivers by it, and waits for nobody."""
    return (echoing >= 1) & (asked >= 1)


def nothing(trims: tuple[Counts, ...]) -> None:
    """Mutant: a new leader takes no trim that it finds."""
    del trims


def anything(own: Row, other: Row) -> bool:
    """Mutant: any trim of another counts as an echo, be it the same or not."""
    return own.trim is not None and other.trim is not None


def greatest(column: tuple[int, ...]) -> int:
    """Mutant: the trim names what anybody has."""
    return max(column)


def everybody(inside: Inside) -> tuple[Row, ...]:
    """Mutant: the trim goes by all rows, also of who is gone, as old as they are."""
    return inside.rows


def most(frontiers: Iterable[int]) -> int:
    """Mutant: a slot is stable when more than half of the members have received it."""
    ordered = sorted(frontiers)
    return ordered[(len(ordered) - 1) // 2]


def never(suspected: int) -> bool:
    """Mutant: who is told that it has failed runs on."""
    return suspected < 0


def anybody(alive: int, members: int) -> bool:
    """Mutant: whoever is left goes on, however few they are."""
    return (alive >= 1) & (members >= 1)


def none(inside: Inside, trim: Counts) -> tuple[Any, ...]:
    """Mutant: what was multicast in vain is forgotten."""
    del inside, trim
    return ()


def all_held(inside: Inside, trim: Counts) -> tuple[Any, ...]:
    """Mutant: all that is not delivered yet is multicast again, also what the trim names."""
    del trim
    return inside.held[rank_of(inside)]


class TakesOverAlone(Membership):
    """Mutant: a new leader does not wait until the others have given up the one before."""

    def leads(self, inside: Inside) -> bool:
        """Return whether this member suspects all before it."""
        return leader(inside) == rank_of(inside)


NO_ECHO: Rules = {"trim": {"all_echo": at_once}}
NO_REUSE: Rules = {"trim": {"found": nothing}}
NO_ECHO_NO_REUSE: Rules = {"trim": {"all_echo": at_once, "found": nothing}}
ANY_ECHO_NO_REUSE: Rules = {"trim": {"repeats": anything, "found": nothing}}
NO_AGREEMENT: Rules = {"member": {"membership": TakesOverAlone()}}
NO_AGREEMENT_ANY_ECHO: Rules = {**NO_AGREEMENT, "trim": {"repeats": anything}}
NO_AGREEMENT_NO_ECHO: Rules = {**NO_AGREEMENT, **NO_ECHO}
GREATEST: Rules = {"trim": {"least": greatest}}
LEAST_OVER_ALL: Rules = {"trim": {"counting": everybody}}
MAJORITY_STABILITY: Rules = {"multicast": {"stable": most}}
RUNS_ON: Rules = {"membership": {"is_told": never}}
NO_MAJORITY: Rules = {"membership": {"has_majority": anybody}}
NO_RESEND: Rules = {"transfer": {"resent": none}}
RESENDS_ALL: Rules = {"transfer": {"resent": all_held}}
