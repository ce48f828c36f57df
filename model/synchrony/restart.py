"""Total restart: too few are left to go on, and the group begins again from what is on disk.

A process that comes back after a crash is no member any more. One of those who are back calls the
others, under a number above all that it knows. Each promises to take part in nothing below, and
reports what is on its disk. Once the caller has heard of a majority of the newest view among the
reports, it may prepare a view of those who have answered, with the longest log of the newest view;
once all of them have that on disk, it is committed.

The newest view that a report names need not be the last one that there was. Whoever has logged how
that view ends, or has prepared a restart of it, knows what may come after it; others may have
installed that, and gone on. So a majority of each such view has to answer, too. If none of it is in
that view, all of it has promised never to be, so that nothing can have come of it, ever.

A promise, a prepared view and the end of a view are the promise and the vote of Paxos, with the
number of the next view as the ballot: every view chooses its successor.

Source: Jha et al., Derecho, ACM TOCS 2019, section 3 (total failure); Lamport, Malkhi and Zhou,
"Vertical Paxos and Primary-Backup Replication", PODC 2009 (one view's majority starts the next).
"""

from collections.abc import Callable, Iterable

from attrs import frozen

from coterie.model.machine import Node
from coterie.model.synchrony.disk import Log, Memory, Prepare
from coterie.model.synchrony.membership import all_agree, has_majority
from coterie.model.synchrony.view import View


@frozen(cache_hash=True)
class Call:
    """A process that is back calls the others to a restart.

    Attributes:
        number: the number of the view that there will be.
    """

    number: int


@frozen(cache_hash=True)
class Refuse:
    """A process has promised, or is in, a view as high as the one it was called to, or higher.

    It is also the answer to a commit that comes too late: who enters that view must not wait there
    for one who never will.

    Attributes:
        number: the number of the view that it was called to.
    """

    number: int


@frozen(cache_hash=True)
class Report:
    """A process promises, and says what is on its disk.

    Attributes:
        number: the number that it promises.
        memory: what is on its disk.
    """

    number: int
    memory: Memory


@frozen(cache_hash=True)
class Ready:
    """A process has on its disk what it was asked to prepare.

    Attributes:
        number: the number of the view that was prepared.
    """

    number: int


@frozen(cache_hash=True)
class Commit:
    """All are ready: the view of that number is installed."""

    number: int


Reports = tuple[tuple[Node, Memory], ...]


def may_promise(number: int, bound: int) -> bool:
    """Return whether a process that is bound to a number may promise this one: a higher one."""
    return number > bound


def longest(lengths: tuple[int, ...]) -> int:
    """Return the length of the log that the group goes on with, of those in the newest view."""
    return max(lengths)


def newest(reports: Reports) -> View:
    """Return the newest view that a process was in, of those who report."""
    return max((memory.view for _, memory in reports), key=lambda view: view.number)


def to_follow(reports: Reports) -> tuple[View, ...]:
    """Return the views after the newest that there may be, of which nobody here was a member."""
    last = newest(reports).number
    following = {each.ending.next for _, each in reports if each.ending is not None}
    return tuple(sorted((v for v in following if v.number > last), key=lambda v: v.number))


@frozen
class Restart:
    """The rules of a restart.

    Attributes:
        may_promise: the guard of a promise, over the number and what the process is bound to.
        has_majority: the guard of a restart, over how many members of a view report, of how many.
        length: the length of the log to go on with, of the lengths of those in the newest view.
        to_follow: the views of which a majority has to answer besides.
        all_ready: the guard of the commit, over how many are ready, of how many.
    """

    may_promise: Callable[[int, int], bool] = may_promise
    has_majority: Callable[[int, int], bool] = has_majority
    length: Callable[[tuple[int, ...]], int] = longest
    to_follow: Callable[[Reports], tuple[View, ...]] = to_follow
    all_ready: Callable[[int, int], bool] = all_agree

    def proposal(self, number: int, reports: Reports) -> Prepare | None:
        """Return the restart that these reports permit; None while they are too few."""
        last = newest(reports)
        views = (last, *self.to_follow(reports))
        present = {node for node, _ in reports}
        if not all(self._may_speak_for(view, present) for view in views):
            return None
        members = dict.fromkeys(node for view in views for node in view.members)
        staying = tuple(node for node in members if node in present)
        return Prepare(last, self._log(last, reports), View(number, staying))

    def _may_speak_for(self, view: View, present: Iterable[Node]) -> bool:
        return self.has_majority(len(set(view.members) & set(present)), len(view.members))

    def _log(self, last: View, reports: Reports) -> Log:
        logs = [memory.log for _, memory in reports if memory.view == last]
        wanted = self.length(tuple(map(len, logs)))
        return next(log for log in logs if len(log) == wanted)
