"""What ordered multicast promises over one table that all members see at once."""

from coterie.model.machine import Node
from coterie.model.synchrony.board import Board
from coterie.model.synchrony.state import Inside, all_delivered, delivered_of, row_of
from coterie.spec.property import View, always, at_rest, reachable
from coterie.spec.synchrony.multicast import own_slots

BOARD = Node("board")


def _heard(member: Inside, sender: Node) -> tuple[int, ...]:
    return tuple(item.payload for item in member.application if item.sender == sender)


def _in_sender_order(board: Board) -> bool:
    return all(
        _heard(member, sender.name) == tuple(range(len(_heard(member, sender.name))))
        for member in board.members
        for sender in board.members
    )


@always(broken_by="nulls_as_messages")
def in_sender_order(world: View) -> bool:
    """What a member delivers of one sender are that one's messages, in order, once, without a gap.

    In symbols: delivered(i) restricted to j is 0, 1, 2, and so on.
    Source: Jha et al., Derecho, ACM TOCS 2019, section 3.2.1.
    """
    return world.see(BOARD, _in_sender_order)


def _stable(board: Board) -> bool:
    rows = [row_of(member).received for member in board.members]
    return all(
        done <= has
        for member in board.members
        for row in rows
        for done, has in zip(all_delivered(member), row, strict=True)
    )


@always(broken_by=("majority", "own_frontier"))
def only_what_all_have(world: View) -> bool:
    """What any member has delivered, every member has received.

    In symbols: for all senders s: delivered(i)[s] <= received(j)[s].
    Source: Jha et al., Derecho, ACM TOCS 2019, section 3.2.1 (stability).
    """
    return world.see(BOARD, _stable)


def _nulls_are_owed(board: Board) -> bool:
    furthest = max(member.delivered for member in board.members)
    held = [each for member in board.members for each in own_slots(member)]
    slots = [(slot, is_null) for slot, is_null in held if slot >= furthest]
    last = max((slot for slot, is_null in slots if not is_null), default=-1)
    return all(slot < last for slot, is_null in slots if is_null)


@always(broken_by=("useless_nulls", "endless_nulls"))
def nulls_precede_messages(world: View) -> bool:
    """A null is sent only where a message stands in a later slot.

    In symbols: null in slot p implies a message in some slot q > p, until p is delivered.
    Source: Jha et al., Derecho, ACM TOCS 2019, section 3.3.3.
    """
    return world.see(BOARD, _nulls_are_owed)


def _few_rounds(board: Board) -> bool:
    return all(max(row_of(member).received) <= sum(board.told) for member in board.members)


@always(broken_by="endless_nulls")
def rounds_are_few(world: View) -> bool:
    """A member sends no more messages, nulls included, than users have told in all.

    In symbols: sent(i) <= sum over all j of |told(j)|.
    Source: Jha et al., Derecho, ACM TOCS 2019, section 3.3.3.
    """
    return world.see(BOARD, _few_rounds)


def _all_delivered(board: Board) -> bool:
    return all(
        len(_heard(member, sender.name)) == told
        for member in board.members
        for sender, told in zip(board.members, board.told, strict=True)
    )


def _all_slots_delivered(board: Board) -> bool:
    size = len(board.members)
    return all(
        row_of(member).received
        == tuple(delivered_of(member.delivered, rank, size) for rank in range(size))
        for member in board.members
    )


@at_rest(broken_by="stall")
def nothing_is_left(world: View) -> bool:
    """At rest everybody has delivered everything, and every slot that was filled.

    In symbols: at rest, delivered(i) restricted to j = told(j), and delivered(i) = received(i).
    Why: where a slot is missing, its owner has seen a later one, and fills it; and none after.
    Source: Jha et al., Derecho, ACM TOCS 2019, sections 3.2.1 and 3.3.3.
    """
    return world.see(BOARD, _all_delivered) and world.see(BOARD, _all_slots_delivered)


def _passed(board: Board) -> bool:
    return any(0 < len(member.application) < member.delivered for member in board.members)


@reachable(broken_by="stall")
def a_null_is_passed(world: View) -> bool:
    """A member can have passed over a null, and delivered a message behind it.

    Why: else the claims about nulls would say nothing.
    Source: the witness to `nulls_precede_messages`.
    """
    return world.see(BOARD, _passed)
