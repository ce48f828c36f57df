"""Durable mode: what was reported survives every crash, also that of all."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from attrs import evolve

from coterie.checks.catalogue.synchrony.twins import all_held
from coterie.checks.catalogue.synchrony.worlds import group, members
from coterie.checks.check import Check, Mutant
from coterie.checks.faults import Faults
from coterie.checks.mutation.named import changed
from coterie.checks.world import World
from coterie.model.machine import Machine
from coterie.model.synchrony.disk import Log
from coterie.model.synchrony.durable import DurableMember
from coterie.model.synchrony.member import Member, Tell
from coterie.model.synchrony.restart import Reports, Restart
from coterie.model.synchrony.returning import Lead
from coterie.model.synchrony.view import View
from coterie.spec.synchrony import durable as spec


def world(
    size: int,
    told: tuple[int, ...] = (),
    crashes: int = 0,
    restarts: int = 0,
    contacts: tuple[int, ...] = (),
    leads: tuple[int, ...] = (),
    later: tuple[int, ...] = (),
    rules: Mapping[str, Mapping[str, Any]] | None = None,
    restart: Mapping[str, Any] | Restart | None = None,
    **fields: Any,
) -> World:
    """Return a group of members that keep logs; who is back waits for a restart.

    Attributes:
        told: how many messages the user of each multicasts, by rank; none beyond.
        contacts: the ranks of those whom a process may ask to let it in again; none for all.
        leads: how many times each may call the others to a restart, after that.
        later: how many messages it multicasts then.
        rules: fields of the rules of the members inside that are changed.
        restart: the rules of a restart, or fields of them that are changed.
        fields: of the members that keep logs.
    """
    within = group(size, told, crashes=crashes, contacts=contacts, rules=rules)
    calls = dict(within.workload)
    for node, count in zip(members(size), leads, strict=False):
        calls[node] = (*calls.get(node, ()), *(Lead(),) * count)
    for node, count in zip(members(size), later, strict=False):
        calls[node] = (*calls.get(node, ()), *(Tell((f"{node} again",)),) * count)
    begins = restart if isinstance(restart, Restart) else Restart(**(restart or {}))
    like = {"restart": begins, "rejoins": False, **fields}
    return evolve(
        within,
        machines={node: keeping(member, **like) for node, member in within.machines.items()},
        faults=Faults(crashes=crashes, restarts=restarts),
        workload=calls,
        observers={spec.NAME: spec.REPORTED},
    )


def keeping(member: Machine[Any, Any], **fields: Any) -> DurableMember:
    """Return `member` as one that keeps a log."""
    assert isinstance(member, Member)
    return DurableMember(member, **fields)


def some(stored: tuple[int, ...]) -> int:
    """Mutant: report what any disk has."""
    return max(stored)


def nothing(stored: tuple[int, ...]) -> int:
    """Mutant: report nothing."""
    return 0 * min(stored)


def all_but_the_last(log: Log, stored: int) -> Log:
    """Mutant: say that an item is stored while it is still on its way to the disk."""
    return log[: stored - 1]


def none(column: tuple[int, ...]) -> int:
    """Mutant: a trim that names no message."""
    return 0 * min(column)


def nothing_of_it(snapshot: Log, now: Log) -> Log:
    """Mutant: let a process in without the log."""
    return (snapshot and now)[:0]


def one_is_enough(present: int, members: int) -> bool:
    """Mutant: a single process is enough."""
    return (present >= 1) & (members >= 1)


class Blank(Restart):
    """Mutant: a restart begins with nothing."""

    def _log(self, last: View, reports: Reports) -> Log:
        return super()._log(last, reports)[:0]


LOG = Check(
    name="synchrony.durable.log",
    about="Members that keep logs report what is on every disk, through the crash of any one.",
    world=world,
    properties=(
        spec.all_reports_are_of_one_log,
        spec.is_a_replicated_log,
        spec.what_is_reported_is_on_every_disk,
        spec.later_views_have_what_was_reported,
        spec.one_view_a_number,
        spec.a_majority_knows_of_every_view,
        spec.a_logged_trim_covers_every_log,
        spec.a_log_is_not_cut_in_its_view,
        spec.everything_is_reported_in_the_end,
        spec.something_is_reported_later,
    ),
    small={"size": 3, "told": (0, 1), "crashes": 1},
    full={"told": (0, 1, 1)},
    states=5_387,
    mutants={
        "reports_what_some_have": Mutant(
            partial(world, everywhere=some), {"what_is_reported_is_on_every_disk": 6}
        ),
        "tells_before_it_stores": Mutant(
            partial(world, on_disk=all_but_the_last), {"what_is_reported_is_on_every_disk": 9}
        ),
        "sends_twice": Mutant(
            partial(world, rules={"transfer": {"resent": all_held}}), {"is_a_replicated_log": 13}
        ),
        "logs_no_ending": Mutant(
            changed(world, DurableMember._followed, "evolve(after) without ending=ending"),  # noqa: SLF001
            {"a_majority_knows_of_every_view": 5},
        ),
        "trims_all": Mutant(
            partial(world, rules={"trim": {"least": none}}), {"a_logged_trim_covers_every_log": 9}
        ),
        "tells_nothing": Mutant(
            changed(
                world,
                DurableMember._told,  # noqa: SLF001
                "if row_of(state.inside).stored < state.stored → if False",
            ),
            {"everything_is_reported_in_the_end": 8},
        ),
    },
)

TOTAL = Check(
    name="synchrony.durable.total",
    about="A group of which all have crashed begins again with what was reported.",
    world=world,
    properties=(
        spec.all_reports_are_of_one_log,
        spec.is_a_replicated_log,
        spec.what_is_reported_is_on_every_disk,
        spec.later_views_have_what_was_reported,
        spec.one_view_a_number,
        spec.a_majority_knows_of_every_view,
        spec.a_log_is_not_cut_in_its_view,
        spec.something_is_reported_later,
    ),
    small={"size": 2, "told": (0, 1), "crashes": 3, "restarts": 3, "leads": (1, 1)},
    full={"size": 3, "leads": (1,)},
    states=17_700,
    mutants={
        "anyone_restarts": Mutant(
            partial(world, restart={"has_majority": one_is_enough}),
            {"one_view_a_number": 8},
        ),
        "restarts_with_nothing": Mutant(
            partial(world, restart=Blank()), {"later_views_have_what_was_reported": 16}
        ),
    },
)

REJOIN = Check(
    name="synchrony.durable.rejoin",
    about="A member that has crashed can be let in again, and its log is then the group's.",
    world=world,
    properties=(
        spec.all_reports_are_of_one_log,
        spec.what_is_reported_is_on_every_disk,
        spec.later_views_have_what_was_reported,
        spec.one_view_a_number,
        spec.somebody_is_let_in_again,
    ),
    small={
        "size": 3,
        "told": (0, 1),
        "crashes": 1,
        "restarts": 1,
        "rejoins": True,
        "contacts": (0,),
    },
    full={"crashes": 2, "restarts": 2},
    states=18_542,
    mutants={
        "lets_in_with_nothing": Mutant(
            partial(world, rules={"transfer": {"given": nothing_of_it}}),
            {"what_is_reported_is_on_every_disk": 16},
        ),
        "never_rejoins": Mutant(world, {"somebody_is_let_in_again": None}, {"rejoins": False}),
    },
)
