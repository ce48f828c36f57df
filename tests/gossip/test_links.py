"""A channel on which equal messages are one."""

import pytest

from coterie.checks.catalogue.gossip.links import Distinct

LINK = Distinct()


def test_a_message_that_is_in_flight_is_not_put_in_again() -> None:
    assert LINK.put(LINK.put((), "a"), "a") == ("a",)


@pytest.mark.parametrize("order", ["abc", "cba", "bac"])
def test_the_order_of_sending_leaves_no_trace(order: str) -> None:
    held: tuple[str, ...] = ()
    for message in order:
        held = LINK.put(held, message)

    assert held == ("a", "b", "c")


def test_any_message_may_arrive_and_is_gone_then() -> None:
    assert list(LINK.taken(("a", "b"))) == [("a", ("b",)), ("b", ("a",))]


def test_any_message_may_be_lost_and_then_be_sent_again() -> None:
    assert list(LINK.lost(("a", "b"))) == [("a", ("b",)), ("b", ("a",))]
    assert LINK.put(("b",), "a") == ("a", "b")
