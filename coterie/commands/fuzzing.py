"""`machine_of`: any user's pytest fuzzes a world, however large, and gets a run to read and replay.

from coterie import machine_of

TestLock = machine_of(CHECK, clients=10).TestCase
"""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coterie.checks.catalogue import catalogue
from coterie.checks.check import Check
from coterie.checks.errors import definition
from coterie.checks.result import Trace, Verdict
from coterie.checks.simulation.judge import finding
from coterie.checks.simulation.schedule import Source, recorded
from coterie.checks.simulation.steps import Steps
from coterie.checks.world import World
from coterie.commands.page import plain
from coterie.commands.trace import shown
from coterie.commands.words import happening, text
from coterie.spec.property import Property

if TYPE_CHECKING:
    from coterie.checks.hypothesis import WorldMachine

_WIDTH = 80


def machine_of(
    what: World | Check, properties: Iterable[Property] = (), **parameters: Any
) -> "type[WorldMachine]":
    """Return a Hypothesis state machine whose runs are those of a world, and must not violate it.

    A failing run is shrunk, and printed as `coterie check` prints one, with a schedule for `coterie
    replay`. Hypothesis' settings decide how many runs there are (`max_examples`) and how long they
    are (`stateful_step_count`): set them on the machine's `TestCase.settings`.

    Attributes:
        what: a world; or a check, whose world is made from its parameters at size small and from
            those given here.
        properties: what must hold; for a check, when none is given, its own but the refuted ones.
            Those that no single run can violate are not judged.
        parameters: for a check, those that differ from its size small.
    Raises: ValueError where a run can violate none of the properties; TypeError for parameters of
        a world that is already made.
    """
    from coterie.checks.hypothesis import machine_of as machine  # noqa: PLC0415  (only for tests)

    if isinstance(what, World):
        if parameters:
            raise TypeError(f"a world takes no parameters: {', '.join(parameters)}")
        world, source, claims = what, Source(), tuple(properties)
    else:
        world = what.world(**what.parameters(**parameters))
        source = _source(what, parameters)
        own = [it for it in what.properties if what.expected(it) is Verdict.HOLDS]
        claims = tuple(properties) or tuple(own)

    def told(steps: Steps, claim: Property, trace: Trace) -> str:
        return _told(steps, claim, trace, source)

    return machine(Steps(world), claims, told)


def _source(check: Check, parameters: dict[str, Any]) -> Source:
    settings = {name: _typed(value) for name, value in parameters.items()}
    if check in catalogue():
        return Source(check.name, settings=settings)
    file = Path(definition(check.world).partition(":")[0])
    return Source(check.name, _beside_us(file), settings=settings)


def _typed(value: Any) -> str:
    return value if isinstance(value, str) else text(value)


def _beside_us(file: Path) -> str:
    """Return the path as one types it here."""
    here = Path.cwd()
    return str(file.relative_to(here) if file.is_relative_to(here) else file)


def _told(steps: Steps, claim: Property, trace: Trace, source: Source) -> str:
    """Return the run in words, and the schedule that replays it."""
    counted = f"{len(trace)} step{'' if len(trace) == 1 else 's'}"
    found = "by Hypothesis, without the steps that the violation does not need"
    schedule = recorded(steps, trace, source, claim.name, happening, found)
    remedy = "" if source.check else ", with --check NAME, which makes the world"
    lines = [
        f"{claim.name} is violated in {counted}: {claim.statement}",
        *map(plain, shown(steps.world, finding(claim, trace), _WIDTH)),
        f"What follows, in a file, is for `coterie replay FILE`{remedy}:",
        schedule.to_text(),
    ]
    return "\n".join(lines)
