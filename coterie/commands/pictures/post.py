"""Messages under way: which step has sent what arrives, and what became of the rest."""

from collections import Counter
from collections.abc import Iterable
from enum import Enum
from typing import Any

from attrs import evolve, field, frozen

from coterie.checks.component import Act, Channel, Delivered, Duplicated, Lost, Put, Unwanted
from coterie.checks.network import Pool
from coterie.checks.world import Values, World
from coterie.commands.pictures.labels import brief, kind
from coterie.commands.pictures.trail import Touch
from coterie.commands.words import text
from coterie.model.machine import Node


class Fate(Enum):
    """What became of a message."""

    DELIVERED = "arrives"
    DUPLICATED = "arrives, and a copy stays in the network"
    FORGED = "is forged, and arrives"
    LOST = "is lost"
    DROPPED = "is dropped"
    REPLACED = "is replaced by newer news"
    OVER = "is dropped: what it is about is over"
    UNHEARD = "goes to a Byzantine node, which may do anything anyway"
    IN_FLIGHT = "is still under way at the end"

    @property
    def arrives(self) -> bool:
        """Whether somebody receives it."""
        return self in {Fate.DELIVERED, Fate.DUPLICATED, Fate.FORGED}

    @property
    def is_crossed_out(self) -> bool:
        """Whether it never arrives."""
        return self in {Fate.LOST, Fate.DROPPED, Fate.REPLACED, Fate.OVER}


@frozen
class Arrow:
    """A message between two lines.

    Attributes:
        sender: the line that it leaves.
        receiver: the line that it goes to.
        sent: the row in which it was sent; 0 for one that was under way at the start.
        ended: the row in which it arrived or was given up; None for one that is still under way.
        label: the message, in short.
        message: the whole message.
        kind: the name of its class.
        fate: what became of it.
        because: why, where the fate does not say it.
    """

    sender: str
    receiver: str
    sent: int
    ended: int | None
    label: str
    message: str
    kind: str
    fate: Fate
    because: str = ""


@frozen
class Letter:
    """A message that waits in a channel.

    Attributes:
        sent: the row in which it was sent.
        message: the message.
        received: whether a copy of it has arrived.
    """

    sent: int
    message: Any
    received: bool = False


