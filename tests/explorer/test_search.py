"""Searches: the nearest state where something is true, and an honest word where there is none."""

import threading
from typing import Any

import pytest
from attrs import evolve

from coterie.checks.engine import reference
from coterie.checks.view import WorldView
from coterie.commands.explorer.expression import BadExpressionError, Expression, Words
from coterie.commands.explorer.path import Path
from coterie.commands.explorer.search import Bounds, Question, Search, State
from coterie.commands.explorer.session import Session
from coterie.commands.explorer.telling import outcome, title
from coterie.spec.property import Kind, Property
from tests.explorer.asking import session_of

EXPRESSIONS = [
    "world[manager0] is Stage.COMMITTED",
    "world[manager1] is Stage.ABORTED and world[manager0] is Stage.PREPARED",
    "len(world[COORDINATOR].prepared) == len(world.nodes('manager'))",
    "sum(world[each] is Stage.ABORTED for each in world.nodes('manager')) == 2",
    "not consistent.holds(world)",
    "world.in_flight(manager0, coordinator0) and world.in_flight(coordinator0, manager0)",
]


@pytest.fixture(scope="module")
def session() -> Session:
    return session_of("oracles.two_phase", managers=2)


def searched(session: Session, question: Question) -> Search:
    search = session.search(question)
    assert search.wait(60)
    return search


def asked(session: Session, said: str, **more: Any) -> Search:
    return searched(session, Question("expression", said, **more))


@pytest.mark.parametrize("said", EXPRESSIONS)
def test_the_state_that_is_found_is_a_nearest_one(session: Session, said: str) -> None:
    claim = Property("said", Kind.REACHABLE, Expression(said, session.names))
    plain = reference.explore(session.world, [claim])["said"]

    search = asked(session, said)

    found = search.path.at if search.path else None
    assert found == plain.distance
    if search.path:
        here = session.walker.follow(search.path).here
        assert claim.claim(WorldView(session.world, here))
        assert search.finding is not None
        assert search.finding.violations == plain.violations
    else:
        assert search.state is State.NOTHING
        assert "No state is what is looked for. The search has looked at all" in outcome(search)


def test_each_other_state_is_a_new_one(session: Session) -> None:
    search = asked(session, "world[manager0] is Stage.ABORTED and world[manager1] is Stage.ABORTED")
    found = []
    while search.state is State.FOUND:
        assert search.path is not None
        found.append(session.walker.follow(search.path).here)
        search = searched(session, search.again())

    plain = [
        values
        for values in every_state(session)
        if "Stage.ABORTED" in str(values[0]) + str(values[1]) and str(values[0]) == str(values[1])
    ]
    assert len(found) == len(set(found)) == len(plain) > 1
    assert set(found) == set(plain)
    assert "No other state is what is looked for" in outcome(search)


def every_state(session: Session) -> list[Any]:
    known = dict.fromkeys(session.walker.starts)
    level = [*known]
    while level:
        steps = (step.values for each in level for step in session.walker.steps(each))
        level = [each for each in dict.fromkeys(steps) if each not in known]
        known |= dict.fromkeys(level)
    return [*known]


def test_a_search_may_begin_where_one_stands(session: Session) -> None:
    committed = "world[manager0] is Stage.COMMITTED"
    first = asked(session, "world[manager1] is Stage.PREPARED").path
    assert first is not None

    further = asked(session, committed, after=first)

    assert further.path is not None
    assert further.path.steps[: first.at] == first.steps
    walk = session.walker.follow(further.path)
    assert walk.problem == ""
    assert len(walk.trace) == 6
    assert "5 steps further on" in outcome(further)


def test_from_where_it_can_happen_no_more_nothing_is_found(session: Session) -> None:
    aborted = asked(session, "world[manager1] is Stage.ABORTED").path

    search = asked(session, "world[manager0] is Stage.COMMITTED", after=aborted)

    assert search.state is State.NOTHING
    assert "states that can be reached from there" in outcome(search)


def test_words_are_found_wherever_a_state_shows_them(session: Session) -> None:
    search = searched(session, Question("text", "manager1: stage.PREPARED Commit()"))

    assert search.path is not None
    here = session.walker.follow(search.path).here
    assert "COMMITTED" in str(here)
    plain = Property("said", Kind.REACHABLE, Words(session.world, search.question.said))
    assert reference.explore(session.world, [plain])["said"].distance == search.path.at


