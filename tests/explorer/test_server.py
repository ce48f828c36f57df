"""The command: it prints an address, listens on loopback alone, and Ctrl-C ends it well."""

import socket
import time
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import httpx2 as httpx
import pytest
from click.testing import CliRunner

from coterie.commands.explorer.server import listening
from coterie.commands.main import cli
from tests.explorer.asking import COUNTING, ENDLESS, explorer


def test_ctrl_c_ends_it_with_exit_code_0(tmp_path: Path) -> None:
    file = tmp_path / "counting.py"
    file.write_text(COUNTING)

    with explorer(
        str(file), "counting.again", "--set", "nodes=3", "--path", "steps=0.0"
    ) as running:
        assert "counting.again: It counts." in running.said
        assert running.address.startswith("http://127.0.0.1:")
        assert running.address.endswith("/?steps=0.0")
        answer = httpx.get(running.address)
        assert answer.status_code == 200
        assert "The state, after step 2" in answer.text
        assert "counting.again --set nodes=3 --path" in answer.text
        assert answer.headers.get("server") is None

        assert running.stop() == 0
        assert "The explorer has stopped." in running.said
        assert "Traceback" not in running.said


def test_ctrl_c_ends_it_during_a_search_too(tmp_path: Path) -> None:
    file = tmp_path / "counting.py"
    file.write_text(COUNTING.replace("OTHER = ", "OTHERS = lambda: "))

    with explorer(str(file), "--max-seconds", "600") as running:
        parts = urlsplit(running.address)
        origin = {"Origin": f"http://{parts.netloc}"}
        data = {"sort": "text", "said": "nothing of this kind"}
        begun = httpx.post(f"{running.address}search", data=data, headers=origin)
        assert begun.status_code == 303
        status = httpx.get(f"http://{parts.netloc}{begun.headers['location']}")
        assert "The search is under way" in status.text
        assert httpx.get(running.address).status_code == 200

        assert running.stop() == 0
        assert "Traceback" not in running.said


@pytest.mark.parametrize("form", ["evaluate", "search"])
def test_ctrl_c_ends_it_while_an_expression_is_evaluated(form: str, tmp_path: Path) -> None:
    began = tmp_path / "began"
    said = f"open({str(began)!r}, 'w').close() or {ENDLESS}"

    with explorer("oracles.two_phase") as running:
        parts = urlsplit(running.address)
        content = urlencode({"sort": "expression", "said": said})
        with socket.create_connection((str(parts.hostname), int(parts.port or 0))) as asking:
            head = (
                f"POST {parts.path}{form} HTTP/1.1",
                f"Host: {parts.netloc}",
                f"Origin: http://{parts.netloc}",
                "Content-Type: application/x-www-form-urlencoded",
                f"Content-Length: {len(content)}",
            )
            asking.sendall("\r\n".join([*head, "", content]).encode())
            while not began.exists():
                time.sleep(0.01)

            assert running.stop() == 0

        assert running.said.splitlines()[-1] == "The explorer has stopped."
        assert "Traceback" not in running.said
        assert "Cancel" not in running.said


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["oracles"], "oracles selects 4 checks"),
        (["no.such.check"], "no check or property is called no.such.check"),
        (["oracles.two_phase", "other"], "oracles.two_phase has no check called other"),
        (["oracles.two_phase", "--set", "managers=-1"], "managers=-1 is not a whole number"),
        (["oracles.two_phase", "--port", "70000"], "70000 is not in the range"),
        ([], "Missing argument 'NAME'"),
    ],
)
def test_a_mistake_is_told_with_exit_code_2(arguments: list[str], says: str) -> None:
    result = CliRunner().invoke(cli, ["explore", "--no-browser", *arguments])

    assert result.exit_code == 2
    assert says in result.output


def test_a_model_that_is_at_fault_is_told_with_exit_code_2(tmp_path: Path) -> None:
    file = tmp_path / "wrong.py"
    file.write_text(
        COUNTING.replace("return c.Outcome(0)", "return 0").replace("OTHER = ", "O = lambda: ")
    )

    result = CliRunner().invoke(cli, ["explore", "--no-browser", str(file)])

    assert result.exit_code == 2
    assert "an Outcome is wanted, not 0" in result.output


def test_a_port_that_is_taken_is_told_with_exit_code_2() -> None:
    with listening(0) as taken:
        port = taken.getsockname()[1]

        result = CliRunner().invoke(
            cli, ["explore", "--no-browser", "oracles.two_phase", "--port", str(port)]
        )

    assert result.exit_code == 2
    assert f"port {port} cannot be had: address already in use" in result.output
    assert "Give another --port" in result.output


def test_it_listens_on_loopback_alone() -> None:
    with listening(0) as server:
        host, port = server.getsockname()
        assert host == "127.0.0.1"
        with socket.create_connection((host, port), timeout=60):
            pass
        assert server.family == socket.AF_INET
