"""Who copies each command and each file of the tutorial gets what it shows."""

import subprocess
from pathlib import Path

from tests.docs.walking import Walk, blocks, commands

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "tutorial.md"


def test_the_tutorial_can_be_followed_from_an_empty_folder(tmp_path: Path) -> None:
    Walk(tmp_path).follow(PAGE.read_text(encoding="utf-8"))

    assert (tmp_path / "team" / "server0" / "journal").is_dir()


def test_the_tutorial_can_be_followed_from_a_fresh_clone(tmp_path: Path) -> None:
    clone = tmp_path / "coterie"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
    text = PAGE.read_text(encoding="utf-8")
    (install,) = (block for block in blocks(text) if block.has("by-hand"))
    script = "\n".join(command for command, _ in commands(install.body))
    subprocess.run(["bash", "-e", "-c", f"{script}\npwd > ../here"], cwd=clone, check=True)

    folder = Path((tmp_path / "here").read_text(encoding="utf-8").strip())
    Walk(folder, clone / ".venv" / "bin" / "python").follow(text)

    assert folder.parent == tmp_path
    assert (folder / "team" / "server0" / "journal").is_dir()
