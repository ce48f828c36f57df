"""A file of one's own, right and wrong."""

from pathlib import Path

import pytest

from tests.commands.conftest import Command

LOCK = Path(__file__).parents[2] / "docs" / "examples" / "lock.py"


def test_the_example_of_a_protocol_of_ones_own_holds(coterie: Command) -> None:
    result = coterie("check", str(LOCK))

    assert result.exit_code == 0, result.output
    assert "2 properties: 2 hold" in result.output


def test_a_server_that_grants_to_everybody_is_caught_in_six_steps(
    coterie: Command, tmp_path: Path
) -> None:
    path = tmp_path / "broken.py"
    right, wrong = "[] if queue else [c.Send(client, 'granted')]", "[c.Send(client, 'granted')]"
    source = LOCK.read_text().replace('"granted"', "'granted'")
    path.write_text(source.replace(right, wrong).replace("(exclusive, released)", "(exclusive,)"))

    result = coterie("check", str(path))

    assert wrong in path.read_text()
    assert right not in path.read_text()
    assert result.exit_code == 1
    assert "exclusive  VIOLATED in 6 steps" in result.output
    assert "=> here it is false of client0, client1." in result.output


def test_a_file_can_import_its_neighbours(coterie: Command, tmp_path: Path) -> None:
    (tmp_path / "a_neighbour.py").write_text(LOCK.read_text())
    (tmp_path / "mine.py").write_text("from a_neighbour import CHECK\n")

    assert coterie("check", str(tmp_path / "mine.py")).exit_code == 0


@pytest.mark.parametrize(
    ("last_line", "says"),
    [
        ("CHECK = c.Chek()", "AttributeError: module 'coterie' has no attribute 'Chek'"),
        ("CHECK = (", "SyntaxError: '(' was never closed"),
        ("raise SystemExit(0)", "SystemExit: 0"),
    ],
)
def test_a_file_that_cannot_be_imported_is_shown_with_its_line(
    coterie: Command, tmp_path: Path, last_line: str, says: str
) -> None:
    path = tmp_path / "mine.py"
    lines = LOCK.read_text().splitlines()[:-1]
    path.write_text("\n".join([*lines, last_line]))

    result = coterie("check", str(path))

    assert result.exit_code == 2
    assert says in result.output
    assert f"mine.py:{len(lines) + 1}" in result.output
    assert last_line in result.output
    assert "Traceback" not in result.output


def test_a_file_without_a_check_is_told_how_to_make_one(coterie: Command, tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text("x = 1\n")

    result = coterie("check", str(path))

    assert result.exit_code == 2
    assert "defines no check" in result.output
    assert "CHECK = Check(" in result.output


def test_a_world_that_cannot_be_made_is_a_fault_of_the_model(
    coterie: Command, tmp_path: Path
) -> None:
    path = tmp_path / "mine.py"
    path.write_text(LOCK.read_text().replace("range(clients)", "range(cliens)"))

    result = coterie("check", str(path))

    assert result.exit_code == 2
    assert "the world cannot be made: NameError" in result.output
    assert "in world" in result.output
