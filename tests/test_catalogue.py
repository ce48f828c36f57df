"""Every check finds what the catalogue says, and every property has a mutant that it kills."""

import pytest

from coterie.checks.catalogue import catalogue
from coterie.checks.check import Check, Mutant
from coterie.checks.engine.explore import explore
from coterie.checks.result import Exploration, Finding, Verdict
from coterie.spec.property import Kind, Property

CHECKS = {check.name: check for check in catalogue()}
MUTANTS = {
    f"{check.name}-{name}": (check, mutant)
    for check in CHECKS.values()
    for name, mutant in check.mutants.items()
}


def steps(finding: Finding) -> int | None:
    return None if finding.trace is None else len(finding.trace)


def violated(found: Exploration) -> dict[str, int | None]:
    return {
        finding.claim.name: steps(finding)
        for finding in found.findings
        if finding.verdict is Verdict.VIOLATED
    }


@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)
def test_it_finds_at_size_small_what_the_catalogue_says(check: Check) -> None:
    found = explore(check.world(**check.parameters()), check.properties)

    assert violated(found) == dict(check.refuted)
    assert {finding.verdict for finding in found.findings} <= {Verdict.HOLDS, Verdict.VIOLATED}
    assert found.states == check.states


@pytest.mark.parametrize(("check", "mutant"), MUTANTS.values(), ids=MUTANTS)
def test_a_mutant_is_killed_by_the_shortest_trace_that_the_catalogue_says(
    check: Check, mutant: Mutant
) -> None:
    claims = [claim for claim in check.properties if claim.name in mutant.kills]

    found = explore(mutant.world(**check.parameters(**mutant.parameters)), claims)

    assert claims
    assert violated(found) == dict(mutant.kills)


def _kills(claim: Property) -> list[str]:
    return [
        name
        for name, (check, mutant) in MUTANTS.items()
        if claim in check.properties and claim.name in mutant.kills
    ]


CLAIMS = {
    f"{check.name}-{claim.name}": (check, claim)
    for check in CHECKS.values()
    for claim in check.properties
}


@pytest.mark.parametrize(("check", "claim"), CLAIMS.values(), ids=CLAIMS)
def test_each_mutant_that_a_property_names_breaks_it(check: Check, claim: Property) -> None:
    killed_by = {name.rsplit("-", 1)[1] for name in _kills(claim)}

    assert claim.broken_by, f"{check.name}: no mutant breaks {claim.name}"
    assert set(claim.broken_by) <= killed_by


@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)
def test_a_check_shows_that_something_happens(check: Check) -> None:
    witnesses = [claim for claim in check.properties if claim.kind is Kind.REACHABLE]

    assert witnesses or check.refuted


@pytest.mark.parametrize(("check", "claim"), CLAIMS.values(), ids=CLAIMS)
def test_a_property_is_documented(check: Check, claim: Property) -> None:
    assert claim.statement.endswith(".")
    assert "Source:" in claim.documentation
    assert "Why:" in claim.documentation or "In symbols:" in claim.documentation
    assert check.about.endswith(".")
