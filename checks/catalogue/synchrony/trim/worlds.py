"""The worlds in which views end while something fails, and nobody joins."""

from typing import Any

from attrs import evolve

from coterie.checks.catalogue.synchrony.worlds import group
from coterie.checks.world import World
from coterie.spec.synchrony import told, trim

DELIVERIES = (
    trim.one_order,
    trim.together,
    trim.once_in_one_view,
    trim.fifo,
)
TRIM = (
    trim.trim_is_feasible,
    trim.trim_covers_deliveries,
    trim.one_trim,
    trim.counts_stand_still,
)


def world(**parameters: Any) -> World:
    """Return a group as `group` makes it, with a ghost of what its users have told it."""
    made = group(**parameters)
    return evolve(made, observers={**made.observers, told.TOLD: told.OBSERVER})
