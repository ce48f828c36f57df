"""`coterie keys`: who can read them, what is never replaced, and how mistakes are named."""

import os
import shutil
import ssl
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from coterie.commands.main import cli
from coterie.impl import certificates, keys
from coterie.impl.keys import KeysError, credentials, make, node_named, verify
from coterie.model.machine import Node

ZERO, ONE = Node("server", 0), Node("server", 1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "keys"


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_each_node_gets_a_key_and_a_certificate_in_its_name(folder: Path) -> None:
    assert make(folder, [ZERO, ONE]) == [ZERO, ONE]

    verify(credentials(folder, ZERO), ZERO)
    verify(credentials(folder, ONE), ONE)
    assert set(contents(folder)) == {
        f"{name}.{kind}" for name in ("authority", "server0", "server1") for kind in ("crt", "key")
    }


def test_openssl_accepts_the_chain(folder: Path) -> None:
    make(folder, [ZERO])
    mine = credentials(folder, ZERO)

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(mine.authority)
    context.load_cert_chain(mine.certificate, mine.key)

    assert context.cert_store_stats()["x509_ca"] == 1


def test_only_their_owner_can_read_folder_and_files(folder: Path) -> None:
    make(folder, [ZERO])

    assert mode(folder) == 0o700
    assert {mode(path) for path in folder.iterdir()} == {0o600}


def test_no_file_is_ever_open_to_others_not_even_while_it_is_made(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    born: list[int] = []
    really_open = os.open

    def watched(path: Path, flags: int, permissions: int = 0o777) -> int:
        opened = really_open(path, flags | os.O_EXCL, permissions)
        born.append(stat.S_IMODE(os.fstat(opened).st_mode))
        return opened

    monkeypatch.setattr(os, "open", watched)
    before = os.umask(0)
    try:
        make(folder, [ZERO])
    finally:
        os.umask(before)

    assert born == [0o600] * 4
    assert mode(folder) == 0o700
    assert {mode(path) for path in folder.iterdir()} == {0o600}


def test_an_authority_is_used_again_and_no_file_is_replaced(folder: Path) -> None:
    make(folder, [ZERO])
    before = contents(folder)

    assert make(folder, [ZERO, ONE, ONE]) == [ONE]

    after = contents(folder)
    assert {name: after[name] for name in before} == before
    verify(credentials(folder, ONE), ONE)


@pytest.mark.parametrize("lost", ["server0.crt", "authority.crt"])
def test_what_was_interrupted_is_finished_with_the_keys_that_are_there(
    folder: Path, lost: str
) -> None:
    make(folder, [ZERO])
    before = contents(folder)
    (folder / lost).unlink()

    make(folder, [ZERO])

    verify(credentials(folder, ZERO), ZERO)
    assert contents(folder)["server0.key"] == before["server0.key"]
    assert contents(folder)["authority.key"] == before["authority.key"]


@pytest.mark.parametrize(
    "name",
    ["", "server", "0", "Server0", "server00", "ser ver0", "../x0", "*0", "é0", "a" * 64 + "0"],
)
def test_what_is_no_name_of_a_node_is_refused(name: str) -> None:
    with pytest.raises(KeysError, match=r"name|longer"):
        node_named(name)


def test_a_key_that_others_can_read_is_refused(folder: Path) -> None:
    make(folder, [ZERO])
    credentials(folder, ZERO).key.chmod(0o640)

    with pytest.raises(KeysError, match="open to other users; close it: chmod 600"):
        verify(credentials(folder, ZERO), ZERO)


def test_a_folder_that_others_can_enter_is_refused(folder: Path) -> None:
    folder.mkdir(mode=0o755)

    with pytest.raises(KeysError, match="chmod 700"):
        make(folder, [ZERO])
    assert contents(folder) == {}


def test_a_file_where_the_folder_should_be_is_left_alone(folder: Path) -> None:
    folder.write_text("mine")

    with pytest.raises(KeysError, match="is no folder"):
        make(folder, [ZERO])
    assert folder.read_text() == "mine"


@pytest.mark.parametrize("name", ["authority.key", "authority.crt", "server0.key", "server0.crt"])
def test_a_foreign_file_is_named_and_left_alone(folder: Path, name: str) -> None:
    make(folder, [ZERO])
    (folder / name).write_text("a diary")
    (folder / name).chmod(0o600)

    with pytest.raises(KeysError, match=f"{name} holds no"):
        make(folder, [ZERO, ONE])
    assert (folder / name).read_text() == "a diary"


def test_without_the_authoritys_key_nobody_is_named(folder: Path) -> None:
    make(folder, [ZERO])
    (folder / "authority.key").unlink()

    with pytest.raises(KeysError, match="bring it back"):
        make(folder, [ONE])
    verify(credentials(folder, ZERO), ZERO)  # who was named stays so


def test_a_certificate_without_its_key_is_not_covered_up(folder: Path) -> None:
    make(folder, [ZERO])
    (folder / "server0.key").unlink()

    with pytest.raises(KeysError, match="without its key"):
        make(folder, [ZERO])


def test_a_key_of_another_kind_is_refused(folder: Path) -> None:
    make(folder, [ZERO])
    form = Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    key = ec.generate_private_key(ec.SECP256R1()).private_bytes(*form)
    (folder / "server0.key").write_bytes(key)

    with pytest.raises(KeysError, match="of another kind"):
        verify(credentials(folder, ZERO), ZERO)


def test_the_certificate_of_another_node_is_refused(folder: Path) -> None:
    make(folder, [ZERO, ONE])

    with pytest.raises(KeysError, match="not the certificate of server1"):
        verify(credentials(folder, ZERO), ONE)


def test_the_certificate_of_another_authority_is_refused(folder: Path, tmp_path: Path) -> None:
    make(folder, [ZERO])
    make(tmp_path / "other", [ZERO])
    shutil.copy(tmp_path / "other" / "authority.crt", folder / "authority.crt")

    with pytest.raises(KeysError, match="of another authority"):
        verify(credentials(folder, ZERO), ZERO)
    with pytest.raises(KeysError, match="do not belong together"):
        make(folder, [ONE])


def test_a_key_and_a_certificate_of_two_nodes_are_refused(folder: Path) -> None:
    make(folder, [ZERO, ONE])
    shutil.copy(folder / "server1.key", folder / "server0.key")

    with pytest.raises(KeysError, match="do not belong together"):
        verify(credentials(folder, ZERO), ZERO)


def test_the_certificate_of_a_node_is_no_authority(folder: Path) -> None:
    make(folder, [ZERO])
    for kind in ("crt", "key"):
        shutil.copy(folder / f"server0.{kind}", folder / f"authority.{kind}")

    with pytest.raises(KeysError, match="of no authority"):
        make(folder, [ONE])


def test_an_old_certificate_is_refused_and_made_anew_once_it_is_removed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(certificates, "_LIFETIME", timedelta(days=-1))
        patched.setattr(certificates, "_CLOCK_SKEW", timedelta(days=2))
        with pytest.raises(KeysError, match="remove it and call `coterie keys` again"):
            make(folder, [ZERO])
    certificate = x509.load_pem_x509_certificate((folder / "authority.crt").read_bytes())
    assert certificate.not_valid_after_utc < datetime.now(UTC)
    (folder / "authority.crt").unlink()

    assert make(folder, [ZERO]) == [ZERO]
    verify(credentials(folder, ZERO), ZERO)


def test_what_is_not_there_is_said_with_what_makes_it(folder: Path) -> None:
    with pytest.raises(KeysError, match=r"cannot be read: .*; `coterie keys` makes keys"):
        verify(credentials(folder, ZERO), ZERO)


def test_a_file_that_appears_meanwhile_is_not_replaced(folder: Path) -> None:
    folder.mkdir(mode=0o700)
    path = folder / "server0.key"
    path.write_text("from elsewhere")

    with pytest.raises(KeysError, match="by somebody else just now"):
        keys._write(path, b"mine")
    assert contents(folder) == {"server0.key": b"from elsewhere"}


def test_a_place_that_cannot_be_written_to_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(KeysError, match="keys cannot be kept in"):
        make(tmp_path / "file" / "keys", [ZERO])


def test_every_key_is_another_one(folder: Path) -> None:
    make(folder, [ZERO, ONE])

    loaded = [load_pem_private_key(path.read_bytes(), None) for path in folder.glob("*.key")]
    raw = {key.private_bytes_raw() for key in loaded if isinstance(key, Ed25519PrivateKey)}
    assert len(raw) == 3


def test_the_command_tells_what_it_has_made(folder: Path) -> None:
    first = CliRunner().invoke(cli, ["keys", str(folder), "server0"])
    second = CliRunner().invoke(cli, ["keys", str(folder), "server0", "client7"])

    assert (first.exit_code, second.exit_code) == (0, 0)
    assert "server0  made" in first.output
    assert "server0  was there already" in second.output
    assert "client7  made" in second.output
    verify(credentials(folder, Node("client", 7)), Node("client", 7))


def test_the_command_makes_nothing_where_a_name_is_wrong(folder: Path) -> None:
    result = CliRunner().invoke(cli, ["keys", str(folder), "server0", "Bob"])

    assert result.exit_code == 2
    assert "'Bob' is no name of a node" in result.output
    assert not folder.exists()
