"""What the ragged trim promises: everybody ends a view alike, whoever fails meanwhile.

What a process has delivered is kept by a ghost that survives it. So the claims about deliveries are
uniform: a member that is dead by now had delivered nothing that the others do not deliver.

Sources: Birman and Joseph, "Exploiting Virtual Synchrony in Distributed Systems", SOSP 1987; Jha et
al., "Derecho: Fast State Machine Replication for Cloud Services", ACM TOCS 2019, section 3.4.
"""

from collections.abc import Iterator

from coterie.model.machine import Node
from coterie.model.synchrony.state import Inside, Item, all_delivered, leader, rank_of, row_of
from coterie.model.synchrony.table import Counts, Row, is_wedged
from coterie.spec.property import View, always, at_rest, pairs, reachable, step_always
from coterie.spec.synchrony import deliveries
from coterie.spec.synchrony.deliveries import is_prefix, words
from coterie.spec.synchrony.told import TOLD


def own(state: Inside) -> tuple[int, Row]:
    """Return the number of the view that the member is in, and its own row there."""
    return state.view.number, row_of(state)


def trimmed(state: Inside) -> tuple[int, tuple[Node, ...], Counts | None]:
    """Return the view's number, its members by rank, and the trim in the member's own row."""
    return state.view.number, state.view.members, row_of(state).trim


def progress(state: Inside) -> tuple[int, Counts]:
    """Return the view's number, and how much the member has delivered in it, nulls included."""
    return state.view.number, all_delivered(state)


def number(state: Inside) -> int:
    """Return the number of the view that the member is in."""
    return state.view.number


def members(state: Inside) -> tuple[Node, ...]:
    """Return the members of the view that the member is in."""
    return state.view.members


def running(world: View) -> tuple[Node, ...]:
    """Return the members that are up."""
    return tuple(node for node in world.nodes("member") if world.up(node))


def delivered(world: View) -> dict[Node, tuple[Item, ...]]:
    """Return what every member has ever delivered, be it up or down."""
    items = world.observed(deliveries.NAME)
    return {node: items.get(node, ()) for node in world.nodes("member")}


def covers(more: Counts, less: Counts) -> bool:
    """Return whether `more` is at least `less`, sender by sender."""
    return all(high >= low for high, low in zip(more, less, strict=True))


def of_view(items: tuple[Item, ...], view: int) -> tuple[Item, ...]:
    """Return the items of that view."""
    return tuple(item for item in items if item.view == view)


@always(
    broken_by=(
        "no_echo",
        "no_echo_no_reuse",
        "no_agreement_any_echo",
        "least_over_all",
        "no_majority",
    ),
    each=pairs("member"),
)
def one_order(world: View, one: Node, other: Node) -> bool:
    """What one process has delivered is how the other's deliveries begin, or the reverse.

    In symbols: D(p) is a prefix of D(q), or D(q) of D(p); also for those that have crashed.
    Why: within a view all deliver by the slots, and only what all have received; where the view
    breaks off, all deliver the same rest.
    Source: Jha et al., Derecho, ACM TOCS 2019, section 2 (uniform agreement, total order).
    """
    items = delivered(world)
    return is_prefix(items[one], items[other]) or is_prefix(items[other], items[one])


def views_ended(world: View, node: Node) -> int:
    """Return how many views the member is known to have gone through to their end."""
    items = delivered(world)[node]
    now = world.see(node, number) if world.up(node) else 0
    return max(now, *(item.view for item in items), 0)


@always(
    broken_by=(
        "any_echo_no_reuse",
        "no_agreement_any_echo",
        "no_agreement_no_echo",
        "least_over_all",
        "no_majority",
    ),
    each=pairs("member"),
)
def together(world: View, one: Node, other: Node) -> bool:
    """Processes that go from one view to the next together have delivered the same in it.

    In symbols: p and q install v + 1 implies D(p, v) = D(q, v).
    Why: both have delivered up to the one trim of v, and nothing above it.
    Source: Birman and Joseph, SOSP 1987; Jha et al., Derecho, ACM TOCS 2019, section 3.4.
    """
    items = delivered(world)
    ended = min(views_ended(world, one), views_ended(world, other))
    return all(of_view(items[one], v) == of_view(items[other], v) for v in range(ended))


