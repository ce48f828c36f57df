"""Journals of real nodes are accepted, and of nodes that do something else they are not."""

import asyncio
from pathlib import Path

import pytest

from coterie.impl.client.group import GroupClient
from coterie.impl.replay import run as replaying
from coterie.impl.replay.divergence import CLAIM, EFFECTS, MEMORY, ReplayError
from coterie.impl.replay.run import Run, folders_in
from coterie.impl.simulation.plan import Kind
from coterie.impl.simulation.run import planned, simulated
from coterie.model.machine import Node
from tests.impl.processes.running import access_of, all_members, cluster, kill, until
from tests.impl.replay.mutants import DEAF, LIAR, NEVER_WRITTEN
from tests.impl.replay.scene import SERVERS, a_run, divergence, replayed


def assert_is_whole(run: Run) -> None:
    """Hold a run that was accepted against what there must be in it, lest it be empty."""
    assert set(run.steppers) == set(SERVERS)
    assert run.progress == 1
    assert all(way.received > 0 for way in run.merged.ways.values())
    assert all(tally.evaluated > 0 and not tally.unseen for tally in run.monitor.tallies)
    assert any(request.over for request in run.requests.made.values())


def test_runs_with_crashes_are_accepted(tmp_path: Path) -> None:
    runs = [replayed(a_run(tmp_path / str(seed), seed)) for seed in (4, 5)]

    for run in runs:
        assert_is_whole(run)
        assert sum(stepper.starts for stepper in run.steppers.values()) > len(SERVERS)
    undone = [stepper.undone for run in runs for stepper in run.steppers.values()]
    assert any(undone), "no crash has come between the journal and the disk"


@pytest.mark.parametrize(("service", "seed"), [("group", 4), ("store", 5)])
def test_runs_with_all_kinds_of_faults_are_accepted(
    tmp_path: Path, service: str, seed: int
) -> None:
    plan = planned(service, seed, all_of=True)
    made = simulated(service, plan, journals=tmp_path)
    run = replayed(tmp_path, ordered=False)

    assert made.failure == ""
    assert {Kind.REPETITION, Kind.REORDER, Kind.CLOCK, Kind.TORN} <= set(plan.kinds)
    assert run.progress == 1
    assert all(tally.evaluated > 0 for tally in run.monitor.tallies)


def test_every_property_that_is_looked_at_seldom_holds_at_every_step(run_of_a_group: Path) -> None:
    seldom, always = replayed(run_of_a_group), replayed(run_of_a_group, every_step=True)

    for few, all_ in zip(seldom.monitor.tallies, always.monitor.tallies, strict=True):
        assert few.evaluated <= all_.evaluated == all_.looked + len(_instances(all_.name, always))
        assert all_.looked == all_.changes


def _instances(name: str, run: Run) -> list[str]:
    """Return a property once for each of the nodes, or pairs, that it is evaluated of last."""
    return [
        watch.claim.name
        for _, watches in run.monitor._watches
        for watch in watches
        if watch.claim.name == name and not watch.claim.kind.is_of_steps
    ]


def test_a_server_that_does_something_else_than_the_model_is_found(tmp_path: Path) -> None:
    found = divergence(a_run(tmp_path, seed=1, crashes=0, service=LIAR))

    assert found is not None
    assert found.kind == EFFECTS
    assert found.difference is not None
    assert ".message.message.result" in found.difference.path
    assert found.difference.one == str(NEVER_WRITTEN)


def test_a_model_that_breaks_its_promise_is_found_where_it_does(tmp_path: Path) -> None:
    found = divergence(a_run(tmp_path, seed=1, crashes=0, service=DEAF), service=DEAF)

    assert found is not None
    assert found.kind == CLAIM
    assert found.notes[0].startswith("contents_are_the_log of server")
    assert found.sides[0].lines


def test_a_server_that_finds_an_old_disk_is_found(tmp_path: Path) -> None:
    found = divergence(a_run(tmp_path, seed=1, calls=10, crashes=1, old_disks=True))

    assert found is not None
    assert found.kind == MEMORY
    assert "It is the memory as it was after" in found.notes[0]


def test_what_a_server_without_a_journal_has_sent_is_taken_as_given(run_of_a_group: Path) -> None:
    folders = [each for each in folders_in(run_of_a_group) if each.name != "server2"]
    run = replaying.opened(folders)
    for _ in run.happened():
        pass

    assert run.missing == (Node("server", 2),)
    assert run.steps > 0
    unseen = {tally.name for tally in run.monitor.tallies if tally.unseen}
    assert "what_is_applied_is_on_every_disk" in unseen
    assert "contents_are_the_log" not in unseen


def test_journals_of_two_clusters_are_no_run(run_of_a_group: Path, copied: Path) -> None:
    both = [run_of_a_group / "server0", copied / "server0"]
    with pytest.raises(ReplayError, match="two journals of server0"):
        replaying.opened(both)


def test_a_journal_that_grows_meanwhile_is_no_divergence(copied: Path) -> None:
    run = replaying.opened(folders_in(copied))
    path = max((copied / "server0").iterdir())
    whole = path.read_bytes()
    lines = whole.splitlines(keepends=True)
    path.write_bytes(b"".join(lines[: len(lines) // 2]))
    with pytest.raises(ReplayError, match="grow while they are read"):
        for _ in run.happened():
            pass


async def _killed(folder: Path) -> int:
    """Let a client write while a server is killed; return how many calls were answered."""
    with cluster(folder, "group") as running:
        await until(running.cluster, all_members, "all are members")
        async with GroupClient(access_of(running.cluster, Node("client", 0))) as client:
            for number in range(20):
                await client.write("x", number)
                assert await client.read("x") == number
                if number == 10:
                    kill(running, SERVERS[0])
            running.start(SERVERS[0])
            await until(running.cluster, all_members, "all are members again")
            await client.write("x", "last")
    return 41


def test_real_processes_of_which_one_is_killed_are_accepted(tmp_path: Path) -> None:
    answered = asyncio.run(_killed(tmp_path / "shop"))
    run = replayed(tmp_path / "shop")

    assert_is_whole(run)
    assert run.steppers[SERVERS[0]].starts == 2
    assert sum(request.over is not None for request in run.requests.made.values()) == answered
