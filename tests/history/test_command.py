"""`coterie history`."""

import json
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from coterie.checks.history.judging import Condition, Patience, judgements
from coterie.commands.main import cli
from coterie.model.call import Call
from coterie.spec.history.objects import REGISTER
from coterie.spec.history.operation import Operation
from coterie.spec.history.search import Answer

GOOD = [(0, "write", "x", 1, None), (1, "read", "x", None, 1), (0, "read", "y", None, None)]
STALE = [*GOOD, (0, "write", "x", 2, None), (1, "read", "x", None, 2), (2, "read", "x", None, 1)]


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., Result]:
    """Run the command on operations that follow one another."""

    def judged(calls: Any, *options: str) -> Result:
        path = tmp_path / "run.jsonl"
        path.write_text("".join(f"{json.dumps(each)}\n" for call in calls for each in told(*call)))
        return CliRunner().invoke(cli, ["history", str(path), *options])

    return judged


def told(process: int, f: str, key: str, value: Any, result: Any) -> list[dict[str, Any]]:
    event = {"process": process, "f": f, "key": key}
    return [{**event, "type": "invoke", "value": value}, {**event, "type": "ok", "value": result}]


def test_a_linearizable_history_is_said_to_be(run: Callable[..., Result]) -> None:
    result = run(GOOD)

    assert result.exit_code == 0
    first, *_, last = result.output.splitlines()
    assert first == "3 operations of 2 processes on 2 registers, 0 without a known outcome"
    assert last == "2 linearizable"


def test_a_stale_read_is_shown_with_what_makes_it_stale(run: Callable[..., Result]) -> None:
    result = run(STALE)

    assert result.exit_code == 1
    lines = result.output.splitlines()
    assert lines[-1] == "1 linearizable, 1 NOT linearizable"
    assert "    Up to the answer in line 12 it is; with that answer it is not." in lines
    assert "    These 3 of its 5 answered operations suffice to break it:" in lines
    at = lines.index("      line   process  operation")
    assert lines[at + 1 : at + 4] == [
        "      1-2    0        write 1    ├┤",
        "      7-8    0        write 2      ├┤",
        "      11-12  2        read → 1       ├┤",
    ]
    assert "      11-12  2        read → 1   it would answer 2" in lines
    assert max(map(len, lines)) <= 80


def test_the_same_history_is_sequential(run: Callable[..., Result]) -> None:
    result = run(STALE, "--consistency", "sequential")

    assert result.exit_code == 0
    assert result.output.splitlines()[-1] == "1 sequentially consistent"


def test_a_history_without_any_order_is_shown_with_its_keys(run: Callable[..., Result]) -> None:
    calls = [(0, "write", "x", 1, None), (1, "write", "y", 1, None)]
    calls += [(0, "read", "y", None, None), (1, "read", "x", None, None)]

    result = run(calls, "--consistency", "sequential")

    assert result.exit_code == 1
    assert "NOT sequentially consistent" in result.output
    assert "Its 4 operations cannot be put in order:" in result.output
    assert 'read "x" → null  it would answer 1' in result.output


@pytest.mark.parametrize("condition", ["regular", "safe"])
def test_a_wrong_read_is_shown_with_what_it_may_return(
    run: Callable[..., Result], condition: str
) -> None:
    result = run(STALE, "--consistency", condition)

    assert result.exit_code == 1
    assert f"1 NOT {condition}" in result.output
    assert "it may return write 2 (line 7-8)" in result.output


def test_a_register_may_hold_something_at_the_start(run: Callable[..., Result]) -> None:
    calls = [(0, "read", "x", None, 7)]

    assert run(calls).exit_code == 1
    assert run(calls, "--initial", "7").exit_code == 0


def test_a_history_comes_by_the_standard_input_too() -> None:
    text = "".join(f"{json.dumps(each)}\n" for call in GOOD for each in told(*call))

    assert CliRunner().invoke(cli, ["history", "-"], input=text).exit_code == 0


def test_a_wrong_line_is_named_and_what_to_do_is_said(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    path.write_text('{"process": 0, "type": "invoke", "f": "read"}\n{"process": 0}\n')

    result = CliRunner().invoke(cli, ["history", str(path)])

    assert result.exit_code == 2
    assert 'line 2: it has no "type".\nA line is as {' in result.output


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--initial", "oh"], "--initial oh is no JSON"),
        (["--initial", "0", "--model", "queue"], "--initial is of a register, not of a queue"),
        (["--json", "/none/file"], "cannot be written"),
        (["--model", "log"], "A log has append, read; is it another --model?"),
    ],
)
def test_a_misuse_is_told_with_a_remedy(
    run: Callable[..., Result], options: list[str], said: str
) -> None:
    result = run(GOOD, *options)

    assert result.exit_code == 2
    assert said in result.output


@pytest.mark.parametrize("text", ["", "\n"])
def test_an_empty_history_is_no_success(text: str) -> None:
    assert CliRunner().invoke(cli, ["history", "-"], input=text).exit_code == 2


def test_a_file_that_is_not_there_is_a_misuse() -> None:
    result = CliRunner().invoke(cli, ["history", "nowhere.jsonl"])

    assert result.exit_code == 2
    assert "nowhere.jsonl cannot be read" in result.output


def test_swaps_have_no_regularity(run: Callable[..., Result]) -> None:
    result = run([(0, "cas", "x", [1, 2], False)], "--consistency", "regular")

    assert result.exit_code == 2
    assert "ask for linearizable or sequential" in result.output


def test_the_results_are_written_for_machines(run: Callable[..., Result], tmp_path: Path) -> None:
    file = tmp_path / "results.json"

    run(STALE, "--json", str(file))

    data = json.loads(file.read_text())
    assert (data["exit_code"], data["model"], data["consistency"]) == (
        1,
        "register",
        "linearizable",
    )
    assert [each["verdict"] for each in data["results"]] == ["not linearizable", "linearizable"]
    assert [op["lines"] for op in data["results"][0]["core"]] == [[1, 2], [7, 8], [11, 12]]


def test_json_on_the_standard_output_is_nothing_but_json(run: Callable[..., Result]) -> None:
    assert json.loads(run(GOOD, "--json", "-").stdout)["exit_code"] == 0


def test_a_history_that_takes_too_long_is_unknown(run: Callable[..., Result]) -> None:
    writes = [(0, "write", "x", value, None) for value in range(100)]

    result = run(writes, "--max-seconds", "0.000001")

    assert result.exit_code == 3
    assert "unknown (time-out after 1e-06 s in all)" in result.output
    assert result.output.splitlines()[-2] == "1 unknown"


def test_what_is_left_of_the_time_goes_to_those_that_had_too_little() -> None:
    ticks = count()
    hard = [Operation("p", Call("write", at, "x"), 2 * at, 2 * at + 1) for at in range(1_000)]
    easy = [Operation("q", Call("write", at, at), 2 * at, 2 * at + 1) for at in range(9)]

    found = list(
        judgements(
            [*hard, *easy], REGISTER, Condition.LINEARIZABLE, 100, lambda: float(next(ticks))
        )
    )

    assert [each.key for each in found] == [*range(9), "x"]
    assert {each.answer for each in found} == {Answer.YES}


def test_a_search_stops_where_memory_would_end() -> None:
    patience = Patience(1e9, lambda: 0.0, steps=10)

    assert [patience() for _ in range(12)] == [True] * 10 + [False] * 2
    assert patience.over == "more than 10 configurations"
