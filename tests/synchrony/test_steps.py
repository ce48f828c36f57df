"""A member's step, which asks no rule that has nothing to do, against one that asks every rule.

The twin is as slow as it is plain: all rules act until nothing changes any more, whatever has
happened. It takes every step that the member takes, in random runs of whole groups.
"""

from typing import Any

import pytest
from attrs import asdict, evolve, frozen
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.checks.catalogue.synchrony import durable
from coterie.checks.catalogue.synchrony.worlds import group, members
from coterie.checks.simulation.walk import Plan, simulate
from coterie.checks.world import World
from coterie.model.machine import Deliver, Effect, Event, Halt, Invoke, Machine, Outcome, Send
from coterie.model.synchrony.durable import Durable, DurableMember, Keeping
from coterie.model.synchrony.durable import State as Disk
from coterie.model.synchrony.member import Member, State, Stored
from coterie.model.synchrony.membership import is_quiet
from coterie.model.synchrony.multicast import Multicast, delivered_until, frontier, on_receipt
from coterie.model.synchrony.state import Inside, Item, at_start, rank_of, row_of, writing
from coterie.model.synchrony.table import Push, Row, is_wedged
from coterie.model.synchrony.view import Changes, first_view


class PlainMulticast(Multicast):
    """The rules of multicast, each of which asks for all that it needs, and takes every message."""

    def received(self, inside: Inside, rank: int, push: Push) -> Inside:
        """Return `inside` with the messages of `push`, one by one."""
        for index, message in enumerate(push.run, push.first):
            if index == row_of(inside).received[rank] and not is_wedged(row_of(inside)):
                inside = _taking(inside, rank, message)
        return inside

    def sent(self, inside: Inside) -> tuple[Inside, tuple[Any, ...]]:
        """Return `inside` with all multicast that may be, one by one, and that."""
        rank, run = rank_of(inside), []
        while not is_wedged(row_of(inside)) and self._has_next(inside, rank):
            run.append(inside.queue[0] if inside.queue else None)
            inside = _taking(evolve(inside, queue=inside.queue[1:]), rank, run[-1])
        return inside, tuple(run)

    def delivered(self, inside: Inside) -> tuple[Inside, tuple[Item, ...]]:
        """Return `inside` with all delivered that may be, and that."""
        if not self.ordered:
            return on_receipt(inside)
        everywhere = self.stable(frontier(row.received) for row in inside.rows)
        return delivered_until(inside, min(everywhere, frontier(row_of(inside).received)))

    def _has_next(self, inside: Inside, rank: int) -> bool:
        seen = row_of(inside).received
        is_due = inside.queue or (
            self.ordered
            and any(
                (self.lags_behind_later if other > rank else self.lags_behind_earlier)(
                    seen[rank], count - 1
                )
                for other, count in enumerate(seen)
                if count > 0 and other != rank
            )
        )
        return bool(is_due) and self._may_send(inside, rank, seen[rank])


def _taking(inside: Inside, rank: int, message: Any) -> Inside:
    held, counts = list(inside.held), list(row_of(inside).received)
    held[rank], counts[rank] = (*held[rank], message), counts[rank] + 1
    return writing(evolve(inside, held=tuple(held)), received=tuple(counts))


@frozen
class Plain(Member):
    """The twin: a member all of whose rules act in every step."""

    def step(self, state: State, event: Event) -> Outcome[State] | None:
        """Take an event in, and ask every rule whatever it is."""
        match event:
            case Invoke(Stored(count)) if isinstance(state, Inside):
                return self._settled(state, writing(state, stored=count))
        return super().step(state, event)

    def _pushed(self, state: Inside, sender: Any, push: Push) -> Outcome[State]:
        is_read = (
            sender == push.writer != self.name
            and push.view == state.view.number
            and sender in state.view.members
            and sender not in row_of(state).suspected
        )
        if not is_read:
            return super()._pushed(state, sender, push)
        return self._settled(state, self._read(state, push))

    def _settled(self, before: Inside, state: Inside) -> Outcome[State]:
        run: tuple[Any, ...] = ()
        effects: tuple[Effect, ...] = ()
        while True:
            after, sent, items = self._ruled(state)
            run, effects = run + sent, (*effects, *map(Deliver, items))
            if after == state:
                break
            state = after
        state, words = self.transfer.welcomed(state)
        effects = (*effects, *words, *_pushes(before, state, run))
        if self.membership.must_stop(state):
            return Outcome(state, (*effects, Halt()))
        if self.trim.is_final(state):
            return self._finished(state, effects)
        return Outcome(state, effects)


def _pushes(before: Inside, after: Inside, run: tuple[Any, ...]) -> tuple[Effect, ...]:
    if row_of(before) == row_of(after):
        return ()
    first = row_of(before).received[rank_of(before)]
    push = Push(after.view.number, after.name, row_of(after), first, run)
    return tuple(Send(node, push) for node in after.view.members if node != after.name)


