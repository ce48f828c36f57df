"""What is said when a checkpoint cannot be used or made."""


class CheckpointError(Exception):
    """A directory that holds no checkpoint of this exploration, or cannot be written.

    Attributes:
        problem: what is wrong, in a sentence without its full stop.
        remedy: what to do, in a sentence.
    """

    def __init__(self, problem: str, remedy: str) -> None:
        self.problem, self.remedy = problem, remedy
        super().__init__(f"{problem}. {remedy}")
