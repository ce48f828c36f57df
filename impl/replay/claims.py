"""Which properties a run is held against, by its service: those that the states alone decide."""

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from coterie.impl.replay.view import Looking
from coterie.model.stacked import Stack
from coterie.model.synchrony.durable import Keeping
from coterie.spec import session
from coterie.spec.gossip import store_agreement, store_service
from coterie.spec.property import Property
from coterie.spec.synchrony import durable, membership, service, table


@frozen
class Claims:
    """Properties that see the nodes in one way.

    Attributes:
        looking: how.
        properties: of states, or of states before and after a step.
    """

    looking: Looking
    properties: tuple[Property, ...]


def _above(memory: Any) -> Any:
    return None if memory is None else memory.above


def _member(state: Any) -> Any:
    """Return the process of the group inside a server."""
    return state.above.member


def _process(state: Any) -> Any:
    """Return the member without its disk, in its view or outside."""
    inside = _member(state)
    return inside.inside if isinstance(inside, Keeping) else inside.outside


def _counted(memory: Any) -> Stack:
    """Return the count of starts, of a node that may never have started."""
    return Stack(None, 0) if memory is None else memory


SESSIONS = Claims(
    Looking("end", lambda state: state, _counted),
    (session.known_after_its_start,),
)
"""What links over sessions promise, whatever is above them."""

GROUP = (
    Claims(
        Looking("server", lambda state: state.above, _above),
        (
            service.contents_are_the_log,
            service.same_position_same_contents,
            service.what_is_applied_is_on_every_disk,
        ),
    ),
    Claims(
        Looking("member", _member, _above),
        (
            durable.what_is_reported_is_on_every_disk,
            durable.one_view_a_number,
            durable.a_log_is_not_cut_in_its_view,
        ),
    ),
    Claims(
        Looking("member", _process, _above),
        (
            membership.who_is_told_that_it_failed_has_halted,
            membership.a_minority_has_halted,
            membership.one_batch_a_view,
            membership.the_wedged_stay_wedged,
            table.a_copy_never_says_more,
            table.rows_only_grow,
            table.copies_only_grow,
        ),
    ),
    SESSIONS,
)

STORE = (
    Claims(
        Looking("server", lambda state: state.above, _above),
        (
            store_service.rows_only_grow,
            store_agreement.positions_are_true,
            store_agreement.what_is_agreed_is_held,
            store_agreement.what_is_agreed_stays_so,
        ),
    ),
    SESSIONS,
)

CLAIMS: Mapping[str, tuple[Claims, ...]] = {"group": GROUP, "store": STORE}
"""By the name of the service; a service that is missing here is replayed without properties."""
