"""What the stories about channels are made of: nodes, strangers, and a wire that can be tapped."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any

from attrs import define, evolve, field
from structlog.testing import capture_logs

from coterie.impl.channels.hello import CONTROL, Farewell, Hello, Welcome
from coterie.impl.channels.limits import Limits
from coterie.impl.channels.mesh import Address, Mesh
from coterie.impl.channels.parts import CONTROL as A_CONTROL
from coterie.impl.channels.parts import cut, marked
from coterie.impl.channels.tls import dialling
from coterie.impl.codec import Codec
from coterie.impl.frames import Splitter, framed
from coterie.impl.keys import credentials
from coterie.model.link import Acknowledged, Numbered
from coterie.model.machine import Node

CLIENT, ZERO, ONE, TWO = Node("client"), Node("server", 0), Node("server", 1), Node("server", 2)
CODEC = Codec((Numbered, Acknowledged))
HASTE = Limits(
    delay_least=0.01, delay_most=0.1, patience_seconds=0.1, greeting_seconds=30, closing_seconds=0.5
)
PATIENCE = 30.0  # far longer than anything takes, and only waited for by a test that fails


@define
class Inbox:
    """Keeps what arrives, and takes `room` messages before it asks for a pause."""

    room: int = 1 << 30
    messages: list[tuple[Node, Any]] = field(factory=list)
    events: list[tuple[str, Node]] = field(factory=list)

    def received(self, sender: Node, message: Any) -> bool:
        self.messages.append((sender, message))
        return len(self.messages) < self.room

    def connected(self, peer: Node) -> None:
        self.events.append(("connected", peer))

    def disconnected(self, peer: Node) -> None:
        self.events.append(("disconnected", peer))


@define
class Scene:
    """Nodes that run in one test, and are stopped at its end.

    Attributes:
        keys: the folder of the cluster's keys; `others` is that of another authority.
        logs: what was logged.
    """

    keys: Path
    others: Path
    logs: list[Any]
    _meshes: list[Mesh] = field(factory=list)
    _wires: list["Wire"] = field(factory=list)

    async def node(self, name: Node, arrivals: Inbox | None = None, **options: Any) -> Mesh:
        """Start a node; a server listens, a client does not."""
        given: dict[str, Any] = {
            "cluster": "test",
            "credentials": credentials(self.keys, name),
            "codec": CODEC,
            "addresses": {},
            "listen": ("127.0.0.1", 0) if name.role == "server" else None,
            "limits": HASTE,
        }
        mesh = Mesh(name, arrivals or Inbox(), **given | options)
        await mesh.start()
        self._meshes.append(mesh)
        return mesh

    async def free_address(self) -> Address:
        """Return an address where nobody listens, but a node can."""
        with socket.create_server(("127.0.0.1", 0)) as found:
            address: Address = found.getsockname()
            return address

    async def wire(self, address: Address) -> "Wire":
        """Begin a wire to `address` that can be tapped and cut."""
        wire = Wire(address)
        wire.server = await asyncio.start_server(wire.carry, "127.0.0.1", 0)
        self._wires.append(wire)
        return wire

    def told(self, event: str, **fields: Any) -> list[Any]:
        """Return the log entries of that kind."""
        wanted = {"event": event, **fields}
        return [each for each in self.logs if wanted.items() <= each.items()]

    async def end(self) -> None:
        """Stop everything."""
        for mesh in self._meshes:
            await mesh.stop()
        for wire in self._wires:
            await wire.close()


Story = Callable[[Scene], Coroutine[Any, Any, None]]


def play(story: Story, keys: Path, others: Path, run: Callable[..., None] = asyncio.run) -> None:
    """Run a story on an event loop; it leaves nothing behind, and the loop complains of nothing."""
    complaints: list[dict[str, Any]] = []

    async def whole() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, told: complaints.append(told))
        with capture_logs() as logs:
            scene = Scene(keys, others, logs)
            try:
                async with asyncio.timeout(4 * PATIENCE):
                    await story(scene)
            finally:
                await scene.end()
            await until(lambda: asyncio.all_tasks() == {asyncio.current_task()})
            assert not scene.told("crashed")

    run(whole())
    assert complaints == [], complaints


async def until(condition: Callable[[], Any]) -> None:
    """Wait until the condition is true."""
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.005)


async def over(awaited: Awaitable[Any]) -> Any:
    """Return what is awaited, or fail when it takes too long."""
    return await asyncio.wait_for(awaited, PATIENCE)


@define
class Wire:
    """Carries bytes to a node, notes what goes there, and can fall silent without any end."""

    to: Address
    recorded: list[bytes] = field(factory=list)
    is_silent: bool = False
    is_cut: bool = False
    server: asyncio.Server = field(init=False)
    _tasks: set["asyncio.Task[None]"] = field(factory=set)

    @property
    def address(self) -> Address:
        found: Address = self.server.sockets[0].getsockname()[:2]
        return found

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        if self.is_cut:
            task.cancel()
        try:
            there, back = await asyncio.open_connection(*self.to)
            with contextlib.closing(back):
                async with asyncio.TaskGroup() as both:
                    both.create_task(self._pump(reader, back, self.recorded))
                    both.create_task(self._pump(there, writer))
        except* (OSError, asyncio.CancelledError):
            pass  # the wire is cut
        finally:
            writer.close()
            self._tasks.discard(task)

    async def _pump(
        self,
        source: asyncio.StreamReader,
        sink: asyncio.StreamWriter,
        noted: list[bytes] | None = None,
    ) -> None:
        while data := await source.read(1 << 16):
            if noted is not None:
                noted.append(data)
            if not self.is_silent:
                sink.write(data)
                await sink.drain()
        if not self.is_silent:
            sink.close()

    async def close(self) -> None:
        self.is_cut = True
        self.server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


@define
class Stranger:
    """A client that has a certificate, and says what it likes."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    heard: list[Any] = field(factory=list)
    _splitter: Splitter = field(factory=lambda: Splitter(1 << 20))

    def say(self, *controls: Any) -> None:
        for control in controls:
            self.frame(marked(A_CONTROL, CONTROL.encode(control)))

    def send(self, message: bytes) -> None:
        for payload in cut(message, 1 << 20):
            self.frame(payload)

    def frame(self, payload: bytes) -> None:
        self.writer.write(framed(payload))

    async def listen(self) -> Any:
        """Return the next thing of the greeting that the node says; None at the end."""
        while not self.heard:
            data = await over(self.reader.read(1 << 16))
            if not data:
                return None
            for payload in self._splitter.feed(data):
                if payload[0] == A_CONTROL:
                    self.heard.append(CONTROL.decode(payload[1:]))
        return self.heard.pop(0)

    async def greet(self, hello: Hello) -> None:
        """Greet, and be welcomed."""
        self.say(hello)
        assert isinstance(await self.listen(), Hello)
        self.say(Welcome())
        assert await self.listen() == Welcome()

    async def farewell(self) -> Farewell:
        """Return why the node closes the connection."""
        while not isinstance(heard := await self.listen(), Farewell):
            assert heard is not None, "the node hung up without a reason"
        return heard

    async def leave(self) -> None:
        self.writer.close()
        with contextlib.suppress(OSError):
            await over(self.writer.wait_closed())


HELLO = Hello(1, "test", "client0", "server0", 7, 1)


def hello(**changes: Any) -> Hello:
    """Return what a client would say to the first server, but for the changes."""
    return evolve(HELLO, **changes)


async def stranger(
    scene: Scene, to: Mesh, name: Node = CLIENT, folder: Path | None = None
) -> Stranger:
    """Connect with the credentials of a node, and say nothing yet."""
    context = dialling(credentials(folder or scene.keys, name))
    return await connected(to, context)


async def connected(to: Mesh, context: ssl.SSLContext) -> Stranger:
    """Connect to a server."""
    assert to.address is not None
    peer = str(to.identity.node)
    reader, writer = await over(
        asyncio.open_connection(*to.address, ssl=context, server_hostname=peer)
    )
    return Stranger(reader, writer)
