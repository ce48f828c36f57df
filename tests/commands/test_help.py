"""Help that teaches: each command has examples that run, and says what its exit codes mean."""

import json
import re
import shlex
import shutil
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from coterie.commands.main import cli
from tests.lemmas import made

ROOT = Path(__file__).parents[2]
COMMANDS = {
    name: cli.get_command(click.Context(cli), name)
    for name in cli.list_commands(click.Context(cli))
}
CLUSTER = "a cluster must be running"
NEEDS = {
    "append": CLUSTER,
    "follow": CLUSTER,
    "forks": CLUSTER,
    "up": "it runs until Ctrl-C",
    "status": CLUSTER,
    "put": CLUSTER,
    "get": CLUSTER,
    "swap": CLUSTER,
    "delete": CLUSTER,
    "device": CLUSTER,
    "read": CLUSTER,
    "store": CLUSTER,
    "node": CLUSTER,
    "explore": "it serves until Ctrl-C",
}
TOO_LONG = {
    "coterie check",
    "coterie check --cache .coterie",
    "coterie check oracles",
    "coterie check oracles --mutants",
    "coterie check oracles.two_phase --set managers=7",
    "coterie simulate oracles.two_phase",
    "coterie simulate oracles.two_phase --set managers=30 --runs 1000 --steps 500",
    "coterie simulate oracles.paxos --schedule pct --depth 4 --seed 7",
    "coterie mutate link",
    "coterie mutate link --list",
    "coterie mutate link --function hand_up",
    "coterie mutate my_protocol.py",
    "coterie prove",
    "coterie prove --json proofs.json",
    "coterie prove --evidence lemmas.json",
    "coterie prove diffusion.register",
    "coterie prove diffusion.pbft -v",
}
ELSEWHERE = {
    "coterie check my_protocol.py --checkpoint kept --memory 2G",  # TMPDIR may lie in memory
    "coterie replay coterie-group",  # what a cluster has done
    "coterie replay mine.json --check my_protocol.py --set clients=5",  # a violation of one's own
}
CALLS = {
    "run.jsonl": {"f": "write", "value": 1},
    "queue.jsonl": {"f": "enqueue", "value": 1},
    "store.jsonl": {"f": "put", "key": "colour", "value": "green"},
}


def examples(name: str) -> list[str]:
    """Return the commands that the help of a command shows, without what is said beside them."""
    command = COMMANDS[name]
    assert command is not None
    shown = re.findall(r"^  (coterie .*)$", command.epilog or "", re.MULTILINE)
    return [re.split(r"  +|(?<= )[|>2]>? ", line)[0].strip() for line in shown]


EVERY = [(name, line) for name in COMMANDS if name not in NEEDS for line in examples(name)]
ALL = dict.fromkeys(line for _, line in EVERY)
RUN = [line for line in ALL if line not in TOO_LONG | ELSEWHERE]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with every file that an example names, and does not write."""
    folder = tmp_path_factory.mktemp("examples")
    lock = ROOT / "docs/examples/lock.py"
    for name in ("my_protocol.py", "lock.py"):
        shutil.copy(lock, folder / name)
    small = '\n\nfrom attrs import evolve\n\nSMALL = evolve(CHECK, name="lock.small")\n'
    (folder / "my_protocols.py").write_text(lock.read_text() + small)
    kept = Path(made.__file__).read_text().partition("@lemma()")[0]
    (folder / "my_lemmas.py").write_text(kept)
    for name, call in CALLS.items():
        lines = (json.dumps({"process": 1, "type": each, **call}) for each in ("invoke", "ok"))
        (folder / name).write_text("\n".join(lines))
    own = ["check", str(folder / "my_protocol.py"), "--certificate", str(folder / "my_protocol.gz")]
    assert CliRunner().invoke(cli, own).exit_code == 0
    return folder


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_has_an_example_and_says_what_its_exit_codes_mean(name: str) -> None:
    command = COMMANDS[name]
    assert command is not None

    assert examples(name)
    assert re.search(r"Exit codes.*:\n  0  ", command.epilog or "")


@pytest.mark.parametrize("name", COMMANDS)
def test_help_fits_eighty_columns(name: str) -> None:
    result = CliRunner().invoke(cli, [name, "--help"], terminal_width=80)

    assert result.exit_code == 0
    assert max(map(len, result.output.splitlines())) <= 80


def test_help_fits_a_narrow_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")

    result = CliRunner().invoke(cli, ["check", "--help"])

    text, _, _ = result.output.partition("Examples:")
    assert max(map(len, text.splitlines())) <= 40


@pytest.mark.parametrize("line", RUN)
def test_an_example_runs(line: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)

    result = CliRunner().invoke(cli, shlex.split(line)[1:])

    assert result.exit_code == 0, result.output


@pytest.mark.parametrize("line", sorted(TOO_LONG | ELSEWHERE))
def test_an_example_that_is_not_run_here_is_one_that_could_run(line: str) -> None:
    name, *arguments = shlex.split(line)[1:]
    command = COMMANDS[name]
    assert command is not None

    assert line in [shown for _, shown in EVERY]
    command.make_context(name, arguments, resilient_parsing=True)
