"""Epidemics in rounds: in each, every peer makes one call, all at the same time.

A round is one machine over the machines of its peers, and every conversation goes through their own
`step`. That calls are simultaneous means: a peer *speaks* as it was when the round began, and
*changes* as it hears. So the order in which the calls of a round are worked through is of no
consequence, and one order will do.

Source: Demers et al., "Epidemic Algorithms for Replicated Database Maintenance", PODC 1987, section
1.4, whose figures are of such rounds.
"""

from collections.abc import Iterable, Mapping

from attrs import evolve, frozen

from coterie.model.gossip.epidemic import Call, Interest, Peer, Rest
from coterie.model.machine import Event, Invoke, Machine, Node, Outcome, Receive, Send, Timeout


@frozen(cache_hash=True)
class Standing:
    """A peer within a round.

    Attributes:
        before: what it was when the round began; this is what it speaks from.
        now: what it has become by what it has heard in this round.
    """

    before: Interest
    now: Interest


@frozen(cache_hash=True)
class Party:
    """All the peers within a round.

    Attributes:
        standings: one for each peer, in their order.
        turn: the index of the peer whose call is next; 0 when a round begins.
    """

    standings: tuple[Standing, ...]
    turn: int = 0


@frozen(cache_hash=True)
class Turn(Timeout):
    """The peer whose turn it is makes its call.

    Attributes:
        call: whom it calls; None when it has nothing to say.
    """

    call: Call | None


def converse(
    machine: Peer, standings: Mapping[Node, Standing], caller: Node, call: Call
) -> dict[Node, Standing]:
    """Return the standings after `call` and everything that is said because of it.

    Guard: `standings` has the caller and whom it calls; nobody else has a part in it.
    """
    after = dict(standings)
    agenda: list[tuple[Node, Event]] = [(caller, call)]
    for node, event in agenda:
        speaking = machine.step(after[node].before, event)
        hearing = machine.step(after[node].now, event)
        if hearing is not None:
            after[node] = evolve(after[node], now=hearing.state)
        effects = speaking.effects if speaking is not None else ()
        agenda += [
            (effect.to, Receive(node, effect.message))
            for effect in effects
            if isinstance(effect, Send)
        ]
    return after


def rested(machine: Peer, standing: Standing) -> Standing:
    """Return the peer at the beginning of the next round."""
    outcome = machine.step(standing.now, Rest())
    state = standing.now if outcome is None else outcome.state
    return Standing(state, state)


def calls(machine: Peer, standing: Standing) -> tuple[Call, ...]:
    """Return the calls that a peer may make in this round, each as likely as any other."""
    return tuple(each for each in machine.options(standing.before) if isinstance(each, Call))


@frozen
class Rounds(Machine[Party, None]):
    """The peers of an epidemic in rounds.

    Attributes:
        peers: the machine of each; peer i is called `Node("peer", i)`.
    """

    peers: tuple[Peer, ...]

    def start(self, memory: None) -> Outcome[Party]:
        """Begin the first round."""
        del memory
        states = [peer.start(None).state for peer in self.peers]
        return Outcome(Party(tuple(Standing(state, state) for state in states)))

    def options(self, state: Party) -> Iterable[Timeout]:
        """The peer whose turn it is calls one of the others, or nobody if it has nothing to say."""
        possible = calls(self.peers[state.turn], state.standings[state.turn])
        return map(Turn, possible or (None,))

    def step(self, state: Party, event: Event) -> Outcome[Party] | None:
        """Work through one call; between two rounds, take a user's call to the first peer."""
        match event:
            case Turn(None):
                return Outcome(self._next(state, {}))
            case Turn(Call(callee) as call):
                pair = {node: state.standings[node.index] for node in (_name(state.turn), callee)}
                machine = self.peers[state.turn]
                return Outcome(self._next(state, converse(machine, pair, _name(state.turn), call)))
            case Invoke() if state.turn == 0:
                return self._invoked(state, event)
            case Receive():
                return Outcome(state)
        return None

    def _next(self, state: Party, changed: Mapping[Node, Standing]) -> Party:
        standings = list(state.standings)
        for node, standing in changed.items():
            standings[node.index] = standing
        if state.turn + 1 < len(self.peers):
            return Party(tuple(standings), state.turn + 1)
        return Party(tuple(map(rested, self.peers, standings)))

    def _invoked(self, state: Party, event: Event) -> Outcome[Party] | None:
        first, *others = state.standings
        outcome = self.peers[0].step(first.now, event)
        if outcome is None:
            return None
        told = Standing(outcome.state, outcome.state)
        return Outcome(Party((told, *others)), outcome.effects)


def _name(index: int) -> Node:
    return Node("peer", index)
