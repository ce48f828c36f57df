"""Making the kernels ready: compiled the first time (seconds), loaded from a cache after that."""

from collections.abc import Iterable

from attrs import frozen

from coterie.checks.engine.explore import explore
from coterie.checks.world import World
from coterie.model.machine import Event, Machine, Node, Outcome, Timeout
from coterie.spec.property import View, always

_COIN = Node("coin")


@frozen(cache_hash=True)
class _Turn(Timeout):
    """The other side comes up."""


class _Coin(Machine[bool, None]):
    def start(self, memory: None) -> Outcome[bool]:
        del memory
        return Outcome(state=True)

    def options(self, state: bool) -> Iterable[Timeout]:  # noqa: FBT001 (a coin has two sides)
        del state
        return (_Turn(),)

    def step(self, state: bool, event: Event) -> Outcome[bool] | None:  # noqa: FBT001
        del event
        return Outcome(not state)


@always
def _lies(world: View) -> bool:
    """The coin shows one of its sides."""
    return world[_COIN] in {True, False}


def prepare() -> None:
    """Explore the smallest world there is, so that no other pays for the compiler."""
    explore(World({_COIN: _Coin()}), [_lies])
