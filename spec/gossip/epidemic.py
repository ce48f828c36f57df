"""What an epidemic promises.

The world may hold the peers themselves, or one `Rounds` that holds them all.
"""

from typing import Any

from coterie.model.gossip.epidemic import Ask, Feedback, Interest, Rumour, Stage
from coterie.model.gossip.rounds import Party
from coterie.model.machine import Node, Return
from coterie.spec.observer import Observer, Seen
from coterie.spec.property import View, always, each, reachable, recoverable, step_always

SURVIVORS = {
    "There is one rumour, so who tells it and asks knows it already: the answer is never news.": (
        "gossip.epidemic.Peer._heard: if asks → if False",
        "gossip.epidemic.Peer._heard: without *answer",
    ),
    "A peer that is called upon with nothing to say says nothing: the step has another name, and"
    " leads to the same state.": (
        "gossip.epidemic.Peer.options: if self._greeting(state) is not None → if True",
    ),
}


def stage(state: Interest) -> Stage:
    """Return what the rumour is to a peer."""
    return state.stage


def stages_in(party: Party) -> tuple[Stage, ...]:
    """Return what the rumour is to each peer of a round."""
    return tuple(standing.now.stage for standing in party.standings)


def stages(world: View) -> tuple[Stage, ...]:
    """Return what the rumour is to each peer, by name."""
    within = [each for party in world.nodes("party") for each in world.see(party, stages_in)]
    return (*within, *(world.see(peer, stage) for peer in world.nodes("peer")))


def was_told(told: bool, node: Node, seen: Seen) -> bool:  # noqa: FBT001 (an observer's value)
    """Return whether some user has been answered, and so has started the rumour by now."""
    del node
    return told or isinstance(seen, Return)


TOLD = Observer(initial=False, observe=was_told)


def as_made(field: Any) -> Observer:
    """Return what lets properties read a field that all peers are made with."""
    return Observer(initial=field, observe=lambda value, _node, _seen: value)


@recoverable(broken_by="dead_rumour")
def everyone_can_still_know(world: View) -> bool:
    """From wherever the epidemic has got to, it can still reach everybody.

    In symbols: AG EF (for all peers p: knows(p)).
    Why: in anti-entropy one who knows never loses interest, so some call remains that tells one
    more. Rumour mongering lacks this: all who know can lose interest while somebody is susceptible,
    and those who are left over are its residue.
    Source: Demers et al., Epidemic Algorithms, 1987, sections 1.3 and 1.4.
    """
    return Stage.SUSCEPTIBLE not in stages(world)


@reachable(broken_by="dead_rumour")
def everyone_knows(world: View) -> bool:
    """The rumour can reach everybody.

    Why: the witness that calls are made, and that they tell something.
    Source: Demers et al., Epidemic Algorithms, 1987, section 1.3.
    """
    return Stage.SUSCEPTIBLE not in stages(world)


@always(broken_by="forge")
def no_rumour_from_nowhere(world: View) -> bool:
    """Nobody knows the rumour before a user has started it.

    In symbols: (there is a peer p with knows(p)) implies told.
    Why: only one who knows passes it on, so by induction it goes back to a user.
    Source: validity, as of every broadcast.
    """
    return bool(world.observed("told")) or set(stages(world)) == {Stage.SUSCEPTIBLE}


@step_always(broken_by="forgets")
def knowledge_is_kept(before: View, after: View) -> bool:
    """Whoever knows the rumour goes on knowing it.

    In symbols: knows(p) implies knows'(p).
    Why: to lose interest is not to forget: a peer that became susceptible again would take the
    rumour for news, and it might go round for ever.
    Source: Demers et al., Epidemic Algorithms, 1987, section 1.4 (removed individuals).
    """
    return all(
        old is Stage.SUSCEPTIBLE or new is not Stage.SUSCEPTIBLE
        for old, new in zip(stages(before), stages(after), strict=True)
    )


@always(broken_by="dead_rumour")
def nobody_gives_up_alone(world: View) -> bool:
    """Nobody loses interest while nobody else knows.

    In symbols: (there is a p with stage(p) = REMOVED) implies |{q : knows(q)}| >= 2.
    Why: with a patience of 1 or more, the first to give up was answered by one who knew already.
    Without it the rumour could die with the one who was told.
    Source: Demers et al., Epidemic Algorithms, 1987, section 1.4 (feedback and counter).
    """
    known = [each for each in stages(world) if each is not Stage.SUSCEPTIBLE]
    return Stage.REMOVED not in known or len(known) >= 2


