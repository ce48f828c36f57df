"""A schedule in a file runs again, and says where it no longer fits."""

import json

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from coterie.checks.catalogue import catalogue
from coterie.checks.catalogue.smr.naive import CHECK as NAIVE
from coterie.checks.simulation.schedule import (
    Choice,
    Schedule,
    ScheduleError,
    Source,
    from_text,
    recorded,
    replayed,
)
from coterie.checks.simulation.steps import Steps
from coterie.checks.simulation.walk import Plan
from coterie.commands.words import happening
from tests.simulation.drawing import PATIENT, Case, cases, run_of

CROSSING = next(it for it in catalogue() if it.name == "gossip.gdp.repaired.crossing")
SOURCE = Source("smr.naive", settings={"customers": "2"})


def naive() -> tuple[Steps, Schedule]:
    steps = Steps(NAIVE.world(**NAIVE.parameters()))
    run = run_of(steps, Plan(), 0)
    return steps, recorded(steps, run, SOURCE, "sold_once", happening, "by a test")


@PATIENT
@given(cases())
def test_a_recorded_run_runs_again_in_a_world_like_its_own(case: Case) -> None:
    steps = Steps(case.world)
    run = run_of(steps, case.plan, 0)
    schedule = recorded(steps, run, SOURCE, "claim", happening)

    again = replayed(Steps(case.world), from_text(schedule.to_text()), happening)

    assert again.missing is None
    assert again.trace == run


choices = st.builds(Choice, st.lists(st.text()).map(tuple), st.integers(0, 99))


@given(
    st.builds(
        Schedule,
        st.builds(Source, st.text(), st.text(), st.text(), st.dictionaries(st.text(), st.text())),
        st.text(),
        choices,
        st.lists(choices).map(tuple),
        st.text(),
    )
)
def test_what_is_written_is_read(schedule: Schedule) -> None:
    assert from_text(schedule.to_text()) == schedule


def test_places_do_not_matter_where_the_words_are_enough() -> None:
    steps, schedule = naive()
    moved = evolve(schedule, steps=[evolve(each, place=77) for each in schedule.steps])

    assert replayed(steps, moved, happening) == replayed(steps, schedule, happening)


def test_the_place_decides_between_steps_of_the_same_words() -> None:
    steps, schedule = naive()
    possible = steps.of(steps.starts[0])
    assert len(possible) > 1

    for place, step in enumerate(possible):
        alike = evolve(schedule, steps=(Choice(("it happens",), place),))
        assert replayed(steps, alike, lambda _: "it happens").trace.steps == (step,)


def test_the_first_step_that_is_no_longer_possible_is_named() -> None:
    steps, schedule = naive()
    first, *rest = schedule.steps
    changed = evolve(schedule, steps=(first, Choice(("pigs fly",)), *rest))

    again = replayed(steps, changed, happening)

    assert len(again.trace) == 1
    assert again.missing == Choice(("pigs fly",))
    assert again.possible == steps.of(again.trace.states[-1])


def test_a_world_that_starts_otherwise_does_not_fit() -> None:
    steps = Steps(CROSSING.world(**CROSSING.parameters()))
    run = run_of(steps, Plan(), 0)
    schedule = recorded(steps, run, SOURCE, "claim", happening)
    other = evolve(schedule, start=Choice(("sha256 of another",)))

    assert replayed(steps, schedule, happening).trace == run
    with pytest.raises(ScheduleError, match="no longer has the starting state"):
        replayed(steps, other, happening)


def test_the_only_start_of_a_world_may_have_changed() -> None:
    steps, schedule = naive()
    other = evolve(schedule, start=Choice(("sha256 of another",)))

    assert replayed(steps, other, happening) == replayed(steps, schedule, happening)


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        (("schedule",), 2, '"schedule": 1'),
        (("source",), None, "'source' that is a dict"),
        (("source", "check"), 1, "'check' that is a str"),
        (("source", "settings", "customers"), 2, "'customers' that is a str"),
        (("claim",), None, "'claim' that is a str"),
        (("steps",), {}, "'steps' that is a list"),
        (("steps",), ["it rains"], "'said' that is a list"),
        (("start", "said"), [1], "`said` is not a list of texts"),
        (("start", "place"), True, "'place' that is a int"),
    ],
)
def test_a_wrong_file_is_refused_with_what_is_wrong(
    path: tuple[str, ...], value: object, problem: str
) -> None:
    data = json.loads(naive()[1].to_text())
    part = data
    for name in path[:-1]:
        part = part[name]
    part[path[-1]] = value

    with pytest.raises(ScheduleError, match=problem):
        from_text(json.dumps(data))


@pytest.mark.parametrize("text", ["", "{", "[1]", "7"])
def test_what_is_no_schedule_is_refused(text: str) -> None:
    with pytest.raises(ScheduleError, match=r"it is not JSON|it has not"):
        from_text(text)
