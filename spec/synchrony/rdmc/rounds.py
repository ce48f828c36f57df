"""What the binomial pipeline promises, in lockstep."""

from coterie.model.machine import Node
from coterie.model.synchrony.rdmc.rounds import Progress, Sizes
from coterie.spec.property import View, always, at_rest, reachable, step_always

ALL = Node("all")


def progress(world: View) -> Progress:
    """Return how far the message has come."""
    state: Progress = world[ALL]
    return state


def is_everywhere(state: Progress) -> bool:
    """Return whether every node has every block."""
    _, blocks = state.sizes
    return all(len(held) == blocks for held in state.held)


def bound(sizes: Sizes) -> int:
    """Return blocks − 1 + ⌈log2 nodes⌉."""
    nodes, blocks = sizes
    return blocks - 1 + next(power for power in range(nodes) if 2**power >= nodes)


@step_always(broken_by="off_by_one")
def nobody_sends_what_it_lacks(before: View, after: View) -> bool:
    """A node sends only blocks that it had before the step.

    In symbols: sent(i, j, b) in a step implies b in held(i) before it.
    Why: there are no others to send, and a schedule that rests on one cannot be run.
    Source: Behrens, Jha, Birman, Tremel 2018.
    """
    held = progress(before).held
    return all(each.block in held[each.sender] for each in progress(after).sent)


@step_always(broken_by="both_send_on")
def one_block_in(_: View, after: View) -> bool:
    """In a step a node receives at most one block.

    Why: a link carries so much at once and no more; it would have to wait, and all with it.
    Source: Ganesan and Seshadri 2005.
    """
    receivers = [each.receiver for each in progress(after).sent]
    return len(receivers) == len(set(receivers))


@step_always(broken_by="expects_too_much")
def both_ends_agree(_: View, after: View) -> bool:
    """What is sent is what the receivers expect, from whom they expect it.

    Why: a receiver posts the buffer for a block before it comes; nobody tells it which one comes.
    As each node sends at most one block, each also knows when it has nothing to do.
    Source: Behrens, Jha, Birman, Tremel 2018.
    """
    return progress(after).sent == progress(after).received


@step_always(broken_by="to_the_root")
def no_block_twice(before: View, after: View) -> bool:
    """Nobody is sent a block that it has.

    Why: so nodes × blocks − blocks transfers are all there are, the least possible.
    Source: Behrens, Jha, Birman, Tremel 2018.
    """
    held = progress(before).held
    return all(each.block not in held[each.receiver] for each in progress(after).sent)


@always(broken_by=("no_hand_over", "no_last_step", "no_last_swap"))
def done_in_the_fewest_steps(world: View) -> bool:
    """All have all blocks after blocks − 1 + ⌈log2 nodes⌉ steps, and no sooner.

    Why: so many steps are needed: `the_last_block_takes_its_time` among the lemmas.
    Source: Ganesan and Seshadri 2005; Behrens, Jha, Birman, Tremel 2018.
    """
    state = progress(world)
    is_done = state.steps == bound(state.sizes)
    return is_everywhere(state) == is_done and (state.left == 0) == is_done


@at_rest(broken_by="no_last_step")
def all_have_all_in_the_end(world: View) -> bool:
    """When no step is left to do, all have all blocks.

    Why: a schedule that ends in time, but too early, would be fast and of no use.
    Source: Behrens, Jha, Birman, Tremel 2018.
    """
    return is_everywhere(progress(world))


def _everybody_sends(state: Progress) -> bool:
    nodes, _ = state.sizes
    return len(state.sent) == nodes - 1 >= 4


@reachable(broken_by="root_alone")
def all_links_are_busy(world: View) -> bool:
    """In some step all but one of five or more nodes send, and all but the root receive.

    Why: that is what the pipeline is for.
    Source: Behrens, Jha, Birman, Tremel 2018.
    """
    return world.see(ALL, _everybody_sends)
