"""Writes in synchronous rounds: who may send what when, and how long it takes."""

from collections import Counter
from collections.abc import Iterator

import pytest

from coterie.model.diffusion.costs import (
    amortised_messages,
    delay_bound,
    read_messages,
    read_rounds,
    update_messages,
)
from coterie.model.diffusion.register.messages import Ack, Copy
from coterie.model.diffusion.schedule import Sent, Timetable, Transcript, read, round_robin, write
from coterie.model.diffusion.service.machines import members, tree_node
from coterie.model.diffusion.service.placement import Tree, newest_neighbour
from coterie.model.diffusion.service.skeleton import Skeleton
from coterie.model.machine import Node
from tests.diffusion.counting import full_tree

NODES = [1, 2, 3, 5, 8, 13, 21, 40]
CLIENT = Node("client", 0)
Said = tuple[Node, Node, type]


def hops(tree: Tree, origin: int) -> Iterator[tuple[int, int]]:
    """Yield the edges on the ways from `origin` to all others, in that direction."""
    reached = [origin]
    for node in reached:
        for beside in tree.neighbours(node):
            if beside not in reached:
                reached.append(beside)
                yield node, beside


def farthest(tree: Tree, origin: int) -> int:
    """Return how many hops it takes to reach everybody."""
    far = {origin: 0}
    for node, beside in hops(tree, origin):
        far[beside] = far[node] + 1
    return max(far.values())


def needed(tree: Tree, origin: int) -> Counter[Said]:
    """Return what must be said for one update: who, to whom, what."""
    copies = [(CLIENT, to) for to in members(tree, origin)]
    for node, beside in hops(tree, origin):
        copies += [(one, to) for one in members(tree, node) for to in members(tree, beside)]
    acks = [(to, one) for one, to in copies]
    return Counter([(*pair, Copy) for pair in copies] + [(*pair, Ack) for pair in acks])


def said(transcript: Transcript) -> Counter[Said]:
    return Counter((s.sender, s.receiver, type(item)) for s in transcript.sent for item in s.items)


def is_in_time(tree: Tree, origin: int, transcript: Transcript) -> bool:
    """Return whether everything was sent only after what it takes had arrived."""
    size, b = tree.skeleton.size, tree.skeleton.b
    sources = {beside: node for node, beside in hops(tree, origin)}
    heard: Counter[tuple[Node, str, type]] = Counter()
    active = {CLIENT}

    def may(sent: Sent) -> bool:
        (item,) = sent.items
        if sent.sender == CLIENT or sent.sender not in active:
            return sent.sender == CLIENT
        node = tree_node(sent.sender)
        onward = [each for each in tree.neighbours(node) if each != sources.get(node)]
        return isinstance(item, Copy) or all(
            heard[sent.sender, members(tree, each)[0].role, Ack] >= size - b for each in onward
        )

    for now in sorted({sent.round for sent in transcript.sent}):
        together = [sent for sent in transcript.sent if sent.round == now]
        if not all(map(may, together)):
            return False
        for sent in together:
            heard[sent.receiver, sent.sender.role, type(sent.items[0])] += 1
            copies = heard[sent.receiver, sent.sender.role, Copy]
            if copies > b or (sent.sender == CLIENT and copies):
                active.add(sent.receiver)
    return True


@pytest.mark.parametrize("b", [1, 2])
@pytest.mark.parametrize("degree", [2, 3])
@pytest.mark.parametrize("nodes", NODES)
def test_the_timetable_sends_and_receives_one_message_a_round_within_the_papers_bound(
    b: int, degree: int, nodes: int
) -> None:
    tree, origin = full_tree(b, degree, nodes), nodes - 1
    transcript = write(tree, [origin], Timetable(tree))

    assert (transcript.fan_out, transcript.fan_in) == (1, 1)
    assert said(transcript) == needed(tree, origin)
    assert is_in_time(tree, origin, transcript)
    sweeps = 2 * farthest(tree, origin)
    assert transcript.rounds <= tree.skeleton.size * (sweeps * (degree + 1) + 2)
    assert transcript.rounds <= delay_bound(b, degree, len(tree.replicas))
    assert transcript.returned.keys() == {CLIENT}


def test_the_timetable_is_within_the_papers_bound_from_every_origin() -> None:
    for nodes in (2, 6, 14):
        tree = full_tree(1, 3, nodes)
        rounds = [write(tree, [origin], Timetable(tree)).rounds for origin in range(nodes)]
        assert max(rounds) <= delay_bound(1, 3, len(tree.replicas))


