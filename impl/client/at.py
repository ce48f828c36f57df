"""Clients of a cluster whose folder is on this machine: `async with group("shop") as client`."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from coterie.impl import keys
from coterie.impl.client.group import GroupClient
from coterie.impl.client.names import taken
from coterie.impl.client.running import Access, access
from coterie.impl.client.store import StoreClient
from coterie.impl.cluster import KEYS, opened


@contextmanager
def access_to(folder: str | Path, service: str) -> Iterator[Access]:
    """Return how to reach a cluster, under a name that no other process of this machine uses.

    Raises: ConfigError where there is no cluster; ValueError where it has another service;
        KeysError where no key can be made.
    """
    cluster = opened(Path(folder))
    if cluster.any.service != service:
        raise ValueError(f"{folder} holds a {cluster.any.service}, and no {service}")
    with taken(cluster.folder, "client") as (name, start):
        own = keys.credentials(cluster.folder / KEYS, name)
        yield access(cluster.any, own, name, start)


@asynccontextmanager
async def group(folder: str | Path, **options: Any) -> AsyncIterator[GroupClient]:
    """Return a client of the group in `folder`; `options` are fields of `GroupClient`.

    Raises: as `access_to`.
    """
    with access_to(folder, "group") as own:
        async with GroupClient(own, **options) as client:
            yield client


@asynccontextmanager
async def store(folder: str | Path, **options: Any) -> AsyncIterator[StoreClient]:
    """Return a client of the store in `folder`; `options` are fields of `StoreClient`.

    Raises: as `access_to`.
    """
    with access_to(folder, "store") as own:
        async with StoreClient(own, **options) as client:
            yield client
