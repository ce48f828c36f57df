"""The example of a replicated register, as a reader finds it."""

import runpy
from pathlib import Path
from typing import Any

import pytest

from coterie.checks.check import Check
from coterie.checks.engine.explore import explore
from coterie.checks.result import Exploration, Verdict

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "register.py"


def explored(name: str) -> tuple[Check, Exploration]:
    names: dict[str, Any] = runpy.run_path(str(EXAMPLE))
    check: Check = names[name]
    return check, explore(check.world(**check.parameters()), check.properties)


def test_readers_that_do_not_write_back_make_it_regular_only() -> None:
    check, found = explored("REGULAR")

    assert found.states == check.states
    assert {each.claim.name: each.verdict for each in found.findings} == {
        "regular": Verdict.HOLDS,
        "linearizable": Verdict.VIOLATED,
        "read_while_written": Verdict.HOLDS,
    }
    trace = found["linearizable"].trace
    assert trace is not None
    assert len(trace) == check.refuted["linearizable"]


@pytest.mark.slow
def test_readers_that_write_back_make_it_linearizable() -> None:
    check, found = explored("ATOMIC")

    assert found.states == check.states
    assert {each.verdict for each in found.findings} == {Verdict.HOLDS}