@pytest.mark.parametrize("b", [1, 2])
@pytest.mark.parametrize("degree", [2, 3])
@pytest.mark.parametrize("nodes", NODES)
def test_round_robin_stays_far_below_the_papers_bound(b: int, degree: int, nodes: int) -> None:
    tree = full_tree(b, degree, nodes)
    transcript = write(tree, [nodes - 1], round_robin)

    assert transcript.fan_out == 1
    assert said(transcript) == needed(tree, nodes - 1)
    assert is_in_time(tree, nodes - 1, transcript)
    assert transcript.rounds <= 0.25 * delay_bound(b, degree, len(tree.replicas))


@pytest.mark.parametrize(
    ("origin", "returned", "rounds"), [(0, 53, 54), (39, 66, 67)], ids=["root", "leaf"]
)
def test_the_measured_rounds_of_200_replicas_taken_in_turn(
    origin: int, returned: int, rounds: int
) -> None:
    transcript = write(full_tree(1, 3, 40), [origin], round_robin)

    assert transcript.returned[CLIENT] + 1 == returned
    assert (transcript.rounds, transcript.fan_in) == (rounds, 2)


@pytest.mark.parametrize(("origin", "rounds"), [(0, 89), (39, 139)], ids=["root", "leaf"])
def test_the_measured_rounds_of_200_replicas_with_a_fan_in_of_1(origin: int, rounds: int) -> None:
    tree = full_tree(1, 3, 40)

    assert write(tree, [origin], Timetable(tree)).rounds == rounds


@pytest.mark.parametrize(("degree", "world", "count"), [(2, 127, 9), (3, 121, 7), (4, 85, 6)])
def test_where_the_rule_makes_a_tree_deep_the_bound_is_that_of_the_whole_skeleton(
    degree: int, world: int, count: int
) -> None:
    skeleton = Skeleton(1, degree)
    tree = Tree(skeleton, newest_neighbour(skeleton, range(world), 0, count))
    rounds = write(tree, [0], Timetable(tree)).rounds

    assert farthest(tree, 0) > farthest(full_tree(1, degree, count), 0)
    assert rounds <= 5 * (2 * farthest(tree, 0) * (degree + 1) + 2)
    assert rounds <= delay_bound(1, degree, 5 * world)


def test_a_tree_with_gaps_has_a_timetable_too() -> None:
    tree = Tree(Skeleton(b=1, degree=3), frozenset({2, 8, 9, 25, 26}))
    transcript = write(tree, [26], Timetable(tree))

    assert (transcript.fan_out, transcript.fan_in) == (1, 1)
    assert said(transcript) == needed(tree, 26)


@pytest.mark.parametrize("origins", [[0, 0, 0], [0, 3, 6], [5, 6, 5]])
def test_updates_from_anywhere_share_one_timetable(origins: list[int]) -> None:
    tree = full_tree(1, 2, 7)
    transcript = write(tree, origins, Timetable(tree, len(origins)), together=True)

    assert (transcript.fan_out, transcript.fan_in) == (1, 1)
    assert len(transcript.returned) == len(origins)
    assert sum(said(transcript).values()) == len(origins) * update_messages(1, 7)


@pytest.mark.parametrize("updates", [1, 2, 5, 11])
def test_updates_that_travel_together_cost_what_the_amortised_form_says(updates: int) -> None:
    tree = full_tree(1, 2, 7)
    transcript = write(tree, [4] * updates, Timetable(tree, updates), together=True)

    assert len(transcript.sent) == updates * amortised_messages(1, 7, updates)


def test_updates_that_travel_alone_cost_as_much_as_one_after_the_other() -> None:
    transcript = write(full_tree(1, 2, 7), [4, 4, 4], round_robin)

    assert len(transcript.sent) == 3 * update_messages(1, 7)


@pytest.mark.parametrize("b", [0, 1, 2])
@pytest.mark.parametrize("nodes", [1, 13])
def test_a_read_takes_few_rounds_with_a_fan_in_of_1_in_every_tree(b: int, nodes: int) -> None:
    transcript = read(full_tree(b, 3, nodes), nodes // 2, round_robin)

    assert transcript.rounds == read_rounds(b) == 4 * b + 2
    assert (transcript.fan_out, transcript.fan_in) == (1, 1)
    assert len(transcript.sent) == read_messages(b)


def test_a_schedule_that_sends_too_early_or_twice_would_be_noticed() -> None:
    tree = full_tree(1, 2, 3)
    good = write(tree, [0], round_robin)
    early = tuple(Sent(0, s.sender, s.receiver, s.items) for s in good.sent)

    assert not is_in_time(tree, 0, Transcript(early, {}))
    assert said(Transcript((*good.sent, good.sent[0]), {})) != needed(tree, 0)
    assert Transcript(early, {}).fan_in > 1
