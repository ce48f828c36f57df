"""The fate of a mutant, against the dumb twin that compares whole graphs."""

import pytest
from attrs import evolve

from coterie.checks.catalogue.oracles import tcommit, two_phase
from coterie.checks.check import Check
from coterie.checks.errors import ModelError
from coterie.checks.mutation.campaign import Campaign, Site, campaign
from coterie.checks.mutation.classify import LAW_OF_RECORDS, MODEL_ERROR, Fate, Result
from coterie.checks.mutation.install import Mutant
from coterie.checks.mutation.record import Baseline, baseline
from coterie.spec.oracles import two_phase as spec
from tests.mutation import plainly, shop

FEWER = evolve(two_phase.CHECK, properties=(spec.consistent, spec.all_commit))
SMALL = {
    "tcommit": evolve(tcommit.CHECK, small={"managers": 2}),
    "two_phase": evolve(FEWER, small={"managers": 2}),
    "shop": shop.CHECK,
}
CAMPAIGNS = {name: campaign([check]) for name, check in SMALL.items()}
SITES = {
    f"{name}-{site.name}": (one, site) for name, one in CAMPAIGNS.items() for site in one.sites()
}


def expected(mutant: Mutant, within: Baseline) -> set[Fate]:
    if plainly.is_noticed(mutant, within) or within.breaks_a_law(mutant):
        return {Fate.KILLED}
    if plainly.is_same_graph(mutant, within):
        return {Fate.EQUIVALENT, Fate.UNCOVERED}
    return {Fate.SURVIVED}


@pytest.mark.parametrize(("of", "site"), SITES.values(), ids=SITES)
def test_the_fate_is_what_comparing_whole_graphs_gives(of: Campaign, site: Site) -> None:
    mutant, within = Mutant(site.function, site.change), of.baselines[0]

    result = of.judge(site)

    assert result.fate in expected(mutant, within)
    if result.fate is Fate.SURVIVED:
        assert result.difference is not None
        trace = result.difference.trace
        if trace is not None:
            assert len(trace) == plainly.nearest_difference(mutant, within)


def fate(check: str, name: str) -> Result:
    of, site = SITES[f"{check}-{name}"]
    return of.judge(site)


SHOP = "tests.mutation.shop.Shop"


def test_a_mutant_is_killed_by_a_property_with_the_shortest_trace() -> None:
    result = fate("shop", f"{SHOP}.step: evolve(state) without sold=state.sold + 1")

    assert (result.fate, result.check, result.steps) == (Fate.KILLED, "shop", 2)
    assert set(result.killers) == {"nothing_is_lost", "bought_is_sold"}


def test_a_model_that_goes_wrong_by_itself_is_killed() -> None:
    result = fate("shop", f"{SHOP}.start: memory or Stock(self.stock) → memory")

    assert (result.fate, result.killers) == (Fate.KILLED, (MODEL_ERROR,))


def test_a_record_that_is_missing_breaks_the_law_of_records() -> None:
    result = fate("shop", f"{SHOP}.step: without Record(after)")

    assert (result.fate, result.killers) == (Fate.KILLED, (LAW_OF_RECORDS,))


def test_a_guard_that_is_asked_twice_can_be_dropped_once() -> None:
    result = fate("shop", f"{SHOP}.step: case Close() if state.left == 0 → case Close()")

    assert result.fate is Fate.EQUIVALENT


def test_a_survivor_shows_what_only_one_of_the_two_can_do() -> None:
    result = fate("shop", f"{SHOP}.options: without yield Close()")

    assert result.fate is Fate.SURVIVED
    assert result.difference is not None
    assert (len(result.difference.lost), len(result.difference.gained)) == (1, 0)


def test_a_mutant_that_starts_otherwise_has_no_run() -> None:
    result = fate("shop", f"{SHOP}.start: without Send(CUSTOMER, 'hello')")

    assert result.fate is Fate.SURVIVED
    assert result.difference is not None
    assert result.difference.trace is None
    assert (len(result.difference.lost), len(result.difference.gained)) == (1, 1)


def test_a_witness_that_vanishes_kills() -> None:
    manager = "oracles.two_phase.ResourceManager"

    result = fate("two_phase", f"{manager}.step: without Send(self.coordinator, Prepared())")

    assert (result.fate, result.killers, result.steps) == (Fate.KILLED, ("all_commit",), None)


def test_the_cheapest_check_comes_first_and_decides() -> None:
    large = evolve(FEWER, name="large", small={"managers": 4})
    both = campaign([large, SMALL["two_phase"]])
    site = next(each for each in both.sites() if "Send(self.coordinator" in each.change.text)

    assert sorted(each.check.name for each in both.baselines) == ["large", "oracles.two_phase"]
    assert both.judge(site).check == both.baselines[0].check.name


def test_an_exploration_that_does_not_end_is_no_verdict() -> None:
    of, site = SITES["two_phase-oracles.two_phase.TransactionManager.step: if commit → if True"]

    assert of.judge(site, seconds=1e-9).fate in {Fate.TIMED_OUT, Fate.UNCOMPARED}


def test_a_check_that_does_not_hold_as_it_is_tells_nothing() -> None:
    wrong: Check = evolve(FEWER, refuted={"consistent": 1})

    with pytest.raises(ModelError, match=r"consistent is holds without any change"):
        baseline(wrong)


def test_the_properties_are_judged_with_the_model_as_it_is_written() -> None:
    of = campaign([SMALL["shop"]])

    assert all(each.function.source.name == "tests.mutation.shop" for each in of.sites())
    assert "tests.mutation.shop.Customer.step" in {each.name for each in of.functions}
    assert "tests.mutation.shop.nothing_is_lost" not in {each.name for each in of.functions}
