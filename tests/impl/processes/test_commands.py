"""The commands that run a cluster and talk to one, as a user calls them."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

PATIENCE_SECONDS = 90.0
ACCEPTED = "The run is one of the model's.\n"
COTERIE = (sys.executable, "-m", "coterie")


def coterie(folder: Path, *arguments: str, code: int = 0, typed: str | None = None) -> str:
    """Run a command in `folder`; return what it prints."""
    done = subprocess.run(
        (*COTERIE, *arguments),
        cwd=folder,
        input=typed,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert done.returncode == code, done
    return done.stdout if code in {0, 1} and done.stdout else done.stderr


@contextmanager
def up(folder: Path, *arguments: str) -> Iterator["subprocess.Popen[str]"]:
    """Run `coterie up` meanwhile, until every server answers; Ctrl-C ends it."""
    process = subprocess.Popen(
        (*COTERIE, "up", *arguments),
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        until_up(folder)
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(PATIENCE_SECONDS)


def until_up(folder: Path) -> None:
    """Wait until every server of the cluster in `folder` is at work."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not _is_up(folder):
        assert time.monotonic() < end
        time.sleep(0.1)


def _is_up(folder: Path) -> bool:
    if not list(folder.glob("*/*/node.toml")):
        return False
    done = subprocess.run(
        (*COTERIE, "status", "--json"), cwd=folder, capture_output=True, text=True, check=False
    )
    said = json.loads(done.stdout or "{}")
    return bool(said) and all(
        each is not None and each.get("state") in {"member", "serving"} for each in said.values()
    )


def test_the_program_that_readme_shows_keeps_its_data_in_a_group(tmp_path: Path) -> None:
    program = Path(__file__).parents[3] / "docs/examples/shop.py"
    with up(tmp_path, "group", "--dir", "shop"):
        done = subprocess.run(
            (sys.executable, str(program)),
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
    assert done.stdout == "red\nTrue green\n", done


def test_a_group_serves_keys_until_ctrl_c_and_again_afterwards(tmp_path: Path) -> None:
    with up(tmp_path, "group") as first:
        coterie(tmp_path, "put", "colour", "green")
        assert coterie(tmp_path, "get", "colour") == "green\n"
        assert coterie(tmp_path, "get", "colour", "--level", "stable") == "green\n"
        coterie(tmp_path, "swap", "colour", "red", "blue", code=1)
        coterie(tmp_path, "swap", "colour", "green", "blue")
        coterie(tmp_path, "get", "taste", code=1)
    assert first.returncode == 0
    assert first.stdout is not None
    assert first.stdout.read().endswith("stopping\n")
    assert "down" in coterie(tmp_path, "status", code=1)
    assert coterie(tmp_path, "replay", "coterie-group").endswith(ACCEPTED)
    with up(tmp_path, "group"):
        assert coterie(tmp_path, "get", "colour") == "blue\n"
        coterie(tmp_path, "delete", "colour")
        coterie(tmp_path, "get", "colour", code=1)


def test_a_store_keeps_what_a_device_measures_and_a_killed_server_starts_again(
    tmp_path: Path,
) -> None:
    with up(tmp_path, "store", "--dir", "plant", "--nodes", "4") as running:
        rows = "".join(f"{date},{date * date}\n" for date in range(1, 31))
        said = coterie(tmp_path, "device", "--csv", "-", "--rate", "0", typed=rows)
        assert said == "30 measured; 30 of all are safe\n"
        os.kill(_process_of(tmp_path / "plant" / "server1"), signal.SIGKILL)
        assert coterie(tmp_path, "read", "7") == "49\n"
        assert coterie(tmp_path, "read", "8", "--faulty", "1") == "64\n"
        too_few = coterie(tmp_path, "read", "8", "--faulty", "2", code=2)
        assert "2 faulty servers need 7 in all" in too_few
        assert coterie(tmp_path, "read", "29", "99") == "29,841\n30,900\n"
        assert coterie(tmp_path, "read", "--latest") == "30,900\n"
        coterie(tmp_path, "read", "31", code=1)
        until_up(tmp_path)
        each = coterie(tmp_path, "read", "--latest", "--each").splitlines()
        assert len(each) == 4
        assert (
            coterie(tmp_path, "store", "query", "SELECT count(*) AS n FROM readings") == "n\n30\n"
        )
        refused = coterie(tmp_path, "store", "query", "DELETE FROM readings", code=2)
        assert "only one statement that reads is allowed" in refused
    assert running.returncode == 0
    assert running.stdout is not None
    assert "server1 was killed by SIGKILL; it starts again" in running.stdout.read()


def _process_of(folder: Path) -> int:
    """Return the process of the node that is configured in `folder`."""
    for found in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = found.read_bytes().split(b"\0")
        except OSError:
            continue
        if str(folder / "node.toml").encode() in words or (
            f"{folder.parent.name}/{folder.name}/node.toml".encode() in words
            and Path(f"/proc/{found.parent.name}/cwd").resolve() == folder.parent.parent
        ):
            return int(found.parent.name)
    raise AssertionError(f"no process runs {folder}")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("status",), "there is no cluster here"),
        (("get", "x", "--dir", "nowhere"), "nowhere holds no cluster"),
        (("node", "nowhere.toml"), "nowhere.toml cannot be read: No such file or directory"),
        (("read",), "Name a TIME, or TIME and LAST, or --latest"),
        (("up", "bakery"), "'bakery' is not one of"),
    ],
)
def test_a_mistake_is_told_with_what_to_do(
    tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    assert said in coterie(tmp_path, *arguments, code=2)


def test_a_configuration_with_a_mistake_is_refused(tmp_path: Path) -> None:
    (tmp_path / "node.toml").write_text('cluster = "c"\nservise = "group"\n', encoding="utf-8")

    assert "servise" in coterie(tmp_path, "node", "node.toml", code=2)
