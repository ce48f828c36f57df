"""Who decides on membership, in the plainest way: one process that never fails.

It stands in for a view change, whose agreement among the members themselves is another protocol.
Once all members that it does not hold for failed have wedged, none of them delivers any more; so
what all of them have delivered is a number that stays true. The next epoch begins from there.

Source: Jha et al., Derecho: Fast State Machine Replication for Cloud Services, ACM TOCS 2019, the
view change and its ragged trim.
"""

from collections.abc import Callable, Iterable

from attrs import evolve, frozen

from coterie.model.detector import Suspect
from coterie.model.machine import Event, Machine, Outcome, Receive, Send, Timeout
from coterie.model.synchrony.rdmc.node import Regroup, Wedged, member

UNKNOWN = -1
"""What a member that has not wedged yet has delivered."""


@frozen(cache_hash=True)
class Membership:
    """What is known of the members.

    Attributes:
        epoch: the present one.
        members: who is in it, by index.
        delivered: how many messages each of them has delivered; UNKNOWN until it has wedged.
        failed: those that are held for failed.
    """

    epoch: int
    members: tuple[int, ...]
    delivered: tuple[int, ...]
    failed: frozenset[int] = frozenset()


def kept(delivered: Iterable[int]) -> int:
    """Return how many messages are with all, where each has `delivered` so many."""
    return min(delivered)


@frozen
class Regrouping(Machine[Membership, None]):
    """The process that decides.

    Attributes:
        nodes: how many members there are at first.
        kept: how many messages the next epoch builds on, of those that its members have delivered.
    """

    nodes: int
    kept: Callable[[Iterable[int]], int] = kept

    def start(self, memory: None) -> Outcome[Membership]:
        """All are members, and none has wedged."""
        del memory
        return Outcome(Membership(0, tuple(range(self.nodes)), (UNKNOWN,) * self.nodes))

    def options(self, state: Membership) -> Iterable[Timeout]:
        """Any member may be suspected, once."""
        return (Suspect(member(index)) for index in state.members if index not in state.failed)

    def step(self, state: Membership, event: Event) -> Outcome[Membership] | None:
        """Note who has wedged and who has failed; regroup when there is no other."""
        match event:
            case Receive(sender, Wedged(epoch, delivered)) if epoch == state.epoch:
                return self._decided(_noted(state, sender.index, delivered))
            case Receive():
                return Outcome(state)
            case Suspect(node) if event in self.options(state):
                return self._decided(evolve(state, failed=state.failed | {node.index}))
        return None

    def _decided(self, state: Membership) -> Outcome[Membership]:
        """Begin the next epoch once nobody has to be waited for, if anybody is left."""
        known = {
            index: delivered
            for index, delivered in zip(state.members, state.delivered, strict=True)
            if index not in state.failed
        }
        if not known or UNKNOWN in known.values():
            return Outcome(state)
        news = Regroup(state.epoch + 1, tuple(known), self.kept(known.values()))
        after = Membership(news.epoch, news.members, (UNKNOWN,) * len(known))
        return Outcome(after, (Send(member(index), news) for index in known))


def _noted(state: Membership, index: int, delivered: int) -> Membership:
    place = state.members.index(index)
    known = (*state.delivered[:place], delivered, *state.delivered[place + 1 :])
    return evolve(state, delivered=known)
