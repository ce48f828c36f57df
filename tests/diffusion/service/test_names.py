"""Names of replicas are their numbers, written with a prefix."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie.model.diffusion.service.names import name_of, number_of


def test_names_look_like_those_of_the_paper() -> None:
    assert [name_of(number) for number in (1, 2, 1000)] == ["PSYS_001", "PSYS_002", "PSYS_1000"]


@given(st.integers(1))
def test_a_name_tells_its_number(number: int) -> None:
    assert number_of(name_of(number)) == number


@pytest.mark.parametrize(
    "text", ["PSYS_000", "PSYS_01", "PSYS_0001", "psys_001", "PSYS_001\n", "PSYS_٠٠١", "001", ""]
)
def test_what_is_no_name_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no replica's name, which looks like PSYS_001"):
        number_of(text)


def test_numbers_count_from_one() -> None:
    with pytest.raises(ValueError, match=r"numbered from 1, and 0 is below"):
        name_of(0)
