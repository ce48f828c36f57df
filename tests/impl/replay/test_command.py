"""`coterie replay` of a cluster."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from coterie.commands.cluster.replay import told, verdict_of
from coterie.commands.page import plain
from coterie.impl.replay.run import folders_in, opened
from coterie.impl.service import Service
from tests.commands.conftest import coterie
from tests.impl.replay.mutants import LIAR
from tests.impl.replay.scene import a_run
from tests.impl.replay.tampering import Tampered

Command = Callable[..., Result]
__all__ = ["coterie"]


def tampered(folder: Path) -> Path:
    """Change an effect somewhere, and write all hashes anew; return the journal's file."""
    journal = Tampered(folder / "server1")
    line = next(line for line in journal.lines[0] if line["effects"][1:2] and "Push" in str(line))
    line["effects"][1][2][3] += 1
    journal.write()
    return folder / "server1" / "000001.jsonl"


def test_a_run_that_is_the_models_is_accepted(coterie: Command, run_of_a_group: Path) -> None:
    result = coterie("replay", str(run_of_a_group), columns=80)

    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert lines[-1] == "The run is one of the model's."
    assert "  14 properties evaluated on the way, all true" in lines
    assert any(line.startswith("    contents_are_the_log ") for line in lines)
    assert any(line.startswith("  6 calls of clients on ") for line in lines)
    assert all(len(line) <= 80 for line in lines)


def test_a_divergence_is_explained(coterie: Command, copied: Path) -> None:
    tampered(copied)
    result = coterie("replay", str(copied), columns=80)

    assert result.exit_code == 1
    assert "the model gives other effects." in result.output
    assert "  differs first  effects[0].message.received" in result.output
    assert "in the journal" in result.output
    assert "by the model" in result.output
    assert "server1/000001.jsonl, line " in result.output
    assert str(copied / "server1") not in result.output
    assert all(len(line) <= 80 for line in result.output.splitlines()[2:])


def test_the_result_is_written_for_machines(coterie: Command, copied: Path, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    coterie("replay", str(copied), "--json", str(good))
    path = tampered(copied)
    coterie("replay", str(copied), "--json", str(bad))

    accepted, refused = (json.loads(file.read_text()) for file in (good, bad))
    assert (accepted["exit_code"], refused["exit_code"]) == (0, 1)
    assert accepted["divergence"] is None
    assert {each["node"] for each in accepted["nodes"]} == {"server0", "server1", "server2"}
    assert {each["verdict"] for each in accepted["histories"]["results"]} == {"linearizable"}
    assert refused["divergence"]["file"] == str(path)
    assert refused["divergence"]["difference"]["path"] == "effects[0].message.received"


def test_the_history_of_the_clients_can_be_judged_again(
    coterie: Command, run_of_a_group: Path, tmp_path: Path
) -> None:
    file = tmp_path / "history.jsonl"
    coterie("replay", str(run_of_a_group), "--history", str(file))
    result = coterie("history", str(file), "--model", "kv")

    assert result.exit_code == 0
    assert "6 operations of 6 processes" in result.output


def test_answers_that_no_order_explains_are_told_with_their_lines(tmp_path: Path) -> None:
    a_run(tmp_path, seed=1, crashes=0, service=LIAR)
    verdict = verdict_of(opened(folders_in(tmp_path), find=lambda _: LIAR), 60)
    text = "\n".join(plain(each) for each in told(tmp_path, verdict, 80))

    assert verdict.divergence is None
    assert verdict.exit_code == 1
    assert "NOT linearizable" in text
    assert "get → 777" in text
    assert " of the history is server" in text
    assert "No order of the calls explains the answers that clients have got." in text


def test_what_came_before_an_interrupt_is_told(run_of_a_group: Path) -> None:
    def interrupted(name: str) -> Service:
        raise KeyboardInterrupt(name)

    verdict = verdict_of(opened(folders_in(run_of_a_group), find=interrupted), 60)
    last = [plain(each) for each in told(run_of_a_group, verdict, 80)][-1]

    assert verdict.exit_code == 3
    assert last == "Interrupted: up to there the run is one of the model's."


def test_a_server_without_a_journal_is_told(coterie: Command, copied: Path) -> None:
    (copied / "server2" / "000001.jsonl").rename(copied / "elsewhere")
    for path in (copied / "server2").iterdir():
        path.unlink()
    result = coterie("replay", str(copied))

    assert result.exit_code == 0
    assert "There is no journal of server2" in result.output
    assert "server2 has no journal" in result.output


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ((), "there are no journals"),
        (("--check", "smr.naive"), "--check is of a schedule"),
    ],
)
def test_what_cannot_be_replayed_is_a_mistake(
    coterie: Command, tmp_path: Path, options: tuple[str, ...], problem: str
) -> None:
    result = coterie("replay", str(tmp_path), *options)

    assert result.exit_code == 2
    assert problem in result.output


def test_options_for_clusters_are_not_for_schedules(coterie: Command, tmp_path: Path) -> None:
    result = coterie("replay", str(tmp_path / "run.json"), "--every-step")

    assert result.exit_code == 2
    assert "--every-step is of a cluster" in result.output