def test_words_that_no_state_shows_are_not_found(session: Session) -> None:
    search = searched(session, Question("text", "committed nonsense"))

    assert search.state is State.NOTHING
    assert title(search) == "A state that shows “committed nonsense”"


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ("", "There is no expression"),
        ("world[", "no Python expression: '[' was never closed (at character 6)"),
        ("x = 1", "no Python expression"),
        ("manager7", "NameError: name 'manager7' is not defined"),
        ("exit()", "SystemExit"),
        ("(" * 500 + ")" * 500, "no Python expression"),
        ("1 +" * 900 + "1", "at most 2,000 characters"),
        ("'\0'", "no Python expression"),
    ],
)
def test_what_cannot_be_evaluated_is_refused_before_the_search(
    session: Session, said: str, wrong: str
) -> None:
    with pytest.raises(BadExpressionError) as caught:
        asked(session, said)

    assert wrong in str(caught.value)


def test_where_an_expression_fails_it_counts_as_not_true(session: Session) -> None:
    search = asked(session, "world[manager0].name == 'COMMITTED' or world[manager0].nothing")

    assert search.path is not None
    assert search.path.at == 6
    assert "could not be evaluated 3 of 4 times, which counts as not true" in outcome(search)
    assert "has no attribute 'nothing'" in outcome(search)


def test_an_expression_that_never_works_says_so(session: Session) -> None:
    search = asked(session, "len(3) and world[manager0]")

    assert search.state is State.NOTHING
    assert "could not be evaluated every time, which counts as not true" in outcome(search)
    assert "object of type 'int' has no len()" in outcome(search)


def test_a_limit_is_told_as_what_it_is() -> None:
    session = session_of("oracles.two_phase", Bounds(max_states=50, max_seconds=60), managers=5)

    search = asked(session, "world[manager0] is Stage.COMMITTED")

    assert search.state is State.STOPPED
    assert "the limit of 50 states was reached" in outcome(search)
    assert "of the others nothing is known" in outcome(search)


def test_time_that_is_up_ends_even_an_expression_that_takes_long() -> None:
    session = session_of(
        "oracles.two_phase", Bounds(max_states=10**6, max_seconds=0.01), managers=5
    )

    search = asked(session, "[__import__('time').sleep(0.005)] and world[manager0] is None")

    assert search.state is State.STOPPED
    assert "its time was up" in outcome(search) or "the limit of 0.01 seconds" in outcome(search)


def test_a_search_that_is_cancelled_stops_and_says_so(session: Session) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow(*_: Any) -> bool:
        begun.set()
        return not go_on.wait(60)

    slowed = session_of("oracles.two_phase", managers=2)
    slowed.searches = type(slowed.searches)(
        slowed.world, slowed.check, {**slowed.names, "slow": slow}, slowed.searches.bounds
    )
    slowed.names = {**slowed.names, "slow": lambda *_: False}
    search = slowed.search(Question("expression", "slow(world[manager0], world[manager1])"))
    assert begun.wait(60)
    assert search.state is State.RUNNING
    assert outcome(search) == "It is under way."

    search.cancel()
    go_on.set()

    assert search.wait(60)
    assert search.state is State.STOPPED
    assert "it was cancelled" in outcome(search)


@pytest.mark.parametrize(
    ("name", "distance", "words"),
    [
        ("all_commit", 7, "A shortest run to a state that makes it true: 7 steps"),
        ("consistent", None, "It holds: nothing violates consistent. The search has looked at all"),
    ],
)
def test_a_property_is_decided_as_the_checker_does(
    session: Session, name: str, distance: int | None, words: str
) -> None:
    plain = reference.explore(
        session.world, [claim for claim in session.claims if claim.name == name]
    )

    search = searched(session, Question("property", name))

    assert words in outcome(search)
    assert (search.path.at if search.path else None) == plain[name].distance
    if distance is None:
        assert f"all {plain.states:,} states" in outcome(search)


def test_what_is_false_of_runs_is_shown_with_its_loop() -> None:
    session = session_of("synchrony.paxos.duel")

    search = searched(session, Question("property", "decided_in_the_end"))

    assert search.path is not None
    walk = session.walker.follow(search.path)
    assert walk.problem == ""
    assert walk.trace.loop is not None
    assert walk.trace.states[walk.trace.loop] == walk.here
    assert "A run without end that violates it" in outcome(search)


def test_an_error_of_the_model_is_what_came_of_the_search(session: Session) -> None:
    def broken(world: Any) -> bool:
        raise RuntimeError("the property is wrong")

    claim = Property("broken", Kind.ALWAYS, broken)
    check = evolve(session.check, properties=(claim,), mutants={})

    search = searched(session_of(check, managers=2), Question("property", "broken"))

    assert search.state is State.FAILED
    assert "the property is wrong" in outcome(search)


def test_only_the_last_searches_are_kept(session: Session) -> None:
    first = searched(session, Question("text", "stage"))
    for _ in range(21):
        searched(session, Question("text", "stage"))

    assert session.searches[first.name] is None
    assert session.searches["nothing"] is None


def test_a_path_back_is_known_where_a_search_has_come_from(session: Session) -> None:
    search = searched(session, Question("text", "nonsense", origin=Path(steps=(0,)).address))

    assert search.question.origin == "steps=0"
