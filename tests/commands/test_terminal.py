"""The command as a process: on a terminal, in a pipe, interrupted."""

import fcntl
import json
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import Callable
from pathlib import Path

import pytest

Only = Callable[..., str]
ROOT = Path(__file__).parents[2]
COTERIE = (sys.executable, "-m", "coterie")
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")


def environment(**more: str) -> dict[str, str]:
    inherited = {name: os.environ[name] for name in os.environ.keys() - {"COLUMNS", "NO_COLOR"}}
    return {**inherited, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color", **more}


def in_a_pipe(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    command = [*COTERIE, *arguments]
    return subprocess.run(
        command, env=environment(**more), capture_output=True, text=True, timeout=120, check=False
    )


def on_a_terminal(
    *arguments: str, columns: int = 80, interrupt_at: str | None = None, **more: str
) -> tuple[str, int]:
    """Return what a terminal of that width was sent, and the exit code.

    `interrupt_at`: press Ctrl-C once the terminal shows this.
    """
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    process = subprocess.Popen(
        [*COTERIE, *arguments], env=environment(**more), stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    sent = b""
    while chunk := _read(ours):
        sent += chunk
        if interrupt_at and re.search(interrupt_at, sent.decode(errors="replace")):
            process.send_signal(signal.SIGINT)
            interrupt_at = None
    os.close(ours)
    return sent.decode(), process.wait(timeout=60)


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65_536)
    except OSError:  # the other end is closed
        return b""


def test_a_terminal_sees_a_table_that_moves(only: Only) -> None:
    sent, code = on_a_terminal("check", only("BROKEN"))

    assert code == 0
    assert "exploring" in sent
    assert "\x1b[2K" in sent  # rows are rewritten
    assert sent.endswith("\x1b[0m\r\n")
    assert sent.count("\x1b[?25l") == sent.count("\x1b[?25h") == 1  # the cursor comes back


def test_no_line_of_the_table_is_wider_than_the_terminal(only: Only) -> None:
    sent, _ = on_a_terminal("check", only("BROKEN", "WRONG"), columns=80)
    shown = re.sub(r"\x1b\[[?\d;]*[A-Za-z]", "", sent)

    assert max(len(line) for line in re.split(r"[\r\n]+", shown)) <= 80


def test_a_pipe_sees_plain_lines(only: Only) -> None:
    result = in_a_pipe("check", only("BROKEN"))

    assert result.returncode == 0
    assert "exploring" not in result.stdout
    assert not CONTROL.search(result.stdout)


def test_no_color_makes_plain_lines_on_a_terminal_too(only: Only) -> None:
    sent, _ = on_a_terminal("check", only("BROKEN"), NO_COLOR="1")

    assert not CONTROL.search(sent.replace("\r\n", "\n"))


def test_json_on_the_standard_output_stands_alone(only: Only) -> None:
    result = in_a_pipe("check", only("WRONG"), "--json", "-")

    assert result.returncode == 1
    assert len(json.loads(result.stdout)["results"]) == 2
    assert "VIOLATED" in result.stderr


@pytest.mark.parametrize(
    ("check", "states", "code"),
    [("SOUND", 9, 0), ("WRONG", 9, 1), ("JAMMED", 9, 2), ("ENDLESS", 2, 3)],
)
def test_the_exit_code_reaches_the_shell(only: Only, check: str, states: int, code: int) -> None:
    assert in_a_pipe("check", only(check), "--max-states", str(states)).returncode == code


def test_a_terminal_without_unicode_is_no_obstacle(only: Only) -> None:
    result = in_a_pipe("check", only("WRONG"), PYTHONIOENCODING="ascii")

    assert result.returncode == 1
    assert "counter0.ticks: 0 ? 1" in result.stdout


def test_an_interrupt_shows_and_writes_what_was_explored(tmp_path: Path, only: Only) -> None:
    results = tmp_path / "results.json"
    large = tmp_path / "large.py"
    large.write_text(
        "from coterie.checks.catalogue.oracles.two_phase import CHECK as ONE\n"
        "from attrs import evolve\n"
        "CHECK = evolve(ONE, small={'managers': 12})\n"
        "del ONE\n"
    )

    sent, code = on_a_terminal(
        "check", str(large), only("SOUND"), "--json", str(results), interrupt_at=r"level [3-9]"
    )

    entries = json.loads(results.read_text())["results"]
    assert code == 3
    assert "not explored to the end: interrupted" in sent
    assert "Not begun: counters.sound." in sent
    assert "Traceback" not in sent
    assert {each["verdict"] for each in entries if each["kind"] == "always"} == {"undetermined"}
    assert entries[0]["states"] > 0
    assert entries[-1]["stopped"] == "interrupted before it began"


def test_help_and_import_leave_the_heavy_libraries_alone() -> None:
    script = """
import sys
import coterie, coterie.commands.check, coterie.commands.listing, coterie.commands.spec
coterie.Machine, coterie.World, coterie.Check, coterie.always
print([name for name in ("numba", "numpy", "scipy", "z3", "hypothesis") if name in sys.modules])
"""
    result = subprocess.run(
        [sys.executable, "-c", script],
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )

    assert result.stdout == "[]\n"


def test_a_reader_that_has_gone_away_ends_it_by_the_signal() -> None:
    reading, writing = os.pipe()
    os.close(reading)

    done = subprocess.run([*COTERIE, "list"], stdout=writing, check=False, cwd=ROOT)

    os.close(writing)
    assert done.returncode == -signal.SIGPIPE
