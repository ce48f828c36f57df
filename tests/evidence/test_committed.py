"""What is committed in docs/evidence is what the catalogue says, of the code as it is.

Where this fails, run `make evidence`: it explores what has changed, and keeps the rest.
"""

import json
from collections.abc import Iterator
from functools import cache

import pytest

from coterie.checks.catalogue import catalogue
from coterie.checks.check import Check
from coterie.checks.evidence.entry import laid_out
from coterie.checks.result import Verdict
from coterie.commands.evidence.lemmas import Proofs
from coterie.commands.evidence.recorded import FOLDER, Evidence, Recorded
from coterie.spec.lemmas.lemma import lemmas

ALL_IS_WELL: dict[str, list[str]] = {}


@cache
def evidence() -> Evidence:
    return Evidence.read()


def of(check: Check) -> Recorded:
    found = evidence().of(check.name)
    assert found is not None, f"nothing is recorded of {check.name}"
    return found


def differences(check: Check) -> Iterator[str]:
    """Yield where a record of size small is not what the catalogue says."""
    entry = of(check).entry
    if [each.property for each in entry.properties] != [each.name for each in check.properties]:
        yield "other properties"
    if entry.states != check.states:
        yield f"{entry.states} states"
    for said in entry.properties:
        steps = len(said.run.steps) if said.run else None
        if said.verdict is not said.expected or steps != said.steps:
            yield f"{said.property} {said.verdict.value}"
        if said.property in check.refuted and said.steps != check.refuted[said.property]:
            yield f"{said.property} in {said.steps} steps"
        if (said.expected is Verdict.VIOLATED) != (said.property in check.refuted):
            yield f"{said.property} expected {said.expected.value}"


def survivors(check: Check) -> Iterator[str]:
    """Yield which mutants are not recorded to be killed as the catalogue says."""
    killed = {
        each.mutant: {kill.property: kill.steps for kill in each.kills if kill.is_as_declared()}
        for each in of(check).entry.mutants or ()
    }
    for name, mutant in check.mutants.items():
        if killed.get(name) != dict(mutant.kills):
            yield name
    yield from killed.keys() - check.mutants.keys()


def test_every_check_is_recorded_as_the_catalogue_says() -> None:
    found = {check.name: [*differences(check)] for check in catalogue()}

    assert {name: each for name, each in found.items() if each} == ALL_IS_WELL


def test_every_mutant_is_recorded_to_be_killed_as_it_declares() -> None:
    found = {check.name: [*survivors(check)] for check in catalogue()}

    assert {name: each for name, each in found.items() if each} == ALL_IS_WELL


def test_nothing_is_recorded_of_other_code_than_there_is() -> None:
    stale = [each.anew for each in evidence().records if each.is_stale]

    assert stale == [], "run `make evidence`"


def test_nothing_is_recorded_of_what_is_no_check_any_more() -> None:
    assert {each.entry.check for each in evidence().records} == {each.name for each in catalogue()}


def test_what_is_recorded_of_size_full_is_as_expected_or_names_its_bound() -> None:
    large = [each.entry for each in evidence().records if each.entry.size == "full"]

    assert large
    for entry in large:
        is_bounded = any(each.hit for each in entry.limits) and not entry.complete
        for said in entry.properties:
            is_open = said.verdict is Verdict.UNDETERMINED
            assert (is_open and is_bounded) or said.verdict is said.expected, entry.check


def test_every_lemma_is_recorded_to_be_proved_of_the_code_as_it_is() -> None:
    proofs = Proofs.read()

    for lemma in lemmas():
        proved = proofs.of(lemma.name)
        assert proved is not None, lemma.name
        assert proved.verdict == "proved"
        assert {each.verdict for each in proved.twins} == {"refuted"}
        assert not proofs.is_stale(lemma.name), "run `make evidence`"


@pytest.mark.parametrize("name", ["small", "full", "lemmas"])
def test_a_file_is_laid_out_in_short_lines_by_name(name: str) -> None:
    text = (FOLDER / f"{name}.json").read_text(encoding="utf-8")
    data = json.loads(text)
    names = [
        each.get("check", each.get("lemma")) for each in data.get("checks", data.get("lemmas"))
    ]

    assert laid_out(data) + "\n" == text
    assert names == sorted(names)


def test_the_runs_of_some_checks_can_be_taken_again() -> None:
    for check in catalogue():
        if check.name.startswith("oracles."):
            found = of(check)
            traces = [found.trace(each.name) for each in check.properties]
            traces += [
                found.mutant_trace(name, claim)
                for name, mutant in check.mutants.items()
                for claim in mutant.kills
            ]
            assert any(traces)
