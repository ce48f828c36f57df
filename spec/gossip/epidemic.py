"""What an epidemic promises.

The world may hold the peers themselves, or one `Rounds` that holds them all.
"""

from coterie.model.gossip.epidemic import Interest, Stage
from coterie.model.gossip.rounds import Party
from coterie.model.machine import Invoke, Node
from coterie.spec.observer import Observer, Seen
from coterie.spec.property import View, always, reachable, recoverable, step_always


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
    """Return whether a user has started the rumour by now."""
    del node
    return told or isinstance(seen, Invoke)


TOLD = Observer(initial=False, observe=was_told)


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
