"""What people install: a wheel with one name in it, from which the command runs."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).parents[2]
NOT_SOURCES = (".venv", ".git", "__pycache__", "build", "dist", "*.egg-info", ".*_cache")


def run(*command: str | Path, where: Path) -> str:
    result = subprocess.run(command, cwd=where, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the wheel that is built from the source distribution, as for a release."""
    folder = tmp_path_factory.mktemp("build")
    sources = folder / "sources"
    shutil.copytree(ROOT, sources, symlinks=True, ignore=shutil.ignore_patterns(*NOT_SOURCES))
    run(sys.executable, "-m", "build", "--outdir", folder / "dist", sources, where=folder)
    (built,) = (folder / "dist").glob("*.whl")
    assert list((folder / "dist").glob("*.tar.gz"))
    return built


@pytest.mark.slow
def test_a_wheel_puts_one_name_into_site_packages(wheel: Path) -> None:
    names = [PurePosixPath(name) for name in zipfile.ZipFile(wheel).namelist()]

    top = {name.parts[0] for name in names}
    assert top == {"coterie", f"{'-'.join(wheel.name.split('-')[:2])}.dist-info"}


@pytest.mark.slow
@pytest.mark.parametrize("room", ["model", "spec", "checks", "impl"])
def test_a_wheel_has_every_file_of_every_room(wheel: Path, room: str) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())

    files = {f"coterie/{path.relative_to(ROOT)}" for path in (ROOT / room).rglob("*.py")}
    assert files
    assert files <= names
    assert "coterie/py.typed" in names


@pytest.mark.slow
def test_the_command_runs_from_an_installed_wheel(wheel: Path, tmp_path: Path) -> None:
    run(sys.executable, "-m", "venv", tmp_path / "venv", where=tmp_path)
    installed = tmp_path / "venv" / "bin"

    run(installed / "python", "-m", "pip", "install", "--quiet", wheel, where=tmp_path)

    assert "oracles.two_phase" in run(installed / "coterie", "list", where=tmp_path)
    assert "5 properties: 5 hold" in run(
        installed / "coterie", "check", "oracles.tcommit", where=tmp_path
    )
