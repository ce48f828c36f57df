"""The adversary: what liars may say, and whose signatures they can copy."""

from typing import Any, Literal

import pytest
from attrs import frozen

from coterie.checks.adversary import Adversary, repertoire
from coterie.checks.component import Forged
from coterie.checks.faults import Faults
from coterie.checks.signatures import SIGNATURES, signatures_in
from coterie.checks.world import Step, World
from coterie.model.machine import Effect, Event, Node, Receive, Send
from coterie.model.signature import Signature, is_signed
from tests.strategies import Table, Tick

ONE, TWO, LIAR = Node("one"), Node("two"), Node("liar")
FIRED = Tick(0)
Rules = dict[tuple[int, Event], tuple[int, tuple[Effect, ...]]]
BY_ONE = Signature(ONE, "yes")


@frozen(cache_hash=True)
class Ask:
    """Has no fields."""


@frozen(cache_hash=True)
class Vote:
    ballot: int
    yes: bool


@frozen(cache_hash=True)
class Report:
    votes: frozenset[Vote]


@frozen(cache_hash=True)
class Pair:
    both: tuple[int, bool]


@frozen(cache_hash=True)
class Perhaps:
    vote: Vote | None


@frozen(cache_hash=True)
class Listing:
    many: tuple[int, ...]


@frozen(cache_hash=True)
class Note:
    text: str
    signature: Signature


def machine(rules: Rules | None = None) -> Table:
    return Table(0, rules or {}, None, (0, 0, 0))


def forged(world: World, values: tuple[Any, ...] | None = None) -> list[Step]:
    found = next(world.initial()) if values is None else values
    return [s for s in world.successors(found) if isinstance(s.happenings[0], Forged)]


def said(steps: list[Step]) -> set[tuple[Node, Any]]:
    return {
        (h.receiver, h.message) for step in steps for h in step.happenings if isinstance(h, Forged)
    }


def test_a_message_without_fields_is_one_message() -> None:
    assert repertoire(Ask, domains={}) == (Ask(),)


def test_fields_take_every_value_of_their_types_domains() -> None:
    found = repertoire(Vote, domains={int: (1, 2)})

    assert found == (Vote(1, False), Vote(1, True), Vote(2, False), Vote(2, True))


def test_the_domain_of_a_field_goes_before_that_of_its_type() -> None:
    found = repertoire(Vote, domains={int: (1, 2), (Vote, "ballot"): (7,), (Vote, "yes"): (True,)})

    assert found == (Vote(7, yes=True),)


def test_sets_have_every_size() -> None:
    found = repertoire(Report, domains={Vote: (Vote(1, yes=True), Vote(2, yes=True))})

    assert sorted(len(report.votes) for report in found) == [0, 1, 1, 2]


def test_nested_classes_unions_and_none_come_from_their_structure() -> None:
    found = repertoire(Perhaps, domains={int: (1,)})

    assert set(found) == {Perhaps(None), Perhaps(Vote(1, yes=False)), Perhaps(Vote(1, yes=True))}


def test_tuples_of_fixed_length_are_products() -> None:
    found = repertoire(Pair, domains={int: (1, 2)})

    assert {pair.both for pair in found} == {(1, False), (1, True), (2, False), (2, True)}


def test_the_repertoire_of_several_classes_has_each_message_once_in_canonical_order() -> None:
    domains = {int: (2, 1, 2)}

    assert repertoire(Vote, Ask, Vote, domains=domains) == repertoire(Ask, Vote, domains=domains)
    assert len(repertoire(Vote, Ask, domains=domains)) == 5


@pytest.mark.parametrize("kind", [Listing, Note])
def test_a_type_without_a_domain_is_an_error_that_names_it(kind: type) -> None:
    with pytest.raises(TypeError, match=r"no domain for .*(int|str).*give one in `domains`"):
        repertoire(kind, domains={})


def test_a_domain_may_be_declared_for_a_composed_type() -> None:
    found = repertoire(Listing, domains={tuple[int, ...]: ((), (1, 2))})

    assert set(found) == {Listing(()), Listing((1, 2))}


def test_a_liar_may_say_anything_to_anybody_at_any_time() -> None:
    adversary = Adversary((LIAR,), (1, 2))
    rules: Rules = {(0, Receive(LIAR, 2)): (3, ())}
    world = World({ONE: machine(rules), TWO: machine()}, adversary=adversary)

    steps = forged(world)

    assert said(steps) == {(ONE, 1), (ONE, 2), (TWO, 1), (TWO, 2)}
    assert all(step.fault for step in steps)
    assert {step.values[0].state for step in steps} == {0, 3}


def test_a_liar_may_be_confined_to_some_roles() -> None:
    adversary = Adversary((LIAR,), (1,), towards=("two",))

    assert said(forged(World({ONE: machine(), TWO: machine()}, adversary=adversary))) == {(TWO, 1)}


