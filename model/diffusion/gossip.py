"""Byzantine gossip: an update passes between any two replicas, and is believed from b + 1 of them.

A client hands an update to any 2b + 1 replicas. A replica accepts what the client itself, or b + 1
distinct replicas, have told it; from then on it tells whomever it likes, as often as it likes. It
reports to the client, whose write is complete when 3b + 1 replicas have done so. A reader hears
3b + 1 replicas and returns the newest value for which b + 1 vouch.

There is no signature and no tree: of the general scheme this is the instance with the least
structure, and the price is that everybody may talk to everybody.

Source: Malkhi, Mansour and Reiter, Diffusion without False Rumors: On Propagating Updates in a
Byzantine Environment, Theoretical Computer Science 2003; reads and writes after Malkhi and Sella,
Replication by Diffusion in Large Networks, 2001, section 3.
"""

from collections.abc import Callable, Iterable
from itertools import combinations

from attrs import evolve, frozen

from coterie.model.call import Call
from coterie.model.diffusion.quorums import (
    is_acknowledged,
    is_answered,
    is_copied,
    is_supported,
)
from coterie.model.diffusion.scheme import entry_size
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

ERROR = "error"
"""What a read returns when no value has enough supporters."""


@frozen(cache_hash=True, order=True)
class Update:
    """A value and its timestamp, by which updates are ordered.

    Attributes:
        timestamp: how many values the one client has written up to this one.
        value: what is written.
    """

    timestamp: int
    value: int


INITIAL = Update(0, 0)
"""What every replica begins with."""


@frozen(cache_hash=True)
class Told:
    """The client, or a replica that has accepted it, passes an update on."""

    update: Update


@frozen(cache_hash=True)
class Accepted:
    """A replica reports to the client."""

    update: Update


@frozen(cache_hash=True)
class Question:
    """A reader asks for the newest update; `number` tells its reads apart."""

    number: int


@frozen(cache_hash=True)
class Reply:
    """A replica answers the `Question` of that number."""

    number: int
    update: Update


@frozen(cache_hash=True)
class Tell(Timeout):
    """A replica tells `peer` of an update that it has accepted."""

    peer: Node
    update: Update


@frozen(cache_hash=True)
class Enter(Timeout):
    """The client hands its update to these replicas.

    Attributes:
        entry: the replicas.
    """

    entry: frozenset[Node]


@frozen(cache_hash=True)
class Voice:
    """A replica was heard to tell of `update`.

    Attributes:
        sender: that replica.
        number: which of its voices this is; it has one, 0, however often it says the same.
    """

    update: Update
    sender: Node
    number: int


@frozen(cache_hash=True)
class Knowledge:
    """What a replica remembers.

    Attributes:
        accepted: the updates that it vouches for; the set only grows.
        voices: who has told it of others.
        told: what it has told to whom, as far as it counts that.
    """

    accepted: frozenset[Update] = frozenset({INITIAL})
    voices: frozenset[Voice] = frozenset()
    told: frozenset[Tell] = frozenset()

    @property
    def newest(self) -> Update:
        """The newest update that it vouches for."""
        return max(self.accepted)


def one_voice(times: int) -> int:
    """Return the voice with which a sender counts that was heard so many `times`: its only one."""
    return 0 * times


@frozen
class Gossiper(Machine[Knowledge, None]):
    """A replica.

    Attributes:
        name: its own name.
        replicas: all of them.
        client: whose word is enough.
        b: how many replicas may be Byzantine.
        tells: how many peers it tells of an update before it loses interest; None for no limit.
        copied: the guard of accepting, over how many have told it and b.
        voice: the voice with which a sender counts that was heard so often before.
    """

    name: Node
    replicas: tuple[Node, ...]
    client: Node
    b: int
    tells: int | None = None
    copied: Callable[[int, int], bool] = is_copied
    voice: Callable[[int], int] = one_voice

    def start(self, memory: None) -> Outcome[Knowledge]:
        """Only the initial value is known."""
        del memory
        return Outcome(Knowledge())

    def options(self, state: Knowledge) -> Iterable[Timeout]:
        """Tell anybody of anything that is accepted."""
        return [
            Tell(peer, update)
            for update in sorted(state.accepted - {INITIAL})
            if self._is_interested(state, update)
            for peer in self.replicas
            if peer != self.name
        ]

    def step(self, state: Knowledge, event: Event) -> Outcome[Knowledge] | None:
        """Hear of an update, tell of one, or answer a reader."""
        match event:
            case Receive(sender, Told(update)) if update not in state.accepted:
                return self._told(state, sender, update)
            case Receive(sender, Question(number)):
                return Outcome(state, [Send(sender, Reply(number, state.newest))])
            case Receive():
                return Outcome(state)
            case Tell(peer, update) if event in self.options(state):
                told = state.told if self.tells is None else state.told | {event}
                return Outcome(evolve(state, told=told), [Send(peer, Told(update))])
        return None

    def _is_interested(self, state: Knowledge, update: Update) -> bool:
        told = sum(tell.update == update for tell in state.told)
        return self.tells is None or told < self.tells

    def _told(self, state: Knowledge, sender: Node, update: Update) -> Outcome[Knowledge]:
        if sender == self.client:
            return self._accepting(state, update)
        if sender not in self.replicas:
            return Outcome(state)
        about = {voice for voice in state.voices if voice.update == update}
        times = sum(voice.sender == sender for voice in about)
        about.add(Voice(update, sender, self.voice(times)))
        if self.copied(len(about), self.b):
            return self._accepting(state, update)
        return Outcome(evolve(state, voices=state.voices | about))

    def _accepting(self, state: Knowledge, update: Update) -> Outcome[Knowledge]:
        others = frozenset(voice for voice in state.voices if voice.update != update)
        report = Send(self.client, Accepted(update))
        after = evolve(state, accepted=state.accepted | {update}, voices=others)
        return Outcome(after, [report])


