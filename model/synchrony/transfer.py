"""From one view to the next, and into the group.

A member that has delivered a view to its end installs the next. It takes along what it has
multicast in vain, whom it suspects of those who stay, and who wants in or out meanwhile. The
leader of those who were there before tells each joiner of the view, and of the application's state
at its start; if it fails, the next leader tells them again.

Source: Jha et al., Derecho, ACM TOCS 2019, section 3.4.3 (state transfer); Jha, "Replication",
recitation of CS 5412 Cloud Computing, Cornell University, section 3 (the third challenge).
"""

from collections.abc import Callable
from typing import Any

from attrs import evolve, frozen

from coterie.model.machine import Effect, Node, Send
from coterie.model.synchrony.multicast import undelivered
from coterie.model.synchrony.state import Inside, at_start, row_of, writing
from coterie.model.synchrony.table import Counts
from coterie.model.synchrony.view import View, successor


@frozen(cache_hash=True)
class Ask:
    """A process asks a member to be let in.

    Attributes:
        bound: the highest number of a view that it has promised, or knows of; it will be in none up
            to that. None where it has nothing on disk.
    """

    bound: int | None = None


@frozen(cache_hash=True)
class Welcome:
    """A joiner is told that it is a member.

    Attributes:
        view: the view that it joins in.
        application: the application's state at the start of that view.
    """

    view: View
    application: Any


def as_it_was(snapshot: Any, now: Any) -> Any:
    """Return what a joiner is given, of the state at the view's start, and of the state now."""
    del now
    return snapshot


@frozen
class Transfer:
    """How the next view begins.

    Attributes:
        given: the application's state that a joiner gets, of that at the start of its view, and of
            that at the time of telling.
        resent: what a member multicasts again, of its own messages above the trim.
    """

    given: Callable[[Any, Any], Any] = as_it_was
    resent: Callable[[Inside, Counts], tuple[Any, ...]] = undelivered

    def asked(self, inside: Inside, process: Node) -> Inside:
        """Return `inside` with the wish of `process` in its row, where the leader will read it."""
        joining = row_of(inside).joining
        if process in inside.view.members or process in joining:
            return inside
        return writing(inside, joining=joining | {process})

    def next_view(self, inside: Inside) -> View:
        """Return the view after this one, by the batch that the member has acknowledged."""
        changes = row_of(inside).changes
        assert changes is not None
        return successor(inside.view, changes)

    def installed(self, inside: Inside, view: View, queue: tuple[Any, ...]) -> Inside:
        """Return the member at the start of `view`, with what it takes along."""
        fresh = at_start(inside.name, view, inside.application, queue)
        before, members = row_of(inside), frozenset(view.members)
        return writing(
            evolve(fresh, early=inside.early),
            suspected=before.suspected & members,
            joining=before.joining - members,
            leaving=before.leaving,
        )

    def welcomed(self, inside: Inside) -> tuple[Inside, tuple[Effect, ...]]:
        """Return `inside` with its joiners told, if that is for this member to do, and the words.

        Why: a member that is told twice cares only for the first time.
        """
        if inside.welcomed or inside.snapshot is None or not _is_host(inside):
            return inside, ()
        state = self.given(inside.snapshot, inside.application)
        sends = tuple(Send(node, Welcome(inside.view, state)) for node in inside.view.joined)
        return evolve(inside, welcomed=True), sends


def _is_host(inside: Inside) -> bool:
    """Return whether this member is the first of those who were there before the joiners."""
    suspected = row_of(inside).suspected
    for member in inside.view.members:
        if member not in suspected:
            return member == inside.name and member not in inside.view.joined
    return False
