"""The certifier: it believes what is right, and nothing that is not."""

import ast
import json
from copy import deepcopy
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.checks import certify as certifier
from coterie.checks.certificate.ranking import UNRANKED, Steps
from coterie.checks.certificate.run import NoRunError, Run, numbered, replayed
from coterie.checks.certificate.witness import shows
from coterie.checks.certify import Claimed, WrongError, certify
from coterie.checks.engine import reference
from coterie.checks.errors import ModelError
from coterie.checks.result import Verdict
from coterie.checks.view import WorldView
from coterie.checks.world import World
from coterie.spec.property import Kind, Property, View, always, recoverable
from tests.claims import claims
from tests.commands import counters
from tests.evidence.certifying import Lines, lines_of, proved, reachable, save
from tests.strategies import worlds
from tests.test_engine import PATIENT, plainly

MOST_LINES = 150
MAY_IMPORT = {
    "collections.abc",
    "typing",
    "attrs",
    "coterie.checks.result",
    "coterie.checks.view",
    "coterie.checks.world",
    "coterie.spec.property",
    "coterie.spec.refinement",
}


def decidable(world: World) -> st.SearchStrategy[list[Property]]:
    """Draw claims of the kinds for which the plain explorer gives whole traces."""
    return claims(world).map(lambda found: [each for each in found if not each.kind.is_temporal])


def test_the_certifier_is_short_and_stands_on_the_world_alone() -> None:
    text = Path(certifier.__file__).read_text(encoding="utf-8")
    imports = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ImportFrom)]
    plain = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Import)]

    assert len(text.splitlines()) <= MOST_LINES
    assert {node.module for node in imports} | {n.names[0].name for n in plain} <= MAY_IMPORT


@settings(PATIENT, max_examples=20)
@given(st.data())
def test_what_the_plain_explorer_finds_is_certified(data: st.DataObject) -> None:
    world = data.draw(worlds())
    properties = data.draw(decidable(world))
    found = evolve(plainly(world, properties), world=world)

    with TemporaryDirectory() as folder:
        file = Path(folder) / "certificate.gz"
        save(lines_of(found), file)
        header, proofs = proved(world, properties, file)

    decided = {
        finding.claim.name
        for finding in found.findings
        if finding.verdict is not Verdict.UNDETERMINED
    }
    assert proofs == decided
    assert [said.verdict for said in header.claims] == [each.verdict for each in found.findings]


def tampered(draw: Any, lines: Lines) -> Lines:
    """Return the lines with one thing changed: a state, a value, a rank, a run or a verdict."""
    lines = deepcopy(lines)
    place = draw(st.integers(0, len(lines) - 1))
    line = lines[place]
    if isinstance(line, list):
        match draw(st.sampled_from(["drop", "change", "double"])):
            case "drop":
                del lines[place]
                lines[0]["states"] -= 1
            case "double":
                lines.insert(place, list(line))
                lines[0]["states"] += 1
            case _ if line:
                line[draw(st.integers(0, len(line) - 1))] = draw(st.integers(-1, 3))
    elif line.get("values"):
        at = draw(st.integers(0, len(line["values"]) - 1))
        other = [0, 1, True, False, -1, ["tuple"], *line["values"]]
        line["values"][at] = draw(st.sampled_from(other))
    elif line.get("claims"):
        said = draw(st.sampled_from(line["claims"]))
        said["verdict"] = draw(st.sampled_from([verdict.value for verdict in Verdict]))
        if said["run"] and said["run"]["steps"] and draw(st.booleans()):
            said["run"]["steps"].pop()
    return lines


def is_true(world: World, claim: Property, verdict: Verdict) -> bool:
    """Return whether `verdict` on `claim` is right: the dumb twin explores."""
    return reference.explore(world, [claim]).findings[0].verdict is verdict


@settings(PATIENT, max_examples=40)
@given(st.data())
def test_a_certificate_that_was_tampered_with_proves_nothing_false(data: st.DataObject) -> None:
    world = data.draw(worlds())
    properties = data.draw(decidable(world))
    lines = tampered(data.draw, lines_of(evolve(plainly(world, properties), world=world)))
    named = {claim.name: claim for claim in properties}

    with TemporaryDirectory() as folder:
        file = Path(folder) / "certificate.gz"
        save(lines, file)
        try:
            header, proofs = proved(world, properties, file)
        except (WrongError, NoRunError, ModelError, ValueError, AssertionError):
            return

    for said in header.claims:
        if said.name in proofs:
            assert is_true(world, named[said.name], said.verdict), json.dumps(lines[0])


@settings(PATIENT, max_examples=20)
@given(st.data())
def test_a_set_without_one_reachable_state_is_refused(data: st.DataObject) -> None:
    world = data.draw(worlds())
    plainly(world, [])
    states = reachable(world)
    del states[data.draw(st.integers(0, len(states) - 1))]

    with pytest.raises(WrongError, match="set"):
        certify(world, [], states)