@always(broken_by="resends_all", each=pairs("member"))
def once_in_one_view(world: View, one: Node, other: Node) -> bool:
    """No message is delivered twice, and none in two views, by whomever.

    In symbols: (s, m, v) in D(p) and (s, m, w) in D(q) implies v = w, and m comes once in each.
    Why: what is above the trim belongs to no view, until its sender multicasts it in the next.
    Source: Birman and Joseph, SOSP 1987 (the atomicity of views).
    """
    items = delivered(world)
    said = words(items[one])
    views = {
        (item.sender, item.payload, item.view) for node in (one, other) for item in items[node]
    }
    return len(said) == len(set(said)) and len(views) == len({view[:2] for view in views})


@always(broken_by="no_resend")
def fifo(world: View) -> bool:
    """Whoever delivers of a sender delivers its messages in its order, and without a gap.

    In symbols: D(p) restricted to s is a prefix of what the user of s has told it.
    Why: a sender's messages have ascending slots; those above a trim are all sent again, first.
    Source: Jha et al., Derecho, ACM TOCS 2019, section 2.
    """
    told = world.observed(TOLD)
    return all(
        is_prefix(tuple(item.payload for item in items if item.sender == sender), said)
        for items in delivered(world).values()
        for sender, said in told.items()
    )


@always(broken_by=("greatest", "runs_on"))
def trim_is_feasible(world: View) -> bool:
    """A trim names no message that a member lacks whom its holder trusts.

    In symbols: trim(p, v) = t and q in v is up and trusted by p implies received(q, v) >= t.
    Why: it is the least of the counts of all who go on, and these stand still.
    Source: Jha et al., Derecho, ACM TOCS 2019, section 3.4.2.
    """
    rows = [(node, *world.see(node, own)) for node in running(world)]
    return all(
        covers(other.received, row.trim)
        for _, view, row in rows
        for node, also, other in rows
        if row.trim is not None and view == also and node not in row.suspected
    )


@always(broken_by=("least_over_all", "majority_stability", "any_echo_no_reuse"))
def trim_covers_deliveries(world: View) -> bool:
    """A trim covers everything that anybody has delivered in its view, the dead included.

    In symbols: trim(p, v) = t implies |D(q, v) restricted to s| <= t(s) for all q and s.
    Why: before the end only what all members have received is delivered, and nothing is ever taken
    back; at the end, what the one trim names.
    Source: Jha et al., Derecho, ACM TOCS 2019, section 3.4.2.
    """
    return all(
        covers(trim, counts)
        for node in running(world)
        for view, names, trim in (world.see(node, trimmed),)
        if trim is not None
        for counts in _counts(world, view, names)
    )


def _counts(world: View, view: int, names: tuple[Node, ...]) -> Iterator[Counts]:
    """Yield what each has delivered in that view: what its user saw, and where it is."""
    for node, items in delivered(world).items():
        senders = [item.sender for item in of_view(items, view)]
        yield tuple(senders.count(name) for name in names)
        if world.up(node):
            current, counts = world.see(node, progress)
            yield from (counts,) if current == view else ()


@always(broken_by=("no_reuse", "no_agreement"), each=pairs("member"))
def one_trim(world: View, one: Node, other: Node) -> bool:
    """Two members of a view that trust one another have the same trim, if they have one.

    In symbols: p and q in v, p trusts q, q trusts p, trim(p, v) = t, trim(q, v) = u implies t = u.
    Why: nobody acts on a trim that one whom it trusts has not. A next leader waits until all whom
    it trusts have given up the one before, and by then its trim, if it can have been acted on,
    stands in their rows.
    Source: Jha et al., Derecho, ACM TOCS 2019, section 3.4.2.
    """
    if not (world.up(one) and world.up(other)):
        return True
    (view, row), (also, its) = world.see(one, own), world.see(other, own)
    trusting = one not in its.suspected and other not in row.suspected
    return view != also or not trusting or None in (row.trim, its.trim) or row.trim == its.trim


