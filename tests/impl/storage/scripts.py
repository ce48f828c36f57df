"""Real machines as a node runs them, one commit a turn, in processes that can be killed."""

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from attrs import evolve, frozen

from coterie.impl.storage.groups import GroupKeeper
from coterie.impl.storage.keeper import Keeper
from coterie.impl.storage.readings import ReadingsKeeper
from coterie.model.gossip.store.recovery import Rows
from coterie.model.gossip.store.server import REPAIRED, Data
from coterie.model.link import Acknowledged, Link, Numbered
from coterie.model.machine import Invoke, Machine, Node, Receive, Record
from coterie.model.postbox import Postbox, Say
from coterie.model.stacked import Stacked
from coterie.model.synchrony.durable import DurableMember, Store
from coterie.model.synchrony.member import Member, Tell
from coterie.model.synchrony.returning import Lead, Propose
from coterie.model.synchrony.view import first_view
from tests.impl.storage.cases import CODEC, stacked_keeper

SERVER, PEER, DEVICE = Node("server"), Node("server", 1), Node("device")
AGAIN = None
"""Instead of an event: the machine starts again from its memory."""


@frozen
class Script:
    """What happens to a machine.

    Attributes:
        machine: the machine.
        keeper: makes what keeps its memory.
        events: what happens to it, after it has started.
    """

    machine: Machine[Any, Any]
    keeper: Callable[[], Keeper]
    events: Sequence[Any]

    def commits(self) -> Iterator[list[Any]]:
        """Step the machine; yield the changes of each turn that has any."""
        memory, state = None, None
        for event in (AGAIN, *self.events):
            if event is AGAIN:
                outcome = self.machine.start(memory)
            else:
                outcome = self.machine.step(state, event)
            assert outcome is not None
            state = outcome.state
            changes = [each.change for each in outcome.effects if isinstance(each, Record)]
            for change in changes:
                memory = self.machine.recorded(memory, change)
            if changes:
                yield changes

    def memories(self) -> list[Any]:
        """Return the memory before the first commit and after each."""
        memories = [None]
        for changes in self.commits():
            memory = memories[-1]
            for change in changes:
                memory = self.machine.recorded(memory, change)
            memories.append(memory)
        return memories


SCRIPTS = {
    "stacked": Script(
        Stacked(Postbox(), Link()),
        stacked_keeper,
        (
            Invoke(Say(PEER, "first")),
            Invoke(Say(DEVICE, b"second")),
            Receive(PEER, Numbered(0, "heard")),
            AGAIN,
            Invoke(Say(PEER, "third")),
            Receive(PEER, Acknowledged(2)),
            Receive(DEVICE, Numbered(0, ("heard", 2))),
        ),
    ),
    "store": Script(
        evolve(REPAIRED, peers=(PEER,)),
        ReadingsKeeper,
        (
            Receive(DEVICE, Data(5, 50)),
            Receive(DEVICE, Data(7, 70)),
            Receive(PEER, Rows(((3, 30), (5, 51)), 1, 0)),
            AGAIN,
            Receive(DEVICE, Data(9, 90)),
            Receive(PEER, Rows(((4, 40),), 1, 1)),
        ),
    ),
    "group": Script(
        DurableMember(Member(SERVER, first_view(SERVER))),
        lambda: GroupKeeper(CODEC),
        (
            Invoke(Tell(("a", "b"))),
            Store(),
            Invoke(Tell((b"c" * 1000,))),
            Store(),
            AGAIN,
            Invoke(Lead()),
            Propose(),
            Invoke(Tell(("d",))),
            Store(),
        ),
    ),
}


def die() -> None:
    """End this process at once, as `kill -9` does."""
    os.kill(os.getpid(), signal.SIGKILL)


def killed(run: Callable[[], None]) -> bool:
    """Run in a child; return whether it was killed, else it came to its end."""
    child = os.fork()
    if not child:
        try:
            run()
        except BaseException:  # noqa: BLE001  no other way out of the child
            os._exit(1)
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)
