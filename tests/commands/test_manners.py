"""Manners: colours as one asks for them, lines that fit, nothing torn, a way out of mistakes."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.commands.page import folded, line, plain
from tests.commands.conftest import Command
from tests.commands.test_terminal import CONTROL, in_a_pipe, on_a_terminal

Only = Callable[..., str]
ROOT = Path(__file__).parents[2]
LOCK = ROOT / "docs/examples/lock.py"
COLOUR = "\x1b["
NARROW = 40


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with a protocol, in which the command runs."""
    shutil.copy(LOCK, tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("settings", "arguments", "coloured"),
    [
        ({}, [], False),
        ({"FORCE_COLOR": "1"}, [], True),
        ({"FORCE_COLOR": ""}, [], False),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, [], False),
        ({"FORCE_COLOR": "1", "NO_COLOR": ""}, [], True),
        ({}, ["--color", "always"], True),
        ({"NO_COLOR": "1"}, ["--color", "always"], True),
        ({"FORCE_COLOR": "1"}, ["--color", "never"], False),
        ({"FORCE_COLOR": "1"}, ["--color", "auto"], True),
    ],
)
@pytest.mark.parametrize("before", [True, False])
def test_a_file_gets_colours_only_where_somebody_asks_for_them(
    coterie: Command,
    monkeypatch: pytest.MonkeyPatch,
    settings: dict[str, str],
    arguments: list[str],
    *,
    coloured: bool,
    before: bool,
) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    command = ["list", "oracles.tcommit"]

    result = coterie(*arguments, *command) if before else coterie(*command, *arguments)

    assert result.exit_code == 0
    assert (COLOUR in result.output) == coloured


def test_colours_that_are_forced_into_a_file_move_nothing(only: Only) -> None:
    done = in_a_pipe("check", only("BROKEN"), FORCE_COLOR="1")

    assert "\x1b[32mrefuted" in done.stdout
    assert set(re.findall(r"\x1b\[[\d;?]*([A-Za-z])", done.stdout)) == {"m"}


def test_a_terminal_gets_no_colours_where_nobody_wants_them(only: Only) -> None:
    sent, _ = on_a_terminal("list", only("BROKEN"), "--color", "never")

    assert not CONTROL.search(sent.replace("\r\n", "\n"))


@pytest.mark.parametrize(
    "arguments",
    [
        ["check", "lock.py"],
        ["check", "smr.naive"],
        ["check", "smr.naive.same_order", "--diagram", "--mutants"],
        ["check", "oracles.tcommit", "--coverage", "--verbose"],
        ["list"],
        ["spec", "smr.naive"],
        ["simulate", "smr.naive", "--runs", "5"],
        ["mutate", "oracles.tcommit", "--list"],
        ["prove", "--list"],
        ["check", "nobody.is.called.so"],
        ["replay", "lock.py"],
    ],
    ids=" ".join,
)
@pytest.mark.usefixtures("here")
def test_no_line_is_wider_than_a_narrow_terminal(coterie: Command, arguments: list[str]) -> None:
    result = coterie(*arguments, columns=NARROW)

    lines = result.output.splitlines()
    assert len(lines) > 1
    assert [each for each in lines if len(each) > NARROW] == []


def test_a_narrow_terminal_sees_a_table_that_moves_and_fits(only: Only) -> None:
    sent, code = on_a_terminal("check", only("BROKEN", "SOUND"), columns=NARROW)

    shown = re.sub(r"\x1b\[[?\d;]*[A-Za-z]", "", sent)
    assert code == 0
    assert "exploring" in shown
    assert max(map(len, re.split(r"[\r\n]+", shown))) <= NARROW


def test_a_moving_table_tells_of_the_frontier_the_memory_and_the_limit() -> None:
    sent, code = on_a_terminal(
        "check", "oracles.two_phase.consistent", "--set", "managers=12", "--max-seconds", "1.5"
    )

    shown = " ".join(re.sub(r"\x1b\[[?\d;]*[A-Za-z]", "", sent).split())
    assert code == 3
    assert re.search(r"level \d+, [\d,]+ states in the frontier, \d+\.\d GB of memory", shown)
    assert re.search(r"at this rate (less than )?1 s to its limit", shown)


