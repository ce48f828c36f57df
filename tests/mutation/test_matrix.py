"""The committed kill matrix, held to the sources and to the specification's reasons."""

import re
from pathlib import Path

import pytest
from attrs import evolve

from coterie.checks.catalogue import catalogue
from coterie.checks.catalogue.oracles import tcommit
from coterie.checks.mutation import matrix
from coterie.checks.mutation.campaign import campaign
from coterie.checks.mutation.classify import Fate, Result
from coterie.checks.mutation.matrix import Entry, Matrix, committed
from coterie.checks.mutation.reasons import explains, reason, reasons
from coterie.checks.mutation.source import Function, sources
from tests.mutation import shop

KNOWN = committed()
WHY = reasons(catalogue())
MACHINES = [
    machine
    for check in catalogue()
    for machine in check.world(**check.parameters()).machines.values()
]
FUNCTIONS = {each.name: each for source in sources(MACHINES) for each in source.functions}
UNJUDGED = (
    "checks.catalogue.",  # functions that are wrong on purpose
    "diffusion.",
    "call._written",  # words for people
    "gossip.store.disk.table_first",
    "gossip.gdp.service.",
    "gossip.store.service.",
    "postbox.from_sender",
    "spec.smr.",  # an abstract specification, and its claims
    "synchrony.",
)
"""What the matrix does not know yet: the beginnings of names. This list may only grow shorter."""
OPEN = {
    f"{entry.name}: {change}": result.fate
    for entry in KNOWN
    for change, result in entry.results.items()
    if result.fate in {Fate.SURVIVED, Fate.UNCOMPARED, Fate.TIMED_OUT}
}


def function(name: str) -> Function:
    assert name in FUNCTIONS, f"{name} is gone: `coterie mutate --update` its checks"
    return FUNCTIONS[name]


@pytest.mark.parametrize("name", KNOWN.entries)
def test_the_matrix_is_of_the_source_as_it_is(name: str) -> None:
    assert KNOWN.knows(function(name)), f"{name} has changed: `coterie mutate --update` its checks"


def test_every_function_is_judged_but_those_that_are_listed() -> None:
    unknown = {
        name
        for name, each in FUNCTIONS.items()
        if name not in KNOWN.entries and any(each.changes())
    }

    assert {name for name in unknown if not name.startswith(UNJUDGED)} == set()
    assert [each for each in UNJUDGED if not any(n.startswith(each) for n in unknown)] == []


@pytest.mark.parametrize("mutant", OPEN)
def test_no_mutant_survives_without_a_reason(mutant: str) -> None:
    assert reason(mutant, WHY)


@pytest.mark.parametrize("pattern", [each for each in WHY if not each.startswith(UNJUDGED)])
def test_a_reason_is_for_a_mutant_that_survives(pattern: str) -> None:
    assert any(explains(pattern, mutant) for mutant in OPEN)


@pytest.mark.parametrize("why", sorted(set(WHY.values())))
def test_a_reason_is_a_sentence(why: str) -> None:
    assert re.fullmatch(r"[A-Z`].*\.", why)


def test_a_small_protocol_has_the_fates_that_are_committed() -> None:
    of = campaign([tcommit.CHECK])

    fates = {site.name: of.judge(site).fate for site in of.sites()}

    kept = {
        f"{entry.name}: {change}": result.fate
        for entry in KNOWN
        for change, result in entry.results.items()
        if entry.module == "oracles.tcommit"
    }
    assert len(kept) > 30
    assert {name: fate for name, fate in fates.items() if name in kept} == kept


RESULTS = {
    "a → b": Result(Fate.KILLED, "one", ("p", "q"), 3),
    'c "→" d': Result(Fate.EQUIVALENT),
    "é → ∧": Result(Fate.SURVIVED, "two"),
}


def test_what_is_written_is_read_again() -> None:
    entries = [Entry("m", "f", "123", RESULTS), Entry("m", "A.g", "456", {}), Entry("n.o", "h", "")]
    whole = Matrix({each.name: each for each in entries})

    assert matrix.read(whole.written()) == whole
    assert matrix.read(Matrix().written()) == Matrix()


def test_one_mutant_is_one_line() -> None:
    lines = Matrix({"m.f": Entry("m", "f", "123", RESULTS)}).written().splitlines()

    assert sum("fate" in line for line in lines) == len(RESULTS)


def test_new_fates_replace_those_of_their_function_alone() -> None:
    of = campaign([shop.CHECK])
    one, other = list(of.sites())[:2]
    old = Entry("tests.mutation.shop", one.function.qualname, "old", RESULTS)
    whole = Matrix({"m.f": Entry("m", "f", "123"), old.name: old})

    after = whole.with_results([(one, RESULTS["a → b"]), (other, Result(Fate.EQUIVALENT))])

    assert after.entries["m.f"] == whole.entries["m.f"]
    assert "a → b" not in after.entries[one.function.name].results
    assert after.entries[one.function.name].results[one.change.text] == RESULTS["a → b"]


def test_a_function_is_known_when_source_and_mutants_are_the_same() -> None:
    of = campaign([shop.CHECK])
    step = next(each for each in of.functions if each.qualname == "Customer.step")
    whole = Matrix().with_results((s, Result(Fate.KILLED)) for s in of.sites([step]))
    entry = whole.entries[step.name]

    assert whole.knows(step)
    assert not Matrix().knows(step)
    assert not Matrix({step.name: evolve(entry, digest="old")}).knows(step)
    assert not Matrix({step.name: evolve(entry, results={})}).knows(step)


def test_the_file_is_written_in_one_piece(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matrix, "COMMITTED", tmp_path / "matrix.json")
    assert committed() == Matrix()
    whole = Matrix({"m.f": Entry("m", "f", "123", RESULTS)})

    matrix.commit(whole)

    assert committed() == whole
    assert [file.name for file in tmp_path.iterdir()] == ["matrix.json"]


def test_a_reason_may_be_for_all_that_begin_alike() -> None:
    assert explains("m.f: a → b", "m.f: a → b")
    assert not explains("m.f: a → b", "m.f: a → b #2")
    assert explains("m.f: a…", "m.f: a → b #2")
    assert reasons([shop.CHECK])["shop.Shop.start: without Send(CUSTOMER, 'hello')"]
