"""Every lemma: proved, with twins that are refuted, about the functions that the protocols run."""

import pkgutil
from collections.abc import Iterable, Iterator
from importlib import import_module
from inspect import getmembers, isclass, isfunction
from typing import Any

import pytest
from attrs import fields, fields_dict, has

from coterie.model import diffusion
from coterie.model.diffusion import lookup, lookup_quorums, quorums
from coterie.model.diffusion.pbft import core as pbft
from coterie.model.diffusion.pbft import quorums as pbft_quorums
from coterie.model.diffusion.register import client, replica
from coterie.model.oracles import paxos
from coterie.model.synchrony import membership, trim
from coterie.spec.lemmas.lemma import Goal, Lemma, Twin, lemmas, needs_of
from coterie.spec.lemmas.proof import Verdict
from coterie.spec.lemmas.symbolic import Symbolic
from tests.lemmas.conftest import proof_of
from tests.lemmas.enumerating import Chosen, every_example, some_examples

INDUCTIONS = (
    "diffusion.agreement",
    "diffusion.paths",
    "diffusion.values",
    "oracles.synod",
    "synchrony.chain",
    "synchrony.columns",
    "synchrony.ragged",
    "synchrony.rdmc.no_schedule",
    "synchrony.rdmc.the_last_block",
)
ARITHMETIC = [each for each in lemmas() if not each.name.startswith(INDUCTIONS)]
FEW, SMALL, LARGE = 5, 16, 18


def size_of(lemma: Lemma) -> int:
    """Return how many numbers and regions it is about."""
    symbolic = Symbolic()
    lemma.goals(symbolic)
    return len(symbolic.definitions)


def most_of(lemma: Lemma) -> int:
    """Return up to which number everything can be tried."""
    return 4 if size_of(lemma) <= FEW else 1


def examples(lemma: Lemma) -> Iterator[Chosen]:
    """Yield all examples with small numbers unless they are too many; and larger ones."""
    most = most_of(lemma)
    yield from every_example(most) if size_of(lemma) <= LARGE else some_examples(most, 1_000)
    yield from some_examples(6, 500)


every_lemma = pytest.mark.parametrize("lemma", lemmas(), ids=lambda lemma: lemma.name)
every_arithmetic = pytest.mark.parametrize("lemma", ARITHMETIC, ids=lambda lemma: lemma.name)
every_small = pytest.mark.parametrize(
    "lemma", [each for each in ARITHMETIC if size_of(each) <= SMALL], ids=lambda lemma: lemma.name
)


def twins_of(lemma: Lemma) -> tuple[Twin, ...]:
    return lemma.twins(needs_of(lemma.goals(Symbolic())))


def is_refuted(goals: Iterable[Goal], name: str = "") -> bool:
    """Return whether the goal of that name, of plain numbers, is false with all its needs met."""
    (goal,) = (each for each in goals if each.name == name)
    return all(goal.needs.values()) and not goal.claim


@every_lemma
def test_a_lemma_is_proved(lemma: Lemma) -> None:
    assert proof_of(lemma).finding.verdict is Verdict.PROVED


@every_lemma
def test_every_broken_twin_is_refuted(lemma: Lemma) -> None:
    twins = proof_of(lemma).twins

    assert len(twins) == len(twins_of(lemma)) > 0
    assert [twin.name for twin, each in twins if each.verdict is not Verdict.REFUTED] == []


@every_lemma
def test_plain_python_agrees_that_the_examples_refute(lemma: Lemma) -> None:
    for twin, finding in proof_of(lemma).twins:
        assert finding.example is not None
        assert is_refuted(twin.goals(finding.example), finding.goal), twin.name


@every_lemma
def test_what_refutes_a_twin_does_not_refute_the_lemma(lemma: Lemma) -> None:
    for twin, finding in proof_of(lemma).twins:
        if twin.need is not None:
            assert finding.example is not None
            assert not is_refuted(lemma.goals(finding.example), finding.goal), twin.name


@every_arithmetic
def test_a_lemma_is_true_of_small_examples_and_some_are_what_it_needs(lemma: Lemma) -> None:
    useful = 0

    for example in examples(lemma):
        (goal,) = lemma.goals(example)
        if all(goal.needs.values()):
            useful += 1
            assert goal.claim, example.chosen

    assert useful > 0


