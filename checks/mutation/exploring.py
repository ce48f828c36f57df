"""One exploration for a campaign: on one thread, state by state, and never half in silence."""

from collections.abc import Collection, Sequence

from coterie.checks.engine.explore import explore
from coterie.checks.result import Exploration
from coterie.checks.world import World
from coterie.spec.property import Property

INTERRUPTED = "interrupted"


def explored(
    world: World,
    claims: Sequence[Property],
    *,
    fatal: Collection[str] = (),
    max_seconds: float | None = None,
) -> Exploration:
    """Explore `world` without symmetry, which a mutant may break.

    Raises: KeyboardInterrupt where the user has interrupted; ModelError.
    """
    found = explore(world, claims, fatal=fatal, workers=1, max_seconds=max_seconds, symmetry=False)
    if found.stopped == INTERRUPTED:
        raise KeyboardInterrupt
    return found