@always(broken_by="asks_too")
def speaks_as_its_style_does(world: View) -> bool:
    """Peers say nothing but what their style has.

    Who only pushes never asks, who only pulls never tells unasked, and who never loses interest
    wants no feedback.

    In symbols: Ask in flight implies pulls; Rumour(asks) in flight implies pushes and pulls;
    Feedback in flight implies a patience.
    Why: the styles differ in what a call costs and in how fast they spread; that is all there is.
    Source: Demers et al., Epidemic Algorithms, 1987, section 1.3.
    """
    pushes, pulls = world.observed("pushes"), world.observed("pulls")
    for sender in world.nodes("peer"):
        for receiver in world.nodes("peer"):
            for message in world.in_flight(sender, receiver):
                match message:
                    case Ask() if not pulls:
                        return False
                    case Rumour(asks=True) if not (pushes and pulls):
                        return False
                    case Feedback() if world.observed("patience") is None:
                        return False
    return True


@always(each=each("peer"), broken_by="patient")
def loses_interest_in_time(world: View, peer: Node) -> bool:
    """Who has told the rumour in vain as often as its patience allows passes it on no more.

    In symbols: stage(p) = INFECTIVE implies misses(p) < k.
    Why: each miss is held against the patience as it is counted.
    Source: Demers et al., Epidemic Algorithms, 1987, section 1.4 (counter).
    """
    state = world[peer]
    return state.stage is not Stage.INFECTIVE or state.misses < world.observed("patience")


@always(each=each("peer"), broken_by="never_done")
def counts_while_infective(world: View, peer: Node) -> bool:
    """Who does not pass the rumour on counts nothing.

    In symbols: stage(p) != INFECTIVE implies misses(p) = 0 and useful(p) = None.
    Why: late feedback to one who has lost interest changes nothing.
    Source: Demers et al., Epidemic Algorithms, 1987, section 1.4 (removed individuals).
    """
    state = world[peer]
    return state.stage is Stage.INFECTIVE or state == Interest(state.stage)


@step_always(each=each("peer"), broken_by="rounds_for_contacts")
def counts_by_its_rule(before: View, after: View, peer: Node) -> bool:
    """Misses are counted at the end of a round, where the rule is by rounds, and else at once.

    In symbols: by rounds, misses(p) or stage(p) changes only where p is SUSCEPTIBLE or useful(p)
    is known; by contacts, useful(p) = None.
    Why: by rounds a single hearer may still forgive all the others.
    Source: Demers et al., Epidemic Algorithms, 1987, section 1.4 (push and pull with counters).
    """
    old, new = before[peer], after[peer]
    if not before.observed("by_rounds"):
        return new.useful is None
    counted = (old.stage, old.misses) != (new.stage, new.misses)
    return not counted or old.stage is Stage.SUSCEPTIBLE or old.useful is not None


@step_always(each=each("peer"), broken_by="unforgiving")
def a_useful_round_forgives(before: View, after: View, peer: Node) -> bool:
    """A round in which the rumour was news to somebody forgives the misses before it.

    In symbols: useful(p) implies useful'(p), or useful'(p) = None and stage'(p) = INFECTIVE and
    misses'(p) = 0.
    Why: who asks comes of its own accord, so the misses in a row say how few are left who ask.
    Source: Demers et al., Epidemic Algorithms, 1987, section 1.4 (the counter of pull).
    """
    new = after[peer]
    return not before[peer].useful or new.useful or new == Interest(Stage.INFECTIVE)


@reachable(broken_by="never_useful")
def a_round_can_be_useful(world: View) -> bool:
    """A peer can learn that in this round the rumour was news to somebody.

    Why: the witness to a_useful_round_forgives.
    Source: Demers et al., Epidemic Algorithms, 1987, section 1.4.
    """
    return any(world[peer].useful for peer in world.nodes("peer"))


@step_always(each=each("peer"), broken_by="discouraged")
def only_who_knew_discourages(before: View, after: View, peer: Node) -> bool:
    """By contacts, a peer counts a miss, or loses interest, only when a hearer knew the rumour.

    In symbols: misses'(p) > misses(p) or stage'(p) = REMOVED != stage(p) implies that
    Feedback(knew) was delivered to p.
    Why: to tell news is what the rumour is for.
    Source: Demers et al., Epidemic Algorithms, 1987, section 1.4 (feedback).
    """
    old, new = before[peer], after[peer]
    gave_up = Stage.REMOVED in {new.stage} - {old.stage}
    if not gave_up and new.misses <= old.misses:
        return True
    channels = [(other, peer) for other in before.nodes("peer")]
    return any(
        Feedback(knew=True) in before.in_flight(*channel)
        and Feedback(knew=True) not in after.in_flight(*channel)
        for channel in channels
    )


@step_always(each=each("party"), broken_by="interrupts")
def starts_between_rounds(before: View, after: View, party: Node) -> bool:
    """Where peers call in rounds, users start the rumour between two rounds.

    In symbols: told' and not told implies that it is the first peer's turn.
    Why: in a round nobody hears of what others learn in it.
    Source: our own, for the synchronous cycles of Demers et al., 1987, section 1.3.
    """
    started = after.observed("told") and not before.observed("told")
    return not started or before[party].turn == 0
