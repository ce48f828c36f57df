"""Who copies each command and each file of the tutorial gets what it shows."""

from pathlib import Path

from tests.docs.walking import Walk

PAGE = Path(__file__).parents[2] / "docs" / "tutorial.md"


def test_the_tutorial_can_be_followed_from_an_empty_folder(tmp_path: Path) -> None:
    Walk(tmp_path).follow(PAGE.read_text(encoding="utf-8"))

    assert (tmp_path / "team" / "server0" / "journal").is_dir()
