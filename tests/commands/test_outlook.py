"""What is said of the time that an exploration will still take: nothing that is made up."""

from itertools import accumulate

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.checks.result import Progress
from coterie.commands.outlook import Outlook, duration

RATE = 100


def told(levels: list[int], **limits: float) -> list[str]:
    """Return what is said at the end of each level, where so many states take a second."""
    outlook = Outlook(limits)
    found = [*accumulate(levels), sum(levels)]
    said = []
    for depth, size in enumerate(levels):
        begun = Progress(found[depth], 0, depth, size, max(1, found[depth]) / RATE)
        outlook.words(begun)
        states = found[depth + 1]
        ended = Progress(states, 0, depth, size, states / RATE, beyond=states - found[depth])
        said.append(outlook.words(ended))
    return said


def test_levels_that_grow_say_only_what_is_there_already() -> None:
    *_, last = told([100, 1_000, 10_000, 100_000])

    assert last.startswith("at least ")
    assert "%" not in last


def test_levels_that_shrink_lead_to_an_interval() -> None:
    *_, last = told([64_000, 32_000, 16_000, 8_000])

    assert last == "80 s to 3 min more, if levels go on shrinking"


def test_one_level_that_shrinks_is_not_yet_a_trend() -> None:
    assert "shrinking" not in told([1_000, 8_000, 7_000])[-1]


def test_a_limit_on_states_is_so_far_away_at_this_rate() -> None:
    assert told([1_000, 2_000, 1_000], max_states=10_000)[1] == "at this rate 60 s to its limit"


def test_of_two_limits_the_first_counts() -> None:
    (said,) = told([1_000], max_states=1_000_000, max_seconds=15)

    assert said == "at this rate 5 s to its limit"


def test_an_end_that_comes_before_the_limit_is_told_instead() -> None:
    *_, last = told([4_000, 2_000, 1_000, 500], max_states=10_000_000)

    assert "shrinking" in last


def test_before_anything_is_found_nothing_is_said() -> None:
    assert Outlook({}).words(Progress()) == ""


def test_what_must_still_be_expanded_becomes_less_while_a_level_is() -> None:
    outlook = Outlook({})
    half = Progress(10_500, 0, 1, 9_000, 105.0, beyond=500)

    first = outlook.words(Progress(10_000, 0, 1, 9_000, 100.0))
    later = outlook.words(half)

    assert (first, later) == ("at least 90 s more", "at least 90 s more")
    assert outlook.words(Progress(10_500, 0, 1, 9_000, 150.0, beyond=500)) == "at least 86 s more"


@settings(deadline=None)
@given(st.lists(st.integers(1, 100_000), min_size=1, max_size=12))
def test_nobody_is_told_a_percentage(levels: list[int]) -> None:
    assert not any("%" in said for said in told(levels))


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.4, "less than 1 s"), (1, "1 s"), (99, "99 s"), (150, "2 min"), (7_200, "2 h")],
)
def test_a_time_has_no_more_digits_than_it_deserves(seconds: float, words: str) -> None:
    assert duration(seconds) == words
