"""What is told of machines with a dead branch, a dead message and a dead timeout."""

from collections.abc import Callable
from pathlib import Path

import pytest
from attrs import evolve, frozen

from coterie.checks.catalogue.oracles import two_phase
from coterie.checks.coverage.branches import untaken
from coterie.checks.coverage.recorder import Recorder
from coterie.checks.coverage.report import Coverage, Run, coverage
from coterie.checks.coverage.watching import Watch
from coterie.checks.engine.explore import explore
from coterie.checks.world import World
from coterie.model.oracles.two_phase import ResourceManager
from tests.coverage import machines

CALLS = ("greatest", "positive")
SMALL = machines.world()
LARGE = machines.world(most=2, crashes=1, calls=CALLS)
LIMITED = machines.world(most=2, limit=0, calls=CALLS)


def covered(*worlds: World, max_states: int | None = None) -> Coverage:
    runs = []
    for number, world in enumerate(worlds):
        watch = Watch(world, library=True)
        found = explore(watch.watched(), workers=1, max_states=max_states)
        runs.append(Run(f"check{number}", watch, found))
    return coverage(runs)


def told(found: Coverage) -> list[str]:
    return [f"{one.text}: {one.what}" for each in found.branches for one in each.branches]


def test_branches_that_a_small_world_never_takes_are_told() -> None:
    assert told(covered(SMALL)) == [
        (
            'return "zero" if number == 0 else "even" if number % 2 == 0 else "odd": number == 0'
            " was never false"
        ),
        "if memory is None:: was never false",
        'if parity(number) == "odd":: was never true',
        (
            "case Receive(_, Reply(number)):: always matched, so that the cases after it were never"
            " tried"
        ),
        (
            "if ( len(after) > self.most or number in {96, 97, 98, 99, 100, 101, 102} or sum(after)"
            " in {1_000, 2_000, 3_000}: was never true"
        ),
        (
            "changes = [Record(each) for each in after if each > max(state, default=0)]: each >"
            " max(state, default=0) was never true"
        ),
    ]


def test_a_branch_that_another_check_takes_is_not_told() -> None:
    def limits(found: Coverage) -> list[str]:
        return [each for each in told(found) if "limit" in each]

    assert limits(covered(LARGE)) == ["if number >= limit:: was never true"]
    assert limits(covered(LIMITED)) == ["if number >= limit:: was never false"]
    assert limits(covered(LARGE, LIMITED)) == []
    assert [each.checks for each in covered(LARGE, LIMITED).branches] == [("check0", "check1")]


def test_a_message_that_nobody_sends_and_a_timeout_that_nobody_offers_are_told() -> None:
    ((_, found),) = covered(LARGE).events

    assert (found.machine, found.never, found.idle) == (
        "Player",
        ("message Cancel", "timeout Expire"),
        (),
    )


def test_the_events_are_each_checks_own_affair() -> None:
    small, large = (each for _, each in covered(SMALL, LARGE).events)

    assert set(small.never) - set(large.never) == {f"operation {each!r}" for each in CALLS}


def test_an_exploration_that_was_cut_short_says_that_nothing_is_known() -> None:
    found = covered(LARGE, SMALL, max_states=100)

    assert [check for check, _ in found.unknown] == ["check0"]
    assert "100 states" in found.unknown[0][1]
    assert found.complete == ("check1",)
    assert found.branches == ()
    assert found.open_files == (machines.__file__,)
    assert [check for check, _ in found.events] == ["check1"]


def test_a_check_of_someone_elses_is_not_told_of_coteries_own_machines() -> None:
    watch = Watch(two_phase.CHECK.world(managers=2), library=False)

    found = coverage([Run("mine", watch, explore(watch.watched(), workers=1))])

    assert (found.events, found.branches, found.warnings) == ((), (), 0)


@frozen
class Mine(ResourceManager):
    """A machine of one's own that inherits its step."""


def test_a_step_that_is_inherited_from_coterie_counts_for_the_machine() -> None:
    ours = two_phase.CHECK.world(managers=2)
    machines_ = {
        node: Mine(each.coordinator) if isinstance(each, ResourceManager) else each
        for node, each in ours.machines.items()
    }
    watch = Watch(evolve(ours, machines=machines_), library=False)

    found = coverage([Run("mine", watch, explore(watch.watched(), workers=1))])

    kinds = {str(kind) for machine, kind in watch.asked.effects if machine is Mine}
    assert kinds == {"timeout Prepare", "timeout Decide", "message Commit", "message Abort"}
    assert (found.events, found.branches) == ((), ())


PIECES = {
    "if x:\n        return 1\n    return 2": ["was never true"],
    "if x:  # pragma: no branch\n        return 1\n    return 2": [],
    "if x:\n        raise ValueError\n    return 2": [],
    "if not x:\n        return 1\n    raise ValueError": [],
    "if not x:\n        return 1\n    return 2": ["was never false"],
    "if True:\n        return 1\n    return 2": [],
    "for y in x:\n        print(y)": ["never had anything to go through"],
    "for y in [1]:\n        return y": ["was always left before its end"],
    "while x:\n        x = ()": ["was never true"],
    "while not x:\n        x = (1,)": [],
    "match x:\n        case ():\n            return 1\n        case (_,):\n            return 2": [
        "always matched, so that the cases after it were never tried"
    ],
    "match x:\n        case ():\n            return 1\n        case _:\n            return 2": [],
    "match x:\n        case (_,):\n            return 1\n        case _:\n            return 2": [
        "never matched"
    ],
    "try:\n        if x:\n            return 1\n    except ValueError:\n        pass": [
        "was never true"
    ],
    "with memoryview(b''):\n        if x:\n            return 1": ["was never true"],
    "def inner(y):\n        if y:\n            return 1\n    return inner(x)": ["was never true"],
    "return any(\n        y\n        for y in x\n    )": [
        "y: there was never anything to make one of"
    ],
    "if all(y for y in (1, 2)):\n        x = 1\n    return x": ["was never false"],
    "return [\n        {y: 1 for y in z}\n        for z in [x]\n    ]": [
        "y: there was never anything to make one of"
    ],
    "def lazy():\n        if x:\n            yield 1\n        yield 2\n    return [*lazy()]": [
        "was never true"
    ],
    "def lazy():\n        yield 2\n        if x:\n            yield 1\n    return next(lazy())": [],
    "def lazy():\n        yield 2\n        if x:\n            yield 1\n    return [*lazy()]": [
        "was never true"
    ],
    "if x:\n        return 1\n    elif not x:\n        return 2\n    return 3": [
        "was never true",
        "was never false",
    ],
    "return (lambda y: 1 if y else 2)(x)": ["y was never true"],
}


@pytest.mark.parametrize(("body", "expected"), PIECES.items(), ids=range(len(PIECES)))
def test_each_kind_of_branch_is_understood(tmp_path: Path, body: str, expected: list[str]) -> None:
    path = tmp_path / "piece.py"
    path.write_text(f"def f(x):\n    {body}\n")
    names: dict[str, Callable[[object], object]] = {}
    exec(compile(path.read_text(), str(path), "exec"), names)
    recorder = Recorder(lambda frame: frame.f_code.co_filename == str(path), lambda *_: None)

    with recorder.recording():
        names["f"](())

    assert [each.what for each in untaken(recorder.executed)] == expected
