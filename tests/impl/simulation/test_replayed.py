"""The journals of simulated runs are held against the model, as those of real ones are.

A replay takes it for a divergence that a message arrives twice or too early, for that cannot be on
real connections: so these runs have neither.
"""

from pathlib import Path

import pytest

from coterie.impl.replay import run as replaying
from coterie.impl.simulation.plan import DURABLE, Kind
from coterie.impl.simulation.run import planned, simulated

KINDS = [kind for kind in DURABLE if kind not in {Kind.REPETITION, Kind.REORDER}]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("service", ["group", "store"])
def test_what_nodes_do_under_faults_is_what_the_model_does(
    service: str, seed: int, tmp_path: Path
) -> None:
    run = simulated(service, planned(service, seed, KINDS, all_of=False), journals=tmp_path)
    assert not run.failure, run
    replay = replaying.opened(replaying.folders_in(tmp_path), every_step=False)
    assert sum(1 for _ in replay.happened()) > 100
