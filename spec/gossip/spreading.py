"""What an epidemic comes to in the end: it reaches everybody, or it dies out.

These claims are about whole runs, and so rest on the fairness that the checked world declares.
"""

from coterie.model.gossip.epidemic import Stage
from coterie.model.machine import Node
from coterie.spec.gossip.epidemic import stage, stages
from coterie.spec.property import View, each, leads_to


def is_told(world: View) -> bool:
    """Return whether a user has started the rumour."""
    return bool(world.observed("told"))


@leads_to(is_told, broken_by=("dead_rumour", "mongering", "engaged_line"))
def everybody_hears(world: View) -> bool:
    """Once a user has started the rumour, everybody comes to know it.

    In symbols: told leads to (for all peers p: knows(p)).
    Why: in anti-entropy one who knows never loses interest, and calls everybody again and again
    (weak fairness of timers), so that one call to each gets through (strong fairness of deliveries,
    where the network loses messages). Pull needs more: an answer must find room on its way back. A
    line that is engaged whenever an answer comes keeps the rumour away for ever.
    Source: Demers et al., Epidemic Algorithms, 1987, section 1.3; rumour mongering may leave a
    residue, section 1.4, and then no fairness helps.
    """
    return Stage.SUSCEPTIBLE not in stages(world)


def is_infective(world: View, peer: Node) -> bool:
    """Return whether `peer` passes the rumour on."""
    return world.see(peer, stage) is Stage.INFECTIVE


@leads_to(is_infective, broken_by=("anti_entropy", "engaged_line"), each=each("peer"))
def interest_is_lost(world: View, peer: Node) -> bool:
    """In rumour mongering, whoever passes the rumour on loses interest at some time.

    In symbols: for all peers p: stage(p) = INFECTIVE leads to stage(p) != INFECTIVE.
    Why: it goes on calling, only so many can have heard nothing yet, and everybody else's feedback
    counts as a miss. Rests on weak fairness of timers, and on strong fairness of deliveries where
    the network loses messages; and feedback, too, must find room on its way back.
    Source: Demers et al., Epidemic Algorithms, 1987, section 1.4: the number of infective
    individuals goes to zero.
    """
    return not is_infective(world, peer)