def counter(limit: int) -> World:
    return counters.world(limit)


@always
def never_nine(world: View) -> bool:
    """The counter does not show nine."""
    return bool(world[counters.COUNTER].ticks != 9)


@recoverable
def can_be_two(world: View) -> bool:
    """The counter can come to two."""
    return bool(world[counters.COUNTER].ticks == 2)


def showing(ticks: int) -> Any:
    (start,) = counter(2).initial()
    return (evolve(start[0], state=counters.Count(ticks)), *start[1:])


def test_a_state_that_nobody_reaches_does_no_harm_when_it_is_right() -> None:
    states = [showing(ticks) for ticks in (0, 1, 2)]
    beyond = [showing(-2), showing(-1), *states]

    certify(counters.world(2, breaks=-9), [Claimed(never_nine, Verdict.HOLDS)], beyond)


def test_a_state_that_nobody_reaches_is_refused_when_it_is_wrong() -> None:
    states = [showing(ticks) for ticks in (0, 1, 2, 9)]
    world = counters.world(2)

    with pytest.raises(WrongError, match=r"never_nine|leads out of the set"):
        certify(world, [Claimed(never_nine, Verdict.HOLDS)], states)


def test_a_state_that_is_none_of_the_models_is_refused() -> None:
    states = [*(showing(ticks) for ticks in (0, 1, 2)), ("nonsense",)]

    with pytest.raises(WrongError, match="the model fails in this state"):
        certify(counter(2), [Claimed(never_nine, Verdict.HOLDS)], states)


def test_one_is_not_taken_for_true() -> None:
    states = [showing(ticks) for ticks in (0, True, 2)]

    with pytest.raises(WrongError, match="leads out of the set"):
        certify(counter(2), [], states)


@pytest.mark.parametrize("ranks", [[2, 1, 0], [9, 5, 3]])
def test_ranks_that_fall_without_faults_prove_that_it_can_be_reached(ranks: list[int]) -> None:
    states = [showing(ticks) for ticks in (0, 1, 2)]

    certify(counter(2), [Claimed(can_be_two, Verdict.HOLDS, [ranks])], states)


@pytest.mark.parametrize("ranks", [[[0, 0, 0]], [[1, 2, 0]], [], [[2, 1, 0], [2, 1, 0]]])
def test_ranks_that_do_not_fall_prove_nothing(ranks: list[list[int]]) -> None:
    states = [showing(ticks) for ticks in (0, 1, 2)]

    with pytest.raises(WrongError):
        certify(counter(2), [Claimed(can_be_two, Verdict.HOLDS, ranks)], states)


@settings(PATIENT, max_examples=20)
@given(st.data())
def test_a_rank_is_the_distance_from_what_is_good(data: st.DataObject) -> None:
    world = data.draw(worlds())
    plainly(world, [])
    states = reachable(world)
    good = data.draw(st.lists(st.booleans(), min_size=len(states), max_size=len(states)))

    ranks = Steps(world, states).ranks(good)

    for place, values in enumerate(states):
        ends = {states.index(s.values) for s in world.successors(values) if not s.fault}
        further = [ranks[end] for end in ends if ranks[end] != UNRANKED]
        expected = 0 if good[place] else 1 + min(further) if further else UNRANKED
        assert ranks[place] == expected


@settings(PATIENT, max_examples=20)
@given(st.data())
def test_a_run_comes_back_from_its_numbers(data: st.DataObject) -> None:
    world = data.draw(worlds())
    properties = data.draw(decidable(world))
    found = evolve(plainly(world, properties), world=world)

    for finding in found.findings:
        if finding.trace is not None:
            again = replayed(world, Run(**numbered(world, finding.trace).as_data()))
            assert again == finding.trace
            assert shows(world, finding.claim, finding.verdict, again)
            other = next(each for each in Verdict if each is not finding.verdict)
            assert not shows(world, finding.claim, other, again)


@pytest.mark.parametrize(
    "run", [Run(1, ()), Run(0, (0, 0, 0)), Run(0, (1,)), Run(0, (0,), 2), Run(0, (0,), -1)]
)
def test_numbers_beyond_the_world_are_no_run(run: Run) -> None:
    with pytest.raises(NoRunError):
        replayed(counter(2), run)


@pytest.mark.parametrize("numbers", [(-1, ()), (0, (-1,)), (0, (True,)), (0.0, ())])
def test_what_is_no_number_is_no_run(numbers: tuple[Any, Any]) -> None:
    with pytest.raises(NoRunError):
        Run(*numbers)


def test_the_reachable_states_are_those_of_the_plain_explorer() -> None:
    world = counter(4)
    found = reference.explore(world, [])

    assert len(reachable(world)) == found.states
    assert all(isinstance(WorldView(world, values), View) for values in reachable(world))
    assert Kind.ALWAYS is never_nine.kind
