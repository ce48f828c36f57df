"""Properties: what must hold, said once, read by people and run by the checker.

A property is a plain function of a `View` of the world. Its docstring is the documentation: the
claim in one sentence, then the formula, why it holds, and the source. A decorator says when it must
hold, and names the mutant of the model under which it must fail:

    @always(broken_by="forge")
    def no_fact_from_nowhere(world: View) -> bool:
        \"\"\"Every fact that a node knows was told by a client.\"\"\"
"""

import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from enum import Enum
from itertools import combinations
from typing import Any, TypeVar, overload

from attrs import field, frozen

from coterie.model.machine import Node

T = TypeVar("T")


class View(ABC):
    """A world's state as a property reads it.

    The checker notes what is read, and asks again only where that differs; so read no more than
    the property is about: `see(node, lens)` rather than `view[node]` where one field decides.
    """

    @abstractmethod
    def nodes(self, *roles: str) -> tuple[Node, ...]:
        """Return the correct nodes of these roles (of all, when none is named), in order.

        None at all where the world has no such role; `each` and `pairs` refuse that.
        """

    @abstractmethod
    def __getitem__(self, node: Node) -> Any:
        """Return the state of `node`, which must be up."""

    @abstractmethod
    def see(self, node: Node, lens: Callable[[Any], T]) -> T:
        """Return `lens(state of node)`; the property is asked again only where that differs."""

    @abstractmethod
    def up(self, node: Node) -> bool:
        """Return whether `node` is running; False from a crash to the restart."""

    @abstractmethod
    def memory(self, node: Node) -> Any:
        """Return what `node` holds in durable memory, be it up or down."""

    @abstractmethod
    def in_flight(self, sender: Node, receiver: Node) -> tuple[Any, ...]:
        """Return the messages on the channel from `sender` to `receiver`."""

    @abstractmethod
    def observed(self, observer: str) -> Any:
        """Return the value of the world's observer of that name."""

    @abstractmethod
    def left(self, what: str | Node) -> Any:
        """Return what is left of the budget of that name, or of that node's workload."""


class Kind(Enum):
    """When a property must hold."""

    ALWAYS = "always"
    REACHABLE = "reachable"
    AT_REST = "at rest"
    RECOVERABLE = "recoverable"
    STEP_ALWAYS = "always over a step"
    REFINES = "refines"
    LEADS_TO = "leads to"
    EVENTUALLY = "eventually"
    EVENTUALLY_ALWAYS = "eventually always"

    @property
    def is_of_steps(self) -> bool:
        """Whether the claim is of the views before and after a step."""
        return self in {Kind.STEP_ALWAYS, Kind.REFINES}

    @property
    def is_temporal(self) -> bool:
        """Whether it is about whole runs, which are judged under the world's fairness."""
        return self in {Kind.LEADS_TO, Kind.EVENTUALLY, Kind.EVENTUALLY_ALWAYS}


Each = Callable[[View], Iterable[tuple[Node, ...]]]


def _once(_: View) -> Iterable[tuple[Node, ...]]:
    return ((),)


def each(role: str) -> Each:
    """Ask the property for every node of `role` on its own: `claim(view, node)`."""
    return lambda view: [(node,) for node in _some(view, role)]


def pairs(role: str) -> Each:
    """Ask the property for every unordered pair of nodes of `role`: `claim(view, one, other)`."""
    return lambda view: combinations(_some(view, role), 2)


def _some(view: View, role: str) -> tuple[Node, ...]:
    nodes = view.nodes(role)
    if not nodes:
        raise LookupError(f"the world has no node of the role {role!r}")
    return nodes