@frozen
class Post:
    """What is under way in a run that is being told.

    Attributes:
        world: whose messages they are.
        waiting: for each channel the messages in it, the oldest first.
        arrows: of those that have arrived or were given up.
    """

    world: World
    waiting: dict[Channel, list[Letter]] = field(factory=dict)
    arrows: list[Arrow] = field(factory=list)

    def start(self, values: Values) -> None:
        """Take in what is under way at the start."""
        for key, slot in self.world.slots.items():
            if isinstance(key, Channel):
                self.waiting[key] = [Letter(0, message) for message in values[slot]]

    def touched(self, row: int, touch: Touch) -> None:
        """Follow what a step did to a channel."""
        channel = touch.key
        if not isinstance(channel, Channel):
            return
        if isinstance(touch.stimulus, Act):
            self._let_out(row, channel, touch)
            return
        before, after = Counter(touch.before), Counter(touch.reaction.value)
        gone, new = (before - after).elements(), (after - before).elements()
        fate = Fate.REPLACED if isinstance(touch.stimulus, Put) else Fate.OVER
        for message in gone:
            self._end(channel, self._gone(channel, message, fate), row, fate)
        arrived = [Letter(row, message) for message in new]
        self.waiting[channel] += arrived
        if isinstance(touch.stimulus, Put) and not arrived:
            self._refused(row, channel, touch)

    def sent_to_nobody(self, row: int, sender: Node, receiver: Node, message: Any) -> None:
        """Note a message to a Byzantine node."""
        self._end(Channel(sender, receiver), Letter(row, message), row, Fate.UNHEARD)

    def forged(self, row: int, sender: Node, receiver: Node, message: Any) -> None:
        """Note a message that a Byzantine node made up."""
        self._end(Channel(sender, receiver), Letter(row, message), row, Fate.FORGED)

    def every(self) -> tuple[Arrow, ...]:
        """Return every arrow: those that arrive first, in this order, then what is under way."""
        left = [
            _arrow(channel, letter, None, Fate.IN_FLIGHT)
            for channel, letters in self.waiting.items()
            for letter in letters
            if not (letter.received and isinstance(self.world.network, Pool))
        ]
        return (*self.arrows, *sorted(left, key=lambda each: each.sent))

    def _let_out(self, row: int, channel: Channel, touch: Touch) -> None:
        stays = touch.before == touch.reaction.value
        match touch.reaction.happenings:
            case (Delivered(message=message), *_):
                letter = self._oldest(channel, message, keep=stays)
                self._end(channel, letter, row, Fate.DELIVERED)
            case (Duplicated(message=message), *_):
                letter = self._oldest(channel, message, keep=True)
                self._end(channel, letter, row, Fate.DUPLICATED)
            case (Lost(message=message, because=because), *_):
                letter = self.waiting[channel].pop(self._place_of_loss(channel, touch, message))
                self._end(channel, letter, row, Fate.LOST, because)

    def _oldest(self, channel: Channel, message: Any, *, keep: bool) -> Letter:
        """Return the oldest such message; it stays there if it is kept."""
        letters = self.waiting[channel]
        place = next(i for i, letter in enumerate(letters) if letter.message == message)
        letter = letters[place]
        letters[place : place + 1] = [evolve(letter, received=True)] if keep else []
        return letter

    def _gone(self, channel: Channel, message: Any, fate: Fate) -> Letter:
        """Take out such a message: the last one where news replaces it, else the oldest."""
        if fate is not Fate.REPLACED:
            return self._oldest(channel, message, keep=False)
        letters = self.waiting[channel]
        return letters.pop(max(i for i, each in enumerate(letters) if each.message == message))

    def _place_of_loss(self, channel: Channel, touch: Touch, message: Any) -> int:
        """Return where the lost message waits: the oldest one, unless the channel says which."""
        waiting = tuple(each.message for each in self.waiting[channel])
        places = [i for i, each in enumerate(waiting) if each == message]
        left = touch.reaction.value
        if waiting == touch.before:
            places.sort(key=lambda i: waiting[:i] + waiting[i + 1 :] != left)
        return places[0]

    def _refused(self, row: int, channel: Channel, touch: Touch) -> None:
        """Note a message that its channel did not take: full, or nobody waits for it."""
        message = touch.stimulus.message
        if any(isinstance(stimulus, Unwanted) for _, stimulus in touch.reaction.stimuli):
            self._end(channel, Letter(row, message), row, Fate.OVER)
        elif self._is_full(touch.before, message):
            self._end(channel, Letter(row, message), row, Fate.DROPPED, "the channel is full")

    def _is_full(self, held: tuple[Any, ...], message: Any) -> bool:
        capacity = self.world.network.capacity
        return capacity is not None and len(self.world.network.put(held, message)) > capacity

    def _end(
        self, channel: Channel, letter: Letter, row: int, fate: Fate, because: str = ""
    ) -> None:
        self.arrows.append(_arrow(channel, letter, row, fate, because))


def _arrow(
    channel: Channel, letter: Letter, row: int | None, fate: Fate, because: str = ""
) -> Arrow:
    message = letter.message
    sender, receiver = str(channel.sender), str(channel.receiver)
    words = (brief(message), text(message), kind(message))
    return Arrow(sender, receiver, letter.sent, row, *words, fate, because)


def received(arrows: Iterable[Arrow], row: int) -> tuple[Arrow, ...]:
    """Return the arrows that end in that row with a receipt."""
    return tuple(each for each in arrows if each.ended == row and each.fate.arrives)