def test_a_node_that_is_down_hears_no_lies() -> None:
    world = World({ONE: machine()}, adversary=Adversary((LIAR,), (1,)), faults=Faults(crashes=1))
    (crash,) = (s for s in world.successors(next(world.initial())) if s not in forged(world))

    assert not forged(world, crash.values)


def test_what_is_sent_to_a_liar_is_gone() -> None:
    world = World(
        {ONE: machine({(0, FIRED): (1, (Send(LIAR, 5),))})}, adversary=Adversary((LIAR,), ())
    )

    (step,) = world.successors(next(world.initial()))

    assert step.values[world.slots[ONE]].state == 1


def test_a_correct_nodes_signature_is_copied_only_after_it_was_issued() -> None:
    note = Note("yes", BY_ONE)
    rules: Rules = {(0, FIRED): (1, (Send(TWO, note),))}
    world = World({ONE: machine(rules), TWO: machine()}, adversary=Adversary((LIAR,), (note,)))

    (signing,) = world.successors(next(world.initial()))

    assert not forged(world)
    assert signing.values[world.slots[SIGNATURES]] == {BY_ONE}
    assert said(forged(world, signing.values)) == {(ONE, note), (TWO, note)}


def test_a_signature_that_was_sent_to_a_liar_is_issued_too() -> None:
    note = Note("yes", BY_ONE)
    world = World(
        {ONE: machine({(0, FIRED): (1, (Send(LIAR, note),))})},
        adversary=Adversary((LIAR,), (note,)),
    )

    (signing,) = world.successors(next(world.initial()))

    assert said(forged(world, signing.values)) == {(ONE, note)}


def test_another_content_needs_another_signature() -> None:
    other = Note("no", Signature(ONE, "no"))
    rules: Rules = {(0, FIRED): (1, (Send(TWO, Note("yes", BY_ONE)),))}
    world = World({ONE: machine(rules), TWO: machine()}, adversary=Adversary((LIAR,), (other,)))

    (signing,) = world.successors(next(world.initial()))

    assert not forged(world, signing.values)


def test_liars_sign_for_themselves_as_they_like() -> None:
    own = Note("yes", Signature(LIAR, "yes"))

    assert forged(World({ONE: machine()}, adversary=Adversary((LIAR,), (own,))))


def test_all_signatures_in_a_message_must_exist() -> None:
    both = (Note("yes", BY_ONE), Note("yes", Signature(TWO, "yes")))
    rules: Rules = {(0, FIRED): (1, (Send(TWO, both[0]),))}
    world = World({ONE: machine(rules), TWO: machine()}, adversary=Adversary((LIAR,), (both,)))

    (signing,) = world.successors(next(world.initial()))

    assert not forged(world, signing.values)


def test_a_crash_before_the_sending_leaves_no_signature() -> None:
    rules: Rules = {(0, FIRED): (1, (Send(TWO, Note("yes", BY_ONE)),))}
    world = World(
        {ONE: machine(rules), TWO: machine()},
        adversary=Adversary((LIAR,), ()),
        faults=Faults(crashes=1, crashing=("one",)),
    )

    twin = next(s for s in world.successors(next(world.initial())) if len(s.happenings) == 2)

    assert twin.values[world.slots[SIGNATURES]] == frozenset()


def test_signatures_in_a_starting_world_were_issued_before() -> None:
    @frozen
    class Archive(Table):
        def start(self, memory: Any) -> Any:
            del memory
            return super().start(None)

    archive = Archive(0, {}, None, (0, 0, 0))
    world = World(
        {ONE: archive}, adversary=Adversary((LIAR,), (BY_ONE,)), starts=[{ONE: (BY_ONE,)}]
    )

    assert said(forged(world)) == {(ONE, BY_ONE)}


def test_signatures_are_found_at_any_depth() -> None:
    inner = Signature(TWO, "inner")
    outer = Signature(ONE, (inner, "outer"))
    value = ({"key": frozenset({Note("x", outer)})}, 5)

    assert signatures_in(value, ONE, TWO) == {inner, outer}
    assert signatures_in(value, TWO) == {inner}


def test_a_signature_is_of_one_signer_under_one_content() -> None:
    assert is_signed(BY_ONE, ONE, "yes")
    assert not is_signed(BY_ONE, TWO, "yes")
    assert not is_signed(BY_ONE, ONE, "no")


def test_the_statement_counts_what_liars_may_say() -> None:
    adversary = Adversary((LIAR,), repertoire(Ask, Vote, domains={int: (1,)}))

    words = World({ONE: machine()}, adversary=adversary).statement()["Byzantine"]

    assert words == "liar0, each may say any of 3 messages (Ask, Vote)"


def test_a_literal_has_the_domain_that_is_declared_for_it() -> None:
    @frozen(cache_hash=True)
    class Coloured:
        colour: Literal["red", "blue"]

    found = repertoire(Coloured, domains={(Coloured, "colour"): ("red", "blue")})

    assert {message.colour for message in found} == {"red", "blue"}