@frozen(cache_hash=True)
class Write:
    """What the client remembers of a write.

    Attributes:
        update: what is written.
        entered: whether it was handed to an entry set.
        reports: who has accepted it.
    """

    update: Update
    entered: bool = False
    reports: frozenset[Node] = frozenset()


@frozen(cache_hash=True)
class Read:
    """What the client remembers of a read.

    Attributes:
        replies: the first answer of each replica.
    """

    replies: frozenset[tuple[Node, Update]] = frozenset()


@frozen(cache_hash=True)
class Session:
    """What the client remembers.

    Attributes:
        timestamp: how many writes it was called for.
        number: how many reads.
        busy: the operation under way; None between two.
    """

    timestamp: int = 0
    number: int = 0
    busy: Write | Read | None = None


@frozen
class Client(Machine[Session, None]):
    """The one client: it writes, and reads what it may itself have forgotten.

    It takes `Call("write", value)` and `Call("read")`, one at a time.

    Attributes:
        replicas: all of them.
        b: how many may be Byzantine.
        entry: how many it hands an update to, over b.
        acknowledged: the guard of completing a write, over reports and b.
        answered: the guard of completing a read, over answers and b.
        supported: the guard of believing a value, over those who vouch for it and b.
    """

    replicas: tuple[Node, ...]
    b: int
    entry: Callable[[int], int] = entry_size
    acknowledged: Callable[[int, int], bool] = is_acknowledged
    answered: Callable[[int, int], bool] = is_answered
    supported: Callable[[int, int], bool] = is_supported

    def start(self, memory: None) -> Outcome[Session]:
        """Nothing is under way."""
        del memory
        return Outcome(Session())

    def options(self, state: Session) -> Iterable[Timeout]:
        """Choose any entry set."""
        if isinstance(state.busy, Write) and not state.busy.entered:
            for entry in combinations(self.replicas, self.entry(self.b)):
                yield Enter(frozenset(entry))

    def step(self, state: Session, event: Event) -> Outcome[Session] | None:
        """Take a call, choose an entry set, or hear a replica."""
        match state.busy, event:
            case None, Invoke(Call("write", value)):
                timestamp = state.timestamp + 1
                return Outcome(Session(timestamp, state.number, Write(Update(timestamp, value))))
            case None, Invoke(Call("read")):
                number = state.number + 1
                asked = [Send(replica, Question(number)) for replica in self.replicas]
                return Outcome(Session(state.timestamp, number, Read()), asked)
            case Write(update, entered=False) as write, Enter(entry):
                told = [Send(replica, Told(update)) for replica in sorted(entry)]
                return Outcome(evolve(state, busy=evolve(write, entered=True)), told)
            case Write() as write, Receive(sender, Accepted(update)) if update == write.update:
                return self._reported(state, write, sender)
            case Read(replies), Receive(sender, Reply(number, update)) if number == state.number:
                return self._answered(state, replies, sender, update)
            case _, Receive():
                return Outcome(state)
        return None

    def _reported(self, state: Session, write: Write, sender: Node) -> Outcome[Session]:
        reports = write.reports | {sender}
        if self.acknowledged(len(reports), self.b):
            return Outcome(evolve(state, busy=None), [Return(None)])
        return Outcome(evolve(state, busy=evolve(write, reports=reports)))

    def _answered(
        self,
        state: Session,
        replies: frozenset[tuple[Node, Update]],
        sender: Node,
        update: Update,
    ) -> Outcome[Session]:
        if any(replica == sender for replica, _ in replies):
            return Outcome(state)
        heard = replies | {(sender, update)}
        if self.answered(len(heard), self.b):
            return Outcome(evolve(state, busy=None), [Return(self._accepted(heard))])
        return Outcome(evolve(state, busy=Read(heard)))

    def _accepted(self, replies: frozenset[tuple[Node, Update]]) -> int | str:
        """Return the newest value that enough replicas vouch for."""
        said = [update for _, update in replies]
        believed = {one for one in said if self.supported(said.count(one), self.b)}
        return max(believed).value if believed else ERROR
