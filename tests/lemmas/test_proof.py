"""What a proof says: proved, refuted by an example, of nothing, or unknown; and never the wrong."""

import pytest

from coterie.spec.lemmas.example import Example, Group
from coterie.spec.lemmas.lemma import Goal, Lemma, lemma, lemmas
from coterie.spec.lemmas.proof import UndecidedError, Verdict, _is_satisfiable, _solver, prove
from coterie.spec.lemmas.symbolic import Symbolic
from coterie.spec.lemmas.symbols import no
from tests.lemmas import made


def verdicts(lemma: Lemma, seconds: float = 20.0) -> dict[str, Verdict]:
    proof = prove(lemma, seconds)
    return {"": proof.finding.verdict} | {twin.name: each.verdict for twin, each in proof.twins}


def test_a_true_lemma_is_proved_and_its_twins_are_refuted() -> None:
    assert verdicts(made.good) == {
        "": Verdict.PROVED,
        "without: at most b are Byzantine": Verdict.REFUTED,
        "without: enough vote": Verdict.REFUTED,
        "with b votes": Verdict.REFUTED,
    }


def test_a_false_lemma_is_refuted_by_a_small_example() -> None:
    finding = prove(made.wrong).finding

    assert finding.verdict is Verdict.REFUTED
    assert finding.example is not None
    (goal,) = made.wrong.goals(finding.example)
    assert all(goal.needs.values())
    assert not goal.claim
    assert finding.example.numbers == {"b": 1}


def test_what_is_not_needed_is_noticed() -> None:
    assert verdicts(made.demanding) == {
        "": Verdict.PROVED,
        "without: n is large": Verdict.REFUTED,
        "without: n is not 4": Verdict.PROVED,
    }


def test_a_lemma_about_nothing_is_no_lemma() -> None:
    finding = prove(made.empty).finding

    assert finding.verdict is Verdict.VACUOUS
    assert finding.why == "what it needs cannot be true together"


def test_what_the_solver_does_not_know_is_not_proved() -> None:
    finding = prove(made.unknown, seconds=0.1).finding

    assert finding.verdict is Verdict.UNKNOWN
    assert finding.why.startswith("the solver does not know")
    assert finding.seconds < 10


def test_not_to_know_is_an_error() -> None:
    given = Symbolic()
    (goal,) = made.unknown.goals(given)

    solver = _solver(given, [*goal.needs.values(), no(goal.claim)], seconds=0.1)

    with pytest.raises(UndecidedError, match="does not know"):
        _is_satisfiable(solver)


def test_a_guard_that_guesses_is_no_lemma() -> None:
    with pytest.raises(TypeError, match="neither true nor false"):
        prove(made.guessed)


def test_a_proof_does_not_depend_on_what_was_proved_before() -> None:
    before = [each.example for _, each in prove(made.good).twins]
    prove(made.wrong)

    assert [each.example for _, each in prove(made.good).twins] == before


def test_an_example_is_sets_of_replicas() -> None:
    (example,) = (
        finding.example
        for name in ("diffusion.register.a_read_meets_every_completed_write",)
        for twin, finding in prove(next(each for each in lemmas() if each.name == name)).twins
        if twin.name == "with nodes of 4b, and quorums of 3b"
    )

    assert example is not None
    assert example.numbers == {"b": 1}
    assert example.groups["node"] == {"r0", "r1", "r2", "r3"}
    sizes = {name: group.size for name, group in example.groups.items()}
    assert sizes == {"node": 4, "Byzantine": 1, "answered": 3, "acknowledged": 3}
    assert dict(example.facts())["node"] == "{r0, r1, r2, r3}"


def test_an_example_of_another_size_is_none() -> None:
    example = Example(numbers={"b": 1}, groups={"node": Group({"r0"})})

    with pytest.raises(ValueError, match="node is not 5 things"):
        example.sets("node", 5)


def test_the_name_of_a_lemma_is_its_path_and_its_function() -> None:
    @lemma()
    def local(given: object) -> Goal:
        del given
        return Goal(claim=True, needs={})

    assert local.name == f"{__name__}.local"
    assert "diffusion.pbft.a_new_view_hears_of_every_commit" in {each.name for each in lemmas()}
    assert len({each.name for each in lemmas()}) == len(lemmas())