@step_always(broken_by="receives_wedged")
def counts_stand_still(before: View, after: View) -> bool:
    """Once a member has wedged, what it has received in the view stays as it is.

    In symbols: wedged(p, v) implies received'(p, v) = received(p, v).
    Why: the leader computes the trim of counts that it has read before.
    Source: Jha et al., Derecho, ACM TOCS 2019, section 3.4.1 (wedging).
    """
    for node in running(after):
        if before.up(node):
            (view, was), (also, now) = before.see(node, own), after.see(node, own)
            if view == also and is_wedged(was) and was.received != now.received:
                return False
    return True


@at_rest(broken_by=("no_echo", "no_reuse", "greatest", "runs_on"))
def survivors_end_alike(world: View) -> bool:
    """In the end all survivors are in one view, which goes on, and have delivered the same.

    In symbols: at rest, p and q up implies not wedged(p), view(p) = view(q) and D(p) = D(q).
    Why: nothing is waited for but what one who is trusted will say, or will be suspected for.
    Source: Birman and Joseph, SOSP 1987; Jha et al., Derecho, ACM TOCS 2019, section 2.
    """
    alive, items = running(world), delivered(world)
    views = {(world.see(node, number), world.see(node, members)) for node in alive}
    stuck = any(is_wedged(world.see(node, row_of)) for node in alive)
    return not stuck and len(views) <= 1 and len({items[node] for node in alive}) <= 1


@at_rest(broken_by="runs_on")
def survivors_are_the_view(world: View) -> bool:
    """In the end the view of the survivors has them as its members, and nobody else.

    In symbols: at rest, p up implies view(p) = the set of those that are up.
    Why: who is down is suspected in the end, and who is suspected is left out or stops.
    Source: Jha et al., Derecho, ACM TOCS 2019, section 3.4.
    """
    alive = running(world)
    return all(set(world.see(node, members)) == set(alive) for node in alive)


def cut_off(state: Inside) -> bool:
    """Return whether the member has more than the trim names."""
    row = row_of(state)
    return row.trim is not None and row.received != row.trim


@reachable(broken_by="no_echo")
def something_is_cut_off(world: View) -> bool:
    """A view change can leave out a message that some have received and others have not.

    Why: then the trim is ragged; were it never so, it would not matter who computes it.
    Source: the witness to `together`.
    """
    return any(world.see(node, cut_off) for node in running(world))


def took_over(state: Inside) -> bool:
    """Return whether the member leads in the place of others, by a trim of its own."""
    row, rank = row_of(state), rank_of(state)
    return rank > 0 and leader(state) == rank and row.trim is not None


@reachable(broken_by="no_echo")
def a_new_leader_trims(world: View) -> bool:
    """A member that takes over can find no trim, and compute one.

    Why: the leader may fail before it has told anybody.
    Source: the witness to `one_trim`.
    """
    alive = running(world)
    trims = [node for node in alive if world.see(node, trimmed)[2] is not None]
    return len(alive) > 1 and any(trims == [node] and world.see(node, took_over) for node in alive)


@reachable(broken_by=("no_echo", "no_agreement"))
def a_trim_outlives_its_leader(world: View) -> bool:
    """A trim can be left in a row when its leader is gone, and the next leader has none.

    Why: then the next leader has to find it, for it may have been acted on.
    Source: the witness to `one_order`.
    """
    alive = running(world)
    heirs = [node for node in alive if world.see(node, _leads_without_trim)]
    return bool(heirs) and any(world.see(node, trimmed)[2] is not None for node in alive)


def _leads_without_trim(state: Inside) -> bool:
    rank = rank_of(state)
    return rank > 0 and leader(state) == rank and row_of(state).trim is None
