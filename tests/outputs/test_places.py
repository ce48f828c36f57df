"""Where things stand: the very line, whatever is wrapped around it."""

from functools import partial, wraps
from pathlib import Path
from typing import Any

import pytest

from coterie.checks.component import (
    Crashed,
    Delivered,
    Duplicated,
    Fired,
    Forged,
    Happening,
    Invoked,
    Lost,
    Restarted,
)
from coterie.checks.world import Step, World
from coterie.commands.outputs.places import Place, of_error, of_happening, of_property, of_step
from coterie.model.gossip.store import server as store
from coterie.model.keyed import keyed
from coterie.model.link import Link
from coterie.model.machine import Node
from coterie.model.stacked import stacked
from coterie.spec.property import Kind, Property, always, each
from tests.commands import counters

HERE, THERE = counters.COUNTER, Node("server")
ROOT = Path(__file__).parents[2]
COUNTERS = Path(counters.__file__).read_text().splitlines()
STEP = Place(
    "tests/commands/counters.py",
    1 + COUNTERS.index("    def step(self, state: Count, event: Event) -> Outcome[Count] | None:"),
)


@pytest.fixture(autouse=True)
def _at_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


def line(place: Place | None) -> str:
    """Return what stands there."""
    assert place is not None
    return (ROOT / place.file).read_text().splitlines()[place.line - 1].strip()


def wrapped(function: Any) -> Any:
    @wraps(function)
    def other(*arguments: Any) -> Any:
        return function(*arguments)

    return other


@always(
    broken_by=("one", "another"),
    each=each("counter"),
)
def decorated(_: object, __: object) -> bool:
    """It has a decorator of several lines."""
    return True


@always
@wrapped
def twice_decorated(_: object) -> bool:
    """It has two decorators."""
    return True


def with_a_limit(_: int, __: object) -> bool:
    return True


class Asked:
    def __call__(self, _: object) -> bool:
        return True


def claim(function: Any) -> Property:
    return Property("it", Kind.ALWAYS, function)


@pytest.mark.parametrize(
    ("property_", "start"),
    [
        (decorated, "def decorated("),
        (twice_decorated, "def twice_decorated("),
        (claim(partial(with_a_limit, 3)), "def with_a_limit("),
        (claim(Asked()), "def __call__("),
        (claim(lambda _: True), "(claim(lambda _: True)"),
    ],
)
def test_a_property_stands_where_its_function_does(property_: Property, start: str) -> None:
    assert line(of_property(property_)).startswith(start)


def test_what_is_written_in_no_file_has_no_place() -> None:
    function = eval("lambda _: True")

    assert of_property(claim(function)) is None
    assert of_property(claim(all)) is None


def world(machine: Any) -> World:
    return World({HERE: machine, THERE: store.Server(peers=())})


@pytest.mark.parametrize(
    "what",
    [
        Delivered(THERE, HERE, "it"),
        Duplicated(THERE, HERE, "it"),
        Forged(THERE, HERE, "it"),
        Fired(HERE, counters.Tick()),
        Invoked(HERE, "it"),
    ],
)
def test_an_event_stands_at_the_step_of_the_node_that_it_happens_to(what: Happening) -> None:
    assert of_happening(world(counters.Counter(1)), what) == STEP


def test_a_restart_stands_at_start_and_a_crash_at_memory() -> None:
    there = world(counters.Counter(1))

    assert line(of_happening(there, Restarted(HERE))).startswith("def start(")
    assert line(of_happening(there, Restarted(THERE))).startswith("def start(")
    assert line(of_happening(there, Crashed(THERE))).startswith("def memory(")
    assert of_happening(there, Crashed(HERE)) is None


def test_what_no_machine_did_has_no_place() -> None:
    assert of_happening(world(counters.Counter(1)), Lost(THERE, HERE, "it", "")) is None
    assert of_step(world(counters.Counter(1)), Step((), fault=False, values=())) is None


def test_a_step_stands_where_its_first_cause_does() -> None:
    happenings = (Lost(HERE, THERE, "it", ""), Fired(HERE, counters.Tick()), Crashed(THERE))

    assert of_step(world(counters.Counter(1)), Step(happenings, fault=True, values=())) == STEP


def test_a_protocol_that_is_carried_by_another_stands_at_its_own_step() -> None:
    carried = stacked(keyed(counters.Counter(1)), Link(HERE, (THERE,)))

    assert of_happening(world(carried), Fired(HERE, counters.Tick())) == STEP


def test_an_error_stands_where_it_says() -> None:
    file = ROOT / "docs" / "examples" / "lock.py"

    assert of_error(f"it is wrong\n  state: 3\n  at: {file}:7 in step: x") == Place(
        "docs/examples/lock.py", 7
    )
    assert of_error(f"it is wrong\n  defined at: {file}:9 in step") == Place(
        "docs/examples/lock.py", 9
    )
    assert of_error("it is wrong\n  at: nowhere.py:7 in step: x") is None
    assert of_error("it is wrong") is None


def test_a_file_outside_the_working_directory_has_its_whole_path(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)

    place = of_property(decorated)

    assert place is not None
    assert place.file == str(Path(__file__).resolve())