@pytest.mark.parametrize(
    "arguments",
    [
        ["check", "lock.py"],
        ["list", "oracles"],
        ["spec", "oracles.tcommit"],
        ["simulate", "lock.py", "--runs", "5"],
        ["certify", "lock.gz", "lock.py"],
    ],
    ids=" ".join,
)
@pytest.mark.usefixtures("here")
def test_a_file_sees_neither_progress_nor_control_characters(
    coterie: Command, arguments: list[str]
) -> None:
    coterie("check", "lock.py", "--certificate", "lock.gz")

    result = coterie(*arguments)

    assert result.exit_code == 0, result.output
    assert not CONTROL.search(result.output)
    assert "exploring" not in result.output


@pytest.mark.usefixtures("here")
def test_neither_stream_of_a_pipe_sees_a_bar(coterie: Command) -> None:
    coterie("check", "lock.py", "--certificate", "lock.gz")

    done = in_a_pipe("certify", "lock.gz", "lock.py")

    assert done.returncode == 0, done.stderr
    assert not CONTROL.search(done.stdout + done.stderr)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("check gosip", "Did you mean gossip?"),
        ("check oracles.two_phase.consistant", "Did you mean oracles.two_phase.consistent?"),
        ("check lok.py", "Did you mean lock.py?"),
        ("check lock", "Did you mean lock.py?"),
        ("check lock.exclusive", "Did you mean lock.py?"),
        ("check ./lock", "Did you mean lock.py?"),
        ("check ''", "`coterie list` shows every check"),
        ("check empty", "`coterie new NAME` lays out a folder with checks"),
        ("check ./text", "Its name must end with .py."),
        ("check lock.py --set client=3", "Its parameters are: clients=3."),
        ("check lock.py --set clients=x", "Give a value like its own: clients=3."),
        ("check lock.py --set clients", "Write --set PARAMETER=VALUE."),
        ("check lock.py --html lock.py", "Give a folder, or a file *.html."),
        ("check lock.py --itf lock.py", "Give a folder, or a file *.json."),
        ("check lock.py --checkpoint lock.py", "Give the path of a folder."),
        ("check lock.py --cache lock.py", "Give the path of a folder."),
        ("check lock.py --wrokers 2", "Did you mean '--workers'?"),
        ("chekc lock.py", "Did you mean check?"),
        ("spec gosip.store", "Did you mean gossip.store?"),
        ("simulate lok.py", "Did you mean lock.py?"),
        ("graph oracles", "one of: oracles.paxos, "),
        ("replay text", "Give a file that `coterie simulate --save` has written."),
        ("history text", "Record calls and their answers"),
        ("status", "Start one with `coterie up`"),
        ("node text", "`coterie node --help` shows a configuration."),
    ],
)
def test_a_mistake_ends_with_a_way_out(
    here: Path, coterie: Command, arguments: str, says: str
) -> None:
    (here / "empty").mkdir()
    (here / "text").write_text("")

    result = coterie(*(each.strip("'") for each in arguments.split()))

    assert result.exit_code == 2
    assert says in " ".join(result.output.split())
    assert "Traceback" not in result.output


def test_a_hidden_folder_and_an_environment_hold_no_checks_of_ones_own(
    here: Path, coterie: Command
) -> None:
    for folder in (".hidden", "environment", "mine"):
        (here / folder).mkdir()
        shutil.copy(LOCK, here / folder / "checks.py")
    (here / "environment/pyvenv.cfg").write_text("")

    result = coterie("list", ".")

    assert "1 check, 2 properties" in result.output


WORDS = st.lists(st.text("ab →é", max_size=30), min_size=1, max_size=5)


@settings(deadline=None)
@given(WORDS, st.integers(20, 60))
def test_a_line_that_is_folded_fits_and_loses_nothing_but_blanks(
    words: list[str], width: int
) -> None:
    pieces = tuple((each, "bold" if place % 2 else "") for place, each in enumerate(words))

    lines = folded(pieces, width)

    assert all(len(plain(each)) <= width for each in lines)
    kept = "".join(plain(each) for each in lines)
    assert kept.replace(" ", "") == plain(pieces).replace(" ", "")


def test_a_line_that_fits_is_left_as_it_is() -> None:
    assert folded(line("short", "bold"), 20) == [line("short", "bold")]
