"""Restarts: what the rules say of a few disks, and what they say of any history."""

from itertools import combinations
from typing import Any

from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.checks.catalogue.synchrony.durable import LOG
from coterie.checks.catalogue.synchrony.restart import Disks, disks, parted
from coterie.checks.catalogue.synchrony.worlds import members
from coterie.checks.engine.explore import explore
from coterie.model.machine import Node
from coterie.model.synchrony.disk import Ending, Log, Memory, Prepare, bound_of
from coterie.model.synchrony.restart import Reports, Restart
from coterie.model.synchrony.state import Item
from coterie.model.synchrony.view import Changes, View, first_view, successor
from coterie.spec.property import View as Seen
from coterie.spec.property import always
from coterie.spec.synchrony.deliveries import is_prefix
from coterie.spec.synchrony.durable import agree

ZERO, ONE, TWO = members(3)
FIRST = first_view(ZERO, ONE, TWO)


def reports_of(start: Disks, *names: Node) -> Reports:
    return tuple((name, start[name]) for name in names)


def test_a_majority_goes_on_with_its_longest_log() -> None:
    written = disks()[0]

    assert Restart().proposal(1, reports_of(written, TWO)) is None
    assert Restart().proposal(1, reports_of(written, ZERO, ONE)) == Prepare(
        FIRST, written[ONE].log, View(1, (ZERO, ONE))
    )


def test_who_was_not_in_the_newest_view_does_not_count_for_it() -> None:
    removed = disks()[1]

    assert Restart().proposal(2, reports_of(removed, ZERO, ONE)) is None
    assert Restart().proposal(2, reports_of(removed, ONE, TWO)) is not None


def test_a_longer_log_of_an_older_view_does_not_count() -> None:
    restarted = disks()[3]

    proposal = Restart().proposal(2, reports_of(restarted, ZERO, ONE, TWO))

    assert proposal is not None
    assert proposal.log == restarted[ZERO].log
    assert proposal.next == View(2, (ZERO, ONE))


def test_who_knows_what_may_follow_does_not_begin_again_without_it() -> None:
    start = parted()
    three, four = members(5)[3:]

    assert Restart().proposal(3, reports_of(start, ONE, TWO)) is None
    assert Restart().proposal(3, reports_of(start, ONE, TWO, three)) is None
    assert Restart().proposal(3, reports_of(start, three, four)) is not None


def test_the_starting_worlds_without_a_restart_are_reached_by_a_run() -> None:
    met: set[tuple[Memory, ...]] = set()

    @always
    def noted(world: Seen) -> bool:
        met.add(tuple(world.memory(node) for node in FIRST.members))
        return True

    explore(LOG.world(**LOG.parameters()), (noted,))

    assert {tuple(start[node] for node in FIRST.members) for start in disks()[:3]} <= met


