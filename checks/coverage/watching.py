"""A world whose nodes are watched: the same world, with notes of what its machines are asked."""

import sys
from collections.abc import Collection, Iterable
from functools import partial
from sysconfig import get_paths
from types import FrameType
from typing import Any

import attrs
from attrs import define, field, frozen

from coterie.checks.component import Act, Channel, Put, Reaction
from coterie.checks.coverage.events import RESTART, Asked, Way, kind_of, within
from coterie.checks.coverage.recorder import Recorder
from coterie.checks.nodes import Down, NodeComponent
from coterie.checks.world import World

_INSTALLED = tuple(get_paths()[name] for name in ("stdlib", "platstdlib", "purelib", "platlib"))
_KERNEL = "coterie.model.machine"
_OURS = ("coterie.model.", "coterie.spec.", "coterie.checks.catalogue.")


@define(eq=False)
class Watch:
    """What is noted of one world.

    Attributes:
        world: the world.
        library: whether the code of coterie's own machines counts: it does where the check is
            coterie's own too.
        asked: the events.
        recorder: the code.
    """

    world: World
    library: bool
    asked: Asked = field(factory=Asked)
    recorder: Recorder = field(init=False)
    _noted: set[tuple[Any, ...]] = field(init=False, factory=set)

    def __attrs_post_init__(self) -> None:
        machines = [each for top in self.world.machines.values() for each in within(top)]
        packages = {type(each).__module__.split(".")[0] for each in machines}
        wanted = partial(_is_model, packages=packages, library=self.library)
        self.recorder = Recorder(wanted, self.asked.stepped)

    def is_new(self, question: tuple[Any, ...]) -> bool:
        """Return whether it is asked for the first time."""
        if question in self._noted:
            return False
        self._noted.add(question)
        return True

    def watched(self) -> World:
        """Return the world, with nodes that note what they are asked."""
        values = {each.name: getattr(self.world, each.name) for each in attrs.fields(World)}
        return WatchedWorld(**values, watch=self)


def _is_model(frame: FrameType, *, packages: Collection[str], library: bool) -> bool:
    """Return whether a frame's code is a model's, rather than a library's or the checker's."""
    name, file = str(frame.f_globals.get("__name__")), frame.f_code.co_filename
    if file.startswith("<"):
        return False
    package = name.partition(".")[0]
    if package == "coterie":
        return library and name.startswith(_OURS) and name != _KERNEL
    return package in packages or not file.startswith(_INSTALLED)


@frozen
class WatchedNode(NodeComponent):
    """A node that notes what it is asked."""

    watch: Watch = field(kw_only=True, repr=False, eq=False)

    def react(self, value: Any, stimulus: Any) -> Iterable[Reaction]:
        """Answer as ever, and note it the first time.

        Where another trace function is at work (a debugger, coverage of tests) it is asked once
        more, so that both see everything: the model is a function, so that changes nothing.
        """
        question = (self.node, value, stimulus)
        is_new = self.watch.is_new(question)
        if not is_new or sys.gettrace() is not None:
            answer = tuple(super().react(value, stimulus))
        if is_new:
            with self.watch.recorder.recording():
                answer = tuple(super().react(value, stimulus))
            self._note(value, stimulus, answer)
        return answer

    def boot(self, memory: Any) -> Reaction:
        """Boot as ever, and note it."""
        if sys.gettrace() is not None:
            super().boot(memory)
        with self.watch.recorder.recording():
            reaction = super().boot(memory)
        self._note(None, None, (reaction,))
        return reaction

    def _note(self, value: Any, stimulus: Any, reactions: Iterable[Reaction]) -> None:
        asked, machines = self.watch.asked, self.watch.world.machines
        if isinstance(value, Down) and isinstance(stimulus, Act) and self.restarts is not None:
            asked.note(self.machine, RESTART, effect=True)
        for reaction in reactions:
            for key, put in reaction.stimuli:
                if isinstance(key, Channel) and isinstance(put, Put):
                    kind = kind_of(Way.MESSAGE, put.message)
                    asked.sent.add((type(machines[key.receiver]), kind))


@frozen(eq=False)
class WatchedWorld(World):
    """A world whose nodes are watched."""

    watch: Watch = field(kw_only=True, repr=False)

    def _node(self, node: Any) -> NodeComponent:
        made = super()._node(node)
        values = {each.name: getattr(made, each.name) for each in attrs.fields(NodeComponent)}
        return WatchedNode(**values, watch=self.watch)
