"""How far the answers have come at some moment: nothing before it changes, so its sizes tell it."""

from attrs import frozen


@frozen
class Extent:
    """The sizes of what is remembered.

    Attributes:
        questions: how many questions were answered.
        values: how many values each slot has.
        stimuli: how many stimuli there are.
        causes: how many causes of steps there are.
        code: how many numbers the answers are written in.
        bits: how many bits each slot has in a row.
    """

    questions: int
    values: tuple[int, ...]
    stimuli: int
    causes: int
    code: int
    bits: tuple[int, ...]