@every_small
def test_plain_python_finds_what_refutes_a_twin_as_early(lemma: Lemma) -> None:
    tried, most = 0, most_of(lemma)

    for twin, finding in proof_of(lemma).twins:
        assert finding.example is not None
        if max(finding.example.numbers.values()) <= most:
            tried += 1
            assert any(is_refuted(twin.goals(each)) for each in every_example(most)), twin.name

    assert tried > 0


# A guard is the model's own.

FIELDS: list[tuple[type[Any], str, Any]] = [
    (client.Client, "rank", quorums.trusted_rank),
    (client.Client, "answered", quorums.is_answered),
    (client.Client, "acknowledged", quorums.is_acknowledged),
    (client.Client, "outdated", quorums.is_outdated),
    (client.Client, "supported", quorums.is_supported),
    (replica.Replica, "copied", quorums.is_copied),
    (replica.Replica, "acknowledged", quorums.is_acknowledged),
    (replica.Replica, "echoed", quorums.is_echoed),
    (replica.Replica, "agreed", quorums.is_agreed),
    (lookup.Client, "believes_value", lookup_quorums.is_vouched),
    (lookup.Client, "believes_none", lookup_quorums.is_vouched),
    (pbft.PbftCore, "is_prepared", pbft_quorums.is_prepared),
    (pbft.PbftCore, "is_committed", pbft_quorums.is_committed),
    (pbft.PbftCore, "is_view_change_quorum", pbft_quorums.is_view_change_quorum),
    (paxos.Paxos, "quorum", paxos.is_majority),
    (membership.Membership, "has_majority", membership.has_majority),
    (membership.Membership, "all_agree", membership.all_agree),
    (trim.Trim, "all_echo", membership.all_agree),
]


def proved_guards() -> set[Any]:
    return {guard for lemma in lemmas() for guard in lemma.guards.values()}


@pytest.mark.parametrize(("machine", "field", "guard"), FIELDS)
def test_a_machine_runs_the_very_guard_that_a_lemma_is_about(
    machine: type[Any], field: str, guard: Any
) -> None:
    assert fields_dict(machine)[field].default is guard
    assert any(each is guard for each in proved_guards())


def quorum_fields() -> Iterator[tuple[str, Any]]:
    """Yield every field of the model whose default is one of the quorums."""
    modules = {each.__name__ for each in (quorums, lookup_quorums, pbft_quorums)}
    for module in pkgutil.walk_packages(diffusion.__path__, f"{diffusion.__name__}."):
        for name, value in getmembers(import_module(module.name), isclass):
            own = has(value) and value.__module__ == module.name
            for field in fields(value) if own else ():
                if getattr(field.default, "__module__", "") in modules:
                    yield f"{module.name}.{name}.{field.name}", field.default


def test_every_quorum_that_a_machine_runs_by_default_is_proved() -> None:
    found = dict(quorum_fields())

    assert len(found) >= len(FIELDS) - 1  # all of them but that of Paxos
    assert [field for field, guard in found.items() if guard not in proved_guards()] == []


def test_the_repaired_lookup_passes_on_by_a_guard_that_a_lemma_is_about() -> None:
    assert lookup.REPAIRED.passes_on is lookup_quorums.is_witnessed
    assert lookup.WITNESSED.believes_value is lookup_quorums.is_witnessed
    assert lookup_quorums.is_witnessed in proved_guards()


@pytest.mark.parametrize("module", [quorums, lookup_quorums, pbft_quorums])
def test_every_quorum_of_the_model_has_a_lemma(module: Any) -> None:
    functions = {function for _, function in getmembers(module, isfunction)}

    assert functions
    assert functions <= proved_guards()


def test_every_guard_of_a_lemma_is_a_function_of_the_model() -> None:
    assert {guard.__module__.split(".")[1] for guard in proved_guards()} == {"model"}


@every_lemma
def test_a_broken_twin_has_other_guards_in_place_of_its_own(lemma: Lemma) -> None:
    for twin in lemma.broken_by.values():
        assert twin.keys() <= lemma.guards.keys()
        assert all(guard is not lemma.guards[name] for name, guard in twin.items())


@every_lemma
def test_a_lemma_is_documented(lemma: Lemma) -> None:
    assert lemma.statement.endswith(".")
    for heading in ("In symbols:", "Why:", "Source:"):
        assert heading in lemma.documentation