class History:
    """A group as it is seen from outside, which the group itself never is.

    It knows all disks, which view is the last that a majority has entered, and how much was ever on
    every disk of a view: so much may have been reported.
    """

    def __init__(self, names: tuple[Node, ...], size: int) -> None:
        view = first_view(*names[:size])
        self.names = names
        self.disks = {node: Memory(view) for node in view.members}
        self.live: View | None = view
        self.log: Log = ()
        self.durable: Log = ()

    def inside(self, view: View) -> list[Node]:
        return [n for n in view.members if n in self.disks and self.disks[n].view == view]

    def store(self, node: Node, count: int) -> None:
        """Write the first `count` items at a node of the live view, if it has fewer."""
        disk = self.disks[node]
        if disk.view == self.live and disk.ending is None and count > len(disk.log):
            self.disks[node] = evolve(disk, log=self.log[:count])
        self.settle()

    def settle(self) -> None:
        """Note what every disk of the live view has."""
        if self.live is not None and len(self.inside(self.live)) == len(self.live.members):
            logs = [self.disks[node].log for node in self.live.members]
            assert all(agree(log, other) for log, other in combinations(logs, 2))
            self.durable = max(self.durable, min(logs, key=len), key=len)

    def end(self, trusted: list[Node], joining: tuple[Node, ...], installing: list[Node]) -> None:
        """End the live view by those who trust one another; some of them live to install the next.

        All of them have the trim on disk before anyone goes on, or only some, and nobody does.
        """
        assert self.live is not None
        leaving = frozenset(self.live.members) - frozenset(trusted)
        following = successor(self.live, Changes(leaving, joining))
        for node in trusted:
            self.disks[node] = evolve(self.disks[node], ending=Ending(following))
        self.enter(following, self.log, installing)

    def enter(self, view: View, log: Log, installing: list[Node]) -> None:
        """Install `view` at some, and go on in it if those are enough."""
        for node in installing:
            self.disks[node] = Memory(view, log)
        enough = 2 * len(installing) > len(view.members)
        self.live, self.log = (view, log) if enough else (None, self.log)
        self.settle()

    def call(self, present: list[Node]) -> Prepare | None:
        """Let these report under a new number, all of whom promise it."""
        number = max(bound_of(self.disks[node]) for node in present) + 1
        for node in present:
            self.disks[node] = evolve(self.disks[node], promised=number)
        return Restart().proposal(number, self.reports(present))

    def reports(self, present: Any) -> Reports:
        return tuple((node, self.disks[node]) for node in present)

    def prepare(self, proposal: Prepare, nodes: list[Node]) -> None:
        for node in nodes:
            ending = Ending(proposal.next)
            self.disks[node] = evolve(
                self.disks[node], view=proposal.view, log=proposal.log, ending=ending
            )


def some_of(draw: Any, nodes: Any, at_least: int = 0) -> list[Node]:
    names = list(nodes)
    chosen = draw(st.sets(st.sampled_from(names), min_size=at_least)) if names else set()
    return [node for node in names if node in chosen]


@st.composite
def histories(draw: Any) -> History:
    """Draw a group of up to five processes, with crashes of any of them at any time."""
    names = members(5)
    history = History(names, draw(st.integers(1, 4)))
    for _ in range(draw(st.integers(1, 6))):
        if history.live is None or draw(st.integers(0, 3)) == 0:
            restart(draw, history)
        else:
            go_on(draw, history, history.live)
    return history


def go_on(draw: Any, history: History, view: View) -> None:
    """Deliver, store, and perhaps end the view, with or without joiners."""
    history.log += (Item(view.number, view.members[0], len(history.log)),)
    for node in history.inside(view):
        history.store(node, draw(st.integers(0, len(history.log))))
    trusted = some_of(draw, history.inside(view))
    if 2 * len(trusted) <= len(view.members) or draw(st.booleans()):
        return
    outside = [n for n in history.names if n not in view.members and n not in history.disks]
    joining = tuple(some_of(draw, outside)[: len(trusted)])
    if draw(st.integers(0, 3)) == 0:
        history.end(trusted, joining, [])
        return
    host = some_of(draw, trusted, 1)
    history.end(trusted, joining, [*host, *some_of(draw, joining)])


def restart(draw: Any, history: History) -> None:
    """Crash everybody, and let some come back and try; that, too, may break off anywhere."""
    history.live = None
    present = some_of(draw, history.disks, 1)
    proposal = history.call(present)
    if proposal is None:
        return
    taking_part = list(proposal.next.members)
    prepared = taking_part if draw(st.booleans()) else some_of(draw, taking_part)
    history.prepare(proposal, prepared)
    if prepared == taking_part:
        history.enter(proposal.next, proposal.log, some_of(draw, taking_part, 1))


@settings(deadline=None, max_examples=60)
@given(histories())
def test_whoever_may_begin_again_has_all_that_may_have_been_reported(history: History) -> None:
    permitted = []
    for size in range(1, len(history.disks) + 1):
        for present in combinations(history.disks, size):
            proposal = Restart().proposal(99, history.reports(present))
            if proposal is not None:
                permitted.append(set(present))
                assert is_prefix(history.durable, proposal.log)

    assert not any(one.isdisjoint(other) for one, other in combinations(permitted, 2))