@frozen
class PlainDurable(DurableMember):
    """The twin of a member that keeps a log."""

    def _told(self, state: Keeping, effects: tuple[Effect, ...]) -> Outcome[Disk]:
        kept = [each for each in effects if not _is_item(each)]
        if Halt() in kept:
            return Outcome(state, kept)
        if row_of(state.inside).stored < state.stored:
            told = self.member.step(state.inside, Invoke(Stored(state.stored)))
            assert told is not None
            assert isinstance(told.state, Inside)
            state, kept = evolve(state, inside=told.state), [*kept, *told.effects]
        known = self.everywhere(tuple(row.stored for row in state.inside.rows))
        first, end = state.reported, max(state.reported, known)
        new = state.inside.application[first:end]
        reports = [Deliver(Durable(state.inside.view.number, first, new))] if new else []
        return Outcome(evolve(state, reported=end), (*kept, *reports))


def _is_item(effect: Effect) -> bool:
    return isinstance(effect, Deliver) and isinstance(effect.item, Item)


def plain(machine: Machine[Any, Any]) -> Machine[Any, Any]:
    """Return the twin of a member, or of one that keeps a log."""
    if isinstance(machine, DurableMember):
        return PlainDurable(**{**fields(machine), "member": plain(machine.member)})
    assert isinstance(machine, Member)
    multicast = PlainMulticast(**fields(machine.multicast))
    return Plain(**{**fields(machine), "multicast": multicast})


def fields(value: Any) -> dict[str, Any]:
    return asdict(value, recurse=False)


@frozen
class Compared(Machine[Any, Any]):
    """A machine that takes no step unless its twin takes the same."""

    machine: Machine[Any, Any]
    twin: Machine[Any, Any]

    def start(self, memory: Any) -> Outcome[Any]:
        """Begin as the machine does."""
        return self.machine.start(memory)

    def options(self, state: Any) -> Any:
        """Return what the machine may do."""
        return self.machine.options(state)

    def step(self, state: Any, event: Event) -> Outcome[Any] | None:
        """Return what both do."""
        found = self.machine.step(state, event)
        assert found == self.twin.step(state, event)
        return found

    def memory(self, state: Any) -> Any:
        """Return what survives a crash."""
        return self.machine.memory(state)

    def recorded(self, memory: Any, change: Any) -> Any:
        """Return what is on the disk after one record."""
        return self.machine.recorded(memory, change)


def compared(world: World) -> World:
    """Return `world` with machines that are held against their twins."""
    pairs = {node: Compared(each, plain(each)) for node, each in world.machines.items()}
    return evolve(world, machines=pairs, closing=(), observers={})


def windowed(window: int | None, *, ordered: bool) -> dict[str, Any]:
    return {"multicast": {"window": window, "ordered": ordered}}


TALK = {"size": 3, "told": (2, 1, 2)}
CHANGE = {**TALK, "joiners": 1, "crashes": 1, "suspicions": 1, "leaving": (2,)}
GROUPS = {
    "quiet": group(**TALK),
    "a window": group(**TALK, rules=windowed(1, ordered=True)),
    "on receipt": group(**TALK, rules=windowed(None, ordered=False)),
    "on receipt, a window": group(**TALK, rules=windowed(1, ordered=False)),
    "views change": group(**CHANGE),
    "views change, a window": group(**CHANGE, rules=windowed(1, ordered=True)),
    "five": group(size=5, told=(1, 2, 0, 1), joiners=2, crashes=2),
    "logs": durable.world(size=3, told=(1, 0, 2), crashes=1, restarts=1, later=(1,)),
}


@pytest.mark.parametrize("name", GROUPS)
@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10**6), faults=st.sampled_from((0.0, 0.02, 0.1)))
def test_a_step_is_that_of_a_member_that_asks_every_rule(
    name: str, seed: int, faults: float
) -> None:
    found = simulate(compared(GROUPS[name]), (), Plan(seed=seed, runs=1, steps=120, faults=faults))

    assert found.stopped == ""
    assert found.runs == 1


COUNTS = st.tuples(*(st.integers(0, 3),) * 3)
NODES = st.frozensets(st.sampled_from(members(3)), max_size=1)
ROWS = st.builds(
    Row,
    received=COUNTS,
    suspected=NODES,
    joining=NODES,
    leaving=st.booleans(),
    changes=st.none() | st.builds(Changes, NODES),
    trim=st.none() | COUNTS,
)
CALM = st.builds(Row, received=COUNTS, stored=st.integers(0, 2), trim=st.none() | COUNTS)


@given(st.lists(CALM | ROWS, min_size=3, max_size=3), st.integers(0, 2))
def test_in_a_quiet_table_no_rule_of_membership_or_trim_does_anything(
    rows: list[Row], rank: int
) -> None:
    names = members(3)
    member = Member(names[rank], first_view(*names))
    state = evolve(at_start(member.name, member.view, ()), rows=tuple(rows))

    if is_quiet(state):
        membership, trim = member.membership, member.trim
        assert membership.proposed(state) is state
        assert membership.acknowledged(state) is state
        assert trim.decided(state, membership) is state
        assert trim.echoed(state) is state
        assert not membership.must_stop(state)
        assert not trim.is_final(state)
    else:
        assert any(row != Row(row.received, stored=row.stored, trim=row.trim) for row in rows)
