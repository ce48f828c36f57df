"""Ordered multicast in memory: three members as processes, which all multicast 100-byte messages.

    python bench/multicast.py            about half a minute
    python bench/multicast.py --quick    ten seconds

Every message is delivered by all three in the same order, once all have received it; nothing is
kept on a disk. The members share the cores of this machine, TLS and all.
"""

import argparse
import asyncio
import os
import platform
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from coterie.impl import keys, logs
from coterie.impl.channels.mesh import Mesh
from coterie.impl.cluster import KEYS, Cluster, laid_out, opened
from coterie.impl.codec import Codec, vocabulary
from coterie.impl.config import address_of, node_of
from coterie.impl.core import Core
from coterie.impl.disks import Volatile
from coterie.impl.node import Node
from coterie.impl.timers import Detector, Paces, Timers
from coterie.model import detector, machine, session, stacked
from coterie.model.synchrony import member, state, table, transfer, view
from coterie.model.synchrony.member import Installed, Member, Tell
from coterie.model.synchrony.state import Item

PAYLOAD = "x" * 100
TOLD = 500
"""How many messages a member tells at once."""
AHEAD = 2
"""How many times that may be on the way."""


def counted(application: Any, item: Item) -> Any:
    """Return the application that only counts what was delivered."""
    del item
    return application + 1


async def run_member(cluster: Cluster, name: machine.Node, seconds: float) -> float:
    """Multicast for so long; return how many messages a second were delivered here."""
    own = Member(name, view.first_view(*cluster.servers), initial=0, apply=counted)
    codec = Codec(
        vocabulary(machine, session, stacked, detector, view, table, state, member, transfer)
    )
    paces = Paces({session.Acknowledge: 0.01, session.Resend: 1.0, detector.Suspect: "detected"})
    node = Node(
        core=Core(stacked.stacked(own, session.Session())),
        disk=Volatile(),
        timers=Timers(paces, Detector(30.0), random.random, (session.Resend,)),
        clock=time.time,
    )
    delivered = {"own": 0, "all": 0}
    told = AHEAD

    def deliver(item: Any) -> None:
        nonlocal told
        if isinstance(item, Installed):
            return
        delivered["all"] += 1
        delivered["own"] += item.sender == name
        if delivered["own"] >= (told - AHEAD + 1) * TOLD:
            told += 1
            node.post(Tell((PAYLOAD,) * TOLD))

    node.deliver = deliver
    config = cluster.configs[name]
    node.network = mesh = Mesh(
        name,
        node,
        cluster=config.cluster,
        credentials=keys.credentials(cluster.folder / KEYS, name),
        codec=codec,
        addresses={node_of(n): address_of(text) for n, text in config.addresses.items()},
        listen=address_of(config.addresses[config.node]),
    )
    await mesh.start()
    while len(mesh.peers) < len(cluster.servers) - 1:
        await asyncio.sleep(0.01)
    running = asyncio.create_task(node.run())
    for _ in range(AHEAD):
        node.post(Tell((PAYLOAD,) * TOLD))
    await asyncio.sleep(1.0)
    began, before = time.perf_counter(), delivered["all"]
    await asyncio.sleep(seconds)
    rate = (delivered["all"] - before) / (time.perf_counter() - began)
    await asyncio.sleep(0.5)
    node.stop()
    await running
    await mesh.stop()
    return rate


def main() -> None:
    """Run the members, and print what they have delivered."""
    parser = argparse.ArgumentParser(description="Ordered multicast in memory.")
    parser.add_argument("--quick", action="store_true", help="in ten seconds")
    parser.add_argument("--member", nargs=2, metavar=("FOLDER", "NAME"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    seconds = 5.0 if asked.quick else 20.0
    logs.written_to(sys.stderr, "error")
    if asked.member:
        folder, name = asked.member
        print(asyncio.run(run_member(opened(Path(folder)), node_of(name), seconds)))
        return
    print(f"{platform.python_implementation()} {platform.python_version()}, {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory() as folder:
        cluster = laid_out(Path(folder) / "bench", "group", 3, "sqlite", {})
        command = [sys.executable, __file__, *sys.argv[1:], "--member", str(cluster.folder)]
        members = [
            subprocess.Popen([*command, str(name)], stdout=subprocess.PIPE, text=True)
            for name in cluster.servers
        ]
        for name, process in zip(cluster.servers, members, strict=True):
            rate = float(process.communicate()[0])
            print(f"  {name} delivers {rate:8.0f} messages/s in the common order")


if __name__ == "__main__":
    main()
