"""The table fits the terminal, whatever its width."""

from collections.abc import Callable

import pytest

from coterie.checks.result import Progress
from coterie.commands.page import plain
from coterie.commands.table import NARROW, WIDE, short, table
from tests.commands.conftest import Command

Only = Callable[..., str]
MANY = Progress(
    states=123_456_789, transitions=9_876_543_210, depth=123, frontier=5, seconds=54_321.0,
    python_calls=12_345_678,
)  # fmt: skip


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (9_999, "9,999"),
        (10_000, "10.0k"),
        (99_949, "99.9k"),
        (99_951, "100k"),
        (999_400, "999k"),
        (999_600, "1.00M"),
        (10_340_352, "10.3M"),
        (999_999_999, "1.00G"),
        (123_456_789_000, "123G"),
    ],
)
def test_a_large_number_has_three_digits_and_a_unit(number: int, text: str) -> None:
    assert short(number) == text


@pytest.mark.parametrize("columns", [WIDE, NARROW])
def test_no_number_is_wider_than_its_column(columns: tuple[object, ...]) -> None:
    layout = table(["a"], 200 if columns is WIDE else 80)

    cells = [each.text(MANY) for each in layout.columns]

    assert layout.columns is columns
    assert all(len(cell) <= each.width for cell, each in zip(cells, layout.columns, strict=True))


@pytest.mark.parametrize("width", [80, 100, 200])
@pytest.mark.parametrize("name", ["short", "a_name_as_long_as_those_of_properties_may_become"])
@pytest.mark.parametrize("verdict", ["holds", "undetermined", "refuted, as expected"])
def test_no_row_is_wider_than_the_terminal(width: int, name: str, verdict: str) -> None:
    layout = table([name, "other"], width)

    lines = [*layout.header(), *layout.row(name, verdict, "green", MANY)]

    assert all(len(plain(each)) <= width for each in lines)
    assert name in " ".join(map(plain, lines))


def test_a_wide_terminal_shows_whole_numbers() -> None:
    layout = table(["consistent"], 200)

    assert "123,456,789" in plain(layout.row("consistent", "holds", "", MANY)[0])


@pytest.mark.parametrize("columns", [80, 200])
def test_the_numbers_of_all_rows_stand_below_one_another(
    coterie: Command, only: Only, columns: int
) -> None:
    output = coterie("check", only("SOUND", "WRONG", "BROKEN"), columns=columns).output
    found = [line for line in output.splitlines() if line.startswith(("  below_three ", "  two "))]
    table_rows = [line for line in found if line[-1].isdigit() and "steps" not in line]

    assert len(table_rows) == 6
    assert len({len(line) for line in table_rows}) == 1


@pytest.mark.parametrize("arguments", [["check"], ["list"], ["spec"]])
def test_nothing_is_wider_than_80_columns(
    coterie: Command, only: Only, arguments: list[str]
) -> None:
    result = coterie(*arguments, only("WRONG", "BROKEN", "SHORT"), columns=80)

    assert result.output
    assert max(map(len, result.output.splitlines())) <= 80
