"""What README shows is what a reader gets who copies it."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from coterie.checks.catalogue import catalogue

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
LOCK, SERVED, SHOP = (
    (ROOT / "docs" / "examples" / name).read_text(encoding="utf-8")
    for name in ("lock.py", "served.py", "shop.py")
)
SESSIONS = re.findall(r"```console\n\$ (coterie [^\n]+)\n(.*?)```", README, re.DOTALL)


def timeless(text: str) -> list[str]:
    """Return the lines with blanks folded, and without the seconds and the rate of a row."""
    lines = (
        re.sub(r" \d+\.\d\d +[\d.,]+k?(?= +[\d,]+$)", " T R", line) for line in text.splitlines()
    )
    return [" ".join(line.split()) for line in lines if line.strip()]


def test_the_protocols_of_ones_own_are_the_examples_in_about_forty_lines() -> None:
    blocks = re.findall(r"```python\n(.*?)```", README, re.DOTALL)

    assert blocks == [SHOP, LOCK, SERVED]
    assert sum(bool(line.strip()) for line in LOCK.splitlines()) < 50


@pytest.mark.parametrize(("command", "shown"), SESSIONS, ids=[command for command, _ in SESSIONS])
def test_a_command_prints_what_readme_shows(command: str, shown: str, tmp_path: Path) -> None:
    (tmp_path / "lock.py").write_text(LOCK, encoding="utf-8")
    (tmp_path / "served.py").write_text(SERVED, encoding="utf-8")
    (tmp_path / "broken.py").write_text(LOCK.replace("[] if queue else ", ""), encoding="utf-8")
    program = [sys.executable, "-m", *shlex.split(command)]

    done = subprocess.run(
        program,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env={"COLUMNS": "80", "PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
    )

    assert timeless(done.stdout) == timeless(shown)
    assert done.returncode == ("broken" in command or "served" in command)


def test_the_breaking_command_breaks_the_example() -> None:
    command = re.search(r"`sed '(.*?)' lock.py > broken.py`", README)

    assert command is not None
    done = subprocess.run(
        ["sed", command.group(1)], input=LOCK, capture_output=True, text=True, check=True
    )
    assert done.stdout == LOCK.replace("[] if queue else ", "")


def test_it_states_how_many_properties_the_catalogue_has() -> None:
    claims = [(check, claim) for check in catalogue() for claim in check.properties]
    refuted = sum(claim.name in check.refuted for check, claim in claims)

    said = f"{len(claims)} properties: {len(claims) - refuted} hold, {refuted} refuted as expected"
    assert said in README


def test_every_check_that_it_names_is_there() -> None:
    names = {check.name for check in catalogue()}
    named = re.findall(r"`((?:gossip|smr|oracles)\.[a-z_.]+)`", README)

    assert named
    for name in named:
        assert any(check == name or check.startswith(f"{name}.") for check in names)


def test_its_table_of_refutations_has_the_steps_of_the_catalogue() -> None:
    rows = re.findall(r"^\| `([a-z_.]+)` \| (.*) \|$", README, re.MULTILINE)

    assert rows
    for prefix, text in rows:
        pinned = {
            steps
            for check in catalogue()
            if check.name == prefix or check.name.startswith(f"{prefix}.")
            for steps in check.refuted.values()
        }
        assert {int(steps) for steps in re.findall(r"\((\d+)\)", text)} <= pinned