@frozen
class Property:
    """A claim about a world.

    Attributes:
        name: the function's name.
        kind: when it must hold.
        claim: the function: of a view, or of the views before and after a step.
        broken_by: the mutants of the model under which the checker must find it violated.
        each: the tuples of nodes for each of which the claim is made.
        premise: what leads to the claim, where it `leads_to`; of the same views and nodes.
    """

    name: str
    kind: Kind
    claim: Callable[..., bool]
    broken_by: tuple[str, ...] = ()
    each: Each = field(default=_once, repr=False)
    premise: Callable[..., bool] | None = None

    @property
    def function(self) -> Callable[..., Any]:
        """What the user has written: the claim, or the mapping of a refinement."""
        function: Callable[..., Any] = inspect.unwrap(self.claim)
        return function

    @property
    def documentation(self) -> str:
        """The whole docstring of the claim."""
        return inspect.getdoc(self.function) or self.name.replace("_", " ")

    @property
    def statement(self) -> str:
        """The claim in one sentence: the first paragraph of its docstring."""
        return " ".join(self.documentation.split("\n\n")[0].split())

    def instances(self, view: View) -> tuple[tuple[Node, ...], ...]:
        """Return the tuples of nodes for each of which the claim is made."""
        return tuple(self.each(view))

    def holds(self, *views: View) -> bool:
        """Return whether the claim is true here: of every tuple, or of some when `reachable`.

        That is not enough to say whether it is `recoverable`: then each tuple has its own paths.
        """
        answers = (bool(self.claim(*views, *nodes)) for nodes in self.instances(views[0]))
        return any(answers) if self.kind is Kind.REACHABLE else all(answers)


Claim = Callable[..., bool]


class _Decorator:
    """Turns a function into a `Property`; used bare, or with the mutants that break it."""

    def __init__(self, kind: Kind, premise: Claim | None = None, doc: str = "") -> None:
        self.kind = kind
        self.__doc__ = doc
        self._premise = premise

    @overload
    def __call__(self, claim: Claim) -> Property: ...

    @overload
    def __call__(
        self, *, broken_by: str | tuple[str, ...] = (), each: Each = _once
    ) -> Callable[[Claim], Property]: ...

    def __call__(
        self,
        claim: Claim | None = None,
        *,
        broken_by: str | tuple[str, ...] = (),
        each: Each = _once,
    ) -> Property | Callable[[Claim], Property]:
        mutants = (broken_by,) if isinstance(broken_by, str) else broken_by

        def wrapped(function: Claim) -> Property:
            name = function.__name__
            return Property(name, self.kind, function, mutants, each, self._premise)

        return wrapped if claim is None else wrapped(claim)


always = _Decorator(Kind.ALWAYS, doc="The claim is true in every reachable state.")
reachable = _Decorator(
    Kind.REACHABLE,
    doc="Some reachable state makes the claim true, so that nothing holds vacuously.",
)
at_rest = _Decorator(
    Kind.AT_REST,
    doc="The claim is true in every reachable state that only faults and the adversary can change.",
)
recoverable = _Decorator(
    Kind.RECOVERABLE,
    doc="From every reachable state some path without faults leads to a state that makes it true.",
)
step_always = _Decorator(
    Kind.STEP_ALWAYS,
    doc="The claim, of the views before and after, is true of every reachable step.",
)
eventually = _Decorator(
    Kind.EVENTUALLY, doc="In every fair run the claim is true at some time, from the start on."
)
eventually_always = _Decorator(
    Kind.EVENTUALLY_ALWAYS, doc="In every fair run the claim is true for ever from some time on."
)


def leads_to(
    premise: Claim, *, broken_by: str | tuple[str, ...] = (), each: Each = _once
) -> Callable[[Claim], Property]:
    """Claim: in every fair run, whenever the premise is true, the claim is true then or later.

        @leads_to(asked, each=each("client"))
        def answered(world: View, client: Node) -> bool:
            \"\"\"Every client that asks is answered.\"\"\"

    Attributes:
        premise: a function of the same view and nodes as the claim.
    """
    return _Decorator(Kind.LEADS_TO, premise)(broken_by=broken_by, each=each)
