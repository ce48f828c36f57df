"""Epidemics: how one rumour spreads among peers who call each other at random.

Anti-entropy goes on for ever: a caller *pushes* what it knows, *pulls* what the other knows, or
does both. Rumour mongering is cheaper and may stop too early: after enough calls that told the
other nothing new, a peer loses interest, and a susceptible peer may then never hear the rumour. One
machine is all of these: its fields say which. There is a single rumour, since each one spreads
without regard to the others.

Source: Demers, Greene, Hauser, Irish, Larson, Shenker, Sturgis, Swinehart and Terry, "Epidemic
Algorithms for Replicated Database Maintenance", PODC 1987, sections 1.3 and 1.4.
"""

from collections.abc import Callable, Iterable
from enum import Enum
from typing import Any

from attrs import evolve, frozen

from coterie.model.machine import (
    Event,
    Invoke,
    Machine,
    Node,
    Outcome,
    Receive,
    Return,
    Send,
    Timeout,
)


class Stage(Enum):
    """What the rumour is to a peer."""

    SUSCEPTIBLE = "has not heard it"
    INFECTIVE = "knows it and passes it on"
    REMOVED = "knows it and has lost interest"


@frozen(cache_hash=True)
class Interest:
    """What a peer remembers.

    Attributes:
        stage: SUSCEPTIBLE, then INFECTIVE, then perhaps REMOVED.
        misses: how often it has told the rumour in vain; 0 unless it is INFECTIVE.
        useful: of the rumours told in this round, whether any was news to its hearer; None when
            none was told, or when misses are counted by contacts.
    """

    stage: Stage = Stage.SUSCEPTIBLE
    misses: int = 0
    useful: bool | None = None


@frozen(cache_hash=True)
class Tell:
    """The operation of a user who starts the rumour here."""


@frozen(cache_hash=True)
class Rumour:
    """The rumour itself.

    Attributes:
        asks: whether the sender also asks for what the other knows, as push-pull does.
    """

    asks: bool = False


@frozen(cache_hash=True)
class Ask:
    """The sender asks for what the other knows, and has nothing to give."""


@frozen(cache_hash=True)
class Feedback:
    """The answer to a rumour.

    Attributes:
        knew: whether the hearer knew it already.
    """

    knew: bool


@frozen(cache_hash=True)
class Call(Timeout):
    """It is time to call a peer.

    Attributes:
        peer: whom, chosen at random.
    """

    peer: Node


@frozen(cache_hash=True)
class Rest(Timeout):
    """The round is over: draw the sum of what the answers said."""


def infective(stage: Stage) -> bool:
    """Return whether a peer at `stage` passes the rumour on."""
    return stage is Stage.INFECTIVE


def had_enough(misses: int, patience: int) -> bool:
    """Return whether so many `misses` exhaust a peer's `patience`."""
    return misses >= patience


@frozen
class Peer(Machine[Interest, None]):
    """One who gossips.

    Attributes:
        peers: the others, whom it may call.
        pushes: whether a caller gives what it knows.
        pulls: whether a caller asks for what the other knows.
        patience: after how many misses it loses interest (the paper's k); None for never, which is
            anti-entropy, and then nobody answers with `Feedback`.
        by_rounds: count a round in which every hearer knew the rumour as one miss, and let a round
            in which some hearer did not forgive all misses: the paper's rule for pull. Otherwise
            each hearer who knew counts as a miss, and none is forgiven: its rule for push.
        passes_on: the guard of giving the rumour away.
        loses_interest: the guard of giving up, over two numbers: misses and patience.
        tired: what one who has lost interest becomes.
    """

    peers: tuple[Node, ...]
    pushes: bool = True
    pulls: bool = False
    patience: int | None = None
    by_rounds: bool = False
    passes_on: Callable[[Stage], bool] = infective
    loses_interest: Callable[[int, int], bool] = had_enough
    tired: Stage = Stage.REMOVED

    def start(self, memory: None) -> Outcome[Interest]:
        """Know nothing."""
        del memory
        return Outcome(Interest())

    def options(self, state: Interest) -> Iterable[Timeout]:
        """Call anybody, if there is something to say; end a round in which something was heard."""
        if self._greeting(state) is not None:
            yield from map(Call, self.peers)
        if state.useful is not None:
            yield Rest()

    def step(self, state: Interest, event: Event) -> Outcome[Interest] | None:
        """Call, answer, learn, and lose interest.

        Sends: to whom it calls, the rumour or a question; to one who asks, the rumour if it is hot
            here; to one who tells the rumour, whether it was known, where tellers lose interest.
        """
        match event:
            case Invoke(Tell()):
                return Outcome(self._learnt(state), (Return(None),))
            case Call(peer) if (greeting := self._greeting(state)) is not None:
                return Outcome(state, (Send(peer, greeting),))
            case Rest() if state.useful is not None:
                return Outcome(self._rested(state))
            case Receive(sender, message):
                return self._heard(state, sender, message)
        return None

    def _heard(self, state: Interest, sender: Node, message: Any) -> Outcome[Interest]:
        match message:
            case Ask():
                return Outcome(state, self._answer(state, sender))
            case Rumour(asks):
                answer = self._answer(state, sender) if asks else ()
                return Outcome(self._learnt(state), (*self._feedback(state, sender), *answer))
            case Feedback(knew):
                return Outcome(self._answered(state, knew=knew))
            case _:
                return Outcome(state)

    def _greeting(self, state: Interest) -> Rumour | Ask | None:
        if self.pushes and self.passes_on(state.stage):
            return Rumour(asks=self.pulls)
        return Ask() if self.pulls else None

    def _answer(self, state: Interest, to: Node) -> tuple[Send, ...]:
        return (Send(to, Rumour()),) if self.passes_on(state.stage) else ()

    def _feedback(self, state: Interest, to: Node) -> tuple[Send, ...]:
        knew = state.stage is not Stage.SUSCEPTIBLE
        return () if self.patience is None else (Send(to, Feedback(knew)),)

    def _learnt(self, state: Interest) -> Interest:
        if state.stage is not Stage.SUSCEPTIBLE:
            return state
        return self._judged(Interest(Stage.INFECTIVE))

    def _answered(self, state: Interest, *, knew: bool) -> Interest:
        if state.stage is not Stage.INFECTIVE or self.patience is None:
            return state
        if self.by_rounds:
            return evolve(state, useful=bool(state.useful) or not knew)
        return self._judged(evolve(state, misses=state.misses + 1)) if knew else state

    def _rested(self, state: Interest) -> Interest:
        misses = 0 if state.useful else state.misses + 1
        return self._judged(evolve(state, misses=misses, useful=None))

    def _judged(self, state: Interest) -> Interest:
        """Return `state`, or what it becomes if its misses are too many."""
        if self.patience is not None and self.loses_interest(state.misses, self.patience):
            return Interest(self.tired)
        return state
