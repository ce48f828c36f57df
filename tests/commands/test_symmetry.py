"""Symmetry on the command line."""

import json
from pathlib import Path

from tests.commands.conftest import Command


def test_the_command_line_switches_it_off(coterie: Command, tmp_path: Path) -> None:
    path = tmp_path / "three.py"
    path.write_text(
        "from attrs import evolve\n"
        "from coterie.checks.catalogue.oracles import two_phase\n"
        "from coterie.checks.check import Check\n"
        "def world():\n"
        "    return evolve(two_phase.world(3), symmetric=('manager',))\n"
        "CHECK = Check('three', 'Three managers.', world, two_phase.CHECK.properties[:1])\n"
    )

    def states(*flags: str) -> tuple[int, list[str]]:
        entry = json.loads(coterie("check", str(path), *flags, "--json", "-").stdout)["results"][0]
        return entry["states"], entry["reductions"]

    assert states("--no-symmetry") == (288, [])
    assert states()[0] == 80
    assert "3 managers" in states()[1][0]
