"""What a node is told, and the folder of a cluster."""

from pathlib import Path

import pytest

from coterie.impl.cluster import laid_out, opened
from coterie.impl.config import Config, ConfigError, address_of, node_of, read_config, written
from coterie.impl.service import service_of
from coterie.model.machine import Node

CONFIG = Config(
    cluster="shop",
    service="group",
    node="server0",
    addresses={"server0": "127.0.0.1:4000", "server1": "[::1]:4001"},
    storage='a "file" of mine',
    options={"patience": 2.5, "batch_most": 7},
)


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "node.toml"
    path.write_text(written(CONFIG), encoding="utf-8")

    assert read_config(path) == CONFIG


@pytest.mark.parametrize("name", ["server", "Server0", "server01", "0", "sérver0", "server-1", ""])
def test_what_is_no_name_of_a_node_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="is no name of a node"):
        node_of(name)


@pytest.mark.parametrize("address", ["localhost", ":4000", "here:x", "here:65536", "here:"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="is no address"):
        address_of(address)


def test_an_address_is_a_host_and_a_port() -> None:
    assert address_of("[::1]:4001") == ("::1", 4001)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("node = 1", "Expected `str`, got `int`"),
        (written(CONFIG).replace("server0", "server7", 1), "where server7 itself listens"),
        (written(CONFIG).replace(":4000", ""), "is no address"),
        ("cluster = ", "node.toml"),
    ],
)
def test_a_configuration_with_a_mistake_is_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "node.toml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(ConfigError, match=said):
        read_config(path)


def test_an_option_that_a_service_does_not_have_is_refused() -> None:
    with pytest.raises(ValueError, match="patients"):
        service_of("group").chosen({"patients": 1.0})


def test_a_service_that_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match="there is no service 'bakery'"):
        service_of("bakery")


def test_a_cluster_is_laid_out_once_and_opened_again(tmp_path: Path) -> None:
    made = laid_out(tmp_path / "shop", "group", 3, "sqlite", {"patience": 3.0})

    assert opened(tmp_path / "shop") == made
    assert made.servers == tuple(Node("server", index) for index in range(3))
    assert made.any.options == {"patience": 3.0}
    assert (
        len({config.status for config in made.configs.values()} | set(made.any.addresses.values()))
        == 6
    )
    with pytest.raises(ConfigError, match="holds a cluster already"):
        laid_out(tmp_path / "shop", "group", 3, "sqlite", {})


def test_a_folder_without_a_cluster_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="holds no cluster"):
        opened(tmp_path)
