"""What a user's own files are taken for: lemmas, and services."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from coterie.commands.prove import proving
from coterie.impl.service import service_of

LEMMA = '''
from coterie.spec.lemmas.lemma import Goal, lemma

def is_most(votes, nodes):
    return 2 * votes > nodes

@lemma(broken_by={"all of no nodes": {"is_most": lambda votes, nodes: votes >= nodes}})
def most_are_some(given, is_most=is_most):
    """Whoever is most is somebody."""
    nodes = given.natural("nodes")
    _, ones = given.sets("node", nodes, "ones")
    return Goal(needs={"they are most": is_most(ones.size, nodes)}, claim=ones.size >= 1)
'''


def test_a_lemma_of_ones_own_is_called_after_its_file_and_proved(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text(LEMMA, encoding="utf-8")

    ended = CliRunner().invoke(proving, [str(file)])

    assert ended.exit_code == 0, ended.output
    assert ended.output.startswith("mine\n")
    assert "1 lemma: 1 proved. 2 broken twins: 2 refuted as expected." in ended.output


def test_a_lemma_that_says_too_much_is_refuted(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text(LEMMA.replace("ones.size >= 1", "ones.size >= 2"), encoding="utf-8")

    assert CliRunner().invoke(proving, [str(file)]).exit_code == 1


def test_a_file_without_a_lemma_is_a_mistake(tmp_path: Path) -> None:
    file = tmp_path / "none.py"
    file.write_text("x = 1\n", encoding="utf-8")

    ended = CliRunner().invoke(proving, [str(file)])

    assert ended.exit_code == 2
    assert "defines no lemma" in ended.output


def test_a_module_that_is_not_there_has_no_service() -> None:
    with pytest.raises(ValueError, match="there is no service nowhere_at_all:SERVICE"):
        service_of("nowhere_at_all:SERVICE")


def test_what_a_module_calls_a_service_must_be_one() -> None:
    with pytest.raises(ValueError, match="is no Service"):
        service_of("json:dumps")


def test_a_service_of_ones_own_is_found_by_its_module() -> None:
    found = service_of("coterie.impl.services.group:SERVICE")

    assert found is service_of("group")
