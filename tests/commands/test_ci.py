"""CI for users: the workflow, the hook, and the page that shows them."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from coterie.commands.check import check
from coterie.commands.new.layout import documents

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/how-to/ci.md").read_text(encoding="utf-8")
FILES = documents("lease", ci=True)
WORKFLOW, HOOK = ".github/workflows/coterie.yml", ".pre-commit-config.yaml"


def run(*command: str | Path, where: Path) -> subprocess.CompletedProcess[str]:
    """Run a program as a user would who has coterie installed."""
    installed = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return subprocess.run(
        command,
        cwd=where,
        env={**os.environ, "PATH": installed, "PRE_COMMIT_HOME": str(where / ".pre-commit")},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def python(*arguments: str | Path, where: Path) -> subprocess.CompletedProcess[str]:
    return run(sys.executable, "-m", *arguments, where=where)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return a git repository with a new protocol, none of it committed."""
    for path, text in FILES.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    (tmp_path / ".gitignore").open("a").write(".pre-commit/\n")
    for command in (["init", "--quiet"], ["add", "."]):
        assert run("git", *command, where=tmp_path).returncode == 0
    return tmp_path


@pytest.mark.parametrize(
    ("kind", "file"),
    [("vendor.github-workflows", WORKFLOW)],
)
def test_what_machines_read_keeps_their_schema(repository: Path, kind: str, file: str) -> None:
    done = python("check_jsonschema", "--builtin-schema", kind, file, where=repository)

    assert done.returncode == 0, done.stdout


def test_a_workflow_that_is_none_would_be_refused(repository: Path) -> None:
    wrong = repository / WORKFLOW
    wrong.write_text(wrong.read_text().replace("runs-on:", "run-on:"))
    schema = ("--builtin-schema", "vendor.github-workflows")

    assert python("check_jsonschema", *schema, WORKFLOW, where=repository).returncode == 1


def test_the_page_shows_what_new_writes() -> None:
    shown = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)

    assert shown[:2] == [FILES[WORKFLOW], FILES[HOOK]]


def test_every_option_of_the_workflow_is_one_and_is_explained() -> None:
    steps = yaml.safe_load(FILES[WORKFLOW])["jobs"]["check"]["steps"]
    (command,) = (step["run"] for step in steps if "coterie check" in step.get("run", ""))

    _, _, *arguments = shlex.split(command)
    check.make_context("check", list(arguments), resilient_parsing=False)

    for option in (each for each in arguments if each.startswith("--")):
        assert f"| `{option}" in PAGE


def test_the_counterexamples_that_are_kept_are_those_that_the_check_writes() -> None:
    steps = yaml.safe_load(FILES[WORKFLOW])["jobs"]["check"]["steps"]
    command = next(step["run"] for step in steps if "coterie check" in step.get("run", ""))
    kept = {step["uses"].split("@")[0]: step["with"] for step in steps if "with" in step}

    assert f"--html {kept['actions/upload-artifact']['path']}" in command
    assert f"--cache {kept['actions/cache']['path']}" in command


def test_what_the_workflow_runs_leaves_a_summary_a_page_and_an_annotation(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = yaml.safe_load(FILES[WORKFLOW])["jobs"]["check"]["steps"]
    command = next(step["run"] for step in steps if "coterie check" in step.get("run", ""))
    model = repository / "lease/model.py"
    model.write_text(model.read_text().replace("confirmed == replicas", "confirmed >= 1"))
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(repository / "summary.md"))

    done = run("sh", "-c", command, where=repository)

    assert done.returncode == 1, done.stderr
    assert "::error file=lease/model.py,line=" in done.stdout
    assert (repository / "counterexamples/lease.answered_is_everywhere.html").is_file()
    assert "Store(0, 'a') (sent in 1)" in (repository / "summary.md").read_text()


def test_the_page_names_the_exit_codes_of_the_command() -> None:
    named = re.findall(r"^\| (\d) \|", PAGE, re.MULTILINE)

    assert check.epilog is not None
    assert named == re.findall(r"^  (\d)  ", check.epilog, re.MULTILINE)


def test_the_hook_lets_a_commit_pass_and_stops_one_that_breaks_a_promise(repository: Path) -> None:
    good = python("pre_commit", "run", where=repository)
    assert good.returncode == 0, good.stdout
    assert "check the protocols" in good.stdout

    model = repository / "lease/model.py"
    model.write_text(model.read_text().replace("confirmed == replicas", "confirmed >= 1"))
    run("git", "add", ".", where=repository)

    bad = python("pre_commit", "run", where=repository)
    assert bad.returncode == 1
    assert "answered_is_everywhere  VIOLATED in 3 steps" in bad.stdout


def test_the_hook_of_this_repository_can_be_shared(repository: Path, tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    (shared / ".pre-commit-hooks.yaml").write_bytes((ROOT / ".pre-commit-hooks.yaml").read_bytes())
    for command in (
        ["init", "--quiet"],
        ["add", "."],
        ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "--message", "a hook"],
    ):
        assert run("git", *command, where=shared).returncode == 0
    config = {"repos": [{"repo": str(shared), "rev": "HEAD", "hooks": [{"id": "coterie-check"}]}]}
    (repository / HOOK).write_text(yaml.safe_dump(config))
    (repository / ".gitignore").open("a").write("shared/\n")
    run("git", "add", ".", where=repository)

    done = python("pre_commit", "run", "--verbose", where=repository)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "6 properties: 6 hold" in done.stdout


def test_the_hooks_keep_the_schema_of_pre_commit(repository: Path) -> None:
    hooks = ROOT / ".pre-commit-hooks.yaml"

    manifest = python("pre_commit", "validate-manifest", hooks, where=repository)
    config = python("pre_commit", "validate-config", HOOK, where=repository)

    assert (manifest.returncode, config.returncode) == (0, 0), manifest.stdout + config.stdout
