"""How a property stands at the end of a run: true, false, or nothing to say of it yet."""

from collections.abc import Callable, Iterable
from enum import Enum

from attrs import frozen

from coterie.checks.lasso import breaks, is_fair
from coterie.checks.result import Trace
from coterie.checks.view import WorldView
from coterie.checks.world import Values, World
from coterie.commands.running import unforeseen
from coterie.model.machine import Node
from coterie.spec.property import Kind, Property
from coterie.spec.refinement import Refinement

Nodes = tuple[Node, ...]
Rests = Callable[[Values], bool]


class Light(Enum):
    """What a property shows."""

    TRUE = "true"
    FALSE = "false"
    OPEN = "open"
    ERROR = "error"

    @property
    def sign(self) -> str:
        """The same as a sign, which does not rest on a colour."""
        return {"true": "✓", "false": "✗", "open": "○", "error": "!"}[self.value]


@frozen
class Standing:
    """How one property stands.

    Attributes:
        claim: the property.
        light: what it shows.
        words: the same in words, with the nodes of which it is false.
    """

    claim: Property
    light: Light
    words: str


def standing(world: World, claim: Property, run: Trace, rests: Rests) -> Standing:
    """Return how `claim` stands at the end of `run`; an error in it is shown, not raised.

    Attributes:
        rests: whether only faults can change a state.
    """
    try:
        light, words = _standing(world, claim, run, rests)
    except Exception as error:  # noqa: BLE001 (a property may be a user's, and raise anything)
        light, words = Light.ERROR, f"cannot be told: {unforeseen(error).splitlines()[0]}"
    return Standing(claim, light, words)


def _standing(world: World, claim: Property, run: Trace, rests: Rests) -> tuple[Light, str]:
    here = WorldView(world, run.states[-1])
    match claim.kind:
        case Kind.ALWAYS:
            return _judged(_wrong(claim, here), "here")
        case Kind.AT_REST if not rests(here.values):
            return Light.OPEN, "asked only where nothing but faults can happen"
        case Kind.AT_REST:
            return _judged(_wrong(claim, here), "here, at rest")
        case Kind.STEP_ALWAYS | Kind.REFINES:
            return _of_step(world, claim, run)
        case Kind.REACHABLE if claim.holds(here):
            return Light.TRUE, "true here: this is a witness"
        case Kind.REACHABLE:
            return Light.OPEN, "not true here; some state must make it true"
        case Kind.RECOVERABLE:
            return Light.OPEN, f"about paths from here; {_now(claim, here)}"
    return _of_runs(world, claim, run)


def _of_step(world: World, claim: Property, run: Trace) -> tuple[Light, str]:
    views = [WorldView(world, values) for values in run.states[-2:]]
    if len(views) == 1:
        if not isinstance(claim.claim, Refinement):
            return Light.OPEN, "about steps, and none was taken yet"
        begins = claim.claim.begins(views[0])
        return (Light.TRUE if begins else Light.FALSE), _begins(begins=begins)
    if views[0].values == views[1].values:
        return Light.TRUE, "the last step changes nothing"
    return _judged(_wrong(claim, *views), "of the last step")


def _begins(*, begins: bool) -> str:
    return "the abstract machine begins here" if begins else "no start of the abstract machine"


def _of_runs(world: World, claim: Property, run: Trace) -> tuple[Light, str]:
    if run.loop is not None:
        tuples = claim.instances(WorldView(world, ()))
        wrong = [nodes for nodes in tuples if breaks(claim, world, run, nodes)]
        if wrong and not is_fair(world, run.states[run.loop :], run.steps[run.loop :]):
            return Light.OPEN, "false of this run without end, which is not a fair one"
        if wrong:
            return Light.FALSE, f"false of this run without end{_named(wrong)}"
    return Light.OPEN, f"about whole runs; {_now(claim, WorldView(world, run.states[-1]))}"


def _now(claim: Property, here: WorldView) -> str:
    return "what it waits for is false here" if _wrong(claim, here) else "true here and now"


def _wrong(claim: Property, *views: WorldView) -> list[Nodes]:
    """Return the tuples of nodes of which the claim is false."""
    tuples = claim.instances(views[0])
    return [nodes for nodes in tuples if not claim.claim(*views, *nodes)]


def _judged(wrong: list[Nodes], where: str) -> tuple[Light, str]:
    if wrong:
        return Light.FALSE, f"false {where}{_named(wrong)}"
    return Light.TRUE, f"true {where}"


def _named(tuples: Iterable[Nodes]) -> str:
    said = [", ".join(map(str, nodes)) for nodes in tuples if nodes]
    return f": of {'; of '.join(said)}" if said else ""
