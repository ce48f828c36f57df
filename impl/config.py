"""The configuration of a node, and the folder of a cluster on one machine.

A node is configured by one TOML file. Paths in it are relative to the file. `coterie up` writes
such files for a whole cluster; for a real deployment one writes them by hand.
"""

from pathlib import Path
from typing import Any

import msgspec

from coterie.model.machine import Node

FILE = "node.toml"


class ConfigError(ValueError):
    """A configuration that cannot be used; the text says which file, and what to change."""


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one node is told.

    Attributes:
        cluster: the cluster's name; nodes of different clusters refuse each other.
        service: `"store"`, `"log"` or `"group"`.
        node: its own name, as `server0`.
        addresses: where every server listens, as `host:port`, by name; its own among them.
        keys: the folder with the authority's certificate, its own, and its key.
        storage: a file for SQLite, or `postgresql://user@host/database`.
        journal: the folder of its journal; empty for none.
        status: where it answers `/status` and `/metrics`, as `host:port`; empty for nowhere.
        options: what the service leaves open, by name.
    """

    cluster: str
    service: str
    node: str
    addresses: dict[str, str]
    keys: str = "keys"
    storage: str = "data.sqlite"
    journal: str = "journal"
    status: str = ""
    options: dict[str, Any] = {}


def node_of(text: str) -> Node:
    """Return the node that is written as `text`, as `server0`.

    Raises: ValueError where that is no name: a role of small letters, then a number.
    """
    role = text.rstrip("0123456789")
    index = text[len(role) :]
    if not (role.isascii() and role.isalpha() and role.islower() and index.isascii() and index):
        raise ValueError(f"{text!r} is no name of a node, which looks like server0")
    if str(int(index)) != index:
        raise ValueError(f"{text!r} is no name of a node: it would be written {role}{int(index)}")
    return Node(role, int(index))


def address_of(text: str) -> tuple[str, int]:
    """Return the host and the port that are written as `text`.

    Raises: ValueError where that is no address.
    """
    host, colon, port = text.rpartition(":")
    if not (host and colon and port.isascii() and port.isdigit() and int(port) < 1 << 16):
        raise ValueError(f"{text!r} is no address, which looks like 127.0.0.1:4000")
    return host.removeprefix("[").removesuffix("]"), int(port)


def read_config(path: Path) -> Config:
    """Return the configuration in a file.

    Raises: ConfigError where the file cannot be read, or says what a node cannot be told.
    """
    try:
        config = msgspec.toml.decode(path.read_bytes(), type=Config)
        names = {node_of(name) for name in config.addresses}
        for address in config.addresses.values():
            address_of(address)
        own = node_of(config.node)
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise ConfigError(f"{path}: {error}") from error
    if own not in names:
        raise ConfigError(f"{path}: the addresses do not tell where {config.node} itself listens")
    return config


def written(config: Config) -> str:
    """Return the text of a configuration's file."""
    options = dict(config.options)
    plain = {
        name: getattr(config, name)
        for name in config.__struct_fields__
        if name not in {"addresses", "options"}
    }
    lines = [f"{name} = {_toml(value)}" for name, value in plain.items()]
    lines += ["", "[addresses]", *(f"{_toml(k)} = {_toml(v)}" for k, v in config.addresses.items())]
    if options:
        lines += ["", "[options]", *(f"{name} = {_toml(value)}" for name, value in options.items())]
    return "\n".join(lines) + "\n"


def _toml(value: Any) -> str:
    """Return a scalar or a list of them as TOML, whose strings and lists are those of JSON here."""
    return msgspec.json.encode(value).decode()
