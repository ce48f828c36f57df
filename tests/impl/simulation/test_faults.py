"""Each kind of fault finds a planted bug that no other kind finds, on the very same seeds.

Three kinds are a crash as well: a loss of power, with or without a torn write, finds what a crash
finds. A pause harms nobody for good: what finds the bug is that the group gives up a view for
nothing.

There is no bug that repetition alone finds. What a lost acknowledgement, a slow disk or a pause
makes a session send again is a repetition, too; and what is above the links bears repetition of
every message. So a bug is shown that it finds at once, and others find now and then.
"""

from typing import Any

import pytest
from attrs import evolve, frozen

from coterie.impl.simulation.build import CORRECT, Build
from coterie.impl.simulation.plan import DURABLE, Kind, Plan
from coterie.impl.simulation.run import Run, planned, simulated
from tests.impl.simulation.bugs import BUGS

HEALED_SECONDS = 15.0
STRONGER = {Kind.CRASH: {Kind.POWER, Kind.TORN}, Kind.POWER: {Kind.TORN}}


@frozen
class Found:
    """Where a kind of fault finds a bug.

    Attributes:
        kind: of the fault.
        bug: the name of the build that has it.
        service: in which.
        seed: of a run in which it does.
        says: what is said then.
    """

    kind: Kind
    bug: str
    service: str
    seed: int
    says: str

    def __str__(self) -> str:
        return f"{self.kind}-{self.bug}-{self.service}"


ALSO_FOUND = Found(Kind.REPETITION, "counting", "store", 3, "not all is well")
FOUND = (
    Found(Kind.LOSS, "trusts connections", "group", 3, "not all is well"),
    Found(Kind.REORDER, "gullible", "group", 0, "not all is well"),
    Found(Kind.PARTITION, "any number", "group", 9, "has reported another log"),
    Found(Kind.ONE_WAY, "private", "group", 8, "not all is well"),
    Found(Kind.CRASH, "forgets starts", "store", 0, "not all is well"),
    Found(Kind.POWER, "lying", "group", 0, "has reported another log"),
    Found(Kind.POWER, "lying", "store", 0, "has agreed on"),
    Found(Kind.TORN, "no checksums", "group", 0, "Malformed came out of a node"),
    Found(Kind.SLOW, "impatient", "group", 0, "StorageError came out of a node"),
    Found(Kind.CLOCK, "by the clock", "store", 2, "not all is well"),
)


def found(case: Found, kind: Kind, build: Build) -> Run:
    plan = planned(case.service, case.seed, [kind], all_of=True)
    return simulated(case.service, plan, build)


@pytest.mark.parametrize("case", [ALSO_FOUND, *FOUND], ids=str)
def test_a_kind_of_fault_finds_a_bug(case: Found) -> None:
    assert case.says in found(case, case.kind, BUGS[case.bug]).failure
    run = found(case, case.kind, CORRECT)
    assert not run.failure, run


@pytest.mark.parametrize("case", FOUND, ids=str)
def test_no_other_kind_finds_it_with_the_same_seed(case: Found) -> None:
    for other in DURABLE:
        if other is not case.kind and other not in STRONGER.get(case.kind, ()):
            run = found(case, other, BUGS[case.bug])
            assert not run.failure, run


def views(run: Run) -> int:
    """Return how many views there were after the first, as the servers know in the end."""
    numbers = []
    for server in run.acted.cluster.servers:
        node = run.acted.cluster.nodes[server].node
        assert node is not None
        member: Any = node.core.state.above.member
        numbers.append(member.inside.view.number)
    return max(numbers)


def mild(plan: Plan) -> Plan:
    """Return the plan with pauses so short that no connection breaks."""
    return evolve(plan, faults=[evolve(f, lasts=min(f.lasts, 1.4)) for f in plan.faults])


def test_only_pauses_show_who_takes_the_others_for_the_reason_of_being_late() -> None:
    harmless = (Kind.LOSS, Kind.REPETITION, Kind.REORDER, Kind.SLOW, Kind.CLOCK)
    for kind in (Kind.PAUSE, *harmless):
        plan = mild(planned("group", 1, [kind], all_of=True))
        correct, jumpy = (simulated("group", plan, build) for build in (CORRECT, BUGS["jumpy"]))
        assert not correct.failure, correct
        assert views(correct) == 0
        assert (views(jumpy) > 0) is (kind is Kind.PAUSE)


def test_every_kind_finds_something() -> None:
    cases = {case.kind for case in (ALSO_FOUND, *FOUND)} | {
        Kind.PAUSE,
        Kind.ROLLBACK,
    }  # that has its own tests
    assert cases == set(Kind)


def test_a_member_that_asks_once_to_be_let_in_stays_outside() -> None:
    plan = planned("group", 102, [Kind.CRASH, Kind.POWER], all_of=True)
    once = simulated("group", plan, BUGS["asks once"], healed_seconds=HEALED_SECONDS)
    assert "state apart" in once.failure
    again = simulated("group", plan)
    assert not again.failure, again
