"""The engine: explore a world, and return what was found."""

import os
from collections.abc import Callable, Collection, Iterator, Sequence

from attrs import evolve

from coterie.checks.engine.checkpoint.saver import Checkpoints
from coterie.checks.engine.crew import Crew
from coterie.checks.engine.explorer import Explorer
from coterie.checks.engine.spill import Spill
from coterie.checks.engine.watch import LimitReachedError, Watch
from coterie.checks.errors import ModelError
from coterie.checks.result import Exploration, Progress
from coterie.checks.world import Values, World
from coterie.spec.property import Property

WORKERS_MOST = 2


def explore(
    world: World,
    properties: Sequence[Property] = (),
    *,
    fatal: Collection[str] = (),
    workers: int | None = None,
    max_states: int | None = None,
    max_seconds: float | None = None,
    max_depth: int | None = None,
    progress: Callable[[Progress], None] | None = None,
    keep: Callable[[Iterator[Values]], None] | None = None,
    diagnose: bool = False,
    symmetry: bool = True,
    checkpoints: Checkpoints | None = None,
    memory: int | None = None,
) -> Exploration:
    """Explore `world` whole, unless every property is decided before, or a limit comes first.

    Attributes:
        fatal: the names of properties whose violation ends the search, at the end of its level.
        workers: threads; None for one a processor, at most two. More gain little on one machine.
        max_states: stop when there are more states than that.
        max_seconds: stop after so many seconds.
        max_depth: stop before the states that are so many steps from a start are expanded.
        progress: called a few times a second.
        keep: called once with all reachable states, when they are all known.
        diagnose: whether to look for the fairness that would make violated claims about runs true.
        symmetry: whether states that differ only in the names of interchangeable nodes (the world's
            `symmetric` roles) are explored once; never where all states are to be kept.
        checkpoints: where to keep the exploration on disk, to go on from there the next time.
        memory: keep states and steps on the disk, when they take the process beyond so many bytes;
            stop only where that does not help.
    Raises: ModelError where the model or a property is wrong; CheckpointError where what is kept on
        disk is of another exploration, or is damaged, or cannot be written.
    """
    names = [claim.name for claim in properties]
    if len(set(names)) < len(names):
        raise ModelError(f"two properties have one name: {', '.join(sorted(names))}")
    crew = Crew(workers or min(WORKERS_MOST, os.cpu_count() or 1))
    try:
        watch = Watch(
            max_states=max_states,
            max_seconds=max_seconds,
            max_depth=max_depth,
            memory=memory,
            progress=progress,
        )
        spill = None if memory is None else Spill(memory)
        if world.symmetric and not (symmetry and keep is None):
            world = evolve(world, symmetric=())
        explorer = Explorer(world, properties, fatal, crew, watch, checkpoints, spill)
        stopped = _run(explorer)
        now = explorer.now()
        explorer.space.answers.audit()
        reductions = explorer.reductions()
        findings = tuple(each.finding(explorer.explored) for each in explorer.inquiries)
        if diagnose:
            findings = tuple(map(explorer.diagnosed, explorer.inquiries, findings))
        if keep is not None and explorer.explored.complete:
            keep(explorer.reached())
    finally:
        crew.close()
    return Exploration(
        world,
        findings,
        states=now.states,
        transitions=now.transitions,
        depth=now.depth,
        complete=explorer.explored.complete,
        stopped=stopped,
        seconds=explorer.seconds,
        python_calls=now.python_calls,
        row_bytes=8 * explorer.space.store.width,
        limits=watch.limits,
        reductions=reductions,
        memo=explorer.space.answers.sizes(),
    )


def _run(explorer: Explorer) -> str:
    """Explore; return why that has stopped before the end, if it has."""
    try:
        stopped = _stopped(explorer)
        explorer.end()
    except MemoryError as limit:
        return f"memory ran out: {limit}"
    except KeyboardInterrupt:
        return "interrupted"
    return stopped


def _stopped(explorer: Explorer) -> str:
    try:
        explorer.run()
    except LimitReachedError as limit:
        return str(limit)
    finally:
        explorer.finish()
    return explorer.stopped
