"""A change that is live, for a while, and for the machines alone."""

import sys

import pytest

from coterie.checks.catalogue.oracles.two_phase import world
from coterie.checks.errors import ModelError
from coterie.checks.mutation import install
from coterie.checks.mutation.install import EndlessError, Mutant, ending
from coterie.checks.mutation.named import changed
from coterie.checks.mutation.source import Function, source_of, sources
from coterie.model.machine import Node
from coterie.model.oracles.two_phase import (
    Decide,
    Prepare,
    ResourceManager,
    Stage,
    TransactionManager,
    all_prepared,
)
from tests.mutation import shop

MANAGER = ResourceManager(Node("coordinator"))


def function(name: str) -> Function:
    two_phase = source_of(sys.modules[all_prepared.__module__])
    return next(each for each in two_phase.functions if each.name == name)


def mutant(name: str, text: str) -> Mutant:
    of = function(name)
    return Mutant(of, next(change for change in of.changes() if change.text == text))


def test_a_change_is_live_for_everybody_and_only_for_a_while() -> None:
    guard = mutant("oracles.two_phase.all_prepared", "prepared == managers → prepared != managers")

    with guard.live():
        assert all_prepared(1, 2)
        assert TransactionManager((Node("a"), Node("b"))).may_commit(1, 2)

    assert not all_prepared(1, 2)


def test_a_change_is_taken_back_when_something_goes_wrong() -> None:
    guard = mutant("oracles.two_phase.all_prepared", "prepared == managers → prepared != managers")
    before = all_prepared.__code__

    with pytest.raises(ValueError, match="stop"), guard.live():
        raise ValueError("stop")

    assert all_prepared.__code__ is before


def test_a_generator_is_changed_while_it_is_asked() -> None:
    silent = mutant(
        "oracles.two_phase.TransactionManager.options", "without yield Decide(commit=False)"
    )
    there = world(1)
    mutated = silent.within(there).machines[Node("coordinator")]
    state = mutated.start(None).state

    assert tuple(mutated.options(state)) == ()
    assert tuple(there.machines[Node("coordinator")].options(state)) == (Decide(commit=False),)


def test_every_change_leaves_its_neighbours_alone() -> None:
    step = function("oracles.two_phase.ResourceManager.step")

    for change in step.changes():
        with Mutant(step, change).live():
            assert tuple(MANAGER.options(Stage.WORKING)) == (Prepare(), Decide(commit=False))


def test_what_does_not_come_back_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install, "SECONDS_A_CALL", 0.05)

    def endless() -> None:
        with ending():
            while True:
                pass

    with pytest.raises(EndlessError, match=r"0\.05 seconds"):
        endless()


def test_sources_are_our_models_or_the_neighbours_of_a_users_file() -> None:
    names = {source.name for source in sources(world(1).machines.values())}
    own = {source.name for source in sources(shop.world(1, 1).machines.values())}

    assert {"oracles.two_phase", "machine"} <= names
    assert not any(name.startswith(("checks", "tests", "attr")) for name in names)
    assert "tests.mutation.shop" in own


def test_the_digits_of_a_function_do_not_hang_on_its_docstring() -> None:
    one = function("oracles.two_phase.all_prepared")
    other = function("oracles.two_phase.ResourceManager.start")

    assert one.digest == function("oracles.two_phase.all_prepared").digest != other.digest
    assert one.name == "oracles.two_phase.all_prepared"


def test_a_mutant_of_the_catalogue_is_named_by_its_change() -> None:
    made = changed(world, TransactionManager.options, "without yield Decide(commit=False)")

    mutated = made(managers=1).machines[Node("coordinator")]

    assert tuple(mutated.options(mutated.start(None).state)) == ()


def test_a_change_that_there_is_not_is_an_error_with_the_nearest_that_there_is() -> None:
    made = changed(world, TransactionManager.options, "without yield Decide(commit=Falsy)")

    with pytest.raises(ModelError, match=r"the nearest is: without yield Decide\(commit=False\)"):
        made(managers=1)


def test_what_is_no_function_of_a_model_cannot_be_changed() -> None:
    with pytest.raises(ModelError, match="is no function of a model"):
        changed(world, ending, "a → b")(managers=1)
